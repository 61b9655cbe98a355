"""Losses of many classes: scikit-learn's numbers, kinds of labels, extreme values, what is refused."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

import tinygrad_scratch as tg
from tinygrad_scratch import losses
from tinygrad_scratch.core.errors import ArgumentError, DtypeError, ShapeError

RNG = np.random.default_rng(0)
P = RNG.normal(size=(5, 3))
ROWS, SOFT = softmax(P, -1), softmax(RNG.normal(size=(5, 3)), -1)
CLASSES = np.array([2, 0, 1, 1, 2])
SOFTMAX, CATEGORICAL = losses.softmax_cross_entropy, losses.categorical_cross_entropy


def slope(loss: Any, p: Any, y: Any) -> Any:
    return tg.grad(lambda p: np.sum(loss(p, y)))(p)


def test_cross_entropies_are_scikit_learns() -> None:
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    expected = log_loss(CLASSES, ROWS, labels=[0, 1, 2])
    np.testing.assert_allclose(np.mean(SOFTMAX(P, CLASSES)), expected)
    np.testing.assert_allclose(np.mean(CATEGORICAL(ROWS, CLASSES)), expected)


def test_multiclass_hinge_is_scikit_learns() -> None:
    hinge_loss = pytest.importorskip("sklearn.metrics").hinge_loss
    found = np.mean(losses.multiclass_hinge(2 * P, CLASSES))
    np.testing.assert_allclose(found, hinge_loss(CLASSES, 2 * P, labels=[0, 1, 2]))


def test_the_graph_of_integer_labels_is_short() -> None:
    names = [eq.prim.name for eq in tg.make_graph(lambda z: SOFTMAX(z, CLASSES))(P).equations]
    assert names == ["getitem", "getitem", "logsumexp", "subtract"]


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.eye(2)], ids=["integers", "one-hot"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", [SOFTMAX, partial(SOFTMAX, class_weights=[1, 1]), losses.multiclass_hinge])
def test_logits_of_any_size(loss: Any, labels: Any, dtype: Any) -> None:
    z = np.array([[1e4, -1e4], [1e4, -1e4]], dtype)
    np.testing.assert_array_equal(loss(z, labels), [0, 2e4 + (loss is losses.multiclass_hinge)])
    np.testing.assert_array_equal(slope(loss, z, labels), [[0, 0], [1, -1]])


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_integer_and_one_hot_labels_agree(n: int, classes: int, seed: int, options: bool) -> None:
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(n, classes)), rng.integers(0, classes, n)
    more: Any = {"label_smoothing": 0.3, "class_weights": rng.uniform(size=classes)} if options else {}
    for loss in (partial(SOFTMAX, **more), partial(CATEGORICAL, **more), losses.multiclass_hinge):
        p = softmax(logits, -1)
        by_integer = tg.value_and_grad(lambda z, loss=loss: np.sum(loss(z, labels)))(p)
        by_row = tg.value_and_grad(lambda z, loss=loss: np.sum(loss(z, np.eye(classes)[labels])))(p)
        for found, expected in zip(by_integer, by_row, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.9))
def test_logits_and_probabilities_agree(seed: int, smoothing: float) -> None:
    rng = np.random.default_rng(seed)
    logits, weights = 5 * rng.normal(size=(4, 3)), rng.uniform(size=3)
    labels = softmax(rng.normal(size=(4, 3)), -1)
    found = SOFTMAX(logits, labels, smoothing, weights)
    np.testing.assert_allclose(found, CATEGORICAL(softmax(logits, -1), labels, smoothing, weights), rtol=1e-10)
    np.testing.assert_allclose(SOFTMAX(logits, labels, smoothing), SOFTMAX(logits, labels, smoothing, np.ones(3)))


def test_two_classes_are_the_binary_loss() -> None:
    z, y = P[:, 0], np.array([0, 1, 1, 0, 1])
    two = np.stack([np.zeros(5), z], axis=1)
    for more in ({}, {"label_smoothing": 0.2}, {"class_weights": [0.5, 2]}):
        np.testing.assert_allclose(SOFTMAX(two, y, **more), losses.sigmoid_cross_entropy(z, y, **more), rtol=1e-12)


def test_cross_entropy_is_kl_divergence_and_entropy() -> None:
    entropy = -np.sum(SOFT * np.log(SOFT), axis=-1)
    np.testing.assert_allclose(SOFTMAX(P, SOFT), losses.kl_divergence(np.log(ROWS), SOFT) + entropy, rtol=1e-12)
    np.testing.assert_allclose(losses.kl_divergence(np.log(SOFT), SOFT), 0, atol=1e-15)


def test_soft_labels_are_the_minimum() -> None:
    np.testing.assert_allclose(slope(SOFTMAX, np.log(SOFT), SOFT), 0, atol=1e-15)


def test_derivatives_with_respect_to_class_weights() -> None:
    tg.testing.check_grads(lambda w: SOFTMAX(P, CLASSES, class_weights=np.exp(w)), (P[0],))


def test_float32_weights_and_labels() -> None:
    weights = np.array([1.0, 2.0, 3.0])
    found = SOFTMAX(P.astype(np.float32), CLASSES, 0.1, weights)
    assert found.dtype == np.float32


@pytest.mark.parametrize(("dtype", "most"), [(np.float32, 87.3365), (np.float64, 708.3964)])
def test_certain_probabilities(dtype: Any, most: float) -> None:
    p = np.array([[1, 0], [1, 0]], dtype)
    for labels in (np.array([0, 1]), np.eye(2, dtype=dtype)):
        np.testing.assert_allclose(CATEGORICAL(p, labels), [0, most], rtol=1e-5)
        np.testing.assert_array_equal(slope(CATEGORICAL, p, labels), [[-1, 0], [0, 0]])


def test_a_masked_class_costs_nothing_if_its_label_is_zero() -> None:
    z = np.array([[0.0, -np.inf]])
    for labels in (np.array([0]), np.array([[1.0, 0.0]]), np.array([[1, 0]])):
        assert SOFTMAX(z, labels).tolist() == [0]
        assert not np.isnan(slope(SOFTMAX, z, labels)).any()
    assert losses.kl_divergence(z, np.array([[1.0, 0.0]])).tolist() == [0]
    assert losses.kl_divergence(z, np.array([[0.5, 0.5]])).tolist() == [np.inf]
    assert not np.isnan(slope(losses.kl_divergence, z, np.array([[1.0, 0.0]]))).any()


LABELLED = pytest.mark.parametrize(
    "f",
    [SOFTMAX, partial(SOFTMAX, label_smoothing=0.1), CATEGORICAL, losses.multiclass_hinge, tg.metrics.accuracy],
    ids=["softmax", "softmax, smooth", "categorical", "hinge", "accuracy"],
)


def name_of(f: Any) -> str:
    return str((f.func if isinstance(f, partial) else f).__name__)


@LABELLED
def test_labels_of_another_length_are_refused(f: Any) -> None:
    sentence = rf"{name_of(f)}: labels have shape \(4,\), expected \(5,\) \(integers\) or \(5, 3\) \(one-hot\)"
    with pytest.raises(ShapeError, match=sentence):
        f(ROWS, np.zeros(4, int))


@LABELLED
def test_one_hot_labels_of_another_width_are_refused(f: Any) -> None:
    with pytest.raises(ShapeError, match=rf"{name_of(f)}: predictions have shape \(5, 3\) and targets \(5, 4\)"):
        f(ROWS, np.zeros((5, 4)))


@LABELLED
def test_logits_without_classes_are_refused(f: Any) -> None:
    with pytest.raises(ShapeError, match=rf"{name_of(f)}: logits (need|have shape \(\), expected).* classes"):
        f(np.float64(1), np.array(0))


@LABELLED
@pytest.mark.parametrize("wrong", [-1, 3])
def test_labels_out_of_range_are_refused(f: Any, wrong: int) -> None:
    with pytest.raises(ArgumentError, match=rf"{name_of(f)}: label {wrong} is out of range, expected 0 to 2"):
        f(ROWS, np.array([0, 1, wrong, 2, 0]))


@LABELLED
def test_float_labels_without_classes_are_refused(f: Any) -> None:
    sentence = rf"{name_of(f)}: labels without an axis of classes must be integers, got float64"
    with pytest.raises(DtypeError, match=sentence):
        f(ROWS, CLASSES.astype(float))


@pytest.mark.parametrize("loss", [SOFTMAX, CATEGORICAL])
@pytest.mark.parametrize("wrong", [-0.5, 1.5, np.nan])
def test_rows_out_of_range_are_refused(loss: Any, wrong: float) -> None:
    with pytest.raises(ArgumentError, match=rf"{loss.__name__}: labels must lie in \[0, 1\], got {wrong} \(at "):
        loss(ROWS, np.where(np.eye(5, 3, -1), wrong, SOFT))


def test_logits_as_probabilities_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"categorical_cross_entropy: probabilities must lie in \[0, 1\], got -?\d"):
        CATEGORICAL(P, CLASSES)


def test_targets_of_kl_divergence_out_of_range_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"kl_divergence: targets must lie in \[0, 1\], got 2.0"):
        losses.kl_divergence(np.zeros((1, 2)), np.array([[2.0, 0.0]]))


@pytest.mark.parametrize("loss", [SOFTMAX, CATEGORICAL])
def test_options_out_of_range_are_refused(loss: Any) -> None:
    name = loss.__name__
    with pytest.raises(ArgumentError, match=rf"{name}: label_smoothing must lie in \[0, 1\), got 1.5"):
        loss(ROWS, CLASSES, label_smoothing=1.5)
    with pytest.raises(ArgumentError, match=rf"{name}: class_weights must not be negative, got -1.0"):
        loss(ROWS, CLASSES, class_weights=[1, -1, 1])
    with pytest.raises(ShapeError, match=rf"{name}: class_weights have shape \(2,\), expected \(3,\)"):
        loss(ROWS, CLASSES, class_weights=[1, 1])
