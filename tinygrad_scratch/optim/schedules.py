"""Learning rates as functions of the step, which counts from 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.errors import ArgumentError

Schedule = Callable[[Any], Any]


def inverse_time_decay(init_value: float, decay: float) -> Schedule:
    """init_value / (1 + decay * step).

    >>> inverse_time_decay(0.1, 0.5)(2)
    0.05
    """
    if decay < 0:
        raise ArgumentError(f"inverse_time_decay: decay must not be negative, got {decay}")
    return lambda step: init_value / (1 + decay * step)
