"""The representation of numbers: the bits of integers, and the parts of floating-point numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.primitive import implements
from .arguments import refuse
from .families import called, elementwise

left_shift = elementwise("left_shift", np.left_shift, symbol="<<")
right_shift = elementwise("right_shift", np.right_shift, symbol=">>")
bitwise_count = elementwise("bitwise_count", np.bitwise_count)
gcd = elementwise("gcd", np.gcd)
lcm = elementwise("lcm", np.lcm)

spacing = elementwise("spacing", np.spacing)
nextafter = elementwise("nextafter", np.nextafter, lambda g, ans, x, y: g, None)  # x and a constant
ldexp = elementwise("ldexp", np.ldexp, lambda g, ans, x, i: np.ldexp(g, i), None)


def _exponent(x: Any) -> Any:
    return np.frexp(x)[1]


exponent = elementwise("exponent", _exponent, emit=called(_exponent))


@implements(np.fix)
def fix(x: Any, out: Any = None) -> Any:
    """NumPy's `fix`: the whole part."""
    refuse("fix", out=out)
    return np.trunc(x)


@implements(np.frexp)
def frexp(x: Any) -> tuple[Any, Any]:
    """NumPy's `frexp`: m and whole numbers e with x = m 2**e and 0.5 <= |m| < 1."""
    e = exponent(x)
    return np.ldexp(x, -e), e


@implements(np.modf)
def modf(x: Any) -> tuple[Any, Any]:
    """NumPy's `modf`: the fractional part, of the sign of x, and the whole part."""
    x = x.astype(np.modf(np.zeros(0, x.dtype))[0].dtype, copy=False)
    whole = np.trunc(x)
    return np.where(np.isinf(x), 0, x) - np.where(np.isinf(x), 0, whole), whole
