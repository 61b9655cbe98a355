"""Special functions that need NumPy alone: erf and expit, under SciPy's definitions, and np.i0.

SciPy's own ufuncs on a Tensor lead here, and to `scipy_special` (see `tensor`).
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.errors import MissingRuleError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import Traced
from .families import elementwise

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)

# erf and erfc by rational functions on three ranges, within a few ulps:
# W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969) 631-637
NEAR = 0.46875
A = (3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02, 3.20937758913846947e03,
     1.85777706184603153e-1)  # fmt: skip
B = (2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03)
C = (5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e01, 2.98635138197400131e02,
     8.81952221241769090e02, 1.71204761263407058e03, 2.05107837782607147e03, 1.23033935479799725e03,
     2.15311535474403846e-8)  # fmt: skip
D = (1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02, 1.62138957456669019e03,
     3.29079923573345963e03, 4.36261909014324716e03, 3.43936767414372164e03, 1.23033935480374942e03)  # fmt: skip
P = (3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
     6.58749161529837803e-4, 1.63153871373020978e-2)  # fmt: skip
Q = (2.56852019228982242e00, 1.87295284992346725e00, 5.27905102951428412e-1, 6.05183413124413191e-2,
     2.33520497626869185e-3)  # fmt: skip


def _ratio(x: Any, top: Sequence[float], bottom: Sequence[float]) -> Any:
    """A quotient of polynomials, in the order of Cody's tables: the highest coefficient of the first stands last."""
    n, d = top[-1] * x, x
    for a, b in zip(top[:-2], bottom[:-1], strict=True):
        n, d = (n + a) * x, (d + b) * x
    return (n + top[-2]) / (d + bottom[-1])


def _tail(y: Any) -> Any:
    """erfc(y) for y > NEAR."""
    sixteenths = np.trunc(y * 16) / 16  # its square is exact
    gauss = np.exp(-sixteenths * sixteenths) * np.exp((sixteenths - y) * (y + sixteenths))
    z = 1 / (y * y)
    far = (TWO_OVER_SQRT_PI / 2 - z * _ratio(z, P, Q)) / y
    return gauss * np.where(np.less_equal(y, 4), _ratio(y, C, D), far)


def _cody(x: Any, complement: bool) -> Any:
    if np.iscomplexobj(x):
        raise MissingRuleError(f"erf: of complex numbers only with SciPy{user_line()}; import scipy.special")
    size = np.abs(x)
    is_near = np.less_equal(size, NEAR)
    near = np.where(is_near, x, 0)
    near = near * _ratio(near * near, A, B)
    tail = _tail(np.minimum(np.maximum(size, 0.4), 27))  # beyond, erfc is 0; NaN stays
    if complement:
        return np.where(is_near, 1 - near, np.where(np.less(x, 0), 2 - tail, tail))
    return np.where(is_near, near, np.copysign(1 - tail, x))


def _by_scipy(name: str, x: Any, out: Any) -> Any:
    """SciPy's ufunc on a plain array, if the program has imported SciPy: it is faster. None if not."""
    special = None if isinstance(x, Traced) else sys.modules.get("scipy.special")
    return getattr(special, name)(x, out) if special is not None and hasattr(special, name) else None


def _erf(x: Any, out: Any = None) -> Any:
    ans = _by_scipy("erf", x, out)
    ans = _cody(x, complement=False) if ans is None else ans
    return ans if out is None else np.copyto(out, ans)


def _erfc(x: Any, out: Any = None) -> Any:
    ans = _by_scipy("erfc", x, out)
    ans = _cody(x, complement=True) if ans is None else ans
    return ans if out is None else np.copyto(out, ans)


def _each(function: Any) -> Emit:
    """A call of a function of elements that can write into memory it is given."""
    name = function.__name__
    return Emit(lambda x: f"{name}({x})", lambda out, x: f"{name}({x}, {out})", "apply", function=function)


erf = elementwise("erf", _erf, lambda g, ans, x: g * TWO_OVER_SQRT_PI * np.exp(-x * x), emit=_each(_erf))
erfc = elementwise("erfc", _erfc, lambda g, ans, x: -g * TWO_OVER_SQRT_PI * np.exp(-x * x), emit=_each(_erfc))


@functools.cache
def _largest(dtype: Any) -> float:
    """A number that exp can take."""
    return math.floor(np.log(np.finfo(dtype).max)) if dtype.kind in "fc" else _largest(np.dtype(float))


def _bounded_exp(x: Any) -> Any:
    """exp(x), constant where it would overflow: 1 beside it is nothing there. Of integers in float64."""
    dtype = getattr(x, "dtype", np.dtype(float))
    return np.exp(np.minimum(x if dtype.kind == "f" else np.add(x, 0.0), _largest(dtype)))


def _expit(x: Any) -> Any:
    e = _bounded_exp(x)
    return e / (1 + e)


# 1 - ans would lose its digits where ans is near 1
expit = elementwise("expit", _expit, lambda g, ans, x: g * (ans / (1 + _bounded_exp(x))))

# I_1(x) = 1/pi times the integral of exp(x cos(theta)) cos(theta) from 0 to pi (DLMF 10.32.3). Of a periodic function
# the trapezoidal rule is exact but for I_n of an n beyond its 256 nodes, nothing beside I_1 until that overflows. The
# nodes of each quarter turn give the same: 64 positive terms are left
_NODES = np.cos((np.arange(64) + 0.5) * math.pi / 128)


def _i1(x: Any) -> Any:
    return np.mean(np.sinh(x[..., None] * _NODES) * _NODES, axis=-1)


numpy_i0 = elementwise("numpy_i0", np.i0, lambda g, ans, x: g * _i1(x), emit=Emit(lambda x: f"np.i0({x})"))
implements(np.i0)(numpy_i0)

# the ufuncs of scipy.special that lead here, by name
SCIPY: dict[str, Callable[..., Any]] = {"erf": erf, "erfc": erfc}
