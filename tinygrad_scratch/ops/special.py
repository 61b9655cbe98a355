"""Special functions: erf and expit, under SciPy's definitions. SciPy's own ufuncs lead here too (see `tensor`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.trace import bind
from .families import elementwise

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


def _elementwise_math(f: Any) -> Any:
    loop = np.frompyfunc(f, 1, 1)

    def impl(x: Any) -> Any:
        x = np.asarray(x)
        return np.asarray(loop(x)).astype(x.dtype if x.dtype.kind == "f" else float)[()]

    return impl


erf = elementwise("erf", _elementwise_math(math.erf), lambda g, ans, x: g * TWO_OVER_SQRT_PI * np.exp(-x * x))
erfc = elementwise("erfc", _elementwise_math(math.erfc), lambda g, ans, x: -g * TWO_OVER_SQRT_PI * np.exp(-x * x))


def _expit(x: Any) -> Any:
    # exp of minus the absolute value never overflows; both branches share it
    e = np.exp(-np.abs(x))
    return np.where(np.greater_equal(x, 0), 1, e) / (1 + e)


# 1 - ans would lose its digits where ans is near 1
expit: Primitive = elementwise("expit", _expit, lambda g, ans, x: g * ans * bind(expit, -x))

# the ufuncs of scipy.special that lead here, by name
SCIPY: dict[str, Primitive] = {"erf": erf, "erfc": erfc, "expit": expit}
