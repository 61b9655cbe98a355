"""All leaves of a tree as one vector: where each element lies in it, and what it is called."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ..core import tree

Array = np.ndarray[Any, Any]
MANY, GROUPS = 512, 64  # answers that are looked at one by one; of more, that many sums


class Places:
    """The leaves of a tree side by side in a vector of `size` elements.

    `leaf[i]` says which leaf element i belongs to, `slices[k]` where leaf k lies; `paths[k]` is its name.
    """

    def __init__(self, tree_: Any, names: Sequence[str] | None = None) -> None:
        leaves, self.structure = tree.flatten(tree_)
        self.paths = list(names or tree.paths(tree_))
        self.shapes = [np.shape(x) for x in leaves]
        ends = list(accumulate([math.prod(shape) for shape in self.shapes], initial=0))
        self.size = ends[-1]
        self.slices = [slice(a, b) for a, b in pairwise(ends)]
        self.leaf = np.repeat(np.arange(len(leaves)), np.diff(ends))

    def spread(self, values: Sequence[float]) -> Array:
        """One value a leaf as one value an element."""
        return np.asarray(values, float)[self.leaf]

    def join(self, leaves: Sequence[Any]) -> Array:
        """The vector of these leaves."""
        return np.concatenate([np.ravel(np.asarray(x)) for x in leaves]) if leaves else np.zeros(0)

    def split(self, vector: Array) -> list[Array]:
        """The leaves of a vector, as views of it."""
        return [vector[s].reshape(shape) for s, shape in zip(self.slices, self.shapes, strict=True)]

    def name(self, i: int) -> str:
        """What element i of the vector is called."""
        k = int(self.leaf[i])
        place = tuple(map(int, np.unravel_index(i - self.slices[k].start, self.shapes[k])))
        return self.paths[k] + (f", element {list(place)} of shape {self.shapes[k]}" if place else "")


class Sums:
    """The elements of a long vector added up in groups, with random signs; a short vector stays as it is.

    With thousands of answers there is always one whose error is taken for smaller than it is, and all of them take
    time. A sum with random signs hides nothing.
    """

    def __init__(self, places: Places, rng: np.random.Generator) -> None:
        self.length = 1 if places.size <= MANY else -(-places.size // GROUPS)
        self.signs = rng.choice([-1.0, 1.0], places.size)
        counts = [-(-(s.stop - s.start) // self.length) for s in places.slices]
        begins = [s.start + self.length * np.arange(n) for s, n in zip(places.slices, counts, strict=True)]
        self.starts = np.concatenate([*begins, []]).astype(int)
        self.lengths = np.diff([*self.starts, places.size])
        if self.length == 1:
            self.places = places
        else:
            names = [f"a sum of {self.length} elements of {path}" for path in places.paths]
            self.places = Places([np.zeros(n) for n in counts], names)

    def reduce(self, vector: Array) -> Array:
        """The sums."""
        return vector if self.length == 1 else np.add.reduceat(vector * self.signs, self.starts)

    def expand(self, cotangent: Array) -> Array:
        """The cotangent of the vector for one of the sums."""
        return cotangent if self.length == 1 else np.repeat(cotangent, self.lengths) * self.signs


def argument_names(arguments: Any, argnums: Sequence[int]) -> list[str]:
    """One name a leaf of a tuple of arguments: `argument 1, leaf 'layers/0'`."""
    names = []
    for i, argument in zip(argnums, arguments, strict=True):
        names += [f"argument {i}" + (f", leaf {path!r}" if path else "") for path in tree.paths(argument)]
    return names
