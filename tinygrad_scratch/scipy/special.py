"""scipy.special: error and logistic functions, logsumexp and softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.reduce import logsumexp
from ..ops.special import erf, erfc, expit

__all__ = ["erf", "erfc", "expit", "log_softmax", "logsumexp", "softmax"]


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along `axis` (None: over all), without overflow.

    >>> import numpy as np
    >>> softmax(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    return np.exp(log_softmax(x, axis))


def log_softmax(x: Any, axis: Any = None) -> Any:
    """x - logsumexp(x) along `axis` (None: over all): the logarithm of `softmax`.

    >>> import numpy as np
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    return x - logsumexp(x, axis, keepdims=True)
