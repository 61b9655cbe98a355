"""Normalisation; params {"bias": (channels,), "scale": (channels,)}, begun as zeros and ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError
from . import functional
from .functional.norm import batch_statistics
from .initializers import check_positive
from .layer import Layer, Shape, named, stateless


@named
def batch_norm(momentum: float = 0.9, eps: float = 1e-5, dtype: Any = np.float32) -> Layer:
    """Each channel with the mean and variance of the batch in training, else with the running ones, kept in `state`.

    state {"mean", "variance"}: running = momentum * running + (1 - momentum) * that of the batch, the variance with
    n / (n - 1) (Ioffe and Szegedy, ICML 2015).
    """
    if not 0 <= momentum < 1:
        raise ArgumentError(f"batch_norm: momentum must be in 0 <= momentum < 1, got {momentum}")

    def init(key: Any, input_shape: Shape) -> tuple[Any, Any]:
        channels = _channels("batch_norm", input_shape)
        return _scale_and_bias(channels, dtype), {
            "mean": np.zeros(channels, dtype),
            "variance": np.ones(channels, dtype),
        }

    def apply(params: Any, state: Any, x: Any, key: Any = None, train: bool = False) -> tuple[Any, Any]:
        if not state:
            raise ArgumentError("batch_norm: has state; call net.apply(params, state, x), not net(params, x)")
        if x.shape[-1:] != params["scale"].shape:
            expected = params["scale"].shape[0]
            raise ShapeError(f"batch_norm: input of shape {x.shape}, expected {expected} channels on the last axis")
        if not train:
            return functional.batch_norm(x, **params, **state, eps=eps), state
        n = math.prod(x.shape[:-1])
        if n < 2:
            raise ShapeError(f"batch_norm: training needs 2 or more values a channel, got input of shape {x.shape}")
        mean, variance = batch_statistics(x)
        batch = {"mean": mean, "variance": variance * (n / (n - 1))}
        running = {name: momentum * state[name] + (1 - momentum) * batch[name] for name in state}
        return functional.batch_norm(x, **params, mean=mean, variance=variance, eps=eps), running

    return Layer(init, apply)


@named
def layer_norm(eps: float = 1e-5, dtype: Any = np.float32) -> Layer:
    """Mean 0 and variance 1 over the last axis."""
    return stateless(
        lambda key, input_shape: _scale_and_bias(_channels("layer_norm", input_shape), dtype),
        lambda params, x, key, train: functional.layer_norm(x, **params, eps=eps),
    )


@named
def group_norm(groups: int, eps: float = 1e-5, dtype: Any = np.float32) -> Layer:
    """Mean 0 and variance 1 over space and each group of channels."""
    check_positive("group_norm", "groups", groups)
    return stateless(
        lambda key, input_shape: _scale_and_bias(_channels("group_norm", input_shape), dtype),
        lambda params, x, key, train: functional.group_norm(x, **params, groups=groups, eps=eps),
    )


@named
def rms_norm(eps: float = 1e-5, dtype: Any = np.float32) -> Layer:
    """Mean square 1 over the last axis; params {"scale"} only."""
    return stateless(
        lambda key, input_shape: {"scale": np.ones(_channels("rms_norm", input_shape), dtype)},
        lambda params, x, key, train: functional.rms_norm(x, **params, eps=eps),
    )


def _scale_and_bias(channels: int, dtype: Any) -> dict[str, Any]:
    return {"bias": np.zeros(channels, dtype), "scale": np.ones(channels, dtype)}


def _channels(what: str, input_shape: Shape) -> int:
    if not input_shape:
        raise ShapeError(f"{what}: the input must have an axis of channels besides the batch, got shape ()")
    return input_shape[-1]
