"""Jacobians, Hessians and Hessian-vector products."""

import itertools

import numpy as np
import pytest

import tinygrad_scratch as tg


def f(p, y):
    return {"a": np.outer(p["u"], y) ** 2, "b": np.sum(p["v"]) * y}


P = {"u": np.array([1.0, 2.0]), "v": np.arange(6.0).reshape(3, 2) / 10}
Y = np.array([0.5, -1.0, 2.0])


@pytest.mark.parametrize("jacobian", [tg.jacrev, tg.jacfwd, tg.jacobian])
def test_jacobian_of_trees(jacobian) -> None:
    j = jacobian(f)(P, Y)
    assert j["a"]["u"].shape == (2, 3, 2)
    assert j["b"]["v"].shape == (3, 3, 2)
    np.testing.assert_allclose(j["a"]["u"][1, :, 1], 2 * 2.0 * Y**2)
    np.testing.assert_allclose(j["a"]["v"], 0)
    np.testing.assert_allclose(j["b"]["v"], np.broadcast_to(Y[:, None, None], (3, 3, 2)))
    both = jacobian(f, argnums=(1, 0))(P, Y)
    np.testing.assert_allclose(both["b"][0], np.eye(3) * P["v"].sum())
    np.testing.assert_allclose(both["a"][1]["u"], j["a"]["u"])


def test_jacobian_keeps_float32_and_keywords() -> None:
    x = np.ones(2, np.float32)
    for jacobian in (tg.jacrev, tg.jacfwd):
        j = jacobian(lambda x, power=1: x**power)(x, power=3)
        assert j.dtype == np.float32
        np.testing.assert_array_equal(j, 3 * np.eye(2))


def test_hessian_of_a_net_is_symmetric() -> None:
    rng = np.random.default_rng(0)
    sizes = (3, 5, 4, 1)
    params = [rng.normal(size=s) for s in itertools.pairwise(sizes)]
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 1))
    lengths = np.cumsum([p.size for p in params])[:-1]

    def loss(flat):
        a = x
        for w, p in zip(np.split(flat, lengths), params, strict=True):
            a = np.tanh(a @ w.reshape(p.shape))
        return np.mean((a - y) ** 2)

    flat = np.concatenate([p.ravel() for p in params])
    h = tg.hessian(loss)(flat)
    assert np.max(np.abs(h - h.T)) <= 1e-10
    assert np.max(np.abs(h)) > 1e-3
    v = rng.normal(size=flat.size)
    np.testing.assert_allclose(tg.hvp(loss, (flat,), (v,)), h @ v, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(tg.jacrev(tg.jacrev(loss))(flat), h, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(tg.jacrev(tg.jacfwd(loss))(flat), h, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(tg.jacfwd(tg.jacfwd(loss))(flat), h, rtol=1e-10, atol=1e-12)


def test_hvp_of_several_arguments() -> None:
    a, b = tg.hvp(lambda x, y: np.sum(x**2 * y), (np.ones(2), 3.0), (np.array([1.0, 0.0]), 2.0))
    np.testing.assert_array_equal(a, [2 * 3 + 2 * 2, 2 * 2])
    assert b == 2


def test_errors_name_the_transformation() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="jacrev: argnums=1"):
        tg.jacrev(np.sin, argnums=1)(1.0)
    with pytest.raises(tg.errors.DtypeError, match="jacfwd: argument 0 is int64"):
        tg.jacfwd(np.sin)(np.arange(3))


def test_hessian_of_a_constant_is_zero() -> None:
    np.testing.assert_array_equal(tg.hessian(lambda x: 3.0)(np.ones(2)), np.zeros((2, 2)))
