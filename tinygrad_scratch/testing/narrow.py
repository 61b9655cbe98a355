"""The derivative in the dtypes of the arguments themselves, where these are narrower than float64.

Each number of a claim must be there what it is in float64, where it is known to be right, to rounding. What rounding
can do is measured where a number seems wrong: by rounding at random whatever it is made of, or, where a gradient takes
no Tensors, by moving its arguments by their last digit. What rounding cannot have done is wrong. What it can have done
is right, unless it is more than a small share of the derivative: then nobody can tell, except that a slope which moves
f by less than its rounding is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

import numpy as np

from ..core import tree
from ..core.errors import GradientError, UndecidedError
from .claims import NEIGHBOURS, Claim, rounding
from .directions import like
from .places import Array
from .random_rounding import SCATTER, at_random, scatter, scatter_of_f
from .report import Report

COARSE = 1 / 32  # of a derivative may be rounding, however narrow the dtype
RUNS = 32  # of the computation with other rounding, until what was found is explained
RUNS_OF_F = 4


class Narrow:
    """The check of a claim at one order, called `name`; `still` is where f does not move."""

    def __init__(self, claim: Claim, name: str, rng: np.random.Generator, still: Array) -> None:
        self.claim, self.subject, self.name, self.rng, self.still = copy(claim), claim.subject, name, rng, still
        _, exponent = np.frexp(np.max(np.abs(claim.gs)))
        self.claim.gs = [np.ldexp(g, -max(exponent, 0)) for g in claim.gs]  # a large one may be too large for the dtype
        self.inputs, self.dtypes = self.subject.inputs, self.subject.dtypes
        self.t = like(self.subject.point, self.inputs, rng)
        self.info = max([np.finfo(d) for d in self.dtypes], key=lambda info: float(info.eps))

    def check(self, report: Report) -> None:
        """Raise GradientError or UndecidedError unless the claim is what it is for float64."""
        expected, found = self.wide(self.subject.point), self.narrow(self.subject.point)
        kinds = " and ".join(sorted({str(d) for d in self.dtypes}))
        start = f"{self.subject.what}: {self.claim.mode}, {self.name}: for arguments of {kinds} the derivative"
        if not np.all(np.isfinite(found)) and np.all(np.isfinite(expected)):
            raise UndecidedError(
                f"{start} is not finite, for float64 it is: a value on the way is too large. Choose smaller arguments, "
                "or mend f"
            )
        report.comparisons += expected.size
        of = self.inputs if expected.shape[-1:] == (self.inputs.size,) else self.subject.outputs
        size, off = np.abs(expected) + [of.largest(row) for row in expected], np.abs(found - expected)
        tolerance = min(NEIGHBOURS * float(self.info.eps), COARSE) * size + self._vanishing()
        excess = self._unexplained(off - tolerance, expected)
        if np.any(excess > 0):
            at = np.unravel_index(np.nanargmax(excess), excess.shape)
            raise GradientError(
                f"{start} by (or of) {of.name(int(at[-1]))} is {found[at] / expected[at]:.6g} times that for float64, "
                "which is right. Look for what a rule does by dtype"
            )
        hidden = off - tolerance - np.where(np.isnan(excess), 0, COARSE * size)
        if np.any(hidden > 0) and np.any(hidden > self._invisible(of is self.inputs)):
            at = np.unravel_index(np.argmax(hidden), hidden.shape)
            raise UndecidedError(
                f"{start} by (or of) {of.name(int(at[-1]))} is {found[at]:.6g}, for float64 {expected[at]:.6g}, and "
                "which of them is right cannot be told: rounding on the way may have done it. Look for a cancellation, "
                "or for values that saturate or vanish"
            )

    def wide(self, v: Array) -> Array:
        """The numbers of the claim, for float64."""
        return self.claim.terms(self.subject.arguments(v), self.t)

    def narrow(self, v: Array) -> Array:
        """The numbers of the claim, for the dtypes of the arguments."""
        leaves = [x.astype(d) for x, d in zip(self.inputs.leaves(v), self.dtypes, strict=True)]
        args = tree.unflatten(self.inputs.structure, [x if x.ndim else x[()] for x in leaves])
        return self.claim.terms(args, self.t)

    def _vanishing(self) -> float:
        """How large a number of the claim may be that is too small for the dtype, but for its cotangent."""
        return float(self.info.tiny) * max(1.0, float(np.max(np.abs(self.claim.gs))))

    def _unexplained(self, excess: Array, expected: Array) -> Array:
        """By how much each number is off beyond what rounding can do; NaN where that overflows, and nobody can say."""
        seen, left = np.full_like(excess, np.nan), excess
        for noise in self._noises(expected) if np.any(excess > 0) else ():
            seen = np.fmax(seen, noise)
            left = np.where(excess > 0, excess - SCATTER * seen, excess)
            if np.all(left <= 0):
                break
        return left

    def _noises(self, expected: Array) -> Iterator[Array]:
        """What rounding does to each number, in one run after the other."""
        shaken = at_random(self.claim, self.info.dtype, self.rng)
        args = self.subject.arguments(self.subject.point)
        some = False
        for noise in scatter(lambda: shaken.terms(args, self.t), expected, RUNS):
            some = True
            yield noise
        if not some:
            point, eps = self.subject.point, float(self.info.eps)
            yield rounding(self.wide, point, eps, self.rng) + rounding(self.narrow, point, eps, self.rng)

    def _invisible(self, by_arguments: bool) -> Array:
        """How large a number of the claim may be that moves f by less than its rounding, or hardly where f is still.

        How far f may be said to move is measured by its own size and by that of the arguments.
        """
        s = self.subject
        share = np.where(self.still, COARSE, SCATTER * float(self.info.eps))
        moved = share * (np.abs(s.here) + np.max(np.abs(self.t)))
        for off in scatter_of_f(s, self.info.dtype, self.rng, RUNS_OF_F):
            moved = np.fmax(moved, SCATTER * off)
        weighed = np.abs(self.claim.gs) * s.outputs.largest(moved)
        return np.sum(weighed, axis=1, keepdims=True) if by_arguments else weighed
