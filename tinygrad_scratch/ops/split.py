"""Cutting arrays into parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import Emit, Primitive, implements, register
from ..core.trace import bind
from .arguments import as_array, newer, one_axis, part


def _unstack_pullback(wanted: Sequence[int], x: Any) -> tuple[tuple[Any, ...], Any]:
    rows = bind(unstack_, x)

    def back(gs: Sequence[Any]) -> list[Any]:
        return [np.stack([np.zeros(r.shape, r.dtype) if g is None else g for g, r in zip(gs, rows, strict=True)])]

    return rows, back


# the rows of an array all at once: one cotangent is put together from theirs, instead of one whole array a row
unstack_: Primitive = register(
    Primitive(
        "unstack",
        lambda x: tuple([x[i] for i in range(x.shape[0])]),
        pullback=_unstack_pullback,
        pushforward=lambda ts, x: (bind(unstack_, x), bind(unstack_, ts[0])),
        batch=lambda args, batched: bind(unstack_, np.moveaxis(args[0], 1, 0)),
        emit=Emit(lambda x: f"tuple({x})", kind="view"),
    )
)


@implements(*newer("unstack"))
def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """NumPy's `unstack`: the parts of `x` along `axis`, which they no longer have."""
    moved = np.moveaxis(as_array(x), axis, 0)
    return tuple(bind(unstack_, moved)) if len(moved) else ()


@implements(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """NumPy's `array_split`: into sections of which the first are longer by one where they cannot be equal."""
    ary = as_array(ary)
    axis = one_axis(axis, ary.ndim)
    length = ary.shape[axis]
    if np.ndim(indices_or_sections):
        cuts = [int(i) for i in indices_or_sections]
    else:
        sections = int(indices_or_sections)
        if sections < 1:
            raise ArgumentError(f"split: got {sections} sections, expected 1 or more{user_line()}")
        size, longer = divmod(length, sections)
        cuts = [size * k + min(k, longer) for k in range(1, sections)]
    return [ary[part(axis, slice(low, high))] for low, high in zip([0, *cuts], [*cuts, length], strict=True)]


@implements(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """NumPy's `split`: into equal sections, or at indices."""
    length = np.shape(ary)[one_axis(axis, np.ndim(ary))]
    sections = indices_or_sections
    if np.ndim(sections) == 0 and sections > 0 and length % sections:
        raise ArgumentError(f"split: {length} elements do not divide into {sections} equal parts{user_line()}")
    return array_split(ary, sections, axis)


def _split_along(function: str, ary: Any, indices_or_sections: Any, axis: int, rank: int) -> Any:
    if np.ndim(ary) < rank:
        raise ShapeError(f"{function}: an array of shape {np.shape(ary)} has fewer than {rank} axes{user_line()}")
    return split(ary, indices_or_sections, axis)


@implements(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """NumPy's `hsplit`: along the second axis, of a vector along its only one."""
    return _split_along("hsplit", ary, indices_or_sections, 0 if np.ndim(ary) == 1 else 1, 1)


@implements(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """NumPy's `vsplit`: along the first axis."""
    return _split_along("vsplit", ary, indices_or_sections, 0, 2)


@implements(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """NumPy's `dsplit`: along the third axis."""
    return _split_along("dsplit", ary, indices_or_sections, 2, 3)
