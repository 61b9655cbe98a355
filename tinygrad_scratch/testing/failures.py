"""What a failure says: the worst element, what was found and expected there, and why that may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .causes import guess
from .claims import Claim, Comparison, Reverse
from .directions import Direction, axis, halves
from .report import digits

if TYPE_CHECKING:
    from .level import Level

SAMPLED = 16  # elements of a wrong leaf that are looked at for its cause


def explain(level: Level, claim: Claim, d: Direction, c: Comparison) -> str:
    """The sentences on a comparison that failed."""
    inputs, outputs = level.subject.inputs, level.subject.outputs
    one = axis(_worst(level, claim, d, c), level.subject.point, inputs)
    ref = level.refer(one)
    i, single = int(one.moved[0]), level.compare(claim, one, ref)
    if single.excess <= 1:  # the error is spread over many elements, each within its tolerance
        k = c.worst
        return _sentence(f"the derivative along a direction in {d.name}", c.found[k], c.expected[k], c.tolerance[k], "")
    k, t = single.worst, one.t[i]
    if isinstance(claim, Reverse):
        unit = t * (claim.gs[k][0] if outputs.size == 1 else 1)
        name = f"the derivative by {inputs.name(i)}" + (
            "" if outputs.size == 1 else ", of the answers weighed at random"
        )
        cause = _cause_reverse(level, claim, k, i)
    else:
        unit, name = t, f"the derivative of {outputs.name(k)} by {inputs.name(i)}"
        leaf = outputs.leaf[k]
        whole, right = (outputs.split(x)[leaf] for x in (single.found, single.expected))
        cause = guess(
            whole,
            np.arange(whole.size),
            np.ravel(right),
            {},
            level.subject.lengths,
            "The tangent",
            outputs.complex[leaf],
        )
    found, expected, tolerance = single.found[k] / unit, single.expected[k] / unit, single.tolerance[k] / abs(unit)
    if np.any(ref.kink):
        low, high = expected - tolerance, expected + tolerance
        return f"{name}: found {found:.12g}, expected {low:.12g} to {high:.12g}, the slopes of the two sides of a kink."
    return _sentence(name, found, expected, tolerance, cause)


def _sentence(name: str, found: float, expected: float, tolerance: float, cause: str) -> str:
    agree = digits(abs(found - expected), max(abs(found), abs(expected)))
    return f"{name}: found {found:.12g}, expected {expected:.12g} within {tolerance:.1e}; {agree:.1f} digits agree." + (
        f" {cause}." if cause else ""
    )


def _worst(level: Level, claim: Claim, d: Direction, c: Comparison) -> int:
    """The element that is off most, found by halving the direction; what one half is not off, the other is.

    If a few elements of many already show what is wrong, it is the worst of these, which is much faster.
    """
    off = c.found - c.expected
    if d.moved.size > 64 * SAMPLED:
        few, at = np.zeros_like(d.t), level.rng.choice(d.moved, SAMPLED, replace=False)
        few[at] = d.t[at]
        sample = d._replace(t=few)
        of_few = level.compare(claim, sample, level.refer(sample))
        if of_few.excess > 1:
            d, off = sample, of_few.found - of_few.expected
    while d.moved.size > 1:
        first, second = halves(d)
        of_first = claim.compare(first.t, level.refer(first))
        off_first = of_first.found - of_first.expected
        off_second = off - off_first if np.all(np.isfinite(off)) else np.where(np.isfinite(off_first), off, 0)
        left = np.max(np.nan_to_num(np.abs(off_first), nan=np.inf))
        right = np.max(np.nan_to_num(np.abs(off_second), nan=np.inf))
        d, off = (first, off_first) if left >= right else (second, off_second)
    return int(d.moved[0])


def _cause_reverse(level: Level, claim: Reverse, k: int, i: int) -> str:
    """Why row k of the gradients is wrong in the leaf of element i."""
    inputs = level.subject.inputs
    leaf = int(inputs.leaf[i])
    s = inputs.slices[leaf]
    n = s.stop - s.start
    at = np.unique([i - s.start, *level.rng.choice(n, min(n, SAMPLED) - (n > SAMPLED), replace=False)])
    ones = [axis(s.start + int(j), level.subject.point, inputs) for j in at]
    expected = np.array([claim.gs[k] @ level.refer(one).value / np.max(one.t) for one in ones])
    found = inputs.split(claim.rows[k])
    others = {path: x for path, x in zip(inputs.paths, found, strict=True) if path != inputs.paths[leaf]}
    return guess(found[leaf], at, expected, others, level.subject.lengths, "The gradient", inputs.complex[leaf])
