"""Batching: each value of the trace carries a batch axis in front that the user's function does not see."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, ConcreteError, ShapeError, user_line
from ..core.primitive import Primitive
from ..core.trace import Trace, Traced, evaluate, run
from ..ops.arguments import one_axis
from ..tensor import Tensor, tensor


class BatchTrace(Trace):
    """Runs each operation on the whole batch."""

    hidden = 1

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.name = f"vmap({size})"

    def require_value(self, x: Traced, asked_by: str) -> NoReturn:
        self.refused = ConcreteError(
            f"{asked_by} of a Tensor under vmap{user_line()}: it stands for {self.size} values at once. "
            "Use np.where instead of if, and tinygrad_scratch.numpy.take(x, i) for a plain x indexed by a Tensor i."
        )
        raise self.refused

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        if self.hook is not None:
            prim = self.hook(prim)
        batched = [type(a) is Tensor and a.trace is self for a in args]
        values = [a.value if b else a for a, b in zip(args, batched, strict=True)]
        ans = prim.batch(values, batched, **attrs) if prim.batch else NotImplemented
        if ans is NotImplemented:
            ans = self._loop(prim, values, batched, attrs)
        if isinstance(ans, tuple):
            return tuple([tensor(a, self, None) for a in ans])
        return tensor(ans, self, None)

    def _loop(self, prim: Primitive, values: list[Any], batched: list[bool], attrs: dict[str, Any]) -> Any:
        """The batch rule of an operation that has none."""
        if self.size == 0:
            raise ShapeError(
                f"vmap: {prim.name} has no batch rule, so the shape of its answer for an empty batch is unknown"
            )
        pairs = list(zip(values, batched, strict=True))
        rows = [evaluate(prim, tuple([x[i] if b else x for x, b in pairs]), attrs) for i in range(self.size)]
        if isinstance(rows[0], tuple):
            return tuple([np.stack(column) for column in zip(*rows, strict=True)])
        return np.stack(rows)


def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """`f` over a batch: as a loop over the axes `in_axes` of the arguments whose answers are stacked along `out_axes`.

    in_axes    an int or None (not batched) for all arguments, or a tuple with one entry an argument, each an int, None
               or a tree of those like the argument; out_axes likewise for the answer

    Raises ShapeError if the batch axes differ in length, ArgumentError if no argument is batched.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.vmap(np.dot, in_axes=(0, None))(np.arange(6.0).reshape(3, 2), np.array([1.0, 10.0]))
    array([10., 32., 54.])
    >>> tg.vmap(tg.grad(lambda x: x ** 3))(np.array([1.0, 2.0]))
    array([ 3., 12.])
    """

    @wraps(f)
    def batched(*args: Any, **kwargs: Any) -> Any:
        axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
        if isinstance(axes, tuple) and len(axes) != len(args):
            raise ArgumentError(
                f"vmap: in_axes={in_axes} has {len(axes)} entries, the function was called with {len(args)} arguments"
            )
        leaves, structure = tree.flatten(args)
        pairs = list(zip(leaves, tree.broadcast(axes, args, "vmap: in_axes"), strict=True))
        trace = BatchTrace(_batch_size(pairs))
        inputs = [x if axis is None else tensor(_to_front(x, axis), trace, None) for x, axis in pairs]
        out = run(trace, f, tree.unflatten(structure, inputs), kwargs)
        outs, out_structure = tree.flatten(out)
        places = tree.broadcast(out_axes, out, "vmap: out_axes")
        return tree.unflatten(
            out_structure, [_from_front(o, axis, trace) for o, axis in zip(outs, places, strict=True)]
        )

    return batched


def _batch_size(pairs: list[tuple[Any, Any]]) -> int:
    sizes = set()
    for x, axis in pairs:
        if axis is None:
            continue
        if not isinstance(axis, (int, np.integer)):
            raise ArgumentError(f"vmap: in_axes must hold ints and None, got {axis!r}")
        if not -np.ndim(x) <= axis < np.ndim(x):
            raise ShapeError(
                f"vmap: in_axes={axis} names an axis that an argument of shape {np.shape(x)} does not have"
            )
        sizes.add(np.shape(x)[axis])
    if not sizes:
        raise ArgumentError("vmap: no argument is batched; give at least one of in_axes an axis")
    if len(sizes) > 1:
        raise ShapeError(f"vmap: the batch axes of the arguments have lengths {sorted(sizes)}, expected one length")
    return int(sizes.pop())


def _to_front(x: Any, axis: int) -> Any:
    return x if axis == 0 else np.moveaxis(x, axis, 0)


def _from_front(out: Any, axis: Any, trace: BatchTrace) -> Any:
    if type(out) is Tensor and out.trace is trace:
        if axis is None:
            raise ArgumentError("vmap: out_axes=None for an answer that differs along the batch; give an axis")
        return out.value if axis == 0 else np.moveaxis(out.value, 0, one_axis(axis, out.value.ndim))
    if axis is None:
        return out
    out = out if hasattr(out, "shape") else np.asarray(out)
    whole = np.broadcast_to(out, (trace.size, *out.shape))
    whole = whole.copy() if type(whole) is np.ndarray else whole
    return whole if axis == 0 else np.moveaxis(whole, 0, one_axis(axis, whole.ndim))
