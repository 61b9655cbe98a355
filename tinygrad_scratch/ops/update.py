"""An array with other elements at an index: the writing of `x[index] = v` as a function, which gives a new array.

`put` is that function, `combine` NumPy's `ufunc.at` likewise, and `At` both of them as `x.at[index].set(v)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.errors import DtypeError, MissingRuleError, ShapeError, user_line
from ..core.primitive import Emit, Primitive, register
from ..core.trace import Traced, bind
from .arguments import as_array
from .families import in_dtype, with_batch_axis
from .index import Index, behind_batch, getitem_, index_text, joined, scatter_add, taken_apart


def _setitem(x: Any, v: Any, *arrays: Any, index: Index) -> Any:
    out = np.array(x, np.result_type(x, v), order="C")
    out[joined(index, arrays)] = v
    return out


def _kept(g: Any, ans: Any, x: Any, v: Any, *arrays: Any, index: Index) -> Any:
    return in_dtype(bind(setitem_, g, np.zeros(v.shape, g.dtype), *arrays, index=index), x)


def _written(g: Any, ans: Any, x: Any, v: Any, *arrays: Any, index: Index) -> Any:
    part = bind(getitem_, g, *arrays, index=index)
    if arrays:
        part = np.where(_lasting(x.shape, v.shape, arrays, index), part, 0)
    return in_dtype(part, v)


def _lasting(shape: tuple[int, ...], v_shape: tuple[int, ...], arrays: Sequence[Any], index: Index) -> Any:
    """Which of the elements that are written are there in the end: of those for the same place, the last."""
    numbers = np.arange(math.prod(v_shape)).reshape(v_shape)
    left = bind(setitem_, np.zeros(shape, numbers.dtype), numbers, *arrays, index=index)
    return np.equal(bind(getitem_, left, *arrays, index=index), numbers)


def _setitem_batch(args: Sequence[Any], batched: Sequence[bool], index: Index) -> Any:
    x, v = with_batch_axis(args, batched)[:2]
    behind, index, source, target = behind_batch([x, *args[2:]], [True, *batched[2:]], index)
    v = np.moveaxis(v, target, source) if source else v
    return bind(setitem_, x, v, *behind[1:], index=index)


def _setitem_jvp(ts: Sequence[Any], ans: Any, x: Any, v: Any, *arrays: Any, index: Index) -> Any:
    tx, tv = [np.zeros(a.shape, a.dtype) if t is None else t for t, a in zip(ts, (x, v), strict=False)]
    return bind(setitem_, tx, tv, *arrays, index=index)


setitem_: Primitive = register(Primitive(
    "setitem",
    _setitem,
    [_kept, _written],
    _setitem_jvp,
    _setitem_batch,
    emit=Emit(
        lambda x, v, *arrays, index: "",
        lambda out, x, v, *arrays, index: f"np.copyto({out}, {x}); {out}[{index_text(index, arrays)}] = {v}",
    ),
))  # fmt: skip


def put(x: Any, index: Any, v: Any) -> Any:
    """`x` after `x[index] = v`. Of elements that are named twice the last stays; the value takes the dtype of x.

    A mask of a recorded program or a batch, whose True elements cannot be counted, takes one value for all of them.
    """
    if masks(index):
        return _where(x, index, v)
    static, arrays = taken_apart(x, index)
    return bind(setitem_, x, fitted(v, picked(x.shape, static, arrays), x.dtype), *arrays, index=static)


def combine(f: Callable[[Any, Any], Any], x: Any, index: Any, v: Any) -> Any:
    """`x` after `f.at(x, index, v)`: x[index] = f(x[index], v), one after the other for an element named repeatedly."""
    if masks(index):
        return _where(x, index, f(x, _behind(index, x, v)))
    static, arrays = taken_apart(x, index)
    shape = picked(x.shape, static, arrays)
    if not arrays:
        return put(x, static, f(bind(getitem_, x, index=static), v))
    v = fitted(v, shape)
    if f is np.add or f is np.subtract:
        total = bind(scatter_add, narrowed(v, x.dtype), *arrays, index=static, shape=x.shape)
        return f(x, total)
    if any(isinstance(a, Traced) for a in arrays):
        raise MissingRuleError(
            f"{getattr(f, '__name__', 'at')}.at: under vmap and jit indices may name an element twice{user_line()}, "
            "which only add and subtract can do there"
        )
    places = np.arange(math.prod(x.shape)).reshape(x.shape)[joined(static, arrays)].reshape(-1)
    flat, v = x.reshape(-1), v.reshape(-1)
    for chosen in _rounds(places):
        at = places[chosen]
        flat = put(flat, at, f(flat[at], v[chosen]))
    return flat.reshape(x.shape)


def _rounds(places: Any) -> list[Any]:
    """The numbers of the elements, in groups that name no place twice: the first of each place, the second ..."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    first = np.searchsorted(ordered, ordered)  # where the run of equal places begins
    number = np.arange(len(places)) - first
    return [np.sort(order[number == k]) for k in range(int(number.max(initial=-1)) + 1)]


def masks(index: Any) -> bool:
    """Whether an index is a mask whose values are not known."""
    index = index.snapshot() if isinstance(index, Traced) else index
    return isinstance(index, Traced) and index.dtype.kind == "b"


def _where(x: Any, mask: Any, v: Any) -> Any:
    if mask.ndim > x.ndim or mask.shape != x.shape[: mask.ndim]:
        raise ShapeError(f"index: a mask of shape {mask.shape} does not fit shape {x.shape}{user_line()}")
    wide = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))
    return np.where(wide, narrowed(_behind(mask, x, v), x.dtype), x)


def _behind(mask: Any, x: Any, v: Any) -> Any:
    """A value that is the same for every True, or one with an element for each of `x`."""
    v = as_array(v)
    rest = x.shape[mask.ndim :]
    if v.shape == x.shape or np.broadcast_shapes(v.shape, (1, *rest)) == (1, *rest):
        return v
    raise MissingRuleError(
        f"index: under vmap and jit a mask gives a shape that depends on values{user_line()}, so a value of shape "
        f"{v.shape} cannot be written there; give one for every element and use np.where(mask, value, x)"
    )


def picked(shape: tuple[int, ...], index: Index, arrays: Sequence[Any]) -> tuple[int, ...]:
    """The shape of `x[index]`."""
    if all(type(part) is int and -n <= part < n for part, n in zip(index, shape, strict=False)):
        return shape[len(index) :]
    nothing = np.broadcast_to(np.False_, shape)
    return np.shape(bind(getitem_, nothing, *[np.zeros(a.shape, np.intp) for a in arrays], index=index))


def fitted(v: Any, shape: tuple[int, ...], dtype: Any = None) -> Any:
    """A value as it is written into a part of that shape, and in that dtype."""
    v = as_array(v)
    while v.ndim > len(shape) and v.shape[0] == 1:
        v = v[0]
    if v.shape != shape:
        try:
            v = np.broadcast_to(v, shape)
        except ValueError:
            raise ShapeError(
                f"index: a value of shape {v.shape} does not fit into shape {shape}{user_line()}"
            ) from None
    return v if dtype is None else narrowed(v, dtype)


def narrowed(v: Any, dtype: Any) -> Any:
    """A value in the dtype of the array that takes it, unless its derivative or imaginary part would be lost."""
    if v.dtype == dtype:
        return v
    if v.dtype.kind in "fc" and not np.can_cast(v.dtype, dtype, "same_kind"):
        kind, lost, way = (
            ("complex", "imaginary part", "x.real")
            if v.dtype.kind == "c"
            else ("float", "derivative", f"x.astype({np.dtype(dtype).name})")
        )
        raise DtypeError(
            f"a {v.dtype} value cannot be written into an array of {dtype}{user_line()}: its {lost} would be lost. "
            f"Make the array with dtype={kind}, or write {way} if none is wanted"
        )
    return v.astype(dtype)


class At:
    """`x.at[index]`: what `set`, `add` and the others give is a new array; x stays (JAX's names)."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __getitem__(self, index: Any) -> Place:
        return Place(self.x, index)


class Place:
    """A place in an array."""

    def __init__(self, x: Any, index: Any) -> None:
        self.x = x.snapshot() if isinstance(x, Traced) else x
        self.index = index

    def get(self) -> Any:
        """x[index]"""
        return self.x[self.index]

    def set(self, v: Any) -> Any:
        """x after x[index] = v"""
        return put(self.x, self.index, v)

    def add(self, v: Any) -> Any:
        """x after x[index] += v, once for each time that an element is named; so do the others."""
        return combine(np.add, self.x, self.index, v)

    def subtract(self, v: Any) -> Any:
        """x after x[index] -= v"""
        return combine(np.subtract, self.x, self.index, v)

    def multiply(self, v: Any) -> Any:
        """x after x[index] *= v"""
        return combine(np.multiply, self.x, self.index, v)

    def divide(self, v: Any) -> Any:
        """x after x[index] /= v"""
        return combine(np.divide, self.x, self.index, v)

    def power(self, v: Any) -> Any:
        """x after x[index] **= v"""
        return combine(np.power, self.x, self.index, v)

    def max(self, v: Any) -> Any:
        """x after x[index] = maximum(x[index], v)"""
        return combine(np.maximum, self.x, self.index, v)

    def min(self, v: Any) -> Any:
        """x after x[index] = minimum(x[index], v)"""
        return combine(np.minimum, self.x, self.index, v)

    def apply(self, f: Callable[[Any], Any]) -> Any:
        """x after x[index] = f(x[index])"""
        return combine(lambda old, _: f(old), self.x, self.index, np.zeros((), self.x.dtype))
