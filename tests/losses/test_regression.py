"""Losses of numbers and vectors: where they bend, how far they reach, what they refuse."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import losses
from tinygrad_scratch.core.errors import ArgumentError, ShapeError

RNG = np.random.default_rng(0)
P, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3))


def slope(loss: Any, p: Any, y: Any) -> Any:
    return tg.grad(lambda p: np.sum(loss(p, y)))(p)


def test_absolute_error_has_the_sign_as_its_gradient() -> None:
    p, y = np.array([3.0, -1.0, 2.0]), np.array([1.0, 1.0, 2.0])
    np.testing.assert_array_equal(slope(losses.absolute_error, p, y), [1, -1, 0])


def test_small_integers_do_not_wrap_around() -> None:
    p, y = np.array([0, 5], np.uint8), np.array([20, 1], np.uint8)
    assert losses.absolute_error(p, y).tolist() == [20, 4]
    assert losses.squared_error(p, y).tolist() == [400, 16]
    assert losses.squared_error(np.zeros(2, np.float32), np.array([1, 2])).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", [losses.huber, losses.log_cosh])
def test_robust_losses_are_a_parabola_between_two_lines(loss: Any, dtype: Any) -> None:
    p, zero = np.array([-1e4, 0, 1e4], dtype), np.zeros(3, dtype)
    at_1e4 = 1e4 - (0.5 if loss is losses.huber else np.log(2))
    np.testing.assert_allclose(loss(p, zero), np.array([at_1e4, 0, at_1e4], dtype), rtol=1e-7, atol=1e-7)
    np.testing.assert_array_equal(slope(loss, p, zero), [-1, 0, 1])
    curvature = tg.hessian(lambda p: np.sum(loss(p, zero)))(p)
    np.testing.assert_allclose(curvature, np.diag([0, 1, 0]), atol=1e-6)


def test_huber_has_no_kink_at_delta() -> None:
    np.testing.assert_array_equal(
        slope(lambda p, y: losses.huber(p, y, 2.0), np.array([2.0, -2.0]), np.zeros(2)), [2, -2]
    )


@pytest.mark.parametrize("delta", [0, -1.0, np.nan])
def test_huber_refuses_a_delta_that_is_not_positive(delta: float) -> None:
    with pytest.raises(ArgumentError, match=rf"huber: delta must be positive, got {delta} \(at "):
        losses.huber(P, Y, delta)


def test_derivative_with_respect_to_an_option() -> None:
    tg.testing.check_grads(lambda delta: losses.huber(P, Y, delta), (0.7,))
    tg.testing.check_grads(lambda q: losses.quantile(P, Y, q), (0.7,))
    tg.testing.check_grads(lambda g, a: losses.focal(P, Y > 0, g, a), (1.5, 0.3))
    tg.testing.check_grads(lambda s: losses.softmax_cross_entropy(P, [0, 1, 2, 0, 1], s), (0.3,))
    found = tg.jit(lambda s: losses.softmax_cross_entropy(P, np.array([0, 1, 2, 0, 1]), s))
    for s in (0.0, 0.5):
        np.testing.assert_allclose(found(s), losses.softmax_cross_entropy(P, np.array([0, 1, 2, 0, 1]), s))


def test_vmap_over_an_option_under_jit() -> None:
    qs = np.array([0.2, 0.8])
    found = tg.vmap(tg.jit(lambda q: losses.quantile(P, Y, q)))(qs)
    np.testing.assert_allclose(found, [losses.quantile(P, Y, q) for q in qs])


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_quantile_is_scikit_learns_and_smallest_at_the_quantile(q: float) -> None:
    pinball = pytest.importorskip("sklearn.metrics").mean_pinball_loss
    p, y = P.ravel(), Y.ravel()
    np.testing.assert_allclose(np.mean(losses.quantile(p, y, q)), pinball(y, p, alpha=q))
    draws = np.random.default_rng(1).normal(size=999)
    guesses = np.linspace(-2, 2, 401)
    best = guesses[np.argmin([np.mean(losses.quantile(np.full(999, g), draws, q)) for g in guesses])]
    assert abs(best - np.quantile(draws, q)) < 0.02
    np.testing.assert_allclose(slope(lambda p, y: losses.quantile(p, y, q), np.zeros(1), np.zeros(1)), 0.5 - q)


@pytest.mark.parametrize("q", [0, 1, 1.5, np.nan])
def test_quantile_refuses_what_is_no_share(q: float) -> None:
    with pytest.raises(ArgumentError, match=rf"quantile: q must lie between 0 and 1, got {q} \(at "):
        losses.quantile(P, Y, q)


def test_an_option_is_one_number() -> None:
    with pytest.raises(ShapeError, match=r"quantile: q must be one number, got an array of shape \(3,\)"):
        losses.quantile(P, Y, np.full(3, 0.5))


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_cosine_distance_does_not_depend_on_lengths(scale: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(losses.cosine_distance(P * scale, Y), losses.cosine_distance(P, Y), rtol=1e-12)
        gradient = slope(losses.cosine_distance, P * scale, Y)
    np.testing.assert_allclose(gradient * scale, slope(losses.cosine_distance, P, Y), rtol=1e-12, atol=1e-15)


def test_cosine_distance_of_a_zero_vector_is_1_and_its_gradient_finite() -> None:
    p, y = np.zeros((1, 2)), np.array([[3.0, 4.0]])
    assert losses.cosine_distance(p, y).tolist() == [1]
    np.testing.assert_allclose(slope(losses.cosine_distance, p, y), [[-0.6, -0.8]])
    assert losses.cosine_distance(y, p).tolist() == [1]


def test_cosine_distance_needs_entries() -> None:
    for shape in ((), (3, 0)):
        with pytest.raises(ShapeError, match=r"cosine_distance: predictions have shape .*, expected \(\.\.\., size\)"):
            losses.cosine_distance(np.zeros(shape), np.zeros(shape))


def test_cosine_distance_along_the_last_axis() -> None:
    assert losses.cosine_distance(np.ones((2, 3, 4)), np.ones((2, 3, 4))).shape == (2, 3)


def test_poisson_refuses_negative_counts() -> None:
    with pytest.raises(ArgumentError, match=r"poisson: counts must not be negative, got -1.0"):
        losses.poisson(np.zeros(2), np.array([0, -1]))


def test_poisson_is_smallest_at_the_rate_of_the_counts() -> None:
    np.testing.assert_allclose(slope(losses.poisson, np.log([2.0, 5.0]), np.array([2, 5])), 0, atol=1e-14)
    assert losses.poisson(np.array([-1e4]), np.array([0])).tolist() == [0]


def test_gaussian_nll_in_all_arguments() -> None:
    tg.testing.check_grads(lambda m, y, s: losses.gaussian_nll(m, y, np.exp(s)), (P, Y, P))


@pytest.mark.parametrize("variance", [0.0, -1.0, np.nan])
def test_gaussian_nll_refuses_variances_that_are_not_positive(variance: float) -> None:
    with pytest.raises(ArgumentError, match=rf"gaussian_nll: variances must be positive, got {variance}"):
        losses.gaussian_nll(np.zeros(2), np.zeros(2), np.array([1, variance]))


def test_gaussian_nll_refuses_one_variance_for_all() -> None:
    with pytest.raises(ShapeError, match=r"gaussian_nll: means have shape \(5, 3\) and variances \(\); they must be"):
        losses.gaussian_nll(P, Y, 1.0)
