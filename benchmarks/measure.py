"""One row: its sides checked against the one by hand, then timed in turn.

The learning rate of the check is one that shows in float32; a timed net moves hardly at all, since a net trained to the
end on one batch makes denormal numbers, which are slow.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import timing
from .peers import PEERS, takes_part
from .rows import Row
from .sides import Builder, own

CHECK_RATE = 1e-2
LR = 1e-6
STEPS = 3  # of the check
TOLERANCE = {"float32": 2e-3, "float64": 1e-9}  # relative, in the norm of a whole array

UNSEEN = ("jax", "torch", "torch.compile")  # their memory is not Python's

Figures = dict[str, Any]


def builders(row: Row, peers: Sequence[str] = ()) -> dict[str, Builder]:
    """Our own sides, and the peers asked for that have what the row needs."""
    return own() | {name: PEERS[name].build for name in peers if takes_part(name, row)}


def disagreement(row: Row, found: list[Any], expected: list[Any]) -> str:
    """What is wrong with a side's result, or ''. Params are compared by how far they have moved."""
    start = [0, *(row.params if row.optimizer else [0] * len(row.params))]
    names = ["loss", *[f"{'params' if row.optimizer else 'gradient'}[{k}]" for k in range(len(row.params))]]
    for name, f, e, s in zip(names, found, expected, start, strict=True):
        if f.shape != e.shape:
            return f"{name} has shape {f.shape}, expected {e.shape}"
        error, size = float(np.linalg.norm(np.ravel(f - e))), float(np.linalg.norm(np.ravel(e - s)))
        if name == "loss":
            size = max(size, 1.0)  # near 0 a cross-entropy is all rounding
        if not error <= TOLERANCE[e.dtype.name] * size:
            return f"{name} is off by {error:.1e} in norm, where the one by hand has moved by {size:.1e}"
    return ""


def wider(found: list[Any], expected: list[Any]) -> str:
    """The dtype that a side gave where another was due, or ''."""
    return next((f.dtype.name for f, e in zip(found, expected, strict=True) if f.dtype != e.dtype), "")


def run(side: timing.Side, steps: int) -> tuple[list[Any], float]:
    """What a side says after some steps, as copies; and the seconds of the first, in which a compiler compiles."""
    begun = time.perf_counter()
    state = side.step(side.state)
    side.finish(state)
    first = time.perf_counter() - begun
    for _ in range(steps - 1):
        state = side.step(state)
    return [np.array(r) for r in side.result(state)], first


def peak_bytes(build: Builder, row: Row) -> int:
    """The most that Python and NumPy held at once in the third step: params, optimizer's state, plan, temporaries.

    By tracemalloc, so in a run of its own; what a compiled library takes for itself is not seen.
    """
    tracemalloc.start()
    try:
        side = build(row, LR)
        state = side.step(side.step(side.state))
        tracemalloc.reset_peak()
        side.step(state)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def figures(
    row: Row, sides: dict[str, Builder], seconds: float, memory: bool = False
) -> tuple[Figures, dict[str, str]]:
    """{side: its figures}, and {side: problem} of the sides that compute something else and so have no figures.

    A peer may answer in a wider dtype than the row has, which its figures then name; our own sides may not.
    """
    expected, first = run(sides["hand"](row, CHECK_RATE), STEPS)
    found: Figures = {"hand": {"first_call": first}}
    problems: dict[str, str] = {}
    for name, build in sides.items():
        if name == "hand":
            continue
        try:
            result, first = run(build(row, CHECK_RATE), STEPS)
        except Exception as error:  # of any library: the other sides still count
            problems[name] = f"{type(error).__name__}: {error}"
            continue
        dtype = wider(result, expected)
        problem = disagreement(row, result, expected)
        if dtype and name not in PEERS:
            problem = f"the result is {dtype}"
        if problem:
            problems[name] = problem
        else:
            found[name] = {"first_call": first, **({"dtype": dtype} if dtype else {})}
    timed = {name: sides[name](row, LR) for name in found}
    for name, summary in timing.summary(timing.interleaved(timed, seconds)).items():
        found[name].update(summary)
        if memory and name not in UNSEEN:
            found[name]["peak_bytes"] = peak_bytes(sides[name], row)
    return found, problems
