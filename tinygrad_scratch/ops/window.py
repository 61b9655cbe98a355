"""Sliding windows, the linear map under convolution and pooling, and its transpose.

Images have their channels last: (batch, height, width, channels). `windows` turns the spatial axes into (places...,
window...); a convolution is a product of that with the weights, a pooling a reduction over the window axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import implements
from ..core.trace import bind
from .arguments import as_array, one_axis
from .families import called, linear

Ints = tuple[int, ...]


def _places(spatial: Ints, size: Ints, stride: Ints, dilation: Ints) -> Ints:
    """How many windows fit along each axis."""
    return tuple([(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(spatial, size, stride, dilation, strict=True)])


def _windows(x: Any, start: int, size: Ints, stride: Ints, dilation: Ints) -> Any:
    end = start + len(size)
    shape, strides = x.shape, x.strides
    places = _places(shape[start:end], size, stride, dilation)
    steps = [n * s for n, s in zip(strides[start:end], stride, strict=True)]
    inner = [n * d for n, d in zip(strides[start:end], dilation, strict=True)]
    return np.lib.stride_tricks.as_strided(
        x,
        (*shape[:start], *places, *size, *shape[end:]),
        (*strides[:start], *steps, *inner, *strides[end:]),
        writeable=False,
    )


def _fold(y: Any, start: int, size: Ints, stride: Ints, dilation: Ints, spatial: Ints, out: Any = None) -> Any:
    n = len(size)
    places = y.shape[start : start + n]
    lead = (slice(None),) * start
    if out is None:
        out = np.empty((*y.shape[:start], *spatial, *y.shape[start + 2 * n :]), y.dtype)
    apart = all(d == 1 and k == s for k, s, d in zip(size, stride, dilation, strict=True))
    if apart and all(p * s == m for p, s, m in zip(places, stride, spatial, strict=True)):  # side by side: moves only
        split = out.reshape(
            *y.shape[:start], *[w for p, k in zip(places, size, strict=True) for w in (p, k)], *y.shape[start + 2 * n :]
        )
        order = [
            *range(start),
            *range(start, start + 2 * n, 2),
            *range(start + 1, start + 2 * n, 2),
            *range(start + 2 * n, y.ndim),
        ]
        np.copyto(split.transpose(order), y)
        return out
    out.fill(0)
    for offset in product(*map(range, size)):  # one strided sum for each place in the window
        begins = [o * d for o, d in zip(offset, dilation, strict=True)]
        covered = [slice(b, b + (p - 1) * s + 1, s) for b, p, s in zip(begins, places, stride, strict=True)]
        out[(*lead, *covered)] += y[(*lead, *(slice(None),) * n, *offset)]
    return out


def _windows_batch(args: Sequence[Any], batched: Sequence[bool], start: int, **attrs: Any) -> Any:
    return bind(windows_, args[0], start=start + 1, **attrs)


def _fold_batch(args: Sequence[Any], batched: Sequence[bool], start: int, **attrs: Any) -> Any:
    return bind(fold_, args[0], start=start + 1, **attrs)


def _windows_transpose(g: Any, ans: Any, x: Any, start: int, size: Ints, **attrs: Any) -> Any:
    return bind(fold_, g, start=start, size=size, spatial=x.shape[start : start + len(size)], **attrs)


def _fold_transpose(g: Any, ans: Any, y: Any, spatial: Ints, **attrs: Any) -> Any:
    return bind(windows_, g, **attrs)


windows_ = linear("windows", _windows, _windows_transpose, batch=_windows_batch, emit=called(_windows, "view"))
fold_ = linear("fold", _fold, _fold_transpose, batch=_fold_batch, emit=called(_fold, "fold", out=True))


def windows(
    x: Any,
    size: Sequence[int],
    stride: Sequence[int] | None = None,
    dilation: Sequence[int] | None = None,
    start: int = 1,
) -> Any:
    """All windows of `size` over the axes from `start` on: (lead, *spatial, rest) -> (lead, *places, *size, rest).

    `stride` (1) is the step from one window to the next, `dilation` (1) the step inside one. To pad, use np.pad.

    >>> import numpy as np
    >>> windows(np.arange(5), (3,), start=0)
    array([[0, 1, 2],
           [1, 2, 3],
           [2, 3, 4]])
    """
    size = tuple(size)
    stride = tuple(stride or (1,) * len(size))
    dilation = tuple(dilation or (1,) * len(size))
    if not len(size) == len(stride) == len(dilation):
        raise ShapeError(f"windows: size={size}, stride={stride} and dilation={dilation} must have one length")
    if min((*size, *stride, *dilation), default=1) < 1:
        raise ShapeError(f"windows: size={size}, stride={stride} and dilation={dilation} must be positive")
    spatial = x.shape[start : start + len(size)]
    if len(spatial) != len(size) or min(_places(spatial, size, stride, dilation), default=1) < 1:
        raise ShapeError(
            f"windows: size {size} with dilation {dilation} does not fit axes {start}... of shape {x.shape}"
        )
    return bind(windows_, x, start=start, size=size, stride=stride, dilation=dilation)


@implements(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """NumPy's `sliding_window_view`: the windows over each axis in turn, their own axes at the end."""
    x = as_array(x)
    sizes = tuple(window_shape) if np.iterable(window_shape) else (window_shape,)
    over = tuple(range(x.ndim)) if axis is None else tuple(axis) if np.iterable(axis) else (axis,)
    if len(sizes) != len(over):
        raise ArgumentError(
            f"sliding_window_view: window_shape={window_shape} for {len(over)} axes{user_line()}; give one size an axis"
        )
    over = tuple([one_axis(i, x.ndim) for i in over])
    for i, size in zip(over, sizes, strict=True):
        x = np.moveaxis(windows(x, (size,), start=i), i + 1, -1)
    return x
