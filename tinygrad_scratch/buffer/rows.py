"""Rows that are written one by one, `y[i] = t`, `y[:, j] = t` or `y[i, j] = t`, until they are joined with the rest.

All rows are at integers on the same axes. What lies within a row, such as `y[i, :2]`, changes that row.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.trace import Traced
from ..ops.index import ALL, AT, getitem_
from ..ops.update import setitem_

Index = tuple[Any, ...]


class Rows:
    """The values of rows by their places on `axes`, over an array that has the others."""

    __slots__ = ("axes", "values")

    def __init__(self) -> None:
        self.axes: tuple[int, ...] = ()
        self.values: dict[tuple[int, ...], Any] = {}

    def __bool__(self) -> bool:
        return bool(self.values)

    def holds(self, index: Index) -> bool:
        """Whether the index lies within one row."""
        fixed = _fixed(index)
        return bool(fixed) and all(axis in fixed for axis in self.axes)

    def read(self, index: Index, rest: Any) -> Any:
        """What stands at an index within a row."""
        key, inside = self._split(index, rest)
        row = self._row(key, rest)
        return row if _whole(inside) else getitem_(row, index=inside)

    def write(self, index: Index, v: Any, rest: Any) -> None:
        """Put a value at an index within a row; the first says on which axes rows are."""
        if not self.values:
            self.axes = tuple(_fixed(index))
        key, inside = self._split(index, rest)
        if not _whole(inside):
            v = setitem_(self._row(key, rest), v, index=inside)
        self.values[key] = v if isinstance(v, Traced) else np.array(v)[()]

    def joined(self, rest: Any) -> Any:
        """The whole array."""
        keys = sorted(self.values)
        rows = np.stack([self.values[key] for key in keys])
        order = (*self.axes, *[axis for axis in range(rest.ndim) if axis not in self.axes])
        shape = [rest.shape[axis] for axis in order]
        if len(keys) == math.prod(shape[: len(self.axes)]):
            whole = rows.reshape(shape)
        else:
            whole = setitem_(np.transpose(rest, order), rows, *np.array(keys).T, index=(AT,) * len(self.axes))
        back = [order.index(axis) for axis in range(rest.ndim)]
        return whole if back == sorted(back) else np.transpose(whole, back)

    def _split(self, index: Index, rest: Any) -> tuple[tuple[int, ...], Index]:
        """The place of the row, and the index inside of it."""
        key = tuple([index[axis] % rest.shape[axis] for axis in self.axes])
        return key, tuple([part for axis, part in enumerate(index) if axis not in self.axes])

    def _row(self, key: tuple[int, ...], rest: Any) -> Any:
        if key in self.values:
            return self.values[key]
        at: list[Any] = [ALL] * rest.ndim
        for axis, k in zip(self.axes, key, strict=True):
            at[axis] = k
        return getitem_(rest, index=tuple(at))


def _fixed(index: Index) -> list[int]:
    """The axes at which an index has an int; none of an index that makes new axes."""
    return [] if None in index else [axis for axis, part in enumerate(index) if type(part) is int]


def _whole(index: Index) -> bool:
    return all(part == ALL for part in index)
