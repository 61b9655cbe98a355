"""Sorting and searching. The order is constant where it is defined, so a sort is an argsort followed by indexing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, MissingRuleError, user_line
from ..core.primitive import Emit, Primitive, implements, register
from ..core.trace import Traced, bind
from .arguments import as_array, flat_unless, refuse, require_real
from .families import behind_batch_axis
from .values import seen

argsort_ = register(
    Primitive(
        "argsort",
        lambda x, axis, kind: np.argsort(x, axis, kind=kind),
        emit=Emit(lambda x, axis, kind: f"np.argsort({x}, {axis}, {kind!r})"),
    )
)
argsort_.batch = behind_batch_axis(argsort_)

argpartition_ = register(
    Primitive(
        "argpartition",
        lambda x, axis, kth: np.argpartition(x, kth, axis),
        emit=Emit(lambda x, axis, kth: f"np.argpartition({x}, {kth}, {axis})"),
    )
)
argpartition_.batch = behind_batch_axis(argpartition_)


def _searchsorted_batch(args: Sequence[Any], batched: Sequence[bool], side: str) -> Any:
    return NotImplemented if batched[0] else bind(searchsorted_, *args, side=side)


searchsorted_: Primitive = register(
    Primitive(
        "searchsorted",
        lambda a, v, side: np.searchsorted(a, v, side),
        batch=_searchsorted_batch,
        emit=Emit(lambda a, v, side: f"np.searchsorted({a}, {v}, {side!r})"),
    )
)


@implements(np.argsort)
def argsort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> Any:
    """NumPy's `argsort`."""
    refuse("argsort", order=order)
    a, axis = flat_unless(a, axis)
    return bind(argsort_, a, axis=axis, kind="stable" if stable else kind)


@implements(np.sort)
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> Any:
    """NumPy's `sort`; elements that tie keep the derivatives of their places in the argsort."""
    a, axis = flat_unless(a, axis)
    return np.take_along_axis(a, argsort(a, axis, kind, order, stable=stable), axis)


@implements(np.argpartition)
def argpartition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Any:
    """NumPy's `argpartition`."""
    refuse("argpartition", order=order)
    if isinstance(kth, Traced):
        raise ArgumentError(f"argpartition: kth= must be plain whole numbers, got a Tensor{user_line()}")
    a, axis = flat_unless(a, axis)
    return bind(argpartition_, a, axis=axis, kth=tuple(np.ravel(kth).tolist()))


@implements(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Any:
    """NumPy's `partition`, by an argpartition."""
    a, axis = flat_unless(a, axis)
    return np.take_along_axis(a, argpartition(a, kth, axis, kind, order), axis)


@implements(np.lexsort)
def lexsort(keys: Any, axis: int = -1) -> Any:
    """NumPy's `lexsort`: a stable argsort by each key after the other, the last key being the first in rank."""
    order: Any = None
    for key in keys:
        key = as_array(key)
        ranked = key if order is None else np.take_along_axis(key, order, axis)
        places = np.argsort(ranked, axis, stable=True)
        order = places if order is None else np.take_along_axis(order, places, axis)
    if order is None:
        raise ArgumentError("lexsort: expected at least one key")
    return order


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """NumPy's `searchsorted`; the places are constant."""
    if side not in ("left", "right"):
        raise ArgumentError(f"searchsorted: side={side!r}, expected 'left' or 'right'")
    a = as_array(a)
    if sorter is not None:
        a = np.take_along_axis(a, as_array(sorter), 0)
    return bind(searchsorted_, a, as_array(v), side=side)


@implements(np.digitize)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """NumPy's `digitize`; the numbers of the bins are constant. The edges may rise or fall."""
    bins, side = as_array(bins), "left" if right else "right"
    require_real("digitize", x, bins)
    if seen(np.any(bins[1:] < bins[:-1])) and seen(np.any(bins[1:] > bins[:-1])):
        raise ArgumentError(f"digitize: the edges {bins} must rise or fall")
    rising = searchsorted(bins, x, side)
    if len(bins) < 2:
        return rising
    falling = len(bins) - searchsorted(np.flip(bins), x, side)
    return np.where(np.less_equal(bins[0], bins[-1]), rising, falling)


@implements(np.isin)
def isin(element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *,
         kind: Any = None) -> Any:  # fmt: skip
    """NumPy's `isin`: whether an element is among the others."""
    among = np.any(np.equal(np.expand_dims(as_array(element), -1), np.ravel(as_array(test_elements))), axis=-1)
    return np.logical_not(among) if invert else among


def _depends_on_values(name: str) -> Callable[..., Any]:
    def refused(*args: Any, **kwargs: Any) -> Any:
        raise MissingRuleError(
            f"{name}: the shape of the answer depends on values{user_line()}; call it on tg.stop_gradient(x) and take "
            "what it finds by an index"
        )

    return refused


for _name in ("unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
              "union1d", "intersect1d", "setdiff1d", "setxor1d"):  # fmt: skip
    implements(getattr(np, _name))(_depends_on_values(_name))


@implements(np.sort_complex)
def sort_complex(a: Any) -> Any:
    """NumPy's `sort_complex`: the sort along the last axis, as complex numbers, as NumPy has it those of float64 even
    for float32.
    """
    return np.astype(sort(a), np.sort_complex(np.empty(0, a.dtype)).dtype, copy=False)
