"""Passes: each takes a graph to an equal one that is cheaper to run.

`simplify` is all of them: composites replaced by their operations, numbers given the dtype in which they are used,
what does not depend on the inputs computed now, equal equations merged, and what nobody needs left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.index import AT
from ..ops.shape import CAST
from .algebra import drop_same, flatten_products, gather_parts, scale_once, signs, spread_numbers
from .fusion import kind
from .graph import Equation, Graph, Var, python_operator
from .rewrite import expand, live, rewritten
from .rounds import hoist, sink

SMALL = 1 << 12  # bytes; what is folded into a constant may not be larger than this


def simplify(graph: Graph, wholly: bool = False) -> Graph:
    """All passes, in their order; `wholly`: without calls of functions that are made of operations."""
    graph = hoist(expand(graph, wholly))
    graph = sink(graph) if wholly else graph
    for step in PASSES:
        graph = step(graph)
    return graph


def fold(graph: Graph) -> Graph:
    """What does not depend on the inputs is computed now, if it is small; a number of it becomes a literal."""
    known: dict[Var, Any] = {v: x for v, x in graph.constants.items() if x.nbytes <= SMALL and x.shape == ()}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        small = all(v.dtype.itemsize * int(np.prod(v.shape)) <= SMALL for v in eq.outputs)
        if (
            len(eq.outputs) > 1
            or not small
            or eq.prim.emit is None
            or any(type(a) is Var and a not in known for a in eq.inputs)
        ):
            return [eq]
        out = eq.outputs[0]
        values = [known[a] if type(a) is Var else a for a in eq.inputs]
        with np.errstate(all="ignore"):
            x = python_operator(eq.prim)(*values) if out.weak else eq.prim.impl(*values, **eq.attrs)
        if out.shape == ():
            instead[out] = x if out.weak else x[()]
            return []
        known[out] = np.array(x)
        return [eq]

    done = rewritten(graph, rewrite)
    constants = dict(done.constants)
    rest = []
    for eq in done.equations:
        if eq.outputs[0] in known:
            constants[eq.outputs[0]] = known[eq.outputs[0]]
        else:
            rest.append(eq)
    return Graph(done.inputs, constants, rest, done.outputs)


def give_dtypes(graph: Graph) -> Graph:
    """Numbers take the dtype that NumPy's promotion gives them in the operation, once and for all."""

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        if eq.outputs[0].weak or not isinstance(eq.prim.impl, np.ufunc):
            return [eq]
        dtypes = loop_dtypes(eq)
        compared = eq.outputs[0].dtype.kind == "b"
        inputs, made = list(eq.inputs), []
        for i, (a, dtype) in enumerate(zip(eq.inputs, dtypes, strict=False)):
            if type(a) is not Var:
                inputs[i] = _in_dtype(a, dtype)
            elif a.weak and a.dtype != dtype and not (compared and dtype.kind in "iuO"):
                var = Var((), dtype)
                made.append(Equation(CAST, (a,), {"dtype": dtype}, (var,)))
                inputs[i] = var
        return [*made, eq._replace(inputs=tuple(inputs))]

    return rewritten(graph, rewrite)


def _in_dtype(a: Any, dtype: np.dtype[Any]) -> Any:
    """The number in a dtype, or as it is where it does not fit: NumPy compares arrays with such integers, too."""
    if dtype.kind == "O" or not np.can_cast(np.result_type(a), dtype, "same_kind"):
        return a  # NumPy compares two integers of Python's as objects
    try:
        return dtype.type(a)
    except OverflowError:
        return a


def loop_dtypes(eq: Equation) -> tuple[np.dtype[Any], ...]:
    """The dtypes in which NumPy's inner loop runs: one an argument, then the answer's."""
    kinds = [_dtype_for(a) for a in eq.inputs]
    return eq.prim.impl.resolve_dtypes((*kinds, None))  # type: ignore[attr-defined,no-any-return]


def _dtype_for(a: Any) -> Any:
    """What NumPy's promotion is told of an argument."""
    if type(a) is Var:
        return {"f": float, "i": int, "b": np.dtype(bool), "c": complex}[a.dtype.kind] if a.weak else a.dtype
    if type(a) in (int, float, complex):
        return type(a)
    return np.result_type(a)


def merge(graph: Graph) -> Graph:
    """Equal equations are computed once."""
    seen: dict[Any, tuple[Var, ...]] = {}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        try:
            key = (eq.prim, tuple([_key(a) for a in eq.inputs]), tuple(sorted(map(_attr_key, eq.attrs.items()))))
            before = seen.setdefault(key, eq.outputs)
        except TypeError:  # an attribute that cannot be compared
            return [eq]
        if before is eq.outputs:
            return [eq]
        instead.update(zip(eq.outputs, before, strict=True))
        return []

    return rewritten(graph, rewrite)


def _key(a: Any) -> Any:
    return a if type(a) is Var else (type(a), a.dtype if isinstance(a, np.generic) else None, repr(a))


def _attr_key(item: tuple[str, Any]) -> Any:
    name, x = item
    if _plain(x):
        return name, repr(x)
    hash(x)
    return name, str(id(x))


def _plain(x: Any) -> bool:
    """Whether the text of a static argument tells all of it."""
    if isinstance(x, tuple):
        return all(map(_plain, x))
    return x is AT or isinstance(x, (int, float, str, slice, np.dtype, type(None)))


def recast(graph: Graph) -> Graph:
    """Booleans become numbers where they are used: until then they take a quarter of the memory, or less."""
    casts: dict[Any, Equation] = {}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        if kind(eq) == "cast" and type(eq.inputs[0]) is Var and eq.inputs[0].dtype.kind == "b":
            casts[eq.outputs[0]] = eq
            return [eq]
        own = {v: Var(v.shape, v.dtype, v.weak) for v in eq.vars() if v in casts}
        made = [casts[v]._replace(outputs=(new,)) for v, new in own.items()]
        return [*made, eq._replace(inputs=tuple([own.get(a, a) if type(a) is Var else a for a in eq.inputs]))]

    return live(rewritten(graph, rewrite))


PASSES = [
    live, drop_same, merge, fold, flatten_products, spread_numbers, drop_same, gather_parts, live, signs, live,
    give_dtypes, scale_once, merge, drop_same, live,
]  # fmt: skip
