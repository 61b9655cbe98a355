"""Losses and accuracy: values against plain formulas and scikit-learn, derivatives, dtypes, refused arguments."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import losses
from tinygrad_scratch.core.errors import ArgumentError, DtypeError, ShapeError

RNG = np.random.default_rng(0)
P, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3))
BITS = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0], [1, 0, 1]])
CLASSES = np.array([2, 0, 1, 1, 2])
ONE_HOT = np.eye(3)[CLASSES]

# name: (loss, targets for predictions P, the plain formula of one row of each)
CASES: dict[str, tuple[Any, Any, Callable[[Any, Any], Any]]] = {
    "squared_error": (losses.squared_error, Y, lambda p, y: sum((p - y) ** 2) / len(p)),
    "sum_of_squares": (losses.sum_of_squares, Y, lambda p, y: sum((p - y) ** 2)),
    "absolute_error": (losses.absolute_error, Y, lambda p, y: sum(abs(p - y)) / len(p)),
    "binary_cross_entropy": (
        losses.binary_cross_entropy,
        BITS,
        lambda z, y: np.mean(-np.log(np.where(y == 1, 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))))),
    ),
    "softmax_cross_entropy": (
        losses.softmax_cross_entropy,
        CLASSES,
        lambda z, y: -np.log(np.exp(z[y]) / sum(np.exp(z))),
    ),
    "softmax_cross_entropy of one-hot": (
        losses.softmax_cross_entropy,
        ONE_HOT,
        lambda z, y: -np.log(sum(y * np.exp(z)) / sum(np.exp(z))),
    ),
}
cases = pytest.mark.parametrize(("loss", "targets", "formula"), CASES.values(), ids=list(CASES))


@cases
def test_values_are_those_of_the_formula(loss: Any, targets: Any, formula: Any) -> None:
    expected = [formula(p, y) for p, y in zip(P, targets, strict=True)]
    np.testing.assert_allclose(loss(P, targets), expected, rtol=1e-12)


@cases
def test_derivatives_of_losses(loss: Any, targets: Any, formula: Any) -> None:
    tg.testing.check_grads(lambda p: loss(p, targets), (P,))


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (losses.squared_error, Y.astype(np.float32)),
        (losses.sum_of_squares, Y.astype(np.float32)),
        (losses.absolute_error, Y.astype(np.float32)),
        *[(losses.binary_cross_entropy, BITS.astype(dtype)) for dtype in (np.float32, np.int64, np.uint8, bool)],
        *[(losses.softmax_cross_entropy, CLASSES.astype(dtype)) for dtype in (np.int64, np.uint8)],
        *[(losses.softmax_cross_entropy, ONE_HOT.astype(dtype)) for dtype in (np.float32, np.int64, bool)],
    ],
    ids=lambda x: getattr(x, "__name__", None) or f"{x.dtype}{x.ndim}",
)
def test_float32_stays_float32(loss: Any, targets: Any) -> None:
    predictions = P.astype(np.float32)
    value, gradient = tg.value_and_grad(lambda p: np.mean(loss(p, targets)))(predictions)
    assert loss(predictions, targets).dtype == value.dtype == gradient.dtype == np.float32


def test_float32_stays_float32_for_one_axis_of_integer_labels() -> None:
    found = losses.binary_cross_entropy(np.zeros(2, np.float32), np.array([0, 1]))
    assert found.dtype == np.float32


@cases
def test_vmap_of_losses_over_batches_is_a_loop(loss: Any, targets: Any, formula: Any) -> None:
    stacked = np.stack([P, 2 * P])
    found = tg.vmap(loss, (0, None))(stacked, targets)
    np.testing.assert_allclose(found, [loss(p, targets) for p in stacked], rtol=1e-12)


@cases
def test_empty_batch_has_no_losses(loss: Any, targets: Any, formula: Any) -> None:
    assert loss(P[:0], targets[:0]).shape == (0,)


ROWWISE = ["squared_error", "sum_of_squares", "absolute_error", "binary_cross_entropy"]


@given(st.sampled_from(ROWWISE), st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple))
def test_one_value_an_example(name: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    predictions, targets = rng.normal(size=shape), rng.uniform(size=shape)
    loss = getattr(losses, name)
    found = loss(predictions, targets)
    assert found.shape == shape[:1]
    alone = [loss(predictions[i : i + 1], targets[i : i + 1])[0] for i in range(shape[0])]
    np.testing.assert_allclose(found, alone, rtol=1e-12)


@pytest.mark.parametrize("name", ROWWISE)
def test_shapes_are_never_broadcast(name: str) -> None:
    sentence = rf"{name}: predictions have shape \(5, 1\) and targets \(5,\); they must be the same"
    with pytest.raises(ShapeError, match=sentence):
        getattr(losses, name)(np.zeros((5, 1)), np.zeros(5))


def test_absolute_error_has_the_sign_as_its_gradient() -> None:
    p, y = np.array([3.0, -1.0, 2.0]), np.array([1.0, 1.0, 2.0])
    found = tg.grad(lambda p: np.sum(losses.absolute_error(p, y)))(p)
    np.testing.assert_array_equal(found, [1, -1, 0])


def test_binary_cross_entropy_is_scikit_learns() -> None:
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    z, y = P.ravel(), BITS.ravel()
    np.testing.assert_allclose(np.mean(losses.binary_cross_entropy(z, y)), log_loss(y, 1 / (1 + np.exp(-z))))


def test_softmax_cross_entropy_is_scikit_learns() -> None:
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    probabilities = np.exp(P) / np.exp(P).sum(axis=1, keepdims=True)
    found = np.mean(losses.softmax_cross_entropy(P, CLASSES))
    np.testing.assert_allclose(found, log_loss(CLASSES, probabilities, labels=[0, 1, 2]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_of_large_logits(dtype: Any) -> None:
    z, y = np.array([1e4, -1e4, 1e4, -1e4], dtype), np.array([1, 0, 0, 1])
    np.testing.assert_array_equal(losses.binary_cross_entropy(z, y), [0, 0, 1e4, 1e4])
    gradient = tg.grad(lambda z: np.sum(losses.binary_cross_entropy(z, y)))(z)
    np.testing.assert_array_equal(gradient, [0, 0, 1, -1])


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.eye(2)], ids=["integers", "one-hot"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_cross_entropy_of_large_logits(labels: Any, dtype: Any) -> None:
    z = np.array([[1e4, -1e4], [1e4, -1e4]], dtype)
    np.testing.assert_array_equal(losses.softmax_cross_entropy(z, labels), [0, 2e4])
    gradient = tg.grad(lambda z: np.sum(losses.softmax_cross_entropy(z, labels)))(z)
    np.testing.assert_array_equal(gradient, [[0, 0], [1, -1]])


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_integer_and_one_hot_labels_agree(n: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(n, classes)), rng.integers(0, classes, n)
    by_integer = tg.value_and_grad(lambda z: np.sum(losses.softmax_cross_entropy(z, labels)))(logits)
    by_row = tg.value_and_grad(lambda z: np.sum(losses.softmax_cross_entropy(z, np.eye(classes)[labels])))(logits)
    for found, expected in zip(by_integer, by_row, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_softmax_cross_entropy_of_soft_labels() -> None:
    soft = np.array([[0.25, 0.75]])
    z = np.log(np.array([[1.0, 3.0]]))
    np.testing.assert_allclose(losses.softmax_cross_entropy(z, soft), [-0.25 * np.log(0.25) - 0.75 * np.log(0.75)])
    gradient = tg.grad(lambda z: np.sum(losses.softmax_cross_entropy(z, soft)))(z)
    np.testing.assert_allclose(gradient, [[0, 0]], atol=1e-15)


def test_softmax_cross_entropy_with_more_axes_than_one_of_examples() -> None:
    logits = RNG.normal(size=(2, 4, 3))
    labels = RNG.integers(0, 3, (2, 4))
    found = losses.softmax_cross_entropy(logits, labels)
    expected = losses.softmax_cross_entropy(logits.reshape(8, 3), labels.reshape(8)).reshape(2, 4)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_derivatives_with_respect_to_soft_labels() -> None:
    soft = np.exp(Y) / np.exp(Y).sum(axis=1, keepdims=True)
    tg.testing.check_grads(losses.softmax_cross_entropy, (P, soft))
    tg.testing.check_grads(losses.binary_cross_entropy, (P, 0.4 + soft / 5))


LABELLED = pytest.mark.parametrize(
    ("name", "f"),
    [("softmax_cross_entropy", losses.softmax_cross_entropy), ("accuracy", tg.metrics.accuracy)],
    ids=["softmax_cross_entropy", "accuracy"],
)


@LABELLED
def test_labels_of_another_length_are_refused(name: str, f: Any) -> None:
    sentence = rf"{name}: labels have shape \(4,\), expected \(5,\) \(integers\) or \(5, 3\) \(one-hot\)"
    with pytest.raises(ShapeError, match=sentence):
        f(P, np.zeros(4, int))


@LABELLED
def test_one_hot_labels_of_another_width_are_refused(name: str, f: Any) -> None:
    with pytest.raises(ShapeError, match=rf"{name}: predictions have shape \(5, 3\) and targets \(5, 4\)"):
        f(P, np.zeros((5, 4)))


@LABELLED
def test_logits_without_classes_are_refused(name: str, f: Any) -> None:
    with pytest.raises(ShapeError, match=rf"{name}: logits (need|have shape \(\), expected).* classes"):
        f(np.float64(1), np.array(0))


@LABELLED
@pytest.mark.parametrize("wrong", [-1, 3])
def test_labels_out_of_range_are_refused(name: str, f: Any, wrong: int) -> None:
    with pytest.raises(ArgumentError, match=rf"{name}: label {wrong} is out of range, expected 0 to 2"):
        f(P, np.array([0, 1, wrong, 2, 0]))


@LABELLED
def test_float_labels_without_classes_are_refused(name: str, f: Any) -> None:
    with pytest.raises(DtypeError, match=rf"{name}: labels without an axis of classes must be integers, got float64"):
        f(P, CLASSES.astype(float))


@pytest.mark.parametrize("wrong", [-0.1, 1.5, 2, np.nan])
def test_labels_of_binary_cross_entropy_outside_0_to_1_are_refused(wrong: float) -> None:
    with pytest.raises(ArgumentError, match=r"binary_cross_entropy: labels must lie in \[0, 1\], got .* to "):
        losses.binary_cross_entropy(np.zeros(2), np.array([0, wrong]))


def test_errors_of_losses_name_the_users_line() -> None:
    with pytest.raises(ShapeError, match=r"at test_losses\.py:\d+: losses\.squared_error\(P, Y\[1:\]\)"):
        losses.squared_error(P, Y[1:])


def test_accuracy_counts_the_rows_that_are_right() -> None:
    logits = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 1.0, 5.0], [9.0, 0.0, 0.0]])
    labels = np.array([0, 1, 2, 1])
    for given_as in labels, labels.astype(np.uint8), np.eye(3)[labels]:
        found = tg.metrics.accuracy(logits, given_as)
        assert type(found) is float
        assert found == 0.75


def test_small_integers_do_not_wrap_around() -> None:
    p, y = np.array([0, 5], np.uint8), np.array([20, 1], np.uint8)
    assert losses.absolute_error(p, y).tolist() == [20, 4]
    assert losses.squared_error(p, y).tolist() == [400, 16]
    assert losses.squared_error(np.zeros(2, np.float32), np.array([1, 2])).dtype == np.float32


def test_a_masked_class_costs_nothing_if_its_label_is_zero() -> None:
    z = np.array([[0.0, -np.inf]])
    for labels in (np.array([0]), np.array([[1.0, 0.0]]), np.array([[1, 0]])):
        assert losses.softmax_cross_entropy(z, labels).tolist() == [0]
        assert not np.isnan(tg.grad(lambda z, y=labels: losses.softmax_cross_entropy(z, y)[0])(z)).any()
