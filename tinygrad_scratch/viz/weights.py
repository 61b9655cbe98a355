"""What is in a net: its weights, and what its layers answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, ShapeError
from ..data.batches import check_count
from .checks import numbers
from .figure import COLOURS, wrapped


def weights(axes: Any, w: Any, picture: tuple[int, int] | None = None, columns: int = 8) -> Any:
    """Draw weights (inputs, neurons) as an image with a colour bar, white at 0; return the image.

    With `picture`, the (height, width) of the pictures that a first layer sees, each neuron is a tile of that shape, in
    rows of `columns`: bright and dark places are those that it looks for.

    Raises ShapeError if w is no matrix, or if its rows do not make the picture; DataError for NaN or no weights,
    ArgumentError for `columns` below 1.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> w = np.random.default_rng(0).standard_normal((64, 10))
    >>> image = tg.viz.weights(tg.viz.new_figure(5, 3).subplots(), w, picture=(8, 8), columns=5)
    >>> image.get_array().shape  # 2 x 5 tiles, one pixel apart
    (17, 44)
    """
    w = numbers("weights", "w", w, "(inputs, neurons)")
    limit = float(np.abs(w).max()) or 1.0
    shown = w if picture is None else _tiles(w, picture, columns)
    image = axes.imshow(
        shown, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest", aspect="auto" if picture is None else 1
    )
    if picture is None:
        axes.set(xlabel="neuron", ylabel="input")
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(integer=True)
    else:
        axes.axis("off")
    axes.figure.colorbar(image, ax=axes, label="weight")
    return image


def activations(grid: Any, layers: Mapping[str, Any], image: bool = False, columns: int = 3) -> None:
    """Draw what each layer answers, on a matplotlib figure or subfigure: `layers` maps names to answers (n, ...).

    A histogram each of all numbers, whose title has the share of zeros, which tells dead neurons; or with `image`
    a picture, the examples downwards and the neurons across.

    Raises DataError for NaN, no layers or no answers, ArgumentError for `columns` below 1.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> x = np.random.default_rng(0).standard_normal((100, 16))
    >>> figure = tg.viz.new_figure(6, 2)
    >>> tg.viz.activations(figure, {"dense": x, "relu": np.maximum(x, 0)})
    >>> len(figure.axes)
    2
    """
    if not layers:
        raise DataError("activations: there are no layers, expected a mapping of names to arrays; nothing to draw")
    check_count("activations", "columns", columns)
    columns = min(columns, len(layers))
    cells = list(grid.subplots(-(-len(layers) // columns), columns, squeeze=False).flat)
    for axes, (name, answers) in zip(cells, layers.items(), strict=False):
        shape = np.shape(answers)
        flat = np.reshape(answers, (shape[0], math.prod(shape[1:]))) if len(shape) > 2 else answers
        values = numbers("activations", f"layer {name!r}", flat, "(n, neurons)", "(n,)")
        values = values.reshape(len(values), -1)
        if image:
            shown = axes.imshow(values, cmap="viridis", aspect="auto", interpolation="nearest")
            axes.figure.colorbar(shown, ax=axes)
            axes.set(xlabel="neuron", ylabel="example")
        else:
            axes.hist(values.ravel(), bins=50, color=COLOURS[0])
            axes.set(xlabel="activation", ylabel="count")
        neurons = "1 neuron" if values.shape[1] == 1 else f"{values.shape[1]:,} neurons"
        title = f"{name}\n{neurons}, {np.mean(values == 0):.0%} zeros"
        axes.set_title(wrapped(axes, title), fontsize="small")
    for axes in cells[len(layers) :]:
        axes.axis("off")


def _tiles(w: NDArray[Any], picture: tuple[int, int], columns: int) -> NDArray[Any]:
    """The columns of w as pictures beside each other, one pixel of nothing between them."""
    height, width = picture
    inputs, neurons = w.shape
    if inputs != height * width:
        raise ShapeError(
            f"weights: w has {inputs} rows, expected {height * width} for pictures of {height} x {width}; "
            "give the weights of the first layer, or the shape of what it sees"
        )
    check_count("weights", "columns", columns)
    columns = min(columns, neurons)
    rows = -(-neurons // columns)
    tiles = np.full((rows * columns, height + 1, width + 1), np.nan, np.result_type(w, np.float32))
    tiles[:neurons, :-1, :-1] = w.T.reshape(neurons, height, width)
    return tiles.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2).reshape(
        rows * (height + 1), columns * (width + 1)
    )[:-1, :-1]  # fmt: skip
