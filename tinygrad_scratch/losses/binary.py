"""Losses of two classes: the label is 0 or 1, or the probability of 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.trace import bind
from ..ops.compare import relu
from .arguments import demand, demand_number, demand_probabilities, log, over_rest, pair, smoothed, weights_of


def sigmoid_cross_entropy(logits: Any, labels: Any, label_smoothing: Any = 0.0, class_weights: Any = None) -> Any:
    """Mean of -w1 y log(s) - w0 (1 - y) log(1 - s) with s = 1 / (1 + exp(-z)). (n, ...), (n, ...) -> (n,).

    Labels in [0, 1]; `label_smoothing` moves them towards 1/2, to (1 - e) y + e / 2, and `class_weights` are (w0, w1),
    by which the mean is not divided. Raises ArgumentError for labels, a smoothing or weights out of range.

    >>> import numpy as np
    >>> sigmoid_cross_entropy(np.array([0.0, 1000.0]), np.array([1.0, 1.0]))
    array([0.69314718, 0.        ])
    """
    what = "sigmoid_cross_entropy"
    logits, labels = _labelled(what, logits, labels)
    labels = smoothed(what, labels, label_smoothing, 2)
    if class_weights is None:  # as below with the weights 1, for one logarithm
        return over_rest(np.mean, np.logaddexp(0, logits) - labels * logits)
    return _mean_cost(labels, np.logaddexp(0, logits), np.logaddexp(0, -logits), _two(what, class_weights, logits))


def binary_cross_entropy(probabilities: Any, labels: Any, label_smoothing: Any = 0.0, class_weights: Any = None) -> Any:
    """Mean of -w1 y log(p) - w0 (1 - y) log(1 - p). (n, ...), (n, ...) -> (n,). Options as in `sigmoid_cross_entropy`.

    The logarithm of 0 is taken as that of the smallest normal number of the dtype: 0 log(0) is 0, and a wrong
    prediction that is certain costs 87 in float32, 708 in float64, with the derivative 0. Raises ArgumentError for
    probabilities or labels outside of [0, 1].

    >>> import numpy as np
    >>> binary_cross_entropy(np.array([1.0, 0.0]), np.array([1, 1])).round(1)
    array([  0. , 708.4])
    """
    what = "binary_cross_entropy"
    probabilities, labels = _labelled(what, probabilities, labels)
    demand_probabilities(what, "probabilities", probabilities)
    labels = smoothed(what, labels, label_smoothing, 2)
    weights = (1, 1) if class_weights is None else _two(what, class_weights, probabilities)
    return _mean_cost(labels, -log(1 - probabilities), -log(probabilities), weights)


def focal(logits: Any, labels: Any, gamma: Any = 2.0, alpha: Any = None) -> Any:
    """Mean of -a y (1 - s)**gamma log(s) - (1 - a) (1 - y) s**gamma log(1 - s), s = 1 / (1 + exp(-z)).

    The cross-entropy, with little weight on examples that are well classified. (n, ...), (n, ...) -> (n,), labels in
    [0, 1]; `alpha` weighs the class 1 against the class 0, both weigh 1 without it. Raises ArgumentError unless
    gamma >= 0, 0 <= alpha <= 1 and the labels are in range. Source: Lin et al., Focal loss, ICCV 2017.

    >>> import numpy as np
    >>> focal(np.array([0.0, 4.0]), np.array([1, 1])).round(6)
    array([1.73287e-01, 6.00000e-06])
    """
    logits, labels = _labelled("focal", logits, labels)
    demand_number("focal", "gamma", gamma, lambda known: known >= 0, "not be negative")
    if alpha is not None:
        demand_number("focal", "alpha", alpha, lambda known: (known >= 0) & (known <= 1), "lie in [0, 1]")
    of_zero, of_one = np.logaddexp(0, logits), np.logaddexp(0, -logits)  # -log(1 - s), -log(s)
    weights = (1, 1) if alpha is None else (1 - alpha, alpha)
    return _mean_cost(labels, np.exp(-gamma * of_one) * of_zero, np.exp(-gamma * of_zero) * of_one, weights)


def hinge(scores: Any, labels: Any) -> Any:
    """Mean of max(0, 1 - t z) with t = 1 for the label 1 and -1 for 0, the loss of support vector machines.

    (n, ...), (n, ...) -> (n,). The derivative at t z = 1 is 0. Raises ArgumentError unless all labels are 0 or 1.

    >>> import numpy as np
    >>> hinge(np.array([0.5, 0.5, 3.0]), np.array([1, 0, 1]))
    array([0.5, 1.5, 0. ])
    """
    scores, labels = pair("hinge", scores, labels)
    demand("hinge", "labels", labels, lambda known: (known == 0) | (known == 1), "be 0 or 1")
    return over_rest(np.mean, bind(relu, 1 - (2 * labels - 1) * scores))


def _labelled(what: str, predictions: Any, labels: Any) -> tuple[Any, Any]:
    predictions, labels = pair(what, predictions, labels)
    demand_probabilities(what, "labels", labels)
    return predictions, labels


def _two(what: str, class_weights: Any, like: Any) -> tuple[Any, Any]:
    weights = weights_of(what, class_weights, 2, like.dtype)
    return weights[0], weights[1]


def _mean_cost(labels: Any, of_zero: Any, of_one: Any, weights: tuple[Any, Any]) -> Any:
    """The expected cost of each example: what the class 0 costs and what the class 1 does, by their shares."""
    return over_rest(np.mean, weights[1] * labels * of_one + weights[0] * (1 - labels) * of_zero)
