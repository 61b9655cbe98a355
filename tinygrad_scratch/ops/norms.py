"""Norms, condition numbers, ranks.

Where a norm has a kink, at zero above all, an element (of norms by singular values: a singular value) that is 0 has the
derivative 0; those that tie for the largest or smallest share it equally.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, LinearAlgebraError, user_line
from ..core.primitive import implements
from ..core.trace import bind
from .arguments import axes as normal_axes
from .arithmetic import conj, stop_gradient
from .decompositions import svd, svdvals
from .families import kept_shape
from .matrices import inexact


def _power(x: Any, p: float) -> Any:
    """x**p for x >= 0, with the derivative 0 at x = 0."""
    zero = np.equal(x, 0)
    return np.where(zero, 0 if p > 0 else math.inf, np.where(zero, 1, x) ** p)


def _largest(x: Any, axis: Any) -> Any:
    """The largest along the axes of numbers that are not negative; 0 of none."""
    return np.sum(x, axis=axis) if x.size == 0 else np.max(x, axis=axis)


def _of_vectors(x: Any, ord: Any, axis: Any) -> Any:
    if isinstance(ord, str):
        raise ArgumentError(f"norm: ord={ord!r}, expected a number or None for vectors{user_line()}")
    if ord is None or ord == 2:
        return _power(np.sum(np.real(conj(x) * x), axis=axis), 0.5)
    if ord == 0:
        return np.sum(np.not_equal(x, 0).astype(np.real(x).dtype), axis=axis)
    size = np.abs(x)
    if ord == math.inf:
        return _largest(size, axis)
    if ord == -math.inf:
        return np.min(size, axis=axis)
    return np.sum(size, axis=axis) if ord == 1 else _power(np.sum(_power(size, ord), axis=axis), 1 / ord)


def _of_matrices(x: Any, ord: Any) -> Any:
    if ord is None or ord in ("fro", "f"):
        return _of_vectors(x, 2, (-2, -1))
    if ord in (1, -1, math.inf, -math.inf):
        sums = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
        return _largest(sums, -1) if ord > 0 else np.min(sums, axis=-1)
    if ord not in (2, -2, "nuc"):
        raise ArgumentError(
            f"norm: ord={ord!r}, expected None, 'fro', 'nuc', 1, -1, 2, -2, inf or -inf for matrices{user_line()}"
        )
    values = svdvals(x)
    values = np.where(np.equal(values, 0), 0, values)
    return np.sum(values, axis=-1) if ord == "nuc" else _largest(values, -1) if ord == 2 else np.min(values, axis=-1)


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """NumPy's `linalg.norm`, of vectors along one axis or matrices along two; without `axis` and `ord` of all elements.

    At a kink see the head of this module. Raises ArgumentError for an `ord` that NumPy does not have, or three axes.
    """
    x = inexact(x)
    over = normal_axes(axis, x.ndim)
    if over is None:
        over = tuple(range(x.ndim))
    if axis is None and (ord is None or (ord == 2 and x.ndim == 1)):
        ans = _of_vectors(x, 2, over)
    elif len(over) == 1:
        ans = _of_vectors(x, ord, over)
    elif len(over) == 2:
        ans = _of_matrices(np.moveaxis(x, over, (-2, -1)), ord)
    else:
        raise ArgumentError(f"norm: {len(over)} axes of shape {x.shape}, expected one or two{user_line()}")
    return np.reshape(ans, kept_shape(x.shape, over)) if keepdims else ans


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """NumPy's `linalg.vector_norm`, along any axes."""
    x = inexact(x)
    over = normal_axes(axis, x.ndim)
    over = tuple(range(x.ndim)) if over is None else over
    ans = _of_vectors(x, ord, over)
    return np.reshape(ans, kept_shape(x.shape, over)) if keepdims else ans


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """NumPy's `linalg.matrix_norm`, of the last two axes."""
    return norm(x, ord, (-2, -1), keepdims)


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """NumPy's `linalg.cond`: the norm of `x` times that of its inverse; infinite, with the derivative 0, if `x` is
    singular.
    """
    if 0 in x.shape[-2:]:
        raise LinearAlgebraError(f"cond: shape {x.shape}, expected matrices that are not empty{user_line()}")
    if p is None or p in (2, -2):
        values = svdvals(x)
        return values[..., -1] / values[..., 0] if p == -2 else values[..., 0] / values[..., -1]
    x = inexact(x)
    singular = np.equal(np.linalg.slogdet(bind(stop_gradient, x)).sign, 0)
    regular = np.where(singular[..., None, None], np.eye(x.shape[-1], dtype=x.dtype), x)
    return np.where(singular, math.inf, norm(x, p, (-2, -1)) * norm(np.linalg.inv(regular), p, (-2, -1)))


@implements(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """NumPy's `linalg.matrix_rank`, which has the derivative zero."""
    if tol is not None and rtol is not None:
        raise ArgumentError("matrix_rank: tol= and rtol= are both given, expected one of them")
    if A.ndim < 2:
        return np.any(np.not_equal(A, 0)).astype(int)
    values = svd(bind(stop_gradient, A), compute_uv=False, hermitian=hermitian)
    if tol is None:
        rtol = max(A.shape[-2:]) * np.finfo(values.dtype).eps if rtol is None else np.asarray(rtol)[..., None]
        tol = values[..., :1] * rtol
    else:
        tol = np.asarray(tol)[..., None]
    return np.sum(np.greater(values, tol), axis=-1)
