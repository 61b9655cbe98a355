"""Implicit differentiation: roots and linear solves by solvers that only see plain arrays."""

from typing import Any

import numpy as np
import pytest
import scipy.optimize
from scipy.sparse.linalg import LinearOperator, gmres

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_grads, check_identities

from .agreement import BACKENDS

P = {"a": np.array(0.7), "b": np.array(1.2), "c": np.array([0.1, 0.2])}
START = np.ones(2)
A, B = np.array([[2.0, 0.3], [0.1, 1.0]]), np.array([1.0, -0.5])


def circles(x: Any, p: Any) -> Any:
    return np.stack([x[0] ** 2 + p["a"] * x[1] - 2, np.sin(x[0]) * p["b"] - x[1] + p["c"][0]])


def by_scipy(g: Any, x0: Any) -> Any:
    found = scipy.optimize.root(g, x0, tol=1e-13)
    assert found.success
    return found.x


def by_gmres(matvec: Any, b: Any) -> Any:
    return gmres(LinearOperator((b.size, b.size), matvec), b, rtol=1e-13)[0]


def by_matrix(matvec: Any, b: Any) -> Any:
    return np.linalg.solve(np.stack([matvec(e) for e in np.eye(len(b))], axis=1), b)


ROOTS = {"dense": tg.custom_root(circles, by_scipy), "matrix-free": tg.custom_root(circles, by_scipy, by_gmres)}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ROOTS)
def test_root_of_scipy_in_both_modes_at_third_order(name: str, capfd: Any) -> None:
    root = ROOTS[name]
    np.testing.assert_allclose(circles(root(START, P), P), 0, atol=1e-12)
    check_grads(lambda p: root(START, p), (P,), order=3)


@pytest.mark.parametrize("name", ROOTS)
def test_root_under_every_transformation(name: str) -> None:
    root = ROOTS[name]

    def loss(p: Any) -> Any:
        return np.sum(root(START, p) ** 2)

    hessian = tg.hessian(loss)(P)
    for transformed in (tg.jit(tg.hessian(loss)), tg.hessian(tg.jit(loss)), tg.jacrev(tg.grad(tg.checkpoint(loss)))):
        for _ in range(2):
            found = transformed(P)
            np.testing.assert_allclose(found["a"]["c"], hessian["a"]["c"], rtol=1e-9)
    many = tg.tree.map(lambda x: np.stack([x, 1.1 * x]), P)
    rows = [tg.grad(loss)(tg.tree.map(lambda x, i=i: x[i], many)) for i in (0, 1)]
    for f in (tg.vmap(tg.grad(loss)), tg.jit(tg.vmap(tg.grad(loss))), tg.grad(lambda p: np.sum(tg.vmap(loss)(p)))):
        np.testing.assert_allclose(f(many)["c"], [row["c"] for row in rows], rtol=1e-9)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_recorded_program_calls_the_solver(backend: str) -> None:
    calls = []

    def counting(g: Any, x0: Any) -> Any:
        calls.append(x0)
        return by_scipy(g, x0)

    root = tg.custom_root(circles, counting)
    f = tg.jit(lambda p: root(START, p) * 2, backend=backend)
    for scale in (1.0, 1.1, 1.2, 1.3):
        p = tg.tree.map(lambda x, s=scale: x * s, P)
        np.testing.assert_allclose(f(p), 2 * by_scipy(lambda x, p=p: circles(x, p), START), rtol=1e-12)
    assert len(calls) == 4
    assert all(type(x) is np.ndarray for x in calls)
    assert "root" in str(tg.make_graph(lambda p: root(START, p))(P))


def test_fixed_point_of_trees_in_float32() -> None:
    """Kepler's equation, x = m + e sin(x), as an iteration on a tree."""

    def step(x: Any, m: Any, e: Any) -> Any:
        return {"x": m + e * np.sin(x["x"])}

    def iterate(g: Any, x: Any) -> Any:
        for _ in range(60):
            x = tg.tree.map(np.add, x, g(x))
        return x

    root = tg.custom_root(lambda x, m, e: {"x": step(x, m, e)["x"] - x["x"]}, iterate)
    m, e = np.array([0.3, 2.0]), 0.4
    check_grads(lambda m, e: root({"x": np.zeros(2)}, m, e)["x"], (m, e), order=2)
    x = root({"x": np.zeros(2)}, m, e)["x"]
    np.testing.assert_allclose(
        tg.jacrev(lambda m: root({"x": np.zeros(2)}, m, e)["x"])(m).diagonal(), 1 / (1 - e * np.cos(x))
    )
    small = tg.grad(lambda m: np.sum(root({"x": np.zeros(2, np.float32)}, m, np.float32(e))["x"]))(m.astype(np.float32))
    assert small.dtype == np.float32
    np.testing.assert_allclose(small, 1 / (1 - e * np.cos(x)), rtol=1e-5)


def test_control_flow_in_the_equation_and_integers_among_the_params() -> None:
    def f(x: Any, a: Any, n: Any) -> Any:
        return x**n - a if x > 0 else x - 1.0

    def bisect(g: Any, x: Any) -> Any:
        return scipy.optimize.brentq(g, 1e-3, 10.0, xtol=1e-14)

    root = tg.custom_root(f, bisect)
    assert tg.grad(root, 1)(1, 8.0, 3) == pytest.approx(1 / 12)
    assert tg.grad(root, 0)(1.0, 8.0, 3) == 0
    assert tg.jvp(lambda x: root(x, 8.0, 3), (1.0,), (1.0,))[1] == 0


def test_roots_that_cannot_be() -> None:
    a = np.array(4.0)
    with pytest.raises(tg.errors.ArgumentError, match=r"custom_root: .*uses a Tensor .*around it .*as an argument"):
        tg.grad(lambda a: tg.custom_root(lambda x: x**2 - a, lambda g, x: x - g(x))(1.0))(a)
    with pytest.raises(tg.errors.ArgumentError, match="custom_root: solve uses a Tensor"):
        tg.grad(lambda a: tg.custom_root(lambda x, a: x**2 - a, lambda g, x: x + a)(1.0, a))(a)
    with pytest.raises(tg.errors.ShapeError, match="solve gave 2 numbers, expected 1"):
        tg.custom_root(lambda x: x, lambda g, x: np.zeros(2))(1.0)
    with pytest.raises(tg.errors.ShapeError, match=r"gives 2 numbers for an x of 1.*as many equations as unknowns"):
        tg.grad(tg.custom_root(lambda x, a: np.stack([x, x]) * a, lambda g, x: x), 1)(1.0, 2.0)
    with pytest.raises(np.linalg.LinAlgError):
        tg.grad(tg.custom_root(lambda x, a: a * x**2, lambda g, x: 0 * x), 1)(1.0, 2.0)


def solved(a: Any, b: Any) -> Any:
    return tg.custom_linear_solve(lambda v: a @ v, b, by_matrix, by_matrix)


def test_linear_solve_at_third_order_and_everywhere() -> None:
    np.testing.assert_allclose(solved(A, B), np.linalg.solve(A, B))
    check_grads(solved, (A, B), order=3)
    check_identities(solved, (A, B))
    f = tg.grad(lambda a, b: np.sum(solved(a, b) ** 2), (0, 1))
    many = np.stack([A, 2 * A]), np.stack([B, B + 1])
    rows = [f(a, b) for a, b in zip(*many, strict=True)]
    for g in (tg.vmap(f), tg.jit(tg.vmap(f)), tg.vmap(tg.jit(f))):
        for found, expected in zip(g(*many), zip(*rows, strict=True), strict=True):
            np.testing.assert_allclose(found, np.stack(expected), rtol=1e-12)


def test_symmetric_and_forward_only() -> None:
    def by_ones(matvec: Any, b: Any) -> Any:
        return {"x": b["x"] / matvec({"x": np.ones(2)})["x"]}

    def f(d: Any, **options: Any) -> Any:
        return tg.custom_linear_solve(lambda v: {"x": d * v["x"]}, {"x": np.ones(2)}, by_ones, **options)["x"]

    d = np.array([2.0, 4.0])
    check_grads(lambda d: f(d, symmetric=True), (d,), order=2)
    np.testing.assert_allclose(tg.jvp(f, (d,), (d,))[1], -1 / d)
    with pytest.raises(tg.errors.MissingRuleError, match="give transpose_solve=, or symmetric=True"):
        tg.grad(lambda d: np.sum(f(d)))(d)


def test_linear_solves_that_cannot_be() -> None:
    with pytest.raises(tg.errors.ShapeError, match=r"matvec gives .*\(3,\).*expected the same"):
        tg.custom_linear_solve(lambda v: np.ones(3) * v[0], np.ones(2), by_matrix)
    with pytest.raises(tg.errors.ShapeError, match=r"solve gave shapes \[\(3,\)\], expected those of b, \[\(2,\)\]"):
        tg.custom_linear_solve(lambda v: v, np.ones(2), lambda m, b: np.ones(3))
    with pytest.raises(tg.errors.ArgumentError, match="solve uses a Tensor"):
        tg.grad(lambda a: np.sum(tg.custom_linear_solve(lambda v: a @ v, B, lambda m, b: a @ b, by_matrix)))(A)
