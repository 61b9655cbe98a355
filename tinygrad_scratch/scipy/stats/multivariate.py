"""Families of vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.errors import ShapeError, user_line
from ...ops.arguments import as_array, refuse
from ...ops.scipy_special.elementary import xlogy
from ...ops.scipy_special.gamma import gammaln


class MultivariateNormal:
    """The normal distribution of vectors of length d, along the last axis of x."""

    def logpdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """-1/2 (d log(2 pi) + log(det(cov)) + (x - mean) cov^-1 (x - mean)), by the Cholesky factor of cov.

        `cov` is a matrix, a vector, its diagonal, or a number, that of all of the diagonal; `mean` is 0 if it is None.
        Raises LinAlgError where cov is not positive definite, ShapeError where the shapes do not fit.
        """
        refuse("multivariate_normal", allow_singular=allow_singular or None)
        x, mean, cov = as_array(x), as_array(0.0 if mean is None else mean), as_array(cov)
        d = max(mean.shape[-1] if mean.ndim else 1, cov.shape[-1] if cov.ndim else 1)
        if cov.ndim < 2:
            cov = cov * np.eye(d, dtype=cov.dtype)
        if cov.shape != (d, d) or mean.shape not in ((), (1,), (d,)):
            raise ShapeError(
                f"multivariate_normal: mean has shape {mean.shape} and cov {cov.shape}{user_line()}; expected (d,) and "
                "(d, d)"
            )
        if d == 1 and (x.ndim == 0 or x.shape[-1] != 1):
            x = x[..., None]
        elif x.ndim == 0 or x.shape[-1] != d:
            raise ShapeError(f"multivariate_normal: x has shape {x.shape}{user_line()}; expected (..., {d})")
        factor = np.linalg.cholesky(cov)
        apart = np.linalg.solve(factor, (x - mean).reshape(-1, d).T)
        distance = np.sum(apart * apart, axis=0).reshape(x.shape[:-1])
        log_det = 2 * np.sum(np.log(np.diagonal(factor)))
        return -(distance + log_det + d * math.log(2 * math.pi)) / 2

    def pdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """exp of `logpdf`."""
        return np.exp(self.logpdf(x, mean, cov, allow_singular))


class Dirichlet:
    """The Dirichlet distribution of shares, along the first axis of x, which is taken to lie on the simplex."""

    def logpdf(self, x: Any, alpha: Any) -> Any:
        """gammaln(sum(alpha)) + sum((alpha - 1) log(x) - gammaln(alpha)); the last share may be left out of x."""
        x, alpha = as_array(x), as_array(alpha)
        if alpha.ndim != 1 or x.ndim == 0 or x.shape[0] not in (alpha.size - 1, alpha.size):
            raise ShapeError(
                f"dirichlet: x has shape {x.shape} and alpha {alpha.shape}{user_line()}; expected (n, ...) and (n,)"
            )
        if x.shape[0] == alpha.size - 1:
            x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
        shares = np.sum(xlogy(alpha - 1.0, x.T).T, axis=0)
        ans = shares + gammaln(np.sum(alpha)) - np.sum(gammaln(alpha))
        return np.where(np.all(np.greater(alpha, 0)), ans, np.nan)

    def pdf(self, x: Any, alpha: Any) -> Any:
        """exp of `logpdf`."""
        return np.exp(self.logpdf(x, alpha))


multivariate_normal = MultivariateNormal()
dirichlet = Dirichlet()
