"""The error function's kin and the normal distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..special import TWO_OVER_SQRT_PI, erf
from .call import special

SQRT_2, SQRT_TAU = math.sqrt(2), math.sqrt(2 * math.pi)

erfcx = special("erfcx", lambda g, ans, x: g * (2 * x * ans - TWO_OVER_SQRT_PI))  # DLMF 7.10.1, for erfcx(x) = w(ix)
erfi = special("erfi", lambda g, ans, x: g * TWO_OVER_SQRT_PI * np.exp(x * x))
dawsn = special("dawsn", lambda g, ans, x: g * (1 - 2 * x * ans))  # DLMF 7.10.3
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
