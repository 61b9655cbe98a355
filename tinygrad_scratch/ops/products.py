"""Products: matmul, and what is built from it: dot, tensordot, inner, outer, kron, cross, chains and powers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import UFUNCS, Emit, implements
from ..core.trace import bind
from .arguments import axes as normal_axes
from .arguments import newer, refuse
from .arithmetic import conj
from .families import align, linear, unbroadcast
from .matrices import mT


def _one_matrix(x: Any) -> Any:
    """A stack of matrices, one below the other."""
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _row(x: Any, lead: int = 0) -> Any:
    """A vector (behind `lead` axes) as the one row of a matrix; a matrix as it is."""
    return x.reshape(*x.shape[:lead], 1, x.shape[lead]) if x.ndim == lead + 1 else x


def _column(x: Any, lead: int = 0) -> Any:
    """A vector (behind `lead` axes) as the one column of a matrix; a matrix as it is."""
    return x.reshape(*x.shape, 1) if x.ndim == lead + 1 else x


def _with_both_axes(g: Any, x: Any, y: Any) -> Any:
    """A cotangent of x @ y as if both were matrices."""
    g = np.expand_dims(g, -1) if y.ndim == 1 else g
    return np.expand_dims(g, -2) if x.ndim == 1 else g


def _matmul(x: Any, y: Any) -> Any:
    """x @ y; for two small matrices `dot` takes half the time of `matmul`, here and in the rules below."""
    return x.dot(y) if type(x) is np.ndarray is type(y) and x.ndim == 2 == y.ndim else np.matmul(x, y)


def _matmul_left(g: Any, ans: Any, x: Any, y: Any) -> Any:
    if x.ndim == y.ndim == 2:
        g = g.dot(y.T) if type(g) is type(y) is np.ndarray else g @ y.T
        return g if g.dtype is x.dtype else unbroadcast(g, x)
    if x.ndim == 1 or y.ndim == 1:
        return unbroadcast(_with_both_axes(g, x, y) @ mT(_column(y)), _row(x)).reshape(x.shape)
    return unbroadcast(g @ mT(y), x)


def _matmul_right(g: Any, ans: Any, x: Any, y: Any) -> Any:
    if x.ndim == y.ndim == 2:
        g = x.T.dot(g) if type(g) is type(x) is np.ndarray else x.T @ g
        return g if g.dtype is y.dtype else unbroadcast(g, y)
    if x.ndim == 1 or y.ndim == 1:
        return unbroadcast(mT(_row(x)) @ _with_both_axes(g, x, y), _column(y)).reshape(y.shape)
    if y.ndim == 2:  # one product instead of a sum of many
        return unbroadcast(_one_matrix(x).T @ _one_matrix(g), y)
    return unbroadcast(mT(x) @ g, y)


def _matmul_batch(args: Sequence[Any], batched: Sequence[bool]) -> Any:
    (x, y), (x_batched, y_batched) = args, batched
    row, column = x.ndim == 1 + x_batched, y.ndim == 1 + y_batched
    ans = bind(matmul, *align([_row(x, x_batched), _column(y, y_batched)], batched))
    ans = ans[..., 0] if column else ans
    return ans[..., 0, :] if row and not column else ans[..., 0] if row else ans


matmul = linear(
    "matmul",
    _matmul,
    _matmul_left,
    _matmul_right,
    batch=_matmul_batch,
    emit=Emit(lambda x, y: f"{x} @ {y}", lambda out, x, y: f"np.matmul({x}, {y}, {out})", "product"),
)
UFUNCS[np.matmul] = matmul


def _arrays(*xs: Any) -> list[Any]:
    """What is no array as one: to these functions of NumPy's Python's numbers are not weak."""
    return [x if hasattr(x, "dtype") else np.asarray(x) for x in xs]


@implements(np.linalg.matmul)
def linalg_matmul(x1: Any, x2: Any, /) -> Any:
    """NumPy's `linalg.matmul`."""
    return np.matmul(*_arrays(x1, x2))


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """NumPy's `dot`: the last axis of `a` with the second to last (or only) axis of `b`."""
    refuse("dot", out=out)
    a, b = _arrays(a, b)
    n1, n2 = np.ndim(a), np.ndim(b)
    if n1 == 0 or n2 == 0:
        return a * b
    if n1 <= 2 and n2 <= 2:
        return np.matmul(a, b)
    return tensordot(a, b, (n1 - 1, n2 - 2 if n2 > 1 else 0))


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """NumPy's `tensordot`."""
    a, b = _arrays(a, b)
    if isinstance(axes, (int, np.integer)):
        left, right = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    else:
        left, right = normal_axes(axes[0], a.ndim) or (), normal_axes(axes[1], b.ndim) or ()
    if [a.shape[i] for i in left] != [b.shape[j] for j in right]:
        raise ShapeError(f"tensordot: axes {left} of shape {a.shape} and {right} of {b.shape} do not fit{user_line()}")
    rows = tuple([i for i in range(a.ndim) if i not in left])
    columns = tuple([j for j in range(b.ndim) if j not in right])
    inner = math.prod(a.shape[i] for i in left)
    shape = (*[a.shape[i] for i in rows], *[b.shape[j] for j in columns])
    x = np.transpose(a, rows + left).reshape(math.prod(a.shape[i] for i in rows), inner)
    y = np.transpose(b, right + columns).reshape(inner, math.prod(b.shape[j] for j in columns))
    return (x @ y).reshape(shape)


@implements(np.linalg.tensordot)
def linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """NumPy's `linalg.tensordot`."""
    return tensordot(x1, x2, axes)


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """NumPy's `inner`."""
    a, b = _arrays(a, b)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    return tensordot(a, b, (a.ndim - 1, b.ndim - 1))


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """NumPy's `outer`."""
    refuse("outer", out=out)
    return np.reshape(a, (np.size(a), 1)) * np.reshape(b, (1, np.size(b)))


@implements(np.linalg.outer)
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    """NumPy's `linalg.outer`, of two vectors."""
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ShapeError(f"outer: shapes {np.shape(x1)} and {np.shape(x2)}, expected two vectors{user_line()}")
    return outer(x1, x2)


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """NumPy's `vdot`: the sum of conj(a) b."""
    return np.matmul(conj(np.ravel(a)), np.ravel(b))


@implements(np.vecdot)
def vecdot(x1: Any, x2: Any, /, out: Any = None, *, axis: int = -1, keepdims: bool = False, **options: Any) -> Any:
    """NumPy's `vecdot`: the sum of conj(x1) x2 along one axis."""
    refuse("vecdot", out=out, **options)
    x1, x2 = _arrays(x1, x2)
    x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    if x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(f"vecdot: vectors of lengths {x1.shape[-1]} and {x2.shape[-1]}, expected one{user_line()}")
    total = np.matmul(np.expand_dims(conj(x1), -2), np.expand_dims(x2, -1))[..., 0, 0]
    return np.expand_dims(total, axis) if keepdims else total


@implements(np.linalg.vecdot)
def linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """NumPy's `linalg.vecdot`."""
    return vecdot(x1, x2, axis=axis)


@implements(*newer("matvec"))
def matvec(x1: Any, x2: Any, /, out: Any = None, **options: Any) -> Any:
    """NumPy's `matvec`: matrices times vectors, ans[..., i] = sum(x1[..., i, :] x2[..., :])."""
    refuse("matvec", out=out, **options)
    x1, x2 = _arrays(x1, x2)
    return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]


@implements(*newer("vecmat"))
def vecmat(x1: Any, x2: Any, /, out: Any = None, **options: Any) -> Any:
    """NumPy's `vecmat`: vectors times matrices, ans[..., j] = sum(conj(x1[..., :]) x2[..., :, j])."""
    refuse("vecmat", out=out, **options)
    x1, x2 = _arrays(x1, x2)
    return np.matmul(np.expand_dims(conj(x1), -2), x2)[..., 0, :]


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    """NumPy's `kron`: blocks a[i, j] b."""
    m, n = np.shape(a), np.shape(b)
    rank = max(len(m), len(n))
    m, n = (1,) * (rank - len(m)) + m, (1,) * (rank - len(n)) + n
    left = np.reshape(a, [k for i in m for k in (i, 1)])
    right = np.reshape(b, [k for i in n for k in (1, i)])
    return np.reshape(left * right, [i * j for i, j in zip(m, n, strict=True)])


@implements(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """NumPy's `cross`, of vectors of length 3 or 2; of two of length 2 the third component alone."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _arrays(a, b)
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    lengths = a.shape[-1], b.shape[-1]
    if not {2, 3}.issuperset(lengths):
        raise ShapeError(f"cross: vectors of lengths {lengths[0]} and {lengths[1]}, expected 2 or 3{user_line()}")
    a, b = _in_space(a), _in_space(b)
    c = np.roll(a, -1, -1) * np.roll(b, 1, -1) - np.roll(a, 1, -1) * np.roll(b, -1, -1)
    return c[..., 2] if lengths == (2, 2) else np.moveaxis(c, -1, axisc)


def _in_space(x: Any) -> Any:
    """Vectors of length 2 with a 0 behind."""
    return x if x.shape[-1] == 3 else np.concatenate([x, np.zeros((*x.shape[:-1], 1), x.dtype)], axis=-1)


@implements(np.linalg.cross)
def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """NumPy's `linalg.cross`, of vectors of length 3."""
    x1, x2 = _arrays(x1, x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(
            f"cross: vectors of lengths {x1.shape[axis]} and {x2.shape[axis]}, expected 3 and 3{user_line()}"
        )
    return cross(x1, x2, axis=axis)


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """NumPy's `linalg.multi_dot`: the product of the matrices in the order that takes the fewest multiplications.

    Cormen, Leiserson, Rivest, Stein, Introduction to Algorithms, 15.2.
    """
    refuse("multi_dot", out=out)
    xs = _arrays(*arrays)
    if len(xs) < 2:
        raise ArgumentError(f"multi_dot: {len(xs)} arrays, expected two or more")
    sizes = [1 if xs[0].ndim == 1 else xs[0].shape[0], *[x.shape[0] if x.ndim == 1 else x.shape[-1] for x in xs]]
    if xs[-1].ndim == 1:
        sizes[-1] = 1
    cut = _cheapest(sizes)

    def product(i: int, j: int) -> Any:
        return xs[i] if i == j else np.matmul(product(i, cut[i, j]), product(cut[i, j] + 1, j))

    return product(0, len(xs) - 1)


def _cheapest(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """Behind which matrix to cut the product of matrices i to j, where matrix i is sizes[i] x sizes[i + 1]."""
    n = len(sizes) - 1
    cost, cut = {(i, i): 0 for i in range(n)}, {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            costs = [(cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)]
            cost[i, j], cut[i, j] = min(costs)
    return cut
