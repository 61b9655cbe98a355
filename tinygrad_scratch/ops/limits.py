"""What a derivative is multiplied or divided by where it would be infinite: a number so large or small that zero times
it, or divided by it, is zero. Other values stay as they are, to the last bit. `ops` has the policy that this serves.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np


def bounded(x: Any) -> Any:
    """`x`, and in place of +inf the largest number. Complex numbers stay as they are."""
    return np.minimum(x, _limits(x.dtype)[0]) if x.dtype.kind == "f" else x


def off_zero(x: Any) -> Any:
    """`x` >= 0, and in place of 0 the smallest normal number."""
    return np.maximum(x, _limits(x.dtype)[1]) if x.dtype.kind == "f" else x


def root_off_zero(x: Any) -> Any:
    """`x`, which is the square root of a number, and in place of 0 the smallest root: 1 / x stays far from overflow, so
    that what is multiplied by it may be large.
    """
    return np.maximum(x, least_root(x)) if x.dtype.kind == "f" else x


def least_root(x: Any) -> Any:
    """The smallest square root of a number of the dtype of `x`."""
    return _limits(x.dtype)[2]


@cache
def _limits(dtype: np.dtype[Any]) -> tuple[Any, Any, Any]:
    about = np.finfo(dtype)
    return about.max, about.smallest_normal, np.sqrt(about.smallest_subnormal)
