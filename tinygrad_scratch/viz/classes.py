"""How sure a classifier is of one prediction, and what it takes for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, ShapeError
from .checks import class_names, distributions, numbers
from .figure import COLOURS, cut, room

MATRIX = 0.75  # of the axes is left to the matrix beside its names and the bar of the colours, about
DIGIT = 0.65  # the width of a digit, in relation to its size
SIZES = (4.0, 10.0)  # points of the smallest numbers in a matrix, below which there are none, and of the largest


def confidences(axes: Any, probabilities: Any, names: Sequence[str] | None = None) -> Any:
    """Draw one bar a class, as long as its probability, the longest in a colour of its own; return the bars.

    probabilities (classes,) of one example, or (1, classes).

    Raises ShapeError, DataError or ArgumentError for what is not one distribution, or names that are not one a class.

    >>> import tinygrad_scratch as tg
    >>> bars = tg.viz.confidences(tg.viz.new_figure(4, 2).subplots(), [0.1, 0.7, 0.2], ["cat", "dog", "cow"])
    >>> [float(bar.get_width()) for bar in bars]
    [0.1, 0.7, 0.2]
    """
    chances = distributions("confidences", "probabilities", probabilities, "(classes,)", "(1, classes)").ravel()
    best = chances.argmax()
    bars = axes.barh(
        class_names("confidences", names, len(chances)), chances,
        color=[COLOURS[0] if k == best else "#bbbbbb" for k in range(len(chances))],
    )  # fmt: skip
    axes.bar_label(bars, [f"{p:.1%}" for p in chances], padding=3, fontsize="small")
    axes.set(xlabel="confidence", xlim=(0, 1.15), xticks=[0, 0.5, 1])  # room for a label behind a full bar
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    return bars


def confusion(axes: Any, matrix: Any, names: Sequence[str] | None = None) -> Any:
    """Draw a confusion matrix, rows the true classes and columns the predicted; return the image.

    matrix (classes, classes) counts examples. A cell shows its count, unless there are so many classes that nobody
    could read it; its colour is the share of its row, so that classes of different size compare. Long names are cut,
    and of many only some stand at the axes, so that the matrix keeps its room.

    Raises ShapeError if the matrix is not square, DataError for NaN, negative numbers or no classes.

    >>> import tinygrad_scratch as tg
    >>> image = tg.viz.confusion(tg.viz.new_figure(4, 3).subplots(), [[8, 2], [1, 9]], ["cat", "dog"])
    >>> image.get_array().tolist()
    [[0.8, 0.2], [0.1, 0.9]]
    """
    counts = numbers("confusion", "matrix", matrix, "(classes, classes)")
    if counts.shape[0] != counts.shape[1]:
        raise ShapeError(
            f"confusion: matrix has shape {counts.shape}, expected (classes, classes); one row and one column a class"
        )
    if counts.min() < 0:
        raise DataError(f"confusion: matrix has the number {counts.min()}, expected counts of at least 0; give counts")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _write(axes, counts, shares)
    letters = max(6, room(axes, 1 / 3))
    called = [cut(name, letters) for name in class_names("confusion", names, len(counts))]
    some = slice(None, None, -(-len(counts) // max(1, room(axes) // 3)))
    places = np.arange(len(counts))[some]
    axes.set_xticks(places, called[some], rotation=45, ha="right", rotation_mode="anchor", fontsize="small")
    axes.set_yticks(places, called[some], fontsize="small")
    axes.set(xlabel="predicted", ylabel="true")
    bar = axes.figure.colorbar(image, ax=axes, format=lambda share, _: f"{share:.0%}")
    bar.set_label("share of the true class")
    return image


def _write(axes: Any, counts: NDArray[Any], shares: NDArray[Any]) -> None:
    """The numbers, so small that the longest fits into its cell, if one can read that."""
    texts = {place: f"{count:,}" for place, count in np.ndenumerate(counts) if count}
    longest = max(map(len, texts.values()), default=1)
    points = min(axes.get_window_extent().size) * 72 / axes.figure.dpi
    size = MATRIX * points / len(counts) / max(longest, 2) / DIGIT
    if size < SIZES[0]:
        return
    for (row, column), text in texts.items():
        ink = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=min(size, SIZES[1]))
