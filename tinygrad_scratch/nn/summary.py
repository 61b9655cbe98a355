"""A table of a net: each layer, the shape that comes out of it, and how many parameters it has."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import random
from ..core import tree
from ..core.errors import ArgumentError
from .layer import Layer, Shape


class Row(NamedTuple):
    """A layer of a net: its path, its name, the shape of what comes out without the batch, its number of parameters."""

    path: str
    layer: str
    shape: Shape
    parameters: int


def rows(layer: Layer, input_shape: Shape) -> list[Row]:
    """One row a layer that is not made of others, in the order in which they run."""
    if not isinstance(layer, Layer):
        raise ArgumentError(f"summary: got a {type(layer).__name__}, expected a Layer, such as tg.nn.serial(...)")
    found: list[Row] = []
    _noting(layer, "", found).init(random.key(0), input_shape)
    return found


def summary(layer: Layer, input_shape: Shape) -> None:
    """Print the table of a net for examples of that shape.

    >>> import tinygrad_scratch as tg
    >>> tg.nn.summary(tg.nn.serial(tg.nn.dense(64), tg.nn.relu, tg.nn.dense(3)), (2,))
    layer        output  parameters
    0  dense(64)  (64,)         192
    1  relu       (64,)           0
    2  dense(3)    (3,)         195
    total                       387
    """
    table = rows(layer, input_shape)
    total = sum(row.parameters for row in table)
    names = [f"{row.path}  {row.layer}".strip() for row in table]
    shapes = [str(row.shape) for row in table]
    counts = [f"{row.parameters:,}" for row in table]
    wide = max(map(len, ["layer", "total", *names]))
    middle = max(map(len, ["output", *shapes]))
    right = max(map(len, ["parameters", f"{total:,}", *counts]))
    for name, shape, count in [("layer", "output", "parameters"), *zip(names, shapes, counts, strict=True)]:
        print(f"{name:{wide}}  {shape:>{middle}}  {count:>{right}}")
    print(f"{'total':{wide}}  {'':{middle}}  {f'{total:,}':>{right}}")


def _noting(layer: Layer, path: str, found: list[Row]) -> Layer:
    """The same net, which notes a row for each layer inside when it is initialised."""
    if layer.rebuild is not None:
        return layer.rebuild([_noting(part, f"{path}/{name}".lstrip("/"), found) for name, part in layer.parts])

    def init(key: Any, input_shape: Shape) -> tuple[Any, Any]:
        params, state = layer.init(key, input_shape)
        y, _ = layer.apply(params, state, np.zeros((1, *input_shape), layer.dtype))
        count = sum(leaf.size for leaf in tree.leaves(params) if hasattr(leaf, "size"))
        found.append(Row(path, layer.name, tuple(y.shape[1:]), int(count)))
        return params, state

    return layer._replace(init=init)
