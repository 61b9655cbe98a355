"""Grids of points and sequences of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import implements
from .arguments import as_array, refuse, weak_or_array
from .values import bare


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """NumPy's `meshgrid`. `copy` makes no difference, as a Tensor never changes."""
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid: indexing={indexing!r}, expected 'xy' or 'ij'{user_line()}")
    swapped = indexing == "xy" and len(xi) > 1
    grids = []
    for i, x in enumerate(xi):
        axis = 1 - i if swapped and i < 2 else i
        grids.append(as_array(x).reshape((1,) * axis + (-1,) + (1,) * (len(xi) - axis - 1)))
    return tuple(grids) if sparse else tuple(np.broadcast_arrays(*grids))


@implements(np.ix_)
def ix_(*args: Any) -> tuple[Any, ...]:
    """NumPy's `ix_`: vectors along axes of their own; a mask becomes the places where it holds."""
    vectors = [as_array(x) for x in args]
    for x in vectors:
        if x.ndim != 1:
            raise ShapeError(f"ix_: expected vectors, got shape {x.shape}{user_line()}")
    vectors = [np.flatnonzero(x) if x.dtype == bool else x for x in vectors]
    return tuple([x.reshape((1,) * i + (-1,) + (1,) * (len(vectors) - i - 1)) for i, x in enumerate(vectors)])


def _ends(start: Any, stop: Any, dtype: Any) -> Any:
    """Both ends in that dtype, with one shape."""
    return np.broadcast_arrays(*[np.astype(as_array(x), dtype, copy=False) for x in (start, stop)])


@implements(np.linspace)
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
             axis: int = 0, *, device: Any = None) -> Any:  # fmt: skip
    """NumPy's `linspace`: start + k (stop - start) / n."""
    refuse("linspace", device=None if device == "cpu" else device)
    found = np.result_type(weak_or_array(start), weak_or_array(stop), 1.0)
    start, stop = _ends(start, stop, found)
    num, steps = int(num), int(num) - bool(endpoint)
    if num < 0:
        raise ArgumentError(f"linspace: num={num}, expected 0 or more{user_line()}")
    step = (stop - start) / steps if steps > 0 else np.nan
    if num < 2:
        points = start[None][:num]
    else:
        inner = np.arange(num - 1 if endpoint else num).astype(found).reshape(-1, *(1,) * start.ndim)
        points = inner * step + start
        points = np.concatenate([points, stop[None]]) if endpoint else points
    dtype = np.dtype(found if dtype is None else dtype)
    points = _finished(np.floor(points) if dtype.kind in "iu" else points, dtype, axis)
    return (points, step) if retstep else points


def _finished(points: Any, dtype: Any, axis: int) -> Any:
    """Points in the dtype asked for, along `axis`."""
    points = points if points.dtype == dtype else points.astype(dtype)
    return np.moveaxis(points, 0, axis)


@implements(np.logspace)
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None,
             axis: int = 0) -> Any:  # fmt: skip
    """NumPy's `logspace`: `base` to the powers of `linspace`."""
    base = as_array(base) if np.ndim(base) else base
    if np.ndim(base):
        start, stop = np.broadcast_arrays(as_array(start), as_array(stop), base)[:2]
    points = np.power(base, linspace(start, stop, num, endpoint))
    return _finished(points, points.dtype if dtype is None else np.dtype(dtype), axis)


@implements(np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """NumPy's `geomspace`: start (stop / start)^(k / n)."""
    found = np.result_type(as_array(start), as_array(stop), np.zeros((), dtype))
    start, stop = _ends(start, stop, found)
    if not (np.all(bare(start)) and np.all(bare(stop))):
        raise ArgumentError(f"geomspace: a geometric sequence has no end that is zero{user_line()}")
    exponents = linspace(0.0, 1.0, num, endpoint)[1:].astype(found).reshape(-1, *(1,) * start.ndim)
    between = exponents[:-1] if endpoint else exponents
    ends = [start[None][: int(num)], stop[None][: len(exponents) - len(between)]]
    points = np.concatenate([ends[0], start * np.power(stop / start, between), ends[1]])
    return _finished(points, np.dtype(found if dtype is None else dtype), axis)
