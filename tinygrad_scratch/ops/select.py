"""Choosing elements by conditions and by numbers. Conditions and numbers themselves have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, IndexingError, ShapeError, user_line
from ..core.primitive import implements
from ..core.trace import Traced, bind
from .arguments import as_array, in_common_dtype, one_axis, part, refuse
from .arithmetic import stop_gradient
from .index import from_front, getitem
from .values import known, within


@implements(np.take)
def take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    """NumPy's `take`. Where indices are not known, under jit, they are not checked, as in `x[indices]`."""
    refuse("take", out=out)
    a, indices = as_array(a), as_array(indices)
    if axis is None:
        a, axis = a.reshape(-1), 0
    if indices.dtype.kind == "b":  # here these are the numbers 0 and 1, no mask
        indices = indices.astype(np.intp)
    axis = one_axis(axis, a.ndim)
    return getitem(a, part(axis, inside(indices, a.shape[axis], mode, "take")))


def inside(indices: Any, n: int, mode: str, function: str) -> Any:
    """Indices into an axis of length n under NumPy's modes."""
    if mode not in ("raise", "wrap", "clip"):
        raise ArgumentError(f"{function}: mode={mode!r}, expected 'raise', 'wrap' or 'clip'{user_line()}")
    if mode != "raise" and n == 0 and indices.size:
        raise IndexingError(f"{function}: nothing can be taken from an empty axis{user_line()}")
    if mode == "wrap" and n:
        return np.remainder(indices, n)
    return np.clip(indices, 0, n - 1) if mode == "clip" else indices


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """NumPy's `take_along_axis`."""
    arr, indices = as_array(arr), as_array(indices)
    if axis is None:
        arr, axis = arr.reshape(-1), 0
    axis = one_axis(axis, arr.ndim)
    if indices.ndim != arr.ndim:
        raise IndexingError(
            f"take_along_axis: indices of shape {indices.shape} need {arr.ndim} axes, as {arr.shape} has{user_line()}"
        )
    grid: list[Any] = [np.arange(n).reshape(-1, *(1,) * (arr.ndim - 1 - i)) for i, n in enumerate(arr.shape)]
    grid[axis] = indices
    return getitem(arr, tuple(grid))


@implements(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """NumPy's `choose`: at each place the element of the choice that `a` numbers there."""
    refuse("choose", out=out)
    a, *whole = np.broadcast_arrays(as_array(a), *in_common_dtype(choices))
    if a.dtype.kind not in "biu":
        raise DtypeError(f"choose: the first argument must hold integers, got {a.dtype}{user_line()}")
    stacked = np.stack(whole)
    numbers = within("choose", inside(a.astype(np.intp), len(whole), mode, "choose"), len(whole))
    numbers = from_front(numbers, len(whole))
    return take_along_axis(stacked, numbers[None], 0)[0]


@implements(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    """NumPy's `compress`: the slices along `axis` where `condition` holds, whose value must be known."""
    refuse("compress", out=out)
    mask = np.asarray(known(condition, "compress"))
    if mask.ndim != 1:
        raise ShapeError(f"compress: the condition must be a vector, got shape {mask.shape}{user_line()}")
    return take(a, np.flatnonzero(mask), axis)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """NumPy's `extract`: the elements where `condition` holds, whose value must be known."""
    return take(arr, np.flatnonzero(known(condition, "extract")))


@implements(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """NumPy's `select`: at each place the choice of the first condition that holds there."""
    conditions, choices = list(condlist), list(choicelist)
    if len(conditions) != len(choices) or not conditions:
        raise ArgumentError(
            f"select: {len(conditions)} conditions and {len(choices)} choices, expected one choice each{user_line()}"
        )
    *choices, chosen = in_common_dtype([*choices, default])
    for condition, choice in zip(map(as_array, reversed(conditions)), reversed(choices), strict=True):
        if condition.dtype != bool:
            raise DtypeError(f"select: the conditions must be booleans, got {condition.dtype}{user_line()}")
        chosen = np.where(condition, choice, chosen)
    return chosen


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """NumPy's `piecewise`: each function of the elements where its condition holds, the last that holds; 0 elsewhere.

    Under vmap and jit, where no one knows the conditions, each function runs on as many elements as x has, with
    one that it is meant for in place of those that it is not.
    """
    x = as_array(x)
    conditions = _conditions(condlist, x, len(funclist))
    ans: Any = np.zeros(x.shape, x.dtype)
    for condition, function in zip(conditions, funclist, strict=True):
        ans = np.where(condition, _piece(function, x, condition, args, kw), ans).astype(x.dtype)
    return ans


def _conditions(condlist: Any, x: Any, functions: int) -> list[Any]:
    """One boolean array for each function."""
    several = isinstance(condlist, (list, tuple)) or np.ndim(condlist) > 0
    if not several or (x.ndim and np.ndim(condlist[0]) == 0):
        condlist = [condlist]
    conditions = [as_array(c).astype(bool) for c in condlist]
    if len(conditions) == functions - 1:
        conditions.append(np.logical_not(np.any(np.stack(conditions), axis=0)))
    if len(conditions) != functions:
        raise ArgumentError(
            f"piecewise: {len(conditions)} conditions and {functions} functions, expected one function for each "
            f"condition, and perhaps one more{user_line()}"
        )
    for condition in conditions:
        if condition.shape != x.shape:
            raise ShapeError(f"piecewise: a condition of shape {condition.shape} for x of {x.shape}{user_line()}")
    return conditions


def _piece(function: Any, x: Any, condition: Any, args: tuple[Any, ...], kw: dict[str, Any]) -> Any:
    """What `function` makes of the elements where `condition` holds; anything elsewhere."""
    if not callable(function):
        return function
    flat = x.reshape(-1)
    unknown = isinstance(condition, Traced)
    if unknown:
        one_inside = bind(stop_gradient, flat[np.argmax(condition)]) if x.size else 0
        return function(np.where(condition, x, one_inside), *args, **kw)
    places = np.flatnonzero(condition)
    if len(places) == 0:
        return 0
    made = np.broadcast_to(as_array(function(flat[places], *args, **kw)), places.shape)
    return take(made, np.maximum(np.cumsum(condition) - 1, 0).reshape(x.shape))
