"""Elliptic integrals, Jacobi's functions, and the arithmetic-geometric mean."""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .call import part, several, special
from .hypergeometric import hyp2f1


def _slope(m: Any) -> Any:
    """The derivative of ellipk, as a series (DLMF 19.5.1, 15.5.1): the usual form is 0 / 0 at m = 0."""
    return math.pi / 8 * hyp2f1(1.5, 1.5, 2, m)


ellipk = special("ellipk", lambda g, ans, m: g * _slope(m))
ellipkm1 = special("ellipkm1", lambda g, ans, p: -g * _slope(1 - p))
ellipe = special("ellipe", lambda g, ans, m: -g * (math.pi / 8) * hyp2f1(0.5, 1.5, 2, m))  # DLMF 19.5.2


# ---- incomplete: DLMF 19.2.4, 19.2.5; by m 19.4.5, 19.4.6 -----------------------------------------------------------


def _root(phi: Any, m: Any) -> Any:
    return np.sqrt(1 - m * np.sin(phi) ** 2)


def _difference(phi: Any, m: Any) -> Any:
    """(F - E) / m, the integral of sin^2 / sqrt(1 - m sin^2) from 0 to phi; for small m as a power series in it."""
    large = np.greater(np.abs(m), 0.1)
    far, near = np.where(large, m, 1), np.where(large, 0, m)
    even, total, factor = phi, phi * 0, near * 0 + 1  # the integral of sin^(2k), the sum, a coefficient
    for k in range(1, 16):
        even = ((2 * k - 1) * even - np.cos(phi) * np.sin(phi) ** (2 * k - 1)) / (2 * k)
        total = total + factor * even
        factor = factor * near * (2 * k - 1) / (2 * k)
    return np.where(large, (ellipkinc(phi, m) - ellipeinc(phi, m)) / far, total)


def _by_m(phi: Any, m: Any) -> Any:
    """The derivative of ellipkinc by m."""
    edge = np.sin(phi) * np.cos(phi) / _root(phi, m)
    return (ellipkinc(phi, m) - _difference(phi, m) - edge) / (2 * (1 - m))


ellipkinc = special(
    "ellipkinc", lambda g, ans, phi, m: g / _root(phi, m), lambda g, ans, phi, m: g * _by_m(phi, m)
)  # fmt: skip
ellipeinc = special(
    "ellipeinc", lambda g, ans, phi, m: g * _root(phi, m), lambda g, ans, phi, m: -g * _difference(phi, m) / 2
)


# ---- Jacobi's functions, of the amplitude ph with ellipkinc(ph, m) = u: DLMF 22.13.1, 22.16.3 -----------------------

sn = part(
    "ellipj", 0, lambda g, ans, u, m: g * cn(u, m) * dn(u, m), lambda g, ans, u, m: g * cn(u, m) * _turn(u, m)
)  # fmt: skip
cn = part("ellipj", 1, lambda g, ans, u, m: -g * sn(u, m) * dn(u, m), lambda g, ans, u, m: -g * sn(u, m) * _turn(u, m))
dn = part(
    "ellipj",
    2,
    lambda g, ans, u, m: -g * m * sn(u, m) * cn(u, m),
    lambda g, ans, u, m: -g * sn(u, m) * (sn(u, m) + 2 * m * cn(u, m) * _turn(u, m)) / (2 * ans),
)
ph = part("ellipj", 3, lambda g, ans, u, m: g * dn(u, m), lambda g, ans, u, m: g * _turn(u, m))
several("ellipj", sn, cn, dn, ph)


def _turn(u: Any, m: Any) -> Any:
    """The derivative of the amplitude by m."""
    return -dn(u, m) * _by_m(ph(u, m), m)


# ---------------------------------------------------------------------------------------------------------------------


def _agm(g: Any, ans: Any, a: Any, b: Any) -> Any:
    """By a, from agm = pi / 4 (a + b) / K(m) with m = ((a - b) / (a + b))^2 (DLMF 19.8.5)."""
    total = a + b
    m = ((a - b) / total) ** 2
    return g * ans * (1 / total - _slope(m) / ellipk(m) * 4 * b * (a - b) / total**3)


agm = special("agm", _agm, lambda g, ans, a, b: _agm(g, ans, b, a))
