"""Pictures with what a classifier says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .figure import COLOURS


def samples(grid: Any, images: Any, labels: Any, probabilities: Any, names: Sequence[str], columns: int = 6) -> None:
    """Draw images (n, h, w) on a matplotlib figure or subfigure, each under its prediction and the confidence in it.

    labels (n,), probabilities (n, classes). A wrong prediction is coloured and says what it should have been.
    """
    rows = -(-len(images) // columns)
    for k, axes in enumerate(grid.subplots(rows, columns, squeeze=False).flat):
        axes.axis("off")
        if k >= len(images):
            continue
        guess = int(np.argmax(probabilities[k]))
        right = guess == int(labels[k])
        title = f"{names[guess]} ({probabilities[k][guess]:.0%})" + ("" if right else f"\nis {names[int(labels[k])]}")
        axes.imshow(images[k], cmap="gray_r", interpolation="nearest")
        axes.set_title(title, fontsize=8, color="black" if right else COLOURS[1])
