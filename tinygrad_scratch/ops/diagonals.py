"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ShapeError, user_line
from ..core.primitive import implements
from .arguments import as_array


@implements(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """NumPy's `diag`: the k-th diagonal of a matrix, or the matrix with the vector `v` on it and zeros elsewhere."""
    v = as_array(v)
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(f"diag: expected a vector or a matrix, got shape {v.shape}{user_line()}")
    square = np.where(np.eye(len(v), dtype=bool), v, v.dtype.type(0))
    below, right = max(-k, 0), max(k, 0)
    return np.pad(square, ((below, right), (right, below))) if k else square


@implements(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """NumPy's `diagflat`: the matrix with the elements of `v` on its k-th diagonal."""
    return diag(as_array(v).reshape(-1), k)


def _lower(m: Any, k: int) -> Any:
    """Where the k-th diagonal and what is below it lie; a vector is every row of a matrix."""
    if m.ndim == 0:
        raise ShapeError(f"tril, triu: expected one axis or more, got a number{user_line()}")
    return np.tri(m.shape[-2:][0], m.shape[-1], k, bool)


@implements(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    """NumPy's `tril`: zeros above the k-th diagonal of each matrix."""
    m = as_array(m)
    return np.where(_lower(m, k), m, m.dtype.type(0))


@implements(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    """NumPy's `triu`: zeros below the k-th diagonal of each matrix."""
    m = as_array(m)
    return np.where(_lower(m, k - 1), m.dtype.type(0), m)
