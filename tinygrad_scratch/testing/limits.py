"""Where differences of f at h, h/2, h/4, ... tend, with a bound on the error: the table behind extrapolated references.

What it is for, and where it comes from, stands in `references`.
"""

from __future__ import annotations

import numpy as np

from .noise import Roughness
from .places import Array

EPS = float(np.finfo(float).eps)
SAFETY = 4  # the error of an extrapolation is an estimate, made of two differences
LEAST = 7  # rows, as a staircase may look straight from afar
COLUMNS = 6
ENOUGH = 1e-10  # an error of this share needs no smaller h
STILL = 256  # roundings by which an answer may move that does not move: far away they are larger


class Limit:
    """Where estimates at h, h/2, h/4, ... tend that err by h^power, h^(power + 2), ..., for each element."""

    def __init__(self, power: int, shape: tuple[int, ...]) -> None:
        self.power = power
        self.value, self.error = np.full(shape, np.nan), np.full(shape, np.inf)
        self.step = np.zeros(shape)
        self.row: list[Array] = []

    def add(self, h: float, estimate: Array, rounding: Array) -> None:
        row, value, error = [estimate], np.full_like(estimate, np.nan), np.full_like(estimate, np.inf)
        for k, coarse in enumerate(self.row[:COLUMNS]):
            finer = row[k] + (row[k] - coarse) / (2.0 ** (self.power + 2 * k) - 1)
            row.append(finer)
            if k + 1 < len(self.row):
                parents = np.maximum(np.abs(finer - row[k]), np.abs(finer - coarse))
                distance = np.maximum(parents, np.abs(finer - self.row[k + 1])) + rounding
                better = distance < error
                value, error = np.where(better, finer, value), np.where(better, distance, error)
        self.row = row
        apart = np.abs(value - self.value)
        refuted = apart > 2 * (error + self.error)  # what a smaller h denies was chance
        better = (error < self.error) | refuted
        self.value = np.where(better, value, self.value)
        self.error = np.where(better, error, np.fmax(self.error, apart - error))  # what it doubts is less sure
        self.step = np.where(better, h, self.step)


class Samples:
    """Answers of f at h and -h for shrinking h, and what they tend to."""

    def __init__(self, here: Array, eps: Array, argument_eps: float, roughness: Roughness) -> None:
        self.here, self.eps, self.argument_eps, self.roughness = here, eps, argument_eps, roughness
        self.seen: list[tuple[float, Array, Array]] = []
        self.slope, self.bend = Limit(2, here.shape), Limit(1, here.shape)

    def add(self, h: float, plus: Array, minus: Array) -> bool:
        """Whether a smaller h can still be better than this one."""
        self.seen.append((h, plus, minus))
        raw = (plus - minus) / (2 * h)
        rounding = (2 * self.roughness.at(h) + self.eps * (np.abs(plus) + np.abs(minus))) / h
        rounding += 4 * self.argument_eps / h * np.abs(raw)  # x + h t is rounded too; h is in units of x
        self.slope.add(h, raw, rounding)
        self.bend.add(h, (plus - 2 * self.here + minus) / h, 4 * rounding)
        slope, bend = self.slope, self.bend
        if len(self.seen) < LEAST or not np.all(np.abs(bend.value) <= SAFETY * bend.error):
            return True
        later = (2 * self.roughness.noise + self.eps * np.abs(self.here)) / h  # the least that a smaller h will have
        return bool(np.any(slope.error > np.maximum(2 * later, ENOUGH * np.abs(slope.value))))

    def size(self) -> Array:
        """The largest slope over the step that won; over any, where it is nothing beside that, or hidden by error."""
        slopes = [np.fmax(np.abs(x - self.here), np.abs(y - self.here)) / h for h, x, y in self.seen]
        steps = np.array([h for h, *_ in self.seen]).reshape(-1, *[1] * self.here.ndim)
        near = np.max(np.where(steps == self.slope.step, slopes, 0), axis=0)
        far = np.max(np.where(np.isfinite(slopes), slopes, 0), axis=0)
        hidden = (near <= SAFETY * self.slope.error) | (near <= EPS * far)
        size: Array = np.where(hidden, far, near)
        return size

    def still(self) -> Array:
        """Where no answer moved by more than rounding."""
        limit = STILL * (self.roughness.noise + self.eps * np.max(np.abs(self.here), initial=0))
        moved = [np.abs(x - self.here) <= limit for _, *pair in self.seen for x in pair if np.all(np.isfinite(x))]
        still: Array = np.all(moved, axis=0) if moved else np.zeros(self.here.shape, bool)
        return still

    def jumps(self) -> bool:
        """Whether f(h) - f(-h) stays where h goes to zero."""
        if len(self.seen) < 9:
            return False
        (_, plus, minus), (_, plus_before, minus_before) = self.seen[-1], self.seen[-9]
        jump, before = np.abs(plus - minus), np.abs(plus_before - minus_before)
        return bool(np.any(~self.still() & (jump > 0) & (jump > before / 2)))
