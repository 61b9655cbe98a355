"""Negative logarithms of likelihoods, where the prediction is a distribution of numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arguments import demand, floats, over_rest, pair, same_shape


def poisson(log_rates: Any, counts: Any) -> Any:
    """Mean of exp(r) - k r: -log of the Poisson probability of k at the rate exp(r), but for log(k!), which no r moves.

    (n, ...), (n, ...) -> (n,). It is infinite where exp(r) is. Raises ArgumentError for a negative count.

    >>> import numpy as np
    >>> poisson(np.log([2.0, 3.0]), np.array([0, 1])).round(4)
    array([2.    , 1.9014])
    """
    log_rates, counts = pair("poisson", log_rates, counts)
    demand("poisson", "counts", counts, lambda known: known >= 0, "not be negative")
    return over_rest(np.mean, np.exp(log_rates) - counts * log_rates)


def gaussian_nll(means: Any, targets: Any, variances: Any) -> Any:
    """Mean of (log(2 pi v) + (y - m)**2 / v) / 2: -log of the normal density. Three arrays (n, ...) -> (n,).

    Raises ArgumentError unless all variances are positive: predict their logarithm and give np.exp of it. Source: Nix
    and Weigend, ICNN 1994.

    >>> import numpy as np
    >>> gaussian_nll(np.array([0.0]), np.array([3.0]), np.array([4.0])).round(4)
    array([2.7371])
    """
    means, targets = pair("gaussian_nll", means, targets)
    variances = floats("gaussian_nll", variances, means.dtype)
    same_shape("gaussian_nll", means, variances, ("means", "variances"))
    demand("gaussian_nll", "variances", variances, lambda known: known > 0, "be positive")
    return over_rest(np.mean, (math.log(2 * math.pi) + np.log(variances) + np.square(targets - means) / variances) / 2)
