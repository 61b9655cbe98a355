"""The progress bar of training: tqdm's, over all steps, with the numbers of the last epoch."""

from __future__ import annotations

import math
from importlib.util import find_spec
from types import TracebackType
from typing import Any

from ..core.errors import MissingExtraError

UNKNOWN = "{desc}: {n_fmt} steps [{elapsed}]"  # how many there will be
SHORT = "{desc}: {percentage:3.0f}%|{bar}|"
LONG = SHORT + " {n_fmt}/{total_fmt} [{elapsed}<{remaining}]"
WIDE = 80  # columns from which the long form is shown
LEAST = 12  # columns that the short form takes beside its description, with a bar of 4
TIMES = 26  # columns that the long form takes more, usually


class Bar:
    """Shown if `wanted`; None stands for: if tqdm is there and the output is a terminal."""

    def __init__(self, wanted: bool | None, epochs: int, steps: int | None) -> None:
        self.epochs = epochs
        self.before = 0  # steps up to this epoch
        self.bar: Any = None
        if wanted is False or (wanted is None and find_spec("tqdm") is None):
            return
        try:
            from tqdm import tqdm
        except ImportError as error:
            raise MissingExtraError("fit: progress=True needs tqdm: pip install tqdm") from error
        self.bar = tqdm(
            total=None if steps is None else steps * epochs, desc=f"epoch 1/{epochs}",
            bar_format=UNKNOWN if steps is None else LONG, disable=None if wanted is None else False,
        )  # fmt: skip

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, where: TracebackType | None) -> None:
        if self.bar is not None:
            self.bar.close()

    def step(self) -> None:
        """One step was made."""
        if self.bar is not None:
            self.bar.update()

    def shows(self, number: int, logs: dict[str, float]) -> None:
        """An epoch has ended."""
        if self.bar is not None and not self.bar.disable:
            steps, self.before = self.bar.n - self.before, self.bar.n
            self.bar.total = self.bar.n + steps * (self.epochs - number)
            width = self.bar.format_dict["ncols"] or math.inf  # a file has no width
            self.bar.bar_format, taken = (SHORT, LEAST) if width < WIDE else (LONG, LEAST + TIMES)
            self.bar.set_description_str(self._text(number, logs, width - taken), refresh=False)

    def _text(self, number: int, logs: dict[str, float], width: float) -> str:
        """The epoch that comes, and as many numbers as fit into the width, the losses before others."""
        text = f"epoch {min(number + 1, self.epochs)}/{self.epochs}"
        for name in sorted(logs, key=lambda name: name.removeprefix("val_") != "loss"):
            longer = f"{text} {name}={logs[name]:.4g}"
            if len(longer) > width:
                break
            text = longer
        return text
