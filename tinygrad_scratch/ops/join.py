"""Joining arrays. A list of NumPy's may hold Tensors, arrays, numbers and further lists, in any mixture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import bind
from .arguments import as_array, cast_by, one_axis, refuse
from .families import in_dtype, linear


def _concatenate_transpose(
    wanted: Sequence[int], g: Any, ans: Any, *xs: Any, axis: int, starts: tuple[int, ...]
) -> list[Any]:
    lead = (slice(None),) * axis
    parts = [g[(*lead, slice(starts[i], starts[i] + xs[i].shape[axis]))] for i in wanted]
    return [in_dtype(p, xs[i]) for i, p in zip(wanted, parts, strict=True)]


# starts: where each part begins in the answer
concatenate_ = linear(
    "concatenate",
    lambda *xs, axis, starts: np.concatenate(xs, axis),
    _concatenate_transpose,
    variadic=True,
    jointly=True,
    emit=Emit(
        lambda *xs, axis, starts: f"np.concatenate([{', '.join(xs)}], {axis})",
        lambda out, *xs, axis, starts: f"np.concatenate([{', '.join(xs)}], {axis}, {out})",
        "join",
    ),
)


@implements(np.concatenate)
def concatenate(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `concatenate`."""
    refuse("concatenate", out=out)
    arrays = [as_array(x) for x in arrays]
    if axis is None:
        arrays, axis = [x.reshape(-1) for x in arrays], 0
    if dtype is not None or casting != "same_kind":
        dtype = np.result_type(*arrays) if dtype is None else dtype
        arrays = [cast_by("concatenate", x, dtype, casting) for x in arrays]
    axis = one_axis(axis, arrays[0].ndim)
    starts = tuple(accumulate([x.shape[axis] for x in arrays[:-1]], initial=0))
    return bind(concatenate_, *arrays, axis=axis, starts=starts)


@implements(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `stack`."""
    arrays = [as_array(x) for x in arrays]
    if len({x.shape for x in arrays}) != 1:
        raise ArgumentError(f"stack: all arrays must have one shape, got {[x.shape for x in arrays]}")
    axis = one_axis(axis, arrays[0].ndim + 1)
    return concatenate([np.expand_dims(x, axis) for x in arrays], axis, out, dtype=dtype, casting=casting)


def _at_least(rank: int, x: Any, behind: int = 0) -> Any:
    """`x` with axes of length 1 up to `rank` of them: in front, but for `behind` of them at the end."""
    x = as_array(x)
    missing = max(rank - x.ndim, 0)
    behind = min(behind, missing)
    return x.reshape((1,) * (missing - behind) + x.shape + (1,) * behind) if missing else x


def _each(rank: int, arys: Any, behind: int = 0) -> Any:
    made = tuple([_at_least(rank, x, behind if np.ndim(x) else 0) for x in arys])
    return made[0] if len(made) == 1 else made


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """NumPy's `atleast_1d`."""
    return _each(1, arys)


@implements(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """NumPy's `atleast_2d`: a vector becomes a row."""
    return _each(2, arys)


@implements(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """NumPy's `atleast_3d`: a vector of length n becomes (1, n, 1), a matrix (m, n, 1)."""
    return _each(3, arys, behind=1)


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `hstack`: along the second axis; vectors along their only one."""
    arrays = [_at_least(1, x) for x in tup]
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `vstack`: along the first axis, vectors as rows."""
    return concatenate([_at_least(2, x) for x in tup], 0, dtype=dtype, casting=casting)


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    """NumPy's `dstack`: along the third axis."""
    return concatenate([np.atleast_3d(as_array(x)) for x in tup], 2)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """NumPy's `column_stack`: vectors become the columns of a matrix."""
    arrays = [as_array(x) for x in tup]
    return concatenate([x if x.ndim > 1 else x.reshape(-1, 1) for x in arrays], 1)


@implements(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """NumPy's `append`."""
    return concatenate([arr, values], axis)


@implements(np.block)
def block(arrays: Any) -> Any:
    """NumPy's `block`: the innermost lists are joined along the last axis, those around them along the one before."""
    depth = _depth(arrays)
    rank = max(depth, *[np.ndim(x) for x in _leaves(arrays)])

    def build(x: Any, level: int) -> Any:
        if level == 0:
            return _at_least(rank, x)
        return concatenate([build(part, level - 1) for part in x], rank - level)

    return build(arrays, depth)


def _depth(arrays: Any) -> int:
    """How deep the lists are nested: everywhere the same."""
    if isinstance(arrays, tuple):
        raise DtypeError(f"block: the arrays must stand in lists, got a tuple{user_line()}")
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(part) for part in arrays}
    if len(depths) != 1:
        raise ArgumentError(f"block: a list is {'nested unevenly' if depths else 'empty'}{user_line()}")
    return 1 + depths.pop()


def _leaves(arrays: Any) -> list[Any]:
    return [leaf for part in arrays for leaf in _leaves(part)] if isinstance(arrays, list) else [arrays]
