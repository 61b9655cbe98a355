"""The methods and options of NumPy's ufuncs: reduce, accumulate, reduceat, outer; dtype=, casting=, where=.

A reduction by a ufunc that NumPy also has as a function (`np.add.reduce` is `np.sum`) is that function. Any other is
put together from calls of the ufunc: by halves where it is associative, else one element after the other.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, IndexingError, MissingRuleError, not_fillable, user_line
from .arguments import NO, all_axes, as_array, begins, is_mask, masked, one_axis, part, refuse
from .cumulative import by_doubling
from .reduce import by_halves, in_front, keep, like

TOTALS: dict[np.ufunc, Callable[..., Any]] = {np.add: np.sum, np.multiply: np.prod}
EXTREMES: dict[np.ufunc, Callable[..., Any]] = {np.maximum: np.max, np.minimum: np.min}
ACCUMULATE: dict[np.ufunc, Callable[..., Any]] = {np.add: np.cumsum, np.multiply: np.cumprod}
LOGICAL = {np.logical_and, np.logical_or, np.logical_xor}
ASSOCIATIVE = LOGICAL | {
    np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.hypot, np.gcd,
    np.lcm, np.bitwise_and, np.bitwise_or, np.bitwise_xor,
}  # fmt: skip


def inputs(ufunc: np.ufunc, given: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """The inputs of `ufunc(*given, **options)`, cast as dtype= and casting= say. order= and subok= say nothing here."""
    name, options = f"np.{ufunc.__name__}", dict(options)
    if options.pop("where", True) is not True:
        raise MissingRuleError(
            f"{name}: the argument where= leaves the elements outside the mask undefined{user_line()}; write "
            f"np.where(mask, {name}(x), 0) and make x valid outside the mask"
        )
    dtype, casting = options.pop("dtype", None), options.pop("casting", "same_kind")
    options.pop("order", None)
    options.pop("subok", None)
    refuse(name, **options)
    return given if dtype is None and casting == "same_kind" else cast(ufunc, name, given, dtype, casting)


def cast(ufunc: np.ufunc, name: str, given: Sequence[Any], dtype: Any = None, casting: Any = "same_kind") -> list[Any]:
    """The inputs in the dtypes of the loop that NumPy would choose."""
    kinds = [type(x) if type(x) in (int, float, complex) else as_array(x).dtype for x in given]
    answers = None if dtype is None else np.dtype(dtype)
    signature = (*[None] * ufunc.nin, *[answers] * ufunc.nout)
    try:
        found = ufunc.resolve_dtypes((*kinds, *[None] * ufunc.nout), signature=signature, casting=casting)
    except TypeError as error:
        raise DtypeError(f"{name}: {error}{user_line()}") from error
    return [as_array(x).astype(d, copy=False) for x, d in zip(given, found, strict=False)]


def method(ufunc: np.ufunc, name: str, given: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """`ufunc.reduce`, `.accumulate`, `.reduceat` or `.outer` of Tensors, with NumPy's arguments."""
    if name not in METHODS:
        raise not_fillable(f"np.{ufunc.__name__}.{name}")
    return METHODS[name](ufunc, *given, **options)


def outer(ufunc: np.ufunc, A: Any, B: Any, **options: Any) -> Any:
    """`ufunc.outer`: of each element of A with each of B."""
    return ufunc(np.reshape(A, (*np.shape(A), *(1,) * np.ndim(B))), B, **options)


def reduce(ufunc: np.ufunc, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False,
           initial: Any = NO, where: Any = True) -> Any:  # fmt: skip
    """`ufunc.reduce`: all elements along `axis` combined."""
    if ufunc in TOTALS:
        return TOTALS[ufunc](array, axis, dtype, None, keepdims, initial, where)
    array = _as_dtype(array, dtype)
    if ufunc in EXTREMES:
        return EXTREMES[ufunc](array, axis, None, keepdims, initial, where)
    name = f"{ufunc.__name__}.reduce"
    array = np.not_equal(array, 0) if ufunc in LOGICAL else _in_loop(ufunc, array)
    start = like(initial, array) if begins(initial) else ufunc.identity
    if is_mask(where):
        array = _masked(ufunc, name, array, where, start)
    if ufunc not in ASSOCIATIVE and len(all_axes(axis, array.ndim)) > 1:
        raise ArgumentError(f"{name}: the order matters, so it takes one axis only, got axis={axis}")
    y = in_front(array, axis)
    if not len(y):
        if start is None:
            raise ArgumentError(f"{name}: an array of shape {array.shape} has nothing to begin with; give initial=")
        return keep(np.broadcast_to(start, y.shape[1:]).astype(array.dtype), array, axis, keepdims)
    rows = [start] if begins(initial) else []
    rows += [by_halves(ufunc, y)] if ufunc in ASSOCIATIVE else [*y]
    return keep(functools.reduce(ufunc, rows), array, axis, keepdims)


def _masked(ufunc: np.ufunc, name: str, array: Any, where: Any, start: Any) -> Any:
    if ufunc not in ASSOCIATIVE:
        raise MissingRuleError(f"{name}: the argument where= is not supported on a Tensor; leave it out")
    if start is None:
        raise ArgumentError(f"{name}: where= needs initial=, the answer where the mask leaves nothing")
    return masked(name, array, where, start if ufunc.identity is None else ufunc.identity)


def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """`ufunc.accumulate`: each element combined with all before it."""
    if ufunc in ACCUMULATE:
        return ACCUMULATE[ufunc](array, axis, dtype)
    array = _as_dtype(array, dtype)
    axis = one_axis(axis, array.ndim)
    if ufunc in ASSOCIATIVE:
        return by_doubling(ufunc, array, axis)
    rows = list(itertools.accumulate(np.moveaxis(array, axis, 0), ufunc))
    return np.stack(rows, axis) if rows else array


def reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """`ufunc.reduceat`: the reduction of array[i:j] for each pair of neighbours i < j in `indices`, else array[i]."""
    axis = one_axis(axis, array.ndim)
    starts, n = [int(i) for i in indices], array.shape[axis]
    if not all(0 <= i < n for i in starts):
        raise IndexingError(f"{ufunc.__name__}.reduceat: indices {starts} for an axis of length {n}{user_line()}")
    ends = [max(i + 1, j) for i, j in zip(starts, [*starts[1:], n], strict=True)]
    pieces = [array[part(axis, slice(i, j))] for i, j in zip(starts, ends, strict=True)]
    return np.stack([reduce(ufunc, piece, axis, dtype) for piece in pieces], axis)


def _in_loop(ufunc: np.ufunc, array: Any) -> Any:
    """The array in the dtype of the loop by which NumPy reduces it."""
    return _as_dtype(array, ufunc.resolve_dtypes((None, array.dtype, None), reduction=True)[1])


def _as_dtype(array: Any, dtype: Any) -> Any:
    return array if dtype is None else array.astype(dtype, copy=False)


METHODS: dict[str, Callable[..., Any]] = {
    "reduce": reduce, "accumulate": accumulate, "reduceat": reduceat, "outer": outer,
}  # fmt: skip
