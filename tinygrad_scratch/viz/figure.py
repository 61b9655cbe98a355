"""What all pictures share: matplotlib, without a window, and colours that hold for colour-blind readers."""

from __future__ import annotations

from typing import Any

from ..core.errors import MissingExtraError

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito, 2008


def new_figure(width: float, height: float) -> Any:
    """A figure of that size in inches, drawn off screen; raises MissingExtraError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("viz needs matplotlib: pip install tinygrad_scratch[viz]") from error
    return Figure(figsize=(width, height), dpi=110, layout="constrained")
