"""A graph made ready to be written: simplified, down into loops and branches."""

from __future__ import annotations

import itertools

from ..branch import cond_, while_
from ..graph import Equation, Graph, Var
from ..passes import simplify
from ..scan import scan_


def prepared(graph: Graph) -> Graph:
    """The graph simplified, and so the loops and branches in it, which then have graphs instead of programs, without
    the arguments and rows of answers that nobody reads.
    """
    graph = simplify(graph, wholly=True)
    used = {a for a in graph.outputs if type(a) is Var}
    equations = []
    for eq in reversed(graph.equations):
        if any(v in used for v in eq.outputs):
            inside = {scan_: _prepared_scan, while_: _prepared_while, cond_: _prepared_cond}.get(eq.prim)
            equations.append(inside(eq, used) if inside else eq)
            used.update(equations[-1].vars())
    return Graph(graph.inputs, graph.constants, equations[::-1], graph.outputs)


def _prepared_scan(eq: Equation, used: set[Var]) -> Equation:
    how, body = eq.attrs["how"], eq.attrs["body"].graph
    kept = [k for k, v in enumerate(eq.outputs) if k < how.carries or v in used]
    body = prepared(Graph(body.inputs, body.constants, body.equations, [body.outputs[k] for k in kept]))
    read = _read(body)
    carried = range(how.consts, len(body.inputs) - (len(eq.inputs) - how.fixed))  # and the number of the round
    places = [j for j, r in enumerate(read) if r or j in carried]
    inputs = [eq.inputs[p] for j in places if (p := how.argument(j)) is not None]
    how = how._replace(consts=sum(read[: how.consts]))
    body = Graph([body.inputs[j] for j in places], body.constants, body.equations, body.outputs)
    outputs = tuple([eq.outputs[k] for k in kept])
    return eq._replace(inputs=tuple(inputs), attrs={"body": body, "how": how}, outputs=outputs)


def _prepared_while(eq: Equation, used: set[Var]) -> Equation:
    body, test = prepared(eq.attrs["body"].graph), prepared(eq.attrs["test"].graph)
    return eq._replace(attrs={**eq.attrs, "body": body, "test": test})


def _prepared_cond(eq: Equation, used: set[Var]) -> Equation:
    """Each branch with arguments of its own."""
    (a, b), (pred, *rest) = eq.attrs["consts"], eq.inputs
    made, inputs = [], []
    for name, args in (("true", [*rest[:a], *rest[a + b :]]), ("false", rest[a:])):
        branch = prepared(eq.attrs[name].graph)
        read = _read(branch)
        made.append(
            Graph([*itertools.compress(branch.inputs, read)], branch.constants, branch.equations, branch.outputs)
        )
        inputs.append([*itertools.compress(args, read)])
    attrs = {"true": made[0], "false": made[1], "consts": tuple(map(len, inputs))}
    return eq._replace(inputs=(pred, *inputs[0], *inputs[1]), attrs=attrs)


def _read(graph: Graph) -> list[bool]:
    """Which of the inputs are used."""
    used = {v for eq in graph.equations for v in eq.vars()} | {a for a in graph.outputs if type(a) is Var}
    return [v in used for v in graph.inputs]
