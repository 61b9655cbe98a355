"""Convolutions and pooling over (n, *space, channels); params {"b": (channels,), "w": (*size, in, channels)}."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError
from . import functional
from .functional.spaces import Padding, PerAxis, per_axis
from .initializers import Initializer, affine, check_affine, check_positive, glorot_uniform
from .layer import Layer, Shape, named, stateless


@named
def conv1d(
    channels: int,
    size: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: bool = True,
    init: Initializer = glorot_uniform,
    dtype: Any = np.float32,
) -> Layer:
    """`functional.conv1d` with weights: (n, length, in) -> (n, places, channels)."""
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return _convolution(functional.conv1d, 1, channels, size, options, bias, init, dtype)


@named
def conv2d(
    channels: int,
    size: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: bool = True,
    init: Initializer = glorot_uniform,
    dtype: Any = np.float32,
) -> Layer:
    """`functional.conv2d` with weights: (n, height, width, in) -> (n, *places, channels)."""
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return _convolution(functional.conv2d, 2, channels, size, options, bias, init, dtype)


@named
def conv_transpose1d(
    channels: int,
    size: PerAxis,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
    bias: bool = True,
    init: Initializer = glorot_uniform,
    dtype: Any = np.float32,
) -> Layer:
    """`functional.conv_transpose1d` with weights: (n, places, in) -> (n, length, channels)."""
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return _convolution(functional.conv_transpose1d, 1, channels, size, options, bias, init, dtype)


@named
def conv_transpose2d(
    channels: int,
    size: PerAxis,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
    bias: bool = True,
    init: Initializer = glorot_uniform,
    dtype: Any = np.float32,
) -> Layer:
    """`functional.conv_transpose2d` with weights: (n, *places, in) -> (n, height, width, channels)."""
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return _convolution(functional.conv_transpose2d, 2, channels, size, options, bias, init, dtype)


def _convolution(
    f: Any, n: int, channels: int, size: PerAxis, options: Any, bias: bool, init: Initializer, dtype: Any
) -> Layer:
    """A layer of `f`, which has n axes of space."""
    what = f.__name__
    check_positive(what, "channels", channels)
    groups = options.get("groups", 1)
    check_positive(what, "groups", groups)
    check_affine(what, bias, init)
    if channels % groups:
        raise ArgumentError(f"{what}: groups={groups} must divide channels={channels}")
    for name in ("stride", "dilation"):
        if min(per_axis(f"{what}: {name}", options[name], n)) < 1:
            raise ArgumentError(f"{what}: {name}={options[name]!r} must be positive")
    window = per_axis(f"{what}: size", size, n)

    def make(key: Any, input_shape: Shape) -> Any:
        if len(input_shape) != n + 1:
            raise ShapeError(f"{what}: an example has shape {input_shape}, expected {n} axes of space and the channels")
        if input_shape[-1] % groups:
            raise ShapeError(f"{what}: groups={groups} must divide the {input_shape[-1]} channels of the input")
        return affine(key, (*window, input_shape[-1] // groups, channels), bias, init, dtype)

    return stateless(make, lambda params, x, key, train: f(x, **params, **options))


@named
def max_pool(size: PerAxis, stride: PerAxis | None = None, padding: Padding = 0) -> Layer:
    """The largest element of each window, by default side by side."""
    return _pooling(functional.max_pool, size, stride, padding)


@named
def average_pool(size: PerAxis, stride: PerAxis | None = None, padding: Padding = 0) -> Layer:
    """The mean of each window, by default side by side."""
    return _pooling(functional.average_pool, size, stride, padding)


def _pooling(f: Any, size: PerAxis, stride: PerAxis | None, padding: Padding) -> Layer:
    return stateless(lambda key, input_shape: (), lambda params, x, key, train: f(x, size, stride, padding))
