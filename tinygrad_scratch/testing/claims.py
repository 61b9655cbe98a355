"""Derivatives that somebody claims: by reverse mode, by forward mode, or by a function of the user's.

A claim answers in numbers that a reference along t predicts. `compare` gives those found, those expected, and the
tolerance: the error of the reference, half the jump of a slope at a kink, and the rounding of what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core import tree
from ..core.errors import GradientError, ShapeError, UndecidedError
from ..transforms.arguments import has_derivative
from ..transforms.grad import vjp
from ..transforms.jvp import jvp
from .noise import roughness
from .places import Array, Places
from .references import START, Reference
from .subject import Subject

ROUNDINGS = 64  # of a sum, in units of the precision times the sum of the absolute values
SMALL = 2**14  # roundings that a derivative may be off for being rounded itself; what is wrong is wrong by more
NEIGHBOURS = 1024  # of an element, in those of the largest of its leaf: a saturated element is rounded like the others


class Comparison(NamedTuple):
    """Numbers found and expected, how far they may lie apart, and how large they are."""

    found: Array
    expected: Array
    tolerance: Array
    size: Array

    @property
    def excess(self) -> float:
        """By how many tolerances the worst number is off; right is up to 1."""
        off = np.abs(self.found - self.expected)
        with np.errstate(all="ignore"):
            ratio = np.where(off <= self.tolerance, np.minimum(off / self.tolerance, 1), off / self.tolerance)
        ratio = np.where(np.isfinite(self.found), np.nan_to_num(ratio, nan=0.0, posinf=np.inf), np.inf)
        return float(np.max(ratio, initial=0))

    @property
    def worst(self) -> int:
        off = np.abs(self.found - self.expected)
        return int(np.argmax(np.where(np.isfinite(off), off - self.tolerance, np.inf)))


class Reverse:
    """`ask(arguments, g)` claims to be g^T J, a list with one array a leaf; checked through the cotangents `gs`."""

    mode = "reverse mode"

    def __init__(self, subject: Subject, gs: Sequence[Array], ask: Callable[[Any, Any], list[Any]]) -> None:
        self.subject, self.gs, self.ask = subject, gs, ask
        self.rows = self.rows_at(subject.arguments(subject.point))

    def rows_at(self, args: Any) -> Array:
        """The gradients, one a cotangent."""
        return np.array([self._row(args, g) for g in self.gs])

    def _row(self, args: Any, g: Array) -> Array:
        parts, places = self.ask(args, self.subject.cotangent(g)), self.subject.inputs
        _require_real(self.subject.what, "the gradient", parts, places)
        for part, shape, path in zip(parts, places.shapes, places.paths, strict=True):
            if np.shape(part) != shape:
                start = f"{self.subject.what}: the gradient of {path} has shape"
                raise GradientError(f"{start} {np.shape(part)}, expected {shape}"
                                    + _summed(np.shape(part), shape))  # fmt: skip
        self.eps = places.spread([_precision(p) for p in parts])
        return places.join(parts).astype(float)

    def scaled(self, t: Array, factor: float) -> Array:
        """What is claimed at the arguments for `factor` times the cotangents."""
        args = self.subject.arguments(self.subject.point)
        return np.array([self._row(args, factor * g) for g in self.gs])

    def found(self, t: Array, moved: Array) -> Array:
        """What is claimed of the direction at other arguments."""
        return self.rows_at(self.subject.arguments(moved)) @ t

    def terms(self, args: Any, t: Array) -> Array:
        """What is summed up for the direction, one row a cotangent."""
        return self.rows_at(args) * t

    def compare(self, t: Array, ref: Reference) -> Comparison:
        """What is claimed of the direction, beside the reference."""
        weights, moved = np.abs(self.gs), np.flatnonzero(t)  # a NaN of another element is not to be seen
        parts, known = self.rows[:, moved] * t[moved], weights * np.abs(ref.value)
        rounded = np.abs(parts) @ self.eps[moved] + known @ self.subject.eps
        tolerance = weights @ (ref.error + ref.kink) + ROUNDINGS * rounded
        return Comparison(np.sum(parts, axis=1), self.gs @ ref.value, tolerance, weights @ ref.size)


class Forward:
    """`ask(arguments, t)` claims to be J t, a list with one array a leaf of the answer; each element is checked."""

    mode = "forward mode"

    def __init__(self, subject: Subject, gs: Sequence[Array], ask: Callable[[Any, Any], list[Any]]) -> None:
        self.subject, self.gs, self.ask = subject, gs, ask

    def scaled(self, t: Array, factor: float) -> Array:
        """What is claimed at the arguments for `factor` times the tangent."""
        return self.at(self.subject.arguments(self.subject.point), factor * t)

    def found(self, t: Array, moved: Array) -> Array:
        """What is claimed of the direction at other arguments."""
        return self.at(self.subject.arguments(moved), t)

    def at(self, args: Any, t: Array) -> Array:
        """The tangent of the answer."""
        parts = self.ask(args, self.subject.arguments(t))
        _require_real(self.subject.what, "the tangent", parts, self.subject.answer)
        self.eps = self.subject.outputs.spread([_precision(p) for p in parts])
        return self.subject.vector(parts).astype(float)

    def terms(self, args: Any, t: Array) -> Array:
        """What is summed up for the direction, one row a cotangent."""
        return np.asarray(self.gs) * self.at(args, t)

    def compare(self, t: Array, ref: Reference) -> Comparison:
        """What is claimed of the direction, beside the reference."""
        found = self.found(t, self.subject.point)
        tolerance = ref.error + ref.kink + ROUNDINGS * self.eps * (np.abs(found) + np.abs(ref.value))
        return Comparison(found, ref.value, tolerance, ref.size)


Claim = Reverse | Forward


def least(claim: Claim, t: Array, ref: Reference) -> Array:
    """What of a claim is nothing, in each element of the answer: what its neighbours in a leaf are rounded to.

    Where f does not move at all, there are no neighbours: then it is the rounding of the arguments.
    """
    places = claim.subject.outputs
    largest = places.largest(ref.value)
    largest = np.where(np.isfinite(largest), largest, 0) + (ref.still | (ref.value == 0)) * np.max(np.abs(t), initial=0)
    floor: Array = NEIGHBOURS * claim.subject.argument_eps * largest
    return floor if isinstance(claim, Forward) else np.asarray(np.abs(claim.gs) @ floor)


def rounding(terms: Callable[[Array], Array], point: Array, eps: float, rng: np.random.Generator) -> Array:
    """How much of a claim is rounding: by how much it moves with the last digit of the arguments, and how rough it is.

    The derivative of an ill-conditioned function is rounded more than its answer.
    """
    here = terms(point)
    nearby = [terms(point * (1 + eps * rng.choice([-1, 1], point.shape))) for _ in range(3)]
    moved = np.max(np.abs(np.array(nearby) - here), axis=0)
    t = point * rng.uniform(0.5, 1.5, point.shape)
    rough = [roughness(lambda h: terms(point + h.real * t), here, START * 2.0**-k)[0] for k in (22, 28)]
    return np.max([np.where(np.isfinite(x), x, 0) for x in (moved, *rough)], axis=0)  # type: ignore[no-any-return]


def reverse(subject: Subject, gs: Sequence[Array]) -> Reverse:
    """Reverse mode of this package."""

    def value(args: Any) -> Any:
        return vjp(subject.f, *args)[0]

    def pull(args: Any, g: Any) -> list[Any]:
        _, back = _derived(subject, "reverse mode", lambda: vjp(subject.f, *args))
        return tree.leaves(_derived(subject, "reverse mode", lambda: back(g)))

    _require_value(subject, Reverse.mode, value)
    return Reverse(subject, gs, pull)


def forward(subject: Subject, gs: Sequence[Array]) -> Forward:
    """Forward mode of this package."""

    def value(args: Any) -> Any:
        return jvp(subject.f, args, args)[0]

    def push(args: Any, ts: Any) -> list[Any]:
        return tree.leaves(_derived(subject, "forward mode", lambda: jvp(subject.f, args, ts)[1]))

    _require_value(subject, Forward.mode, value)
    return Forward(subject, gs, push)


BY_MODE: dict[str, Callable[[Subject, Sequence[Array]], Claim]] = {"rev": reverse, "fwd": forward}


def _derived(subject: Subject, mode: str, run: Callable[[], Any]) -> Any:
    try:
        return run()
    except ShapeError as error:
        raise GradientError(str(error)) from error
    except Exception as error:
        raise UndecidedError(f"{subject.what}: {mode} of f raised {type(error).__name__}: {error}") from error


def _require_value(subject: Subject, mode: str, value: Callable[[Any], Any]) -> None:
    """Raise GradientError if f has another value where its derivative is asked for."""
    out = _derived(subject, mode, lambda: value(subject.arguments(subject.point)))
    answer = subject.vector(tree.leaves(out))
    if not subject.is_here(answer) and not np.all(np.abs(answer - subject.here) <= _as_nearby(subject)):
        raise GradientError(
            f"{subject.what}: {mode} gives another value of f than f itself: look for a custom rule whose function of "
            "value and residuals, or of value and tangent, computes another value"
        )


def _as_nearby(subject: Subject) -> Array:
    """How far answers may be off that are computed otherwise, if f is ill-conditioned."""
    return NEIGHBOURS * rounding(subject, subject.point, subject.argument_eps, np.random.default_rng(0))


def _precision(x: Any) -> float:
    dtype = np.asarray(x).dtype
    return float(np.finfo(dtype).eps) if has_derivative(dtype) else 0.0


def _require_real(what: str, name: str, parts: Sequence[Any], places: Places) -> None:
    """Raise GradientError where a part is complex that belongs to a real value."""
    for part, z, path in zip(parts, places.complex, places.paths, strict=True):
        if np.iscomplexobj(part) and not z:
            raise GradientError(f"{what}: {name} of {path} is complex, and that is real: take the real part")


def _summed(found: tuple[int, ...], expected: tuple[int, ...]) -> str:
    try:
        grown = np.broadcast_shapes(found, expected) == found
    except ValueError:
        grown = False
    return ": a sum over the axes along which it was broadcast is missing" if grown else ""
