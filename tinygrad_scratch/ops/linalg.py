"""Products: matmul, einsum, and what is built from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import UFUNCS, Emit, implements
from ..core.trace import bind
from .arithmetic import conj
from .families import align, linear, unbroadcast
from .reduce import axes as normal_axes
from .reduce import one_axis, refuse


def _t(x: Any) -> Any:
    """The matrices of `x`, transposed."""
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


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
        return unbroadcast(_with_both_axes(g, x, y) @ _t(_column(y)), _row(x)).reshape(x.shape)
    return unbroadcast(g @ _t(y), x)


def _matmul_right(g: Any, ans: Any, x: Any, y: Any) -> Any:
    if x.ndim == y.ndim == 2:
        g = x.T.dot(g) if type(g) is type(x) is np.ndarray else x.T @ g
        return g if g.dtype is y.dtype else unbroadcast(g, y)
    if x.ndim == 1 or y.ndim == 1:
        return unbroadcast(_t(_row(x)) @ _with_both_axes(g, x, y), _column(y)).reshape(y.shape)
    if y.ndim == 2:  # one product instead of a sum of many
        return unbroadcast(_one_matrix(x).T @ _one_matrix(g), y)
    return unbroadcast(_t(x) @ g, y)


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


Labels = tuple[tuple[str, ...], str]  # the labels of the operands, and of the answer


def _subscripts(labels: Labels) -> str:
    inputs, output = labels
    return f"{','.join(inputs)}->{output}"


def _einsum(*xs: Any, labels: Labels, optimize: Any) -> Any:
    return np.einsum(_subscripts(labels), *xs, optimize=optimize)


def _einsum_transposes(wanted: Sequence[int], g: Any, ans: Any, *xs: Any, labels: Labels, optimize: Any) -> list[Any]:
    return [_einsum_transpose(i, g, xs, labels, optimize) for i in wanted]


def _einsum_transpose(i: int, g: Any, xs: Sequence[Any], labels: Labels, optimize: Any) -> Any:
    inputs, output = labels
    others = [(x, ls) for k, (x, ls) in enumerate(zip(xs, inputs, strict=True)) if k != i]
    known = set(output).union(*[ls for _, ls in others])
    summed_alone = [(label, n) for label, n in zip(inputs[i], xs[i].shape, strict=True) if label not in known]
    ones = [(np.ones(n, xs[i].dtype), label) for label, n in summed_alone]
    factors = [(g, output), *others, *ones]
    back = (tuple([ls for _, ls in factors]), inputs[i])
    g = bind(einsum_, *[x for x, _ in factors], labels=back, optimize=optimize)
    whole = np.broadcast_shapes(g.shape, xs[i].shape)  # an axis of length 1 in the other operands stretches to this one
    return unbroadcast(np.broadcast_to(g, whole), xs[i])


def _einsum_batch(args: Sequence[Any], batched: Sequence[bool], labels: Labels, optimize: Any) -> Any:
    inputs, output = labels
    new = _unused(labels, 1)[0]
    wider = tuple([new + ls if b else ls for ls, b in zip(inputs, batched, strict=True)])
    return bind(einsum_, *args, labels=(wider, new + output), optimize=optimize)


# every label stands at most once in each operand; the function below sees to that
einsum_ = linear(
    "einsum",
    _einsum,
    _einsum_transposes,
    batch=_einsum_batch,
    variadic=True,
    emit=Emit(
        lambda *xs, labels, optimize: f"np.einsum({_subscripts(labels)!r}, {', '.join(xs)}, optimize={optimize})",
        lambda out, *xs, labels, optimize: (
            f"np.einsum({_subscripts(labels)!r}, {', '.join(xs)}, out={out}, optimize={optimize})"
        ),
    ),
)


def _unused(labels: Labels, count: int) -> str:
    used = set(labels[1]).union(*labels[0])
    letters = [chr(c) for c in (*range(ord("a"), ord("z") + 1), *range(ord("A"), ord("Z") + 1))]
    free = [c for c in letters if c not in used]
    if len(free) < count:
        raise ArgumentError("einsum: more than 52 labels are needed")
    return "".join(free[:count])


@implements(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, **options: Any) -> Any:
    """NumPy's `einsum(subscripts, *operands)`: with or without `->`, with `...`, with repeated labels."""
    refuse("einsum", out=out, **options)
    if not operands or not isinstance(operands[0], str):
        raise ArgumentError("einsum: the first argument must be the subscripts as a string, such as 'ij,jk->ik'")
    xs = [x if hasattr(x, "ndim") else np.asarray(x) for x in operands[1:]]
    inputs, output = _explicit(operands[0].replace(" ", ""), xs)
    pairs = [_diagonal(x, labels) for x, labels in zip(xs, inputs, strict=True)]
    labels = (tuple([ls for _, ls in pairs]), output)
    return bind(einsum_, *[x for x, _ in pairs], labels=labels, optimize=optimize)


def _explicit(subscripts: str, xs: Sequence[Any]) -> tuple[list[str], str]:
    """Labels with `...` and a missing answer spelt out."""
    left, arrow, output = subscripts.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(xs):
        raise ArgumentError(f"einsum: {subscripts!r} names {len(inputs)} operands, got {len(xs)}")
    spare = {x.ndim - len(ls.replace("...", "")) for ls, x in zip(inputs, xs, strict=True) if "..." in ls}
    dots = _unused((tuple(inputs), output), max(spare, default=0))
    full = []
    for ls, x in zip(inputs, xs, strict=True):
        missing = x.ndim - len(ls.replace("...", ""))
        if missing < 0 or (missing and "..." not in ls):
            raise ShapeError(
                f"einsum: {ls!r} of {subscripts!r} does not fit an operand of shape {x.shape}{user_line()}"
            )
        full.append(ls.replace("...", dots[len(dots) - missing :]))
    if not arrow:
        letters = "".join(full)
        output = dots + "".join(sorted({c for c in letters if letters.count(c) == 1 and c not in dots}))
    output = output.replace("...", dots)
    unknown = set(output) - set("".join(full))
    if unknown or len(set(output)) != len(output):
        raise ArgumentError(
            f"einsum: the answer of {subscripts!r} may name each label of the operands once, and no other"
        )
    return full, output


def _diagonal(x: Any, labels: str) -> tuple[Any, str]:
    """`x` with the diagonal taken of axes that share a label."""
    for label in labels:
        while labels.count(label) > 1:
            i, j = labels.index(label), labels.rindex(label)
            if x.shape[i] != x.shape[j]:
                raise ShapeError(
                    f"einsum: label {label!r} stands for lengths {x.shape[i]} and {x.shape[j]} of one operand"
                )
            x = diagonal(x, axis1=i, axis2=j)
            labels = labels[:i] + labels[i + 1 : j] + labels[j + 1 :] + label
    return x, labels


@implements(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """NumPy's `diagonal`."""
    i, j = one_axis(axis1, a.ndim), one_axis(axis2, a.ndim)
    rows, columns = max(0, -offset), max(0, offset)
    n = max(0, min(a.shape[i] - rows, a.shape[j] - columns))
    along = np.arange(n)
    return np.moveaxis(a, (i, j), (-2, -1))[..., along + rows, along + columns]


@implements(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's `trace`."""
    refuse("trace", dtype=dtype, out=out)
    return np.sum(diagonal(a, offset, axis1, axis2), axis=-1)


def _arrays(*xs: Any) -> list[Any]:
    """Lists as arrays; numbers stay, as they are weak."""
    return [np.asarray(x) if type(x) is list else x for x in xs]


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


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """NumPy's `vdot`: the sum of conj(a) * b."""
    a, b = _arrays(a, b)
    return np.matmul(conj(np.ravel(a)), np.ravel(b))
