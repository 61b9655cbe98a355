"""Passes: each takes a graph to an equal one that is cheaper to run.

`simplify` is all of them: composites replaced by their operations, numbers given the dtype in which they are used,
what does not depend on the inputs computed now, equal equations merged, and what nobody needs left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import UFUNCS, Primitive
from ..ops.index import AT, assemble
from ..ops.shape import CAST, RESHAPE
from .graph import Equation, Graph, Var, python_operator

SMALL = 1 << 12  # bytes; what is folded into a constant may not be larger than this


def simplify(graph: Graph, wholly: bool = False) -> Graph:
    """All passes, in their order; `wholly`: without calls of functions that are made of operations."""
    graph = hoist(expand(graph, wholly))
    for step in PASSES:
        graph = step(graph)
    return graph


def _kind(eq: Equation) -> str:
    return eq.prim.emit.kind if eq.prim.emit else ""


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
            made.append(e._replace(inputs=inputs, outputs=outputs))
        constants.update(inner.constants)
        for v, a in zip(eq.outputs, inner.outputs, strict=True):
            instead[v] = own.get(a, a) if type(a) is Var else a
        return made

    done = rewritten(graph, rewrite)
    return Graph(done.inputs, constants, done.equations, done.outputs)


def hoist(graph: Graph) -> Graph:
    """What a round of a scan computes from constants alone is computed once, before it. A transposed matrix in a product
    becomes a contiguous copy, which BLAS takes faster each time.
    """

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        return _hoisted(eq) if eq.prim.emit is not None and eq.prim.emit.kind == "scan" else [eq]

    return rewritten(graph, rewrite)


def _hoisted(eq: Equation) -> list[Equation]:
    body, how = eq.attrs["body"], eq.attrs["how"]
    graph = body.graph
    outer: dict[Any, Any] = dict(zip(graph.inputs[: how.consts], eq.inputs, strict=False))
    factors = {v for e in graph.equations if _kind(e) == "product" for v in e.vars()}
    before, rest, new = [], [], []
    for e in graph.equations:
        known = (
            all(v in outer for v in e.vars()) and not any(v.weak for v in (*e.vars(), *e.outputs)) and how.length > 1
        )
        turned = _kind(e) == "view" and e.attrs.get("axes") == (1, 0) and e.outputs[0] in factors
        if (
            not known
            or not e.inputs
            or e.inner is not None
            or not (turned or _kind(e) in ("ufunc", "where", "cast", "product"))
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
    kind = _kind(eq)
    out, first = eq.outputs[0], eq.inputs[0] if eq.inputs else None
    if kind == "same":
        return first
    if type(first) is Var and not first.weak and (first.shape, first.dtype) == (out.shape, out.dtype):
        identity_view = kind == "view" and (len(eq.attrs) == 1 and eq.attrs.get("shape") == out.shape)
        if (kind == "cast" and not eq.attrs.get("copy")) or identity_view or eq.prim.impl is np.positive:
            return first
    if eq.prim.impl is np.multiply:
        for one, other in (eq.inputs, eq.inputs[::-1]):
            unit = type(one) is not Var and type(one) is not bool and one == 1
            if unit and type(other) is Var and not other.weak and (other.shape, other.dtype) == (out.shape, out.dtype):
                return other
    return None


def spread_numbers(graph: Graph) -> Graph:
    """A number broadcast to an array is used as the number wherever broadcasting does it anyway."""
    spread: dict[Var, Any] = {v: x.flat[0] for v, x in graph.constants.items() if _uniform(x)}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        kind = _kind(eq)
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


def _uniform(x: Any) -> bool:
    """Whether all elements are one number."""
    if not x.size or x.dtype.kind not in "biuf":
        return False
    first = x.flat[0]
    return not any(x.strides) or bool(
        np.all(x == first) and (first != 0 or not np.any(np.signbit(x) != np.signbit(first)))
    )


def scale_once(graph: Graph) -> Graph:
    """(x * a) * b with numbers a and b becomes x * (a b), if that is neither too large nor too small."""
    scaled: dict[Any, tuple[Any, Any]] = {}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        out = eq.outputs[0]
        if eq.prim.impl is not np.multiply or out.dtype.kind != "f" or out.weak:
            return [eq]
        for number, x in (eq.inputs, eq.inputs[::-1]):
            if isinstance(number, np.floating) and type(x) is Var and (x.dtype, x.shape) == (out.dtype, out.shape):
                if x in scaled:
                    x, before = scaled[x]
                    both = float(before) * float(number)
                    if not 1e-30 < abs(both) < 1e30:
                        return [eq]
                    number = out.dtype.type(both)
                scaled[out] = (x, number)
                return [eq._replace(inputs=(x, number))]
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
        kind = _kind(eq)
        if impl is np.greater_equal and inputs[0] in positive and _is_zero(inputs[1]):
            return [Equation(_of(np.less_equal), (positive[inputs[0]], inputs[1]), {}, eq.outputs)]
        if out.dtype.kind != "f" or out.weak or len(eq.outputs) > 1:
            return [eq]
        if impl is np.absolute and inputs[0] in positive:
            return [eq._replace(inputs=(positive[inputs[0]],))]
        if impl is np.copysign and inputs[0] in positive:
            return [eq._replace(inputs=(positive[inputs[0]], inputs[1]))]
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


def _is_zero(a: Any) -> bool:
    return type(a) is not Var and bool(a == 0)


def flatten_products(graph: Graph) -> Graph:
    """A stack of matrices times one matrix is one product."""

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        if _kind(eq) != "product" or any(type(a) is not Var for a in eq.inputs):
            return [eq]
        (x, y), out = eq.inputs, eq.outputs[0]
        rows = int(np.prod(x.shape[:-1]))
        if len(x.shape) < 3 or len(y.shape) != 2 or 0 in (rows, *x.shape, *y.shape):
            return [eq]
        flat, flat_out = Var((rows, x.shape[-1]), x.dtype), Var((rows, y.shape[-1]), out.dtype)
        return [
            Equation(RESHAPE, (x,), {"shape": flat.shape}, (flat,)),
            eq._replace(inputs=(flat, y), outputs=(flat_out,)),
            Equation(RESHAPE, (flat_out,), {"shape": out.shape}, (out,)),
        ]

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
        inputs, made = list(eq.inputs), []
        for i, (a, dtype) in enumerate(zip(eq.inputs, dtypes, strict=False)):
            if type(a) is not Var:
                inputs[i] = dtype.type(a) if np.can_cast(np.result_type(a), dtype, "same_kind") else a
            elif a.weak and a.dtype != dtype:
                var = Var((), dtype)
                made.append(Equation(CAST, (a,), {"dtype": dtype}, (var,)))
                inputs[i] = var
        return [*made, eq._replace(inputs=tuple(inputs))]

    return rewritten(graph, rewrite)


def loop_dtypes(eq: Equation) -> tuple[np.dtype[Any], ...]:
    """The dtypes in which NumPy's inner loop runs: one an argument, then the answer's."""
    kinds = [_dtype_for(a) for a in eq.inputs]
    return eq.prim.impl.resolve_dtypes((*kinds, None))  # type: ignore[attr-defined,no-any-return]


def _dtype_for(a: Any) -> Any:
    """What NumPy's promotion is told of an argument."""
    if type(a) is Var:
        return {"f": float, "i": int, "b": np.dtype(bool)}[a.dtype.kind] if a.weak else a.dtype
    if type(a) in (int, float):
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


def gather_parts(graph: Graph) -> Graph:
    """A sum of arrays that are zero but for a slice is put together slice by slice."""
    uses = Counter(v for eq in graph.equations for v in eq.vars())
    uses.update(a for a in graph.outputs if type(a) is Var)
    parts: dict[Any, dict[str, tuple[Any, Any]]] = {}  # Var -> slices of it, and what stands there

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        out = eq.outputs[0]
        if eq.prim.emit is not None and eq.prim.emit.kind == "scatter" and len(eq.inputs) == 1:
            parts[out] = {repr(eq.attrs["index"]): (eq.attrs["index"], eq.inputs[0])}
        known = [a in parts and uses[a] == 1 and a.shape == out.shape for a in eq.inputs]
        if eq.prim.impl is not np.add or not all(known) or len(known) != 2:
            return [eq]
        made = []
        joined = dict(parts[eq.inputs[0]])
        for key, (index, x) in parts[eq.inputs[1]].items():
            if key in joined:
                both = Var(joined[key][1].shape, out.dtype)
                made.append(Equation(eq.prim, (joined[key][1], x), {}, (both,)))
                joined[key] = (index, both)
            else:
                joined[key] = (index, x)
        parts[out] = joined
        indices = tuple([index for index, _ in joined.values()])
        attrs = {"indices": indices, "shape": out.shape, "covers": _cover(indices, out.shape)}
        return [*made, Equation(assemble, tuple([x for _, x in joined.values()]), attrs, (out,))]

    return rewritten(graph, rewrite)


def _cover(indices: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """Whether each element lies in just one of the slices."""
    hits = np.zeros(shape, np.uint8)
    for index in indices:
        hits[index] += 1
    return bool(np.all(hits == 1))


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
    live, drop_same, merge, fold, flatten_products, spread_numbers, drop_same, gather_parts, live, signs, live, give_dtypes, scale_once, merge,
    drop_same, live,
]  # fmt: skip
