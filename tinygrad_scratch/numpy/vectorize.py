"""Functions of numbers, called for each element."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, user_line
from ..ops.arguments import as_array


class vectorize(np.vectorize):
    """NumPy's `vectorize`: a loop that calls a function for each element, also of Tensors.

    `otypes`, `excluded` and `signature` are NumPy's; `cache` makes no difference. Without `otypes` all answers have
    the dtype of the first. For a function without `if`, `tinygrad_scratch.vmap` does the same without a loop.

    >>> import tinygrad_scratch as tg
    >>> hinge = tg.numpy.vectorize(lambda x: 0.0 if x < 1 else x - 1)
    >>> tg.grad(lambda x: hinge(x).sum())(np.array([0.5, 3.0]))
    array([0., 1.])
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        pyfunc: Any = self.pyfunc
        if pyfunc is np._NoValue:  # used as a decorator with arguments: this call brings the function
            return super().__call__(*args, **kwargs)
        taken = [i for i in range(len(args)) if i not in self.excluded]
        named = [name for name in kwargs if name not in self.excluded]
        arrays = [as_array(x) for x in (*[args[i] for i in taken], *[kwargs[name] for name in named])]
        loop, rows = _rows(arrays, self.signature)
        made = []
        for row in rows:
            whole = list(args)
            for i, x in zip(taken, row, strict=False):
                whole[i] = x
            made.append(pyfunc(*whole, **kwargs | dict(zip(named, row[len(taken) :], strict=True))))
        return _gathered(made, loop, self.otypes)


def _rows(arrays: list[Any], signature: str | None) -> tuple[tuple[int, ...], list[tuple[Any, ...]]]:
    """The axes that are looped over, and the arguments of each call."""
    inside = [0] * len(arrays)
    if signature is not None:
        inside = [len(re.findall(r"\w+", axes)) for axes in re.findall(r"\(([^)]*)\)", signature.split("->")[0])]
    if len(inside) != len(arrays):
        raise ArgumentError(f"vectorize: {len(arrays)} arguments for the signature {signature!r}{user_line()}")
    leads = [x.shape[: x.ndim - n] for x, n in zip(arrays, inside, strict=True)]
    loop = np.broadcast_shapes(*leads)
    columns = []
    for x, lead in zip(arrays, leads, strict=True):
        own = x.shape[len(lead) :]
        columns.append(np.broadcast_to(x, (*loop, *own)).reshape(-1, *own))
    return loop, list(zip(*columns, strict=True))


def _gathered(made: list[Any], loop: tuple[int, ...], otypes: str | None) -> Any:
    """The answers of all calls as one array, or as one for each part of an answer that is a tuple."""
    if not made:
        if not otypes:
            raise ArgumentError(f"vectorize: no element to call the function with, and no otypes{user_line()}")
        parts = [np.zeros(loop, kind) for kind in otypes]
        return parts[0] if len(parts) == 1 else tuple(parts)
    several = isinstance(made[0], tuple)
    columns = list(zip(*made, strict=True)) if several else [tuple(made)]
    whole = []
    for i, column in enumerate(columns):
        answers = [as_array(x) for x in column]
        dtype = otypes[i] if otypes else answers[0].dtype
        stacked = np.stack([np.astype(x, dtype, copy=False) for x in answers])
        whole.append(stacked.reshape(*loop, *answers[0].shape))
    return tuple(whole) if several else whole[0]
