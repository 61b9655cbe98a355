"""Comparison, logic and choice. At a tie of maximum or minimum each argument gets half of the derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import bind
from .arguments import as_array, cast_by, refuse, weak_or_array
from .families import elementwise

greater = elementwise("greater", np.greater, symbol=">")
greater_equal = elementwise("greater_equal", np.greater_equal, symbol=">=")
less = elementwise("less", np.less, symbol="<")
less_equal = elementwise("less_equal", np.less_equal, symbol="<=")
equal = elementwise("equal", np.equal, symbol="==")
not_equal = elementwise("not_equal", np.not_equal, symbol="!=")
logical_and = elementwise("logical_and", np.logical_and)
logical_or = elementwise("logical_or", np.logical_or)
logical_xor = elementwise("logical_xor", np.logical_xor)
logical_not = elementwise("logical_not", np.logical_not)
isnan = elementwise("isnan", np.isnan)
isinf = elementwise("isinf", np.isinf)
isfinite = elementwise("isfinite", np.isfinite)
signbit = elementwise("signbit", np.signbit)


def _won(g: Any, x: Any, ans: Any, y: Any) -> Any:
    """g where x is the answer, g/2 where y is it as well, else 0; a NaN answer belongs to the NaN."""
    x_is = np.logical_or(np.equal(x, ans), np.isnan(x))
    y_is = np.logical_or(np.equal(y, ans), np.isnan(y))
    return np.where(x_is, np.where(y_is, g * g.dtype.type(0.5), g), g.dtype.type(0))


def _extremum(name: str, ufunc: np.ufunc) -> Any:
    return elementwise(name, ufunc, lambda g, ans, x, y: _won(g, x, ans, y), lambda g, ans, x, y: _won(g, y, ans, x))


maximum = _extremum("maximum", np.maximum)
minimum = _extremum("minimum", np.minimum)


def _chosen(g: Any, x: Any, ans: Any, y: Any) -> Any:
    """As `_won`, for fmax and fmin, which pass over a NaN."""
    return np.where(np.isnan(x), g.dtype.type(0), np.where(np.isnan(y), g, _won(g, x, ans, y)))


fmax = elementwise(
    "fmax", np.fmax, lambda g, ans, x, y: _chosen(g, x, ans, y), lambda g, ans, x, y: _chosen(g, y, ans, x)
)
fmin = elementwise(
    "fmin", np.fmin, lambda g, ans, x, y: _chosen(g, x, ans, y), lambda g, ans, x, y: _chosen(g, y, ans, x)
)

relu = elementwise("relu", lambda x: np.maximum(x, 0), lambda g, ans, x: g * np.greater(ans, 0))

where_ = elementwise(
    "where",
    np.where,
    None,
    lambda g, ans, condition, x, y: np.where(condition, g, 0),
    lambda g, ans, condition, x, y: np.where(condition, 0, g),
    emit=Emit(
        lambda condition, x, y: f"np.where({condition}, {x}, {y})",
        lambda out, condition, x, y: f"np.copyto({out}, {y}); np.copyto({out}, {x}, where={condition})",
        "where",
    ),
    selects=True,
)


@implements(np.where)
def where(condition: Any, *choices: Any) -> Any:
    """NumPy's `where(condition, x, y)`; without x and y it is `nonzero(condition)`."""
    if not choices:
        return np.nonzero(condition)
    if len(choices) != 2:
        raise ArgumentError(f"where: give both x and y, or none of them{user_line()}")
    return bind(where_, *map(weak_or_array, (condition, *choices)))


@implements(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None,
         dtype: Any = None, **options: Any) -> Any:  # fmt: skip
    """NumPy's `clip`: minimum(maximum(a, a_min), a_max), with half of the derivative at a bound."""
    refuse("clip", out=out, **options)
    if (a_min is not None or a_max is not None) and (min is not None or max is not None):
        raise ArgumentError(f"clip: give the bounds as a_min and a_max or as min and max, not both{user_line()}")
    low = a_min if min is None else min
    high = a_max if max is None else max
    a = as_array(a) if dtype is None else cast_by("clip", as_array(a), dtype)
    if low is not None:
        a = np.maximum(a, low)
    if high is not None:
        a = np.minimum(a, high)
    return a if dtype is None else cast_by("clip", a, dtype)


@implements(np.isclose)
def isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    """NumPy's `isclose`: |a - b| <= atol + rtol |b|, or equal, for infinities."""
    a, b = 1.0 * a, 1.0 * b  # small integers would wrap around
    with np.errstate(invalid="ignore"):  # inf - inf
        near = np.less_equal(np.abs(np.subtract(a, b)), atol + rtol * np.abs(b))
    near = np.where(np.isfinite(b), near, np.equal(a, b))
    return np.logical_or(near, np.logical_and(np.isnan(a), np.isnan(b))) if equal_nan else near


@implements(np.allclose)
def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Any:
    """NumPy's `allclose`."""
    return np.all(isclose(a, b, rtol, atol, equal_nan))


@implements(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    """NumPy's `array_equal`."""
    if np.shape(a1) != np.shape(a2):
        return False
    same = np.equal(a1, a2)
    return np.all(np.logical_or(same, np.logical_and(np.isnan(a1), np.isnan(a2))) if equal_nan else same)
