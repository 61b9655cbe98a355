"""einsum: sums of products, told by labels of the axes."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import bind
from .arguments import refuse
from .families import linear, unbroadcast
from .matrices import diagonal

LETTERS = string.ascii_uppercase + string.ascii_lowercase  # in NumPy's order
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
        lambda *xs, labels, optimize: f"np.einsum({_subscripts(labels)!r}, {', '.join(xs)}, optimize={optimize!r})",
        lambda out, *xs, labels, optimize: (
            f"np.einsum({_subscripts(labels)!r}, {', '.join(xs)}, out={out}, optimize={optimize!r})"
        ),
    ),
)


def _unused(labels: Labels, count: int) -> str:
    used = set(labels[1]).union(*labels[0])
    free = [c for c in LETTERS if c not in used]
    if len(free) < count:
        raise ArgumentError("einsum: more than 52 labels are needed")
    return "".join(free[:count])


@implements(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, dtype: Any = None, order: str = "K",
           casting: str = "safe") -> Any:  # fmt: skip
    """NumPy's `einsum(subscripts, *operands)`: with or without `->`, with `...`, with repeated labels, or with lists of
    numbers for labels. A path given as `optimize` is taken as True, since derivatives need others.
    """
    refuse(
        "einsum", out=out, order=None if order == "K" else order, casting=None if casting == "safe" else casting
    )  # fmt: skip
    subscripts, xs = _by_letters(operands)
    xs = [x if dtype is None else x.astype(dtype) for x in xs]
    inputs, output = _explicit(subscripts.replace(" ", ""), xs)
    pairs = [_diagonal(x, labels) for x, labels in zip(xs, inputs, strict=True)]
    labels = (tuple([ls for _, ls in pairs]), output)
    optimize = True if isinstance(optimize, (list, tuple)) else optimize
    return bind(einsum_, *[x for x, _ in pairs], labels=labels, optimize=optimize)


@implements(np.einsum_path)
def einsum_path(*operands: Any, optimize: Any = "greedy", einsum_call: Any = False) -> Any:
    """NumPy's `einsum_path`, which asks for shapes alone."""
    subscripts, xs = _by_letters(operands)
    shapes = [np.broadcast_to(np.zeros((), x.dtype), x.shape) for x in xs]
    return np.einsum_path(subscripts, *shapes, optimize=optimize, einsum_call=einsum_call)


def _by_letters(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts as a text, and the arrays; also of arrays and lists of labels in turn, the answer's last."""
    if operands and isinstance(operands[0], str):
        subscripts, arrays = operands[0], operands[1:]
    elif len(operands) < 2:
        raise ArgumentError("einsum: the first argument must be the subscripts as a string, such as 'ij,jk->ik'")
    else:
        arrays, lists = operands[0 : len(operands) // 2 * 2 : 2], operands[1::2]
        subscripts = ",".join(map(_letters, lists))
        subscripts += "->" + _letters(operands[-1]) if len(operands) % 2 else ""
    return subscripts, [x if hasattr(x, "ndim") else np.asarray(x) for x in arrays]


def _letters(labels: Sequence[Any]) -> str:
    return "".join(["..." if label is Ellipsis else LETTERS[label] for label in labels])


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
