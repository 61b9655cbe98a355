"""Metrics: scikit-learn's numbers on random predictions, corner cases by hand, refused arguments."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import metrics
from tinygrad_scratch.core.errors import ArgumentError, DtypeError, ShapeError

LOGITS = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 1.0, 5.0], [9.0, 0.0, 0.0]])
LABELS = np.array([0, 1, 2, 1])

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30).map(
    lambda rows: np.array(rows).T
)
seeds = st.integers(0, 2**32 - 1)
BY_CLASS = {"precision": metrics.precision, "recall": metrics.recall, "f1": metrics.f1}


def sklearn() -> Any:
    return pytest.importorskip("sklearn.metrics")


def test_rows_of_nan_are_wrong() -> None:
    assert metrics.accuracy(np.array([[np.nan, 1.0], [1.0, 0.0]]), np.array([0, 0])) == 0.5


def test_accuracies_inside_jit() -> None:
    y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.2, 0.3])
    for f, arguments in (
        (metrics.accuracy, (LOGITS, LABELS)),
        (metrics.binary_accuracy, (p, y)),
        (lambda *x: metrics.accuracy_within(*x, tolerance=0.5), (p, y)),
    ):
        for backend in ("numpy", "auto"):
            assert float(tg.jit(f, backend=backend)(*arguments)) == f(*arguments)


def test_accuracy_counts_the_rows_that_are_right() -> None:
    for given_as in LABELS, LABELS.astype(np.uint8), np.eye(3)[LABELS]:
        found = metrics.accuracy(LOGITS, given_as)
        assert type(found) is float
        assert found == 0.75


@given(seeds, st.integers(1, 20), st.integers(2, 6), st.data())
def test_top_k_accuracy_is_scikit_learns(seed: int, n: int, classes: int, data: Any) -> None:
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(n, classes)), rng.integers(0, classes, n)
    k = data.draw(st.integers(1, classes))
    found = metrics.top_k_accuracy(logits, labels, k)
    assert type(found) is float
    if classes > 2 and k < classes:  # scikit-learn takes two classes for one score, and warns of k = classes
        expected = sklearn().top_k_accuracy_score(labels, logits, k=k, labels=np.arange(classes))
        np.testing.assert_allclose(found, expected)
    assert metrics.top_k_accuracy(logits, labels, 1) == metrics.accuracy(logits, labels)
    assert metrics.top_k_accuracy(logits, labels, classes) == 1


def test_among_equal_scores_the_first_class_comes_first() -> None:
    scores = np.zeros((3, 3), np.uint8)
    assert metrics.top_k_accuracy(scores, np.array([0, 1, 2]), 2) == pytest.approx(2 / 3)
    assert metrics.top_k_accuracy(np.array([[0, 200, 1]], np.uint8), np.array([1]), 1) == 1


def test_a_prediction_that_is_nan_is_not_among_the_best() -> None:
    assert metrics.top_k_accuracy(np.array([[np.nan, 0.0, 1.0]]), np.array([0]), 2) == 0


@given(seeds, st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple), st.floats(0.1, 0.9))
def test_binary_accuracy_is_scikit_learns(seed: int, shape: tuple[int, ...], threshold: float) -> None:
    rng = np.random.default_rng(seed)
    p, y = rng.uniform(size=shape), rng.integers(0, 2, shape)
    expected = sklearn().accuracy_score(y.ravel(), p.ravel() > threshold)
    for labels in (y, y.astype(bool), y.astype(np.float32)):
        np.testing.assert_allclose(metrics.binary_accuracy(p, labels, threshold), expected)


def test_accuracy_within_counts_what_is_near() -> None:
    targets = np.array([1.0, 2.0, 3.0, 4.0])
    assert metrics.accuracy_within(np.array([1.0, 2.25, 2.5, 4.125]), targets, 0.25) == 0.5  # the bound is outside
    assert metrics.accuracy_within(np.array([255, 0], np.uint8), np.array([0, 1], np.uint8), 2) == 0.5


@given(pairs, st.sampled_from([None, 5, 7]))
def test_confusion_matrix_is_scikit_learns(rows: Any, classes: int | None) -> None:
    labels, predictions = rows
    found = metrics.confusion_matrix(labels, predictions, classes)
    size = classes or rows.max() + 1
    assert (found.shape, found.sum()) == ((size, size), len(labels))
    if size > 1:  # scikit-learn warns of one class
        np.testing.assert_array_equal(found, sklearn().confusion_matrix(labels, predictions, labels=np.arange(size)))


@pytest.mark.parametrize("name", BY_CLASS)
@given(pairs, st.sampled_from([None, 7]))
def test_measures_by_class_are_scikit_learns(name: str, rows: Any, classes: int | None) -> None:
    labels, predictions = rows
    measure, peer = BY_CLASS[name], getattr(sklearn(), f"{name}_score")
    every = np.arange(classes or rows.max() + 1)
    expected = peer(labels, predictions, labels=every, average=None, zero_division=0)
    np.testing.assert_allclose(measure(labels, predictions, classes=classes), expected)
    for average in ("macro", "micro", "weighted"):
        found = measure(labels, predictions, average, classes)
        assert type(found) is float
        np.testing.assert_allclose(found, peer(labels, predictions, average=average, zero_division=0))


@given(pairs)
def test_micro_averages_are_the_accuracy(rows: Any) -> None:
    for measure in BY_CLASS.values():
        assert measure(*rows, average="micro") == pytest.approx(np.mean(rows[0] == rows[1]))


def test_classes_that_do_not_occur_count_nothing() -> None:
    assert metrics.precision([0, 2], [0, 0]).tolist() == [0.5, 0, 0]
    assert metrics.recall([0, 2], [0, 0]).tolist() == [1, 0, 0]
    assert metrics.precision([0, 2], [0, 0], average="macro") == 0.25
    assert metrics.confusion_matrix(np.array([True, False]), [1, 1]).tolist() == [[0, 1], [0, 1]]


@given(seeds, st.sampled_from([(2,), (9,), (5, 2), (4, 2, 3)]), st.floats(0, 10))
def test_r2_is_scikit_learns(seed: int, shape: tuple[int, ...], scale: float) -> None:
    rng = np.random.default_rng(seed)
    targets = rng.normal(size=shape)
    predictions = targets + scale * rng.normal(size=shape)
    expected = sklearn().r2_score(targets.reshape(shape[0], -1), predictions.reshape(shape[0], -1))
    np.testing.assert_allclose(metrics.r2(predictions, targets), expected)


def test_r2_of_constant_targets_is_scikit_learns() -> None:
    targets = np.array([[1.0, 1.0], [1.0, 1.0]])
    predictions = np.array([[1.0, 1.0], [1.0, 2.0]])
    assert metrics.r2(predictions, targets) == sklearn().r2_score(targets, predictions) == 0.5


VALUES = {
    "binary_accuracy": metrics.binary_accuracy,
    "accuracy_within": lambda p, y: metrics.accuracy_within(p, y, 0.1),
    "r2": metrics.r2,
}
COUNTS = {"confusion_matrix": metrics.confusion_matrix, **BY_CLASS}
SCORES = {"accuracy": metrics.accuracy, "top_k_accuracy": lambda z, y: metrics.top_k_accuracy(z, y, 1)}


@pytest.mark.parametrize("name", [*VALUES, *COUNTS])
def test_shapes_are_never_broadcast(name: str) -> None:
    first, second = ("labels", "predictions") if name in COUNTS else ("predictions", "targets")
    with pytest.raises(ShapeError, match=rf"{name}: {first} have shape \(3, 1\) and {second} \(3,\); they must be"):
        {**VALUES, **COUNTS}[name](np.zeros((3, 1), int), np.zeros(3, int))


@pytest.mark.parametrize("name", [*VALUES, *COUNTS, *SCORES])
def test_no_examples_have_no_measure(name: str) -> None:
    first = np.zeros((0, 3)) if name in SCORES else np.zeros(0, int)
    with pytest.raises(ArgumentError, match=rf"{name}: there are no examples to measure \(at "):
        {**VALUES, **COUNTS, **SCORES}[name](first, np.zeros(0, int))


@pytest.mark.parametrize("name", COUNTS)
def test_classes_are_integers_in_range(name: str) -> None:
    with pytest.raises(DtypeError, match=rf"{name}: predictions must be integers, one class each, got float64"):
        COUNTS[name]([0, 1], [0.0, 1.0])
    with pytest.raises(ArgumentError, match=rf"{name}: labels must lie in 0 to 1, got 2"):
        COUNTS[name]([0, 2], [0, 1], classes=2)
    with pytest.raises(ArgumentError, match=rf"{name}: predictions must lie in 0 to 1, got -1"):
        COUNTS[name]([0, 1], [0, -1])


@pytest.mark.parametrize("name", BY_CLASS)
def test_unknown_averages_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=rf"{name}: average='binary', expected None, \"macro\", \"micro\" or \"w"):
        BY_CLASS[name]([0, 1], [0, 1], "binary")


@pytest.mark.parametrize("k", [0, 4, 1.5])
def test_k_must_be_a_number_of_classes(k: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"top_k_accuracy: k must be an integer from 1 to 3, got {k}"):
        metrics.top_k_accuracy(LOGITS, LABELS, k)


def test_logits_need_an_axis_of_classes() -> None:
    with pytest.raises(ShapeError, match=r"top_k_accuracy: logits have shape \(4,\), expected \(n, classes\)"):
        metrics.top_k_accuracy(LABELS, LABELS, 1)


def test_other_bad_arguments() -> None:
    with pytest.raises(ArgumentError, match=r"binary_accuracy: labels must be 0 or 1, got 2.0"):
        metrics.binary_accuracy(np.zeros(2), np.array([0, 2]))
    with pytest.raises(ArgumentError, match=r"accuracy_within: tolerance must be positive, got 0"):
        metrics.accuracy_within(np.zeros(2), np.zeros(2), 0)
    with pytest.raises(ArgumentError, match=r"r2: targets have shape \(1,\), expected two examples or more"):
        metrics.r2(np.zeros(1), np.zeros(1))
