"""How sure a classifier is of one prediction, and what it takes for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import DataError, ShapeError
from .checks import class_names, distributions, numbers
from .figure import COLOURS


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

    matrix (classes, classes) counts examples. A cell shows its count; its colour is the share of its row, so that
    classes of different size compare.

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
    size = float(np.clip(60 / len(counts), 4, 10))
    for (row, column), share in np.ndenumerate(shares):
        if counts[row, column]:
            ink = "white" if share > 0.5 else "black"
            axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", color=ink, fontsize=size)
    called = class_names("confusion", names, len(counts))
    places = range(len(counts))
    axes.set_xticks(places, called, rotation=45, ha="right", rotation_mode="anchor", fontsize="small")
    axes.set_yticks(places, called, fontsize="small")
    axes.set(xlabel="predicted", ylabel="true")
    bar = axes.figure.colorbar(image, ax=axes, format=lambda share, _: f"{share:.0%}")
    bar.set_label("share of the true class")
    return image
