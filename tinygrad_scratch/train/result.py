"""What training comes to, in the end and after each epoch."""

from __future__ import annotations

from typing import Any, NamedTuple

History = dict[str, list[float]]


class Result(NamedTuple):
    """What training came to.

    state        after the last epoch
    history      one number an epoch of each kind: "loss" and what else the step logs, "val_loss" ... of the validation
    best         the state after the epoch in which the monitored number was best; None without `monitor`
    best_epoch   which that was, counted from 1
    stopped      why training ended before its last epoch, or ""
    """

    state: Any
    history: History
    best: Any = None
    best_epoch: int = 0
    stopped: str = ""

    @property
    def epochs(self) -> int:
        """How many there were."""
        return max(map(len, self.history.values()), default=0)


class Epoch(NamedTuple):
    """What a callback is given after each epoch, counted from 1."""

    number: int
    state: Any
    logs: dict[str, float]
    history: History
