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
    if log:  # 0.3 rather than 3 x 10^-1
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    axes.grid(alpha=0.3)
    axes.legend()
