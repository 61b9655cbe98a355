"""What the numbers given to optimizers must be. A traced one is taken as it is: its value is not known yet."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from ..core.errors import ArgumentError
from ..core.trace import Traced


def not_negative(what: str, **numbers: Any) -> None:
    """Each a finite number of at least 0."""
    require(what, numbers, lambda x: 0 <= x < math.inf, "a finite number of at least 0")


def positive(what: str, **numbers: Any) -> None:
    """Each a finite number above 0."""
    require(what, numbers, lambda x: 0 < x < math.inf, "a finite number above 0")


def fraction(what: str, **numbers: Any) -> None:
    """Each at least 0 and below 1, as the decay of a running mean."""
    require(what, numbers, lambda x: 0 <= x < 1, "a number of at least 0 and below 1")


def count(what: str, **numbers: Any) -> None:
    """Each an integer of at least 1."""
    require(what, numbers, lambda x: operator.index(x) >= 1, "an integer of at least 1")


def require(what: str, numbers: dict[str, Any], fits: Callable[[Any], Any], expected: str) -> None:
    """ArgumentError for the first number that does not fit."""
    for name, x in numbers.items():
        if not isinstance(x, Traced) and not _holds(fits, x):
            raise ArgumentError(f"{what}: {name}={x!r}, expected {expected}")


def _holds(fits: Callable[[Any], Any], x: Any) -> bool:
    try:
        return bool(fits(x))
    except (TypeError, ValueError):  # no number, or several
        return False
