"""Exponentials and logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .families import elementwise
from .limits import bounded

LN2, LN10 = float(np.log(2.0)), float(np.log(10.0))

exp = elementwise("exp", np.exp, lambda g, ans, x: g * bounded(ans))
exp2 = elementwise("exp2", np.exp2, lambda g, ans, x: g * bounded(ans) * LN2)
expm1 = elementwise("expm1", np.expm1, lambda g, ans, x: g * bounded(np.exp(x)))
log = elementwise("log", np.log, lambda g, ans, x: g / bounded(x))
log2 = elementwise("log2", np.log2, lambda g, ans, x: g / bounded(x) / LN2)
log10 = elementwise("log10", np.log10, lambda g, ans, x: g / bounded(x) / LN10)
log1p = elementwise("log1p", np.log1p, lambda g, ans, x: g / bounded(1 + x))


def share(x: Any, ans: Any) -> Any:
    """x - ans. Of an infinite sum each infinite part has all, the others nothing; -inf has no share in -inf."""
    of_finite = np.subtract(x, np.where(np.isinf(ans), 0, ans))
    return np.where(np.equal(x, np.inf), 0, np.where(np.equal(ans, np.inf), -np.inf, of_finite))


logaddexp = elementwise(
    "logaddexp",
    np.logaddexp,
    lambda g, ans, x, y: g * np.exp(share(x, ans)),
    lambda g, ans, x, y: g * np.exp(share(y, ans)),
)
logaddexp2 = elementwise(
    "logaddexp2",
    np.logaddexp2,
    lambda g, ans, x, y: g * np.exp2(share(x, ans)),
    lambda g, ans, x, y: g * np.exp2(share(y, ans)),
)
