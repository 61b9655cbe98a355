"""SciPy's functions made of powers, exponentials, logarithms and angles, of those that keep their digits."""

# mypy: disable-error-code="has-type"
# (rules name functions that are defined below them)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import arithmetic, explog
from ..special import expit
from .call import no_rule, special, written
from .hypergeometric import hyp1f1

DEGREE = math.pi / 180

written("exp2", explog.exp2)
written("expm1", explog.expm1)
written("log1p", explog.log1p)
written("cbrt", arithmetic.cbrt)
written("round", arithmetic.rint)
written("expit", expit)


def _over(x: Any, y: Any) -> Any:
    """x / y, and 0 where x is 0, whatever y."""
    zero = np.equal(x, 0)
    return np.where(zero, 0, x / np.where(zero, 1, y))


xlogy = special("xlogy", lambda g, ans, x, y: g * np.log(y), lambda g, ans, x, y: g * _over(x, y))
xlog1py = special("xlog1py", lambda g, ans, x, y: g * np.log1p(y), lambda g, ans, x, y: g * _over(x, 1 + y))
entr = special("entr", lambda g, ans, x: -g * (np.log(x) + 1))
rel_entr = special(
    "rel_entr", lambda g, ans, x, y: g * (np.log(x) - np.log(y) + 1), lambda g, ans, x, y: -g * _over(x, y)
)
kl_div = special("kl_div", lambda g, ans, x, y: g * (np.log(x) - np.log(y)), lambda g, ans, x, y: g * (1 - _over(x, y)))
logit = special("logit", lambda g, ans, x: g / (x * (1 - x)))
log_expit = special("log_expit", lambda g, ans, x: g * expit(-x))
exp10 = special("exp10", lambda g, ans, x: g * ans * explog.LN10)
exprel = special("exprel", lambda g, ans, x: g * hyp1f1(2, 3, x) / 2)  # exprel is hyp1f1(1, 2, x): DLMF 13.6.2, 13.3.15
cosm1 = special("cosm1", lambda g, ans, x: -g * np.sin(x))
powm1 = special(
    "powm1", lambda g, ans, x, y: g * y * np.power(x, y - 1.0), lambda g, ans, x, y: g * xlogy(np.power(x, y), x)
)

sindg = special("sindg", lambda g, ans, x: g * DEGREE * cosdg(x))
cosdg = special("cosdg", lambda g, ans, x: -g * DEGREE * sindg(x))
tandg = special("tandg", lambda g, ans, x: g * DEGREE * (1 + ans * ans))
cotdg = special("cotdg", lambda g, ans, x: -g * DEGREE * (1 + ans * ans))
radian = special(
    "radian",
    lambda g, ans, d, m, s: g * DEGREE,
    lambda g, ans, d, m, s: g * (DEGREE / 60),
    lambda g, ans, d, m, s: g * (DEGREE / 3600),
)

huber = special(
    "huber",
    lambda g, ans, delta, r: g * np.maximum(np.abs(r) - delta, 0),
    lambda g, ans, delta, r: g * np.maximum(np.minimum(r, delta), -delta),
)


def _slope(delta: Any, r: Any) -> Any:
    return r / np.sqrt(1 + (r / delta) ** 2)


pseudo_huber = special(
    "pseudo_huber",
    lambda g, ans, delta, r: g * (2 * ans - r * _slope(delta, r)) / delta,
    lambda g, ans, delta, r: g * _slope(delta, r),
)


# boxcox is log(x) exprel(lmbda log(x)), which has a derivative by lmbda at 0 as well


def _by_power(log: Any, lmbda: Any) -> Any:
    return log * log * hyp1f1(2, 3, lmbda * log) / 2


boxcox = special(
    "boxcox",
    lambda g, ans, x, lmbda: g * np.power(x, lmbda - 1.0),
    lambda g, ans, x, lmbda: g * _by_power(np.log(x), lmbda),
)
boxcox1p = special(
    "boxcox1p",
    lambda g, ans, x, lmbda: g * np.power(1 + x, lmbda - 1.0),
    lambda g, ans, x, lmbda: g * _by_power(np.log1p(x), lmbda),
)
inv_boxcox = special(
    "inv_boxcox",
    lambda g, ans, y, lmbda: g * np.power(ans, 1.0 - lmbda),
    lambda g, ans, y, lmbda: -g * np.power(ans, 1.0 - lmbda) * _by_power(np.log(ans), lmbda),
)
inv_boxcox1p = special(
    "inv_boxcox1p",
    lambda g, ans, y, lmbda: g * np.power(1 + ans, 1.0 - lmbda),
    lambda g, ans, y, lmbda: -g * np.power(1 + ans, 1.0 - lmbda) * _by_power(np.log1p(ans), lmbda),
)


def _tukey(g: Any, ans: Any, x: Any, lmbda: Any) -> Any:
    """The reciprocal of the derivative of the quantile function, 0 outside of the support."""
    inside = np.logical_and(np.greater(ans, 0), np.less(ans, 1))
    p = np.where(inside, ans, 0.5)
    return np.where(inside, g / (np.power(p, lmbda - 1.0) + np.power(1 - p, lmbda - 1.0)), 0)


tklmbda = special("tklmbda", _tukey, no_rule("tklmbda", "lmbda"))
