"""How buffers are read: by an interpreter above all others, which puts the content of each in its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import FUNCTIONS, Primitive
from ..core.trace import Trace, Traced, evaluate
from ..ops.arguments import newer
from ..ops.complex import imag_, real_


class ReadTrace(Trace):
    """Hands each operation on with the contents of the buffers. What NumPy answers by a view is a view here."""

    name = "buffer"

    def __init__(self) -> None:
        self.level = math.inf  # type: ignore[assignment]
        self.hook = None

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        if len(args) == 1 and prim.emit is not None and (prim.emit.kind in ("view", "gather") or prim in PARTS):
            return args[0].viewed(prim, attrs)
        values = contents(args)
        return guarded(evaluate(prim, values, attrs), values)

    def require_value(self, x: Traced, asked_by: str) -> Any:
        value = x.value
        return value.trace.require_value(value, asked_by) if isinstance(value, Traced) else value


READ = ReadTrace()
PARTS = (real_, imag_)  # of complex numbers, which NumPy shows in place

# functions of NumPy whose rule takes the buffer itself: they look at its shape, give views of it, or write into it
ITSELF: set[Any] = {
    np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj,
    np.reshape, np.ravel, np.transpose, np.matrix_transpose, np.moveaxis, np.rollaxis, np.swapaxes, np.squeeze,
    np.expand_dims, np.flip, np.flipud, np.fliplr, np.rot90, np.broadcast_to, np.broadcast_arrays, np.real, np.imag,
    np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, *newer("unstack"),
    np.atleast_1d, np.atleast_2d, np.atleast_3d, np.diag, np.linalg.matrix_transpose, np.astype,
}  # fmt: skip


def itself(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: as `implements`, for a function that takes the buffer itself."""

    def enter(ours: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            FUNCTIONS[function] = ours
            ITSELF.add(function)
        return ours

    return enter


def is_buffer(x: Any) -> bool:
    """Whether x can be filled with Tensors."""
    return isinstance(x, Traced) and x.trace is READ


def plain(x: Any) -> bool:
    """Whether a value, all the values in a list, or the content of a buffer, are known to NumPy itself."""
    if isinstance(x, (tuple, list)):
        return all(map(plain, x))
    return x.root.is_plain() if is_buffer(x) else not isinstance(x, Traced)


def contents(args: Any) -> Any:
    """The arguments, a tuple with lists in it, with the content of each buffer in its place."""
    if plain(args):
        return _each(args, lambda b: b.value)
    return _each(args, lambda b: b.lent())  # an interpreter keeps its arguments


def _each(x: Any, content: Any) -> Any:
    if isinstance(x, (tuple, list)):
        return type(x)([_each(part, content) for part in x]) if type(x) in (tuple, list) else x
    return content(x) if is_buffer(x) else x


def guarded(answer: Any, values: Any) -> Any:
    """An answer of NumPy's that looks into the memory of a buffer is read-only, and that memory not written again."""
    for a in answer if isinstance(answer, (tuple, list)) else (answer,):
        if type(a) is np.ndarray:
            for v in values:
                if type(v) is np.ndarray and np.may_share_memory(a, v):
                    a.flags.writeable = False
                    _owner(v).flags.writeable = False
    return answer


def _owner(x: Any) -> Any:
    while type(x.base) is np.ndarray:
        x = x.base
    return x
