"""Measures of predictions that are read by people; plain arrays in, plain numbers out."""

from __future__ import annotations

from typing import Any

import numpy as np

from .losses import class_labels


def accuracy(logits: Any, labels: Any) -> float:
    """The share of rows whose largest entry is at the label. logits (n, classes); labels integers (n,) or one-hot.

    >>> import numpy as np
    >>> accuracy(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0]))
    0.5
    """
    wanted = class_labels("accuracy", logits, labels)
    return float(np.mean(np.argmax(logits, axis=-1) == wanted))
