"""Reductions along axes, and cumulative sums.

The functions take NumPy's arguments and bring `axis` into the form that the operations want: None, or a tuple of
axes counted from the front.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import MissingRuleError
from ..core.primitive import Emit, Primitive, implements, register
from ..core.trace import bind, evaluate
from .families import Axes, behind_batch_axis, broadcast_to, kept_shape, linear, reduction

NO = np._NoValue  # NumPy's mark of an argument that was not given


def axes(axis: Any, ndim: int) -> Axes | None:
    """`axis` as None or a tuple counted from the front. Raises NumPy's AxisError."""
    if axis is None:
        return None
    if type(axis) is int and 0 <= axis < ndim:
        return (axis,)
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def one_axis(axis: Any, ndim: int) -> int:
    """`axis` counted from the front. Raises NumPy's AxisError."""
    return np.lib.array_utils.normalize_axis_index(axis, ndim)


def given(option: Any) -> bool:
    """A boolean option of NumPy's, which may be its mark for "not given"."""
    return option is not NO and bool(option)


def refuse(function: str, **options: Any) -> None:
    """Refuse those options of NumPy's that were given and that Tensors do not have."""
    for name, value in options.items():
        if value is not None and value is not NO:
            raise MissingRuleError(f"{function}: the argument {name}= is not supported on a Tensor; leave it out")


def _sum_transpose(g: Any, ans: Any, x: Any, axis: Axes | None, keepdims: bool) -> Any:
    if axis is not None and not keepdims:
        g = g.reshape(kept_shape(x.shape, axis))
    if isinstance(g, np.generic):  # the sum of all: straight to the array
        return broadcast_to.impl(g, x.shape)
    return bind(broadcast_to, g, shape=x.shape)


def _reducer(function: str, ufunc: str) -> Emit:
    """How compiled programs write the reduction by a ufunc, which NumPy also has as a function."""

    def text(x: str, axis: Axes | None, keepdims: bool) -> str:
        return f"np.{function}({x}{_axis_text(axis)}{', keepdims=True' if keepdims else ''})"

    def into(out: str, x: str, axis: Axes | None, keepdims: bool) -> str:
        return f"np.{ufunc}.reduce({x}, {axis}, None, {out}, {keepdims})"

    return Emit(text, into, function)


def _axis_text(axis: Axes | int | None) -> str:
    one = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    return "" if axis is None else f", axis={one}"


sum_ = linear(
    "sum",
    lambda x, axis, keepdims: np.add.reduce(x, axis, keepdims=keepdims),
    _sum_transpose,
    emit=_reducer("sum", "add"),
)


def _extreme_weight(ans: Any, x: Any, axis: Axes | None) -> Any:
    """Equal shares for all that tie."""
    hit = np.equal(x, ans).astype(ans.dtype)
    return hit * (1 / np.sum(hit, axis=axis, keepdims=True))  # a division of the few, not of all


max_ = reduction(
    "max",
    lambda x, axis, keepdims: np.maximum.reduce(x, axis=axis, keepdims=keepdims),
    _extreme_weight,
    _reducer("max", "maximum"),
)
min_ = reduction(
    "min",
    lambda x, axis, keepdims: np.minimum.reduce(x, axis=axis, keepdims=keepdims),
    _extreme_weight,
    _reducer("min", "minimum"),
)


def _logsumexp(x: Any, axis: Axes | None, keepdims: bool) -> Any:
    top = np.max(np.real(x), axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):  # the log of an empty sum, when all are -inf, is -inf
        ans = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    if keepdims:
        return ans
    return ans.reshape(())[()] if axis is None else np.squeeze(ans, axis)


logsumexp_ = reduction(
    "logsumexp", _logsumexp, lambda ans, x, axis: np.exp(x - np.where(np.equal(ans, -np.inf), 0, ans))
)  # fmt: skip


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


def _constant(name: str, impl: Any) -> Primitive:
    def text(x: str, axis: Axes | int | None, keepdims: bool = False) -> str:
        return f"np.{name}({x}{_axis_text(axis)}{', keepdims=True' if keepdims else ''})"

    prim = Primitive(name, impl, emit=Emit(text))
    prim.batch = behind_batch_axis(prim)
    return register(prim)


all_ = _constant("all", lambda x, axis, keepdims: np.all(x, axis=axis, keepdims=keepdims))
any_ = _constant("any", lambda x, axis, keepdims: np.any(x, axis=axis, keepdims=keepdims))
argmax_ = _constant("argmax", lambda x, axis: np.argmax(x, axis=axis))
argmin_ = _constant("argmin", lambda x, axis: np.argmin(x, axis=axis))


@implements(np.sum)
def sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
        initial: Any = NO, where: Any = NO) -> Any:  # fmt: skip
    """NumPy's `sum`."""
    if out is not None or initial is not NO:
        refuse("sum", out=out, initial=initial)
    if dtype is not None:
        a = a.astype(dtype)
    if where is not NO and where is not True:
        a = np.where(where, a, 0)
    over = None if axis is None else axes(axis, a.ndim)
    total = evaluate(sum_, (a,), {"axis": over, "keepdims": keepdims is not False and given(keepdims)})
    return total if dtype is None else _narrow(total, dtype)


def _narrow(total: Any, dtype: Any) -> Any:
    """A sum in the dtype that was asked for; small integers are added up as large ones, and wrap the same."""
    return total if total.dtype == dtype else total.astype(dtype)


@implements(np.mean)
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO
) -> Any:
    """NumPy's `mean`: sum(a) / n, of float16 in float32, of integers in float64."""
    if a.dtype == np.float16 and dtype is None:
        return mean(a, axis, np.float32, out, keepdims, where=where).astype(np.float16)
    dtype = _of_integers(a, dtype)
    total = sum(a, axis, dtype, out, keepdims, NO, where)
    if where is NO or where is True:
        return total / count(a, axis)
    n = np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=given(keepdims))
    return total / n.astype(total.dtype if total.dtype.kind in "fc" else float)


def _of_integers(a: Any, dtype: Any) -> Any:
    """The dtype of a mean: float64 for integers, whose sum may not fit theirs."""
    return float if dtype is None and a.dtype.kind in "biu" else dtype


def count(a: Any, axis: Any) -> int:
    """How many elements each sum along `axis` has."""
    if axis is None:
        return a.size  # type: ignore[no-any-return]
    return math.prod([a.shape[i] for i in axes(axis, a.ndim) or ()])


@implements(np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
        where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    """NumPy's `var`: sum(|a - mean(a)|**2) / (n - ddof)."""
    refuse("var", out=out, where=where, mean=mean)
    dtype = _of_integers(a, dtype)
    if dtype is not None:
        a = a.astype(dtype)
    centre = sum(a, axis, keepdims=True) / count(a, axis)
    ddof = ddof if correction is NO else correction
    return sum(square_of_size(a - centre), axis, keepdims=keepdims) / (count(a, axis) - ddof)


def square_of_size(x: Any) -> Any:
    """|x|**2, real."""
    return np.square(x.real) + np.square(x.imag) if x.dtype.kind == "c" else np.square(x)


@implements(np.std)
def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
        where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    """NumPy's `std`: sqrt(var(a))."""
    return np.sqrt(var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction))


@implements(np.max, np.amax)
def max(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    """NumPy's `max`; those that tie share the derivative equally."""
    refuse("max", out=out, initial=initial, where=where)
    return bind(max_, a, axis=axes(axis, a.ndim), keepdims=given(keepdims))


@implements(np.min, np.amin)
def min(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    """NumPy's `min`; those that tie share the derivative equally."""
    refuse("min", out=out, initial=initial, where=where)
    return bind(min_, a, axis=axes(axis, a.ndim), keepdims=given(keepdims))


@implements(np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
         initial: Any = NO, where: Any = NO) -> Any:  # fmt: skip
    """NumPy's `prod`, by halves: log2(n) products, each with an exact derivative, zeros among the elements included."""
    refuse("prod", out=out, initial=initial)
    if dtype is None:
        dtype = np.prod(np.ones(1, a.dtype)).dtype  # small integers are multiplied as large ones
    if a.dtype != dtype:
        a = a.astype(dtype)
    if where is not NO and where is not True:
        a = np.where(where, a, 1)
    over = axes(axis, a.ndim)
    over = tuple(range(a.ndim)) if over is None else over
    kept = kept_shape(a.shape, over)
    rest = tuple(n for i, n in enumerate(a.shape) if i not in over)
    y = np.moveaxis(a, over, range(len(over))).reshape(-1 if a.size else count(a, over), *rest)
    while len(y) > 1:
        half = len(y) // 2
        paired = y[:half] * y[half : 2 * half]
        y = np.concatenate([paired, y[2 * half :]]) if len(y) % 2 else paired
    if len(y) == 0:
        y = np.ones((1, *rest), a.dtype)
    return y.reshape(kept) if given(keepdims) else y[0]


@implements(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's `cumsum`."""
    refuse("cumsum", out=out)
    if dtype is not None:
        a = a.astype(dtype)
    if axis is None:
        a, axis = a.reshape(-1), 0
    total = bind(cumsum_, a, axis=one_axis(axis, a.ndim))
    return total if dtype is None else _narrow(total, dtype)


@implements(np.all)
def all(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    """NumPy's `all`."""
    refuse("all", out=out, where=where)
    return bind(all_, a, axis=axes(axis, a.ndim), keepdims=given(keepdims))


@implements(np.any)
def any(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    """NumPy's `any`."""
    refuse("any", out=out, where=where)
    return bind(any_, a, axis=axes(axis, a.ndim), keepdims=given(keepdims))


@implements(np.argmax)
def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """NumPy's `argmax`."""
    refuse("argmax", out=out)
    return _position(argmax_, a, axis, keepdims)


@implements(np.argmin)
def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """NumPy's `argmin`."""
    refuse("argmin", out=out)
    return _position(argmin_, a, axis, keepdims)


def _position(prim: Primitive, a: Any, axis: Any, keepdims: Any) -> Any:
    over = axes(axis, a.ndim)
    flat = a.reshape(-1) if over is None else a
    ans = bind(prim, flat, axis=0 if over is None else over[0])
    return ans.reshape(kept_shape(a.shape, over)) if given(keepdims) else ans


def logsumexp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(a))) along `axis`, without overflow (SciPy's `special.logsumexp`)."""
    a = np.asarray(a) if isinstance(a, (list, tuple, float, int)) else a
    return bind(logsumexp_, a, axis=axes(axis, a.ndim), keepdims=keepdims)
