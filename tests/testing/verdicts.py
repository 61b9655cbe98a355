"""The verdicts that tests expect, and functions that they share."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing.programs import Program, program

X5 = np.linspace(0.1, 0.9, 5) * np.pi / 3
Wrong = tg.errors.GradientError
Undecided = tg.errors.UndecidedError


def fails(words: str) -> Any:
    return pytest.raises(Wrong, match=words)


def undecided(words: str) -> Any:
    return pytest.raises(Undecided, match=words)


def squares(x: Any) -> Any:
    return np.sum(x * x)


def drawn(seed: int, k: int) -> Program:
    """Program k of `python -m tests.campaign --seed`."""
    rng = np.random.default_rng((seed, k))
    return program(lambda n: int(rng.integers(n)), 3 + k % 28)
