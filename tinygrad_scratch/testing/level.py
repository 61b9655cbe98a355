"""The check of one function at one order: references, claims, verdicts.

References (`references`) are taken along some directions (`directions`); what reverse mode, forward mode or the user's
gradient (`claims`) say of the same directions is compared with them. Where the slope of f jumps, a direction is halved
until single elements are left, so that a kink neither hides the elements beside it nor is mixed with another kink.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from ..core.errors import GradientError, UndecidedError
from .claims import ROUNDINGS, SMALL, Claim, Comparison, Forward, least, rounding
from .directions import Direction, cotangents, directions, halves, like
from .failures import explain
from .narrow import Narrow
from .noise import Roughness
from .places import Array
from .random_rounding import SCATTER, at_random, scatter, scatter_of_f
from .references import KNOWN, START, Reference, corrected, extrapolation, flat_nearby, peaked, reference, regression
from .report import Report
from .subject import Subject

KINK = 1e-4  # a jump of the slope of less than this share of it is covered by the tolerance and needs no care
FACTOR = 1024  # by which cotangents and tangents are blown up: a power of 2, so that nothing is rounded
SINGLE = np.finfo(np.float32)
RUNS, RUNS_OF_F = 4, 16  # with other rounding, of a claim and of f
NEIGHBOURS, NEARBY = 32, 1e-6  # points around a kink, and how far they are away
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
            self._require_linear(claim)
            for d, ref in parts:
                self._judge(claim, d, ref)
            if subject.narrow is not None and subject.point.size:
                Narrow(claim, self.name, self.rng, sizes == 0).check(self.report)
        return gs[0], self.smooth

    def refer(self, d: Direction) -> Reference:
        """The reference along a direction."""
        s = self.subject
        ref = reference(s.along(d.t), s.here, s.eps, s.argument_eps, d.scale, s.analytic)
        s.analytic = ref.how == "complex step"  # once refused, it is not tried again
        self.report.count(ref.how)
        return ref

    def compare(self, claim: Claim, d: Direction, ref: Reference) -> Comparison:
        """The claim beside the reference; the rounding of the claim is measured only where it seems wrong.

        It counts as far as it is small. A derivative that is rough by more is not right for that.
        """
        c = claim.compare(d.t, ref)
        for measured, nothing in ((self._rounding_nearby, least(claim, d.t, ref)), (self._rounding_on_the_way, 0.0)):
            if c.excess > 1 and np.all(np.isfinite(c.found)):
                most = SMALL * self.subject.argument_eps * (np.max(c.size) + np.max(np.abs(self.subject.here)))
                more = measured(claim, d)
                c = c._replace(tolerance=c.tolerance + nothing + np.where(more <= most, more, 0))
        return c

    def _rounding_nearby(self, claim: Claim, d: Direction) -> Array:
        """The rounding of a claim that differs between neighbours of the arguments."""
        s = self.subject
        more = rounding(lambda v: claim.found(d.t, v), s.point, s.argument_eps, self.rng)
        if isinstance(claim, Forward):  # what is saturated does not show its rounding, but its neighbours do
            more = s.outputs.largest(more)
        return 2 * SCATTER * more

    def _rounding_on_the_way(self, claim: Claim, d: Direction) -> Array:
        """The rounding that is the same for all neighbours: that of float32 shows it, as many digits higher."""
        s = self.subject
        shaken, here = at_random(claim, SINGLE.dtype, self.rng), claim.found(d.t, s.point)
        off = np.fmax.reduce([np.zeros_like(here), *scatter(lambda: shaken.found(d.t, s.point), here, RUNS)])
        more: Array = SCATTER * off * s.argument_eps / float(SINGLE.eps)
        return more

    @cached_property
    def _rounding_of_f(self) -> Array:
        """By how much the answers of f are rounded on the way, likewise."""
        s = self.subject
        off = np.fmax.reduce([np.zeros(s.here.shape), *scatter_of_f(s, SINGLE.dtype, self.rng, RUNS_OF_F)])
        rounded: Array = off * s.argument_eps / float(SINGLE.eps)
        return rounded

    def _confirmed(self, claim: Claim, d: Direction, ref: Reference, c: Comparison) -> tuple[Reference, Comparison]:
        """The same with the rounding of f that all neighbours share, and then beside regressions over smaller steps,
        where these deny the reference: f may have a feature that is smaller than h.
        """
        if ref.how != "extrapolation":
            return ref, c
        s = self.subject
        along = s.along(d.t)
        noise = np.maximum(Roughness(along, s.here, START).noise, self._rounding_of_f)  # smaller steps do not see it
        ref = reference(along, s.here, s.eps, s.argument_eps, d.scale, False, noise)
        c = self.compare(claim, d, ref)
        nearer = (corrected(ref, regression(along, START * 2.0**-k, noise)) for k in range(2, 40, 2))
        for known in itertools.chain([flat_nearby(along, s.here, ref)], nearer):
            if known is not ref and (finer := self.compare(claim, d, known)).excess <= 1:
                return known, finer
        return ref, c

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

    def _require_linear(self, claim: Claim) -> None:
        """A derivative is a linear function of the cotangent (or tangent), and the same when it is asked for again."""
        s = self.subject
        if not s.point.size:
            return
        t = like(s.point, s.inputs, self.rng)
        once, again, many = [claim.scaled(t, factor) for factor in (1, 1, FACTOR)]
        limit = 1000 * float(np.max(claim.eps, initial=0)) * np.max(np.abs(once), initial=0)
        if np.any(np.abs(again - once) > limit):
            raise UndecidedError(
                f"{s.what}: {claim.mode}, {self.name}, is not deterministic: asked for twice at the same arguments, it "
                f"differs by {np.max(np.abs(again - once)):.1e}. Fix its random numbers, or what it keeps between calls"
            )
        off = np.abs(many - FACTOR * once)
        if np.any(np.isfinite(many) & (off > FACTOR * limit)):  # not where it overflows
            raise GradientError(
                f"{s.what}: {claim.mode}, {self.name}, is not linear: for {FACTOR} times the "
                f"{'tangent' if isinstance(claim, Forward) else 'cotangent'} it does not give {FACTOR} times as much. "
                "Look for a rule that bounds or rounds what it gets"
            )

    def _judge(self, claim: Claim, d: Direction, ref: Reference) -> None:
        c = self.compare(claim, d, ref)
        self.report.comparisons += c.found.size
        if c.excess > 1:
            ref, c = self._confirmed(claim, d, ref, c)
        if c.excess > 1 and not self._between_neighbours(claim, d, ref, c):
            self._refuse(claim, d, ref, c)
        if np.all(ref.still):
            self._require_visible(claim, d, ref, c)
        elif not np.any(ref.kink):
            self.report.agree(
                float(np.max(np.maximum(np.abs(c.found - c.expected), c.tolerance))), float(np.max(c.size))
            )

    def _between_neighbours(self, claim: Claim, d: Direction, ref: Reference, c: Comparison) -> bool:
        """Whether f has a kink here, and what is claimed lies between the slopes at points around. A derivative at a
        kink is any mean of those beside it (Clarke, Optimization and Nonsmooth Analysis, 1983); where several kinks
        meet, these are more than the two of a direction.
        """
        if not np.any(ref.kink):
            return False
        s = self.subject
        slopes = []
        for _ in range(NEIGHBOURS):
            along = s.along(d.t, s.point + NEARBY * like(s.point, s.inputs, self.rng))
            near = claim.compare(
                d.t, extrapolation(along, along(0), s.eps, s.argument_eps, START * NEARBY / NEIGHBOURS)
            )
            slopes += [near.expected - near.tolerance, near.expected + near.tolerance]
        return bool(np.all((np.min(slopes, axis=0) <= c.found) & (c.found <= np.max(slopes, axis=0))))

    def _refuse(self, claim: Claim, d: Direction, ref: Reference, c: Comparison) -> None:
        """Raise GradientError; UndecidedError if the claim itself is so rough that it may be right but for that."""
        s = self.subject
        if not np.any(ref.kink) and np.all(np.isfinite(c.found)):
            rough = self._rounding_nearby(claim, d) + self._rounding_on_the_way(claim, d)
            if c._replace(tolerance=c.tolerance + rough).excess <= 1:
                raise UndecidedError(
                    f"{s.what}: {claim.mode}, {self.name}: cannot tell whether the derivative along {d.name} is right: "
                    f"it is off by {np.max(np.abs(c.found - c.expected)):.1e}, and changes by up to "
                    f"{np.max(rough) / SCATTER:.1e} between neighbours of the arguments, or by rounding. Look for a "
                    "cancellation in it, for matrices that are nearly singular, or for a value that became float32"
                )
        if peaked(s.along(d.t), s.here, ref):
            raise UndecidedError(
                f"{s.what}: {claim.mode}, {self.name}: cannot tell whether the derivative along {d.name} is right: f "
                "has a peak at the arguments that is narrower than the steps which show its slope. Look for matrices "
                "that are nearly singular"
            )
        raise GradientError(f"{s.what}: {claim.mode}, {self.name}: {explain(self, claim, d, c)}")

    def _require_visible(self, claim: Claim, d: Direction, ref: Reference, c: Comparison) -> None:
        """Raise UndecidedError if f does not move at all, and its derivative is not nothing."""
        if np.any(np.abs(c.found) > least(claim, d.t, ref) + ROUNDINGS * self.subject.argument_eps * np.abs(c.found)):
            raise UndecidedError(
                f"{self.subject.what}: {self.name}: cannot tell whether the derivative along {d.name} is right: it is "
                f"{np.max(np.abs(c.found)):.1e}, but f does not move by more than its rounding, which hides its slope"
            )
