"""Where the nodes of a diagram stand: in layers, so that all edges go down and few of them cross.

Layers by longest paths, order by barycentres, both as in Sugiyama, Tagawa and Toda, IEEE Trans. SMC 11 (1981). An edge
over several layers gets a bend in each of those between, for which room is kept as for a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

SWEEPS = 24
BEND = 3.0  # how much the place of a bend counts, against that of a node: long edges become straight

Edge = tuple[int, int]


class Layers:
    """Places of nodes 0, 1, ... of these widths: `layer[i]` counts from the top, `x[i]` is the middle.

    Edges go from lower numbers to higher ones. `paths` has for each edge the nodes and bends that it goes through.
    """

    def __init__(self, widths: Sequence[float], edges: Sequence[Edge], gap: float) -> None:
        self.widths = list(widths)
        self.gap = gap
        self.layer = _longest(len(widths), edges)
        self.paths = [self._path(i, j) for i, j in edges]
        steps = [step for path in self.paths for step in pairwise(path)]
        self._above = _neighbours(len(self.layer), [(j, i) for i, j in steps])
        self._below = _neighbours(len(self.layer), steps)
        self.rows: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for i, k in enumerate(self.layer):
            self.rows[k].append(i)
        self._order(steps)
        self.x = self._places()

    def _path(self, i: int, j: int) -> list[int]:
        path = [i]
        for k in range(self.layer[i] + 1, self.layer[j]):
            path.append(len(self.layer))
            self.layer.append(k)
            self.widths.append(0.0)
        return [*path, j]

    def _order(self, steps: Sequence[Edge]) -> None:
        """Sweeps down and up put each node at the mean place of its neighbours; the order with the fewest crossings."""
        best, fewest = [list(row) for row in self.rows], self._crossings(steps)
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            neighbours = self._above if down else self._below
            for row in self.rows if down else self.rows[::-1]:
                place = {i: k for r in self.rows for k, i in enumerate(r)}
                middle = {i: np.mean([place[n] for n in neighbours[i]]) if neighbours[i] else place[i] for i in row}
                row.sort(key=lambda i: (middle[i], place[i]))
            crossings = self._crossings(steps)
            if crossings < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best

    def _crossings(self, steps: Sequence[Edge]) -> int:
        place = {i: k for row in self.rows for k, i in enumerate(row)}
        ends: list[list[Edge]] = [[] for _ in self.rows]
        for i, j in steps:
            ends[self.layer[i]].append((place[i], place[j]))
        total = 0
        for pairs in ends:
            a, b = np.array(pairs, int).reshape(-1, 2).T
            total += int(np.sum(np.less.outer(a, a) & np.greater.outer(b, b)))
        return total

    def _places(self) -> Any:
        """Each row in its order, as near to its neighbours as widths and gaps allow; bends count most."""
        x = np.zeros(len(self.layer))
        for row in self.rows:
            x[row] = self._spread(row, np.zeros(len(row)))
        for sweep in range(2 * SWEEPS):
            down = sweep % 2 == 0
            for row in self.rows if down else self.rows[::-1]:
                both = [self._above[i] + self._below[i] if sweep > SWEEPS else
                        (self._above if down else self._below)[i] for i in row]  # fmt: skip
                wish = [np.mean(x[n]) if n else x[i] for i, n in zip(row, both, strict=True)]
                x[row] = self._spread(row, np.array(wish))
        left = min((x[i] - self.widths[i] / 2 for i in range(len(x))), default=0.0)
        return x - left

    def _spread(self, row: Sequence[int], wish: Any) -> Any:
        """The places nearest to `wish` (least squares) in which neighbours keep their distance.

        Groups that touch move to the mean of what they wish for (isotonic regression).
        """
        apart = [self.gap + (self.widths[i] + self.widths[j]) / 2 for i, j in pairwise(row)]
        offsets = np.concatenate([[0.0], np.cumsum(apart)])[: len(row)]
        groups: list[tuple[float, float, int]] = []  # mean of the wishes, weight, number of members
        for i, target in zip(row, wish - offsets, strict=True):
            mean, weight, count = float(target), 1.0 if self.widths[i] else BEND, 1
            while groups and groups[-1][0] > mean:
                before, heavy, more = groups.pop()
                mean = (mean * weight + before * heavy) / (weight + heavy)
                weight, count = weight + heavy, count + more
            groups.append((mean, weight, count))
        flat = [mean for mean, _, count in groups for _ in range(count)]
        return np.array(flat) + offsets


def _longest(count: int, edges: Sequence[Edge]) -> list[int]:
    """Layers by the longest path from the top; what nothing leads to stands just above where it is used."""
    layer = [0] * count
    for i, j in sorted(edges, key=lambda edge: edge[1]):
        layer[j] = max(layer[j], layer[i] + 1)
    leads, users = {j for _, j in edges}, _neighbours(count, edges)
    return [min(layer[j] for j in users[i]) - 1 if i not in leads and users[i] else layer[i] for i in range(count)]


def _neighbours(count: int, edges: Sequence[Edge]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for i, j in edges:
        found[i].append(j)
    return found
