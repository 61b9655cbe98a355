"""Reductions that pass over NaN: those of `reduce`, `statistics` and `cumulative` with the NaN left out.

A NaN is replaced before anything is computed with it, so its derivative is 0 and it does not reach the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, AssignmentError, user_line
from ..core.primitive import implements
from .arguments import NO, as_array, begins, given, is_mask, refuse
from .values import seen


def _without(a: Any, fill: Any) -> Any:
    return np.where(np.isnan(a), fill, a)


@implements(np.nansum)
def nansum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
           initial: Any = NO, where: Any = NO) -> Any:  # fmt: skip
    """NumPy's `nansum`."""
    refuse("nansum", out=out)
    return np.sum(_without(a, 0), axis, dtype, None, keepdims, initial, where)


@implements(np.nanprod)
def nanprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
            initial: Any = NO, where: Any = NO) -> Any:  # fmt: skip
    """NumPy's `nanprod`."""
    refuse("nanprod", out=out)
    return np.prod(_without(a, 1), axis, dtype, None, keepdims, initial, where)


@implements(np.nancumsum)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's `nancumsum`."""
    refuse("nancumsum", out=out)
    return np.cumsum(_without(a, 0), axis, dtype)


@implements(np.nancumprod)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's `nancumprod`."""
    refuse("nancumprod", out=out)
    return np.cumprod(_without(a, 1), axis, dtype)


@implements(np.nanmax)
def nanmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    """NumPy's `nanmax`; NaN where all are NaN."""
    refuse("nanmax", out=out)
    return _extreme(np.max, -np.inf, a, axis, keepdims, initial, where)


@implements(np.nanmin)
def nanmin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    """NumPy's `nanmin`; NaN where all are NaN."""
    refuse("nanmin", out=out)
    return _extreme(np.min, np.inf, a, axis, keepdims, initial, where)


def _extreme(extreme: Any, worst: float, a: Any, axis: Any, keepdims: Any, initial: Any, where: Any) -> Any:
    if a.dtype.kind not in "fc":
        return extreme(a, axis, None, keepdims, initial, where)
    ans = extreme(_without(a, worst), axis, None, keepdims, initial, where)
    if begins(initial):
        return ans
    return np.where(np.all(np.isnan(a), axis=axis, keepdims=given(keepdims)), np.nan, ans)


@implements(np.nanargmax)
def nanargmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """NumPy's `nanargmax`."""
    refuse("nanargmax", out=out)
    return np.argmax(_some("nanargmax", a, axis, -np.inf), axis, keepdims=given(keepdims))


@implements(np.nanargmin)
def nanargmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """NumPy's `nanargmin`."""
    refuse("nanargmin", out=out)
    return np.argmin(_some("nanargmin", a, axis, np.inf), axis, keepdims=given(keepdims))


def _some(function: str, a: Any, axis: Any, worst: float) -> Any:
    """`a` without its NaN. Where nothing is left an error, if the values can be looked at, else place 0."""
    if a.dtype.kind not in "fc":
        return a
    nothing = np.all(np.isnan(a), axis=axis)
    if seen(np.any(nothing)):
        raise ArgumentError(f"{function}: all elements along axis={axis} are NaN, so none is the answer")
    return _without(a, worst)


def _known(a: Any, where: Any) -> Any:
    """The mask of what is no NaN, inside the user's."""
    known = np.logical_not(np.isnan(a))
    return np.logical_and(known, where) if is_mask(where) else known


@implements(np.nanmean)
def nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO
) -> Any:
    """NumPy's `nanmean`."""
    refuse("nanmean", out=out)
    return np.mean(a, axis, dtype, None, keepdims, where=_known(a, where))


@implements(np.nanvar)
def nanvar(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
           where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    """NumPy's `nanvar`."""
    refuse("nanvar", out=out)
    known = _known(a, where)
    if mean is not NO and a.dtype.kind in "fc":  # in whose dtype NumPy subtracts it
        mean = as_array(mean).astype(a.dtype)
    return np.var(a, axis, dtype, None, ddof, keepdims, where=known, mean=mean, correction=correction)


@implements(np.nanstd)
def nanstd(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
           where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    """NumPy's `nanstd`; where all are equal the derivative is 0."""
    refuse("nanstd", out=out)
    return np.sqrt(nanvar(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction))


@implements(np.isposinf)
def isposinf(x: Any, out: Any = None) -> Any:
    """NumPy's `isposinf`."""
    refuse("isposinf", out=out)
    return np.equal(x, np.inf)


@implements(np.isneginf)
def isneginf(x: Any, out: Any = None) -> Any:
    """NumPy's `isneginf`."""
    refuse("isneginf", out=out)
    return np.equal(x, -np.inf)


@implements(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """NumPy's `nan_to_num`; the derivative of what is replaced is 0."""
    if not copy:
        raise AssignmentError(f"nan_to_num: copy=False changes x in place{user_line()}; write x = np.nan_to_num(x)")
    if x.dtype.kind == "c":
        return nan_to_num(x.real, True, nan, posinf, neginf) + 1j * nan_to_num(x.imag, True, nan, posinf, neginf)
    if x.dtype.kind != "f":
        return x
    ends = np.finfo(x.dtype)
    x = _without(x, nan)
    x = np.where(np.equal(x, np.inf), ends.max if posinf is None else posinf, x)
    return np.where(np.equal(x, -np.inf), ends.min if neginf is None else neginf, x)
