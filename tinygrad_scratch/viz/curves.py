"""Curves of numbers against epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .figure import COLOURS


def curves(
    axes: Any, runs: Mapping[str, Sequence[float]], ylabel: str, xlabel: str = "epoch", log: bool = False
) -> None:
    """Draw one line a run on matplotlib `axes`: `runs` maps a name to its numbers, the first of which is epoch 1."""
    for (name, numbers), colour in zip(runs.items(), COLOURS * len(runs), strict=False):
        axes.plot(range(1, len(numbers) + 1), numbers, color=colour, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    axes.xaxis.get_major_locator().set_params(integer=True)
    if log:
        _readable_ticks(axes)
    axes.grid(alpha=0.3)
    axes.legend()


def _readable_ticks(axes: Any) -> None:
    """Powers of ten and, where these are few, 2 and 5 times them, as 0.2 rather than 2 x 10^-1."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
