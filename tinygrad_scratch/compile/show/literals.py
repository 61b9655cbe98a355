"""Numbers and arrays as Python text that gives them back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.errors import ArgumentError
from ..graph import literal

LARGEST = 4096  # elements of an array that is written out


def dtype_text(dtype: np.dtype[Any]) -> str:
    """A dtype as Python text."""
    return f"np.{dtype.name}" if dtype.isnative and dtype.kind in "biufc" else f"np.dtype({dtype.str!r})"


def plain(x: Any) -> Any:
    """`x`, if Python has numbers for its dtype."""
    if x.dtype.kind not in "biufc" or x.dtype.itemsize > (16 if x.dtype.kind == "c" else 8):
        raise ArgumentError(
            f"source: a constant of {x.dtype} cannot be written; pass it as an argument of the function"
        )
    return x


def number(x: Any) -> str:
    """A number of NumPy's as a Python number from which its dtype makes the same."""
    if x.dtype.kind == "c":
        return f"complex({number(x.real)}, {number(x.imag)})"
    value = plain(x).item()
    if x.dtype.kind != "f" or not np.isfinite(x):
        return literal(value)
    short = str(x)
    return short if x.dtype.type(float(short)) == x else repr(value)


def array(x: Any) -> str:
    """The text of an array."""
    x = np.asarray(x)
    like = () if x.dtype in (np.float64, np.bool) else (x.dtype,)
    if plain(x).tobytes() == x.ravel()[:1].tobytes() * x.size:  # also for no elements
        first = number(x.flat[0]) if x.size else "0"
        if first in ("0", "0.0", "1", "1.0"):
            return new("ones" if first[0] == "1" else "zeros", x.shape, x.dtype)
        return f"np.full({', '.join([str(x.shape), first, *map(dtype_text, like)])})"
    flat = x.ravel()
    if x.dtype.kind in "iu" and x.size > 3 and np.array_equal(flat, np.arange(flat[0], int(flat[0]) + x.size)):
        ends = f"{flat[0]}, {int(flat[0]) + x.size}" if flat[0] else f"{x.size}"
        text = f"np.arange({ends}{'' if x.dtype == np.int64 else f', dtype={dtype_text(x.dtype)}'})"
        return text if x.ndim == 1 else f"{text}.reshape({x.shape})"
    if x.size > LARGEST:
        raise ArgumentError(
            f"source: the function captures an array of {x.dtype}{list(x.shape)}, too large to be written out (more "
            f"than {LARGEST} elements); pass it as an argument of the function"
        )
    return f"np.array({', '.join([_nested(x), *map(dtype_text, like)])})"


def _nested(x: Any) -> str:
    return number(x[()]) if x.ndim == 0 else f"[{', '.join(map(_nested, x))}]"


def new(function: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """A call of zeros, ones or empty."""
    size = shape[0] if len(shape) == 1 else shape
    return f"np.{function}({size}{'' if dtype == np.float64 else f', {dtype_text(dtype)}'})"
