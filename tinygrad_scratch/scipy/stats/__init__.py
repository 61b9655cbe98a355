"""scipy.stats: densities and distribution functions, differentiable by x and all parameters.

>>> import numpy as np, tinygrad_scratch as tg
>>> tg.scipy.stats.norm.cdf(0.0)
np.float64(0.5)
>>> tg.grad(lambda scale: tg.scipy.stats.norm.logpdf(np.array([0.5, 3.0]), loc=1.0, scale=scale).sum())(2.0)
array(-0.46875)
"""

from .continuous import (
    beta,
    cauchy,
    chi2,
    expon,
    gamma,
    gumbel_r,
    laplace,
    logistic,
    lognorm,
    norm,
    pareto,
    t,
    truncnorm,
    uniform,
    vonmises,
    weibull_min,
)
from .discrete import bernoulli, binom, geom, nbinom, poisson
from .multivariate import dirichlet, multivariate_normal

__all__ = [
    "bernoulli",
    "beta",
    "binom",
    "cauchy",
    "chi2",
    "dirichlet",
    "expon",
    "gamma",
    "geom",
    "gumbel_r",
    "laplace",
    "logistic",
    "lognorm",
    "multivariate_normal",
    "nbinom",
    "norm",
    "pareto",
    "poisson",
    "t",
    "truncnorm",
    "uniform",
    "vonmises",
    "weibull_min",
]
