"""Linear systems: solve, inv, and what is built from them.

Rules: Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation, 2008.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, LinearAlgebraError, ShapeError, user_line
from ..core.primitive import EachArgument, Emit, Primitive, implements, register
from ..core.trace import bind
from .families import align, unbroadcast
from .matrices import inexact, mT, on_matrices


def _solve_transposes(wanted: Sequence[int], g: Any, ans: Any, a: Any, b: Any) -> list[Any]:
    right = bind(solve_, mT(a), g)
    return [unbroadcast(right, b) if i else unbroadcast(-(right @ mT(ans)), a) for i in wanted]


def _solve_jvp(ts: Sequence[Any], ans: Any, a: Any, b: Any) -> Any:
    ta, tb = ts
    moved = tb if ta is None else -(ta @ ans) if tb is None else tb - ta @ ans
    return bind(solve_, a, moved)


def _solve_batch(args: Sequence[Any], batched: Sequence[bool]) -> Any:
    a, b = args
    if batched[0] or a.ndim > 2:
        return bind(solve_, *align(args, batched))
    columns = np.moveaxis(b, -2, 0)  # of one system: NumPy would factorize its matrix for each of the batch
    ans = bind(solve_, a, columns.reshape(len(columns), math.prod(columns.shape[1:])))
    return np.moveaxis(ans.reshape(columns.shape), 0, -2)


# of a matrix, or a stack of them, on the right: x = a^-1 b, so a dx = db - da x
solve_: Primitive = register(
    Primitive(
        "solve",
        np.linalg.solve,
        EachArgument(_solve_transposes),
        _solve_jvp,
        batch=_solve_batch,
        emit=Emit(lambda a, b: f"np.linalg.solve({a}, {b})"),
    )
)

inv_ = on_matrices(
    "inv",
    np.linalg.inv,
    lambda g, ans, x: -(mT(ans) @ g @ mT(ans)),
    lambda t, ans, x: -(ans @ t @ ans),
    Emit(lambda x: f"np.linalg.inv({x})"),
)


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """NumPy's `linalg.solve`: x with a @ x = b, where a `b` of one axis is a vector, else a stack of matrices.

    Raises LinAlgError for a singular or non-square `a`.
    """
    a, b = inexact(a), inexact(b)
    return bind(solve_, a, b.reshape(*b.shape, 1))[..., 0] if b.ndim == 1 else bind(solve_, a, b)


@implements(np.linalg.inv)
def inv(a: Any) -> Any:
    """NumPy's `linalg.inv`. Raises LinAlgError for a singular or non-square `a`."""
    return bind(inv_, inexact(a))


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """NumPy's `linalg.tensorsolve`: x with tensordot(a, x, x.ndim) = b."""
    a, b = inexact(a), inexact(b)
    if axes is not None:
        last = [i % a.ndim for i in axes]
        a = np.transpose(a, [*[i for i in range(a.ndim) if i not in last], *last])
    unknown = a.shape[b.ndim :]
    if math.prod(unknown) != b.size:
        raise ShapeError(
            f"tensorsolve: shape {a.shape} with {b.size} equations and {math.prod(unknown)} unknowns, expected as many "
            f"of each{user_line()}"
        )
    return solve(a.reshape(b.size, b.size), b.reshape(b.size)).reshape(unknown)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """NumPy's `linalg.tensorinv`: the inverse with respect to tensordot(a, b, ind)."""
    if ind <= 0:
        raise ArgumentError(f"tensorinv: ind={ind}, expected a positive number of axes")
    rows, columns = a.shape[:ind], a.shape[ind:]
    return inv(a.reshape(math.prod(rows), math.prod(columns))).reshape(columns + rows)


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """NumPy's `linalg.matrix_power`, by squaring; of the inverse for a negative `n`."""
    try:
        n = operator.index(n)
    except TypeError:
        raise DtypeError(f"matrix_power: n is {n!r}{user_line()}, expected an integer") from None
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise LinearAlgebraError(f"matrix_power: shape {a.shape}, expected square matrices{user_line()}")
    if n < 0:
        a, n = inv(a), -n
    power = None
    while n:
        if n % 2:
            power = a if power is None else power @ a
        n //= 2
        a = a @ a if n else a
    return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy() if power is None else power
