"""Attention with weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..core.errors import ArgumentError, ShapeError
from . import functional
from .initializers import Initializer, affine, check_affine, check_positive, glorot_uniform
from .layer import Layer, Shape, named, stateless

_ROLES = ("key", "out", "query", "value")


@named
def multi_head_attention(
    heads: int,
    width: int | None = None,
    causal: bool = False,
    bias: bool = True,
    init: Initializer = glorot_uniform,
    dtype: Any = np.float32,
) -> Layer:
    """Self-attention: x (n, length, in), or a pair (x, mask), -> (n, length, width); width is that of x unless given.

    Params are dense layers {"key", "out", "query", "value"}. A mask, booleans, is (n, length) and says which places of
    each example are there; one of four axes broadcasts to (n, heads, length, length). `causal`: no place sees a later.
    """
    check_positive("multi_head_attention", "heads", heads)
    check_affine("multi_head_attention", bias, init)
    if width is not None and (width < 1 or width % heads):
        raise ArgumentError(f"multi_head_attention: heads={heads} must divide width={width}")

    def make(key: Any, input_shape: Shape) -> Any:
        if len(input_shape) != 2 or (width or input_shape[-1]) % heads:
            raise ShapeError(
                f"multi_head_attention: an example has shape {input_shape}, expected (length, width) with a width "
                f"that {heads} heads divide"
            )
        size, out = input_shape[-1], width or input_shape[-1]
        inputs = {"out": out}
        keys = random.split(key, len(_ROLES))
        return {
            role: affine(k, (inputs.get(role, size), out), bias, init, dtype)
            for role, k in zip(_ROLES, keys, strict=True)
        }

    def apply(params: Any, x: Any, key: Any, train: bool) -> Any:
        x, mask = x if isinstance(x, tuple) else (x, None)
        return functional.multi_head_attention(params, x, heads, mask, causal)

    return stateless(make, apply)


@named
def positions(length: int, init: Initializer = glorot_uniform, dtype: Any = np.float32) -> Layer:
    """x plus a learnt row for each place, at most `length` of them: (n, m, width) -> (n, m, width), m <= length."""
    check_positive("positions", "length", length)

    def apply(params: Any, x: Any, key: Any, train: bool) -> Any:
        if x.shape[1] > length:
            raise ShapeError(f"positions({length}): the input has {x.shape[1]} places, expected at most {length}")
        return x + params["table"][: x.shape[1]]

    return stateless(lambda key, input_shape: {"table": init(key, (length, input_shape[-1]), dtype)}, apply)
