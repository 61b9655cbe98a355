"""One row: its sides checked against the one by hand, then timed in turn.

The learning rate of the check is one that shows in float32; a timed net moves hardly at all, since a net trained to the
end on one batch makes denormal numbers, which are slow.
"""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import numpy as np

from . import peers, timing
from .rows import Row
from .sides import Builder, own

CHECK_RATE = 1e-2
LR = 1e-6
STEPS = 3  # of the check
TOLERANCE = {"float32": 2e-3, "float64": 1e-9}  # relative, in the norm of a whole array

Figures = dict[str, Any]


def builders(row: Row, asked: list[str]) -> dict[str, Builder]:
    """Our own sides, and the peers asked for that have what the row needs."""
    return own() | {name: peers.PEERS[name].build for name in asked if peers.takes_part(name, row)}


def disagreement(row: Row, found: list[Any], expected: list[Any]) -> str:
    """What is wrong with a side's result, or ''. Params are compared by how far they have moved."""
    start = [0, *(row.params if row.optimizer else [0] * len(row.params))]
    names = ["loss", *[f"{'params' if row.optimizer else 'gradient'}[{k}]" for k in range(len(row.params))]]
    for name, f, e, s in zip(names, found, expected, start, strict=True):
        f, e = np.asarray(f), np.asarray(e)
        dtype = row.params[0].dtype.name
        if f.shape != e.shape or f.dtype.name != dtype:
            return f"{name} is {f.dtype} of shape {f.shape}, expected {dtype} of shape {e.shape}"
        error, size = np.linalg.norm(np.ravel(f - e)), np.linalg.norm(np.ravel(e - s))
        if not error <= TOLERANCE[dtype] * size:
            return f"{name} is off by {error:.1e} in norm, where the one by hand has moved by {size:.1e}"
    return ""


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


def figures(row: Row, asked: list[str], seconds: float, memory: bool = False) -> tuple[Figures, dict[str, str]]:
    """{side: its figures}, and {side: problem} of the sides that compute something else and so have no figures."""
    sides = builders(row, asked)
    found: Figures = {}
    problems: dict[str, str] = {}
    expected: list[Any] = []
    for name, build in sides.items():
        try:
            result, first = run(build(row, CHECK_RATE), STEPS)
        except Exception as error:
            if name == "hand":
                raise
            problems[name] = f"{type(error).__name__}: {error}"
            continue
        expected = expected or result
        problem = disagreement(row, result, expected)
        if problem:
            problems[name] = problem
        else:
            found[name] = {"first_call": first}
    timed = {name: sides[name](row, LR) for name in found}
    for name, summary in timing.summary(timing.interleaved(timed, seconds)).items():
        found[name].update(summary)
        if memory and name not in ("jax", "torch", "torch.compile"):
            found[name]["peak_bytes"] = peak_bytes(sides[name], row)
    return found, problems
