"""The check of one function at one order: references, claims, verdicts.

References (`references`) are taken along some directions (`directions`); what reverse mode, forward mode or the user's
gradient (`claims`) say of the same directions is compared with them. Where the slope of f jumps, a direction is halved
until single elements are left, so that a kink neither hides the elements beside it nor is mixed with another kink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..core import tree
from ..core.errors import GradientError, UndecidedError
from .claims import NARROW, Claim, Comparison, Forward, in_more_digits, least, rounding
from .directions import Direction, cotangents, dense, directions, halves
from .failures import explain
from .places import Array
from .references import KNOWN, Reference, reference
from .report import Report
from .subject import Subject

KINK = 1e-4  # a jump of the slope of less than this share of it is covered by the tolerance and needs no care
HALVINGS = 64  # references that a level may spend on kinks


class Level:
    """The check of `subject`, called `name`; what it finds goes into `report`."""

    def __init__(self, subject: Subject, name: str, rng: np.random.Generator, report: Report) -> None:
        self.subject, self.name, self.rng, self.report = subject, name, rng, report
        self.left = HALVINGS
        self.smooth = True

    def check(self, made: Callable[[list[Array]], list[Claim]]) -> tuple[Array, bool]:
        """Compare the claims `made` for cotangents; the first cotangent, and whether f is smooth here."""
        subject = self.subject
        parts = [part for d in directions(subject.point, subject.inputs, self.rng) for part in self._smooth_parts(d)]
        moving = [np.where(ref.still, 0, ref.size) for _, ref in parts]  # what is still is not to be blown up
        sizes = np.max(moving, axis=0) if parts else np.zeros_like(subject.here)
        gs = cotangents(sizes, subject.outputs, self.rng)
        for claim in made(gs):
            for d, ref in parts:
                self._judge(claim, d, ref)
            if subject.narrow is not None and subject.point.size:
                self._judge_narrow(claim)
        return gs[0], self.smooth

    def refer(self, d: Direction) -> Reference:
        """The reference along a direction."""
        s = self.subject
        ref = reference(s.along(d.t), s.here, s.eps, s.argument_eps, d.scale, s.analytic)
        s.analytic = ref.how == "complex step"  # once refused, it is not tried again
        self.report.count(ref.how)
        return ref

    def compare(self, claim: Claim, d: Direction, ref: Reference) -> Comparison:
        """The claim beside the reference; the rounding of the claim is measured only where it seems wrong."""
        c = claim.compare(d.t, ref)
        for measured in (self._rounding_nearby, self._rounding_of_all):
            if c.excess > 1 and np.all(np.isfinite(c.found)):
                c = c._replace(tolerance=c.tolerance + measured(claim, d, ref, c))
        return c

    def _rounding_nearby(self, claim: Claim, d: Direction, ref: Reference, c: Comparison) -> Array:
        """The rounding of a claim that differs between neighbours of the arguments."""
        s = self.subject
        more = rounding(lambda v: claim.found(d.t, v), s.point, s.argument_eps, self.rng)
        if isinstance(claim, Forward):  # what is saturated does not show its rounding, but its neighbours do
            more = s.outputs.spread([float(np.max(x, initial=0)) for x in s.outputs.split(more)])
        return 32 * more + least(claim, d.t, ref)

    def _rounding_of_all(self, claim: Claim, d: Direction, ref: Reference, c: Comparison) -> Array:
        """The rounding that is the same for all neighbours: a wider float shows it. More is no rounding, but wrong."""
        off = np.abs(in_more_digits(claim, d.t) - c.found)
        size = np.max(c.size) + np.max(np.abs(self.subject.here), initial=0)
        return np.where(off <= NARROW * self.subject.argument_eps * size, 2 * off, 0)

    def _smooth_parts(self, d: Direction) -> Iterator[tuple[Direction, Reference]]:
        """The direction, cut into pieces until each is without a kink or a single element."""
        ref = self.refer(d)
        kinked = bool(np.any(ref.kink > KINK * ref.size))
        self.smooth = self.smooth and not kinked
        if kinked and d.moved.size > 1:
            if self.left < 2:
                self.report.note(f"{d.moved.size} elements in {d.name} were not checked: too many are at kinks")
                return
            self.left -= 2
            for half in halves(d):
                yield from self._smooth_parts(half)
        elif d.leaf is not None and not ref.known <= KNOWN:
            raise UndecidedError(f"{self.subject.what}: {self.name}: {self._reason(d, ref)}")
        else:
            yield d, ref

    def _reason(self, d: Direction, ref: Reference) -> str:
        start = f"cannot tell whether the derivative by {d.name} is right: "
        if ref.jumps:
            return start + "f jumps at the arguments. Move them off the jump"
        unknown = np.flatnonzero(~np.isfinite(ref.error))
        if unknown.size:
            return (
                f"{start}f is finite at the arguments, but not near them on both sides "
                f"({self.subject.outputs.name(int(unknown[0]))}). Move them into the domain of f"
            )
        noise = "; it computes in less than float64" if np.any(self.subject.eps > np.finfo(float).eps) else ""
        return (
            f"{start}the error of the numerical derivative is {100 * ref.known:.2g} % of how f moves. f is too rough "
            f"there, or rounds too much{noise}"
        )

    def _judge(self, claim: Claim, d: Direction, ref: Reference) -> None:
        c = self.compare(claim, d, ref)
        self.report.comparisons += c.found.size
        if c.excess > 1:
            raise GradientError(f"{self.subject.what}: {claim.mode}, {self.name}: {explain(self, claim, d, c)}")
        if not np.any(ref.kink) and not np.all(ref.still):
            self.report.agree(
                float(np.max(np.maximum(np.abs(c.found - c.expected), c.tolerance))), float(np.max(c.size))
            )

    def _judge_narrow(self, claim: Claim) -> None:
        """In the dtypes of the arguments themselves the claim is what it is in float64, to their rounding."""
        subject, places = self.subject, self.subject.inputs
        scales = [float(np.max(np.abs(x), initial=0)) or 1.0 for x in places.split(subject.point)]
        t = dense(subject.point.shape, self.rng) * places.spread(scales)
        eps = float(max(np.finfo(d).eps for d in subject.dtypes))

        def terms(v: Array) -> Array:
            return claim.terms(subject.arguments(v), t)

        def narrow(v: Array) -> Array:
            leaves = [x.astype(kind) for x, kind in zip(places.leaves(v), subject.dtypes, strict=True)]
            return claim.terms(tree.unflatten(places.structure, [x if x.ndim else x[()] for x in leaves]), t)

        expected, found = terms(subject.point), narrow(subject.point)
        self.report.comparisons += len(expected)
        moved = np.sum(
            rounding(terms, subject.point, eps, self.rng) + rounding(narrow, subject.point, eps, self.rng), 1
        )
        off = np.abs(np.sum(found, axis=1) - np.sum(expected, axis=1))
        answers = np.abs(claim.gs) @ np.abs(subject.here)  # to which the dtype shows how f moves
        size = np.max(np.sum(np.abs(expected), axis=1), initial=0) + answers
        tiny = float(max(np.finfo(d).tiny for d in subject.dtypes)) * t.size
        wrong = np.flatnonzero(~(off <= NARROW * eps * size + 16 * moved + tiny))
        if wrong.size:
            k, kinds = int(wrong[0]), set(subject.dtypes)
            raise GradientError(
                f"{subject.what}: {claim.mode}, {self.name}: for arguments of {' and '.join(sorted(map(str, kinds)))} "
                f"the directional derivative is {np.sum(found[k]):.9g}, for float64 {np.sum(expected[k]):.9g}, which "
                "is right. Look for what a rule does by dtype"
            )
