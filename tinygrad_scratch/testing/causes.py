"""A guess at why a derivative is wrong, where the numbers give it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .places import Array

CLOSE = 1e-5  # wrong numbers are recognised, not measured
NARROW = float(np.finfo(np.float32).eps)


def guess(
    found: Array,
    at: Array,
    expected: Array,
    others: Mapping[str, Array],
    lengths: Sequence[int],
    what: str,
    complex_: bool = False,
) -> str:
    """A sentence, or an empty string.

    found     the whole array that is claimed
    at        indices into it, flat, where `expected` is known
    others    arrays that may have been mistaken for it, by name
    lengths   those of all axes, which tell a sum from a mean
    complex_  whether the last axis of `found` holds the parts of complex numbers
    """
    there = np.ravel(found)[at]
    if not np.all(np.isfinite(there)):
        return f"{what} is not finite where the derivative is: look for 0 times infinity in the rule"
    off = np.abs(there - expected)
    if np.allclose(there, expected, 2 * NARROW, 0) and np.any(off > NARROW / 64 * np.abs(expected)):
        return "About seven digits agree: look for a lost dtype, a value that became float32 on the way"
    solid = np.abs(expected) > CLOSE * np.max(np.abs(expected), initial=0)
    if not np.any(there):
        return f"{what} is zero: look for a gradient that was dropped (a rule that returns zeros, stop_gradient)"
    for name, other in others.items():
        theirs = np.ravel(other)[at] if other.size == found.size else None
        varied = np.ptp(expected) > CLOSE * np.max(np.abs(expected), initial=0)  # constants are alike everywhere
        if theirs is not None and varied and (_same(theirs, expected) or np.array_equal(theirs, there)):
            return f"The numbers are those of {name}: look for two rules or arguments that are swapped"
    if complex_ and _same(np.ravel(found * [1, -1])[at], expected):
        return "It is right when it is conjugated: look for a conjugate that is missing, or one too many"
    if found.ndim >= 2 and not _same(there, expected) and _same(np.ravel(np.swapaxes(found, -1, -2))[at], expected):
        return "It is right when its last two axes are swapped: look for a missing transpose"
    if found.ndim and found.size > 1 and not _same(there, expected) and _same(np.ravel(np.flip(found))[at], expected):
        return "It is right when it is reversed: look for the order of an axis"
    if _same(there, -expected):
        return "The sign is wrong"
    if np.any(solid) and (not np.any(there[~solid]) or np.max(np.abs(there[~solid])) < np.max(np.abs(there))):
        return _factor(there[solid] / expected[solid], lengths, what)
    return ""


def _same(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, CLOSE, CLOSE * float(np.max(np.abs(b), initial=0))))


def _factor(ratios: Array, lengths: Sequence[int], what: str) -> str:
    k = float(np.median(ratios))
    wrong = int(np.sum(np.abs(ratios - k) > max(CLOSE * abs(k), abs(k - 1) / 10)))
    if abs(k - 1) < CLOSE**2 and 0 < wrong < ratios.size:
        return f"Of {ratios.size} elements looked at, {wrong} {'is' if wrong == 1 else 'are'} wrong: look for an index"
    if abs(k - 1) < CLOSE**2 or abs(k) < CLOSE or wrong > ratios.size / 4:
        return ""
    text = f"{what} is {k:.9g} times what it should be: look for a factor"
    axes = [n for n in lengths if n > 1 and min(abs(k * n - 1), abs(k / n - 1)) < CLOSE]
    if axes:
        text += f" {axes[0]}, the length of an axis: a mean for a sum, or a sum over a broadcast axis that is missing"
    return text
