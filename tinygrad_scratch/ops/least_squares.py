"""The pseudoinverse, and least squares by it.

Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate,
SIAM J. Numer. Anal. 10 (1973), for matrices p = x+ of constant rank:
dp = p p^H dx^H (1 - x p) + (1 - p x) dx^H p^H p - p dx p.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import DtypeError, MissingRuleError, ShapeError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import bind
from .arguments import NO
from .arithmetic import conj
from .decompositions import svdvals
from .matrices import hermitian as hermitian_part
from .matrices import inexact, mH, on_matrices
from .values import seen


def _pinv_jvp(t: Any, p: Any, x: Any, rcond: float, hermitian: bool) -> Any:
    t = hermitian_part(t) if hermitian else t
    th, ph = mH(t), mH(p)
    return p @ ph @ (th - th @ x @ p) + (th - p @ x @ th) @ ph @ p - p @ t @ p


def _pinv_vjp(g: Any, p: Any, x: Any, rcond: float, hermitian: bool) -> Any:
    gh, ph = mH(conj(g)), mH(p)
    moved = (gh - x @ p @ gh) @ p @ ph + ph @ p @ (gh - gh @ p @ x) - ph @ mH(gh) @ ph
    return conj(hermitian_part(moved) if hermitian else moved)


pinv_ = on_matrices(
    "pinv",
    lambda x, rcond, hermitian: np.linalg.pinv(x, rcond, hermitian),
    _pinv_vjp,
    _pinv_jvp,
    Emit(lambda x, rcond, hermitian: f"np.linalg.pinv({x}, {rcond}, {hermitian})"),
)


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = NO) -> Any:
    """NumPy's `linalg.pinv`, with the derivative for a constant rank. `rcond` and `rtol` must be numbers."""
    if rcond is None:
        rcond = 1e-15 if rtol is NO else max(a.shape[-2:]) * np.finfo(a.dtype).eps if rtol is None else rtol
    if np.ndim(rcond):
        raise MissingRuleError(f"pinv: rcond= has shape {np.shape(rcond)}; a Tensor takes one number for all matrices")
    return bind(pinv_, inexact(a), rcond=float(rcond), hermitian=bool(hermitian))


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Any, Any, Any, Any]:
    """NumPy's `linalg.lstsq`: the x of least norm among those that make |b - a @ x| least, the residuals |b - a @ x|^2,
    the rank of `a`, its singular values.

    There are no residuals where the rank of `a` is known to be less than full; under vmap and jit it is taken as full.
    """
    a, b = inexact(a), inexact(b)
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        raise ShapeError(f"lstsq: arguments of shape {a.shape} and {b.shape} do not fit{user_line()}")
    if np.float16 in (a.dtype, b.dtype):
        raise DtypeError(f"lstsq: float16 is not supported{user_line()}; use astype(np.float32)")
    a, b = [x.astype(np.result_type(a.dtype, b.dtype)) for x in (a, b)]
    rows, columns = a.shape
    eps = float(np.finfo(a.dtype).eps)
    rtol = eps * max(rows, columns) if rcond is None else eps if rcond == -1 else rcond
    x = pinv(a, rtol) @ b
    rest = b - a @ x
    residuals = np.sum(np.real(conj(rest) * rest), axis=0)
    values = svdvals(a)
    rank = np.sum(np.greater(values, rtol * values[:1]), dtype=np.int32)
    if rows <= columns or seen(np.less(rank, columns)):
        residuals = np.zeros(0, residuals.dtype)
    elif b.ndim == 1:
        residuals = residuals.reshape(1)
    return x, residuals, rank, values
