"""Indexing, and its transpose, the scatter-add.

An index is taken apart into a static part (ints, slices, None) and integer arrays, which are arguments, since they
may be batched or recorded. `AT` marks the place of an array in the static part. Boolean masks become integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import IndexingError, MissingRuleError, user_line
from ..core.primitive import Emit, Primitive, register
from ..core.trace import Traced, bind
from .families import with_batch_axis


class _At:
    def __repr__(self) -> str:
        return "@"


AT = _At()
Index = tuple[Any, ...]
ALL = slice(None)


def joined(index: Index, arrays: Sequence[Any]) -> Index:
    """The index as NumPy takes it: the static part with the arrays in their places."""
    rest = iter(arrays)
    return tuple([next(rest) if part is AT else part for part in index]) if arrays else index


def index_text(index: Index, arrays: Sequence[str]) -> str:
    """The index as it stands in a program."""
    rest = iter(arrays)
    parts = [next(rest) if part is AT else _part_text(part) for part in index]
    return ", ".join(parts) or "()"


def _part_text(part: Any) -> str:
    if not isinstance(part, slice):
        return repr(part)
    ends = f"{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}"
    return ends if part.step is None else f"{ends}:{part.step}"


def _scatter_text(out: str, g: str, *arrays: str, index: Index, shape: tuple[int, ...]) -> str:
    add = f"np.add.at({out}, {_tuple_text(index, arrays)}, {g})"
    return f"{out}.fill(0); {add if arrays else f'{out}[{index_text(index, arrays)}] = {g}'}"


def _tuple_text(index: Index, arrays: Sequence[str]) -> str:
    """The index where it is an argument, in which slices have no short form."""
    rest = iter(arrays)
    parts = [next(rest) if part is AT else "slice(None)" if part == ALL else repr(part) for part in index]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _scatter_add(g: Any, *arrays: Any, index: Index, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, g.dtype)
    if arrays:
        np.add.at(out, joined(index, arrays), g)  # an element may be named more than once
    else:
        out[index] = g
    return out


def _getitem_batch(args: Sequence[Any], batched: Sequence[bool], index: Index) -> Any:
    args, index, source, target = behind_batch(args, batched, index)
    ans = bind(getitem_, *args, index=index)
    return np.moveaxis(ans, source, target) if source else ans


def _scatter_batch(args: Sequence[Any], batched: Sequence[bool], index: Index, shape: tuple[int, ...]) -> Any:
    args, index, source, target = behind_batch(args, batched, index)
    g, *arrays = args
    g = np.moveaxis(g, target, source) if source else g
    return bind(scatter_add, g, *arrays, index=index, shape=(args[0].shape[0], *shape))


def behind_batch(
    args: Sequence[Any], batched: Sequence[bool], index: Index
) -> tuple[Sequence[Any], Index, list[int], list[int]]:
    """Arguments and index with a batch axis in front, and the move of axes that brings NumPy's answer into order.

    Arrays and ints form a block. If its parts are neighbours its axes stay in place in the answer, else they go first.
    """
    if len(args) == 1:
        return args, (ALL, *index), [], []
    block = [k for k, part in enumerate(index) if part is AT or isinstance(part, int)]
    place = block[0]
    together = block[-1] - place + 1 == len(block)
    rank = max(np.ndim(a) - b for a, b in zip(args[1:], batched[1:], strict=True))
    if not any(batched[1:]):
        return args, (ALL, *index), [] if together else [rank], [] if together else [0]
    x, *arrays = with_batch_axis(args, batched)
    size = x.shape[0]
    rows = np.arange(size).reshape(size, *(1,) * rank)  # joins the block, so each row is indexed by its own arrays
    aligned = [a.reshape(size, *(1,) * (rank + 1 - a.ndim), *a.shape[1:]) for a in arrays]
    moved = place > 0 and together
    source = list(range(1, 1 + rank)) if moved else []
    return [x, rows, *aligned], (AT, *index), source, [place + k for k in source]


def _add_part(total: Any, g: Any, ans: Any, x: Any, *arrays: Any, index: Index) -> None:
    if arrays:
        np.add.at(total, joined(index, arrays), g)
    else:
        total[index] += g


getitem_: Primitive = register(Primitive(
    "getitem",
    lambda x, *arrays, index: x[joined(index, arrays)],
    [lambda g, ans, x, *arrays, index: bind(scatter_add, g, *arrays, index=index, shape=x.shape)],
    lambda ts, ans, x, *arrays, index: bind(getitem_, ts[0], *arrays, index=index),
    _getitem_batch,
    emit=Emit(lambda x, *arrays, index: f"{x}[{index_text(index, arrays)}]", kind="gather"),
    adds=_add_part,
))  # fmt: skip
scatter_add: Primitive = register(Primitive(
    "scatter_add",
    _scatter_add,
    [lambda g, ans, x, *arrays, index, shape: bind(getitem_, g, *arrays, index=index)],
    lambda ts, ans, x, *arrays, index, shape: bind(scatter_add, ts[0], *arrays, index=index, shape=shape),
    _scatter_batch,
    emit=Emit(lambda g, *arrays, index, shape: "", _scatter_text, "scatter"),
))  # fmt: skip


def _assemble(*xs: Any, indices: Sequence[Index], shape: tuple[int, ...], covers: bool) -> Any:
    out = np.zeros(shape, xs[0].dtype)
    for index, x in zip(indices, xs, strict=True):
        out[index] += x
    return out


def _assemble_text(out: str, *xs: str, indices: Sequence[Index], shape: tuple[int, ...], covers: bool) -> str:
    places = [f"{out}[{index_text(i, ())}]" for i in indices]
    first = [f"{places[0]} = {xs[0]}"]
    rest = [f"{p} {'=' if covers else '+='} {x}" for p, x in zip(places[1:], xs[1:], strict=True)]
    return "; ".join([*([] if covers else _zero_outside(out, indices[0], shape)), *first, *rest])


def _zero_outside(out: str, index: Index, shape: tuple[int, ...]) -> list[str]:
    """Statements that put zeros where a slice is not."""
    if not all(isinstance(part, slice) and part.step in (None, 1) for part in index):
        return [f"{out}.fill(0)"]
    lines = []
    for axis, (part, n) in enumerate(zip(index, shape, strict=False)):
        low, high, _ = part.indices(n)
        before = ":, " * axis
        lines += [f"{out}[{before}:{low},] = 0"] if low else []
        lines += [f"{out}[{before}{max(low, high)}:,] = 0"] if high < n else []
    return lines


# a sum of scatters of slices, made by the compiler; `covers`: each element lies in one of them
assemble = Primitive("assemble", _assemble, emit=Emit(lambda *xs, **attrs: "", _assemble_text, "assemble"))


def getitem(x: Any, index: Any) -> Any:
    """`x[index]` with all of NumPy's indexing except a mask that is itself batched."""
    static, arrays = taken_apart(x, index)
    return bind(getitem_, x, *arrays, index=static)


def taken_apart(x: Any, index: Any) -> tuple[Index, list[Any]]:
    """The static part of an index into `x`, one part an axis, and the integer arrays in it."""
    parts = index if type(index) is tuple else (index,)
    static: list[Any] = []
    arrays: list[Any] = []
    consumed = 0
    for part in parts:
        if type(part) is int or type(part) is slice:
            static.append(part)
            consumed += 1
        elif part is None or part is Ellipsis:
            static.append(part)
        else:
            found = _as_indices(part, x.shape[consumed:])
            consumed += len(found)
            for a in found:
                static.append(int(a) if isinstance(a, np.integer) else AT)
                if static[-1] is AT:
                    arrays.append(a)
    if consumed > x.ndim:
        raise IndexingError(f"index: {consumed} indices for shape {x.shape}, which has {x.ndim} axes{user_line()}")
    if Ellipsis in static:
        k = static.index(Ellipsis)
        static[k : k + 1] = [ALL] * (x.ndim - consumed)
    if Ellipsis in static:
        raise IndexingError(f"index: an index can hold one Ellipsis ('...') only{user_line()}")
    return tuple(static), arrays


def _as_indices(part: Any, shape: tuple[int, ...]) -> Sequence[Any]:
    """Integer arrays for one part of an index: itself, or the places where a mask over the next axes is true."""
    if isinstance(part, Traced):
        part = part.snapshot()
    if not isinstance(part, Traced):
        part = part if isinstance(part, np.generic) else np.array(part)  # a copy: the rule uses it later
        if part.dtype.kind == "f" and part.size == 0:
            part = part.astype(np.intp)  # the empty list
    if part.dtype.kind in "iu":
        return [part]
    if part.dtype.kind != "b":
        raise IndexingError(f"index: arrays in an index must be integers or booleans, got {part.dtype}{user_line()}")
    if isinstance(part, Traced):
        raise MissingRuleError(
            f"index: under vmap and jit a mask gives a shape that depends on values{user_line()}. "
            "Use np.where(mask, x, 0), or x.at[mask].multiply(v) for x[mask] *= v."
        )
    if part.ndim == 0 or part.shape != shape[: part.ndim]:
        raise IndexingError(f"index: a mask of shape {part.shape} does not fit axes of shape {shape}{user_line()}")
    return np.nonzero(part)


def from_front(indices: Any, n: int) -> Any:
    """Indices that count from the front alone. The values that a recorded program will be given cannot be looked at:
    there, a negative one becomes n, which is out of range as well.
    """
    recorded = isinstance(indices, Traced) and not indices.trace.concrete
    return np.where(np.less(indices, 0), n, indices) if recorded else indices
