"""Loops over elements: clusters with their reductions, fills, copies, and what is made of copies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..fusion import Cluster, kind
from ..graph import Equation, Var
from ..passes import loop_dtypes
from .functions import UFUNCS
from .ir import F32, F64, I64, Value, constant, type_of
from .kernel import Kernel
from .nest import Offsets, collapsed, run_nest

FEW = 64  # elements of a sum that are close enough to be visited one after the other
WIDE_SUM = 1 << 10  # float32 sums of more terms than this are accumulated in float64


def cluster(k: Kernel, step: Cluster) -> None:
    """A cluster: loads, the equations on registers, stores and reductions."""
    shape = step.shape
    assert shape is not None
    inputs = [v for v in step.inputs() if not v.weak]
    made = [eq.outputs[0] for eq in step.equations]
    sums = [eq for eq in step.equations if kind(eq) in REDUCE]
    reduced = {eq.outputs[0] for eq in sums}
    stored = [v for v in made if v not in k.frame.plan.inner and v not in reduced]
    k.distinguish([k.root(v) for v in [*inputs, *stored, *reduced]])
    arrays = [*inputs, *stored, *[eq.outputs[0] for eq in sums]]
    strides = [k.strides(v, shape) for v in [*inputs, *stored]] + [_kept(eq, shape) for eq in sums]
    for eq in sums:
        fill(k, eq.outputs[0], START[kind(eq)](eq.outputs[0].dtype))
    if 0 in shape:
        return
    k.work += math.prod(shape) * len(step.equations)
    order = _order(shape, [strides[len(inputs) + len(stored) + i] for i in range(len(sums))])
    sizes, strides_ = collapsed([shape[i] for i in order], [[s[i] for i in order] for s in strides])
    places = {v: k for k, v in enumerate(arrays)}
    folds = [_Fold(k, eq, sizes, strides_[places[eq.outputs[0]]]) for eq in sums]

    def body(offsets: Offsets) -> None:
        values = dict.fromkeys(inputs)
        known: dict[Var, Value] = {}

        def value(a: Any, dtype: np.dtype[Any] | None = None) -> Value:
            if type(a) is not Var:
                return k.code.number(a, dtype if dtype is not None else np.result_type(a))
            if a.weak:
                return k.frame.numbers[a]
            if a in values and a not in known:
                known[a] = k.load(k.root(a), a.dtype, offsets[places[a]])
            return known[a]

        for eq in step.equations:
            if eq.outputs[0] in reduced:
                continue
            known[eq.outputs[0]] = _element(k, eq, value)
            if eq.outputs[0] in stored:
                k.store(known[eq.outputs[0]], eq.outputs[0], offsets[places[eq.outputs[0]]])
        for f in folds:
            f.add(value(f.eq.inputs[0]), offsets[places[f.eq.outputs[0]]])

    before: dict[int, Any] = {}
    after: dict[int, Any] = {}
    for f in folds:
        if f.depth < len(sizes):
            out = places[f.eq.outputs[0]]
            before.setdefault(f.depth, []).append(lambda offsets, f=f: f.begin())
            after.setdefault(f.depth, []).append(lambda offsets, f=f, out=out: f.end(offsets[out]))
    starts = [k.start(v) for v in arrays]
    run_nest(k.code, sizes, strides_, starts, body, _each(before), _each(after))


def _order(shape: Sequence[int], folds: Sequence[Sequence[int]]) -> list[int]:
    """The axes from the outermost loop to the innermost: as they stand, but few elements that are summed (where a sum
    does not move) lie next to each other, before the last axis.
    """
    axes = list(range(len(shape)))
    summed = [i for i in axes[:-1] if folds and shape[i] > 1 and not any(s[i] for s in folds)]
    if math.prod([shape[i] for i in summed]) > FEW:
        return axes
    return [i for i in axes[:-1] if i not in summed] + summed + axes[-1:]


def _element(k: Kernel, eq: Equation, value: Callable[..., Value]) -> Value:
    """One element of the answer of an operation on elements."""
    out = eq.outputs[0]
    if kind(eq) == "cast":
        return value(eq.inputs[0]).cast(out.dtype)
    if kind(eq) == "where":
        condition, x, y = eq.inputs
        c = value(condition)
        return k.code.select(
            c if c.dtype.kind == "b" else c.compare("ne", 0),
            value(x, out.dtype).cast(out.dtype),
            value(y, out.dtype).cast(out.dtype),
        )
    dtypes = loop_dtypes(eq)
    args = [value(a, d).cast(d) for a, d in zip(eq.inputs, dtypes, strict=False)]
    return UFUNCS[eq.prim.impl.__name__](*args).cast(out.dtype)


def fill(k: Kernel, v: Var, x: Any) -> None:
    """Every element of a contiguous value becomes x."""
    count = math.prod(v.shape)
    if count:
        with k.code.loop(count) as i:
            k.store(k.code.number(x, v.dtype), v, i)


def copy(
    k: Kernel, source: Var, shape: tuple[int, ...], target: Var, start: int, strides: tuple[int, ...], add: bool = False
) -> None:
    """Elements of `source` go to (or are added at) places of `target`, an affine map of their index."""
    if 0 in shape:
        return
    k.distinguish([k.root(source), target])
    k.work += math.prod(shape)
    sizes, (ours, theirs) = collapsed(shape, [k.strides(source, shape), strides])

    def body(offsets: Offsets) -> None:
        x = k.load(k.root(source), source.dtype, offsets[0]).cast(target.dtype)
        if add:
            x = k.load(target, target.dtype, offsets[1]) + x
        k.store(x, target, offsets[1])

    run_nest(k.code, sizes, [ours, theirs], [k.start(source), k.code.number(start, I64)], body)


def join(k: Kernel, eq: Equation) -> None:
    """Arrays one behind the other along an axis."""
    out, axis = eq.outputs[0], eq.attrs["axis"]
    strides = k.frame.layouts.of[out].strides
    for x, begin in zip(eq.inputs, eq.attrs["starts"], strict=True):
        copy(k, x, x.shape, out, begin * strides[axis], strides)


def pad(k: Kernel, eq: Equation) -> None:
    """An array with zeros around it."""
    out = eq.outputs[0]
    strides = k.frame.layouts.of[out].strides
    fill(k, out, 0)
    begin = sum(low * s for (low, _), s in zip(eq.attrs["widths"], strides, strict=True))
    copy(k, eq.inputs[0], eq.inputs[0].shape, out, begin, strides)


def fold(k: Kernel, eq: Equation) -> None:
    """The sum over windows: the element at place p and window offset k goes to p * stride + k * dilation."""
    out, at, n = eq.outputs[0], eq.attrs["start"], len(eq.attrs["size"])
    strides = k.frame.layouts.of[out].strides
    space = strides[at : at + n]
    places = [s * step for s, step in zip(space, eq.attrs["stride"], strict=True)]
    inside = [s * step for s, step in zip(space, eq.attrs["dilation"], strict=True)]
    fill(k, out, 0)
    copy(k, eq.inputs[0], eq.inputs[0].shape, out, 0, (*strides[:at], *places, *inside, *strides[at + n :]), add=True)


def accumulator(k: Kernel, dtype: np.dtype[Any]) -> str:
    """A register for a running total, as LLVM takes it: a place on the stack that it promotes."""
    name = k.code.name()
    k.code.entry.append(f"  {name} = alloca {type_of(dtype)}")
    return name


def accumulate(k: Kernel, place: str, x: Value, how: str) -> None:
    """Add to (or take the extreme with) an accumulator; a sum may be reordered, for vectors."""
    before = k.code.emit(f"load {type_of(x.dtype)}, ptr {place}", x.dtype)
    if how == "sum" and x.dtype.kind == "f":
        now = k.code.emit(f"fadd reassoc {type_of(x.dtype)} {before.text}, {x.text}", x.dtype)
    else:
        now = REDUCE[how](before, x)
    k.code.do(f"store {type_of(x.dtype)} {now.text}, ptr {place}")


class _Fold:
    """A reduction inside a nest: in a register over the innermost loops that it sums, else in memory."""

    def __init__(self, kernel: Kernel, eq: Equation, sizes: Sequence[int], strides: Sequence[int]) -> None:
        self.kernel = kernel
        self.eq = eq
        self.how = kind(eq)
        self.out = eq.outputs[0]
        depth = len(sizes)
        while depth and strides[depth - 1] == 0:
            depth -= 1
        self.depth = depth  # loops outside those that are summed in a register
        terms = math.prod(sizes[depth:])
        wide = self.how == "sum" and self.out.dtype == F32 and terms > WIDE_SUM
        self.dtype = F64 if wide else self.out.dtype
        self.place = accumulator(kernel, self.dtype) if depth < len(sizes) else ""

    def begin(self) -> None:
        start = constant(START[self.how](self.dtype), self.dtype)
        self.kernel.code.do(f"store {type_of(self.dtype)} {start}, ptr {self.place}")

    def add(self, x: Value, offset: Value) -> None:
        if self.place:
            accumulate(self.kernel, self.place, x.cast(self.dtype), self.how)
        else:
            self._into_memory(x.cast(self.out.dtype), offset)

    def end(self, offset: Value) -> None:
        total = self.kernel.code.emit(f"load {type_of(self.dtype)}, ptr {self.place}", self.dtype)
        self._into_memory(total.cast(self.out.dtype), offset)

    def _into_memory(self, x: Value, offset: Value) -> None:
        before = self.kernel.load(self.out, self.out.dtype, offset)
        self.kernel.store(REDUCE[self.how](before, x), self.out, offset)


REDUCE: dict[str, Any] = {"sum": lambda x, y: x + y, "max": UFUNCS["maximum"], "min": UFUNCS["minimum"]}
START: dict[str, Any] = {
    "sum": lambda dtype: 0,
    "max": lambda dtype: -np.inf if dtype.kind == "f" else np.iinfo(dtype).min if dtype.kind in "iu" else 0,
    "min": lambda dtype: np.inf if dtype.kind == "f" else np.iinfo(dtype).max if dtype.kind in "iu" else 1,
}


def _each(hooks: dict[int, list[Any]]) -> dict[int, Any]:
    return {d: (lambda offsets, some=some: [hook(offsets) for hook in some]) for d, some in hooks.items()}


def _kept(eq: Equation, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a reduction's answer along the axes of its argument: 0 where it is reduced."""
    axis = eq.attrs["axis"]
    strides, step = [0] * len(shape), 1
    for i in reversed(range(len(shape))):
        if axis is not None and i not in axis:
            strides[i] = step if shape[i] != 1 else 0
            step *= shape[i]
    return tuple(strides)
