"""Arrays from Tensors, and from nested lists that hold some."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, user_line
from ..ops.arguments import as_array, holds_tensor, refuse


def array(object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False, ndmin: int = 0,
          **options: Any) -> Any:  # fmt: skip
    """NumPy's `array`; a Tensor stays one, and a nested list with Tensors in it is stacked.

    A Tensor never changes and has no order in memory, so `copy`, `order` and `subok` make no difference to it.
    """
    if not holds_tensor(object):
        return np.array(object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **options)
    refuse("array", **options)
    made = as_array(object)
    made = made.astype(made.dtype if dtype is None else dtype, copy=False)
    return made.reshape((1,) * (ndmin - made.ndim) + made.shape)


def asarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """NumPy's `asarray`; Tensors as in `array`."""
    return array(a, dtype) if holds_tensor(a) else np.asarray(a, dtype, order, **options)


def asanyarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """NumPy's `asanyarray`; Tensors as in `array`."""
    return array(a, dtype) if holds_tensor(a) else np.asanyarray(a, dtype, order, **options)


def ascontiguousarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `ascontiguousarray`: one axis or more; Tensors as in `array`."""
    return array(a, dtype, ndmin=1) if holds_tensor(a) else np.ascontiguousarray(a, dtype, **options)


def asfortranarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `asfortranarray`: one axis or more; Tensors as in `array`."""
    return array(a, dtype, ndmin=1) if holds_tensor(a) else np.asfortranarray(a, dtype, **options)


def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """NumPy's `asarray_chkfinite`: raises ArgumentError (a ValueError) for NaN and infinity."""
    a = asarray(a, dtype, order)
    if a.dtype.kind in "fc" and not np.all(np.isfinite(a)):
        raise ArgumentError(f"asarray_chkfinite: the array holds NaN or infinity{user_line()}")
    return a


def require(a: Any, dtype: Any = None, requirements: Any = None, **options: Any) -> Any:
    """NumPy's `require`; Tensors as in `array`, as they have no layout in memory."""
    return array(a, dtype) if holds_tensor(a) else np.require(a, dtype, requirements, **options)


def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **options: Any) -> Any:
    """NumPy's `fromiter`; Tensors among the items are stacked."""
    items = list(iter if count < 0 else islice(iter, count))
    return array(items, dtype) if holds_tensor(items) else np.fromiter(items, dtype, count, **options)
