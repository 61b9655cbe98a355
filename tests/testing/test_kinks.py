"""At kinks and ties the derivative lies between those of the two sides; at joints it is what both sides say."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_gradient, check_grads

from .verdicts import fails

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (tg.nn.relu, 0.0),
        (np.abs, 0.0),
        (np.max, np.array([1.0, 1.0, 0.0])),
        (lambda x: np.max(x, axis=0), np.ones((3, 2))),
        (lambda x: np.clip(x, 0, 1), np.array([0.0, 1.0, 0.5])),
        (lambda x: np.sum(tg.nn.relu(x) * np.arange(5.0)), np.zeros(5)),
        (lambda x: np.max(x[:2]) - 2 * np.sum(tg.nn.relu(x[2:])), np.zeros(5)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_right_derivatives_at_kinks_pass(f: Any, x: Any, dtype: Any) -> None:
    report = check_grads(f, (np.asarray(x, dtype)[()],))
    assert report.notes == ["order 2 was not checked: there is a kink at the arguments"]


def test_at_a_kink_the_derivative_must_lie_between_those_of_the_sides() -> None:
    for slope, right in ((-1.01, False), (-1.0, True), (0.3, True), (1.0, True), (1.01, False)):
        if right:
            check_gradient(np.abs, lambda x, slope=slope: slope, (0.0,))
        else:
            with fails("the derivative by argument 0: found"):
                check_gradient(np.abs, lambda x, slope=slope: slope, (0.0,))


def test_a_kink_hides_nothing_of_the_elements_beside_it() -> None:
    x = RNG.normal(size=50)
    x[[3, 17]] = 0

    def gradient(x: Any) -> Any:
        g = np.sign(x)
        g[20] *= 1.001
        return g

    check_gradient(lambda x: np.sum(np.abs(x)), np.sign, (x,))
    with fails(r"element \[20\]"):
        check_gradient(lambda x: np.sum(np.abs(x)), gradient, (x,))


@pytest.mark.parametrize("wrong", [lambda x: 0 * x, np.ones_like, lambda x: 0.3 * np.ones_like(x)])
@pytest.mark.parametrize("rows", [False, True])
def test_shares_of_a_maximum_must_add_up(wrong: Any, rows: bool) -> None:
    x = np.ones(4)
    if not rows:
        check_gradient(np.max, lambda x: x / 4, (x,))
        with fails("elements that are equal"):
            check_gradient(np.max, wrong, (x,))
        return
    m = RNG.normal(size=(5, 4))
    m[2] = m[2, 0]

    def shares(m: Any, tied: Any) -> Any:
        hit = (m == m.max(1, keepdims=True)).astype(float)
        hit[2] = tied
        return hit

    check_gradient(lambda m: np.sum(np.max(m, 1)), lambda m: shares(m, 0.25), (m,))
    with fails("elements that are equal"):
        check_gradient(lambda m: np.sum(np.max(m, 1)), lambda m: shares(m, wrong(m[2])), (m,))


@pytest.mark.parametrize("slope", [7.0, 37.0, -5.0])
def test_a_wrong_slope_at_a_kink_away_from_zero_fails(slope: float) -> None:
    def clipped(x: Any) -> Any:
        return np.sum(np.clip(x, -1, 1))

    check_gradient(clipped, lambda x: np.where(np.abs(x) == 1, 0.5, 1), (np.array([1.0, 0.3]),))
    with fails("to 1, the slopes of the two sides of a kink|derivative"):
        check_gradient(clipped, lambda x: np.where(np.abs(x) == 1, slope, 1), (np.array([1.0, 0.3]),))


def hinge(x: Any) -> Any:
    return np.sum(np.maximum(0, x) ** 2)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (hinge, 0.0),
        (lambda x: hinge(x - 1), np.array([1.0, 0.5])),
        (lambda x: np.abs(x) ** 3, 0.0),
        (lambda x: x * np.abs(x), 0.0),
        (lambda x: tg.nn.relu(x) ** 3, np.zeros(3)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_at_a_joint_both_sides_have_one_slope(f: Any, x: Any, dtype: Any) -> None:
    check_grads(f, (np.asarray(x, dtype)[()],))
    with fails("digits agree"):
        check_gradient(lambda x: np.sum(f(x)), lambda x: tg.grad(lambda y: np.sum(f(y)))(x) + 1e-6, (x,))


def test_the_slope_of_a_joint_is_a_kink() -> None:
    def rule(g: Any, ans: Any, x: Any) -> Any:
        return g * (2 * np.maximum(x, 0) + 3 * (x - tg.stop_gradient(x)))

    steep = tg.elementwise("steep_test", lambda x: np.maximum(x, 0) ** 2, rule)
    check_grads(steep, (0.0,), order=1)
    with fails("order 2: .* the slopes of the two sides of a kink"):
        check_grads(steep, (0.0,))


@pytest.mark.parametrize("seed", range(3))
def test_where_several_kinks_meet_the_slopes_around_count(seed: int) -> None:
    x = np.array([1.0, 1.0, 1.0, 2.0])
    for f in (np.sort, np.median, lambda x: np.partition(x, 2), lambda x: np.sort(x) ** 2):
        check_grads(f, (x,), seed=seed)

    def f(x: Any) -> Any:
        return np.sum(np.sort(x) * np.arange(1.0, 5))

    def twice(x: Any) -> Any:
        return tg.grad(f)(x) * np.array([1, 2, 1, 1])

    with pytest.raises(tg.errors.GradientError, match="slopes of the two sides of a kink"):
        check_gradient(f, twice, (x,), seed=seed)
