"""Matrices in the last two axes: what all operations on them share, and diagonal, trace and transpose.

Conjugates. Inside this package a rule is the plain transpose: cotangents pair with tangents as Re(sum(g t)), so that a
rule of real mathematics holds for complex numbers as it stands as long as the operation is holomorphic (solve, inv,
det). The rules of those that are not (cholesky, qr, eigh, svd) are written for `conj(g)`, as in the literature, with
conjugate transposes, and what they give is conjugated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, LinearAlgebraError, ShapeError, user_line
from ..core.primitive import Emit, Primitive, Rule, implements, register
from ..core.trace import bind
from .arguments import one_axis, refuse
from .arithmetic import conj


def mT(x: Any) -> Any:
    """The transposes."""
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


def mH(x: Any) -> Any:
    """The conjugate transposes."""
    return mT(conj(x))


def hermitian(x: Any) -> Any:
    """The Hermitian (of real matrices: symmetric) parts."""
    return (x + mH(x)) * 0.5


def lower(x: Any) -> Any:
    """The lower triangles, with half of the diagonals: of a Hermitian h with lower(h) + mH(lower(h)) = h."""
    n = x.shape[-1]
    return np.where(np.tri(n, k=-1, dtype=bool), x, np.where(np.eye(n, dtype=bool), 0.5 * x, 0))


def diagonals(x: Any) -> Any:
    """The diagonals of square matrices."""
    along = np.arange(x.shape[-1])
    return x[..., along, along]


def diagonal_matrices(v: Any) -> Any:
    """The matrices with these diagonals."""
    return v[..., None] * np.eye(v.shape[-1], dtype=v.dtype)


def differences(w: Any) -> Any:
    """w_j - w_i."""
    return w[..., None, :] - w[..., :, None]


def reciprocal(x: Any, w: Any) -> Any:
    """1 / x for matrices `x`, and 0 where x is no more than the rounding of eigenvalues or singular values `w`."""
    rounding = 8 * np.finfo(w.dtype).eps * np.sum(np.abs(w), axis=-1)[..., None, None]
    nothing = np.less_equal(np.abs(x), rounding)
    return np.where(nothing, 0, 1 / np.where(nothing, 1, x))


def inexact(x: Any) -> Any:
    """Integers as float64, in which NumPy does linear algebra."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return x.astype(float) if x.dtype.kind in "biu" else x


@contextmanager
def for_regular(operation: str, needed: str) -> Iterator[None]:
    """Around a rule that solves with a matrix: if that is singular, the error says what the rule needs."""
    try:
        yield
    except np.linalg.LinAlgError as error:
        raise LinearAlgebraError(f"{operation}: the derivative needs {needed}{user_line()}: {error}") from error


def on_matrices(name: str, impl: Callable[..., Any], vjp: Rule, jvp: Rule, emit: Emit) -> Primitive:
    """An operation on the matrices of one array. NumPy runs it over all axes before, so batching is nothing new."""
    prim = Primitive(name, impl, [vjp], lambda ts, ans, x, **attrs: jvp(ts[0], ans, x, **attrs), emit=emit)
    prim.batch = lambda args, batched, **attrs: bind(prim, *args, **attrs)
    return register(prim)


def factorization(name: str, impl: Callable[..., Any], vjp: Rule, jvp: Rule, emit: Emit) -> Primitive:
    """As `on_matrices`, with several answers: `vjp(gs, answers, x)`, where unused answers have the cotangent None, and
    `jvp(t, answers, x)`.
    """

    def pullback(wanted: Sequence[int], x: Any, **attrs: Any) -> Any:
        answers = bind(prim, x, **attrs)
        return answers, lambda gs: [vjp(gs, answers, x)]

    def pushforward(ts: Sequence[Any], x: Any, **attrs: Any) -> Any:
        answers = bind(prim, x, **attrs)
        return answers, jvp(ts[0], answers, x)

    prim = Primitive(name, impl, pullback=pullback, pushforward=pushforward, emit=emit)
    prim.batch = lambda args, batched, **attrs: bind(prim, *args, **attrs)
    return register(prim)


@implements(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """NumPy's `diagonal`."""
    i, j = one_axis(axis1, a.ndim), one_axis(axis2, a.ndim)
    if i == j:
        raise ArgumentError(f"diagonal: axis1 and axis2 are both {i}, expected two axes{user_line()}")
    rows, columns = max(0, -offset), max(0, offset)
    n = max(0, min(a.shape[i] - rows, a.shape[j] - columns))
    along = np.arange(n)
    return np.moveaxis(a, (i, j), (-2, -1))[..., along + rows, along + columns]


@implements(np.linalg.diagonal)
def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """NumPy's `linalg.diagonal`: of the last two axes."""
    return diagonal(x, offset, -2, -1)


@implements(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's `trace`."""
    refuse("trace", out=out)
    return np.sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@implements(np.linalg.trace)
def matrix_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """NumPy's `linalg.trace`: of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@implements(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """NumPy's `matrix_transpose`: of the last two axes."""
    if x.ndim < 2:
        raise ShapeError(f"matrix_transpose: shape {x.shape}, expected two or more axes{user_line()}")
    return np.swapaxes(x, -1, -2)
