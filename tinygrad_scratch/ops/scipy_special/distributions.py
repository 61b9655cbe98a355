"""Distribution functions and their inverses, by the variables for which the derivative is a density.

Each is one of the incomplete functions in `gamma`, as SciPy documents it; the derivative of an inverse is the
reciprocal of the density at its answer. A rule `f(density)` serves the function, its complement (sign -1) and inverses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.primitive import Primitive
from .call import no_rule, special, written
from .errors import ndtri
from .gamma import beta_density, betaln, gamma_density


def _last(name: str, parameters: str, rule: Any) -> Primitive:
    """A function of its last argument: the parameters, given by name, have no rule."""
    return special(name, *[no_rule(name, p) for p in parameters.split()], rule)


def _family(function: str, complement: str, inverse: str, parameters: str, density: Any, sign: int) -> None:
    """A function whose derivative by its last argument is `density(*args)`, 1 minus it, and the inverse of one of them:
    of the function (sign 1) or of the complement (sign -1)."""
    _last(function, parameters, lambda g, ans, *args: g * density(*args))
    _last(complement, parameters, lambda g, ans, *args: -g * density(*args))
    _last(inverse, parameters, lambda g, ans, *args: sign * g / density(*args[:-1], ans))


def _f_density(n: Any, d: Any, x: Any) -> Any:
    total = n * x + d
    return beta_density(n / 2, d / 2, n * x / total) * n * d / total**2


_family("chdtr", "chdtrc", "chdtri", "v", lambda v, x: gamma_density(v / 2, x / 2) / 2, -1)
_family("fdtr", "fdtrc", "fdtri", "dfn dfd", _f_density, 1)
# of a whole number of successes or events, to which SciPy rounds
_family("pdtrc", "pdtr", "pdtri", "k", lambda k, m: gamma_density(np.floor(k) + 1, m), -1)
_family("bdtrc", "bdtr", "bdtri", "k n", lambda k, n, p: beta_density(np.floor(k) + 1, n - np.floor(k), p), -1)
_family("nbdtr", "nbdtrc", "nbdtri", "k n", lambda k, n, p: beta_density(n, np.floor(k) + 1, p), 1)


def _t_density(df: Any, t: Any) -> Any:
    return np.exp(-(df + 1) / 2 * np.log1p(t * t / df) - betaln(df / 2, 0.5)) / np.sqrt(df)


stdtr = _last("stdtr", "df", lambda g, ans, df, t: g * _t_density(df, t))
_last("stdtrit", "df", lambda g, ans, df, p: g / _t_density(df, ans))

# of a x, so that two of the arguments have a rule
special(
    "gdtr",
    lambda g, ans, a, b, x: g * x * gamma_density(b, a * x),
    no_rule("gdtr", "b"),
    lambda g, ans, a, b, x: g * a * gamma_density(b, a * x),
)
special(
    "gdtrc",
    lambda g, ans, a, b, x: -g * x * gamma_density(b, a * x),
    no_rule("gdtrc", "b"),
    lambda g, ans, a, b, x: -g * a * gamma_density(b, a * x),
)
special(
    "gdtrix",
    lambda g, ans, a, b, p: -g * ans / a,
    no_rule("gdtrix", "b"),
    lambda g, ans, a, b, p: g / (a * gamma_density(b, a * ans)),
)
special(
    "gdtria",
    lambda g, ans, p, b, x: g / (x * gamma_density(b, ans * x)),
    no_rule("gdtria", "b"),
    lambda g, ans, p, b, x: -g * ans / x,
)

# the normal distribution's mean and standard deviation, of the other and a quantile
written("nrdtrimn", lambda p, std, x: x - std * ndtri(p))
written("nrdtrisd", lambda mn, p, x: (x - mn) / ndtri(p))
