"""Orthogonal polynomials by their variable: the derivative is one of a lower degree (DLMF 18.9(iii)).

The degree may be any real number where SciPy has the function of it. SciPy gives 0 for the degree -1.
"""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

from typing import Any

import numpy as np

from .call import no_rule, special


def _polynomial(name: str, parameters: int, rule: Any) -> Any:
    return special(name, *[no_rule(name, "its degree and parameters")] * (1 + parameters), rule)


jacobi = _polynomial(
    "eval_jacobi",
    2,
    lambda g, ans, n, a, b, x: g * (n + a + b + 1.0) / 2 * jacobi(n - 1, a + 1.0, b + 1.0, x),
)
legendre = _polynomial("eval_legendre", 0, lambda g, ans, n, x: g * (n + 1.0) / 2 * jacobi(n - 1, 1, 1, x))
gegenbauer = _polynomial("eval_gegenbauer", 1, lambda g, ans, n, a, x: g * 2 * a * gegenbauer(n - 1, a + 1.0, x))
chebyt = _polynomial("eval_chebyt", 0, lambda g, ans, n, x: g * n * chebyu(n - 1, x))
chebyu = _polynomial("eval_chebyu", 0, lambda g, ans, n, x: g * 2 * gegenbauer(n - 1, 2, x))
genlaguerre = _polynomial("eval_genlaguerre", 1, lambda g, ans, n, a, x: -g * genlaguerre(n - 1, a + 1.0, x))
laguerre = _polynomial("eval_laguerre", 0, lambda g, ans, n, x: -g * genlaguerre(n - 1, 1, x))

# of the doubled argument, and on [0, 1]
chebyc = _polynomial("eval_chebyc", 0, lambda g, ans, n, x: g * n * chebyu(n - 1, x / 2))
chebys = _polynomial("eval_chebys", 0, lambda g, ans, n, x: g * gegenbauer(n - 1, 2, x / 2))
sh_legendre = _polynomial("eval_sh_legendre", 0, lambda g, ans, n, x: g * (n + 1.0) * jacobi(n - 1, 1, 1, 2 * x - 1))
sh_chebyt = _polynomial("eval_sh_chebyt", 0, lambda g, ans, n, x: g * 2 * n * chebyu(n - 1, 2 * x - 1))
sh_chebyu = _polynomial("eval_sh_chebyu", 0, lambda g, ans, n, x: g * 4 * gegenbauer(n - 1, 2, 2 * x - 1))


def _below(n: Any) -> Any:
    """The degree below, 0 for 0: its factor is 0 there, and SciPy gives NaN for -1."""
    return np.where(np.equal(n, 0), 0, n - 1)


sh_jacobi = _polynomial(
    "eval_sh_jacobi", 2, lambda g, ans, n, p, q, x: g * n * sh_jacobi(_below(n), p + 2.0, q + 1.0, x)
)
hermite = _polynomial("eval_hermite", 0, lambda g, ans, n, x: g * 2 * n * hermite(_below(n), x))
hermitenorm = _polynomial("eval_hermitenorm", 0, lambda g, ans, n, x: g * n * hermitenorm(_below(n), x))


def _legendre(g: Any, ans: Any, m: Any, v: Any, x: Any) -> Any:
    """DLMF 14.10.5."""
    return g * ((m + v) * lpmv(m, v - 1.0, x) - v * x * ans) / ((1 - x) * (1 + x))


lpmv = special("lpmv", no_rule("lpmv", "m"), no_rule("lpmv", "v"), _legendre)
