"""Polynomials as rows of coefficients, the highest power first, as in NumPy's `polyval` and its kin."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError
from ..core.primitive import implements
from .arguments import as_array, cast_by
from .values import seen


@implements(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """NumPy's `polyval`: p[0] x**(n-1) + ... + p[n-1], by Horner's rule."""
    p, x = as_array(p), as_array(x)
    y = np.zeros(x.shape, x.dtype)
    for coefficient in p:
        y = y * x + coefficient
    return y


@implements(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """NumPy's `polyadd`."""
    a1, a2 = _same_length(a1, a2)
    return a1 + a2


@implements(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """NumPy's `polysub`."""
    a1, a2 = _same_length(a1, a2)
    return a1 - a2


def _same_length(a1: Any, a2: Any) -> list[Any]:
    rows = [np.atleast_1d(as_array(a)) for a in (a1, a2)]
    n = max(len(a) for a in rows)
    return [np.pad(a, (n - len(a), 0)) for a in rows]


@implements(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """NumPy's `polymul`: the convolution of the coefficients. Leading zeros stay under vmap and jit."""
    return np.convolve(_without_leading_zeros(a1), _without_leading_zeros(a2))


def _without_leading_zeros(p: Any) -> Any:
    """The coefficients from the first that is not zero; of zeros alone the last. All of them, if none is known."""
    p = np.atleast_1d(as_array(p))
    value = seen(p)
    return p if value is None or not len(p) else p[min([*np.flatnonzero(value), len(p) - 1]) :]


@implements(np.polydiv)
def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """NumPy's `polydiv`: quotient and remainder, by long division.

    The remainder begins behind what is nearly zero; under vmap and jit it has one coefficient less than v.
    """
    u, v = np.atleast_1d(as_array(u)) + 0.0, np.atleast_1d(as_array(v)) + 0.0
    n = len(u) - len(v) + 1
    rest, quotient = u.astype(np.result_type(u, v)), []
    for k in range(n):
        quotient.append(rest[k] * (1.0 / v[0]))
        rest = rest - np.pad(quotient[k] * v, (k, n - 1 - k))
    value = seen(rest)
    small = n if value is None else np.argmin([*np.isclose(value, 0, rtol=1e-14), False])
    return np.stack(quotient) if quotient else np.zeros(1, rest.dtype), rest[max(min(small, len(rest) - 1), 0) :]


@implements(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """NumPy's `polyder`: the coefficients of the m-th derivative."""
    if m < 0:
        raise ArgumentError(f"polyder: m={m} must not be negative")
    p = as_array(p)
    for _ in range(m):
        n = len(p) - 1
        p = p[:-1] * np.arange(n, 0, -1)
    return p


@implements(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """NumPy's `polyint`: the coefficients of the m-th integral, with the constants `k`."""
    if m < 0:
        raise ArgumentError(f"polyint: m={m} must not be negative")
    p, constants = as_array(p), np.atleast_1d(as_array(0.0 if k is None else k))
    constants = np.broadcast_to(constants, (m,)) if len(constants) == 1 else constants
    if len(constants) < m:
        raise ArgumentError(f"polyint: {len(constants)} constants for m={m} integrals; give one, or one an integral")
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), constants[i : i + 1]])
    return p


@implements(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """NumPy's `poly` of a row: the coefficients of the polynomial with these zeros.

    Those of complex zeros are real if these are known to come in conjugate pairs, so not under vmap and jit.
    """
    zeros = np.atleast_1d(as_array(seq_of_zeros))
    if zeros.ndim != 1:
        raise ShapeError(f"poly: expected a row of zeros, got shape {zeros.shape}; for a matrix give its eigenvalues")
    p = np.ones(1, np.mintypecode(zeros.dtype.char))
    for zero in zeros:
        p = np.pad(p, (0, 1)) - zero * np.pad(p, (1, 0))
    value = seen(zeros)
    paired = p.dtype.kind == "c" and value is not None and np.all(np.sort(value) == np.sort(np.conj(value)))
    return p.real if paired else p


@implements(np.polyfit)
def polyfit(x: Any, y: Any, deg: int, rcond: float | None = None, full: bool = False, w: Any = None,
            cov: bool | str = False) -> Any:  # fmt: skip
    """NumPy's `polyfit`: the coefficients with the least sum((w_i (p(x_i) - y_i))**2), from scaled columns of powers.

    A rank that is too low is not warned of.
    """
    x, y = as_array(x) + 0.0, as_array(y) + 0.0
    if x.ndim != 1 or not len(x) or y.ndim not in (1, 2) or len(y) != len(x):
        raise ShapeError(f"polyfit: x of shape {x.shape} and y of {y.shape}, expected rows of one length")
    powers = np.vander(x, deg + 1)
    if w is not None:  # in place in NumPy
        w = as_array(w) + 0.0
        powers = cast_by("polyfit", powers * w[:, None], powers.dtype)
        y = cast_by("polyfit", (y.T * w).T, y.dtype)
    size = np.sqrt(np.sum(powers * powers, axis=0))
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    columns = powers / size
    p, residuals, rank, values = np.linalg.lstsq(columns, y, float(rcond))
    p = (p.T / size).T
    if full:
        return p, residuals, rank, values, rcond
    if not cov:
        return p
    spread = np.linalg.inv(columns.T @ columns) / np.outer(size, size)
    spread = spread if y.ndim == 1 else spread[:, :, None]
    if cov == "unscaled":
        return p, spread
    if len(x) <= deg + 1:
        raise ArgumentError(f"polyfit: {len(x)} points are too few for the covariance of {deg + 1} coefficients")
    return p, spread * (residuals / (len(x) - deg - 1))


@implements(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """NumPy's `vander`: the powers of x, one column each, the highest first."""
    x = as_array(x)
    if x.ndim != 1:
        raise ShapeError(f"vander: expected a row, got shape {x.shape}")
    powers = np.arange(len(x) if N is None else N)
    return np.power(x.astype(np.promote_types(x.dtype, int))[:, None], powers if increasing else powers[::-1])
