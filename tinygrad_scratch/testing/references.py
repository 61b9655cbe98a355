"""Numerical derivatives that know their own error.

A reference is the derivative J t of an answer of many elements in one direction t, with a bound on the error of each
element. No tolerance of the checker is a number that somebody chose: each is such a bound, plus the rounding of the
derivative under test.

*The complex step.* Where f is analytic and takes complex numbers, Im f(x + iht) / h has no difference in it, so h may
be 1e-60 and nothing cancels (Squire and Trapp, SIAM Review 40, 1998). But it is silently wrong where f is not
analytic: |z| or z.real have no imaginary part. So f is sampled at eight points on a circle of radius h. By Fourier's
sum, an analytic f has no coefficient of z^-1 there beyond a7 h^7 and rounding, and f(x) as its mean, and for any
other f that coefficient is half of what the complex step misses (Wirtinger's derivative by the conjugate of z). The
coefficients of z^-1, z^-2 and z^-3, and what the mean is off, over h, are the error.

*Extrapolation.* Elsewhere central differences at h, h/2, h/4, ... err by powers of h^2. Each column of a table
removes one power (Ridders, Advances in Engineering Software 4, 1982). The error of an entry is the larger of its
distances to the two entries that it was made of, plus what rounding does to a difference over that h; the entry with
the least error wins, for each element of the answer by itself, unless an entry of a smaller h denies it: far out,
bounded functions look flat. The first h is about a quarter of the largest element of the leaf, as leaves differ in
scale, and no plain number, which a period of f may fit; where this is too little to move f, for values near 1e-20
under a sum with 1, the first h is a quarter of 1. h shrinks until rounding makes every further entry worse: 1e6 is
far from where sin is a polynomial.

*Rounding of f* is not only that of its answer: a cancellation inside is as bad. At points that lie close together a
smooth f is a straight line, so what fourth differences leave there is noise, whatever its origin (More and Wild, SIAM
J. Sci. Comput. 33, 2011).

*Kinks.* A central difference of |x| at 0 converges well, to a number that means nothing. But then f(h) - 2 f(0) +
f(-h), over h, tends to the jump of the slope instead of 0; it has a table of its own, whose columns remove h, h^3,
... As long as it sees a jump h shrinks on, so that a sharp bend is not taken for a kink. At a kink any slope between
those of the two sides is right.

*What lies just beside the arguments*, a kink that a difference runs across, may look like convergence. Where a claim
and an extrapolation differ, straight lines through many answers, ever closer to the arguments, must not take the side
of the claim: among many answers rounding shows in what is left, and the nearest are beside no kink.

*What cannot be told.* The bound is compared with `size`, by how much f moves at the h that won, not with the
derivative, which may be zero; or with how far f moves at any h, where it moves there by nothing beside that, as x |x|
does at 0. If the bound is no hundredth of it, there is no telling, except that f does not move at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .limits import EPS, SAFETY, Samples
from .noise import Along, Roughness
from .places import Array

START = 0.2215567  # the first h, in units of the arguments: a quarter of the root of pi, halved
ROWS = 44  # h shrinks by 2**-44, where nothing of a float64 is left of it
POINTS, GOLDEN = 16, 0.6180339887498949  # of a regression, spread evenly but on no lattice
FLAT = 32  # elements that are looked at for being flat near the arguments
KNOWN = 1e-2  # an error of this share of the change of f still tells something


class Reference(NamedTuple):
    """The derivative in a direction, one entry an element of the answer.

    error   how far the truth may be from `value`; infinite where nothing is known
    kink    half the jump of the slope, where there is one
    size    the largest slope of f over the step that was used
    step    the h that was used, 0 for a complex step
    still   whether f does not move by more than its rounding, however far one goes
    jumps   whether f itself jumps there
    how     what it was made with
    """

    value: Array
    error: Array
    kink: Array
    size: Array
    step: Array
    still: Array
    jumps: bool
    how: str

    @property
    def known(self) -> float:
        """The error as a share of the size, over all elements together; 0 if f is constant."""
        moving = ~self.still
        error, size = float(np.sum(self.error[moving])), float(np.sum(self.size[moving]))
        return error / size if size else (0.0 if error == 0 else float("inf"))


def extrapolation(
    along: Along, here: Array, eps: Array, argument_eps: float, start: float, noise: float | Array = 0.0
) -> Reference:
    """The derivative of `along` at 0 by central differences from h = `start` on; `noise` of f that is known already."""
    roughness = Roughness(along, here, start)
    roughness.noise = np.maximum(roughness.noise, noise)
    samples = Samples(here, eps, argument_eps, roughness)
    h = start
    for _ in range(ROWS):
        if not samples.add(h, along(h), along(-h)):
            break
        h /= 2
    slope, bend = samples.slope, samples.bend
    kink = np.where(np.abs(bend.value) > 2 * SAFETY * bend.error, np.abs(bend.value) / 2 + bend.error, 0)
    return Reference(
        slope.value, SAFETY * slope.error, kink, samples.size(), slope.step, samples.still(), samples.jumps(),
        "extrapolation",
    )  # fmt: skip


def regression(along: Along, h: float, noise: Array) -> Reference:
    """The slope at 0 of a cubic through answers on both sides, no farther than h, which the residuals show to be one.

    Among many answers rounding averages out, and what is left shows how much it is; `noise` is what they share.
    """
    at = GOLDEN * np.arange(1, POINTS + 1) % 1
    odd = np.array([along(x * h) - along(-x * h) for x in at]) / 2  # a kink, or a curve, at 0 is even
    terms = np.stack([at, at**3], axis=1)
    slope, cube = np.linalg.pinv(terms) @ odd
    residual = np.max(np.abs(odd - terms @ np.stack([slope, cube])), axis=0)
    error = np.nan_to_num((SAFETY * residual + noise) / h, nan=np.inf)
    nothing = np.zeros_like(slope)
    size = np.max(np.abs(odd), axis=0) / h
    return Reference(slope / h, error, nothing, size, nothing + h, nothing != 0, False, "regression")


def complex_step(along: Along, here: Array, eps: Array, start: float) -> Reference | None:
    """The derivative of `along` at 0 by a complex step; None if f is not analytic, or takes no complex numbers."""
    tiny = 2.0**-200
    value = np.imag(along(1j * tiny)) / tiny
    if not np.all(np.isfinite(value)):
        return None
    turn = np.exp(0.25j * np.pi)
    for shrink in (2.0**-10, 2.0**-18, 2.0**-26):
        h = start * shrink
        east, west = along(h), along(-h)
        north, northeast, northwest = along(1j * h), along(turn * h), along(-np.conj(turn) * h)
        powers = [
            np.real(east) + (-1) ** m * np.real(west)
            + 2 * np.real(northeast * turn**m + north * turn ** (2 * m) + northwest * turn ** (3 * m))
            for m in (-1, 0, 1, 2, 3)
        ]  # fmt: skip
        wrong = np.abs([powers[0] / 8 - value * h, powers[1] / 8 - here, *[p / 8 for p in powers[2:]]])
        change = np.maximum(np.abs(east - here), np.abs(west - here))
        error = (2 * np.max(wrong, axis=0) + eps * np.abs(here)) / h
        if np.all(np.isfinite(error)) and np.sum(error) * h <= 1e-9 * np.sum(change):
            nothing = np.zeros_like(value)
            return Reference(value, SAFETY * error, nothing, change / h, nothing, nothing != 0, False, "complex step")
    return None


def reference(
    along: Along, here: Array, eps: Array, argument_eps: float, scale: float, analytic: bool, noise: float | Array = 0.0
) -> Reference:
    """The derivative of `along` at 0, by the best means there is.

    scale      1 over the largest element of the arguments, which is the unit of the step
    analytic   whether to try the complex step
    noise      of f, as far as it is known already
    """
    found = complex_step(along, here, eps, 1.0) if analytic else None
    if found is not None:
        return found
    found = extrapolation(along, here, eps, argument_eps, START, noise)
    small = scale > 1 and (found.known > 1e-6 or np.any(found.still))  # perhaps too small to move f
    if small or scale < 1 / 8:  # perhaps so large that f looks like noise
        found = _better(found, extrapolation(along, here, eps, argument_eps, START * scale, noise))
    return found


def _better(a: Reference, b: Reference) -> Reference:
    """Of each element, the one with the smaller error, or the second if it denies the first.

    Where f is still for the first, and moves for the second with no slope at the arguments, it is still.
    """
    smaller = (a.error <= b.error) & ~(np.abs(a.value - b.value) > a.error + b.error)
    return _chosen(smaller | (a.still & (np.abs(b.value) <= b.error)), a, b)


def corrected(ref: Reference, finer: Reference) -> Reference:
    """`ref`, with the elements that a reference over smaller steps denies, and knows well enough, from that one.

    The error of the finer one decides: it is mostly rounding, which shows, and that of the other is what f does farther
    away, of which little may show.
    """
    apart = np.abs(finer.value - ref.value) > finer.error + finer.kink + ref.kink
    known = ~finer.still & (finer.error <= KNOWN * finer.size)  # a staircase is flat from near
    denied = apart & known & (finer.step < ref.step)
    return _chosen(~denied, ref, finer) if np.any(denied) else ref


def flat_nearby(along: Along, here: Array, ref: Reference) -> Reference:
    """`ref`, with slope 0 for elements that do not move at all near the arguments, and farther out begin to without a
    jump: they lie between kinks. A staircase jumps where its next tread begins.
    """

    def moved(h: float) -> Array:
        most: Array = np.maximum(np.abs(along(h) - here), np.abs(along(-h) - here))
        return most

    near = START * 2.0**-20
    flat = (ref.value != 0) & np.all([moved(near * x) == 0 for x in (1, GOLDEN)], axis=0)
    begins = np.zeros(here.shape, bool)
    for i in np.flatnonzero(flat)[:FLAT]:
        low, high = near, 2 * near
        while high < START and moved(high)[i] == 0:
            low, high = high, 2 * high
        while high - low > 1e-12 * high:
            middle = (low + high) / 2
            low, high = (middle, high) if moved(middle)[i] == 0 else (low, middle)
        begins[i] = moved(high)[i] <= moved(2 * high)[i] / 1024
    if not np.any(begins):
        return ref
    nothing = np.zeros_like(here)
    return _chosen(~begins, ref, ref._replace(value=nothing, error=nothing, kink=nothing))


def peaked(along: Along, here: Array, ref: Reference) -> bool:
    """Whether f at the arguments lies far beside the line between answers on both sides, and no less beside those that
    are eight times closer: then the steps that were used are too long for what f is there.
    """

    def beside(h: float) -> Array:
        off: Array = np.abs(along(h) - 2 * here + along(-h))
        return off

    for h in np.unique(ref.step[ref.step > 0])[:4]:
        far, moved = beside(h), np.abs(along(h) - along(-h))
        if np.any((ref.step == h) & (far > 1024 * moved) & (far <= 2 * beside(h / 8))):
            return True
    return False


def _chosen(first: Array, a: Reference, b: Reference) -> Reference:
    """The elements of a, or of b."""

    def pick(x: Array, y: Array) -> Array:
        return np.where(first, x, y)

    return Reference(
        pick(a.value, b.value), pick(a.error, b.error), pick(a.kink, b.kink), pick(a.size, b.size),
        pick(a.step, b.step), np.where(first, a.still, b.still), a.jumps and b.jumps, a.how,
    )  # fmt: skip


def directional_derivative(f: Callable[[float], float], scale: float = 1.0) -> tuple[float, float]:
    """f'(0) of a function of one number, and a bound on the error: infinite if nothing can be told.

    By extrapolated central differences that begin with h of about `scale` / 4, the size of the argument of f.

    >>> import math
    >>> value, error = directional_derivative(lambda t: math.sin(1 + t))
    >>> abs(value - math.cos(1)) < error < 1e-9
    True
    """

    def along(h: complex) -> Array:
        return np.array([f(h.real)], float)

    here = along(0)
    with np.errstate(all="ignore"):
        found = extrapolation(along, here, np.array([EPS]), EPS * scale, START * scale)
    return float(found.value[0]), float(found.error[0])
