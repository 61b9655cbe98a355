"""scipy.special: what SciPy writes in Python, and so no protocol of NumPy reaches; other names lead to SciPy's own.

`logsumexp`, `softmax`, `log_softmax`, `erf`, `erfc` and `expit` work without SciPy; all else needs it.
"""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from ..core.errors import DtypeError, MissingExtraError, user_line
from ..ops import reduce
from ..ops.arguments import as_array, axes, refuse, require_differences
from ..ops.arithmetic import stop_gradient
from ..ops.scipy_special import bessel
from ..ops.scipy_special import gamma as gammas
from ..ops.special import erf, erfc, expit

__all__ = [
    "comb",
    "erf",
    "erfc",
    "expit",
    "factorial",
    "log_softmax",
    "logsumexp",
    "multigammaln",
    "perm",
    "polygamma",
    "softmax",
    "spherical_in",
    "spherical_jn",
    "spherical_kn",
    "spherical_yn",
]


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return getattr(importlib.import_module("scipy.special"), name)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f'scipy.special.{name} needs SciPy: pip install "tinygrad_scratch[scipy]"') from error


# ---- sums of exponentials -------------------------------------------------------------------------------------------


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b exp(a))) along `axis` (None: over all), without overflow; b is 1 if it is None.

    With `return_sign` it is the log of the absolute value, and the sign of the sum; without, a negative sum gives NaN.
    The log of an empty sum, or where all of a is -inf, is -inf with derivative 0.

    >>> import numpy as np
    >>> logsumexp(np.array([1000.0, 1000.0]), b=np.array([2.0, -1.0]))
    np.float64(1000.0)
    """
    a, given_b = as_array(a), b
    b = np.ones((), a.dtype) if b is None else as_array(b)
    dtype = np.result_type(a, b)
    dtype = dtype if dtype.kind in "fc" else np.dtype(float)
    a, b = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
    if given_b is None and not return_sign:
        return reduce.logsumexp(a, axis, keepdims)
    a, b = np.broadcast_arrays(a, b)
    over = axes(axis, a.ndim)
    absent = np.equal(b, 0)
    a = np.where(np.logical_and(absent, np.logical_not(np.isfinite(a))), 0, a)  # SciPy: adds nothing, whatever a is
    top = stop_gradient(_top(np.where(absent, -np.inf, a), over))
    most = math.log(np.finfo(a.dtype).max) - 1  # a may exceed the top only where b is 0
    total = np.sum(b * np.exp(np.minimum(a - top, most)), axis=over, keepdims=True)
    none = np.equal(total, 0)
    ans = np.where(none, -np.inf, np.log(np.where(none, 1, np.abs(total))) + top)
    sign = np.sign(total)
    if not return_sign:
        return _without_axes(np.where(np.less(sign, 0), np.nan, ans), over, keepdims)
    return _without_axes(ans, over, keepdims), _without_axes(sign, over, keepdims)


def _top(a: Any, over: Any) -> Any:
    """The largest along the axes, kept as 1, where it is finite, else 0."""
    if a.size == 0:
        return np.zeros((), a.dtype)
    top = np.max(a, axis=over, keepdims=True)
    return np.where(np.isfinite(top), top, 0)


def _without_axes(x: Any, over: Any, keepdims: bool) -> Any:
    if keepdims:
        return x
    return x.reshape(())[()] if over is None else np.squeeze(x, over)


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along `axis` (None: over all), without overflow.

    >>> import numpy as np
    >>> softmax(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    require_differences("softmax", x)
    return np.exp(log_softmax(x, axis))


def log_softmax(x: Any, axis: Any = None) -> Any:
    """x - logsumexp(x) along `axis` (None: over all): the logarithm of `softmax`.

    >>> import numpy as np
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    require_differences("log_softmax", x)
    return x - reduce.logsumexp(x, axis, keepdims=True)


# ---- gamma function and counting ------------------------------------------------------------------------------------


def polygamma(n: Any, x: Any) -> Any:
    """The derivative of order n, a whole number, of digamma at x: (-1)^(n + 1) n! zeta(n + 1, x) (DLMF 25.11.12)."""
    n = np.asarray(n)
    higher = (-1.0) ** (n + 1) * gammas.gamma(n + 1.0) * gammas.zeta(n + 1, x)
    return np.where(n == 0, gammas.psi(x), higher) if np.any(n == 0) else higher


def multigammaln(a: Any, d: int) -> Any:
    """log of the gamma function of d dimensions: the sum of gammaln(a - j / 2), j < d, + d (d - 1) / 4 log(pi).

    NaN unless a > (d - 1) / 2; SciPy raises an error there.
    """
    total = sum(gammas.gammaln(a - j / 2) for j in range(d)) + d * (d - 1) * 0.25 * np.log(np.pi)
    return np.where(np.greater(a, 0.5 * (d - 1)), total, np.nan)


def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Any:
    """binom(N, k), and 0 unless 0 <= k <= N; with `repetition` binom(N + k - 1, k)."""
    refuse("comb", exact=exact or None)
    N, k = as_array(N), as_array(k)
    if repetition:
        return np.where(np.logical_and(np.equal(k, 0), np.greater_equal(N, 0)), 1.0, gammas.binom(N + k - 1, k))
    return _counted(gammas.binom, N, k)


def perm(N: Any, k: Any, exact: bool = False) -> Any:
    """N! / (N - k)!, and 0 unless 0 <= k <= N."""
    refuse("perm", exact=exact or None)
    return _counted(lambda N, k: gammas.poch(N - k + 1, k), as_array(N), as_array(k))


def _counted(f: Any, N: Any, k: Any) -> Any:
    known = np.logical_and(np.less_equal(k, N), np.greater_equal(k, 0))
    one, zero = np.ones((), N.dtype), np.zeros((), k.dtype)
    return np.where(known, f(np.where(known, N, one), np.where(known, k, zero)), 0)


def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """gamma(n + 1), and 0 for n < 0."""
    refuse("factorial", exact=exact or None, extend=None if extend == "zero" else extend)
    if as_array(n).dtype.kind not in "iuf":
        raise DtypeError(f"factorial: expected real numbers, got {as_array(n).dtype}{user_line()}")
    known = np.greater_equal(n, 0)
    return np.where(known, gammas.gamma(np.where(known, n, 0) + 1.0), np.float64(0))


# ---- spherical Bessel functions -------------------------------------------------------------------------------------


def spherical_jn(n: Any, z: Any, derivative: bool = False) -> Any:
    """sqrt(pi / 2z) J(n + 1/2, z) for whole n, or its derivative."""
    return bessel.spherical_jn_slope(n, z) if derivative else bessel.spherical_jn(n, z)


def spherical_yn(n: Any, z: Any, derivative: bool = False) -> Any:
    """sqrt(pi / 2z) Y(n + 1/2, z) for whole n, or its derivative."""
    return bessel.spherical_yn_slope(n, z) if derivative else bessel.spherical_yn(n, z)


def spherical_in(n: Any, z: Any, derivative: bool = False) -> Any:
    """sqrt(pi / 2z) I(n + 1/2, z) for whole n, or its derivative."""
    return bessel.spherical_in_slope(n, z) if derivative else bessel.spherical_in(n, z)


def spherical_kn(n: Any, z: Any, derivative: bool = False) -> Any:
    """sqrt(pi / 2z) K(n + 1/2, z) for whole n, or its derivative."""
    return bessel.spherical_kn_slope(n, z) if derivative else bessel.spherical_kn(n, z)
