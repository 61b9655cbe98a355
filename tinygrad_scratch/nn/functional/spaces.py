"""Options of windows over the axes of space of (batch, *space, channels): one number for all axes, or one an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.errors import ShapeError, user_line

PerAxis = int | Sequence[int]
Padding = PerAxis | str
Ints = tuple[int, ...]


def per_axis(what: str, value: PerAxis, n: int) -> Ints:
    """One number for all axes of space, or one an axis, as a tuple of n ints."""
    several = isinstance(value, Sequence) and not isinstance(value, str)
    many: Any = tuple(value) if several else (value,) * n  # type: ignore[arg-type]
    if len(many) != n or not all(isinstance(v, (int, np.integer)) for v in many):
        raise ShapeError(f"{what}={value!r} must be one integer, or {n} of them, one an axis of space{user_line()}")
    return tuple([int(v) for v in many])


def around(what: str, padding: Padding, space: Ints, size: Ints, stride: Ints, dilation: Ints) -> list[tuple[int, int]]:
    """How much to add before and after each axis of space. "same": so that there are ceil(n / stride) places."""
    if padding == "valid":
        padding = 0
    if padding == "same":
        spread = zip(space, size, stride, dilation, strict=True)
        missing = [max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0) for n, k, s, d in spread]
        return [(m // 2, m - m // 2) for m in missing]
    if isinstance(padding, str):
        raise ShapeError(f'{what}={padding!r}, expected "same", "valid" or integers{user_line()}')
    pads = per_axis(what, padding, len(space))
    if min(pads, default=0) < 0:
        raise ShapeError(f"{what}={padding} must not be negative{user_line()}")
    return [(p, p) for p in pads]


def padded(x: Any, pads: list[tuple[int, int]], value: float = 0) -> Any:
    """`x` with that many constants around its axes of space."""
    if not any(map(any, pads)):
        return x
    return np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=value)
