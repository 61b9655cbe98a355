"""Penalties on the size of weights: one number for a tree, to be added to the mean of a loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import tree


def l1(params: Any, pattern: str = "**") -> Any:
    """The sum of |w| over all weights whose path fits the pattern (see `tree.match`); the derivative at 0 is 0.

    Raises ArgumentError, with the paths, if none fits. Source: Tibshirani, JRSS B 58 (1996).

    >>> import numpy as np
    >>> params = [{"w": np.array([3.0, -4.0]), "b": np.array([9.0])}]
    >>> float(l1(params, "**/w")), float(l1(params))
    (7.0, 16.0)
    """
    return sum(np.sum(np.abs(w)) for w in _matching(params, pattern))


def l2(params: Any, pattern: str = "**") -> Any:
    """The sum of w**2 over all weights whose path fits the pattern (see `tree.match`).

    Raises ArgumentError, with the paths, if none fits. Source: Hoerl and Kennard, Technometrics 12 (1970).

    >>> import numpy as np
    >>> float(l2([{"w": np.array([3.0, -4.0]), "b": np.array([9.0])}], "0/w"))
    25.0
    """
    return sum(np.sum(np.square(w)) for w in _matching(params, pattern))


def _matching(params: Any, pattern: str) -> list[Any]:
    fits = tree.leaves(tree.match(params, pattern))
    return [w for w, fit in zip(tree.leaves(params), fits, strict=True) if fit]
