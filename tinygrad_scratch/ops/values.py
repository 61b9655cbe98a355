"""What depends on values: the places of what is not zero, and shapes that follow from them.

A value is known while a function is differentiated, so all of this works there, and is constant. Under vmap and jit one
Tensor stands for many values, which might have many shapes, and a sentence says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, MissingRuleError, user_line
from ..core.primitive import implements
from ..core.trace import Traced
from .arguments import axes


def seen(x: Any) -> Any:
    """The bare value of `x`, or None under vmap and jit."""
    while isinstance(x, Traced):
        if x.trace.hidden or not x.trace.concrete:
            return None
        x = x.value
    return x


def known(x: Any, function: str) -> Any:
    """The bare value of `x`, from which `function` gets a shape. Raises MissingRuleError under vmap and jit."""
    value = seen(x)
    if value is None and x is not None:
        raise MissingRuleError(
            f"{function}: under vmap and jit this gives a shape that depends on values{user_line()}. "
            "Use np.where(mask, x, 0), which keeps the shape."
        )
    return value


def bare(x: Any) -> Any:
    """The plain array in a Tensor, of the whole batch under vmap: for checks, never to compute with."""
    while isinstance(x, Traced):
        x = x.value
    return np.asarray(x)


def within(function: str, numbers: Any, n: int) -> Any:
    """`numbers`, all of which must be from 0 to n - 1. Values that a recorded program gets later are not seen."""
    if np.any(bare(numbers) < 0) or np.any(bare(numbers) >= n):
        raise ArgumentError(f"{function}: a number is outside 0 to {n - 1}{user_line()}")
    return numbers


@implements(np.nonzero)
def nonzero(a: Any) -> tuple[Any, ...]:
    """NumPy's `nonzero`: arrays of integers."""
    return np.nonzero(known(a, "nonzero"))


@implements(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """NumPy's `flatnonzero`: an array of integers."""
    return np.flatnonzero(known(a, "flatnonzero"))


@implements(np.argwhere)
def argwhere(a: Any) -> Any:
    """NumPy's `argwhere`: an array of integers."""
    return np.argwhere(known(a, "argwhere"))


@implements(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """NumPy's `trim_zeros`: `filt` without the zeros in front ("f") and at the back ("b") along `axis`."""
    sides = trim.lower()
    if sides not in ("f", "b", "fb", "bf"):
        raise ArgumentError(f"trim_zeros: trim={trim!r}, expected 'f', 'b' or 'fb'")
    places = np.argwhere(known(filt, "trim_zeros"))
    over = axes(axis, filt.ndim)
    box = [slice(None)] * filt.ndim
    for i in range(filt.ndim) if over is None else over:
        if len(places) == 0:
            box[i] = slice(0, 0)
        else:
            low, high = int(places[:, i].min()), int(places[:, i].max()) + 1
            box[i] = slice(low if "f" in sides else None, high if "b" in sides else None)
    return filt[tuple(box)]
