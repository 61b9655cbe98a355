"""vmap: axes of trees, nesting, and what it refuses. That each operation equals the loop is in test_registry."""

import numpy as np
import pytest

import tinygrad_scratch as tg

A = np.arange(24.0).reshape(2, 3, 4)


def test_axes_of_arguments_and_answers() -> None:
    np.testing.assert_array_equal(tg.vmap(lambda x: x * 2, in_axes=1, out_axes=-1)(A), np.moveaxis(A, 1, -1) * 2)
    np.testing.assert_array_equal(tg.vmap(np.add, in_axes=(2, None))(A, 1.0), np.moveaxis(A, 2, 0) + 1)
    w = A[0]
    found = tg.vmap(lambda p, x: {"y": p["w"] @ x, "w": p["w"]}, ({"w": None, "b": 0}, -1), {"y": 1, "w": None})(
        {"w": w, "b": np.ones(5)}, np.ones((4, 5))
    )
    assert found["y"].shape == (3, 5)
    assert found["w"] is w


def test_constant_answers_are_repeated() -> None:
    a, b = tg.vmap(lambda x: (np.ones(3), 2.0), out_axes=(1, 0))(np.zeros(2))
    assert a.shape == (3, 2)
    assert b.tolist() == [2, 2]
    a[0, 0] = 5  # the caller's own


def test_nested() -> None:
    outer = tg.vmap(tg.vmap(lambda x, y: x * y, (None, 0)), (0, None))
    np.testing.assert_array_equal(outer(np.arange(3.0), np.arange(4.0)), np.outer(np.arange(3), np.arange(4)))


def test_per_example_gradients() -> None:
    rng = np.random.default_rng(0)
    w, x, y = rng.normal(size=(4, 2)), rng.normal(size=(7, 4)), rng.integers(0, 2, 7)

    def loss(w, x, y):
        logits = x @ w
        return tg.scipy.special.logsumexp(logits) - tg.numpy.take(logits, y)

    found = tg.vmap(tg.grad(loss), (None, 0, 0))(w, x, y)
    np.testing.assert_allclose(found, [tg.grad(loss)(w, a, b) for a, b in zip(x, y, strict=True)], rtol=1e-12)
    hessians = tg.vmap(tg.hessian(loss), (None, 0, 0))(w, x, y)
    assert hessians.shape == (7, 4, 2, 4, 2)
    total = tg.grad(lambda w: np.sum(tg.vmap(loss, (None, 0, 0))(w, x, y)))(w)
    np.testing.assert_allclose(total, found.sum(axis=0), rtol=1e-12)


def test_operation_without_batch_rule_runs_as_a_loop() -> None:
    cube = tg.Primitive("cube", lambda x, y: x**3 + y, [lambda g, ans, x, y: 3 * g * x**2, lambda g, ans, x, y: g])
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(tg.vmap(cube, (0, None))(x, 1.0), x**3 + 1)
    np.testing.assert_array_equal(tg.vmap(tg.grad(cube), (0, None))(x, 1.0), 3 * x**2)
    np.testing.assert_array_equal(tg.grad(lambda x: tg.vmap(cube, (0, None))(x, 1.0).sum())(x), 3 * x**2)
    with pytest.raises(tg.errors.ShapeError, match="cube has no batch rule"):
        tg.vmap(cube, (0, None))(np.zeros(0), 1.0)


def test_linear_operation_without_axis_runs_as_a_loop() -> None:
    turn = tg.linear("turn_test", lambda a: a[::-1], lambda g, ans, a: g[::-1])
    np.testing.assert_array_equal(tg.vmap(turn)(A), A[:, ::-1])
    np.testing.assert_array_equal(tg.hessian(lambda x: np.sum(turn(x) * x))(np.ones(2)), [[0, 2], [2, 0]])


def test_empty_batch() -> None:
    assert tg.vmap(lambda x: np.sin(x) @ np.ones(3))(np.zeros((0, 3))).shape == (0,)


@pytest.mark.parametrize("ask", [bool, int, lambda t: 1 if t > 0 else 2, lambda t: [1, 2, 3][(t * 0).astype(int)]])
def test_control_flow_on_many_values_is_refused(ask) -> None:
    with pytest.raises(tg.errors.ConcreteError, match=r"under vmap.*stands for 3 values at once.*np.where"):
        tg.vmap(ask)(np.ones(3))


def test_masks_that_differ_are_refused() -> None:
    with pytest.raises(
        tg.errors.MissingRuleError, match=r"a mask gives a shape that depends on values.*np.where\(mask, x, 0\)"
    ):
        tg.vmap(lambda x: x[x > 0])(A)


def test_bad_axes() -> None:
    with pytest.raises(tg.errors.ArgumentError, match=r"in_axes=.0, 0. has 2 entries.*1 arguments"):
        tg.vmap(np.sin, (0, 0))(A)
    with pytest.raises(tg.errors.ShapeError, match=r"in_axes=3 names an axis that an argument of shape \(2, 3, 4\)"):
        tg.vmap(np.sin, 3)(A)
    with pytest.raises(tg.errors.ShapeError, match=r"lengths \[2, 3\]"):
        tg.vmap(np.add)(np.zeros(2), np.zeros(3))
    with pytest.raises(tg.errors.ArgumentError, match="no argument is batched"):
        tg.vmap(np.sin, None)(A)
    with pytest.raises(tg.errors.ArgumentError, match="out_axes=None for an answer that differs"):
        tg.vmap(np.sin, out_axes=None)(A)
    with pytest.raises(tg.errors.ArgumentError, match="ints and None, got 'x'"):
        tg.vmap(np.sin, "x")(A)
    with pytest.raises(tg.errors.TreeError, match="vmap: in_axes"):
        tg.vmap(lambda p: p["a"], ({"b": 0},))({"a": A})


def test_a_plain_array_indexed_by_a_batched_integer() -> None:
    x = np.arange(10.0)
    found = tg.vmap(lambda i: tg.numpy.take(x, i))(np.array([3, 1]))
    assert found.tolist() == [3, 1]
    with pytest.raises(tg.errors.TinygradError, match=r"numpy\.take"):
        tg.vmap(lambda i: x[i])(np.array([3, 1]))
