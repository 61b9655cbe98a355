"""What np.where does not choose has no part in the gradient, whatever its derivative: zero times infinity is zero.

The cotangent alone does not tell: where it is zero by chance, its own derivative still counts. So the condition goes
along with it through the backward pass, up to the next operation that mixes elements, or a compiled function.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..core.primitive import Primitive

MOVES = ("view", "sum", "gather", "join", "cast", "same")  # kinds of operations that only move elements, or add them up


class Chosen:
    """By slot: which elements of a cotangent may differ from zero."""

    def __init__(self, masks: dict[int, Any]) -> None:
        self.masks = masks

    def passed(
        self, prim: Primitive, attrs: dict[str, Any], entry: Any, i: int, slot: int, g: Any, part: Any, first: bool
    ) -> Any:
        """The part of the cotangent of argument i, which goes to `slot`, with zeros where g has them by choice.

        `first`: the slot has no other part yet.
        """
        _, _, out, ans, values = entry
        mask = self.masks.get(out)
        if prim.selects:  # where(condition, x, y)
            own = np.not_equal(values[0], 0) if i == 1 else np.equal(values[0], 0)
            mask = own if mask is None else np.logical_and(mask, own)
        elif mask is not None and prim.elementwise:
            part = part if part is g else np.where(mask, part, 0)
        elif mask is not None:
            kind = prim.emit.kind if prim.emit else ""
            spread = np.where(mask, np.ones(g.shape, g.dtype), 0)
            mask = np.not_equal(prim.vjps[i](spread, ans, *values, **attrs), 0) if kind in MOVES else None  # type: ignore[misc]
        if part.shape != values[i].shape:
            mask = None
        self._enter(slot, mask, first)
        return part

    def forget(self, slots: Iterable[int]) -> None:
        """These have got parts of which nothing is known."""
        for slot in slots:
            self.masks.pop(slot, None)

    def _enter(self, slot: int, mask: Any, first: bool) -> None:
        if mask is None:
            self.masks.pop(slot, None)
        elif first:
            self.masks[slot] = mask
        elif slot in self.masks:
            self.masks[slot] = np.logical_or(self.masks[slot], mask)
