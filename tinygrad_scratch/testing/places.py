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
    """The leaves of a tree side by side in a vector of `size` numbers; a complex number is two, its parts.

    `leaf[i]` says which leaf element i belongs to, `slices[k]` where leaf k lies; `paths[k]` is its name, `complex[k]`
    whether it is complex.
    """

    def __init__(self, tree_: Any, names: Sequence[str] | None = None) -> None:
        leaves, self.structure = tree.flatten(tree_)
        self.paths = list(names or tree.paths(tree_))
        self.shapes = [np.shape(x) for x in leaves]
        self.complex = [bool(np.iscomplexobj(x)) for x in leaves]
        numbers = [math.prod(shape) * (1 + z) for shape, z in zip(self.shapes, self.complex, strict=True)]
        ends = list(accumulate(numbers, initial=0))
        self.size = ends[-1]
        self.slices = [slice(a, b) for a, b in pairwise(ends)]
        self.leaf = np.repeat(np.arange(len(leaves)), np.diff(ends))

    def spread(self, values: Sequence[float]) -> Array:
        """One value a leaf as one value an element."""
        return np.asarray(values, float)[self.leaf]

    def largest(self, vector: Array) -> Array:
        """The largest absolute value of each leaf, one an element."""
        return self.spread([float(np.max(np.abs(x), initial=0)) for x in self.split(vector)])

    def join(self, leaves: Sequence[Any]) -> Array:
        """The vector of these leaves."""
        parts = [np.ravel(np.asarray(x, complex)).view(float) if z else np.ravel(np.asarray(x))
                 for x, z in zip(leaves, self.complex, strict=True)]  # fmt: skip
        return np.concatenate(parts) if parts else np.zeros(0)

    def split(self, vector: Array) -> list[Array]:
        """The numbers of each leaf, as views of a vector; the parts of complex ones stand along a last axis."""
        shapes = [(*shape, 2) if z else shape for shape, z in zip(self.shapes, self.complex, strict=True)]
        return [vector[s].reshape(shape) for s, shape in zip(self.slices, shapes, strict=True)]

    def leaves(self, vector: Array) -> list[Array]:
        """The leaves of a vector."""
        kind = np.result_type(vector.dtype, np.complex64)
        return [x.view(kind)[..., 0] if z else x for x, z in zip(self.split(vector), self.complex, strict=True)]

    def name(self, i: int) -> str:
        """What element i of the vector is called."""
        k = int(self.leaf[i])
        element, part = divmod(i - self.slices[k].start, 1 + self.complex[k])
        place = tuple(map(int, np.unravel_index(element, self.shapes[k])))
        name = self.paths[k] + (f", element {list(place)} of shape {self.shapes[k]}" if place else "")
        return name + (f", {('real', 'imaginary')[part]} part" if self.complex[k] else "")


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


def argument_names(arguments: Any, argnums: Sequence[int | str]) -> list[str]:
    """One name a leaf of a tuple of arguments: `argument 1, leaf 'layers/0'`. A name may stand for a number."""
    names = []
    for i, argument in zip(argnums, arguments, strict=True):
        name = i if isinstance(i, str) else f"argument {i}"
        names += [name + (f", leaf {path!r}" if path else "") for path in tree.paths(argument)]
    return names
