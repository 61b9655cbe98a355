"""Loops over the elements of arrays: axes that lie alike in all arrays run as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .ir import Code, Value

Strides = tuple[int, ...]


def broadcast_strides(strides: Strides, shape: tuple[int, ...], over: tuple[int, ...]) -> Strides:
    """The strides of an array of `shape`, seen as one of the shape `over`."""
    missing = len(over) - len(shape)
    return (0,) * missing + tuple([0 if n == 1 else s for n, s in zip(shape, strides, strict=True)])


def collapsed(shape: Sequence[int], all_strides: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """Sizes of the loops, and for each array its strides along them; axes of length 1 are gone."""
    sizes: list[int] = []
    strides: list[list[int]] = [[] for _ in all_strides]
    for axis, n in enumerate(shape):
        if n == 1:
            continue
        here = [s[axis] for s in all_strides]
        if sizes and all(own[-1] == step * n for own, step in zip(strides, here, strict=True)):
            sizes[-1] *= n
            for own, step in zip(strides, here, strict=True):
                own[-1] = step
        else:
            sizes.append(n)
            for own, step in zip(strides, here, strict=True):
                own.append(step)
    return sizes, strides


Offsets = list[Value]
Hook = Callable[[Offsets], None]


def run_nest(
    code: Code,
    sizes: Sequence[int],
    strides: Sequence[Sequence[int]],
    starts: Sequence[Any],
    body: Hook,
    before: dict[int, Hook] | None = None,
    after: dict[int, Hook] | None = None,
) -> None:
    """Emit the loops. `body` gets the offset of each array; `before[d]` and `after[d]` are called inside d loops."""

    def level(d: int, offsets: Offsets) -> None:
        for hook in [before[d]] if before and d in before else []:
            hook(offsets)
        if d == len(sizes):
            body(offsets)
        else:
            with code.loop(sizes[d]) as i:
                level(
                    d + 1,
                    [
                        o if not s[d] else o + i * s[d] if s[d] != 1 else o + i
                        for o, s in zip(offsets, strides, strict=True)
                    ],
                )
        for hook in [after[d]] if after and d in after else []:
            hook(offsets)

    level(0, list(starts))
