"""The error function's kin and the normal distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..special import TWO_OVER_SQRT_PI, erf
from .call import special

SQRT_2, SQRT_TAU = math.sqrt(2), math.sqrt(2 * math.pi)

FAR = 30.0  # beyond, eight terms of the asymptotic series are all that a double holds


def _series(y: Any) -> Any:
    """The sum of (2k + 1)!! y^k, of which the derivatives of erfcx and dawsn are made (DLMF 7.12.1)."""
    total = 1.0
    for odd in range(17, 1, -2):
        total = 1 + odd * y * total
    return total


def _erfcx(g: Any, ans: Any, x: Any) -> Any:
    """2 x erfcx(x) - 2 / sqrt(pi) (DLMF 7.10.2: it is w(ix)), far out as a series: the terms cancel there."""
    far = np.greater(x.real, FAR)
    z = np.where(far, x, FAR)
    by_series = -_series(-1 / (2 * z * z)) * (TWO_OVER_SQRT_PI / 2) / (z * z)
    return g * np.where(far, by_series, 2 * np.where(far, 0, x) * ans - TWO_OVER_SQRT_PI)


def _dawsn(g: Any, ans: Any, x: Any) -> Any:
    """1 - 2 x dawsn(x) (DLMF 7.2.5), far out as a series."""
    far = np.greater(np.abs(x.real), FAR)
    z = np.where(far, x, FAR)
    return g * np.where(far, -_series(1 / (2 * z * z)) / (2 * z * z), 1 - 2 * np.where(far, 0, x) * ans)


erfcx = special("erfcx", _erfcx)
dawsn = special("dawsn", _dawsn)
erfi = special("erfi", lambda g, ans, x: g * TWO_OVER_SQRT_PI * np.exp(x * x))
wofz = special("wofz", lambda g, ans, z: g * (TWO_OVER_SQRT_PI * 1j - 2 * z * ans))  # DLMF 7.10.2
erfinv = special("erfinv", lambda g, ans, x: g * np.exp(ans * ans) / TWO_OVER_SQRT_PI)
erfcinv = special("erfcinv", lambda g, ans, x: -g * np.exp(ans * ans) / TWO_OVER_SQRT_PI)


def normal_density(x: Any) -> Any:
    """exp(-x^2 / 2) / sqrt(2 pi)."""
    return np.exp(-x * x / 2) / SQRT_TAU


ndtr = special("ndtr", lambda g, ans, x: g * normal_density(x))


def _hazard(x: Any) -> Any:
    """density / ndtr, on the left, where both come to 0, by erfcx."""
    left = np.less(x.real, 0)
    by_tail = TWO_OVER_SQRT_PI / SQRT_2 / erfcx(np.where(left, -x, 0) / SQRT_2)
    return np.where(left, by_tail, normal_density(x) / ndtr(np.where(left, 0, x)))


log_ndtr = special("log_ndtr", lambda g, ans, x: g * _hazard(x))
ndtri = special("ndtri", lambda g, ans, p: g * SQRT_TAU * np.exp(ans * ans / 2))
ndtri_exp = special("ndtri_exp", lambda g, ans, y: g * SQRT_TAU * np.exp(y + ans * ans / 2))
owens_t = special(  # D. B. Owen, A table of normal integrals, Comm. Statist. B9 (1980) 389-419
    "owens_t",
    lambda g, ans, h, a: -g * normal_density(h) * erf(a * h / SQRT_2) / 2,
    lambda g, ans, h, a: g * np.exp(-h * h * (1 + a * a) / 2) / (2 * math.pi * (1 + a * a)),
)


def _voigt(x: Any, sigma: Any, gamma: Any) -> tuple[Any, Any]:
    """z = (x + i gamma) / (sigma sqrt(2)), and the derivative by x of wofz(z) / (sigma sqrt(2 pi)).

    The real part of the latter is the profile: DLMF 7.19.1, 7.2.3.
    """
    z = (x + 1j * gamma) / (sigma * SQRT_2)
    return z, (TWO_OVER_SQRT_PI * 1j - 2 * z * wofz(z)) / (2 * math.sqrt(math.pi) * sigma * sigma)


def _by_sigma(g: Any, ans: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    z, slope = _voigt(x, sigma, gamma)
    return -g * (ans / sigma + SQRT_2 * np.real(z * slope))


voigt_profile = special(
    "voigt_profile",
    lambda g, ans, x, sigma, gamma: g * np.real(_voigt(x, sigma, gamma)[1]),
    _by_sigma,
    lambda g, ans, x, sigma, gamma: -g * np.imag(_voigt(x, sigma, gamma)[1]),
)
