"""NumPy's functions that write into their first argument, each as a function that gives what is there afterwards."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, MissingRuleError, not_fillable, user_line
from ..core.trace import Traced
from ..ops.arguments import as_array, cast_by, one_axis, weak_or_array
from ..ops.update import masks, put
from .reading import contents, is_buffer, itself, plain


def _writes(function: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: `function` of NumPy writes into a buffer; with Tensors among its arguments, what this one gives."""

    def enter(update: Callable[..., Any]) -> Callable[..., Any]:
        parameters = inspect.signature(update)

        def written(*args: Any, **kwargs: Any) -> None:
            bound = parameters.bind(*args, **kwargs)
            bound.apply_defaults()
            target, *rest = bound.arguments.values()
            if is_buffer(target):
                target.change(function, update, *rest)
            elif plain((target, *rest)):
                function(target, *contents(tuple(rest)))
            else:
                raise not_fillable(f"np.{function.__name__}")

        itself(function)(written)
        return update

    return enter


@_writes(np.copyto)
def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> Any:
    src = weak_or_array(src)
    dtype = np.result_type(src, dst.dtype) if type(src) in (int, float, complex) else src.dtype
    return np.where(where, cast_by("copyto", as_array(src).astype(dtype, copy=False), dst.dtype, casting), dst)


@_writes(np.put)
def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> Any:
    places = _in_range(as_array(ind), a.size, mode).reshape(-1)
    return put(a.reshape(-1), places, _cycled(v, places.size)).reshape(a.shape) if places.size else a


def _in_range(ind: Any, n: int, mode: str) -> Any:
    """Flat indices as NumPy's three modes take them."""
    if mode not in ("raise", "wrap", "clip"):
        raise ArgumentError(f"put: mode={mode!r}{user_line()}, expected 'raise', 'wrap' or 'clip'")
    return ind if mode == "raise" else ind % n if mode == "wrap" else np.clip(ind, 0, n - 1)


def _cycled(v: Any, n: int) -> Any:
    """The values of v, again and again, n in all."""
    v = as_array(v).reshape(-1)
    return v if v.size == n else v[np.arange(n) % v.size]


@_writes(np.putmask)
def _putmask(a: Any, mask: Any, values: Any) -> Any:
    return np.where(mask, _cycled(_safely("putmask", values, a), a.size).reshape(a.shape), a)


def _safely(function: str, v: Any, target: Any) -> Any:
    """The values in the dtype of the array that takes them, as these two take arrays; of a list, each element."""
    return cast_by(function, v, target.dtype, "safe") if hasattr(v, "dtype") else as_array(v).astype(target.dtype)


@_writes(np.place)
def _place(arr: Any, mask: Any, vals: Any) -> Any:
    mask = as_array(mask).reshape(-1)
    if masks(mask) and np.size(vals) != 1:
        raise MissingRuleError(
            f"place: which value goes where depends on the values of the mask{user_line()}, which under vmap and jit "
            "are not known; use np.putmask or np.where"
        )
    n = arr.size if isinstance(mask, Traced) else int(np.count_nonzero(mask))
    return put(arr.reshape(-1), mask, _cycled(_safely("place", vals, arr), n)).reshape(arr.shape) if n else arr


@_writes(np.fill_diagonal)
def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> Any:
    if a.ndim < 2 or (a.ndim > 2 and len(set(a.shape)) != 1):
        raise ArgumentError(f"fill_diagonal: shape {a.shape}{user_line()} needs two axes, or more of one length")
    step = 1 + sum([int(np.prod(a.shape[i + 1 :])) for i in range(a.ndim - 1)])
    stop = a.shape[1] ** 2 if a.ndim == 2 and not wrap else None
    flat = slice(0, stop, step)
    return put(a.reshape(-1), flat, _cycled(val, len(range(a.size)[flat]))).reshape(a.shape)


@_writes(np.put_along_axis)
def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None = -1) -> Any:
    if axis is None:
        return put(arr.reshape(-1), indices, values).reshape(arr.shape)
    axis = one_axis(axis, arr.ndim)
    grid: list[Any] = [np.arange(n).reshape(-1, *(1,) * (arr.ndim - 1 - i)) for i, n in enumerate(arr.shape)]
    grid[axis] = indices
    return put(arr, tuple(grid), values)
