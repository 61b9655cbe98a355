"""Convolution and correlation of two rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import Emit, Primitive, implements
from ..core.trace import bind
from .arguments import as_array
from .arithmetic import conj
from .families import in_dtype, linear, with_batch_axis
from .window import windows

MODES = ("full", "valid", "same")


def _other_mode(mode: str) -> str:
    return "valid" if mode == "full" else "full"


def _long_transpose(g: Any, ans: Any, a: Any, v: Any, mode: str) -> Any:
    """Every product a_i v_j stands in one element of the answer, from where it goes back."""
    return in_dtype(bind(convolve_, g, np.flip(v), mode=_other_mode(mode)), a)


def _short_transpose(g: Any, ans: Any, a: Any, v: Any, mode: str) -> Any:
    if mode == "full":
        return in_dtype(bind(convolve_, g, np.flip(a), mode="valid"), v)
    return in_dtype(np.flip(bind(convolve_, a, np.flip(g), mode="valid")), v)


def _convolve_batch(args: Sequence[Any], batched: Sequence[bool], mode: str) -> Any:
    a, v = with_batch_axis(args, batched)
    m = v.shape[1]
    a = np.pad(a, ((0, 0), (m - 1, m - 1))) if mode == "full" else a
    return np.einsum("bkm,bm->bk", windows(a, (m,)), np.flip(v, 1))


# the first row is at least as long as the second; mode is "full" or "valid"
convolve_: Primitive = linear(
    "convolve",
    lambda a, v, mode: np.convolve(a, v, mode),
    _long_transpose,
    _short_transpose,
    batch=_convolve_batch,
    emit=Emit(lambda a, v, mode: f"np.convolve({a}, {v}, {mode!r})"),
)


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """NumPy's `convolve`: sum_i a_i v_{k - i}, for all k ("full"), where the two overlap fully ("valid"), or as many
    as the longer has ("same").
    """
    a, v = _rows("convolve", a, v, mode)
    return _convolve(a, v, mode)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """NumPy's `correlate`: sum_i a_{i + k} conj(v_i), for the same k as `convolve`."""
    a, v = _rows("correlate", a, v, mode)
    v = conj(v)
    if mode == "same" and len(a) < len(v):  # as NumPy does: turned round, the middle lies elsewhere
        return np.flip(_convolve(np.flip(a), v, mode))
    return _convolve(a, np.flip(v), mode)


def _rows(function: str, a: Any, v: Any, mode: str) -> tuple[Any, Any]:
    a, v = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v))
    if a.ndim != 1 or v.ndim != 1 or not len(a) or not len(v):
        raise ShapeError(f"{function}: shapes {a.shape} and {v.shape}, expected two rows, not empty{user_line()}")
    if mode not in MODES:
        raise ArgumentError(f"{function}: mode={mode!r}, expected one of {', '.join(map(repr, MODES))}")
    return a, v


def _convolve(a: Any, v: Any, mode: str) -> Any:
    a, v = (a, v) if len(a) >= len(v) else (v, a)
    if mode != "same":
        return bind(convolve_, a, v, mode=mode)
    start = (len(v) - 1) // 2
    return bind(convolve_, a, v, mode="full")[start : start + len(a)]
