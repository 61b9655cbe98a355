"""Passes that know a little algebra: what makes no difference is dropped, signs cancel, numbers and slices join."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeGuard

import numpy as np

from ..core.primitive import UFUNCS, Primitive
from ..ops.index import assemble
from ..ops.shape import RESHAPE
from .fusion import REDUCTIONS, kind
from .graph import Equation, Graph, Var
from .rewrite import rewritten


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
    what = kind(eq)
    out, first = eq.outputs[0], eq.inputs[0] if eq.inputs else None
    if what == "same":
        return first
    if _is_array(first) and (first.shape, first.dtype) == (out.shape, out.dtype):
        identity_view = what == "view" and (len(eq.attrs) == 1 and eq.attrs.get("shape") == out.shape)
        if (what == "cast" and not eq.attrs.get("copy")) or identity_view or eq.prim.impl is np.positive:
            return first
        if what in REDUCTIONS:  # of single elements
            return first
    if eq.prim.impl is np.multiply:
        for one, other in (eq.inputs, eq.inputs[::-1]):
            unit = type(one) is not Var and type(one) is not bool and one == 1
            if unit and _is_array(other) and (other.shape, other.dtype) == (out.shape, out.dtype):
                return other
    return None


def spread_numbers(graph: Graph) -> Graph:
    """A number broadcast to an array is used as the number wherever broadcasting does it anyway."""
    spread: dict[Var, Any] = {v: x.flat[0] for v, x in graph.constants.items() if _uniform(x)}

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        what = kind(eq)
        source = eq.inputs[0] if eq.inputs else None
        if what == "view" and "shape" in eq.attrs and _is_number(source):
            spread[eq.outputs[0]] = source
        if what in ("ufunc", "where"):
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
    """Numbers move behind products and quotients, where two of them become one: (x * a) * y * b is (x * y) * (a b), if
    that is neither too large nor too small. x + x is 2 x, and -(x * a) is x * -a.
    """
    uses = Counter(v for eq in graph.equations for v in eq.vars())
    uses.update(a for a in graph.outputs if type(a) is Var)
    scaled: dict[Any, tuple[Any, float]] = {}  # x a: x and a

    def times(eq: Equation, x: Var, number: float) -> list[Equation]:
        """eq's answer as a number times x."""
        out = eq.outputs[0]
        before = scaled.get(x, (x, 1.0))
        if _moderate(before[1] * number):
            x, number = before[0], before[1] * number
        scaled[out] = (x, number)
        return [Equation(_of(np.multiply), (x, out.dtype.type(number)), {}, eq.outputs)]

    def alone(a: Any, out: Var) -> bool:
        """Whether the operand is scaled for this operation only."""
        return a in scaled and uses[a] == 1 and bool(a.shape == out.shape)

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        out, impl = eq.outputs[0], eq.prim.impl
        if impl not in (np.multiply, np.divide, np.add, np.negative) or out.dtype.kind != "f" or out.weak:
            return [eq]
        if impl is np.negative:
            return times(eq, eq.inputs[0], -1.0) if alone(eq.inputs[0], out) else [eq]
        x, y = eq.inputs
        if impl is np.add:
            same = x is y and _is_array(x) and x.dtype == out.dtype
            return times(eq, x, 2.0) if same else [eq]
        for number, a in ((x, y), (y, x)) if impl is np.multiply else ():
            if isinstance(number, np.floating) and _is_array(a) and (a.dtype, a.shape) == (out.dtype, out.shape):
                return times(eq, a, float(number))
        first, second = alone(x, out), impl is np.multiply and alone(y, out)
        if not (first or second):
            return [eq]
        (x, a), (y, b) = scaled[x] if first else (x, 1.0), scaled[y] if second else (y, 1.0)
        if not _moderate(a * b):
            return [eq]
        bare = Var(out.shape, out.dtype)
        return [eq._replace(inputs=(x, y), outputs=(bare,)), *times(eq, bare, a * b)]

    return rewritten(graph, rewrite)


def _is_array(a: Any) -> TypeGuard[Var]:
    """Whether it has a dtype of its own in every operation, as Python numbers have not."""
    return type(a) is Var and not a.weak


def _moderate(number: float) -> bool:
    return 1e-30 < abs(number) < 1e30


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
        what = kind(eq)
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
        if impl is np.negative and _is_array(inputs[0]) and inputs[0].dtype == out.dtype:
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
        elif what in ("sum", "view") and inputs[0] in positive and _size(out) <= _size(inputs[0]):
            return behind(eq, (positive[inputs[0]],), True)
        return [eq]

    return rewritten(graph, rewrite)


def _is_zero(a: Any) -> bool:
    return type(a) is not Var and bool(a == 0)


def _of(ufunc: np.ufunc) -> Primitive:
    return UFUNCS[ufunc]


def flatten_products(graph: Graph) -> Graph:
    """A stack of matrices times one matrix is one product."""

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        if kind(eq) != "product" or any(type(a) is not Var for a in eq.inputs):
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


def gather_parts(graph: Graph) -> Graph:
    """A sum of arrays that are zero but for a slice is put together slice by slice."""
    uses = Counter(v for eq in graph.equations for v in eq.vars())
    uses.update(a for a in graph.outputs if type(a) is Var)
    parts: dict[Any, dict[str, tuple[Any, Any]]] = {}  # Var -> slices of it, and what stands there

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        out = eq.outputs[0]
        if kind(eq) == "scatter" and len(eq.inputs) == 1:
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


def _size(v: Var) -> int:
    return int(np.prod(v.shape))
