"""The functions that make arrays: of nested lists that hold Tensors too, and such as can be filled with Tensors."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from ..buffer import Buffer, fillable
from ..buffer.reading import is_buffer
from ..core.errors import ArgumentError, user_line
from ..core.trace import Traced
from ..ops.arguments import as_array, holds_tensor, refuse
from ..ops.update import At, narrowed
from ..ops.values import bare
from .reach import reaching


def _full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
    """NumPy's `full`, of a Tensor as well."""
    if not isinstance(fill_value, Traced):
        return np.full(shape, fill_value, dtype, order, **options)
    return np.full_like(fill_value, fill_value, dtype, shape=shape, **options)


arange, empty, eye, full = fillable(np.arange), fillable(np.zeros), fillable(np.eye), fillable(_full)
identity, linspace, ones, zeros = fillable(np.identity), fillable(np.linspace), fillable(np.ones), fillable(np.zeros)
copy, empty_like, full_like = fillable(np.copy), fillable(np.empty_like), fillable(reaching(np.full_like))
ones_like, zeros_like = fillable(np.ones_like), fillable(np.zeros_like)


def array(object: Any, dtype: Any = None, *, ndmin: int = 0, **options: Any) -> Any:
    """NumPy's `array`, which can be filled; a nested list with Tensors in it is stacked."""
    made = as_array(object)
    if is_buffer(made) and options.get("copy", True) is not True and dtype in (None, made.dtype) and ndmin <= made.ndim:
        return made
    if not isinstance(made, Traced):
        return Buffer(np.array(object, dtype, ndmin=ndmin, **options))
    refuse("array", **{k: v for k, v in options.items() if k not in ("copy", "order", "subok")})
    made = made.snapshot()
    made = made if dtype is None else narrowed(made, np.dtype(dtype))
    return Buffer(made.reshape((1,) * (ndmin - made.ndim) + made.shape))


def asarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """NumPy's `asarray`: an array or Tensor as it is, a list as in `array`. A Tensor has no order in memory."""
    if isinstance(a, Traced):
        refuse("asarray", **options)
        return a if dtype is None or a.dtype == dtype else a.astype(dtype)  # type: ignore[attr-defined]
    return (np.asarray if isinstance(a, np.ndarray) else array)(a, dtype, order=order or "K", **options)


def asanyarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """NumPy's `asanyarray`: as `asarray`, but an array of another class than ndarray stays one."""
    return (np.asanyarray if isinstance(a, np.ndarray) else asarray)(a, dtype, order, **options)


def ascontiguousarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `ascontiguousarray`: with one axis or more; Tensors as in `asarray`."""
    return _laid_out(np.ascontiguousarray, asarray(a, dtype, **options))


def asfortranarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `asfortranarray`: with one axis or more; Tensors as in `asarray`."""
    return _laid_out(np.asfortranarray, asarray(a, dtype, **options))


def _laid_out(function: Any, a: Any) -> Any:
    traced = isinstance(a, Traced)
    return np.atleast_1d(a) if traced else function(a)


def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """NumPy's `asarray_chkfinite`: raises ArgumentError (a ValueError) for NaN and infinity."""
    a = asarray(a, dtype, order)
    if a.dtype.kind in "fc" and not np.all(np.isfinite(bare(a))):
        raise ArgumentError(f"asarray_chkfinite: the array holds NaN or infinity{user_line()}")
    return a


def require(a: Any, dtype: Any = None, requirements: Any = None, **options: Any) -> Any:
    """NumPy's `require`; Tensors as in `asarray`."""
    a = asarray(a, dtype)
    return a if isinstance(a, Traced) else np.require(a, None, requirements, **options)


def fromiter(iter: Iterable[Any], dtype: Any, count: int = -1, **options: Any) -> Any:
    """NumPy's `fromiter`, which can be filled; Tensors among the items are stacked."""
    items = list(iter if count < 0 else islice(iter, count))
    return array(items if holds_tensor(items) else np.fromiter(items, dtype, count, **options), dtype)


def at(x: Any) -> At:
    """`at(x)[i].set(v)`, and add, multiply ...: `x`, an array or Tensor, with other elements there.

    >>> from tinygrad_scratch import numpy as np
    >>> np.at(np.zeros(3))[1:].add(2.0)
    array([0., 2., 2.])
    """
    return At(x if isinstance(x, Traced) else np.asarray(x))
