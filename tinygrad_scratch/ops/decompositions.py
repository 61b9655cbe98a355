"""Decompositions of matrices: cholesky, qr, eigh, svd.

Where two eigenvalues or singular values are equal (to rounding), their vectors have no derivative. What depends on no
choice among them has one, and gets it right: the terms 1 / (w_j - w_i), which cancel in the mathematics, are 0 there
instead of infinite. So it is with sums of functions of the values, with projectors on all vectors of one value, and
with u v^H of an svd. Two things these terms would be needed for: the second derivative of a sum of f(w) among equal
values, unless f is linear; and v f(w) v^H with an f that is not constant among them, for which take the function of
the matrix itself (inv, pinv, scipy.linalg.expm, sqrtm, logm), whose derivatives are right at any order.

cholesky and eigh read one triangle; their derivative is that of a function of Hermitian matrices, itself Hermitian.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import ArgumentError, MissingRuleError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import bind
from .arithmetic import conj
from .families import called
from .matrices import (
    diagonal_matrices,
    diagonals,
    differences,
    factorization,
    for_regular,
    hermitian,
    inexact,
    lower,
    mH,
    mT,
    on_matrices,
    reciprocal,
)
from .values import seen


class QRResult(NamedTuple):
    """What `qr` gives."""

    Q: Any
    R: Any


class EighResult(NamedTuple):
    """What `eigh` gives."""

    eigenvalues: Any
    eigenvectors: Any


class SVDResult(NamedTuple):
    """What `svd` gives."""

    U: Any
    S: Any
    Vh: Any


def _divided(x: Any, r: Any) -> Any:
    """x r^-1."""
    return mH(np.linalg.solve(mH(r), mH(x)))


# ---- cholesky: with s = l^-1 dx l^-H, dl = l lower(s) (Murray, Differentiation of the Cholesky decomposition, 2016) --


def _cholesky_vjp(g: Any, ans: Any, x: Any) -> Any:
    inner = np.linalg.solve(mH(ans), lower(mH(ans) @ conj(g)))
    return conj(hermitian(_divided(inner, ans)))


def _cholesky_jvp(t: Any, ans: Any, x: Any) -> Any:
    return ans @ lower(_divided(np.linalg.solve(ans, hermitian(t)), mH(ans)))


cholesky_ = on_matrices(
    "cholesky", np.linalg.cholesky, _cholesky_vjp, _cholesky_jvp, Emit(lambda x: f"np.linalg.cholesky({x})")
)


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """NumPy's `linalg.cholesky`: l with l @ l^H = a, or its conjugate transpose. The gradient is Hermitian.

    Raises LinAlgError for a matrix that is not positive definite.
    """
    a = inexact(a)
    return mH(bind(cholesky_, mH(a))) if upper else bind(cholesky_, a)


# ---- qr: with c = q^H dx r^-1 and w = upper(c + c^H), dr = w r and dq = dx r^-1 - q w --
# Walter and Lehmann, Algorithmic differentiation of linear algebra functions with application in optimum experimental
# design, Proc. Appl. Math. Mech. 18 (2018)


INDEPENDENT = "linearly independent columns (of a wide matrix: the first ones)"


def _upper(x: Any) -> Any:
    return mH(lower(mH(x)))


def _qr_vjp(gs: Sequence[Any], answers: Any, x: Any) -> Any:
    (q, r), (gq, gr) = answers, [None if g is None else conj(g) for g in gs]
    moved = (0 if gr is None else gr @ mH(r)) - (0 if gq is None else mH(q) @ gq)
    half = _upper(moved)
    total = q @ (half + mH(half))
    with for_regular("qr", INDEPENDENT):
        return conj(mH(np.linalg.solve(r, mH(total if gq is None else total + gq))))


def _qr_jvp(t: Any, answers: Any, x: Any) -> Any:
    q, r = answers
    with for_regular("qr", INDEPENDENT):
        moved = _divided(t, r)
    c = mH(q) @ moved
    w = _upper(c + mH(c))
    return moved - q @ w, w @ r


qr_ = factorization("qr", np.linalg.qr, _qr_vjp, _qr_jvp, Emit(lambda x: f"np.linalg.qr({x})"))


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """NumPy's `linalg.qr` in the modes "reduced" and "r", and "complete" where there are not more rows than columns.

    The derivative needs linearly independent columns (of a wide matrix: the first ones), else it raises LinAlgError.
    """
    a = inexact(a)
    rows, columns = a.shape[-2:]
    if mode not in ("reduced", "complete", "r"):
        raise MissingRuleError(
            f"qr: mode={mode!r} is not supported on a Tensor{user_line()}; use 'reduced', 'complete' or 'r'"
        )
    q, r = bind(qr_, a[..., :rows] if rows < columns else a)
    if rows < columns:
        r = np.concatenate([r, mH(q) @ a[..., rows:]], axis=-1)
    elif mode == "complete":
        q, r = completed(q), np.concatenate([r, np.zeros((*r.shape[:-2], rows - columns, columns), r.dtype)], axis=-2)
    return r if mode == "r" else QRResult(q, r)


# ---- further columns e of a unitary [u e]: with u^H e = 0, de = -u du^H e, but for a rotation of e among themselves --


def _complement_vjp(g: Any, e: Any, u: Any) -> Any:
    turn = mH(e) @ conj(g)
    apart = np.max(np.abs(turn - mH(turn)), initial=0)
    if seen(apart > np.sqrt(np.finfo(e.dtype).eps) * np.max(np.abs(g), initial=0)):
        raise MissingRuleError(
            f"the columns that complete a basis{user_line()} are any that do, and the answer would change with others, "
            "so it has no derivative; use what they span, e @ e.T, or svd(full_matrices=False) and qr(mode='reduced')"
        )
    return -conj(e @ mT(g) @ u)


def _complement_jvp(t: Any, e: Any, u: Any) -> Any:
    return -u @ (mH(t) @ e)


def _complement(u: Any) -> Any:
    return np.linalg.svd(u)[0][..., u.shape[-1] :]


complement_ = on_matrices("complement", _complement, _complement_vjp, _complement_jvp, called(_complement))


def completed(u: Any) -> Any:
    """A square unitary matrix whose first columns are these, which are orthonormal.

    The others have the derivative of the space that they span. The gradient of what changes where they are turned
    among themselves is refused, where the values are known.
    """
    return np.concatenate([u, bind(complement_, u)], axis=-1)


# ---- eigh: with p = v^H dx v, dw = diagonal of p and dv = v (p_ij / (w_j - w_i)) (Giles, 2008) --


def _eigh_vjp(gs: Sequence[Any], answers: Any, x: Any) -> Any:
    (w, v), (gw, gv) = answers, gs
    inner = 0 if gw is None else diagonal_matrices(gw)
    if gv is not None:
        inner = inner + reciprocal(differences(w), w) * (mH(v) @ conj(gv))
    return conj(hermitian(v @ inner @ mH(v)))


def _eigh_jvp(t: Any, answers: Any, x: Any) -> Any:
    w, v = answers
    p = mH(v) @ hermitian(t) @ v
    return np.real(diagonals(p)), v @ (reciprocal(differences(w), w) * p)


eigh_ = factorization(
    "eigh", np.linalg.eigh, _eigh_vjp, _eigh_jvp, Emit(lambda x, UPLO: f"np.linalg.eigh({x}, {UPLO!r})")
)  # fmt: skip


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """NumPy's `linalg.eigh`. The gradient is Hermitian; for equal eigenvalues see the head of this module."""
    if UPLO.upper() not in ("L", "U"):
        raise ArgumentError(f"eigh: UPLO={UPLO!r}, expected 'L' or 'U'{user_line()}")
    return EighResult(*bind(eigh_, inexact(a), UPLO=UPLO.upper()))


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """NumPy's `linalg.eigvalsh`; the gradient is Hermitian."""
    return eigh(a, UPLO).eigenvalues


# ---- svd: with p = u^H dx v, h and k its Hermitian and skew parts, a = h_ij / (s_j - s_i) and b = k_ij / (s_j + s_i),
# ---- ds = diagonal of h, du = u (a + b), dv = v (a - b), and what lies outside of the spans of u and v --
# Townsend, Differentiating the singular value decomposition, 2016. Of complex matrices the phase of a pair of vectors
# is free (Wan and Zhang, arXiv:1909.02659); here it turns in both by as much.


def _svd_vjp(gs: Sequence[Any], answers: Any, x: Any) -> Any:
    (u, s, vh), (gu, g, gv) = answers, gs
    total = 0 if g is None else u @ diagonal_matrices(g) @ vh
    if gu is None and gv is None:
        return conj(total)
    gu = np.zeros(u.shape, u.dtype) if gu is None else conj(gu)
    gv = np.zeros(mT(vh).shape, vh.dtype) if gv is None else mT(gv)
    in_u, in_v = mH(u) @ gu, vh @ gv
    a, b, over = reciprocal(differences(s), s) * (in_u + in_v), _sums(s) * (in_u - in_v), _each(s)
    total = total + u @ (hermitian(a) + b - hermitian(b)) @ vh
    return conj(total + ((gu - u @ in_u) * over) @ vh + u @ mH((gv - mH(vh) @ in_v) * over))


def _svd_jvp(t: Any, answers: Any, x: Any) -> Any:
    u, s, vh = answers
    tu, tv = mH(t) @ u, t @ mH(vh)
    p = mH(u) @ tv
    h = hermitian(p)
    a, b, over = reciprocal(differences(s), s) * h, _sums(s) * (p - h), _each(s)
    du = u @ (a + b) + (tv - u @ p) * over
    dv = mH(vh) @ (a - b) + (tu - mH(vh) @ mH(p)) * over
    return du, np.real(diagonals(h)), mH(dv)


def _sums(s: Any) -> Any:
    return reciprocal(s[..., None, :] + s[..., :, None], s)


def _each(s: Any) -> Any:
    return reciprocal(s[..., None, :], s)


def _svd(x: Any) -> Any:
    return np.linalg.svd(x, full_matrices=False)


svd_ = factorization(
    "svd", _svd, _svd_vjp, _svd_jvp, Emit(lambda x: f"np.linalg.svd({x}, full_matrices=False)")
)  # fmt: skip


@implements(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """NumPy's `linalg.svd`; for equal singular values see the head of this module.

    Of `full_matrices`, the vectors without a singular value are any that complete a basis, see `completed`.
    """
    a = inexact(a)
    rows, columns = a.shape[-2:]
    u, s, vh = _hermitian_svd(a) if hermitian else bind(svd_, a)
    if not compute_uv:
        return s
    if full_matrices and rows > columns:
        u = completed(u)
    elif full_matrices and rows < columns:
        vh = mH(completed(mH(vh)))
    return SVDResult(u, s, vh)


def _hermitian_svd(a: Any) -> SVDResult:
    w, v = eigh(a)
    size = np.abs(w)
    order = np.flip(np.argsort(size, axis=-1), -1)
    u = np.take_along_axis(v, order[..., None, :], axis=-1)
    sign = np.take_along_axis(np.sign(w), order, axis=-1)[..., None, :]
    return SVDResult(u, np.take_along_axis(size, order, axis=-1), mH(u * sign))


@implements(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """NumPy's `linalg.svdvals`."""
    return bind(svd_, inexact(x))[1]
