"""What passes are made of: a walk that replaces equations, and two passes that others need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .graph import Equation, Graph, Var


def rewritten(graph: Graph, rewrite: Callable[[Equation, dict[Any, Any]], list[Equation]]) -> Graph:
    """`graph` with each equation replaced. `rewrite(eq, instead)` sees arguments that are already replaced, and enters
    in `instead` what stands for an output from now on.
    """
    instead: dict[Any, Any] = {}
    equations: list[Equation] = []
    for eq in graph.equations:
        inputs = tuple([instead.get(a, a) if type(a) is Var else a for a in eq.inputs])
        equations += rewrite(eq._replace(inputs=inputs), instead)
    outputs = [instead.get(a, a) if type(a) is Var else a for a in graph.outputs]
    return Graph(graph.inputs, dict(graph.constants), equations, outputs)


def expand(graph: Graph, wholly: bool) -> Graph:
    """Composite operations become the operations they are made of; `wholly`, also those that can be called."""
    constants = dict(graph.constants)

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        if eq.inner is None or (eq.prim.emit is not None and not wholly):
            return [eq]
        inner = expand(eq.inner, wholly)
        own: dict[Any, Any] = dict(zip(inner.inputs, eq.inputs, strict=True))
        made = []
        for e in inner.equations:  # an inner graph may be spliced in more than once: its Vars are renewed
            outputs = tuple([Var(v.shape, v.dtype, v.weak) for v in e.outputs])
            own.update(zip(e.outputs, outputs, strict=True))
            inputs = tuple([own.get(a, a) if type(a) is Var else a for a in e.inputs])
            made.append(e._replace(inputs=inputs, outputs=outputs, quiet=e.quiet or eq.quiet))
        constants.update(inner.constants)
        for v, a in zip(eq.outputs, inner.outputs, strict=True):
            instead[v] = own.get(a, a) if type(a) is Var else a
        return made

    done = rewritten(graph, rewrite)
    return Graph(done.inputs, constants, done.equations, done.outputs)


def live(graph: Graph) -> Graph:
    """Without equations and constants that no output needs."""
    needed = {a for a in graph.outputs if type(a) is Var}
    equations = []
    for eq in reversed(graph.equations):
        if any(v in needed for v in eq.outputs):
            needed.update(eq.vars())
            equations.append(eq)
    constants = {v: x for v, x in graph.constants.items() if v in needed}
    return Graph(graph.inputs, constants, equations[::-1], graph.outputs)
