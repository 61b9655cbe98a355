"""Reductions along axes: sums, products, extremes and questions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError
from ..core.primitive import Emit, Primitive, implements, register
from ..core.trace import bind, evaluate
from .arguments import NO, all_axes, as_array, axes, begins, count, flat_unless, given, is_mask, masked, refuse
from .explog import share
from .families import Axes, behind_batch_axis, broadcast_to, kept_shape, linear, reduction


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
    top = np.max(np.real(x), axis=axis, keepdims=True) if x.size else np.zeros((), x.real.dtype)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):  # the log of an empty sum, when all are -inf, is -inf
        ans = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    if keepdims:
        return ans
    return ans.reshape(())[()] if axis is None else np.squeeze(ans, axis)


logsumexp_ = reduction("logsumexp", _logsumexp, lambda ans, x, axis: np.exp(share(x, ans)))


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
    if out is not None:
        refuse("sum", out=out)
    if dtype is not None:
        a = a.astype(dtype)
    if where is not NO and is_mask(where):
        a = masked("sum", a, where, 0)
    over = None if axis is None else axes(axis, a.ndim)
    total = evaluate(sum_, (a,), {"axis": over, "keepdims": keepdims is not False and given(keepdims)})
    if initial is not NO and begins(initial):
        total = total + like(initial, total)
    return total if dtype is None else narrow(total, dtype)


def narrow(total: Any, dtype: Any) -> Any:
    """A sum in the dtype that was asked for; small integers are added up as large ones, and wrap the same."""
    return total if total.dtype == dtype else total.astype(dtype)


def like(initial: Any, total: Any) -> Any:
    """The number that a reduction begins with, in the dtype of that."""
    return as_array(initial).astype(total.dtype)


@implements(np.max, np.amax)
def max(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    """NumPy's `max`; those that tie share the derivative equally."""
    refuse("max", out=out)
    return _extreme("max", max_, np.maximum, a, axis, keepdims, initial, where)


@implements(np.min, np.amin)
def min(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    """NumPy's `min`; those that tie share the derivative equally."""
    refuse("min", out=out)
    return _extreme("min", min_, np.minimum, a, axis, keepdims, initial, where)


def _extreme(function: str, prim: Primitive, ufunc: np.ufunc, a: Any, axis: Any, keepdims: Any,
             initial: Any, where: Any) -> Any:  # fmt: skip
    over, keepdims = axes(axis, a.ndim), given(keepdims)
    if is_mask(where):
        if not begins(initial):
            raise ArgumentError(f"{function}: where= needs initial=, the answer where the mask leaves nothing")
        a = masked(function, a, where, like(initial, a))
    if not begins(initial):
        return bind(prim, a, axis=over, keepdims=keepdims)
    if count(a, axis) == 0:  # the empty sum has the shape
        return sum(a, axis, a.dtype, keepdims=keepdims) + like(initial, a)
    return ufunc(bind(prim, a, axis=over, keepdims=keepdims), like(initial, a))


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """NumPy's `ptp`: max(a) - min(a)."""
    refuse("ptp", out=out)
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


def by_halves(combine: Any, y: Any) -> Any:
    """The elements along the first axis, at least one, combined by an associative operation: log2(n) steps."""
    while len(y) > 1:
        half = len(y) // 2
        paired = combine(y[:half], y[half : 2 * half])
        y = np.concatenate([paired, y[2 * half :]]) if len(y) % 2 else paired
    return y[0]


def in_front(a: Any, axis: Any) -> Any:
    """`a` with the axes to be reduced as one axis in front."""
    over = all_axes(axis, a.ndim)
    rest = [n for i, n in enumerate(a.shape) if i not in over]
    return np.moveaxis(a, over, range(len(over))).reshape(count(a, over), *rest)


def keep(reduced: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    """What is left of `a` when `axis` is reduced, with those axes as 1 if wanted."""
    return reduced.reshape(kept_shape(a.shape, axes(axis, a.ndim))) if given(keepdims) else reduced


@implements(np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
         initial: Any = NO, where: Any = NO) -> Any:  # fmt: skip
    """NumPy's `prod`, by halves: log2(n) products, each with an exact derivative, zeros among the elements included."""
    refuse("prod", out=out)
    dtype = wide(np.prod, a) if dtype is None else dtype
    if a.dtype != dtype:
        a = a.astype(dtype)
    if is_mask(where):
        a = masked("prod", a, where, 1)
    y = in_front(a, axis)
    total = by_halves(np.multiply, y) if len(y) else np.ones(y.shape[1:], a.dtype)[()]
    if begins(initial):
        total = total * like(initial, total)
    return keep(total, a, axis, keepdims)


def wide(function: Any, a: Any) -> np.dtype[Any]:
    """The dtype of NumPy's sums and products of such elements: small integers go as large ones."""
    return function(np.ones(1, a.dtype)).dtype  # type: ignore[no-any-return]


@implements(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """NumPy's `count_nonzero`."""
    return np.sum(np.not_equal(a, 0), axis=axis, dtype=np.intp, keepdims=given(keepdims))


@implements(np.all)
def all(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    """NumPy's `all`."""
    refuse("all", out=out)
    a = masked("all", np.not_equal(a, 0), where, True) if is_mask(where) else a
    return bind(all_, a, axis=axes(axis, a.ndim), keepdims=given(keepdims))


@implements(np.any)
def any(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    """NumPy's `any`."""
    refuse("any", out=out)
    a = masked("any", np.not_equal(a, 0), where, False) if is_mask(where) else a
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
    row, along = flat_unless(a, axis)
    return keep(bind(prim, row, axis=along), a, axis, keepdims)


def logsumexp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(a))) along `axis`, without overflow (SciPy's `special.logsumexp`)."""
    a = np.asarray(a) if isinstance(a, (list, tuple, float, int)) else a
    return bind(logsumexp_, a, axis=axes(axis, a.ndim), keepdims=keepdims)
