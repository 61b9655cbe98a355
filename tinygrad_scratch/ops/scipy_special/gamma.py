"""The gamma function and its kin: polygamma, beta, binomial coefficients, incomplete functions, zeta."""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .call import no_rule, only_real, special
from .elementary import xlog1py, xlogy

gamma = special("gamma", lambda g, ans, x: g * ans * psi(x))  # DLMF 5.2.2
gammaln = special("gammaln", lambda g, ans, x: g * psi(x))
loggamma = special("loggamma", lambda g, ans, x: g * psi(x))
gammasgn = special("gammasgn")
psi = special("psi", lambda g, ans, x: g * zeta(2, only_real("the derivative of digamma", x)))  # DLMF 25.11.12
special("_riemann_zeta", no_rule("zeta", "x"))
zeta = special("_zeta", no_rule("zeta", "x"), lambda g, ans, x, q: -g * x * zeta(x + 1.0, q))  # DLMF 25.11.17


def _rgamma(g: Any, ans: Any, x: Any) -> Any:
    """1 / gamma is entire; on the left, where psi has poles, by reflection (DLMF 5.5.3)."""
    left = np.less(x.real, 0.5)
    reflected = np.where(left, gamma(np.where(left, 1 - x, 1)) * np.cos(math.pi * x), 0)
    return g * (reflected - ans * psi(np.where(left, 1 - x, x)))


rgamma = special("rgamma", _rgamma)
poch = special(  # DLMF 5.2.5
    "poch", lambda g, ans, z, m: g * ans * (psi(z + m) - psi(z)), lambda g, ans, z, m: g * ans * psi(z + m)
)
beta = special(  # DLMF 5.12.1
    "beta", lambda g, ans, a, b: g * ans * (psi(a) - psi(a + b)), lambda g, ans, a, b: g * ans * (psi(b) - psi(a + b))
)
betaln = special(
    "betaln", lambda g, ans, a, b: g * (psi(a) - psi(a + b)), lambda g, ans, a, b: g * (psi(b) - psi(a + b))
)
binom = special(  # DLMF 1.2.6
    "binom",
    lambda g, ans, n, k: g * ans * (psi(n + 1.0) - psi(n - k + 1.0)),
    lambda g, ans, n, k: g * ans * (psi(n - k + 1.0) - psi(k + 1.0)),
)


def gamma_density(a: Any, x: Any) -> Any:
    """The derivative of gammainc by x (DLMF 8.2.4, 8.2.1)."""
    return np.exp(xlogy(a - 1.0, x) - x - gammaln(a))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """The derivative of betainc by x (DLMF 8.17.1, 8.17.2)."""
    return np.exp(xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b))


gammainc = special("gammainc", no_rule("gammainc", "a"), lambda g, ans, a, x: g * gamma_density(a, x))
gammaincc = special("gammaincc", no_rule("gammaincc", "a"), lambda g, ans, a, x: -g * gamma_density(a, x))
gammaincinv = special("gammaincinv", no_rule("gammaincinv", "a"), lambda g, ans, a, y: g / gamma_density(a, ans))
gammainccinv = special("gammainccinv", no_rule("gammainccinv", "a"), lambda g, ans, a, y: -g / gamma_density(a, ans))


def _by_upper_limit(name: str, rule: Any) -> Any:
    return special(name, no_rule(name, "a"), no_rule(name, "b"), rule)


betainc = _by_upper_limit("betainc", lambda g, ans, a, b, x: g * beta_density(a, b, x))
betaincc = _by_upper_limit("betaincc", lambda g, ans, a, b, x: -g * beta_density(a, b, x))
betaincinv = _by_upper_limit("betaincinv", lambda g, ans, a, b, y: g / beta_density(a, b, ans))
betainccinv = _by_upper_limit("betainccinv", lambda g, ans, a, b, y: -g / beta_density(a, b, ans))
