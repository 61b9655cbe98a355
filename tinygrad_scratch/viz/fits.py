"""A regression over its data: a curve for one input, a surface for two.

`predict` takes an array of inputs, one a row, and returns one number a row, (n,) or (n, 1). It gets inputs of the dtype
and the number of axes that `x` has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ArgumentError, ShapeError
from ..data.batches import check_count
from .checks import numbers
from .figure import COLOURS, legend

SURFACE = "#21918c"  # the middle of viridis
Predict = Callable[[Any], Any]


def fit_1d(
    axes: Any, predict: Predict, x: Any, y: Any, xlabel: str = "x", ylabel: str = "y", resolution: int = 400
) -> Any:
    """Draw the points (x, y), x and y (n,) or (n, 1), and the curve of `predict` over their range; return the curve.

    Raises ShapeError if shapes do not fit, DataError for NaN or no data at all, in x, y or what `predict` returns,
    ArgumentError for a `resolution` below 2.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> x = np.linspace(0, 6, 50)
    >>> curve = tg.viz.fit_1d(tg.viz.new_figure(5, 3).subplots(), np.sin, x, np.sin(x) + 0.1 * np.cos(40 * x))
    >>> curve.get_xydata().shape
    (400, 2)
    """
    check_count("fit_1d", "resolution", resolution, least=2)
    x, y = _inputs_and_targets("fit_1d", x, y, "(n,)", "(n, 1)")
    line = np.linspace(x.min(), x.max(), resolution, dtype=np.result_type(x, np.float32))
    fit = _outputs("fit_1d", predict, line.reshape(-1, *x.shape[1:]))
    axes.plot(x.ravel(), y, ".", color=COLOURS[0], alpha=0.5, label="data")
    (curve,) = axes.plot(line, fit, color=COLOURS[1], linewidth=2, label="prediction")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.grid(alpha=0.3)
    legend(axes)
    return curve


def surface(
    axes: Any,
    predict: Predict,
    x: Any,
    y: Any,
    xlabel: str = "x1",
    ylabel: str = "x2",
    zlabel: str = "y",
    resolution: int = 40,
) -> Any:
    """Draw the points (x, y), x (n, 2) and y (n,) or (n, 1), and the surface of `predict`; return the surface.

    `axes` is one of matplotlib's 3-D axes. The surface stands over the rectangle that the points fill, `resolution`
    points along each side; the vertical axis and the colours go by the data, so that frames of a film compare.

    Raises ArgumentError if `axes` is flat, or for a `resolution` below 2; ShapeError if shapes do not fit, DataError
    for NaN or no data.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> x = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    >>> axes = tg.viz.new_figure(5, 4).add_subplot(projection="3d")
    >>> drawn = tg.viz.surface(axes, lambda x: x[:, 0] * x[:, 1], x, x[:, 0] * x[:, 1])
    """
    from matplotlib.patches import Patch

    if not hasattr(axes, "plot_surface"):
        raise ArgumentError("surface: axes are flat, expected 3-D ones; figure.add_subplot(projection='3d') makes them")
    check_count("surface", "resolution", resolution, least=2)
    x, y = _inputs_and_targets("surface", x, y, "(n, 2)")
    first, second, points = plane(x, resolution)
    height = _outputs("surface", predict, points).reshape(first.shape)
    drawn = axes.plot_surface(
        first, second, height, rcount=resolution, ccount=resolution,
        cmap="viridis", vmin=y.min(), vmax=y.max(), alpha=0.75,
    )  # fmt: skip
    marks = axes.scatter(x[:, 0], x[:, 1], y, color=COLOURS[1], s=10, alpha=0.8, label="data")
    axes.set(xlabel=xlabel, ylabel=ylabel, zlabel=zlabel, zlim=_widened(y, 0.1))
    axes.locator_params(nbins=5)
    axes.legend(handles=[Patch(color=SURFACE, label="prediction"), marks], loc="upper left", fontsize="small")
    return drawn


def plane(x: NDArray[Any], resolution: int, margin: float = 0.0) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """A grid over the rectangle of the points x (n, 2), widened by this share of its sides: both coordinates, and the
    points themselves as rows of the dtype of `x`.
    """
    dtype = np.result_type(x, np.float32)
    sides = [np.linspace(*_widened(column, margin), resolution, dtype=dtype) for column in x.T]
    first, second = np.meshgrid(*sides)
    return first, second, np.stack([first.ravel(), second.ravel()], axis=1)


def _widened(values: NDArray[Any], margin: float) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    more = margin * (high - low) or (0.5 if low == high else 0.0)
    return low - more, high + more


def _inputs_and_targets(operation: str, x: Any, y: Any, *shapes: str) -> tuple[NDArray[Any], NDArray[Any]]:
    x = numbers(operation, "x", x, *shapes)
    y = numbers(operation, "y", y, "(n,)", "(n, 1)").ravel()
    if len(x) != len(y):
        raise ShapeError(f"{operation}: x has {len(x)} rows and y {len(y)}, expected as many; give each x its y")
    return x, y


def _outputs(operation: str, predict: Predict, x: NDArray[Any]) -> NDArray[Any]:
    out = numbers(operation, "the output of predict", predict(x), f"({len(x)},)", f"({len(x)}, 1)")
    return out.ravel()
