"""Median, quantile, percentile, and their variants that pass over NaN.

A quantile is a position p among the sorted elements, counted from 0: the answer lies on the line between the elements
floor(p) and floor(p) + 1. The methods differ in p alone; `POSITIONS` has it as a function of the number n of elements
and of q. Those with floor, ceil or rint in them jump, so their derivative by q is zero. The methods are those of
R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996) 361-365.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, user_line
from ..core.primitive import implements
from .arguments import as_array, axes, count, given, refuse, require_differences, spread_weights
from .families import kept_shape
from .reduce import in_front, keep
from .values import seen

Position = Callable[[Any, Any], Any]


def _between(alpha: float, beta: float) -> Position:
    """The methods that are continuous in q."""
    return lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1


def _closest(n: Any, q: Any) -> Any:
    """The nearest element, that of an odd number, counted from 0, if two are as near."""
    low = np.floor(n * q - 1.5)
    exact = np.logical_and(np.equal(low, n * q - 1.5), np.equal(low % 2, 1))
    return np.where(exact, low, low + 1)


POSITIONS: dict[str, Position] = {
    "inverted_cdf": lambda n, q: np.ceil(n * q) - 1,
    "averaged_inverted_cdf": lambda n, q: 0.5 * (np.ceil(n * q) + np.floor(n * q)) - 0.5,
    "closest_observation": _closest,
    "interpolated_inverted_cdf": _between(0, 1),
    "hazen": _between(0.5, 0.5),
    "weibull": _between(0, 0),
    "linear": lambda n, q: (n - 1) * q,
    "median_unbiased": _between(1 / 3, 1 / 3),
    "normal_unbiased": _between(3 / 8, 3 / 8),
    "lower": lambda n, q: np.floor((n - 1) * q),
    "higher": lambda n, q: np.ceil((n - 1) * q),
    "midpoint": lambda n, q: 0.5 * (np.floor((n - 1) * q) + np.ceil((n - 1) * q)),
    "nearest": lambda n, q: np.rint((n - 1) * q),
}
WHOLE = {"inverted_cdf", "closest_observation", "lower", "higher", "nearest"}  # whose answer is one of the elements


class _Sorted:
    """The elements along `axis`, moved to the front, with the order of them. NaN stands last."""

    def __init__(self, a: Any, axis: Any, pass_over_nan: bool) -> None:
        y = in_front(a, axis)
        self.order = np.argsort(y, axis=0)
        self.rest = y.shape[1:]
        self.nan = np.isnan(y) if y.dtype.kind == "f" else np.zeros(y.shape, bool)
        self.elements = np.where(self.nan, 0, y) if y.dtype.kind == "f" else y
        self.n = len(y) - np.sum(self.nan, axis=0) if pass_over_nan else len(y)
        self.unknown = np.equal(self.n, 0) if pass_over_nan else np.any(self.nan, axis=0)

    def at(self, places: Any) -> Any:
        """The elements with these numbers in order: (k, *rest), or with 1 in place of the rest."""
        places = np.broadcast_to(np.maximum(places, 0), (np.shape(places)[0], *self.rest))
        return np.take_along_axis(self.elements, np.take_along_axis(self.order, places, 0), 0)

    def finish(self, answers: Any) -> Any:
        """NaN where the answer is not known."""
        return np.where(self.unknown, np.nan, answers) if answers.dtype.kind in "fc" else answers


@implements(np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """NumPy's `median`: the element in the middle, or the mean of the two there."""
    refuse("median", out=out)
    return _median(a, axis, keepdims, pass_over_nan=False)


@implements(np.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """NumPy's `nanmedian`."""
    refuse("nanmedian", out=out)
    return _median(a, axis, keepdims, pass_over_nan=True)


def _median(a: Any, axis: Any, keepdims: Any, pass_over_nan: bool) -> Any:
    if count(a, axis) == 0:
        return np.mean(a, axis=axis, keepdims=given(keepdims))
    in_order = _Sorted(a, axis, pass_over_nan)
    n = np.expand_dims(in_order.n, 0)
    middle = 0.5 * in_order.at((n - 1) // 2) + 0.5 * in_order.at(n // 2)
    return keep(in_order.finish(middle[0]), a, axis, keepdims)


@implements(np.quantile)
def quantile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
             keepdims: Any = False, *, weights: Any = None) -> Any:  # fmt: skip
    """NumPy's `quantile`, with all its methods; differentiable by q as well, weights are constant."""
    refuse("quantile", out=out)
    return _quantile("quantile", a, q, 1, axis, method, keepdims, weights, pass_over_nan=False)


@implements(np.percentile)
def percentile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
               keepdims: Any = False, *, weights: Any = None) -> Any:  # fmt: skip
    """NumPy's `percentile`: the quantile of q / 100."""
    refuse("percentile", out=out)
    return _quantile("percentile", a, q, 100, axis, method, keepdims, weights, pass_over_nan=False)


@implements(np.nanquantile)
def nanquantile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
                method: str = "linear", keepdims: Any = False, *, weights: Any = None) -> Any:  # fmt: skip
    """NumPy's `nanquantile`."""
    refuse("nanquantile", out=out)
    return _quantile("nanquantile", a, q, 1, axis, method, keepdims, weights, pass_over_nan=True)


@implements(np.nanpercentile)
def nanpercentile(a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
                  method: str = "linear", keepdims: Any = False, *, weights: Any = None) -> Any:  # fmt: skip
    """NumPy's `nanpercentile`."""
    refuse("nanpercentile", out=out)
    return _quantile("nanpercentile", a, q, 100, axis, method, keepdims, weights, pass_over_nan=True)


def _quantile(function: str, a: Any, q: Any, scale: int, axis: Any, method: str, keepdims: Any, weights: Any,
              pass_over_nan: bool) -> Any:  # fmt: skip
    a, weak = as_array(a), type(q) in (int, float) or getattr(q, "weak", False)
    q = as_array(q)
    _check(function, a, q, scale, axis, method)
    q = q if scale == 1 else q / scale
    in_order = _Sorted(a, axis, pass_over_nan)
    each = np.reshape(q, (q.size, *(1,) * len(in_order.rest)))
    if weights is not None:
        ans = in_order.at(_places_by_weight(function, a, axis, weights, method, in_order, each))
    elif method in WHOLE or (method == "linear" and q.dtype.kind in "biu"):
        p = np.clip(POSITIONS[method](in_order.n, each), 0, in_order.n - 1)
        ans = in_order.at(p.astype(np.intp))
    else:
        require_differences(function, a)
        ans = _interpolated(in_order, POSITIONS[method](in_order.n, each), _exactness(function, a, q, method, weak))
    rest = kept_shape(a.shape, axes(axis, a.ndim)) if given(keepdims) else in_order.rest
    return np.reshape(in_order.finish(ans), (*q.shape, *rest))


def _check(function: str, a: Any, q: Any, scale: int, axis: Any, method: str) -> None:
    if a.dtype.kind not in "fiub":
        raise DtypeError(f"{function}: expected an array of real numbers, got {a.dtype}{user_line()}")
    if method not in POSITIONS:
        raise ArgumentError(f"{function}: method={method!r} is none of {', '.join(POSITIONS)}")
    if count(a, axis) == 0:
        raise ArgumentError(f"{function}: an array of shape {a.shape} has no elements along axis={axis}{user_line()}")
    if seen(np.any(np.less(q, 0) | np.greater(q, scale) | np.not_equal(q, q))):
        raise ArgumentError(f"{function}: q={q} must lie between 0 and {scale}")


def _exactness(function: str, a: Any, q: Any, method: str, weak: bool) -> np.dtype[Any]:
    """The dtype in which NumPy holds how far an answer lies between its neighbours: of a position, or a weak float."""
    if weak:
        return a.dtype if a.dtype.kind == "f" else np.dtype(float)
    dtype = np.asarray(POSITIONS[method](1, np.zeros(1, q.dtype))).dtype
    if dtype.kind == "u":
        raise DtypeError(f"{function}: q of {dtype} has no positions below 0{user_line()}; give q as floats")
    return dtype


def _interpolated(in_order: _Sorted, p: Any, dtype: Any) -> Any:
    top = in_order.n - 1
    p = np.where(np.less(p, 0), 0, np.where(np.greater(p, top), top, p))
    places = np.clip(np.floor(p), 0, np.maximum(top - 1, 0)).astype(np.intp)  # at the end the last line, not a point
    t = (p - places).astype(dtype)
    low, high = in_order.at(places), in_order.at(np.minimum(places + 1, top))
    apart = high - low
    return np.where(np.greater_equal(t, 0.5), high - apart * (1 - t), low + apart * t)


def _places_by_weight(function: str, a: Any, axis: Any, weights: Any, method: str, in_order: _Sorted, each: Any) -> Any:
    """The first place where the weights up to it, as a share of all, reach q."""
    if method != "inverted_cdf":
        raise ArgumentError(f"{function}: weights= need method='inverted_cdf', got {method!r}")
    weights = spread_weights(function, a, axis, weights)
    if seen(np.any(np.logical_not(np.greater_equal(weights, 0)))):
        raise ArgumentError(f"{function}: weights= must not be negative or NaN")
    whole = np.where(in_order.nan, 0, in_front(np.broadcast_to(weights, a.shape), axis))
    shares = np.cumsum(np.take_along_axis(whole, in_order.order, 0), axis=0, dtype=np.float64)
    shares = shares / np.where(np.equal(shares[-1], 0), 1, shares[-1])
    shares = np.where(np.equal(shares, 0), -1, shares)  # an element without weight is never the answer
    if each.dtype.kind == "f":
        shares = shares.astype(each.dtype)
    return np.minimum(np.sum(np.less(shares, np.expand_dims(each, 1)), axis=1), len(whole) - 1)
