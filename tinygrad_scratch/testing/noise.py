"""How much of a function is noise, whatever its origin (More and Wild, SIAM J. Sci. Comput. 33, 2011)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .places import Array

Along = Callable[[complex], Array]


def roughness(along: Along, here: Array, d: float) -> tuple[Array, Array]:
    """The fourth differences of f over d, which are its noise where it is smooth, and how far f moves.

    They come from either side alone, since a kink or a jump at the arguments is no noise.
    """
    sides = [np.array([along(j * sign * d) for j in range(1, 7)]) for sign in (1, -1)]
    left = np.max([np.max(np.abs(np.diff(side, 4, axis=0)), axis=0) for side in sides], axis=0) / 8
    moved = np.max(np.abs(np.concatenate(sides) - here), axis=0)
    return np.nan_to_num(left, nan=np.inf), moved  # 8: the root of 1 + 16 + 36 + 16 + 1


class Roughness:
    """What of f near its arguments is no smooth function, by fourth differences of neighbours at several distances.

    From one distance to the next, which is a 32nd, a smooth f loses 2^20 and a kink beside the arguments 2^5; what
    stays is noise, unless f moves as much. Where f is a staircase, neighbours on one step or on even ones have no
    fourth differences at all, which denies nothing.
    """

    def __init__(self, along: Along, here: Array, start: float) -> None:
        self.levels: list[tuple[float, Array]] = []
        self.noise = np.zeros(here.shape)
        candidates: list[tuple[Array, Array]] = []  # what is small beside the change of f, how often it was seen again
        alike, change = np.zeros(here.shape, int), np.zeros(here.shape)
        for k in range(8):
            d = start * 2.0 ** (-6 - 5 * k)
            left, moved = roughness(along, here, d)
            for before, seen in candidates:
                seen += ((before <= 8 * left) & np.isfinite(left)) | ((left == 0) & (seen > 0))
                self.noise = np.where(seen >= 2, np.maximum(self.noise, before), self.noise)
            change = np.fmax(change, moved)
            last = candidates[-1][0] if candidates else left + np.nan
            settled = (left >= last / 8) & (left <= 8 * last) & ((left > 0) | (change == 0))
            alike = np.where(settled, alike + 1, 0)
            candidates.append((np.where(left <= change / 1024, left, 0), np.zeros(here.shape, int)))
            self.levels.append((d, left))
            if np.all(alike >= 2):
                break

    def at(self, h: float) -> Array:
        """The noise of f in a difference over h."""
        near = [left for d, left in self.levels if d <= h / 32] or [self.levels[-1][1]]
        return np.max([self.noise, *near], axis=0)  # type: ignore[no-any-return]
