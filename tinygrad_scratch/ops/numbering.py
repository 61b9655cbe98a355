"""Places in an array as one number, and as one number an axis. Integers in, integers out: constant."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, user_line
from ..core.primitive import implements
from .arguments import as_array
from .select import inside
from .values import within


def _strides(dims: tuple[int, ...], order: str) -> list[int]:
    """How many places apart neighbours along each axis are."""
    if order not in ("C", "F"):
        raise ArgumentError(f"order={order!r}, expected 'C' or 'F'{user_line()}")
    n = len(dims)
    return [math.prod(dims[i + 1 :] if order == "C" else dims[:i]) for i in range(n)]


@implements(np.ravel_multi_index)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C") -> Any:
    """NumPy's `ravel_multi_index`."""
    dims = tuple(dims) if np.ndim(dims) else (dims,)
    modes = (mode,) * len(dims) if isinstance(mode, str) else mode
    place = 0
    for i, n, m, stride in zip(multi_index, dims, modes, _strides(dims, order), strict=True):
        i = inside(as_array(i), n, m, "ravel_multi_index")
        place = place + within("ravel_multi_index", i, n) * stride
    return place


@implements(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Any, ...]:
    """NumPy's `unravel_index`."""
    shape = tuple(shape) if np.ndim(shape) else (shape,)
    indices = within("unravel_index", as_array(indices), math.prod(shape))
    return tuple([indices // stride % n for n, stride in zip(shape, _strides(shape, order), strict=True)])
