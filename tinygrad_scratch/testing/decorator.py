"""`@gradcheck(...)`: a function and strategies of its arguments become a property test.

The plugin (`plugin`) lists in the summary of pytest what was checked, in how many cases, and how many digits agreed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..core.errors import MissingExtraError
from .check import check_grads


@dataclass
class Tally:
    """What a decorated test has checked."""

    cases: int = 0
    comparisons: int = 0
    digits: float = math.inf


def gradcheck(*strategies: Any, order: int = 2, modes: tuple[str, ...] = ("rev", "fwd")) -> Callable[..., Any]:
    """Decorator: check_grads of the function on arguments that the strategies draw, as a test for pytest.

    Needs hypothesis, whose `settings` may stand above or below.

    >>> import numpy as np
    >>> from tinygrad_scratch.testing import gradcheck, strategies
    >>> @gradcheck(strategies.arrays(), strategies.arrays((2,)), order=1)
    ... def test_mine(x, y):
    ...     return np.sum(np.tanh(x)) * y
    >>> test_mine()
    >>> test_mine.gradcheck.cases > 10
    True
    """
    try:
        from hypothesis import given, settings
        from hypothesis import strategies as st
    except ImportError as error:
        raise MissingExtraError("gradcheck: hypothesis is not installed; python -m pip install hypothesis") from error

    def decorate(f: Callable[..., Any]) -> Any:
        tally = Tally()

        def test(args: Any) -> None:
            report = check_grads(f, args, order=order, modes=modes)
            tally.cases += 1
            tally.comparisons += report.comparisons
            tally.digits = min(tally.digits, report.digits)

        test.__name__, test.__qualname__, test.__doc__ = f.__name__, f.__qualname__, f.__doc__
        test.__module__ = f.__module__
        whole = settings(deadline=None)(given(st.tuples(*strategies))(test))
        whole.gradcheck = tally  # type: ignore[attr-defined]
        return whole

    return decorate
