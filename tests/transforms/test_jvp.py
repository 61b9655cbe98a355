"""Forward mode and linearize."""

import numpy as np
import pytest

import tinygrad_scratch as tg

X = np.array([1.0, 2.0, 3.0])


def test_jvp_of_trees() -> None:
    out, tangent = tg.jvp(lambda p, s: {"y": p["w"] * s, "c": 1.0}, ({"w": X}, 2.0), ({"w": np.ones(3)}, 1.0))
    np.testing.assert_array_equal(out["y"], 2 * X)
    np.testing.assert_array_equal(tangent["y"], 2 + X)
    assert tangent["c"] == 0


def test_tangents_are_checked() -> None:
    with pytest.raises(tg.errors.ShapeError, match=r"jvp: a tangent has shape \(2,\), expected \(3,\)"):
        tg.jvp(np.sin, (X,), (np.ones(2),))
    with pytest.raises(tg.errors.ArgumentError, match="primals and tangents must be tuples"):
        tg.jvp(np.sin, X, X)
    with pytest.raises(tg.errors.ArgumentError, match="the tangent has structure"):
        tg.jvp(np.sin, (X,), (X, X))
    with pytest.raises(tg.errors.DtypeError, match="argument 0 is int64"):
        tg.jvp(np.sin, (np.arange(3),), (X,))
    with pytest.raises(tg.errors.DtypeError, match="a tangent is complex"):
        tg.jvp(np.sin, (X,), (X * 1j,))


def test_tangents_take_the_dtype_of_their_primal() -> None:
    _, t = tg.jvp(np.sin, (X.astype(np.float32),), (X,))
    assert t.dtype == np.float32


def test_linearize_runs_the_function_once() -> None:
    calls = []

    def f(x, y):
        calls.append(1)
        return np.tanh(x) * y, np.sum(x)

    out, jvp_fn = tg.linearize(f, X, 2.0)
    for t in (X, np.ones(3)):
        found, expected = jvp_fn(t, 0.5), tg.jvp(f, (X, 2.0), (t, 0.5))[1]
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-15)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-15)
    assert len(calls) == 1 + 2
    np.testing.assert_array_equal(out[0], f(X, 2.0)[0])


def test_linearize_of_a_constant() -> None:
    _out, jvp_fn = tg.linearize(lambda x: np.ones(2), X)
    np.testing.assert_array_equal(jvp_fn(X), np.zeros(2))


def test_linearize_of_numbers_and_integers() -> None:
    out, jvp_fn = tg.linearize(lambda x: (3.0, x * 2, np.argmax(x)), X)
    assert out[2] == 2
    found = jvp_fn(X)
    assert found[0] == 0
    np.testing.assert_array_equal(found[1], 2 * X)
    assert found[2] == 0
