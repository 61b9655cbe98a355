"""In which directions a derivative is looked at, and through which weights of the answers.

Each leaf has a direction of its own, scaled like its elements, so that a small leaf cannot hide behind a large one;
all leaves together have a dense one, in which no element is zero; and one moves a single element. Elements that are
equal move together as well: a maximum has a slope there, though each of them alone is at a kink. Cotangents are
scaled a leaf of the answer in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .places import Array, Places

TIES = 3  # values of which all elements move together
TINY = 1e-30  # scales of answers end here, as 1 / TINY is still a float32


class Direction(NamedTuple):
    """`t`, what it is called, and 1 over the least scale of a leaf in it."""

    t: Array
    name: str
    scale: float
    leaf: int | None = None  # the one leaf that it covers

    @property
    def moved(self) -> Array:
        """Which elements move."""
        return np.flatnonzero(self.t)


def directions(point: Array, places: Places, rng: np.random.Generator) -> Iterator[Direction]:
    """Dense ones, of all leaves and of each, and one along an axis."""
    if point.size == 0:
        return
    scales = sizes(point, places)
    yield Direction(like(point, places, rng), "all arguments", 1 / min(scales))
    filled = [k for k, s in enumerate(places.slices) if s.stop > s.start]
    for k in filled:
        t = np.where(places.leaf == k, dense(point.shape, rng) * scales[k], 0)
        yield Direction(t, places.paths[k], 1 / scales[k], k)
    yield axis(int(rng.integers(point.size)), point, places)
    yield from together(point)


def together(point: Array) -> Iterator[Direction]:
    """Directions that move all elements of one value by as much, for the values that are there most often."""
    values, counts = np.unique(point, return_counts=True)
    for k in np.argsort(-counts, kind="stable")[:TIES]:
        if counts[k] > 1:
            scale = abs(float(values[k])) or 1.0
            yield Direction(np.where(point == values[k], scale, 0), "elements that are equal", 1 / scale)


def sizes(point: Array, places: Places) -> list[float]:
    """The largest number of each leaf, 1 if all are zero."""
    return [float(np.max(np.abs(x), initial=0)) or 1.0 for x in places.split(point)]


def like(point: Array, places: Places, rng: np.random.Generator) -> Array:
    """A direction in which no element is zero, each leaf scaled like its elements."""
    moves: Array = dense(point.shape, rng) * places.spread(sizes(point, places))
    return moves


def axis(i: int, point: Array, places: Places) -> Direction:
    """The direction that moves element i alone."""
    part = point[places.slices[places.leaf[i]]]
    scale = float(np.max(np.abs(part))) or 1.0
    t = np.zeros(point.shape)
    t[i] = scale
    return Direction(t, places.name(i), 1 / scale)


def halves(d: Direction) -> list[Direction]:
    """The direction in two, each with half of the elements that move."""
    made = []
    for part in np.array_split(d.moved, 2):
        t = np.zeros_like(d.t)
        t[part] = d.t[part]
        made.append(d._replace(t=t))
    return made


def cotangents(slopes: Array, places: Places, rng: np.random.Generator) -> list[Array]:
    """One for all answers, scaled a leaf, and one for each leaf if there are several."""
    scales = [max(float(np.max(x, initial=0)), TINY) if np.any(x) else 1.0 for x in places.split(slopes)]
    whole = dense(slopes.shape, rng) / places.spread(scales)
    several = [k for k, s in enumerate(places.slices) if s.stop > s.start]
    each = [np.where(places.leaf == k, dense(slopes.shape, rng) / scales[k], 0) for k in several]
    return [whole, *each] if len(several) > 1 else [whole, dense(slopes.shape, rng) / places.spread(scales)]


def dense(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Numbers of a size near 1 and any sign."""
    numbers: Array = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
    return numbers
