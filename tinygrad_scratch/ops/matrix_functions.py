"""Functions of matrices, f(x) = v f(w) v^-1, and Sylvester's equation; the public names stand in `scipy.linalg`.

Both modes come from f itself: with m = [[x, t], [0, x]], the derivative of f at x in the direction t stands in the
upper right of f(m), and the transpose of that map is the same for x^T. So all orders are there, and equal eigenvalues
do no harm (Mathias, A chain rule for matrix functions and applications, SIAM J. Matrix Anal. Appl. 17 (1996); Higham,
Functions of Matrices, SIAM 2008, theorem 3.6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.primitive import EachArgument, Primitive, register
from ..core.trace import bind
from .arithmetic import stop_gradient
from .families import called, with_batch_axis
from .matrices import mT, on_matrices

# Higham, The scaling and squaring method for the matrix exponential revisited, SIAM J. Matrix Anal. Appl. 26 (2005):
# the coefficients of the diagonal Padé approximant of degree 13, and the norm up to which it is exact to rounding
PADE = (64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
        670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1)  # fmt: skip
RADIUS = 5.37
MOST_ROOTS = 64  # a root of this order of any positive number is near 1


def _expm(x: np.ndarray) -> np.ndarray:
    """The exponential, by scaling and squaring."""
    size = np.max(np.sum(np.abs(x), axis=-2), axis=-1, initial=0)
    halvings = np.ceil(np.log2(np.maximum(size, RADIUS) / RADIUS))
    halvings = np.where(np.isfinite(halvings), halvings, 0)[..., None, None]
    x = (x / 2**halvings).astype(x.dtype)
    one, x2 = np.eye(x.shape[-1], dtype=x.dtype), x @ x
    x4, b = x2 @ x2, PADE
    x6 = x4 @ x2
    odd = x @ (x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * one)
    even = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * one
    ans = np.linalg.solve(even - odd, even + odd)
    for k in range(int(np.max(halvings, initial=0))):
        ans = np.where(k < halvings, ans @ ans, ans)
    return ans


def _sqrtm(x: np.ndarray) -> np.ndarray:
    """The square root, by SciPy."""
    import scipy.linalg

    if x.size == 0:
        return x
    ans = np.stack([scipy.linalg.sqrtm(m) for m in x.reshape(-1, *x.shape[-2:])]).reshape(x.shape)
    if ans.dtype.kind == "c" and x.dtype.kind != "c":
        raise np.linalg.LinAlgError("a real matrix with negative eigenvalues has a complex one; give it x + 0j")
    return ans.astype(x.dtype)


def _logm(x: np.ndarray) -> np.ndarray:
    """The logarithm: of a root near 1, by the Padé approximant of log(1 + y) as a quadrature of y / (1 + t y).

    Dieci, Morini, Papini, Computational techniques for real logarithms of matrices, SIAM J. Matrix Anal. Appl. 17
    (1996).
    """
    one = np.eye(x.shape[-1], dtype=x.dtype)
    doublings = 0
    while np.max(np.abs(x - one), initial=0) * x.shape[-1] > 0.25:
        x = _sqrtm(x)
        doublings += 1
        if doublings > MOST_ROOTS:
            raise np.linalg.LinAlgError("a singular matrix has no logarithm")
    y = x - one
    nodes, weights = np.polynomial.legendre.leggauss(8)
    terms = [float(w) * np.linalg.solve(one + float(1 + t) / 2 * y, y) for t, w in zip(nodes, weights, strict=True)]
    return sum(terms[1:], terms[0]) * 2.0 ** (doublings - 1)


def _function(impl: Callable[..., Any]) -> Primitive:
    """The primitive of a function of matrices."""

    def derivative(t: Any, x: Any) -> Any:
        n = x.shape[-1]
        size = np.sum(np.abs(bind(stop_gradient, t)), axis=(-2, -1), keepdims=True)
        size = np.where(np.equal(size, 0), 1, size)  # the derivative is linear, the rounding of f(m) is not
        above = np.concatenate([x, t / size], axis=-1)
        below = np.concatenate([np.zeros(x.shape, x.dtype), x], axis=-1)
        return bind(prim, np.concatenate([above, below], axis=-2))[..., :n, n:] * size

    prim = on_matrices(
        impl.__name__.strip("_"),
        impl,
        lambda g, ans, x: derivative(g, mT(x)),
        lambda t, ans, x: derivative(t, x),
        called(impl),
    )
    return prim


expm = _function(_expm)
sqrtm = _function(_sqrtm)
logm = _function(_logm)


def _sylvester(a: np.ndarray, b: np.ndarray, q: np.ndarray) -> np.ndarray:
    """x with a @ x + x @ b = q."""
    import scipy.linalg

    if q.size == 0:
        return q
    stacks = [m.reshape(-1, *m.shape[-2:]) for m in (a, b, q)]
    return np.stack([scipy.linalg.solve_sylvester(*one) for one in zip(*stacks, strict=True)]).reshape(q.shape)


def _sylvester_transposes(wanted: Sequence[int], g: Any, ans: Any, a: Any, b: Any, q: Any) -> list[Any]:
    back = bind(sylvester, mT(a), mT(b), g)
    parts = (lambda: -(back @ mT(ans)), lambda: -(mT(ans) @ back), lambda: back)
    return [parts[i]() for i in wanted]


def _sylvester_jvp(ts: Sequence[Any], ans: Any, a: Any, b: Any, q: Any) -> Any:
    ta, tb, tq = ts
    right = np.zeros(ans.shape, ans.dtype) if tq is None else tq
    right = right if ta is None else right - ta @ ans
    return bind(sylvester, a, b, right if tb is None else right - ans @ tb)


# of arguments with equal axes before the last two
sylvester: Primitive = register(
    Primitive(
        "sylvester",
        _sylvester,
        EachArgument(_sylvester_transposes),
        _sylvester_jvp,
        batch=lambda args, batched: bind(sylvester, *with_batch_axis(args, batched)),
        emit=called(_sylvester),
    )
)
