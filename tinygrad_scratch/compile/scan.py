"""`scan` as an operation. Its derivatives are scans: forward mode carries tangents along, reverse mode keeps what it
needs of every round and runs through them backwards.

The body is a program of what it captures (`consts`), the carry (`carries`), with `start` the number of the round
counted from there, and a row of each array; it gives the next carry and rows of answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.primitive import Emit, Primitive, register
from ..core.trace import bind
from ..transforms.arguments import has_derivative
from ..transforms.jvp import jvp
from ..transforms.vmap import vmap
from .graph import Graph, Var
from .program import Program, Reverse, floats, record_program
from .rewrite import live
from .tracer import example


class Shape(NamedTuple):
    """How many of the arguments are what, and how the rounds go."""

    consts: int
    carries: int
    length: int
    start: int | None
    reverse: bool

    @property
    def fixed(self) -> int:
        """How many arguments are not rows."""
        return self.consts + self.carries

    def argument(self, j: int) -> int | None:
        """Which argument of the scan input j of the body belongs to; None for the number of the round."""
        if self.start is None or j < self.fixed:
            return j
        return None if j == self.fixed else j - 1

    def round(self, args: Sequence[Any]) -> list[Any]:
        """Examples of the inputs of the body."""
        values = [example(a) for a in args]
        rows = [x[0] if self.length else np.zeros(x.shape[1:], x.dtype) for x in values[self.fixed :]]
        return [*values[: self.fixed], *([self.start] if self.start is not None else []), *rows]


def _dtype(a: Any) -> np.dtype[Any]:
    return a.dtype if type(a) is Var else np.result_type(a)


def _scan(*args: Any, body: Program, how: Shape) -> tuple[Any, ...]:
    fixed, carry, rows = args[: how.consts], args[how.consts : how.fixed], args[how.fixed :]
    given = body.graph.outputs[how.carries :]
    ys = [np.empty((how.length, *(a.shape if type(a) is Var else ())), _dtype(a)) for a in given]
    for i in range(how.length)[:: -1 if how.reverse else 1]:
        number = [how.start + i] if how.start is not None else []
        outs = body.run(*fixed, *carry, *number, *[r[i] for r in rows])
        carry = outs[: how.carries]
        for y, out in zip(ys, outs[how.carries :], strict=True):
            y[i] = out
    if not how.length:
        carry = tuple([c.copy() if isinstance(c, np.ndarray) else c for c in carry])
    return (*carry, *ys)


# ---- reverse mode
# -------------------------------------------------------------------------------------------------------


def _pullback(wanted: Sequence[int], *args: Any, body: Program, how: Shape) -> Any:
    inputs = body.graph.inputs
    moving = tuple([
        j for j in floats(inputs) if how.argument(j) in wanted or how.consts <= j < how.fixed
    ])  # fmt: skip  # each carry may come to depend on what is wanted
    made = body.derived(("reverse", moving), lambda: Reverse(body, how.round(args), moving))
    old = sorted({p for p in made.places if p is not None and how.consts <= p < how.fixed})
    forward = body.derived(("kept", moving), lambda: Program(_with_inputs(made.forward.graph, old), body.backend))
    outs = bind(scan_, *args, body=forward, how=how)
    count = len(body.graph.outputs)
    past = dict(zip(old, outs[len(outs) - len(old) :], strict=True))
    residuals = iter(outs[count : len(outs) - len(old)])
    kept: list[Any] = []
    for p in made.places:
        place = None if p is None else how.argument(p)
        kept.append(next(residuals) if p is None else past[p] if p in past else None if place is None else args[place])

    def back(gs: Sequence[Any]) -> list[Any]:
        whole = [np.zeros(o.shape, o.dtype) if g is None else g for g, o in zip(gs, outs[:count], strict=True)]
        return _Backward(made, how, kept, whole).cotangents(len(args))

    return outs[:count], back


def _with_inputs(graph: Graph, inputs: Sequence[int]) -> Graph:
    """The graph with some of its inputs among its outputs."""
    return Graph(graph.inputs, graph.constants, graph.equations, [*graph.outputs, *[graph.inputs[i] for i in inputs]])


class Late(NamedTuple):
    """A sum of products x.T @ y over all rounds; x and y are rows that the scan is given or gives."""

    x: Var
    y: Var


def _product_of_rows(made: dict[Any, Any], total: Var, new: Any) -> Late | None:
    """The sum of products, if the new total is the old one plus x.T @ y, matrices."""
    add = made.get(new)
    if add is None or add.prim.impl is not np.add or total not in add.inputs:
        return None
    (term,) = [a for a in add.inputs if a is not total] or [None]
    product = made.get(term)
    if product is None or product.prim.emit is None or product.prim.emit.kind != "product":
        return None
    left, y = product.inputs
    turned = made.get(left)
    if turned is None or turned.attrs.get("axes") != (1, 0) or type(y) is not Var or len(y.shape) != 2:
        return None
    return Late(turned.inputs[0], y)


def _products(late: dict[int, Late], rows: dict[Any, Any]) -> list[Any]:
    """The sums that were left to the end, from the arrays of their rows."""

    def flat(x: Any) -> Any:
        return x.reshape(-1, x.shape[-1]) if x.shape[0] else np.zeros((0, x.shape[-1]), x.dtype)

    return [np.matmul(flat(rows[p.x]).T, flat(rows[p.y])) for p in late.values()]


class _Backward:
    """The scan that runs backwards. It carries the cotangent of the carry, and sums of those of what is captured."""

    def __init__(self, made: Reverse, how: Shape, kept: Sequence[Any], gs: Sequence[Any]) -> None:
        self.made, self.how, self.kept = made, how, kept
        places = list(enumerate(made.places))
        self.fixed = [k for k, p in places if p is not None and p < how.consts]
        self.number = [k for k, p in places if p is not None and how.argument(p) is None]
        self.moving = [k for k, _ in places if k not in self.fixed and k not in self.number]
        self.summed = [j for j in made.wanted if j < how.consts]
        self.rows = [j for j in made.wanted if j >= how.fixed]
        self.carries = [i for i in made.smooth if i < how.carries]
        self.given = [i for i in made.smooth if i >= how.carries]
        inputs = made.joint.inputs
        sums = [np.zeros(inputs[j].shape, inputs[j].dtype) for j in self.summed]
        self.arguments = [
            *[kept[k] for k in self.fixed], *sums, *[gs[i] for i in self.carries],
            *[kept[k] for k in self.moving], *[gs[i] for i in self.given],
        ]  # fmt: skip
        start = how.start if self.number else None
        self.shape = Shape(len(self.fixed), len(sums) + len(self.carries), how.length, start, not how.reverse)

    def step(self, *xs: Any) -> tuple[Any, ...]:
        """One round."""
        at = iter(xs)
        values: dict[int, Any] = {k: next(at) for k in self.fixed}
        sums = [next(at) for _ in self.summed]
        by_output = {i: next(at) for i in self.carries}
        if self.number:
            number = next(at)
            values.update(dict.fromkeys(self.number, number))
        values.update({k: next(at) for k in self.moving})
        by_output.update({i: next(at) for i in self.given})
        outs = self.made.backward.graph.evaluate(
            *[values[k] for k in range(len(self.kept))], *[by_output[i] for i in self.made.smooth]
        )
        found = dict(zip(self.made.wanted, outs, strict=True))
        new = [s + found[j] for s, j in zip(sums, self.summed, strict=True)]
        return (*new, *[found[self.how.consts + i] for i in self.carries], *[found[j] for j in self.rows])

    def cotangents(self, count: int) -> list[Any]:
        """One for each argument of the scan, None where it is not wanted."""
        program, late, graph = self.made.forward.derived(("backward", self.shape), self._program)
        sums = len(self.summed)
        start = self.shape.consts
        kept = [a for k, a in enumerate(self.arguments) if k - start not in late]
        shape = self.shape._replace(carries=self.shape.carries - len(late))
        outs = bind(scan_, *kept, body=program, how=shape)
        given = len(kept) - shape.fixed
        arrays = dict(zip(graph.inputs[len(graph.inputs) - given :], kept[shape.fixed :], strict=True))
        arrays.update(zip(graph.outputs, outs, strict=True))
        products = dict(zip(late, _products(late, arrays), strict=True))
        first = iter(outs)
        whole = [products[k] if k in products else next(first) for k in range(sums)]
        found: list[Any] = [None] * count
        for j, g in zip(self.summed, whole, strict=True):
            found[j] = g
        for j in [*[self.how.consts + i for i in self.carries], *self.rows]:
            place = self.how.argument(j)
            assert place is not None
            found[place] = next(first)
        return found

    def _program(self) -> tuple[Program, dict[int, Late], Graph]:
        """The program of a round, the sums that are better taken at the end, those of products x.T @ y, as one product
        of all the rows of x and y, and the graph in which these stand.
        """
        graph = record_program(self.step, self.shape.round(self.arguments))[0].graph
        made = {v: eq for eq in graph.equations for v in eq.outputs}
        start = self.shape.consts
        sums = {k: _product_of_rows(made, graph.inputs[start + k], graph.outputs[k]) for k in range(len(self.summed))}
        late = {k: found for k, found in sums.items() if found is not None}
        inputs = [v for k, v in enumerate(graph.inputs) if k - start not in late]
        outputs = [a for k, a in enumerate(graph.outputs) if k not in late]
        known = {*graph.inputs[self.shape.fixed + len(self.number) :], *outputs[self.shape.carries - len(late) :]}
        rows = dict.fromkeys(v for found in late.values() for v in found if v not in known)
        whole = live(Graph(inputs, graph.constants, graph.equations, [*outputs, *rows]))
        return Program(whole), late, whole


# ---- forward mode, batches
# ----------------------------------------------------------------------------------------------


def _pushforward(ts: Sequence[Any], *args: Any, body: Program, how: Shape) -> Any:
    inputs, outputs = body.graph.inputs, body.graph.outputs
    tangent = {j: ts[p] for j in floats(inputs) if (p := how.argument(j)) is not None}
    fixed = [j for j in tangent if j < how.consts and tangent[j] is not None]
    carry = [j for j in tangent if how.consts <= j < how.fixed]
    rows = [j for j in tangent if j >= how.fixed and tangent[j] is not None]
    given = [i for i in floats(outputs) if i >= how.carries]
    zeros = [np.zeros(inputs[j].shape, inputs[j].dtype) if tangent[j] is None else tangent[j] for j in carry]

    def step(*xs: Any) -> Any:
        at = iter(xs)
        primals = [next(at) for _ in range(how.consts)]
        dots = {j: next(at) for j in fixed}
        primals += [next(at) for _ in range(how.carries)]
        dots.update({j: next(at) for j in carry})
        primals += [next(at) for _ in range(len(inputs) - how.fixed)]
        dots.update({j: next(at) for j in rows})
        outs, changes = pushed(body.graph, primals, dots)
        return (*outs[: how.carries], *[changes[j - how.consts] for j in carry],
                *outs[how.carries :], *[changes[i] for i in given])  # fmt: skip

    arguments = [
        *args[: how.consts], *[tangent[j] for j in fixed], *args[how.consts : how.fixed], *zeros,
        *args[how.fixed :], *[tangent[j] for j in rows],
    ]  # fmt: skip
    wider = how._replace(consts=how.consts + len(fixed), carries=how.carries + len(carry))
    program = body.derived(
        ("forward", tuple(fixed), tuple(rows)), lambda: record_program(step, wider.round(arguments))[0]
    )
    outs = bind(scan_, *arguments, body=program, how=wider)
    split = wider.carries + len(outputs) - how.carries
    answers = (*outs[: how.carries], *outs[wider.carries : split])
    changes: list[Any] = [np.zeros(a.shape, a.dtype if has_derivative(a.dtype) else float) for a in answers]
    for j, t in zip(carry, outs[how.carries : wider.carries], strict=True):
        changes[j - how.consts] = t
    for i, t in zip(given, outs[split:], strict=True):
        changes[i] = t
    return answers, tuple(changes)


def pushed(graph: Graph, primals: Sequence[Any], dots: dict[int, Any]) -> tuple[Any, Any]:
    """The outputs of a graph and their tangents; `dots` has the tangents of the inputs that move."""
    moving = sorted(dots)

    def f(*some: Any) -> Any:
        full = list(primals)
        for i, x in zip(moving, some, strict=True):
            full[i] = x
        return graph.evaluate(*full)

    return jvp(f, tuple([primals[i] for i in moving]), tuple([dots[i] for i in moving]))


def _batch(args: Sequence[Any], batched: Sequence[bool], body: Program, how: Shape) -> Any:
    """The body over a batch; every carry is batched, since it may come to depend on what is."""
    size = next(a.shape[0] for a, b in zip(args, batched, strict=True) if b)
    full = list(args)
    for i in range(how.consts, how.fixed):
        full[i] = full[i] if batched[i] else np.broadcast_to(full[i], (size, *np.shape(full[i])))
    for i in range(how.fixed, len(args)):
        full[i] = np.swapaxes(full[i], 0, 1) if batched[i] else full[i]
    each = [0 if b else None for b in batched]
    number = [None] if how.start is not None else []
    axes = (*each[: how.consts], *[0] * how.carries, *number, *each[how.fixed :])

    def over_batch(*xs: Any) -> Any:
        return vmap(body.graph.evaluate, axes)(*xs)

    program = body.derived(("batch", axes, size), lambda: record_program(over_batch, how.round(full))[0])
    outs = bind(scan_, *full, body=program, how=how)
    return (*outs[: how.carries], *[np.swapaxes(y, 0, 1) for y in outs[how.carries :]])


scan_: Primitive = register(Primitive(
    "scan", _scan, pullback=_pullback, pushforward=_pushforward, batch=_batch,
    emit=Emit(lambda *xs, **attrs: "", kind="scan"),
))  # fmt: skip
