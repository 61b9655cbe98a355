"""Cumulative sums and products, and their inverse, differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import bind
from .arguments import NO, as_array, flat_unless, newer, one_axis, part, refuse
from .families import linear
from .reduce import narrow, wide


def _last_sums_first(g: Any, ans: Any, x: Any, axis: int) -> Any:
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


cumsum_ = linear(
    "cumsum",
    lambda x, axis: np.add.accumulate(x, axis),
    _last_sums_first,
    emit=Emit(
        lambda x, axis: f"np.cumsum({x}, axis={axis})",
        lambda out, x, axis: f"np.add.accumulate({x}, {axis}, None, {out})",
    ),
)


@implements(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's `cumsum`."""
    refuse("cumsum", out=out)
    if dtype is not None:
        a = a.astype(dtype)
    a, axis = flat_unless(a, axis)
    total = bind(cumsum_, a, axis=axis)
    return total if dtype is None else narrow(total, dtype)


def by_doubling(combine: Any, a: Any, axis: int) -> Any:
    """All that come before, and each itself, combined by an associative operation: log2(n) steps on whole arrays.

    W. D. Hillis and G. L. Steele, Data parallel algorithms, Comm. ACM 29 (1986) 1170-1183.
    """
    step = 1
    while step < a.shape[axis]:
        first, rest, earlier = a[part(axis, slice(step))], a[part(axis, slice(step, None))], part(axis, slice(-step))
        a = np.concatenate([first, combine(a[earlier], rest)], axis)
        step *= 2
    return a


@implements(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's `cumprod`, by doubling: no division, so that the derivative is exact where there are zeros."""
    refuse("cumprod", out=out)
    a = a.astype(wide(np.cumprod, a) if dtype is None else dtype, copy=False)
    return by_doubling(np.multiply, *flat_unless(a, axis))


@implements(*newer("cumulative_sum"))
def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
                   include_initial: bool = False) -> Any:  # fmt: skip
    """NumPy's `cumulative_sum`: `cumsum`, after a 0 if `include_initial`."""
    refuse("cumulative_sum", out=out)
    x, axis = _one_row("cumulative_sum", x, axis)
    return _after(0, cumsum(x, axis, dtype), axis, include_initial)


@implements(*newer("cumulative_prod"))
def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
                    include_initial: bool = False) -> Any:  # fmt: skip
    """NumPy's `cumulative_prod`: `cumprod`, after a 1 if `include_initial`."""
    refuse("cumulative_prod", out=out)
    x, axis = _one_row("cumulative_prod", x, axis)
    return _after(1, cumprod(x, axis, dtype), axis, include_initial)


def _one_row(function: str, x: Any, axis: Any) -> tuple[Any, int]:
    x = np.atleast_1d(x)
    if axis is None and x.ndim > 1:
        raise ArgumentError(f"{function}: an array of shape {x.shape} needs axis={user_line()}")
    return x, 0 if axis is None else one_axis(axis, x.ndim)


def _after(first: int, ans: Any, axis: int, wanted: bool) -> Any:
    if not wanted:
        return ans
    row = np.full((*ans.shape[:axis], 1, *ans.shape[axis + 1 :]), first, ans.dtype)
    return np.concatenate([row, ans], axis)


@implements(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = NO, append: Any = NO) -> Any:
    """NumPy's `diff`: a[1:] - a[:-1] along `axis`, n times."""
    if n < 0:
        raise ArgumentError(f"diff: n={n} must not be negative")
    if n == 0:
        return a
    a = as_array(a)
    if a.ndim == 0:
        raise ArgumentError("diff: the argument has no axes, expected at least one")
    axis = one_axis(axis, a.ndim)
    parts = [_edge(prepend, a, axis), a, _edge(append, a, axis)]
    parts = [p for p in parts if p is not None]
    a = np.concatenate(parts, axis) if len(parts) > 1 else a
    subtract = np.not_equal if a.dtype == bool else np.subtract
    for _ in range(n):
        a = subtract(a[part(axis, slice(1, None))], a[part(axis, slice(None, -1))])
    return a


def _edge(values: Any, a: Any, axis: int) -> Any:
    """What stands before or after `a`: a number stands for one element a row."""
    if values is NO:
        return None
    values = as_array(values)
    return values if values.ndim else np.broadcast_to(values, (*a.shape[:axis], 1, *a.shape[axis + 1 :]))


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """NumPy's `ediff1d`: the differences of all elements in a row, between `to_begin` and `to_end`."""
    ary = np.ravel(as_array(ary))
    begin, end = _end("to_begin", to_begin, ary.dtype), _end("to_end", to_end, ary.dtype)
    return np.concatenate([begin, ary[1:] - ary[:-1], end])


def _end(name: str, values: Any, dtype: Any) -> Any:
    if values is None:
        return np.zeros(0, dtype)
    row = np.ravel(as_array(values))
    if not np.can_cast(row.dtype, dtype, "same_kind"):
        raise ArgumentError(f"ediff1d: {name}= of dtype {row.dtype} does not fit an array of {dtype}")
    return row.astype(dtype)
