"""Families on whole numbers: the formulas of `logpmf`. See `family` for what they become."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...ops.scipy_special.elementary import xlog1py, xlogy
from ...ops.scipy_special.gamma import gammaln
from .family import Discrete


def _probability(p: Any) -> Any:
    return np.logical_and(np.greater_equal(p, 0), np.less_equal(p, 1))


def _choose(n: Any, k: Any) -> Any:
    return gammaln(n + 1.0) - (gammaln(k + 1.0) + gammaln(n - k + 1.0))


poisson = Discrete(lambda k, mu: xlogy(k, mu) - gammaln(k + 1.0) - mu, "mu", lambda mu: np.greater_equal(mu, 0))
bernoulli = Discrete(lambda k, p: xlogy(k, p) + xlog1py(1 - k, -p), "p", _probability, high=lambda p: 1)
binom = Discrete(
    lambda k, n, p: _choose(n, k) + xlogy(k, p) + xlog1py(n - k, -p),
    "n p",
    lambda n, p: np.logical_and(np.logical_and(np.greater_equal(n, 0), np.equal(n, np.floor(n))), _probability(p)),
    high=lambda n, p: n,
)
geom = Discrete(
    lambda k, p: np.log(p) + xlog1py(k - 1, -p),
    "p",
    lambda p: np.logical_and(np.greater(p, 0), _probability(p)),
    low=1,
)
nbinom = Discrete(
    lambda k, n, p: gammaln(n + k) - gammaln(k + 1.0) - gammaln(n) + n * np.log(p) + xlog1py(k, -p),
    "n p",
    lambda n, p: np.logical_and(np.greater(n, 0), np.logical_and(np.greater(p, 0), _probability(p))),
)
