"""Losses of two classes: scikit-learn's numbers, extreme values, what is refused."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

import tinygrad_scratch as tg
from tinygrad_scratch import losses
from tinygrad_scratch.core.errors import ArgumentError, ShapeError

RNG = np.random.default_rng(0)
Z = RNG.normal(size=12)
BITS = RNG.integers(0, 2, 12)
SIGMOID, BINARY = losses.sigmoid_cross_entropy, losses.binary_cross_entropy


def slope(loss: Any, p: Any, y: Any) -> Any:
    return tg.grad(lambda p: np.sum(loss(p, y)))(p)


def test_cross_entropies_are_scikit_learns() -> None:
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    expected = log_loss(BITS, expit(Z))
    np.testing.assert_allclose(np.mean(SIGMOID(Z, BITS)), expected)
    np.testing.assert_allclose(np.mean(BINARY(expit(Z), BITS)), expected)


def test_hinge_is_scikit_learns() -> None:
    hinge_loss = pytest.importorskip("sklearn.metrics").hinge_loss
    np.testing.assert_allclose(np.mean(losses.hinge(2 * Z, BITS)), hinge_loss(BITS, 2 * Z))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "loss", [SIGMOID, partial(SIGMOID, class_weights=[1, 1]), partial(losses.focal, gamma=0), losses.focal]
)
def test_logits_of_any_size(loss: Any, dtype: Any) -> None:
    z, y = np.array([1e4, -1e4, 1e4, -1e4], dtype), np.array([1, 0, 0, 1])
    np.testing.assert_array_equal(loss(z, y), [0, 0, 1e4, 1e4])
    np.testing.assert_array_equal(slope(loss, z, y), [0, 0, 1, -1])
    np.testing.assert_array_equal(tg.hessian(lambda z: np.sum(loss(z, y)))(z), np.zeros((4, 4)))


@given(st.floats(-20, 20), st.floats(0, 1), st.floats(0, 0.9), st.floats(0, 3), st.floats(0, 3))
def test_logits_and_probabilities_agree(z: float, y: float, smoothing: float, w0: float, w1: float) -> None:
    options: Any = {"label_smoothing": smoothing, "class_weights": [w0, w1]}
    by_logits = SIGMOID(np.array([z]), np.array([y]), **options)
    np.testing.assert_allclose(by_logits, BINARY(expit(np.array([z])), np.array([y]), **options), rtol=1e-6, atol=1e-12)
    plain = SIGMOID(np.array([z]), np.array([y]), smoothing)
    np.testing.assert_allclose(
        plain, SIGMOID(np.array([z]), np.array([y]), smoothing, class_weights=(1, 1)), rtol=1e-9, atol=1e-12
    )


def test_focal_without_focus_is_cross_entropy() -> None:
    np.testing.assert_allclose(losses.focal(Z, BITS, gamma=0), SIGMOID(Z, BITS), rtol=1e-12)
    np.testing.assert_allclose(losses.focal(Z, BITS, gamma=0, alpha=0.5), SIGMOID(Z, BITS) / 2, rtol=1e-12)


@pytest.mark.parametrize(("dtype", "most"), [(np.float32, 87.3365), (np.float64, 708.3964)])
def test_certain_probabilities(dtype: Any, most: float) -> None:
    p, y = np.array([0, 1, 0, 1], dtype), np.array([0, 1, 1, 0])
    np.testing.assert_allclose(BINARY(p, y), [0, 0, most, most], rtol=1e-5)
    np.testing.assert_array_equal(slope(BINARY, p, y), [1, -1, 0, 0])
    through_sigmoid = slope(lambda z, y: BINARY(tg.nn.sigmoid(z), y), 1e4 * (2 * p - 1), y)
    np.testing.assert_allclose(through_sigmoid, 0, atol=1e-30)


def test_derivatives_with_respect_to_labels() -> None:
    for loss in (SIGMOID, losses.focal):
        tg.testing.check_grads(lambda y, loss=loss: loss(Z, tg.nn.sigmoid(y)), (Z,))


def test_gradient_of_hinge_at_its_corner_is_0() -> None:
    np.testing.assert_array_equal(slope(losses.hinge, np.array([1.0, -1.0, 0.9]), np.array([1, 0, 1])), [0, 0, -1])


@pytest.mark.parametrize("wrong", [-0.1, 1.5, 2, np.nan])
@pytest.mark.parametrize("loss", [SIGMOID, BINARY, losses.focal])
def test_labels_outside_of_0_to_1_are_refused(loss: Any, wrong: float) -> None:
    with pytest.raises(ArgumentError, match=rf"{loss.__name__}: labels must lie in \[0, 1\], got {float(wrong)} \(at "):
        loss(np.full(2, 0.5), np.array([0, wrong]))


def test_labels_of_hinge_are_0_or_1() -> None:
    with pytest.raises(ArgumentError, match=r"hinge: labels must be 0 or 1, got -1.0 \(at "):
        losses.hinge(np.zeros(2), np.array([1, -1]))


@pytest.mark.parametrize("wrong", [-0.1, 1.001, np.nan])
def test_logits_as_probabilities_are_refused(wrong: float) -> None:
    with pytest.raises(ArgumentError, match=rf"binary_cross_entropy: probabilities must lie in \[0, 1\], got {wrong}"):
        BINARY(np.array([0.5, wrong]), np.array([0, 1]))


def test_rounding_of_probabilities_is_forgiven() -> None:
    assert BINARY(np.array([1 + 1e-15]), np.array([1.0])).tolist() == pytest.approx([0], abs=1e-14)


@pytest.mark.parametrize("loss", [SIGMOID, BINARY])
def test_options_out_of_range_are_refused(loss: Any) -> None:
    name, p, y = loss.__name__, np.full(2, 0.5), np.array([0, 1])
    for wrong in (-0.1, 1, np.nan):
        with pytest.raises(ArgumentError, match=rf"{name}: label_smoothing must lie in \[0, 1\), got {wrong}"):
            loss(p, y, label_smoothing=wrong)
    with pytest.raises(ArgumentError, match=rf"{name}: class_weights must not be negative, got -1.0"):
        loss(p, y, class_weights=[1, -1])
    with pytest.raises(ShapeError, match=rf"{name}: class_weights have shape \(3,\), expected \(2,\)"):
        loss(p, y, class_weights=[1, 1, 1])


def test_options_of_focal_out_of_range_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"focal: gamma must not be negative, got -1"):
        losses.focal(Z, BITS, gamma=-1)
    with pytest.raises(ArgumentError, match=r"focal: alpha must lie in \[0, 1\], got 2"):
        losses.focal(Z, BITS, alpha=2)
