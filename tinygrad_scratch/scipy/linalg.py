"""scipy.linalg: functions of matrices, triangular and Cholesky solves, Sylvester's equation, special matrices.

All take stacks of matrices in the axes before the last two. `overwrite_a`, `overwrite_b` and `check_finite` are there
for SciPy's sake and change nothing. `sqrtm`, `logm` and `solve_sylvester` compute with SciPy and raise
MissingExtraError without it; the rest needs NumPy alone.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, MissingExtraError, MissingRuleError, ShapeError, user_line
from ..ops import matrix_functions
from ..ops.arithmetic import conj
from ..ops.matrices import inexact, mH, mT

__all__ = [
    "block_diag", "cho_factor", "cho_solve", "cholesky", "det", "expm", "inv", "logm", "norm", "solve",
    "solve_sylvester", "solve_triangular", "sqrtm", "toeplitz",
]  # fmt: skip


def _square(a: Any, name: str) -> Any:
    a = inexact(a)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"{name}: shape {a.shape}, expected square matrices{user_line()}")
    return a


def _require_scipy(name: str) -> None:
    if importlib.util.find_spec("scipy") is None:
        raise MissingExtraError(f'{name} needs SciPy: pip install "tinygrad_scratch[scipy]"')


# ---- functions of matrices -----------------------------------------------------------------------------------------


def expm(A: Any) -> Any:
    """The exponential of matrices, 1 + A + A^2/2 + ..., by scaling and squaring (Higham, 2005).

    >>> import numpy as np
    >>> expm(np.array([[0.0, 1.0], [0.0, 0.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    return matrix_functions.expm(_square(A, "expm"))


def sqrtm(A: Any) -> Any:
    """The principal square root of matrices: x with x @ x = A. Of a real matrix whose root is complex, LinAlgError."""
    _require_scipy("sqrtm")
    return matrix_functions.sqrtm(_square(A, "sqrtm"))


def logm(A: Any) -> Any:
    """The principal logarithm of matrices: x with expm(x) = A. Of a real matrix with a complex one, LinAlgError."""
    _require_scipy("logm")
    return matrix_functions.logm(_square(A, "logm"))


# ---- equations -----------------------------------------------------------------------------------------------------


def solve(a: Any, b: Any, lower: bool = False, overwrite_a: bool = False, overwrite_b: bool = False,
          check_finite: bool = True, assume_a: str | None = None, transposed: bool = False) -> Any:  # fmt: skip
    """x with a @ x = b, or mT(a) @ x = b if `transposed`. `assume_a`: "general", "pos" (positive definite: one triangle
    is read), "upper triangular" or "lower triangular".
    """
    if assume_a in (None, "gen", "general"):
        return np.linalg.solve(mT(inexact(a)) if transposed else a, b)
    if assume_a in ("upper triangular", "lower triangular"):
        return solve_triangular(a, b, transposed, assume_a == "lower triangular")
    if assume_a in ("pos", "positive definite"):
        return cho_solve(cho_factor(mT(inexact(a)) if transposed else a, lower != transposed), b)
    raise MissingRuleError(
        f"solve: assume_a={assume_a!r} is not supported{user_line()}; use 'general', 'pos', 'upper triangular' or "
        "'lower triangular'"
    )


def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False,
                     overwrite_b: bool = False, check_finite: bool = True) -> Any:  # fmt: skip
    """x with a @ x = b, where one triangle of `a` is read, and its diagonal taken as 1 if `unit_diagonal`.

    trans  0 or "N"; 1 or "T": mT(a) @ x = b; 2 or "C": with the conjugate transpose
    """
    a = _square(a, "solve_triangular")
    n = a.shape[-1]
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ArgumentError(f"solve_triangular: trans={trans!r}, expected 0, 1, 2, 'N', 'T' or 'C'{user_line()}")
    read = np.tri(n, k=-1 if unit_diagonal else 0, dtype=bool)
    a = np.where(read if lower else read.T, a, np.eye(n, dtype=a.dtype) if unit_diagonal else 0)
    return np.linalg.solve(a if trans in (0, "N") else mT(a) if trans in (1, "T") else mH(a), b)


def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The Cholesky factor of `a`: the upper triangle u with mH(u) @ u = a, or the lower one."""
    return np.linalg.cholesky(a, upper=not lower)


def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> tuple[Any, bool]:
    """What `cho_solve` takes: the Cholesky factor (zero outside of its triangle), and whether it is the lower one."""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: tuple[Any, bool], b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """x with a @ x = b, given cho_factor(a).

    >>> import numpy as np
    >>> cho_solve(cho_factor(np.array([[4.0, 2.0], [2.0, 5.0]])), np.array([8.0, 12.0]))
    array([1., 2.])
    """
    c, lower = c_and_lower
    half = solve_triangular(c, b, 0 if lower else "C", lower)
    return solve_triangular(c, half, "C" if lower else 0, lower)


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """x with a @ x + x @ b = q."""
    _require_scipy("solve_sylvester")
    a, b, q = _square(a, "solve_sylvester"), _square(b, "solve_sylvester"), inexact(q)
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2], q.shape[:-2])
    dtype = np.result_type(a.dtype, b.dtype, q.dtype)
    return matrix_functions.sylvester(*[np.broadcast_to(m.astype(dtype), (*lead, *m.shape[-2:])) for m in (a, b, q)])


def inv(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The inverse: np.linalg.inv."""
    return np.linalg.inv(a)


def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The determinant: np.linalg.det."""
    return np.linalg.det(a)


def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    """A norm of vectors or matrices: np.linalg.norm."""
    return np.linalg.norm(a, ord, axis, keepdims)


# ---- special matrices ----------------------------------------------------------------------------------------------


def block_diag(*arrs: Any) -> Any:
    """The matrix with these blocks on its diagonal; a vector is a row.

    >>> block_diag([[1, 2]], [3])
    array([[1, 2, 0],
           [0, 0, 3]])
    """
    blocks = [x if hasattr(x, "ndim") else np.asarray(x) for x in arrs or ([[]],)]
    blocks = [x.reshape((1, x.size)) if x.ndim < 2 else x for x in blocks]
    lead = np.broadcast_shapes(*[x.shape[:-2] for x in blocks])
    columns, before, rows = sum(x.shape[-1] for x in blocks), 0, []
    for x in blocks:
        m, n = x.shape[-2:]
        widths = (before, n, columns - before - n)
        left, right = [np.zeros((*lead, m, k), x.dtype) for k in (widths[0], widths[2])]
        rows.append(np.concatenate([left, np.broadcast_to(x, (*lead, m, n)), right], axis=-1))
        before += n
    return np.concatenate(rows, axis=-2)


def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix with the first column `c` and the first row `r` (None: the conjugate of c) that is constant along each
    diagonal; r[0] is not looked at.

    >>> toeplitz([1, 2, 3], [1, 4])
    array([[1, 4],
           [2, 1],
           [3, 2]])
    """
    c = c if hasattr(c, "ndim") else np.asarray(c)
    r = conj(c) if r is None else r if hasattr(r, "ndim") else np.asarray(r)
    m, n = c.shape[-1], r.shape[-1]
    values = np.concatenate([np.flip(c, -1), r[..., 1:]], axis=-1)
    return values[..., m - 1 - np.arange(m)[:, None] + np.arange(n)]
