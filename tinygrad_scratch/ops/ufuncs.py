"""The methods and options of NumPy's ufuncs: reduce, accumulate, reduceat, outer; dtype=, casting=, where=.

A reduction by a ufunc that NumPy also has as a function (`np.add.reduce` is `np.sum`) is that function. Any other is
put together from calls of the ufunc: by halves where it is associative, else one element after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, AssignmentError, DtypeError, MissingRuleError, user_line
from ..core.primitive import FUNCTIONS, UFUNCS
from .arguments import NO, all_axes, as_array, is_mask, masked, one_axis, part, refuse
from .cumulative import by_doubling
from .reduce import by_halves, in_front, keep, like

REDUCE: dict[np.ufunc, Callable[..., Any]] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
}  # fmt: skip
QUESTIONS: dict[np.ufunc, Callable[..., Any]] = {np.logical_and: np.all, np.logical_or: np.any}
ACCUMULATE: dict[np.ufunc, Callable[..., Any]] = {np.add: np.cumsum, np.multiply: np.cumprod}
ASSOCIATIVE = {
    np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.hypot, np.gcd,
    np.lcm, np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or, np.bitwise_xor,
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
    return given if dtype is None and casting == "same_kind" else _cast(ufunc, name, given, dtype, casting)


def _cast(ufunc: np.ufunc, name: str, given: tuple[Any, ...], dtype: Any, casting: Any) -> list[Any]:
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
        raise AssignmentError(
            f"np.{ufunc.__name__}.{name}: a Tensor cannot be changed in place, nor written into a plain array"
            f"{user_line()}; build the result with np.where, np.bincount(index, weights) or np.concatenate"
        )
    if ufunc.signature is not None or (ufunc not in UFUNCS and ufunc not in FUNCTIONS):
        raise MissingRuleError(
            f"np.{ufunc.__name__}.{name} has no rule for a Tensor{user_line()}; call np.{ufunc.__name__} itself, or "
            "pass tg.stop_gradient(x) if no derivative is wanted"
        )
    return METHODS[name](ufunc, *given, **options)


def outer(ufunc: np.ufunc, A: Any, B: Any, **options: Any) -> Any:
    """`ufunc.outer`: of each element of A with each of B."""
    return ufunc(np.reshape(A, (*np.shape(A), *(1,) * np.ndim(B))), B, **options)


def reduce(ufunc: np.ufunc, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False,
           initial: Any = NO, where: Any = True) -> Any:  # fmt: skip
    """`ufunc.reduce`: all elements along `axis` combined."""
    if ufunc in REDUCE:
        options: dict[str, Any] = {} if dtype is None else {"dtype": dtype}
        if ufunc in (np.maximum, np.minimum):
            array, options = _as_dtype(array, dtype), {}
        return REDUCE[ufunc](array, axis=axis, keepdims=keepdims, initial=initial, where=where, **options)
    name = f"{ufunc.__name__}.reduce"
    refuse(name, dtype=dtype if ufunc in QUESTIONS else None)
    if ufunc in QUESTIONS and initial is NO:
        return QUESTIONS[ufunc](array, axis=axis, keepdims=keepdims, where=where)
    _check_binary(ufunc, "reduce")
    array = _as_dtype(array, dtype)
    if ufunc not in ASSOCIATIVE and len(all_axes(axis, array.ndim)) > 1:
        raise ArgumentError(f"{name}: the order matters, so it takes one axis only, got axis={axis}")
    begins = initial is not NO and initial is not None
    start = like(initial, array) if begins else ufunc.identity
    if is_mask(where):
        if start is None:
            raise ArgumentError(f"{name}: where= needs initial=, the answer where the mask leaves nothing")
        array = _masked(ufunc, name, array, where, start)
    y = in_front(array, axis)
    if not len(y):
        if start is None:
            raise ArgumentError(f"{name}: an array of shape {array.shape} has nothing to begin with; give initial=")
        return keep(np.broadcast_to(start, y.shape[1:]).astype(array.dtype), array, axis, keepdims)
    ans = by_halves(ufunc, y) if ufunc in ASSOCIATIVE else _one_by_one(ufunc, y)[-1]
    if begins:
        ans = ufunc(start, ans) if ufunc in ASSOCIATIVE else _one_by_one(ufunc, [start, *y])[-1]
    return keep(ans, array, axis, keepdims)


def _masked(ufunc: np.ufunc, name: str, array: Any, where: Any, start: Any) -> Any:
    if ufunc not in ASSOCIATIVE:
        raise MissingRuleError(f"{name}: the argument where= is not supported on a Tensor; leave it out")
    return masked(name, array, where, start if ufunc.identity is None else ufunc.identity)


def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """`ufunc.accumulate`: each element combined with all before it."""
    if ufunc in ACCUMULATE:
        return ACCUMULATE[ufunc](array, axis=axis, dtype=dtype)
    _check_binary(ufunc, "accumulate")
    array = _as_dtype(array, dtype)
    axis = one_axis(axis, array.ndim)
    if ufunc in ASSOCIATIVE:
        return by_doubling(ufunc, array, axis)
    rows = np.moveaxis(array, axis, 0)
    return np.stack(_one_by_one(ufunc, rows), axis) if len(rows) else array


def reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """`ufunc.reduceat`: the reduction of array[i:j] for each pair of neighbours i < j in `indices`, else array[i]."""
    _check_binary(ufunc, "reduceat")
    axis = one_axis(axis, array.ndim)
    ends = [*indices[1:], array.shape[axis]]
    pieces = [array[part(axis, slice(i, j if i < j else i + 1))] for i, j in zip(indices, ends, strict=True)]
    return np.stack([reduce(ufunc, piece, axis, dtype) for piece in pieces], axis)


def _check_binary(ufunc: np.ufunc, name: str) -> None:
    if ufunc.nin != 2 or ufunc.nout != 1:
        raise ArgumentError(f"{ufunc.__name__}.{name}: only a ufunc of two arguments and one answer has it")


def _as_dtype(array: Any, dtype: Any) -> Any:
    return array if dtype is None else array.astype(dtype, copy=False)


def _one_by_one(ufunc: np.ufunc, rows: Any) -> list[Any]:
    made: list[Any] = []
    for row in rows:
        made.append(ufunc(made[-1], row) if made else row)
    return made


METHODS: dict[str, Callable[..., Any]] = {
    "reduce": reduce, "accumulate": accumulate, "reduceat": reduceat, "outer": outer,
}  # fmt: skip
