"""What all pictures share: matplotlib, without a window, colours that hold for colour-blind readers, and the legend."""

from __future__ import annotations

import math
from textwrap import fill
from typing import Any

from ..core.errors import ArgumentError, MissingExtraError

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito, 2008

MORE = ("#F0E442", "#333333", "#5533CC", "#AA1144", "#8B5A2B", "#9BE564")  # tell twelve apart, not to all readers
LETTER = (4.8, 12.5)  # points that a small letter takes, and a line of a legend


def new_figure(width: float, height: float, dpi: float = 110) -> Any:
    """A figure of that size in inches, drawn off screen. Raises MissingExtraError without matplotlib, ArgumentError for
    a size or `dpi` that is not above 0.
    """
    for name, value in (("width", width), ("height", height), ("dpi", dpi)):
        if not 0 < value < math.inf:
            raise ArgumentError(f"new_figure: {name}={value!r}, expected a number above 0; try new_figure(6, 4)")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("viz needs matplotlib: pip install tinygrad_scratch[viz]") from error
    return Figure(figsize=(width, height), dpi=dpi, layout="constrained")


def class_colours(classes: int) -> list[Any]:
    """One colour a class: those of Okabe and Ito, then six more, and for more classes than these are, a rainbow."""
    several = (*COLOURS, *MORE)
    if classes <= len(several):
        return list(several[:classes])
    from matplotlib import colormaps

    return [colormaps["turbo"](k / (classes - 1))[:3] for k in range(classes)]


def room(axes: Any, width: float = 1.0) -> int:
    """How many small letters fit, about, into this share of the width of the axes."""
    return max(1, int(width * axes.get_window_extent().width * 72 / axes.figure.dpi / LETTER[0]))


def wrapped(axes: Any, text: str, width: float = 1.0) -> str:
    """The text with its lines broken between words, so that it fits into this share of the width of the axes."""
    return "\n".join(fill(line, room(axes, width), break_long_words=False) for line in text.splitlines())


def cut(text: str, letters: int) -> str:
    """The text, or as many letters of it, the last of which is an ellipsis."""
    return text if len(text) <= letters else text[: letters - 1] + "\u2026"


def legend(axes: Any, handles: Any = None) -> Any:
    """The legend, right of the axes, where it covers neither data nor title: of all with a label, or of `handles`. It
    has as many columns as it takes to be no higher than the axes.
    """
    chosen = axes.get_legend_handles_labels()[0] if handles is None else handles
    lines = max(1, int(axes.get_window_extent().height * 72 / axes.figure.dpi / LETTER[1]))
    return axes.legend(
        handles=chosen, loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small", handlelength=1.5,
        columnspacing=1.0, ncols=max(1, -(-len(chosen) // lines)),
    )  # fmt: skip
