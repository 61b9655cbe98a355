"""Normalisation: mean 0 and variance 1 over some axes, then a scale and a bias for each channel, the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.errors import ShapeError, user_line


def batch_norm(x: Any, scale: Any, bias: Any, mean: Any, variance: Any, eps: float = 1e-5) -> Any:
    """(x - mean) / sqrt(variance + eps) * scale + bias, each one number a channel: those of the batch, or kept ones.

    Source: Ioffe and Szegedy, ICML 2015.
    """
    return (x - mean) / np.sqrt(variance + eps) * scale + bias


def batch_statistics(x: Any) -> tuple[Any, Any]:
    """The mean and the variance of each channel of x (n, ..., channels)."""
    return _moments(x, tuple(range(len(x.shape) - 1)), keepdims=False)


def layer_norm(x: Any, scale: Any, bias: Any, eps: float = 1e-5) -> Any:
    """Mean 0 and variance 1 over the last axis, then scale and bias (Ba et al., arXiv 1607.06450).

    >>> import numpy as np
    >>> layer_norm(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2)).round(3)
    array([[-1.,  1.]])
    """
    return _fitting("layer_norm", _normal(x, -1, eps), scale) * scale + bias


def rms_norm(x: Any, scale: Any, eps: float = 1e-5) -> Any:
    """x / sqrt(mean(x**2) + eps) over the last axis, then scale (Zhang and Sennrich, NeurIPS 2019)."""
    return _fitting("rms_norm", x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps), scale) * scale


def group_norm(x: Any, scale: Any, bias: Any, groups: int, eps: float = 1e-5) -> Any:
    """Mean 0 and variance 1 over space and each group of channels of x (n, *space, channels), then scale and bias.

    Source: Wu and He, ECCV 2018. groups = channels is instance normalisation.
    """
    *lead, channels = x.shape
    if groups < 1 or channels % groups or not lead:
        raise ShapeError(
            f"group_norm: groups={groups} must divide the channels, the last axis of shape {x.shape}{user_line()}"
        )
    split = x.reshape(*lead, groups, channels // groups)
    within = (*range(1, len(lead)), len(lead) + 1)
    return _fitting("group_norm", _normal(split, within, eps).reshape(x.shape), scale) * scale + bias


def _normal(x: Any, axes: Any, eps: float) -> Any:
    mean, variance = _moments(x, axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps)


def _moments(x: Any, axes: Any, keepdims: bool) -> tuple[Any, Any]:
    mean = np.mean(x, axis=axes, keepdims=True)
    variance = np.mean(np.square(x - mean), axis=axes, keepdims=keepdims)
    return mean if keepdims else mean.reshape(variance.shape), variance


def _fitting(what: str, x: Any, scale: Any) -> Any:
    """`x`, whose channels the scale must fit: a wrong one would be broadcast."""
    if scale.shape != x.shape[-1:]:
        raise ShapeError(f"{what}: scale of shape {scale.shape}, expected {x.shape[-1:]}, one a channel{user_line()}")
    return x
