"""The policy for the edges, line by line as it stands in `tinygrad_scratch.ops`: in both modes, at second order, in
float32, batched and compiled.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.special

import tinygrad_scratch as tg

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

INFINITE = object()  # a slope that is infinite: some large number


class Edge(NamedTuple):
    f: Callable[[Any], Any]
    x: Any
    slope: Any
    curvature: Any = None  # of f along ones, where that is finite


def where(test: Callable[[Any], Any], f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: np.where(test(x), f(x), 0)


def above(bound: float, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return where(lambda x: np.greater(x, bound), f)


def below(bound: float, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return where(lambda x: np.less(x, bound), f)


ZERO3, ONES3 = np.zeros(3), np.ones(3)

EDGES = {
    # what is not chosen
    "sqrt under where at 0": Edge(above(0, np.sqrt), 0.0, 0.0, 0.0),
    "sqrt under where below 0": Edge(above(0, np.sqrt), -1.0, 0.0, 0.0),
    "log under where at 0": Edge(above(0, np.log), 0.0, 0.0, 0.0),
    "log under where below 0": Edge(above(0, np.log), -1.0, 0.0, 0.0),
    "log1p under where": Edge(above(-1, np.log1p), -1.0, 0.0, 0.0),
    "x log x under where": Edge(above(0, lambda x: x * np.log(x)), 0.0, 0.0, 0.0),
    "1 / x under where": Edge(above(0, lambda x: 1 / x), 0.0, 0.0, 0.0),
    "sin(x) / x under where": Edge(above(0, lambda x: np.sin(x) / x), 0.0, 0.0, 0.0),
    "x ** 0.5 under where": Edge(above(0, lambda x: x**0.5), 0.0, 0.0, 0.0),
    "x ** -1.5 under where": Edge(above(0, lambda x: x**-1.5), 0.0, 0.0, 0.0),
    "exp under where": Edge(below(10, np.exp), 1000.0, 0.0, 0.0),
    "arcsin under where": Edge(below(1, np.arcsin), 1.0, 0.0, 0.0),
    "arcsin under where beyond 1": Edge(below(1, np.arcsin), 2.0, 0.0, 0.0),
    "arctanh under where": Edge(below(1, np.arctanh), 1.0, 0.0, 0.0),
    "arccosh under where": Edge(above(1, np.arccosh), 1.0, 0.0, 0.0),
    "chain under where": Edge(above(0, lambda x: np.sqrt(np.exp(1 / x) * np.log(x)) / x), 0.0, 0.0, 0.0),
    "sum under where": Edge(lambda x: np.where(x[0] > 1, np.sum(np.log(x)), np.sum(x)), ZERO3, ONES3, 0.0),
    "where of where": Edge(above(0, above(-1, np.log)), 0.0, 0.0, 0.0),
    "the other branch": Edge(lambda x: np.where(x > 0, np.sqrt(x), 3 * x), 0.0, 3.0, 0.0),
    "chosen and not": Edge(above(0, np.sqrt), np.array([0.0, 4.0]), np.array([0.0, 0.25]), -1 / 32),
    "used outside, too": Edge(lambda x: np.where(x > 0, np.log(x), 0) + np.cos(x), 0.0, 0.0, -1.0),
    # square roots of what vanishes
    "norm by hand at 0": Edge(lambda x: np.sqrt(np.sum(x * x)), ZERO3, ZERO3),
    "100 norms at 0": Edge(lambda x: 100 * np.sqrt(np.sum(x**2)), ZERO3, ZERO3),
    "norm by power at 0": Edge(lambda x: np.sum(x * x) ** 0.5, ZERO3, ZERO3),
    "norm squared at 0": Edge(lambda x: np.sqrt(np.sum(x**2)) ** 2, ZERO3, ZERO3, 0.0),
    "sqrt(x ** 2) at 0": Edge(lambda x: np.sqrt(x**2), 0.0, 0.0),
    "std of a constant": Edge(np.std, ONES3, ZERO3, 0.0),
    "hypot(0, 0)": Edge(lambda x: np.hypot(x[0], x[1]), np.zeros(2), np.zeros(2)),
    "arctan2(0, 0)": Edge(lambda x: np.arctan2(x[0], x[1]), np.zeros(2), np.zeros(2)),
    "sqrt at 0": Edge(np.sqrt, 0.0, INFINITE),
    "cbrt at 0": Edge(np.cbrt, 0.0, INFINITE),
    "x ** 0.5 at 0": Edge(lambda x: x**0.5, 0.0, INFINITE),
    "arcsin at 1": Edge(np.arcsin, 1.0, INFINITE),
    "arccos at 1": Edge(lambda x: -np.arccos(x), 1.0, INFINITE),
    "arccosh at 1": Edge(np.arccosh, 1.0, INFINITE),
    # overflow
    "log1p(exp(1000))": Edge(lambda x: np.log1p(np.exp(x)), 1000.0, 1.0, 0.0),
    "log(1 + exp(1000))": Edge(lambda x: np.log(1 + np.exp(x)), 1000.0, 1.0, 0.0),
    "log(exp(1000))": Edge(lambda x: np.log(np.exp(x)), 1000.0, 1.0, 0.0),
    "1 / (1 + exp(1000))": Edge(lambda x: 1 / (1 + np.exp(x)), 1000.0, 0.0, 0.0),
    "tanh(1000)": Edge(np.tanh, 1000.0, 0.0, 0.0),
    "logaddexp(0, 1000)": Edge(lambda x: np.logaddexp(0, x), 1000.0, 1.0, 0.0),
    "logaddexp(-inf, -inf)": Edge(lambda x: np.logaddexp(x, x), -np.inf, 0.0, 0.0),
    "logaddexp(x, -inf)": Edge(lambda x: np.logaddexp(x, -np.inf), 2.0, 1.0, 0.0),
    # ties and kinks
    "max of equals": Edge(np.max, ONES3, ONES3 / 3, 0.0),
    "min of equals": Edge(np.min, ONES3, ONES3 / 3, 0.0),
    "maximum of equals": Edge(lambda x: np.maximum(x, 1), 1.0, 0.5, 0.0),
    "minimum of equals": Edge(lambda x: np.minimum(x, 1), 1.0, 0.5, 0.0),
    "sort of equals": Edge(lambda x: np.sort(x) @ np.arange(1.0, 4.0), ONES3, np.arange(1.0, 4.0), 0.0),
    "abs at 0": Edge(np.abs, 0.0, 0.0, 0.0),
    "clip at its bounds": Edge(lambda x: np.clip(x, 0, 1), np.array([0.0, 0.5, 1.0]), np.array([0.5, 1, 0.5]), 0.0),
    "median of equals": Edge(np.median, np.array([1.0, 2, 2, 3]), np.array([0, 0.5, 0.5, 0]), 0.0),
    "sign at 0": Edge(np.sign, 0.0, 0.0, 0.0),
    # powers and products
    "prod with a zero": Edge(np.prod, np.array([0.0, 2, 3]), np.array([6.0, 0, 0]), 10.0),
    "prod with two zeros": Edge(np.prod, np.array([0.0, 0, 3]), ZERO3, 6.0),
    "cumprod with a zero": Edge(lambda x: np.cumprod(x)[-1], np.array([0.0, 2, 3]), np.array([6.0, 0, 0]), 10.0),
    "sinc at 0": Edge(np.sinc, 0.0, 0.0, -(np.pi**2) / 3),
    "xlogy(0, y) at 0": Edge(lambda y: scipy.special.xlogy(0.0, y), 0.0, 0.0, 0.0),
    "xlogy under where": Edge(above(0, lambda x: scipy.special.xlogy(x, x)), 0.0, 0.0, 0.0),
    "x ** 0 at 0": Edge(lambda x: x**0, 0.0, 0.0, 0.0),
    "x ** 1.0 at 0": Edge(lambda x: x**1.0, 0.0, 1.0, 0.0),
    "x ** 2.0 at 0": Edge(lambda x: x**2.0, 0.0, 0.0, 2.0),
    "0 ** x": Edge(lambda x: 0.0**x, 2.0, 0.0, 0.0),
    "0 ** x at 0": Edge(lambda x: 0.0**x, 0.0, 0.0, 0.0),
    "x ** 3.0 below 0": Edge(lambda x: x**3.0, -2.0, 12.0, -12.0),
    "x ** -2 below 0": Edge(lambda x: x**-2.0, -2.0, 0.25, 6 / 16),
    # matrices
    "norm at 0": Edge(np.linalg.norm, ZERO3, ZERO3),
    "norm squared of numpy at 0": Edge(lambda x: np.linalg.norm(x) ** 2, ZERO3, ZERO3),
    "largest of |x| at 0": Edge(lambda x: np.linalg.norm(x, np.inf), ZERO3, ZERO3),
    "det of a singular matrix": Edge(np.linalg.det, np.ones((2, 2)), np.array([[1.0, -1], [-1, 1]]), 0.0),
    "det of rank 1": Edge(np.linalg.det, np.ones((3, 3)), np.zeros((3, 3))),
    "inverse of a bad matrix": Edge(
        lambda x: np.linalg.inv(x)[0, 0], np.array([[2.0**-40, 0], [0, 1]]), np.array([[-(2.0**80), 0], [0, 0]])
    ),
    "sum of equal eigenvalues squared": Edge(lambda x: np.sum(np.linalg.eigvalsh(x) ** 2), np.eye(3), 2 * np.eye(3)),
    "sum of equal singular values": Edge(
        lambda x: np.sum(np.linalg.svd(x, compute_uv=False)), np.eye(3), np.eye(3), 0.0
    ),
    "product by svd": Edge(
        lambda x: np.sum(np.square((lambda u, s, v: (u * s) @ v)(*np.linalg.svd(x)))), np.eye(2), 2 * np.eye(2)
    ),
}


def same(found: Any, slope: Any, dtype: Any = float) -> None:
    if slope is INFINITE:
        assert np.all(found > 1 / np.sqrt(np.finfo(dtype).eps))
    else:
        np.testing.assert_allclose(found, slope, rtol=10 * np.finfo(dtype).eps, atol=10 * np.finfo(dtype).eps)


def total(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: np.sum(f(x))


@pytest.mark.parametrize("name", EDGES)
def test_both_modes_and_second_order(name: str) -> None:
    f, x, slope, curvature = EDGES[name]
    x = np.asarray(x)[()]
    ones = np.ones_like(x)
    same(tg.grad(total(f))(x), slope)
    pushed = tg.jvp(total(f), (x,), (ones,))[1]
    same(pushed, slope if slope is INFINITE else np.sum(slope))
    forward_over_reverse = tg.hvp(total(f), (x,), (ones,))
    reverse_twice = tg.grad(lambda x: np.sum(tg.grad(total(f))(x)))(x)
    assert not np.any(np.isnan(forward_over_reverse) | np.isnan(reverse_twice))
    if curvature is not None:
        same(np.sum(forward_over_reverse), curvature)
        same(np.sum(reverse_twice), curvature)


@pytest.mark.parametrize("name", EDGES)
def test_float32(name: str) -> None:
    f, x, slope, _ = EDGES[name]
    x = np.asarray(x, np.float32)[()]
    found = tg.grad(total(f))(x)
    assert found.dtype == np.float32
    same(found, slope, np.float32)


@pytest.mark.parametrize("name", EDGES)
def test_batched(name: str) -> None:
    f, x, slope, _ = EDGES[name]
    xs = np.stack([np.asarray(x), np.asarray(x)])
    same(tg.vmap(tg.grad(total(f)))(xs)[1], slope)
    same(tg.grad(lambda xs: np.sum(tg.vmap(total(f))(xs)))(xs)[0], slope)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", EDGES)
def test_compiled(name: str, backend: str) -> None:
    f, x, slope, _ = EDGES[name]
    x = np.asarray(x)[()]
    compiled = tg.jit(tg.grad(total(f)), backend=backend)
    for _ in range(2):
        same(compiled(x), slope)


def test_zero_by_chance_is_not_zero_by_choice() -> None:
    """The derivative of a cotangent counts where that is zero: f'' = 2 g(x) at the zero of f = x^2 g."""

    def f(x: Any) -> Any:
        return np.where(x > -1, x**2 * np.cos(x), 0)

    np.testing.assert_allclose(tg.hessian(f)(0.0), 2.0)
    np.testing.assert_allclose(tg.grad(tg.grad(f))(0.0), 2.0)
    _, push = tg.linearize(lambda x: np.where(x > 0, np.exp(x), 0), np.array([1.0, -1.0]))
    np.testing.assert_allclose(push(np.ones(2)), [np.e, 0])


def test_checkpoints_and_conditions_of_any_kind() -> None:
    x = np.array([0.0, 4.0])
    for f in (
        lambda x: np.where(np.array([0, 1]), np.log(x), 0),
        lambda x: np.where(False, np.log(x), x * 0 + np.array([0, 0.25]) * x),
        lambda x: np.where(np.array([[False, True]]), np.log(x.reshape(1, 2)), 0),
        lambda x: np.where(np.array([False, True]), np.stack([np.log(x), np.log(x)]), 0) / 2,
        lambda x: np.where(np.array([True, False]), np.log(x)[::-1], 0),
        lambda x: np.where(np.array([True, False]), np.log(x)[np.array([1, 0])], 0),
        tg.checkpoint(lambda x: np.where(x > 0, np.log(x), 0)),
        lambda x: np.where(x > 0, tg.checkpoint(np.log)(x), 0),
        tg.checkpoint(lambda x: np.where(x > 0, tg.checkpoint(np.log)(x), 0)),
    ):
        np.testing.assert_allclose(tg.grad(total(f))(x), [0, 0.25])


@pytest.mark.parametrize("f", [np.logaddexp, np.logaddexp2])
def test_an_infinite_part_has_all_of_the_sum(f: Any) -> None:
    for x, y, by_x, by_y in ((np.inf, 1.0, 1, 0), (1.0, np.inf, 0, 1), (-np.inf, 1.0, 0, 1), (-np.inf, -np.inf, 0, 0)):
        assert tg.grad(f, (0, 1))(x, y) == (by_x, by_y)
        assert tg.jvp(f, (x, y), (1.0, 0.0))[1] == by_x
        if f is np.logaddexp:
            both = np.array([x, y])
            value, slope = tg.value_and_grad(tg.scipy.special.logsumexp)(both)
            assert (value, *slope) == (f(x, y), by_x, by_y)
            assert tg.jit(tg.grad(tg.scipy.special.logsumexp))(both).tolist() == [by_x, by_y]
            assert tg.jvp(tg.scipy.special.logsumexp, (both,), (np.array([1.0, 0.0]),))[1] == by_x
            assert not tg.hessian(tg.scipy.special.logsumexp)(both).any()
