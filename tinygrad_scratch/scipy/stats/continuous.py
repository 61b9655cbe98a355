"""Continuous families: the formulas of their standard form. See `family` for what they become."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ...ops.scipy_special.bessel import i0e
from ...ops.scipy_special.distributions import stdtr
from ...ops.scipy_special.elementary import cosm1, xlog1py, xlogy
from ...ops.scipy_special.errors import log_ndtr, ndtr
from ...ops.scipy_special.gamma import betainc, betaincc, betaln, gammainc, gammaincc, gammaln
from ...ops.special import expit
from .family import Continuous

LOG_SQRT_TAU = math.log(2 * math.pi) / 2


def _positive(*shapes: Any) -> Any:
    return functools.reduce(np.logical_and, [np.greater(s, 0) for s in shapes])


def _from_zero(*shapes: Any) -> Any:
    return 0, np.inf, 1


norm = Continuous(
    lambda y: -y * y / 2 - LOG_SQRT_TAU,
    cdf=lambda y: ndtr(y),
    sf=lambda y: ndtr(-y),
    logcdf=lambda y: log_ndtr(y),
    logsf=lambda y: log_ndtr(-y),
)
t = Continuous(
    lambda y, df: -(df + 1) / 2 * np.log1p(y * y / df) - betaln(df / 2, np.ones_like(df) / 2) - np.log(df) / 2,
    "df",
    _positive,
    cdf=lambda y, df: stdtr(df, y),
    sf=lambda y, df: stdtr(df, -y),
)
cauchy = Continuous(
    lambda y: -2 * np.log(np.hypot(1, y)) - math.log(math.pi),
    cdf=lambda y: np.arctan2(1, -y) / math.pi,
    sf=lambda y: np.arctan2(1, y) / math.pi,
)
laplace = Continuous(
    lambda y: -np.abs(y) - math.log(2),
    cdf=lambda y: _laplace(y),
    sf=lambda y: _laplace(-y),
    logcdf=lambda y: _log_laplace(y),
    logsf=lambda y: _log_laplace(-y),
)


def _laplace(y: Any) -> Any:
    tail = np.exp(-np.abs(y)) / 2
    return np.where(np.less(y, 0), tail, 1 - tail)


def _log_laplace(y: Any) -> Any:
    left = np.less(y, 0)
    return np.where(left, y - math.log(2), np.log1p(-np.exp(-np.where(left, 0, y)) / 2))


logistic = Continuous(
    lambda y: -np.abs(y) - 2 * np.log1p(np.exp(-np.abs(y))),
    cdf=lambda y: expit(y),
    sf=lambda y: expit(-y),
    logcdf=lambda y: -np.logaddexp(0, -y),
    logsf=lambda y: -np.logaddexp(0, y),
)
gumbel_r = Continuous(
    lambda y: -y - np.exp(-y),
    cdf=lambda y: np.exp(-np.exp(-y)),
    sf=lambda y: -np.expm1(-np.exp(-y)),
    logcdf=lambda y: -np.exp(-y),
)
vonmises = Continuous(
    lambda y, kappa: kappa * cosm1(y) - 2 * LOG_SQRT_TAU - np.log(i0e(kappa)), "kappa", lambda k: np.greater_equal(k, 0)
)

# ---- on the positive numbers ----------------------------------------------------------------------------------------

expon = Continuous(
    lambda y: -y,
    support=_from_zero,
    cdf=lambda y: -np.expm1(-y),
    sf=lambda y: np.exp(-y),
    logsf=lambda y: -y,
)
gamma = Continuous(
    lambda y, a: xlogy(a - 1.0, y) - y - gammaln(a),
    "a",
    _positive,
    _from_zero,
    cdf=lambda y, a: gammainc(a, y),
    sf=lambda y, a: gammaincc(a, y),
)
chi2 = Continuous(
    lambda y, df: xlogy(df / 2 - 1, y) - y / 2 - gammaln(df / 2) - math.log(2) / 2 * df,
    "df",
    _positive,
    _from_zero,
    cdf=lambda y, df: gammainc(df / 2, y / 2),
    sf=lambda y, df: gammaincc(df / 2, y / 2),
)
weibull_min = Continuous(
    lambda y, c: np.log(c) + xlogy(c - 1.0, y) - np.power(y, c),
    "c",
    _positive,
    _from_zero,
    cdf=lambda y, c: -np.expm1(-np.power(y, c)),
    sf=lambda y, c: np.exp(-np.power(y, c)),
    logsf=lambda y, c: -np.power(y, c),
)
lognorm = Continuous(
    lambda y, s: -((np.log(y) / s) ** 2) / 2 - np.log(s * y) - LOG_SQRT_TAU,
    "s",
    _positive,
    lambda s: (np.nextafter(0, 1), np.inf, 1),
    cdf=lambda y, s: ndtr(np.log(y) / s),
    sf=lambda y, s: ndtr(-np.log(y) / s),
    logcdf=lambda y, s: log_ndtr(np.log(y) / s),
    logsf=lambda y, s: log_ndtr(-np.log(y) / s),
)
pareto = Continuous(
    lambda y, b: np.log(b) - (b + 1) * np.log(y),
    "b",
    _positive,
    lambda b: (1, np.inf, 2),
    cdf=lambda y, b: 1 - np.power(y, -b),
    sf=lambda y, b: np.power(y, -b),
    logsf=lambda y, b: -b * np.log(y),
)

# ---- on an interval -------------------------------------------------------------------------------------------------

uniform = Continuous(lambda y: 0 * y, support=lambda: (0, 1, 0.5), cdf=lambda y: y, sf=lambda y: 1 - y)
beta = Continuous(
    lambda y, a, b: xlogy(a - 1.0, y) + xlog1py(b - 1.0, -y) - betaln(a, b),
    "a b",
    _positive,
    lambda a, b: (0, 1, 0.5),
    cdf=lambda y, a, b: betainc(a, b, y),
    sf=lambda y, a, b: betaincc(a, b, y),
)


def _log_mass(a: Any, b: Any) -> Any:
    """log of the normal distribution's mass between a and b, from the tail that is nearer."""
    right = np.greater(a, 0)
    low, high = np.where(right, -b, a), np.where(right, -a, b)
    tail = np.less_equal(high, 0)
    end = log_ndtr(np.where(tail, high, 0))
    none = np.isinf(end)
    gap = np.where(none, -np.inf, log_ndtr(np.where(tail, low, -1)) - np.where(none, 0, end))
    return np.where(tail, end + np.log1p(-np.exp(gap)), np.log1p(-ndtr(low) - ndtr(-high)))


def _log_share(part: Any, rest: Any, whole: Any) -> Any:
    """log of part / whole, by the rest if that is small; all three are logarithms."""
    most = np.greater(part - whole, -0.1)
    return np.where(most, np.log1p(-np.exp(np.where(most, rest - whole, -1))), part - whole)


truncnorm = Continuous(
    lambda y, a, b: -y * y / 2 - LOG_SQRT_TAU - _log_mass(a, b),
    "a b",
    np.less,
    lambda a, b: (a, b, 0),
    logcdf=lambda y, a, b: _log_share(_log_mass(a, y), _log_mass(y, b), _log_mass(a, b)),
    logsf=lambda y, a, b: _log_share(_log_mass(y, b), _log_mass(a, y), _log_mass(a, b)),
)
