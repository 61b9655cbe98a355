"""Dense layers, tables of rows, dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError
from . import functional
from .functional.linear import check_rate
from .initializers import Initializer, affine, check_affine, check_positive, glorot_uniform, normal
from .layer import Layer, Shape, named, stateless

_STANDARD = normal(1.0)


@named
def dense(units: int, bias: bool = True, init: Initializer = glorot_uniform, dtype: Any = np.float32) -> Layer:
    """x @ w + b on the last axis: params {"b": (units,), "w": (in, units)}, w by `init`, b zero."""
    check_positive("dense", "units", units)
    check_affine("dense", bias, init)

    def make(key: Any, input_shape: Shape) -> Any:
        if not input_shape:
            raise ShapeError(f"dense({units}): the input must have at least one axis besides the batch, got shape ()")
        return affine(key, (input_shape[-1], units), bias, init, dtype)

    return stateless(make, lambda params, x, key, train: functional.dense(x, **params))


@named
def embedding(rows: int, width: int, init: Initializer = _STANDARD, dtype: Any = np.float32) -> Layer:
    """A row of a table for each integer: (...) -> (..., width); params {"table": (rows, width)}."""
    check_positive("embedding", "rows", rows)
    check_positive("embedding", "width", width)
    layer = stateless(
        lambda key, input_shape: {"table": init(key, (rows, width), dtype)},
        lambda params, x, key, train: functional.embedding(x, params["table"]),
    )
    return layer._replace(dtype=np.int64)


@named
def dropout(rate: float) -> Layer:
    """In training each element is dropped with probability `rate` and the others are scaled up; else the identity."""
    check_rate(rate)

    def apply(params: Any, x: Any, key: Any, train: bool) -> Any:
        if train and key is None:
            raise ArgumentError(f"dropout({rate}): training needs randomness; call net.apply(..., key=key, train=True)")
        return functional.dropout(x, key, rate) if train else x

    return stateless(lambda key, input_shape: (), apply)


@named
def reshape(*shape: int) -> Layer:
    """Each example in another shape: (n, ...) -> (n, *shape)."""
    for size in shape:
        check_positive("reshape", "each length", size)
    return stateless(lambda key, input_shape: (), lambda params, x, key, train: _reshaped(x, shape))


def _reshaped(x: Any, shape: Shape) -> Any:
    if np.prod(x.shape[1:], dtype=int) != np.prod(shape, dtype=int):
        raise ShapeError(f"reshape: an example of shape {x.shape[1:]} cannot become {shape}, which has another size")
    return x.reshape(x.shape[0], *shape)
