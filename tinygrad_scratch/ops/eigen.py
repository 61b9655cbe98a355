"""Eigenvalues and eigenvectors of matrices that need not be symmetric. On a Tensor both are complex, always.

With p = v^-1 dx v: dw = diagonal of p and dv = m - v c, where m = v (p_ij / (w_j - w_i)) (Giles, 2008) and the numbers
c keep what LAPACK makes of each vector: its length is 1 and its largest component real. Where eigenvalues are equal to
rounding, 1 / (w_j - w_i) is 0, as in `decompositions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.primitive import implements
from ..core.trace import bind
from .arithmetic import conj
from .families import called
from .matrices import (
    diagonal_matrices,
    diagonals,
    differences,
    factorization,
    for_regular,
    inexact,
    mT,
    reciprocal,
)


class EigResult(NamedTuple):
    """What `eig` gives."""

    eigenvalues: Any
    eigenvectors: Any


A_BASIS = "as many linearly independent eigenvectors as there are rows"


def _largest(v: Any) -> Any:
    """1 at the largest component of each vector, else 0."""
    if v.shape[-1] == 0:
        return v
    rows = np.arange(v.shape[-2])[:, None]
    return np.equal(rows, np.argmax(np.abs(v), axis=-2, keepdims=True)).astype(v.dtype)


def _eig_vjp(gs: Sequence[Any], answers: Any, x: Any) -> Any:
    (w, v), (gw, gv) = answers, gs
    inner = 0 if gw is None else diagonal_matrices(gw)
    if gv is not None:
        h = np.sum(gv * v, axis=-2, keepdims=True)
        at = _largest(v)
        gm = gv - np.real(h) * conj(v) - 1j * np.imag(h) * at / np.sum(at * v, axis=-2, keepdims=True)
        inner = inner + reciprocal(differences(w), w) * (mT(v) @ gm)
    with for_regular("eig", A_BASIS):
        g = np.linalg.solve(mT(v), inner @ mT(v))
    return g if x.dtype.kind == "c" else np.real(g)


def _eig_jvp(t: Any, answers: Any, x: Any) -> Any:
    w, v = answers
    with for_regular("eig", A_BASIS):
        p = np.linalg.solve(v, t @ v)
    m = v @ (reciprocal(differences(w), w) * p)
    at = _largest(v)
    longer = np.real(np.sum(conj(v) * m, axis=-2, keepdims=True))
    turned = np.imag(np.sum(at * m, axis=-2, keepdims=True) / np.sum(at * v, axis=-2, keepdims=True))
    return diagonals(p), m - v * (longer + 1j * turned)


def _eig(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NumPy's eig, whose answers would be real or complex by the values of `x`."""
    w, v = np.linalg.eig(x)
    dtype = np.result_type(x.dtype, np.complex64)
    return w.astype(dtype), v.astype(dtype)


eig_ = factorization("eig", _eig, _eig_vjp, _eig_jvp, called(_eig))


@implements(np.linalg.eig)
def eig(a: Any) -> EigResult:
    """NumPy's `linalg.eig`, of a Tensor always complex. The matrix must have a full set of eigenvectors."""
    return EigResult(*bind(eig_, inexact(a)))


@implements(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """NumPy's `linalg.eigvals`, of a Tensor always complex."""
    return eig(a).eigenvalues
