"""`while_loop` and `cond` as operations: their rules for derivatives and batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.primitive import Primitive, register, undefined
from ..core.trace import bind
from ..transforms.arguments import has_derivative
from ..transforms.vmap import vmap
from .graph import Graph, Var
from .program import Program, Reverse, record_program
from .scan import pushed
from .tracer import example

# ---- while
# --------------------------------------------------------------------------------------------------------------


def _while(*args: Any, body: Program, test: Program, consts: tuple[int, int]) -> tuple[Any, ...]:
    a, b = consts
    for_body, for_test, carry = args[:a], args[a : a + b], args[a + b :]
    while test.run(*for_test, *carry)[0]:
        carry = body.run(*for_body, *carry)
    return tuple([c.copy() if isinstance(c, np.ndarray) else c for c in carry])


def _while_pushforward(ts: Sequence[Any], *args: Any, body: Program, test: Program, consts: tuple[int, int]) -> Any:
    a, b = consts
    inputs = body.graph.inputs
    fixed = [i for i in range(a) if ts[i] is not None and has_derivative(inputs[i].dtype)]
    moving = [i for i in range(a, len(inputs)) if has_derivative(inputs[i].dtype)]
    carries = len(inputs) - a

    def step(*xs: Any) -> Any:
        at = iter(xs)
        primals = [next(at) for _ in range(a)]
        dots = {i: next(at) for i in fixed}
        primals += [next(at) for _ in range(carries)]
        dots.update({i: next(at) for i in moving})
        outs, changes = pushed(body.graph, primals, dots)
        return (*outs, *[changes[i - a] for i in moving])

    values = args[a + b :]
    dots = [ts[b + i] if ts[b + i] is not None else np.zeros(inputs[i].shape, inputs[i].dtype) for i in moving]
    arguments = [*args[:a], *[ts[i] for i in fixed], *values, *dots]
    program = body.derived(("forward", tuple(fixed)), lambda: record_program(step, [example(x) for x in arguments])[0])
    graph = test.graph
    spare = [Var(inputs[i].shape, inputs[i].dtype) for i in moving]
    wider = Program(Graph([*graph.inputs, *spare], graph.constants, graph.equations, graph.outputs), test.backend)
    first = a + len(fixed)
    outs = bind(
        while_, *arguments[:first], *args[a : a + b], *arguments[first:], body=program, test=wider, consts=(first, b)
    )
    changes: list[Any] = [np.zeros(o.shape, o.dtype if has_derivative(o.dtype) else float) for o in outs[:carries]]
    for i, t in zip(moving, outs[carries:], strict=True):
        changes[i - a] = t
    return outs[:carries], tuple(changes)


def _while_batch(
    args: Sequence[Any], batched: Sequence[bool], body: Program, test: Program, consts: tuple[int, int]
) -> Any:
    """All rows run until the last has ended; those that have keep their values."""
    a, b = consts
    size = next(x.shape[0] for x, m in zip(args, batched, strict=True) if m)
    axes_body = (*[0 if m else None for m in batched[:a]], *[0] * (len(args) - a - b))
    axes_test = (*[0 if m else None for m in batched[a : a + b]], *[0] * (len(args) - a - b))
    carry = [
        x if m else np.broadcast_to(x, (size, *np.shape(x)))
        for x, m in zip(args[a + b :], batched[a + b :], strict=True)
    ]

    def alive(*xs: Any) -> Any:
        return vmap(test.graph.evaluate, axes_test)(*xs)[0]

    def step(*xs: Any) -> Any:
        for_body, for_test, old = xs[:a], xs[a : a + b], xs[a + b :]
        on = alive(*for_test, *old)
        with np.errstate(all="ignore"):  # of rows that have ended
            new = vmap(body.graph.evaluate, axes_body)(*for_body, *old)
        return tuple([np.where(on.reshape(size, *(1,) * (x.ndim - 1)), y, x) for x, y in zip(old, new, strict=True)])

    values = [example(x) for x in [*args[: a + b], *carry]]
    program = body.derived(("batch", axes_body, axes_test, size), lambda: record_program(step, values)[0])
    go = test.derived(
        ("batch", axes_test, size), lambda: record_program(lambda *xs: (np.any(alive(*xs)),), values[a:])[0]
    )
    return bind(
        while_, *args[: a + b], *args[a : a + b], *carry, body=program, test=go, consts=(a + b, b)
    )  # fmt: skip


while_: Primitive = register(Primitive(
    "while_loop",
    _while,
    pullback=undefined(
        "while_loop, and fori_loop with a bound that is not known while the program is recorded, have no reverse mode "
        "under jit: how often they run is not known, so nothing can be kept for the way back. Use tg.fori_loop or "
        "tg.scan with a fixed number of rounds, forward mode (tg.jvp, tg.jacfwd), or no jit"
    ),
    pushforward=_while_pushforward,
    batch=_while_batch,
))  # fmt: skip


# ---- cond
# ---------------------------------------------------------------------------------------------------------------


def _split(args: tuple[Any, ...], consts: tuple[int, int]) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """The predicate, and the arguments of either branch."""
    a, b = consts
    pred, rest = args[0], args[1:]
    return pred, (*rest[:a], *rest[a + b :]), rest[a:]


def _cond(*args: Any, true: Program, false: Program, consts: tuple[int, int]) -> tuple[Any, ...]:
    pred, yes, no = _split(args, consts)
    return true.run(*yes) if pred else false.run(*no)


def _branches(
    kind: Any, true: Program, false: Program, make: Callable[[Program, bool], Program]
) -> tuple[Program, Program]:
    return true.derived((kind, True), lambda: make(true, True)), false.derived(
        (kind, False), lambda: make(false, False)
    )


def _places(consts: tuple[int, int], count: int) -> tuple[list[int], list[int]]:
    """For either branch, which arguments of the whole operation are its own."""
    a, b = consts
    rest = list(range(1 + a + b, count))
    return [*range(1, 1 + a), *rest], [*range(1 + a, 1 + a + b), *rest]


def _cond_pullback(wanted: Sequence[int], *args: Any, true: Program, false: Program, consts: tuple[int, int]) -> Any:
    """Each branch computes its cotangents from the arguments anew; only one of them runs."""
    outs = bind(cond_, *args, true=true, false=false, consts=consts)
    places = _places(consts, len(args))
    smooth = [i for i, o in enumerate(outs) if has_derivative(o.dtype)]
    targets = [i for i in wanted if i and has_derivative(args[i].dtype)]

    def make(program: Program, first: bool) -> Program:
        own = places[0 if first else 1]

        def cotangents(*xs: Any) -> Any:
            everything, gs = xs[: len(args)], xs[len(args) :]
            mine = [i for i in targets if i in own]
            values = [everything[i] for i in own]
            made = Reverse(program, [example(v) for v in values], tuple([own.index(i) for i in mine]))
            answers, back = made.pullback(values)
            whole: list[Any] = [None] * len(answers)
            for i, g in zip(smooth, gs, strict=True):
                whole[i] = g
            found = back(whole)
            by_place = {i: found[own.index(i)] for i in mine}
            zeros = {i: np.zeros(everything[i].shape, everything[i].dtype) for i in targets}
            return tuple([by_place[i] if by_place.get(i) is not None else zeros[i] for i in targets])

        values = [example(a) for a in args]
        gs = [np.ones(outs[i].shape, outs[i].dtype) for i in smooth]
        return record_program(cotangents, [*values, *gs])[0]

    def back(gs: Sequence[Any]) -> list[Any]:
        whole = [np.zeros(outs[i].shape, outs[i].dtype) if gs[i] is None else gs[i] for i in smooth]
        yes, no = _branches(("back", consts, tuple(targets)), true, false, make)
        found = bind(cond_, args[0], *args, *whole, true=yes, false=no, consts=(0, 0))
        cotangents: list[Any] = [None] * len(args)
        for i, g in zip(targets, found, strict=True):
            cotangents[i] = g
        return cotangents

    return outs, back


def _cond_pushforward(ts: Sequence[Any], *args: Any, true: Program, false: Program, consts: tuple[int, int]) -> Any:
    places = _places(consts, len(args))
    moving = [i for i in range(1, len(args)) if ts[i] is not None and has_derivative(args[i].dtype)]

    def make(program: Program, first: bool) -> Program:
        own = places[0 if first else 1]

        def tangents(*xs: Any) -> Any:
            everything, dots = xs[: len(args)], dict(zip(moving, xs[len(args) :], strict=True))
            mine = {own.index(i): dots[i] for i in moving if i in own}
            outs, changes = pushed(program.graph, [everything[i] for i in own], mine)
            return (*outs, *changes)

        return record_program(tangents, [example(a) for a in [*args, *[ts[i] for i in moving]]])[0]

    yes, no = _branches(("forward", consts, tuple(moving)), true, false, make)
    both = bind(cond_, args[0], *args, *[ts[i] for i in moving], true=yes, false=no, consts=(0, 0))
    return both[: len(both) // 2], both[len(both) // 2 :]


def _cond_batch(
    args: Sequence[Any], batched: Sequence[bool], true: Program, false: Program, consts: tuple[int, int]
) -> Any:
    places = _places(consts, len(args))
    size = next(x.shape[0] for x, m in zip(args, batched, strict=True) if m)

    def rows(program: Program, own: Sequence[int]) -> Callable[..., Any]:
        if not any(batched[i] for i in own):
            return lambda *xs: tuple([np.broadcast_to(o, (size, *np.shape(o))) for o in program.graph.evaluate(*xs)])
        return vmap(program.graph.evaluate, tuple([0 if batched[i] else None for i in own]))

    if batched[0]:
        pred = args[0]
        with np.errstate(all="ignore"):  # of the branch that a row does not take
            yes, no = (
                record_program(rows(p, own), [example(args[i]) for i in own])[0].apply([args[i] for i in own])
                for p, own in zip((true, false), places, strict=True)
            )
        return tuple([np.where(pred.reshape(size, *(1,) * (y.ndim - 1)), y, n) for y, n in zip(yes, no, strict=True)])

    def make(program: Program, first: bool) -> Program:
        own = places[0 if first else 1]
        return record_program(lambda *xs: rows(program, own)(*[xs[i] for i in own]), [example(a) for a in args])[0]

    one, other = _branches(("batch", consts, tuple(batched), size), true, false, make)
    return bind(cond_, args[0], *args, true=one, false=other, consts=(0, 0))


cond_: Primitive = register(Primitive(
    "cond", _cond, pullback=_cond_pullback, pushforward=_cond_pushforward, batch=_cond_batch
))  # fmt: skip
