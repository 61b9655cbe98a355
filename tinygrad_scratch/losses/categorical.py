"""Losses of many classes: labels are integers (...), or rows of probabilities (..., classes), one-hot among them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.reduce import logsumexp
from ..scipy.special import log_softmax
from .arguments import (
    arrays,
    class_labels,
    demand_probabilities,
    floats,
    is_zero,
    log,
    pair,
    same_shape,
    smoothed,
    vectors,
    weights_of,
)


def softmax_cross_entropy(logits: Any, labels: Any, label_smoothing: Any = 0.0, class_weights: Any = None) -> Any:
    """-sum of w y log softmax(logits) over the classes. logits (..., classes); labels integers (...) or rows -> (...).

    `label_smoothing` mixes the labels with the uniform distribution, (1 - e) y + e / classes; `class_weights`,
    (classes,), are the w, by which a mean is not divided. Raises ShapeError if they do not fit, ArgumentError for a
    label out of range, or a smoothing or weights that are.

    >>> import numpy as np
    >>> softmax_cross_entropy(np.log(np.array([[1.0, 3.0]])), np.array([1])).round(4)
    array([0.2877])
    """
    what = "softmax_cross_entropy"
    logits, (labels,) = floats(what, logits), arrays(labels)
    if labels.ndim != logits.ndim and is_zero(label_smoothing) and class_weights is None:
        hit = _at(logits, class_labels(what, logits, labels))
        return logsumexp(logits, axis=-1) - hit
    targets = _targets(what, logits, labels, label_smoothing, class_weights)
    return -_expectation(targets, log_softmax(logits, axis=-1))


def categorical_cross_entropy(
    probabilities: Any, labels: Any, label_smoothing: Any = 0.0, class_weights: Any = None
) -> Any:
    """-sum of w y log(p) over the classes. probabilities (..., classes); the rest as in `softmax_cross_entropy`.

    The logarithm of 0 is taken as that of the smallest normal number of the dtype: 0 log(0) is 0, and a wrong
    prediction that is certain costs 87 in float32, 708 in float64, with the derivative 0. Raises ArgumentError for
    probabilities or labels out of range; that they sum to 1 is not checked.

    >>> import numpy as np
    >>> categorical_cross_entropy(np.array([[0.25, 0.75], [1.0, 0.0]]), np.array([1, 0])).round(4)
    array([0.2877, 0.    ])
    """
    what = "categorical_cross_entropy"
    probabilities, (labels,) = floats(what, probabilities), arrays(labels)
    targets = _targets(what, probabilities, labels, label_smoothing, class_weights)
    demand_probabilities(what, "probabilities", probabilities)
    return _expectation(targets, -log(probabilities))


def kl_divergence(log_predictions: Any, targets: Any) -> Any:
    """sum of y (log(y) - q) over the classes: how far the distribution y is from exp(q). (..., classes) twice -> (...).

    `log_predictions` are logarithms of probabilities, as of `nn.log_softmax`; 0 log(0) is 0. Raises ArgumentError for
    targets outside of [0, 1].

    >>> import numpy as np
    >>> kl_divergence(np.log(np.array([[0.5, 0.5]])), np.array([[1.0, 0.0]])).round(4)
    array([0.6931])
    """
    log_predictions, targets = pair("kl_divergence", log_predictions, targets)
    vectors("kl_divergence", log_predictions)
    demand_probabilities("kl_divergence", "targets", targets)
    return _expectation(targets, log(targets) - log_predictions)


def multiclass_hinge(scores: Any, labels: Any) -> Any:
    """max over the classes j of z_j + [j is not y], less z_y, for the label y: an integer or a one-hot row. -> (...).

    Zero once the score of the label is ahead of all others by 1. Source: Crammer and Singer, JMLR 2 (2001).

    >>> import numpy as np
    >>> multiclass_hinge(np.array([[2.0, 0.0, 1.5], [2.0, 0.0, 1.0]]), np.array([0, 0]))
    array([0.5, 0. ])
    """
    scores = floats("multiclass_hinge", scores)
    wanted = class_labels("multiclass_hinge", scores, labels)
    others = np.not_equal(wanted[..., None], np.arange(scores.shape[-1]))
    return np.max(scores + others.astype(scores.dtype), axis=-1) - _at(scores, wanted)


def _at(scores: Any, labels: Any) -> Any:
    """The score of the label."""
    return np.take_along_axis(scores, labels[..., None], axis=-1)[..., 0]


def _targets(what: str, scores: Any, labels: Any, label_smoothing: Any, class_weights: Any) -> Any:
    """Labels as rows (..., classes), smoothed and weighed."""
    if labels.ndim == scores.ndim > 0:
        same_shape(what, scores, labels)
        rows = floats(what, labels, scores.dtype)
        demand_probabilities(what, "labels", rows)
    else:
        wanted = class_labels(what, scores, labels)
        rows = np.equal(wanted[..., None], np.arange(scores.shape[-1])).astype(scores.dtype)
    classes = scores.shape[-1]
    rows = smoothed(what, rows, label_smoothing, classes)
    return rows if class_weights is None else rows * weights_of(what, class_weights, classes, scores.dtype)


def _expectation(targets: Any, values: Any) -> Any:
    """The sum of target times value over the classes, where 0 times infinity is 0."""
    absent = np.logical_and(np.equal(targets, 0), np.isinf(values))
    return np.sum(targets * np.where(absent, 0, values), axis=-1)
