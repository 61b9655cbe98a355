"""Operations that give elements other places and keep the shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import Traced, bind
from .arguments import as_array, one_axis
from .arguments import axes as normal_axes
from .families import Axes, linear

flip_ = linear(
    "flip",
    lambda x, axis: np.flip(x, axis),
    lambda g, ans, x, axis: np.flip(g, axis),
    emit=Emit(lambda x, axis: f"np.flip({x}, {axis})", kind="view"),
)


def _roll(x: Any, axis: Axes, shift: tuple[int, ...]) -> Any:
    return np.roll(x, shift, axis)


roll_ = linear(
    "roll",
    _roll,
    lambda g, ans, x, axis, shift: np.roll(g, tuple([-s for s in shift]), axis),
    emit=Emit(lambda x, axis, shift: f"np.roll({x}, {shift}, {axis})"),
)


@implements(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """NumPy's `flip`."""
    over = tuple(range(m.ndim)) if axis is None else normal_axes(axis, m.ndim)
    return bind(flip_, m, axis=over) if over else m


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """NumPy's `roll`. `shift` may be a Tensor of integers."""
    a = as_array(a)
    if axis is None:
        return roll(a.reshape(-1), shift, 0).reshape(a.shape)
    if isinstance(shift, Traced):
        return _rolled_by_values(a, shift, axis)
    pairs = np.broadcast(shift, axis)
    if pairs.size == 0:
        return a
    shifts, over = zip(*[(int(s), one_axis(int(i), a.ndim)) for s, i in pairs], strict=True)
    return bind(roll_, a, axis=over, shift=shifts)


def _rolled_by_values(a: Any, shift: Any, axis: Any) -> Any:
    over = normal_axes(axis, a.ndim) or ()
    for i, s in zip(over, np.broadcast_to(shift, (len(over),)), strict=True):
        if a.shape[i]:
            a = np.take(a, (np.arange(a.shape[i]) - s) % a.shape[i], i)
    return a


@implements(np.fliplr)
def fliplr(m: Any) -> Any:
    """NumPy's `fliplr`: the second axis reversed."""
    return _flip_axis("fliplr", m, 1)


@implements(np.flipud)
def flipud(m: Any) -> Any:
    """NumPy's `flipud`: the first axis reversed."""
    return _flip_axis("flipud", m, 0)


def _flip_axis(function: str, m: Any, axis: int) -> Any:
    if np.ndim(m) <= axis:
        raise ShapeError(f"{function}: an array of shape {np.shape(m)} has no axis {axis}{user_line()}")
    return np.flip(m, axis)


@implements(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """NumPy's `rot90`: k quarter turns in the plane of two axes, from the first towards the second."""
    m = as_array(m)
    i, j = [one_axis(axis, m.ndim) for axis in axes]
    if i == j:
        raise ArgumentError(f"rot90: axes={tuple(axes)} name one axis twice, expected two axes{user_line()}")
    if k % 2 == 0:
        return np.flip(m, (i, j)) if k % 4 == 2 else m
    return np.swapaxes(np.flip(m, j), i, j) if k % 4 == 1 else np.flip(np.swapaxes(m, i, j), j)
