"""Recurrent layers over (n, time, in); params {"b": (gates * units,), "u": (units, ...), "w": (in, ...)}.

They give what comes out at each time, (n, time, units), or with `last` only after the last one, (n, units). `u` is
orthogonal gate by gate, `w` by `init`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .. import random
from ..core.errors import ShapeError
from . import functional
from .initializers import Initializer, affine, check_positive, glorot_uniform, orthogonal
from .layer import Layer, Shape, named, stateless


@named
def rnn(
    units: int,
    activation: Callable[[Any], Any] = np.tanh,
    last: bool = False,
    reverse: bool = False,
    init: Initializer = glorot_uniform,
    dtype: Any = np.float32,
) -> Layer:
    """`functional.rnn`: h' = activation(x w + h u + b)."""
    return _recurrent(partial(functional.rnn, activation=activation), "rnn", 1, units, last, reverse, init, dtype)


@named
def lstm(
    units: int, last: bool = False, reverse: bool = False, init: Initializer = glorot_uniform, dtype: Any = np.float32
) -> Layer:
    """`functional.lstm`. The bias of the gate that forgets begins as 1: memory lasts (Jozefowicz et al., ICML 2015)."""
    return _recurrent(functional.lstm, "lstm", 4, units, last, reverse, init, dtype, open_gate=1)


@named
def gru(
    units: int, last: bool = False, reverse: bool = False, init: Initializer = glorot_uniform, dtype: Any = np.float32
) -> Layer:
    """`functional.gru`."""
    return _recurrent(functional.gru, "gru", 3, units, last, reverse, init, dtype)


def _recurrent(
    f: Callable[..., Any],
    what: str,
    gates: int,
    units: int,
    last: bool,
    reverse: bool,
    init: Initializer,
    dtype: Any,
    open_gate: int | None = None,
) -> Layer:
    check_positive(what, "units", units)

    def make(key: Any, input_shape: Shape) -> Any:
        if len(input_shape) != 2:
            raise ShapeError(f"{what}: an example has shape {input_shape}, expected (time, in)")
        for_w, *for_u = random.split(key, 1 + gates)
        params = affine(for_w, (input_shape[-1], gates * units), True, init, dtype)
        if open_gate is not None:
            params["b"][open_gate * units : (open_gate + 1) * units] = 1
        return {**params, "u": np.concatenate([orthogonal(k, (units, units), dtype) for k in for_u], axis=1)}

    def apply(params: Any, x: Any, key: Any, train: bool) -> Any:
        if last and not x.shape[1]:
            raise ShapeError(f"{what}: input of shape {x.shape} has no time, so nothing comes out last")
        y = f(x, **params, reverse=reverse)
        return y if not last else y[:, 0] if reverse else y[:, -1]

    return stateless(make, apply)
