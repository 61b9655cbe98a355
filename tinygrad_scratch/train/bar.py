"""The progress bar of training: tqdm's, over all steps, with the numbers of the last epoch."""

from __future__ import annotations

from importlib.util import find_spec
from types import TracebackType
from typing import Any

from ..core.errors import MissingExtraError


class Bar:
    """Shown if `wanted`; None stands for: if tqdm is there and the output is a terminal."""

    def __init__(self, wanted: bool | None, epochs: int, steps: int | None) -> None:
        self.epochs = epochs
        self.bar: Any = None
        if wanted is False or (wanted is None and find_spec("tqdm") is None):
            return
        try:
            from tqdm import tqdm
        except ImportError as error:
            raise MissingExtraError("fit: progress=True needs tqdm: pip install tqdm") from error
        total = None if steps is None else steps * epochs
        self.bar = tqdm(total=total, unit="step", desc=f"epoch 1/{epochs}", disable=None if wanted is None else False)

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
            self.bar.set_description(f"epoch {min(number + 1, self.epochs)}/{self.epochs}", refresh=False)
            self.bar.set_postfix({name: f"{value:.4g}" for name, value in logs.items()}, refresh=False)
