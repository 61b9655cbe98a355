"""Passes: each takes a graph to an equal one that is cheaper to run.

`simplify` is all of them: composites replaced by their operations, numbers given the dtype in which they are used,
what does not depend on the inputs computed now, equal equations merged, and what nobody needs left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import UFUNCS, Primitive
from ..ops.shape import CAST
from .graph import Equation, Graph, Var, python_operator

SMALL = 1 << 12  # bytes; what is folded into a constant may not be larger than this


def simplify(graph: Graph) -> Graph:
    """All passes, in their order."""
    for step in PASSES:
        graph = step(graph)
    return graph


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


def expand(graph: Graph) -> Graph:
    """Composite operations become the operations they are made of."""
    constants = dict(graph.constants)

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        if eq.inner is None:
            return [eq]
        inner = expand(eq.inner)
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


def drop_same(graph: Graph) -> Graph:
    """Operations that give their argument as it is are passed over: marks such as stop_gradient, products with 1,
    casts, reshapes and broadcasts to what a value is already.
    """

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        same = _same_as(eq)
        if same is None:
            return [eq]
        instead[eq.outputs[0]] = same
        return []

    return rewritten(graph, rewrite)


def _same_as(eq: Equation) -> Any:
    kind = eq.prim.emit.kind if eq.prim.emit else ""
    out, first = eq.outputs[0], eq.inputs[0] if eq.inputs else None
    if kind == "same":
        return first
    if type(first) is Var and not first.weak and (first.shape, first.dtype) == (out.shape, out.dtype):
        identity_view = kind == "view" and (len(eq.attrs) == 1 and eq.attrs.get("shape") == out.shape)
        if kind == "cast" or identity_view or eq.prim.impl is np.positive:
            return first
    if eq.prim.impl is np.multiply:
        for one, other in (eq.inputs, eq.inputs[::-1]):
            unit = type(one) is not Var and type(one) is not bool and one == 1
            if unit and type(other) is Var and not other.weak and (other.shape, other.dtype) == (out.shape, out.dtype):
                return other
    return None


def spread_numbers(graph: Graph) -> Graph:
    """A number broadcast to an array is used as the number wherever broadcasting does it anyway."""
    spread: dict[Var, Any] = {v: x.flat[0] for v, x in graph.constants.items() if x.size and not any(x.strides)}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        kind = eq.prim.emit.kind if eq.prim.emit else ""
        source = eq.inputs[0] if eq.inputs else None
        if kind == "view" and "shape" in eq.attrs and _is_number(source):
            spread[eq.outputs[0]] = source
        if kind in ("ufunc", "where"):
            shape = eq.outputs[0].shape
            inputs = list(eq.inputs)
            for i, a in enumerate(inputs):
                if type(a) is Var and a in spread:
                    rest = [x.shape for k, x in enumerate(inputs) if k != i and type(x) is Var]
                    if np.broadcast_shapes(*rest) == shape:
                        inputs[i] = spread[a]
            return [eq._replace(inputs=tuple(inputs))]
        return [eq]

    return rewritten(graph, rewrite)


def _is_number(a: Any) -> bool:
    """Whether the value has no axes."""
    return type(a) is not Var or (a.shape == () and not a.weak)


def signs(graph: Graph) -> Graph:
    """Minus signs move behind products, quotients, sums and views, where two of them cancel; rounding knows no sign."""
    positive: dict[Any, Var] = {}  # x for -x

    def behind(eq: Equation, inputs: tuple[Any, ...], odd: bool) -> list[Equation]:
        if not odd:
            return [eq._replace(inputs=inputs)]
        out = eq.outputs[0]
        positive[out] = Var(out.shape, out.dtype)
        turned = Equation(_of(np.negative), (positive[out],), {}, (out,))
        return [eq._replace(inputs=inputs, outputs=(positive[out],)), turned]

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        impl, out, inputs = eq.prim.impl, eq.outputs[0], eq.inputs
        kind = eq.prim.emit.kind if eq.prim.emit else ""
        if out.dtype.kind != "f" or out.weak or len(eq.outputs) > 1:
            return [eq]
        if impl is np.negative and inputs[0] in positive:
            instead[out] = positive[inputs[0]]
            return []
        if impl is np.negative and type(inputs[0]) is Var and inputs[0].dtype == out.dtype:
            positive[out] = inputs[0]
        elif impl in (np.multiply, np.divide):
            turned = [a in positive and positive[a].shape == out.shape for a in inputs]
            bare = tuple([positive[a] if t else a for a, t in zip(inputs, turned, strict=True)])
            return behind(eq, bare, sum(turned) == 1)
        elif impl is np.add and inputs[1] in positive:
            return [Equation(_of(np.subtract), (inputs[0], positive[inputs[1]]), {}, eq.outputs)]
        elif impl is np.add and inputs[0] in positive:
            return [Equation(_of(np.subtract), (inputs[1], positive[inputs[0]]), {}, eq.outputs)]
        elif impl is np.subtract and inputs[1] in positive:
            return [Equation(_of(np.add), (inputs[0], positive[inputs[1]]), {}, eq.outputs)]
        elif kind in ("sum", "view") and inputs[0] in positive and _size(out) <= _size(inputs[0]):
            return behind(eq, (positive[inputs[0]],), True)
        return [eq]

    return rewritten(graph, rewrite)


def _size(v: Var) -> int:
    return int(np.prod(v.shape))


def _of(ufunc: np.ufunc) -> Primitive:
    return UFUNCS[ufunc]


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
    kinds = [_kind(a) for a in eq.inputs]
    return eq.prim.impl.resolve_dtypes((*kinds, None))  # type: ignore[attr-defined,no-any-return]


def _kind(a: Any) -> Any:
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
        except TypeError:  # an attribute that does not hash
            return [eq]
        if before is eq.outputs:
            return [eq]
        instead.update(zip(eq.outputs, before, strict=True))
        return []

    return rewritten(graph, rewrite)


def _key(a: Any) -> Any:
    return a if type(a) is Var else (type(a), a.dtype if isinstance(a, np.generic) else None, repr(a))


def _attr_key(item: tuple[str, Any]) -> Any:
    hash(item[1])
    return item[0], repr(item[1]) if isinstance(item[1], (int, str, tuple, type(None))) else str(id(item[1]))


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


PASSES = [
    expand, live, drop_same, merge, fold, spread_numbers, drop_same, signs, live, give_dtypes, merge, drop_same, live
]  # fmt: skip
