"""Elliptic integrals, Jacobi's functions by their argument, and the arithmetic-geometric mean."""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .call import no_rule, part, several, special
from .hypergeometric import hyp2f1


def _slope(m: Any) -> Any:
    """The derivative of ellipk, as a series (DLMF 19.5.1, 15.5.1): the usual form is 0 / 0 at m = 0."""
    return math.pi / 8 * hyp2f1(1.5, 1.5, 2, m)


ellipk = special("ellipk", lambda g, ans, m: g * _slope(m))
ellipkm1 = special("ellipkm1", lambda g, ans, p: -g * _slope(1 - p))
ellipe = special("ellipe", lambda g, ans, m: -g * (math.pi / 8) * hyp2f1(0.5, 1.5, 2, m))  # DLMF 19.5.2

ellipkinc = special(  # DLMF 19.2.4
    "ellipkinc", lambda g, ans, phi, m: g / np.sqrt(1 - m * np.sin(phi) ** 2), no_rule("ellipkinc", "m")
)
ellipeinc = special(  # DLMF 19.2.5
    "ellipeinc", lambda g, ans, phi, m: g * np.sqrt(1 - m * np.sin(phi) ** 2), no_rule("ellipeinc", "m")
)

# DLMF 22.13.1, 22.16.3
_M = no_rule("ellipj", "m")
sn = part("ellipj", 0, lambda g, ans, u, m: g * cn(u, m) * dn(u, m), _M)
cn = part("ellipj", 1, lambda g, ans, u, m: -g * sn(u, m) * dn(u, m), _M)
dn = part("ellipj", 2, lambda g, ans, u, m: -g * m * sn(u, m) * cn(u, m), _M)
ph = part("ellipj", 3, lambda g, ans, u, m: g * dn(u, m), _M)
several("ellipj", sn, cn, dn, ph)


def _agm(g: Any, ans: Any, a: Any, b: Any) -> Any:
    """By a, from agm = pi / 4 (a + b) / K(m) with m = ((a - b) / (a + b))^2 (DLMF 19.8.5)."""
    total = a + b
    m = ((a - b) / total) ** 2
    return g * ans * (1 / total - _slope(m) / ellipk(m) * 4 * b * (a - b) / total**3)


agm = special("agm", _agm, lambda g, ans, a, b: _agm(g, ans, b, a))
