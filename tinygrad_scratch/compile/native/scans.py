"""A whole scan as one native loop: the steps of the body, on rows of the arrays, with the carry updated in its
place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core.errors import ArgumentError
from ..body import Body
from ..fusion import Cluster, clusters
from ..graph import Equation, Var, like
from ..layout import contiguous
from ..passes import simplify
from ..views import across_views
from .functions import UFUNCS
from .ir import I64, Value, type_of
from .kernel import Frame, Kernel, Memory
from .nest import Offsets, collapsed, run_nest

Writer = Callable[[Kernel, Cluster], None]


def body_of(eq: Equation) -> Body:
    """The plan of the body, made once."""
    program, how = eq.attrs["body"], eq.attrs["how"]

    def make() -> Body:
        graph = contiguous(across_views(simplify(program.graph, wholly=True)))
        steps = clusters(graph, lambda eq: True)
        fused = [step for step in steps if step.shape is not None]
        return Body(graph, how, steps, fused)

    return program.derived(("native body", how.consts, how.carries), make)  # type: ignore[no-any-return]


def scan(k: Kernel, eq: Equation, write: Writer) -> None:
    """Append the loop."""
    how = eq.attrs["how"]
    body = body_of(eq)
    outer = k.frame
    carries = [k.memory(v) for v in eq.outputs[: how.carries]]
    for a, v, target in zip(eq.inputs[how.consts : how.fixed], eq.outputs, carries, strict=False):
        _initial(k, a, v, target)
    if not how.length:
        return
    base = k.outer.plan.scratch(body.plan.total)  # of the whole program: what a loop has in it comes on top of its own
    sources = [_source(k, a) for a in eq.inputs]
    ys = [(v, k.memory(v)) for v in eq.outputs[how.carries :]]
    before = k.work
    with k.code.loop(how.length) as i:
        index = (how.length - 1) - i if how.reverse else i
        frame = Frame(body.plan, body.layouts, base)
        _give(k, frame, body, how, sources, eq, carries, index)
        for v, place in body.rows.items():
            frame.given[v] = _row_of(k, ys[place], index)
        k.frame = frame
        for step in body.steps:
            if body.is_view(step):
                continue
            if step.equations[0].outputs[0].weak:
                _number(k, step.equations[0])
            else:
                write(k, step)
        _store_rows(k, body, how, ys, index)
        _store_carries(k, body, how, carries, frame)
        k.frame = outer
    k.work = before + (k.work - before) * how.length


def _source(k: Kernel, a: Any) -> Any:
    """The memory of an argument and its layout, or a number."""
    if type(a) is not Var:
        return a
    if a.weak:
        return k.frame.numbers[a] if a in k.frame.numbers else k.memory(a)
    return k.memory(k.root(a))


def _initial(k: Kernel, a: Any, v: Var, target: Memory) -> None:
    """The carry begins as the initial value."""
    if type(a) is not Var:
        k.code.do(f"store {_kept(k.code.number(a, v.dtype))}, ptr {target.address}")
    elif a.weak:
        x = _loaded(k, k.memory(a), a.dtype) if a not in k.frame.numbers else k.frame.numbers[a]
        k.code.do(f"store {_kept(x.cast(v.dtype))}, ptr {target.address}")
    elif k.memory(k.root(a)) is not target:
        layout = k.frame.layouts.of[a]
        _move(k, k.memory(layout.root), layout.offset, layout.strides, v.shape, v.dtype, target)


def _kept(x: Value) -> str:
    """The operand of a store."""
    if x.dtype.kind == "b":
        return f"i8 {x.code.emit(f'zext i1 {x.text} to i8', x.dtype).text}"
    return f"{type_of(x.dtype)} {x.text}"


def _loaded(k: Kernel, memory: Memory, dtype: np.dtype[Any]) -> Value:
    if dtype.kind == "b":
        return k.code.emit(f"load i8, ptr {memory.address}", np.dtype(np.int8)).compare("ne", 0)
    return k.code.emit(f"load {type_of(dtype)}, ptr {memory.address}", dtype)


def _move(
    k: Kernel, source: Memory, start: int, strides: Sequence[int], shape: tuple[int, ...], dtype: np.dtype[Any],
    target: Memory,
) -> None:  # fmt: skip
    """Copy elements to contiguous memory."""
    if 0 in shape:
        return
    own: list[int] = []
    step = 1
    for n in reversed(shape):
        own.insert(0, step)
        step *= n
    sizes, (theirs, ours) = collapsed(shape, [tuple(strides), tuple(own)])
    kept = "i8" if dtype.kind == "b" else type_of(dtype)

    def body(offsets: Offsets) -> None:
        x = k.code.emit(f"load {kept}, ptr {k.address(source, dtype, offsets[0])}", dtype)
        k.code.do(f"store {kept} {x.text}, ptr {k.address(target, dtype, offsets[1])}")

    run_nest(k.code, sizes, [theirs, ours], [k.code.number(start, I64), k.code.number(0, I64)], body)


def _row(k: Kernel, memory: Memory, v: Var, offset: Value) -> Memory:
    """The memory of a row that begins at an offset, in elements."""
    return Memory(k.address(memory, v.dtype, offset))


def _give(
    k: Kernel, frame: Frame, body: Body, how: Any, sources: Sequence[Any], eq: Equation, carries: Sequence[Memory],
    index: Value,
) -> None:  # fmt: skip
    """Where the inputs of the body are in this round."""
    for j, v in enumerate(body.graph.inputs):
        place = how.argument(j)
        if place is None:
            frame.numbers[v] = index + how.start
        elif how.consts <= place < how.fixed:
            frame.given[v] = carries[place - how.consts]
        elif v.weak:
            frame.numbers[v] = _as_number(k, sources[place], v)
        elif isinstance(sources[place], Memory):
            a = eq.inputs[place]
            layout = k.frame.layouts.of[a]
            start = k.code.number(layout.offset, I64)
            offset = start if place < how.consts else start + index * layout.strides[0]
            frame.given[v] = _row(k, sources[place], v, offset)
        else:
            raise ArgumentError("scan: a row cannot be a number")
    for v, x in body.graph.constants.items():
        frame.given[v] = k.argument(x)


def _as_number(k: Kernel, source: Any, v: Var) -> Value:
    if isinstance(source, Memory):
        return _loaded(k, source, v.dtype)
    return source if isinstance(source, Value) else k.code.number(source, v.dtype)


def _number(k: Kernel, eq: Equation) -> None:
    """An operator between Python numbers."""
    out = eq.outputs[0]
    values = [
        k.code.number(a, like(a).dtype) if type(a) is not Var
        else k.frame.numbers[a] if a.weak else k.load(k.root(a), a.dtype, k.start(a))
        for a in eq.inputs
    ]  # fmt: skip
    common = np.result_type(*[x.dtype for x in values], *([out.dtype] if out.dtype.kind != "b" else []))
    k.frame.numbers[out] = UFUNCS[eq.prim.impl.__name__](*[x.cast(common) for x in values]).cast(out.dtype)


def _row_of(k: Kernel, y: tuple[Var, Memory], index: Value) -> Memory:
    """The row of an answer in this round."""
    v, memory = y
    return _row(k, memory, v, index * int(np.prod(v.shape[1:])))


def _store_rows(k: Kernel, body: Body, how: Any, ys: Sequence[tuple[Var, Memory]], index: Value) -> None:
    for place, (y, a) in enumerate(zip(ys, body.graph.outputs[how.carries :], strict=True)):
        if not body.in_row(place):
            _answer(k, a, y[0].shape[1:], y[0].dtype, _row_of(k, y, index))


def _store_carries(k: Kernel, body: Body, how: Any, carries: Sequence[Memory], frame: Frame) -> None:
    """Answers that were not computed in place; those that are other carries by way of memory of their own."""
    outputs = body.graph.outputs[: how.carries]
    staged = {c: k.space(frame.base + place) for c, place in body.staged.items()}
    for c, memory in staged.items():
        _answer(k, outputs[c], outputs[c].shape, outputs[c].dtype, memory)
    for c, (a, target) in enumerate(zip(outputs, carries, strict=True)):
        v = body.graph.inputs[how.consts + c]
        if c in staged:
            _move(k, staged[c], 0, _contiguous_strides(v.shape), v.shape, v.dtype, target)
        elif not body.in_place(c):
            _answer(k, a, v.shape, v.dtype, target)


def _contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides: list[int] = []
    step = 1
    for n in reversed(shape):
        strides.insert(0, step)
        step *= n
    return tuple(strides)


def _answer(k: Kernel, a: Any, shape: tuple[int, ...], dtype: np.dtype[Any], target: Memory) -> None:
    """Copy an answer of the body."""
    if type(a) is not Var or a.weak:
        x = k.frame.numbers[a] if type(a) is Var else k.code.number(a, dtype)
        k.code.do(f"store {_kept(x.cast(dtype))}, ptr {target.address}")
        return
    layout = k.frame.layouts.of[a]
    _move(k, k.memory(layout.root), layout.offset, layout.strides, shape, dtype, target)
