"""Places in an array as one number, and as one number an axis. Integers in, integers out: constant."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, user_line
from ..core.primitive import implements
from .join import as_array
from .select import inside


def _strides(dims: tuple[int, ...], order: str) -> list[int]:
    """How many places apart neighbours along each axis are."""
    if order not in ("C", "F"):
        raise ArgumentError(f"order={order!r}, expected 'C' or 'F'{user_line()}")
    n = len(dims)
    return [math.prod(dims[i + 1 :] if order == "C" else dims[:i]) for i in range(n)]


@implements(np.ravel_multi_index)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C") -> Any:
    """NumPy's `ravel_multi_index`. Under mode="raise" a place outside is not noticed under vmap and jit."""
    dims = tuple(dims) if np.ndim(dims) else (dims,)
    modes = (mode,) * len(dims) if isinstance(mode, str) else mode
    parts = zip(multi_index, dims, modes, _strides(dims, order), strict=True)
    return sum(inside(as_array(i), n, m, "ravel_multi_index") * stride for i, n, m, stride in parts)


@implements(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Any, ...]:
    """NumPy's `unravel_index`. A number outside is not noticed under vmap and jit."""
    shape = tuple(shape) if np.ndim(shape) else (shape,)
    indices = as_array(indices)
    return tuple([indices // stride % n for n, stride in zip(shape, _strides(shape, order), strict=True)])
