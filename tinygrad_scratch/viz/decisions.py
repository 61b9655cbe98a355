"""What a classifier says of every point of the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.batches import check_count
from .checks import class_names, distributions, numbers, which_class
from .figure import COLOURS, class_colours, legend
from .fits import plane

MARKS = "os^Dv"
STRENGTH = 0.55  # of the colours behind the points, which are drawn in full


def decision_map(
    axes: Any,
    predict: Callable[[Any], Any],
    x: Any,
    y: Any,
    names: Sequence[str] | None = None,
    resolution: int = 150,
    margin: float = 0.05,
) -> Any:
    """Colour the plane by class, the colours mixed by probability, with the points on top; return the image.

    x (n, 2) are the points, y (n,) their classes as integers, or one-hot. `predict` takes points (m, 2), of the dtype
    of x, and returns the probabilities (m, classes), or those of class 1, (m,) or (m, 1), where there are two. The map
    is a grid of `resolution` points a side over the rectangle of the points, widened by the share `margin`. More than
    six classes differ in their marks as well as in their colours.

    Raises ShapeError if shapes do not fit, DataError for NaN, no data, or what are no probabilities (logits, say),
    ArgumentError for labels out of range, names that are not one a class, or a `resolution` below 2.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((100, 2))
    >>> def predict(x):  # the probability of class 1
    ...     return 1 / (1 + np.exp(-4 * x[:, 0]))
    >>> image = tg.viz.decision_map(tg.viz.new_figure(5, 4).subplots(), predict, x, x[:, 0] > 0)
    >>> image.get_array().shape  # the colours, as red, green, blue
    (150, 150, 3)
    """
    check_count("decision_map", "resolution", resolution, least=2)
    x = numbers("decision_map", "x", x, "(n, 2)")
    first, second, points = plane(x, resolution, margin)
    chances = _chances(predict(points), len(points))
    classes = chances.shape[1]
    which = which_class("decision_map", y, len(x), classes)
    colours = class_colours(classes)
    image = axes.imshow(
        mixed(chances, colours).reshape(resolution, resolution, 3),
        extent=[*_edges(first[0]), *_edges(second[:, 0])],
        origin="lower", aspect="auto", interpolation="bilinear",
    )  # fmt: skip
    size = float(np.clip(9000 / len(x), 8, 36))
    for k, name in enumerate(class_names("decision_map", names, classes)):
        mine = x[which == k]
        mark = MARKS[k % len(MARKS)] if classes > len(COLOURS) else MARKS[0]
        axes.scatter(*mine.T, s=size, color=colours[k], marker=mark, edgecolors="white", linewidths=0.4, label=name)
    axes.set(xlabel="x1", ylabel="x2")
    axes.locator_params(nbins=5)
    for mark in legend(axes).legend_handles:
        mark.set_sizes([36])
    return image


def _edges(centres: NDArray[Any]) -> tuple[float, float]:
    """Where the pixels with these centres begin and end."""
    half = float(centres[1] - centres[0]) / 2
    return float(centres[0]) - half, float(centres[-1]) + half


def mixed(chances: NDArray[Any], colours: Sequence[Any]) -> NDArray[Any]:
    """The colours (n, 3) that these probabilities (n, classes) mix, lightened with white."""
    from matplotlib.colors import to_rgb

    mix = chances @ np.array([to_rgb(colour) for colour in colours])
    return np.asarray(np.clip(1 - STRENGTH * (1 - mix), 0, 1))


def _chances(output: Any, count: int) -> NDArray[Any]:
    shape = np.shape(output)
    if shape not in ((count,), (count, 1)):
        return distributions("decision_map", "the output of predict", output, f"({count}, classes)", f"({count},)")
    one = np.reshape(output, count)
    return distributions("decision_map", "the output of predict", np.stack([1 - one, one], axis=1), "(n, 2)")
