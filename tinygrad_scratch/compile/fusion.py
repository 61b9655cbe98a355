"""Clusters: which equations run together, element by element or block by block, so that what passes between them
stays in cache or in registers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .graph import Equation, Graph, Var

ELEMENTWISE = ("ufunc", "apply", "where", "cast")
REDUCTIONS = ("sum", "max", "min")
MOST = 200  # equations of a cluster: the time to compile a loop grows with their square


def kind(eq: Equation) -> str:
    """What the compilers know of the operation, or ""."""
    return eq.prim.emit.kind if eq.prim.emit else ""


def several(eq: Equation) -> bool:
    """Whether the operation gives a tuple, be it of one."""
    return eq.prim.pushforward is not None


def elementwise(eq: Equation) -> bool:
    """Whether each element of the answer depends on one element of each argument."""
    return kind(eq) in ELEMENTWISE and not eq.outputs[0].weak


def writes(eq: Equation) -> bool:
    """Whether the operation can write its answer into memory that it is given."""
    known = eq.prim.emit is not None and (eq.prim.emit.into is not None or eq.prim.emit.kind == "scan")
    return known and not eq.outputs[0].weak


class Cluster:
    """Equations with one loop over `shape` (None: an equation of its own, of any kind)."""

    def __init__(self, shape: tuple[int, ...] | None, equations: Sequence[Equation]) -> None:
        self.shape = shape
        self.equations = list(equations)

    def inputs(self) -> list[Var]:
        """The Vars that it reads and does not make, each once."""
        made = {v for eq in self.equations for v in eq.outputs}
        return [v for v in dict.fromkeys(v for eq in self.equations for v in eq.vars()) if v not in made]


def inner_values(graph: Graph, steps: Sequence[Cluster], fused: Sequence[Cluster]) -> set[Var]:
    """The values that live only inside one of the clusters `fused` among the steps."""
    used: dict[Var, set[int]] = {}
    for k, step in enumerate(steps):
        for eq in step.equations:
            for v in eq.vars():
                used.setdefault(v, set()).add(k)
    outputs = {a for a in graph.outputs if type(a) is Var}
    chosen = set(map(id, fused))
    return {
        v
        for k, step in enumerate(steps)
        if id(step) in chosen and step.shape is not None
        for eq in step.equations
        for v in eq.outputs
        if used.get(v, {k}) == {k} and v not in outputs
    }


def is_view(eq: Equation) -> bool:
    """Whether the answers are (or may be) views of the first argument. NumPy gives a single element as a number."""
    taken = kind(eq) == "gather" and len(eq.inputs) == 1
    single = eq.outputs[0].shape == () and (taken or several(eq))
    return (kind(eq) == "view" or taken) and not single


def _in_order(graph: Graph) -> list[Equation]:
    """The equations, those that make numbers from numbers first, and views right behind what they are views of, so that
    these stand between no others.
    """
    early = {v for v in graph.inputs if v.shape == ()}
    first: list[Equation] = []
    rest: list[Equation] = []
    views: dict[Any, list[Equation]] = {}
    for eq in graph.equations:
        if is_view(eq) and type(eq.inputs[0]) is Var:
            views.setdefault(eq.inputs[0], []).append(eq)
        elif all(v in early for v in eq.vars()) and all(v.shape == () for v in eq.outputs):
            early.update(eq.outputs)
            first.append(eq)
        else:
            rest.append(eq)

    def behind(vars: Iterable[Var]) -> list[Equation]:
        own = [eq for v in vars for eq in views.get(v, ())]
        return own + (behind([v for eq in own for v in eq.outputs]) if own else [])

    roots = behind([*graph.inputs, *graph.constants])
    return roots + [e for eq in first + rest for e in (eq, *behind(eq.outputs))]


def clusters(graph: Graph, joins: Callable[[Equation], bool]) -> list[Cluster]:
    """The equations in an order of execution, gathered greedily: each joins the first cluster that can take it.

    A reduction that `joins` does so with the loop over the elements that it reduces. Views stand alone. A boolean that
    one equation takes as a number becomes one there: what is kept until then is a quarter of the size, or less.
    """
    made: list[Cluster] = []
    place: dict[Any, tuple[int, bool]] = {}  # Var -> its cluster, and whether a member of that may use it
    open_by_shape: dict[tuple[int, ...], list[int]] = {}
    waiting: dict[Any, Equation] = {}
    numbers = _numbers_used_once(graph)

    def put(group: Sequence[Equation], shape: tuple[int, ...] | None, reduces: bool) -> None:
        index = len(made)
        if shape is not None:
            alike = open_by_shape.get(shape, [])
            places = [place.get(v, (-1, False)) for eq in group for v in eq.vars()]
            first = bisect_left(alike, max([p if inside else p + 1 for p, inside in places], default=0))
            index = alike[first] if first < len(alike) else index
        if index == len(made):
            made.append(Cluster(shape, []))
            if shape is not None:
                open_by_shape.setdefault(shape, []).append(index)
        made[index].equations += group
        if shape is not None and len(made[index].equations) >= MOST:
            open_by_shape[shape].remove(index)
        for eq in group:
            place.update(dict.fromkeys(eq.outputs, (index, not (reduces and eq is group[-1]))))

    for eq in _in_order(graph):
        if eq.outputs[0] in numbers:
            waiting[eq.outputs[0]] = eq
            continue
        reduces = kind(eq) in REDUCTIONS and joins(eq)
        shape = eq.inputs[0].shape if reduces else eq.outputs[0].shape if elementwise(eq) else None
        casts = [waiting.pop(v) for v in dict.fromkeys(eq.vars()) if v in waiting]
        inside = [e for e in casts if e.outputs[0].shape == shape]
        for e in casts:
            if e not in inside:
                put([e], e.outputs[0].shape, reduces=False)
        put([*inside, eq], shape, reduces)
    return made


def _numbers_used_once(graph: Graph) -> set[Any]:
    """The arrays of numbers that are made of booleans for one equation."""
    uses = Counter(v for eq in graph.equations for v in set(eq.vars()))
    casts = [eq for eq in graph.equations if kind(eq) == "cast" and eq.outputs[0].shape != ()]
    once = {v for eq in casts for v in eq.outputs if eq.inputs[0].dtype.kind == "b" and uses[v] == 1}
    return once.difference(a for a in graph.outputs if type(a) is Var)
