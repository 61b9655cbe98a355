"""Indexing by arrays of integers, and its transpose: loops over the part, each index checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...ops.index import AT
from ..graph import Equation, Var
from .ir import BOOL, I64, Value
from .kernel import Kernel
from .loops import copy, fill
from .nest import Offsets, collapsed, run_nest


def assemble(k: Kernel, eq: Equation) -> None:
    """A sum of scatters of slices."""
    out, covers = eq.outputs[0], eq.attrs["covers"]
    strides = k.frame.layouts.of[out].strides
    if not covers:
        fill(k, out, 0)
    for x, index in zip(eq.inputs, eq.attrs["indices"], strict=True):
        begin, steps, _ = _index_map(index, iter(()), out, strides, len(x.shape))
        copy(k, x, x.shape, out, begin, steps, add=not covers)


def gather(k: Kernel, eq: Equation) -> None:
    """`part = whole[index]`."""
    _indexed(k, eq, eq.inputs[0], eq.outputs[0], eq.outputs[0].shape, scatter=False)


def scatter(k: Kernel, eq: Equation) -> None:
    """`whole[index] += part`, from zeros."""
    fill(k, eq.outputs[0], 0)
    _indexed(k, eq, eq.outputs[0], eq.inputs[0], eq.inputs[0].shape, scatter=True)


def _indexed(k: Kernel, eq: Equation, whole: Var, part: Var, shape: tuple[int, ...], scatter: bool) -> None:
    """`part = whole[index]`, or for scatter `whole[index] += part`; the loops go over `part`."""
    arrays_ = iter(eq.inputs[1:])
    begin, steps, moving = _index_map(eq.attrs["index"], arrays_, whole, k.frame.layouts.of[whole].strides, len(shape))
    if 0 in shape:
        return
    k.may_fail = True
    arrays = [a for a, _, _, _ in moving]
    k.distinguish([k.root(v) for v in (whole, part, *arrays)])
    k.work += 4 * math.prod(shape)
    index_strides = [_index_strides(k.frame.layouts.of[a].strides, a.shape, at, len(shape)) for a, _, _, at in moving]
    sizes, strides = collapsed(shape, [steps, k.strides(part, shape), *index_strides])
    first = k.frame.layouts.of[whole].offset + begin
    starts = [k.code.number(first, I64), k.start(part), *[k.start(a) for a in arrays]]

    def body(offsets: Offsets) -> None:
        place = offsets[0]
        for (a, n, stride, _), offset in zip(moving, offsets[2:], strict=True):
            place = place + _checked(k, k.load(k.root(a), a.dtype, offset).cast(I64), n) * stride
        if scatter:
            x = k.load(k.root(part), part.dtype, offsets[1]).cast(whole.dtype)
            k.store(k.load(whole, whole.dtype, place) + x, whole, place)
        else:
            k.store(k.load(k.root(whole), whole.dtype, place), part, offsets[1])

    run_nest(k.code, sizes, strides, starts, body)


def _checked(k: Kernel, i: Value, n: int) -> Value:
    """The index counted from the front; one out of range is noted, and taken as 0."""
    i = k.code.select(i < 0, i + n, i)
    outside = k.code.emit(f"icmp uge i64 {i.text}, {n}", BOOL)
    before = k.code.emit("load i8, ptr %failed", np.dtype(np.int8))
    now = k.code.emit(f"zext i1 {outside.text} to i8", before.dtype)
    k.code.do(f"store i8 {(before | now).text}, ptr %failed")
    return k.code.select(outside, 0, i)


Moving = tuple[
    Var, int, int, int
]  # an index array, the length and stride of its axis, where its axes stand in the part


def _index_map(
    index: Any, arrays: Iterator[Var], whole: Var, strides: Sequence[int], ndim: int
) -> tuple[int, tuple[int, ...], list[Moving]]:
    """Where the part lies in the whole: a first offset, a stride for each axis of the part, and what arrays add."""
    fancy = AT in index
    parts: list[Any] = []
    axis, begin = 0, 0
    moving: list[tuple[Var, int, int]] = []
    block: list[int] = []
    for place, part in enumerate(index):
        if part is None:
            parts.append(0)
            continue
        n, stride = whole.shape[axis], strides[axis]
        axis += 1
        if isinstance(part, slice):
            first, _, step = part.indices(n)
            begin += first * stride if n else 0
            parts.append(step * stride)
        elif isinstance(part, int):
            begin += (part + n if part < 0 else part) * stride
            if fancy:
                block.append(place)
                parts.append("block")
        else:
            moving.append((next(arrays), n, stride))
            block.append(place)
            parts.append("block")
    parts += strides[axis:]
    together = not block or block[-1] - block[0] + 1 == len(block)
    rank = max((len(a.shape) for a, _, _ in moving), default=0)
    at = parts.index("block") if block and together else 0
    rest = [p for p in parts if p != "block"]
    whole_strides = [*rest[:at], *[0] * rank, *rest[at:]]
    assert len(whole_strides) == ndim
    return begin, tuple(whole_strides), [(a, n, s, at + rank) for a, n, s in moving]


def _index_strides(strides: tuple[int, ...], shape: tuple[int, ...], end: int, ndim: int) -> tuple[int, ...]:
    """The strides of an index array along the axes of the part; its own axes end before `end`."""
    own = tuple([0 if n == 1 else s for n, s in zip(shape, strides, strict=True)])
    return (0,) * (end - len(own)) + own + (0,) * (ndim - end)
