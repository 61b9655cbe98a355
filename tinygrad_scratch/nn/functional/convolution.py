"""Convolutions as in networks (correlations), and their transposes, over any number of axes of space."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.errors import ShapeError, user_line
from ...core.trace import bind
from ...ops.window import fold_, windows
from .linear import bias_error
from .spaces import Padding, PerAxis, around, padded, per_axis


def conv(
    x: Any,
    w: Any,
    b: Any = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Any:
    """Convolution as in networks (a correlation): x (n, *space, in), w (*window, in, out) -> (n, *places, out).

    y[n, p, o] = b[o] + sum over k, c of x[n, p * stride + k * dilation - padding, c] * w[k, c, o]. `padding`: zeros
    added to both ends of an axis of space, or "same" for ceil(n / stride) places, or "valid" for none. Each option is
    one number or one an axis; any number of axes. With `groups`, w is (*window, in / groups, out) and each group of
    channels of x makes its own group of channels of y. Raises ShapeError.

    >>> import numpy as np
    >>> x, w = np.arange(4.0).reshape(1, 4, 1), np.array([1.0, 10.0]).reshape(2, 1, 1)
    >>> conv(x, w)[0, :, 0]
    array([10., 21., 32.])
    """
    size = w.shape[:-2]
    n = len(size)
    _check("conv", x, w, b, groups, (w.shape[-2] * groups) if len(w.shape) > 1 else None)
    steps, apart = per_axis("conv: stride", stride, n), per_axis("conv: dilation", dilation, n)
    pads = around("conv: padding", padding, x.shape[1:-1], size, steps, apart)
    seen = windows(padded(x, pads), size, steps, apart)
    y = np.tensordot(seen, w, n + 1) if groups == 1 else _grouped(seen, w, groups)
    return y if b is None else y + b


def _grouped(seen: Any, w: Any, groups: int) -> Any:
    """The windows (n, *places, *window, in) times w (*window, in / groups, out), one product a group."""
    size, inside, out = w.shape[:-2], w.shape[-2], w.shape[-1]
    lead, length = seen.shape[: -len(size) - 1], math.prod(size) * inside
    rows = np.moveaxis(seen.reshape(*lead, *size, groups, inside), -2, 0).reshape(groups, -1, length)
    columns = np.moveaxis(w.reshape(length, groups, out // groups), 1, 0)
    return np.moveaxis(rows @ columns, 0, 1).reshape(*lead, out)


def conv_transpose(
    x: Any, w: Any, b: Any = None, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1
) -> Any:
    """The transpose of `conv`, which spreads each place of x over a window: (n, *places, in) -> (n, *space, out).

    y[n, p * stride + k * dilation - padding, o] is the sum of x[n, p, c] * w[k, c, o], plus b[o]; w (*window, in, out).
    An axis of length m becomes (m - 1) * stride + (k - 1) * dilation + 1 - 2 * padding. Raises ShapeError.

    >>> import numpy as np
    >>> x, w = np.array([1.0, 2.0]).reshape(1, 2, 1), np.array([1.0, 10.0]).reshape(2, 1, 1)
    >>> conv_transpose(x, w, stride=2)[0, :, 0]
    array([ 1., 10.,  2., 20.])
    """
    size = w.shape[:-2]
    n = len(size)
    _check("conv_transpose", x, w, b, 1, w.shape[-2] if len(w.shape) > 1 else None)
    steps, apart = per_axis("conv_transpose: stride", stride, n), per_axis("conv_transpose: dilation", dilation, n)
    pads = per_axis("conv_transpose: padding", padding, n)
    if min((*steps, *apart), default=1) < 1 or min(pads, default=0) < 0:
        raise ShapeError(
            f"conv_transpose: stride={stride} and dilation={dilation} must be positive and padding={padding} "
            f"not negative{user_line()}"
        )
    spans = zip(x.shape[1:-1], size, steps, apart, strict=True)
    space = tuple([(m - 1) * s + (k - 1) * d + 1 for m, k, s, d in spans])
    if min([m - 2 * p for m, p in zip(space, pads, strict=True)], default=1) < 1:
        raise ShapeError(f"conv_transpose: padding={padding} leaves nothing of an answer of space {space}{user_line()}")
    spread = np.tensordot(x, w, ((-1,), (-2,)))
    y = bind(fold_, spread, start=1, size=size, stride=steps, dilation=apart, spatial=space)
    y = y[(slice(None), *[slice(p, m - p) for p, m in zip(pads, space, strict=True)])] if any(pads) else y
    return y if b is None else y + b


def conv1d(
    x: Any, w: Any, b: Any = None, stride: PerAxis = 1, padding: Padding = 0, dilation: PerAxis = 1, groups: int = 1
) -> Any:
    """`conv` over one axis: x (n, length, in), w (window, in / groups, out), b (out,) -> (n, places, out)."""
    return conv(x, _of_rank("conv1d", w, 1), b, stride, padding, dilation, groups)


def conv2d(
    x: Any, w: Any, b: Any = None, stride: PerAxis = 1, padding: Padding = 0, dilation: PerAxis = 1, groups: int = 1
) -> Any:
    """`conv` over two axes: x (n, height, width, in), w (rows, columns, in / groups, out) -> (n, *places, out)."""
    return conv(x, _of_rank("conv2d", w, 2), b, stride, padding, dilation, groups)


def conv_transpose1d(
    x: Any, w: Any, b: Any = None, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1
) -> Any:
    """`conv_transpose` over one axis: x (n, places, in), w (window, in, out), b (out,) -> (n, length, out)."""
    return conv_transpose(x, _of_rank("conv_transpose1d", w, 1), b, stride, padding, dilation)


def conv_transpose2d(
    x: Any, w: Any, b: Any = None, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1
) -> Any:
    """`conv_transpose` over two axes: x (n, *places, in), w (rows, columns, in, out) -> (n, height, width, out)."""
    return conv_transpose(x, _of_rank("conv_transpose2d", w, 2), b, stride, padding, dilation)


def _of_rank(what: str, w: Any, n: int) -> Any:
    if len(w.shape) != n + 2:
        window = "window" if n == 1 else "rows, columns"
        raise ShapeError(f"{what}: weights of shape {w.shape}, expected ({window}, in, out){user_line()}")
    return w


def _check(what: str, x: Any, w: Any, b: Any, groups: int, channels: int | None) -> None:
    """Raise ShapeError unless x (n, *space, channels), w (*window, in, out) and b (out,) fit."""
    if channels is None:
        raise ShapeError(f"{what}: weights of shape {w.shape}, expected (*window, in, out){user_line()}")
    n = len(w.shape) - 2
    if groups < 1 or w.shape[-1] % groups:
        raise ShapeError(
            f"{what}: groups={groups} must divide the {w.shape[-1]} channels out of weights of shape {w.shape}"
            f"{user_line()}"
        )
    if len(x.shape) != n + 2 or x.shape[-1] != channels:
        raise ShapeError(
            f"{what}: input of shape {x.shape} does not fit weights of shape {w.shape}; expected (batch, {n} axes of "
            f"space, {channels} channels){user_line()}"
        )
    if b is not None and b.shape != w.shape[-1:]:
        raise bias_error(what, b, w)
