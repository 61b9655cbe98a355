"""`@gradcheck(...)`: a function and strategies of its arguments become a property test.

The plugin (`plugin`) lists in the summary of pytest what was checked, in how many cases, and how many digits agreed.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..core.errors import MissingExtraError
from .check import check_grads
from .report import Report


@dataclass
class Tally:
    """What a decorated test has checked since it was last begun."""

    cases: int = 0
    comparisons: int = 0
    digits: float = math.inf

    def begin(self) -> None:
        """Count from nothing: the plugin does, before each test that is made of one function by `parametrize`."""
        self.cases, self.comparisons, self.digits = 0, 0, math.inf

    def add(self, report: Report) -> None:
        """Count a case."""
        self.cases += 1
        self.comparisons += report.comparisons
        self.digits = min(self.digits, report.digits)


def gradcheck(*strategies: Any, order: int = 2, modes: tuple[str, ...] = ("rev", "fwd")) -> Callable[..., Any]:
    """Decorator: check_grads of the function on arguments that the strategies draw, as a test for pytest.

    The strategies are for the last parameters of the function; those before are pytest's (self, fixtures, parameters).
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
        others = _others(f, len(strategies))

        def test(*fixed: Any, args: Any, **named: Any) -> None:
            before = [*fixed, *[named[p.name] for p in others[len(fixed) :]]]
            tally.add(check_grads(lambda *xs: f(*before, *xs), args, order=order, modes=modes))

        test.__name__, test.__qualname__, test.__doc__ = f.__name__, f.__qualname__, f.__doc__
        test.__module__ = f.__module__
        last = inspect.Parameter("args", inspect.Parameter.KEYWORD_ONLY)
        test.__signature__ = inspect.Signature([*others, last])  # type: ignore[attr-defined]
        whole = given(args=st.tuples(*strategies))(test)
        # as `settings` does, but so that one above may still replace it
        whole._hypothesis_internal_use_settings = getattr(  # type: ignore[attr-defined]
            f, "_hypothesis_internal_use_settings", settings(deadline=None)
        )
        whole.gradcheck = tally  # type: ignore[attr-defined]
        return whole

    return decorate


def _others(f: Callable[..., Any], drawn: int) -> list[inspect.Parameter]:
    """The parameters of f before those that are drawn: self, fixtures, what `parametrize` gives."""
    found = list(inspect.signature(f).parameters.values())
    plain = [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [] if len(plain) < len(found) else plain[: len(plain) - drawn]
