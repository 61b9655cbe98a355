"""Pictures with what a classifier says of them, or beside what an autoencoder makes of them.

Images are (n, height, width), grey, or (n, height, width, 3), colours; a last axis of length 1 is as good as none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from ..core.errors import ShapeError
from ..data.batches import check_count
from .checks import class_names, distributions, numbers, which_class
from .figure import COLOURS

SHAPES = ("(n, height, width)", "(n, height, width, 1)", "(n, height, width, 3)")


def samples(
    grid: Any, images: Any, labels: Any, probabilities: Any, names: Sequence[str] | None = None, columns: int = 6
) -> None:
    """Draw `images` on a matplotlib figure or subfigure, each under its prediction and the confidence in it.

    labels (n,) are the classes, as integers, or one-hot, or None where nobody knows; probabilities (n, classes); names
    one a class. A wrong prediction is coloured and says what it should have been.

    Raises ShapeError, DataError or ArgumentError if images, labels, probabilities and names do not fit together.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> figure = tg.viz.new_figure(4, 2)
    >>> tg.viz.samples(figure, np.eye(8).reshape(2, 4, 8), [0, 1], [[0.9, 0.1], [0.6, 0.4]], ["cat", "dog"])
    >>> [axes.get_title() for axes in figure.axes if axes.get_title()]
    ['cat (90%)', 'cat (60%)\\nis dog']
    """
    check_count("samples", "columns", columns)
    images = _images("samples", "images", images)
    chances = distributions("samples", "probabilities", probabilities, f"({len(images)}, classes)")
    names = class_names("samples", names, chances.shape[1])
    guesses = chances.argmax(axis=1)
    right = guesses if labels is None else which_class("samples", labels, *chances.shape)
    cells = _cells(grid, -(-len(images) // columns), columns)
    for k, image in enumerate(images):
        axes, guess = next(cells), guesses[k]
        wrong = guess != right[k]
        title = f"{names[guess]} ({chances[k, guess]:.0%})" + (f"\nis {names[right[k]]}" if wrong else "")
        axes.imshow(image, cmap="gray_r", interpolation="nearest")
        axes.set_title(title, fontsize=8, color=COLOURS[1] if wrong else "black")


def pairs(
    grid: Any,
    inputs: Any,
    outputs: Any,
    names: tuple[str, str] = ("input", "output"),
    titles: Sequence[str] | None = None,
    columns: int = 8,
) -> None:
    """Draw each of `outputs` under the one of `inputs` that it was made of, on a matplotlib figure or subfigure.

    Both have one shape. `names` stand left of the rows, `titles` over the pairs, one each. All are drawn on one scale:
    white is the smallest number of the inputs, black the largest.

    Raises ShapeError if the shapes differ, DataError for NaN or no images, ArgumentError for `columns` below 1.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> images = np.eye(16).reshape(16, 4, 4)
    >>> figure = tg.viz.new_figure(8, 4)
    >>> tg.viz.pairs(figure, images, 0.9 * images, titles=[str(k) for k in range(16)])
    >>> len(figure.axes)
    32
    """
    inputs, outputs = _images("pairs", "inputs", inputs), _images("pairs", "outputs", outputs)
    if inputs.shape != outputs.shape:
        raise ShapeError(
            f"pairs: inputs have shape {inputs.shape} and outputs {outputs.shape}, expected one shape; reshape one"
        )
    if titles is not None and len(titles) != len(inputs):
        raise ShapeError(f"pairs: got {len(titles)} titles for {len(inputs)} pairs, expected one each; give them all")
    check_count("pairs", "columns", columns)
    columns = min(columns, len(inputs))
    scale = {"cmap": "gray_r", "vmin": inputs.min(), "vmax": inputs.max(), "interpolation": "nearest"}
    rows = -(-len(inputs) // columns)
    for row, block in enumerate(grid.subfigures(rows, 1, squeeze=False)[:, 0]):
        drawn = slice(row * columns, (row + 1) * columns)
        above_and_below = block.subplots(2, columns, squeeze=False)
        parts = (inputs[drawn], outputs[drawn])
        for line, images, name, anchor in zip(above_and_below, parts, names, "SN", strict=True):
            line[0].set_ylabel(name)
            for axes, image in zip(line, images, strict=False):
                axes.imshow(image, **scale)
                axes.set(xticks=[], yticks=[], anchor=anchor)  # close to each other
            for axes in line[len(images) :]:
                axes.axis("off")
        for axes, title in zip(above_and_below[0], titles[drawn] if titles is not None else (), strict=False):
            axes.set_title(title, fontsize=8)


def _images(operation: str, name: str, images: Any) -> NDArray[Any]:
    array = numbers(operation, name, images, *SHAPES)
    return array[..., 0] if array.ndim == 4 and array.shape[-1] == 1 else array


def _cells(grid: Any, rows: int, columns: int) -> Any:
    cells = grid.subplots(rows, columns, squeeze=False)
    for axes in cells.flat:
        axes.axis("off")
    return cells.flat
