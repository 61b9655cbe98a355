"""What moves between the rounds of a scan and what stands around them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..ops.shape import CAST
from .fusion import elementwise, kind
from .graph import Equation, Graph, Var
from .rewrite import live, rewritten


def hoist(graph: Graph) -> Graph:
    """What a round of a scan computes from constants alone is computed once, before it. A transposed matrix in a
    product becomes a contiguous copy, which BLAS takes faster each time.
    """

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        return _hoisted(eq) if eq.prim.emit is not None and eq.prim.emit.kind == "scan" else [eq]

    return rewritten(graph, rewrite)


def _hoisted(eq: Equation) -> list[Equation]:
    body, how = eq.attrs["body"], eq.attrs["how"]
    graph = body.graph
    outer: dict[Any, Any] = dict(zip(graph.inputs[: how.consts], eq.inputs, strict=False))
    factors = {v for e in graph.equations if kind(e) == "product" for v in e.vars()}
    before, rest, new = [], [], []
    for e in graph.equations:
        known = (
            all(v in outer for v in e.vars()) and not any(v.weak for v in (*e.vars(), *e.outputs)) and how.length > 1
        )
        turned = kind(e) == "view" and e.attrs.get("axes") == (1, 0) and e.outputs[0] in factors
        if (
            not known
            or not e.inputs
            or e.inner is not None
            or not (turned or kind(e) in ("ufunc", "where", "cast", "product"))
        ):
            rest.append(e)
            continue
        outputs = tuple([Var(v.shape, v.dtype) for v in e.outputs])
        before.append(e._replace(inputs=tuple([outer[a] if type(a) is Var else a for a in e.inputs]), outputs=outputs))
        if turned:
            copy = Var(outputs[0].shape, outputs[0].dtype)
            before.append(Equation(CAST, outputs, {"dtype": copy.dtype, "copy": True}, (copy,)))
            outputs = (copy,)
        outer.update(zip(e.outputs, outputs, strict=True))
        new += e.outputs
    if not before:
        return [eq]
    inputs = [*graph.inputs[: how.consts], *new, *graph.inputs[how.consts :]]
    inner = type(body)(Graph(inputs, graph.constants, rest, graph.outputs), body.backend)
    arguments = (*eq.inputs[: how.consts], *[outer[v] for v in new], *eq.inputs[how.consts :])
    attrs = {**eq.attrs, "body": inner, "how": how._replace(consts=how.consts + len(new))}
    return [*before, eq._replace(inputs=arguments, attrs=attrs)]


def sink(graph: Graph) -> Graph:
    """An operation on elements whose answer is needed only row by row, by a scan, becomes part of its rounds, which
    have the row at hand.
    """
    uses = Counter(v for eq in graph.equations for v in eq.vars())
    uses.update(a for a in graph.outputs if type(a) is Var)
    made: dict[Any, Equation] = {}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        if elementwise(eq) and uses[eq.outputs[0]] == 1 and eq.inner is None:
            made[eq.outputs[0]] = eq
        while kind(eq) == "scan":
            rows = range(eq.attrs["how"].fixed, len(eq.inputs))
            j = next((j for j in rows if eq.inputs[j] in made and _by_rows(made[eq.inputs[j]])), None)
            if j is None:
                break
            eq = _sunk(eq, j, made[eq.inputs[j]])
        return [eq]

    return live(rewritten(graph, rewrite))


def _by_rows(eq: Equation) -> bool:
    """Whether row i of the answer comes from row i of some arguments and the whole of the others."""
    out = eq.outputs[0]
    arrays = [a for a in eq.vars() if not a.weak]
    return all(a.shape == out.shape or len(a.shape) < len(out.shape) for a in arrays)


def _sunk(eq: Equation, j: int, inner: Equation) -> Equation:
    """The scan with row j computed in its body, from arguments that take its place."""
    body, how = eq.attrs["body"], eq.attrs["how"]
    graph, place = body.graph, j + (how.start is not None)
    row = graph.inputs[place]
    whole = [a for a in inner.vars() if a.shape != inner.outputs[0].shape]
    rows = [a for a in inner.vars() if a.shape == inner.outputs[0].shape]
    own = {a: Var(a.shape[1:] if a in rows else a.shape, a.dtype, a.weak) for a in (*whole, *rows)}
    first = inner._replace(inputs=tuple([own.get(a, a) if type(a) is Var else a for a in inner.inputs]), outputs=(row,))
    consts, others = graph.inputs[: how.consts], graph.inputs[how.consts :]
    others.remove(row)
    inputs = [*consts, *[own[a] for a in dict.fromkeys(whole)], *others, *[own[a] for a in dict.fromkeys(rows)]]
    given = [
        *eq.inputs[: how.consts],
        *dict.fromkeys(whole),
        *eq.inputs[how.consts : j],
        *eq.inputs[j + 1 :],
        *dict.fromkeys(rows),
    ]
    made = type(body)(Graph(inputs, graph.constants, [first, *graph.equations], graph.outputs), body.backend)
    attrs = {**eq.attrs, "body": made, "how": how._replace(consts=how.consts + len(set(whole)))}
    return eq._replace(inputs=tuple(given), attrs=attrs)
