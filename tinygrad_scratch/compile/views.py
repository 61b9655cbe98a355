"""Operations on elements move across views: what stands on both sides has one shape then, and runs as one loop.

Where a reshape splits axes or joins them, they move to where there are more axes, since an array can always be seen so.
Where slices are all that is taken of an answer, they move behind them.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from ..ops.index import ALL
from ..ops.shape import RESHAPE
from .fusion import REDUCTIONS, elementwise, is_view, kind
from .graph import Equation, Graph, Var
from .rewrite import live, rewritten

ShapeOf = tuple[int, ...]


def across_views(graph: Graph) -> Graph:
    """An equal graph, with fewer shapes to loop over."""
    return across_reshapes(across_slices(graph))


# ---- slices
# ----------------------------------------------------------------------------------------------------


def across_slices(graph: Graph) -> Graph:
    """What is made element by element, and of which only slices are taken, is made slice by slice."""
    sliced = _sliced(graph)
    whole: dict[Any, Equation] = {}

    def part(a: Any, taken: Equation, shape: ShapeOf, made: list[Equation]) -> Any:
        """The slice of an argument that goes into a slice of an answer of this shape; where it is broadcast, it is so
        after that, too.
        """
        if type(a) is not Var or a.shape == ():
            return a
        missing = len(shape) - len(a.shape)
        axes = zip(a.shape, shape[missing:], taken.attrs["index"][missing:], strict=True)
        index = tuple([ALL if own != whole else i for own, whole, i in axes])
        out = Var(tuple([len(range(n)[i]) for n, i in zip(a.shape, index, strict=True)]), a.dtype)
        if a in whole:
            inputs = tuple([part(x, taken, shape, made) for x in whole[a].inputs])
            made.append(whole[a]._replace(inputs=inputs, outputs=(out,)))
        else:
            made.append(taken._replace(inputs=(a,), attrs={"index": index}, outputs=(out,)))
        return out

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        out = eq.outputs[0]
        if out in sliced:
            whole[out] = eq
            return []
        if not eq.inputs or eq.inputs[0] not in whole:
            return [eq]
        made: list[Equation] = []
        instead[out] = part(eq.inputs[0], eq, eq.inputs[0].shape, made)
        return made

    return rewritten(graph, rewrite)


def _sliced(graph: Graph) -> set[Any]:
    """The answers on elements of which slices are taken, of no more elements than they have, and nothing else."""
    taken: Counter[Any] = Counter()
    needed = {a for a in graph.outputs if type(a) is Var}
    sliced: set[Any] = set()
    for eq in reversed(graph.equations):
        out = eq.outputs[0]
        if _is_slice(eq):
            taken[eq.inputs[0]] += math.prod(out.shape)
        elif elementwise(eq) and eq.inner is None and out not in needed and 0 < taken[out] <= math.prod(out.shape):
            sliced.add(out)
            taken.update({a: taken[out] for a in eq.vars() if a.shape == out.shape})
            needed.update(a for a in eq.vars() if a.shape != out.shape)
        else:
            needed.update(eq.vars())
    return sliced


def _is_slice(eq: Equation) -> bool:
    """Whether it takes a slice along each axis, forwards and without gaps."""
    index = eq.attrs.get("index")
    if not index or not is_view(eq) or len(index) != len(eq.inputs[0].shape):
        return False
    return all(type(i) is slice and i.step in (None, 1) for i in index)


# ---- reshapes
# ----------------------------------------------------------------------------------------------------


def across_reshapes(graph: Graph) -> Graph:
    """Loops over a shape run over a finer one, where what they take or give is seen in that."""
    wanted = _wanted(graph)
    made: set[Any] = set()  # answers of operations on elements
    finer: dict[Any, Var] = {}  # the same elements in a finer shape

    def rewrite(eq: Equation, instead: dict[Any, Any]) -> list[Equation]:
        out = eq.outputs[0]
        if eq.prim is RESHAPE:
            first = eq.inputs[0]
            if first in finer and finer[first].shape == out.shape:
                instead[out] = finer[first]
                return []
            if first in made and _groups(out.shape, first.shape):
                finer[out] = first
            return [eq]
        shape = _loop(eq)
        if shape is None or eq.inner is not None:
            return [eq]
        made.add(out)
        shapes = [wanted.get(out), *[finer[a].shape for a in eq.vars() if a in finer and a.shape == shape]]
        groups = next((found for s in shapes if s and (found := _groups(shape, s))), None)
        return [eq] if groups is None else _refined(eq, shape, groups, finer)

    return live(rewritten(graph, rewrite))


def _loop(eq: Equation) -> ShapeOf | None:
    """The shape over which the operation loops, if it is one on elements or a reduction."""
    return eq.outputs[0].shape if elementwise(eq) else eq.inputs[0].shape if kind(eq) in REDUCTIONS else None


def _wanted(graph: Graph) -> dict[Any, ShapeOf]:
    """The finer shapes in which loops take the answers of other loops."""
    wanted: dict[Any, ShapeOf] = {}
    looped: set[Any] = set()
    for eq in reversed(graph.equations):
        out, shape = eq.outputs[0], _loop(eq)
        if shape is not None:
            same = [a for a in eq.vars() if a.shape == shape]
            looped.update(same)
            if out in wanted and elementwise(eq):
                wanted.update({a: wanted[out] for a in same if a not in wanted})
        elif eq.prim is RESHAPE and out in looped and _groups(eq.inputs[0].shape, out.shape):
            wanted.setdefault(eq.inputs[0], out.shape)
    return wanted


def _groups(shape: ShapeOf, finer: ShapeOf) -> list[ShapeOf] | None:
    """For each axis of a shape the lengths of those that it is split into; None if `finer` is no such shape."""
    if shape == finer or 1 in shape or 0 in shape:
        return None
    groups: list[ShapeOf] = []
    rest = list(finer)
    for n in shape:
        group: list[int] = []
        while rest and math.prod(group) < n:
            group.append(rest.pop(0))
        if math.prod(group) != n:
            return None
        groups.append(tuple(group))
    if any(n != 1 for n in rest):
        return None
    return [*groups[:-1], (*groups[-1], *rest)] if groups else None


def _refined(eq: Equation, shape: ShapeOf, groups: Sequence[ShapeOf], finer: dict[Any, Var]) -> list[Equation]:
    """The operation over the finer shape, between reshapes; what it gives in that shape is entered in `finer`."""
    made: list[Equation] = []

    def seen(a: Any) -> Any:
        """An argument in the finer shape; where it is broadcast, it stays so."""
        if type(a) is not Var or a.weak:
            return a
        aligned = zip(a.shape, groups[len(groups) - len(a.shape) :], strict=True)
        split = _flat([group if n != 1 else (1,) * len(group) for n, group in aligned])
        if split == a.shape:
            return a
        if a in finer and finer[a].shape == split:
            return finer[a]
        view = Var(split, a.dtype)
        made.append(Equation(RESHAPE, (a,), {"shape": split}, (view,)))
        return view

    out, attrs, lengths = eq.outputs[0], eq.attrs, list(groups)
    inputs = tuple([seen(a) for a in eq.inputs])
    if not elementwise(eq):
        reduced = range(len(shape)) if attrs["axis"] is None else attrs["axis"]
        parts = [[i] * len(group) for i, group in enumerate(groups)]
        axes = tuple([k for k, i in enumerate(_flat(parts)) if i in reduced])
        attrs = {**attrs, "axis": axes}
        kept = [(1,) * len(group) if attrs["keepdims"] else () for group in groups]
        lengths = [kept[i] if i in reduced else group for i, group in enumerate(groups)]
    split = _flat(lengths)
    if split == out.shape:
        return [*made, eq._replace(inputs=inputs, attrs=attrs)]
    finer[out] = Var(split, out.dtype)
    made.append(eq._replace(inputs=inputs, attrs=attrs, outputs=(finer[out],)))
    return [*made, Equation(RESHAPE, (finer[out],), {"shape": out.shape}, (out,))]


def _flat(parts: Iterable[Iterable[int]]) -> ShapeOf:
    return tuple(itertools.chain.from_iterable(parts))
