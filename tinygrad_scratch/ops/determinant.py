"""The determinant and its logarithm.

The derivative of det(x) is the matrix of cofactors, which exists for a singular x as well, where det(x) inv(x).T does
not. `cofactors` finds it by bordering, in operations that have derivatives themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.primitive import Emit, implements
from ..core.trace import bind
from .arithmetic import stop_gradient
from .matrices import diagonals, factorization, for_regular, inexact, mT, on_matrices


class SlogdetResult(NamedTuple):
    """What `slogdet` gives."""

    sign: Any
    logabsdet: Any


def _minors_of_two(x: Any) -> Any:
    """The cofactors of matrices of two rows."""
    return np.flip(x, (-2, -1)) * np.array([[1, -1], [-1, 1]], x.dtype)


def cofactors(x: Any) -> Any:
    """The derivative of det(x) by x, of any rank; its own derivative as well, and those of any order where the rank is
    two less than full or more.

    With borders u, v for the two smallest singular values, m = [[x, u], [v^H, 0]] is regular and has an inverse
    b = [[b11, b12], [b21, b22]], and det(x) = det(m) det(b22), by Jacobi's identity on complementary minors. As that
    holds for constant u and v, it may be differentiated: adj(x) = det(m) (det(b22) b11 - b12 adj(b22) b21).
    Govaerts, Numerical Methods for Bifurcations of Dynamical Equilibria, SIAM 2000, chapter 3; Horn and Johnson, Matrix
    Analysis, 2nd ed., 0.8.4.
    """
    n = x.shape[-1]
    if n < 2:
        return np.ones(x.shape, x.dtype)
    if n == 2:
        return _minors_of_two(x)
    u, s, vh = np.linalg.svd(bind(stop_gradient, x))
    rich = np.greater(s[..., -3:-2], n * np.finfo(s.dtype).eps * s[..., :1])  # if not, all minors of n - 1 rows are 0
    size = np.exp(np.mean(np.log(np.where(rich, s[..., :-2], 1)), axis=-1, keepdims=True))[..., None]
    rich = rich[..., None]
    top = np.concatenate([np.where(rich, x, u @ vh) / size, u[..., -2:]], axis=-1)
    corner = np.zeros((*x.shape[:-2], 2, 2), x.dtype)
    m = np.concatenate([top, np.concatenate([vh[..., -2:, :], corner], axis=-1)], axis=-2)
    b = np.linalg.inv(m)
    sign, log = np.linalg.slogdet(m)
    small = _minors_of_two(b[..., n:, n:])
    det_of_small = np.sum(b[..., n:, n:] * small, axis=(-2, -1), keepdims=True) * 0.5
    minors = mT(b[..., :n, :n]) * det_of_small - mT(b[..., n:, :n]) @ small @ mT(b[..., :n, n:])
    scale = (sign * np.exp(log))[..., None, None] * size ** (n - 1)
    return np.where(rich, minors * scale, 0)


det_ = on_matrices(
    "det",
    np.linalg.det,
    lambda g, ans, x: g[..., None, None] * cofactors(x),
    lambda t, ans, x: np.sum(t * cofactors(x), axis=(-2, -1)),
    Emit(lambda x: f"np.linalg.det({x})"),
)


@implements(np.linalg.det)
def det(a: Any) -> Any:
    """NumPy's `linalg.det`; its derivative is right for singular matrices too."""
    return bind(det_, inexact(a))


REGULAR = "a matrix that is not singular"


def _slogdet_vjp(gs: Sequence[Any], answers: Any, x: Any) -> Any:
    g_sign, g = gs
    if g_sign is not None and x.dtype.kind == "c":
        turned = np.imag(g_sign * answers[0]) * 1j
        g = turned if g is None else g + turned
    if g is None:
        return np.zeros(x.shape, x.dtype)
    with for_regular("slogdet", REGULAR):
        return g[..., None, None] * mT(np.linalg.inv(x))


def _slogdet_jvp(t: Any, answers: Any, x: Any) -> Any:
    with for_regular("slogdet", REGULAR):
        moved = np.sum(diagonals(np.linalg.solve(x, t)), axis=-1)
    sign = answers[0]
    return sign * 1j * np.imag(moved) if x.dtype.kind == "c" else np.zeros(sign.shape, sign.dtype), np.real(moved)


# d log(det x) = trace(x^-1 dx); its imaginary part turns the sign
slogdet_ = factorization(
    "slogdet", np.linalg.slogdet, _slogdet_vjp, _slogdet_jvp, Emit(lambda x: f"np.linalg.slogdet({x})")
)


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> SlogdetResult:
    """NumPy's `linalg.slogdet`. The derivative of a singular matrix raises LinAlgError."""
    return SlogdetResult(*bind(slogdet_, inexact(a)))
