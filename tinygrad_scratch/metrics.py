"""Measures of predictions that are read by people; plain arrays in, plain numbers out."""

from __future__ import annotations

from typing import Any

import numpy as np

from .core.errors import ArgumentError, ShapeError
from .losses import class_labels


def accuracy(logits: Any, labels: Any) -> float:
    """The share of rows whose largest entry is at the label. logits (n, classes); labels integers (n,) or one-hot.

    >>> import numpy as np
    >>> accuracy(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0]))
    0.5
    """
    if np.ndim(logits) < 2:
        raise ShapeError(f"accuracy: logits have shape {np.shape(logits)}, expected (n, classes), one number a class")
    wanted = class_labels("accuracy", logits, labels)
    if not np.size(wanted):
        raise ArgumentError("accuracy: there are no examples, so no share of them is right")
    return float(np.mean(np.argmax(logits, axis=-1) == wanted))
