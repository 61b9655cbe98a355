"""SciPy's special functions by family. SciPy is optional: it is looked up when one of them is called.

The ufuncs of `scipy.special`, called on a Tensor, lead here (see `tensor`). A ufunc without a rule says so.
"""

from . import bessel, distributions, elementary, elliptic, errors, gamma, hypergeometric, integrals, polynomials

__all__ = [
    "bessel",
    "distributions",
    "elementary",
    "elliptic",
    "errors",
    "gamma",
    "hypergeometric",
    "integrals",
    "polynomials",
]
