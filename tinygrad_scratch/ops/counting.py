"""Sums by class: bincount and histogram. Which class an element is in is constant; its weight is not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, MissingRuleError, ShapeError, user_line
from ..core.primitive import implements
from ..core.trace import Traced, bind
from .arguments import as_array, cast_by, require_real
from .families import add_up
from .index import AT, scatter_add
from .values import seen


@implements(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """NumPy's `bincount`: how often each number occurs in x, or the sum of the weights that stand where it does."""
    if isinstance(x, Traced):
        raise MissingRuleError(
            f"bincount: the length of the answer depends on x, which is a Tensor{user_line()}; give x as plain "
            "integers, or write np.sum(np.equal(x[:, None], np.arange(n)), axis=0)"
        )
    x, weights = np.asarray(x), as_array(weights)
    if x.ndim != 1 or (x.size and (x.dtype.kind not in "biu" or x.min() < 0)):
        raise ArgumentError("bincount: x must be a row of integers that are not negative")
    if weights.shape != x.shape:
        raise ShapeError(f"bincount: weights of shape {weights.shape} for x of {x.shape}{user_line()}")
    n = max(int(x.max(initial=-1)) + 1, minlength)
    require_real("bincount", weights)
    return _sums(weights.astype(float), x.astype(np.intp), n)


def _sums(weights: Any, places: Any, n: int) -> Any:
    """The sum of the weights at each of n places."""
    return bind(scatter_add, weights, places, index=(AT,), shape=(n,))


@implements(np.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: bool | None = None,
              weights: Any = None) -> tuple[Any, Any]:  # fmt: skip
    """NumPy's `histogram`: the sum of the weights (without any, the number) of the elements of each bin, and the edges.

    Differentiable by the weights and, with density=True, by the edges; the counts are constant. Edges that are found
    from the data (`range` not given) move with the least and the greatest element. Rules for `bins`, which are
    strings, need to look at the values and are refused.
    """
    row = np.ravel(as_array(a))
    edges = _edges("histogram", row, bins, range)
    n = len(edges) - 1
    if weights is None:
        counts = _sums(np.ones(row.shape, np.intp), _bins(row, edges), n + 1)[:n]
    else:
        whole = as_array(weights)
        if whole.shape != np.shape(a):
            raise ShapeError(f"histogram: weights of shape {whole.shape} for an array of {np.shape(a)}{user_line()}")
        if np.ndim(bins) == 1:  # then NumPy adds them up in the dtype of their sum
            cast_by("histogram", np.cumsum(np.zeros(0, whole.dtype)), whole.dtype)
        counts = _sums(np.ravel(whole), _bins(row, edges), n + 1)[:n]
    if density:
        counts = counts / np.diff(edges).astype(float) / np.sum(counts)
    return counts, edges


@implements(np.histogram2d)
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: bool | None = None,
                weights: Any = None) -> tuple[Any, Any, Any]:  # fmt: skip
    """NumPy's `histogram2d`: as `histogram`, of the points (x_i, y_i)."""
    if hasattr(bins, "shape") and len(bins) > 2:  # the edges of both
        bins = [bins, bins]
    counts, edges = histogramdd([x, y], bins, range, density, weights)
    return counts, edges[0], edges[1]


@implements(np.histogramdd)
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: bool | None = None,
                weights: Any = None) -> tuple[Any, Any]:  # fmt: skip
    """NumPy's `histogramdd`: as `histogram`, of points, one a row of `sample`, or one row of numbers a coordinate."""
    rows = [as_array(x) for x in (as_array(sample).T if hasattr(sample, "shape") else sample)]
    each = bins if hasattr(bins, "__len__") else [bins] * len(rows)
    ends = [None] * len(rows) if range is None else range
    if not len(each) == len(ends) == len(rows):
        raise ArgumentError(f"histogramdd: {len(each)} bins and {len(ends)} ranges for {len(rows)} coordinates")
    edges = [_edges("histogramdd", *of_one) for of_one in zip(rows, each, ends, strict=True)]
    shape = [len(e) for e in edges]  # of each, one bin more than there are
    places = [_bins(x, e) * math.prod(shape[i + 1 :]) for i, (x, e) in enumerate(zip(rows, edges, strict=True))]
    whole = np.ones(rows[0].shape) if weights is None else as_array(weights)
    require_real("histogramdd", whole)
    counts = _sums(whole.astype(float), add_up(places), math.prod(shape)).reshape(shape)
    counts = counts[tuple([slice(-1)] * len(rows))]
    if density:
        counts = counts / np.sum(counts)
        for i, e in enumerate(edges):
            counts = counts / np.reshape(np.diff(e), (-1, *(1,) * (len(rows) - 1 - i)))
    return counts, edges


def _bins(x: Any, edges: Any) -> Any:
    """The number of the bin of each element; outside of all, that of one more. The last bin has both of its edges."""
    n = len(edges) - 1
    place = np.searchsorted(edges, x, "right") - 1
    place = np.where(np.equal(x, edges[-1]), n - 1, place)
    return np.where(np.logical_and(np.greater_equal(place, 0), np.less(place, n)), place, n)


def _edges(function: str, row: Any, bins: Any, ends: Any) -> Any:
    if isinstance(bins, str):
        raise MissingRuleError(
            f"{function}: bins={bins!r} chooses their number by the values{user_line()}; give a number or the edges, "
            "for example np.histogram_bin_edges(tg.stop_gradient(x), ...)"
        )
    edges = as_array(bins)
    require_real(function, row, edges)
    if edges.ndim == 1:
        if seen(np.any(np.less(edges[1:], edges[:-1]))):
            raise ArgumentError(f"{function}: the edges bins={bins} must rise")
        return edges
    if edges.ndim or isinstance(bins, Traced) or int(bins) != bins or bins < 1:
        raise ArgumentError(f"{function}: bins={bins} must be a positive whole number or a row of edges")
    if ends is None:
        low, high = (np.min(row), np.max(row)) if row.size else (0.0, 1.0)
    else:
        low, high = ends
        if seen(np.logical_not(np.isfinite(low) & np.isfinite(high) & np.less_equal(low, high))):
            raise ArgumentError(f"{function}: range=({low}, {high}) must be two finite numbers that rise")
    dtype = np.result_type(low, high, *([row] if function == "histogram" else []))
    one = np.equal(low, high)  # all are equal
    low, high = np.where(one, low - 0.5, low), np.where(one, high + 0.5, high)
    edges = np.concatenate([low + (high - low) * (np.arange(bins) / bins), np.reshape(high, (1,))])
    return edges.astype(dtype if dtype.kind == "f" else float, copy=False)
