"""Functions that are integrals: their derivative is the integrand."""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .bessel import i0, j0, k0, modstruve, spherical_in, spherical_jn, struve, y0
from .call import part, several, special
from .hypergeometric import hyp2f1

exp1 = special("exp1", lambda g, ans, z: -g * np.exp(-z) / z)  # DLMF 6.2.1
expi = special("expi", lambda g, ans, x: g * np.exp(x) / x)  # DLMF 6.2.5


def _expn(g: Any, ans: Any, n: Any, x: Any) -> Any:
    """-E(n - 1), by recurrence where SciPy has none (DLMF 8.19.13, 8.19.12)."""
    known = np.greater(n, 1)
    recurred = (np.exp(-x) - (n - 1.0) * ans) / np.where(known, 1, x)
    return -g * np.where(known, expn(np.where(known, n - 1.0, 1.0), x), recurred)


expn = special("expn", None, _expn)
spence = special("spence", lambda g, ans, z: -g * hyp2f1(1, 1, 2, 1 - z))  # log(z) / (1 - z): DLMF 25.12.2, 15.4.1

several(  # DLMF 6.2.9, 6.2.11
    "sici",
    part("sici", 0, lambda g, ans, x: g * spherical_jn(0, x)),
    part("sici", 1, lambda g, ans, x: g * np.cos(x) / x),
)
several(  # DLMF 6.2.15, 6.2.16
    "shichi",
    part("shichi", 0, lambda g, ans, x: g * spherical_in(0, x)),
    part("shichi", 1, lambda g, ans, x: g * np.cosh(x) / x),
)
several(  # DLMF 7.2.8, 7.2.7
    "fresnel",
    part("fresnel", 0, lambda g, ans, z: g * np.sin(math.pi / 2 * z * z)),
    part("fresnel", 1, lambda g, ans, z: g * np.cos(math.pi / 2 * z * z)),
)
several(
    "iti0k0",
    part("iti0k0", 0, lambda g, ans, x: g * i0(x)),
    part("iti0k0", 1, lambda g, ans, x: g * k0(x)),
)
several(
    "itj0y0",
    part("itj0y0", 0, lambda g, ans, x: g * j0(x)),
    part("itj0y0", 1, lambda g, ans, x: g * y0(x)),
)
several(
    "it2i0k0",
    part("it2i0k0", 0, lambda g, ans, x: g * (i0(x) - 1) / x),
    part("it2i0k0", 1, lambda g, ans, x: -g * k0(x) / x),
)
several(
    "it2j0y0",
    part("it2j0y0", 0, lambda g, ans, x: g * (1 - j0(x)) / x),
    part("it2j0y0", 1, lambda g, ans, x: -g * y0(x) / x),
)
itstruve0 = special("itstruve0", lambda g, ans, x: g * struve(0, x))
itmodstruve0 = special("itmodstruve0", lambda g, ans, x: g * modstruve(0, x))
it2struve0 = special("it2struve0", lambda g, ans, x: -g * struve(0, x) / x)
