"""Curves of numbers against epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ArgumentError, DataError, ShapeError
from .figure import COLOURS, legend

Numbers = Sequence[float] | NDArray[Any]
STYLES = ("-", "--", ":", "-.")


def curves(
    axes: Any,
    runs: Mapping[str, Numbers | Mapping[str, Numbers]],
    ylabel: str,
    xlabel: str = "epoch",
    log: bool = False,
    x: Numbers | None = None,
) -> list[Any]:
    """Draw lines on matplotlib `axes`, one a run, and return them.

    `runs` maps a name to its numbers, the first of which is epoch 1; or to a mapping of such numbers, which then share
    a colour and differ in style: `{"relu": {"training": [...], "validation": [...]}}`. `x` are the values of the x
    axis where these are not 1, 2, 3 ..., such as the epochs that were logged; a shorter run takes the first of them.
    With `log` the y axis is logarithmic, if there is a positive number. A NaN leaves a gap, as does what a logarithmic
    axis has no place for; a number alone between gaps is a dot.

    Raises ArgumentError if `runs` is no mapping, DataError if it is empty; ShapeError if numbers are not one row, or
    are more than `x` has.

    >>> import tinygrad_scratch as tg
    >>> figure = tg.viz.new_figure(5, 3)
    >>> lines = tg.viz.curves(figure.subplots(), {"training": [0.9, 0.5], "validation": [0.8, 0.6]}, "loss", x=[0, 100])
    >>> lines[0].get_xydata().tolist()
    [[0.0, 0.9], [100.0, 0.5]]
    """
    if not isinstance(runs, Mapping):
        raise ArgumentError(
            f"curves: runs is of type {type(runs).__name__}, expected a mapping of names to numbers; "
            'give {"training": numbers}'
        )
    if not runs:
        raise DataError("curves: there are no runs, expected a mapping of names to numbers; give at least one")
    looks = product(STYLES, COLOURS)
    lines = []
    for name, numbers in runs.items():
        style, colour = next(looks, ("-", "black"))
        if isinstance(numbers, Mapping):
            for (part, values), own in zip(numbers.items(), STYLES * len(numbers), strict=False):
                lines.append(_line(axes, f"{name}, {part}", values, x, colour, own))
        else:
            lines.append(_line(axes, name, numbers, x, colour, style))
    log = log and any((line.get_ydata() > 0).any() for line in lines)
    for line in lines:
        _dots(line, log)
    axes.set(xlabel=xlabel, ylabel=ylabel, yscale="linear")
    if log:
        axes.set_yscale("log", nonpositive="mask")
    low, high = axes.get_xlim()
    if high - low < 1 and all(len(line.get_xdata()) == 1 for line in lines):  # the first frame of a film
        axes.set_xlim(low - 1, high + 1, auto=True)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if log:
        _readable_ticks(axes)
    axes.grid(alpha=0.3)
    legend(axes)
    return lines


def _line(axes: Any, name: str, numbers: Numbers, x: Numbers | None, colour: str, style: str) -> Any:
    y = np.asarray(numbers, float)
    places = np.arange(1, y.size + 1) if x is None else np.asarray(x, float)
    if y.ndim != 1 or places.ndim != 1 or len(y) > len(places):
        raise ShapeError(
            f"curves: run {name!r} has numbers of shape {y.shape} and x of shape {places.shape}, expected one row "
            "each, and as many x as there are numbers; give each number its x"
        )
    shown = f" {name}" if str(name).startswith("_") else name  # matplotlib hides labels that begin with _
    (line,) = axes.plot(places[: len(y)], y, color=colour, linestyle=style, label=shown)
    return line


def _dots(line: Any, log: bool) -> None:
    """Mark the points that have no neighbour, since a line of one point is not seen."""
    y = line.get_ydata()
    drawn = np.pad(np.isfinite(y) & ((y > 0) | (not log)), 1)
    alone = np.flatnonzero(drawn[1:-1] & ~drawn[:-2] & ~drawn[2:])
    if alone.size:
        line.set(marker="o", markevery=alone.tolist())


def _readable_ticks(axes: Any) -> None:
    """Powers of ten; where these are few, 2 and 5 times them too, or any round numbers: 0.2 rather than 2 x 10^-1."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    low, high = axes.get_ylim()
    powers = LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,))
    enough = sum(low <= tick <= high for tick in powers.tick_values(low, high)) > 1
    axes.yaxis.set_major_locator(powers if enough else MaxNLocator(5))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
