"""Layers: pairs of pure functions.

    params, state = layer.init(key, input_shape)          # the shape of one example, without the batch axis
    y, state = layer.apply(params, state, x, key=None, train=False)
    y = layer(params, x)                                  # short form, for a net without state or randomness

`params` and `state` are trees; a layer without state has `state == ()`. Weights are float32 unless told otherwise.

>>> import numpy as np, tinygrad_scratch as tg
>>> net = tg.nn.serial(tg.nn.dense(8), tg.nn.tanh, tg.nn.dense(1))
>>> params, state = net.init(tg.random.key(0), (2,))
>>> net(params, np.ones((5, 2), np.float32)).shape
(5, 1)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import random
from ..core.errors import ArgumentError, ShapeError
from . import functional

Shape = tuple[int, ...]
Initializer = Callable[[Any, Shape, Any], Any]


class Layer(NamedTuple):
    """`init(key, input_shape) -> params, state` and `apply(params, state, x, key=None, train=False) -> y, state`."""

    init: Callable[..., tuple[Any, Any]]
    apply: Callable[..., tuple[Any, Any]]
    name: str = "layer"

    def __call__(self, params: Any, x: Any) -> Any:
        """The answer for `x`, of a net without state or randomness."""
        return self.apply(params, (), x)[0]

    def __repr__(self) -> str:
        return self.name


def activation(f: Callable[[Any], Any]) -> Layer:
    """A layer without weights from a function of arrays. `serial` does this to every plain function it is given."""
    return _stateless(
        lambda key, input_shape: (), lambda params, x, key, train: f(x), getattr(f, "__name__", "function")
    )


def dense(units: int, bias: bool = True, init: Initializer | None = None, dtype: Any = np.float32) -> Layer:
    """x @ w + b on the last axis: params {"b": (units,), "w": (in, units)}, w by `init` (Glorot), b zero."""
    if not isinstance(units, (int, np.integer)) or units < 1:
        raise ArgumentError(f"dense: units must be an integer, 1 or more, got {units!r}")

    def make(key: Any, input_shape: Shape) -> Any:
        if not input_shape:
            raise ShapeError(f"dense({units}): the input must have at least one axis besides the batch, got shape ()")
        w = (init or glorot_uniform)(key, (input_shape[-1], units), dtype)
        return {"b": np.zeros(units, dtype), "w": w} if bias else {"w": w}

    def apply(params: Any, x: Any, key: Any, train: bool) -> Any:
        return functional.dense(x, params["w"], params.get("b"))

    return _stateless(make, apply, f"dense({units})")


def dropout(rate: float) -> Layer:
    """In training each element is dropped with probability `rate` and the others are scaled up; else the identity."""
    if not 0 <= rate < 1:
        raise ArgumentError(f"dropout: rate is the fraction dropped, 0 <= rate < 1, got {rate}")

    def apply(params: Any, x: Any, key: Any, train: bool) -> Any:
        if train and key is None:
            raise ArgumentError(f"dropout({rate}): training needs randomness; call net.apply(..., key=key, train=True)")
        return functional.dropout(x, key, rate) if train else x

    return _stateless(lambda key, input_shape: (), apply, f"dropout({rate})")


def _stateless(init: Callable[..., Any], apply: Callable[..., Any], name: str) -> Layer:
    """A layer from `init(key, input_shape) -> params` and `apply(params, x, key, train) -> y`."""

    def whole(params: Any, state: Any, x: Any, key: Any = None, train: bool = False) -> tuple[Any, Any]:
        return apply(params, x, key, train), state

    return Layer(lambda key, input_shape: (init(key, tuple(input_shape)), ()), whole, name)


def serial(*parts: Layer | Callable[[Any], Any]) -> Layer:
    """Layers and functions one after the other; params and state are tuples with one entry a part."""
    for i, part in enumerate(parts):
        if not callable(part):
            raise ArgumentError(
                f"serial: part {i} is a {type(part).__name__}, expected a Layer or a function of arrays"
            )
    layers = [part if isinstance(part, Layer) else activation(part) for part in parts]

    def init(key: Any, input_shape: Shape) -> tuple[Any, Any]:
        params, states = [], []
        x = np.zeros((1, *input_shape), np.float32)
        for i, layer in enumerate(layers):
            p, s = layer.init(random.fold_in(key, i), x.shape[1:])
            x, _ = _apply(i, layer, p, s, x, None, False)
            params.append(p)
            states.append(s)
        return tuple(params), _state(states)

    def apply(params: Any, state: Any, x: Any, key: Any = None, train: bool = False) -> tuple[Any, Any]:
        if len(params) != len(layers):
            raise ArgumentError(
                f"serial: got params for {len(params)} parts, expected {len(layers)}; net.init returns (params, state)"
            )
        states = []
        for i, (layer, p, s) in enumerate(zip(layers, params, state or ((),) * len(layers), strict=True)):
            x, s = _apply(i, layer, p, s, x, None if key is None else random.fold_in(key, i), train)
            states.append(s)
        return x, _state(states)

    return Layer(init, apply, f"serial({', '.join(map(repr, layers))})")


def _apply(i: int, layer: Layer, params: Any, state: Any, x: Any, key: Any, train: bool) -> tuple[Any, Any]:
    """`layer.apply`; an error of shapes says which part of the net it was."""
    try:
        return layer.apply(params, state, x, key=key, train=train)
    except ShapeError as error:
        raise ShapeError(f"part {i} of the net, {layer}: {error}") from error


def _state(states: list[Any]) -> Any:
    return tuple(states) if any(s != () for s in states) else ()


def glorot_uniform(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Uniform in +-sqrt(6 / (in + out)) for weights (..., in, out) (Glorot and Bengio, AISTATS 2010)."""
    fan_in, fan_out = _fans(shape)
    limit = math.sqrt(6 / (fan_in + fan_out))
    return random.uniform(key, shape, dtype, -limit, limit)


def he_normal(key: Any, shape: Shape, dtype: Any = np.float32) -> Any:
    """Normal with variance 2 / in for weights (..., in, out), for relu (He et al., ICCV 2015)."""
    return random.normal(key, shape, dtype) * math.sqrt(2 / _fans(shape)[0])


def _fans(shape: Shape) -> tuple[int, int]:
    if len(shape) < 2:
        raise ShapeError(f"initializer: weights of shape {shape}, expected (..., in, out)")
    window = math.prod(shape[:-2])
    return max(1, window * shape[-2]), max(1, window * shape[-1])
