"""Random programs by number, to be compiled."""

from typing import Any

import numpy as np

from tinygrad_scratch.testing import programs

ONE, TWO = list(programs.ONE.values()), list(programs.TWO.values())


def program(seed: int) -> tuple[Any, list[Any]]:
    """A function of a few arrays and numbers, and arguments for it."""
    rng = np.random.default_rng(seed)
    made = programs.program(lambda n: int(rng.integers(n)), 3 + seed % 28, smooth=False)
    return made, made.args
