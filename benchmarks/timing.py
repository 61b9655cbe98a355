"""Measuring: the sides of a row in turn, pinned to one core, the median of their ratios.

Three things spoil such figures, and each is set for both sides alike (see `SETTING`): OpenBLAS may take a new CPU for
an old one and run slower kernels; the allocator may give freed temporaries back to the system at each step; threads.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SETTING = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": "1000000000",
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
}


def restart_in_setting() -> None:
    """Start this command again with the setting, which must stand before NumPy is loaded; pin it to one core."""
    wanted = dict(SETTING)
    if "avx512f" in _cpu_flags():
        wanted["OPENBLAS_CORETYPE"] = "SkylakeX"
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.environ.update(wanted)
        os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def setting() -> dict[str, str]:
    """What the figures were measured under."""
    import numpy as np

    names = [*SETTING, "OPENBLAS_CORETYPE"]
    return {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "cores": "1, pinned" if hasattr(os, "sched_setaffinity") else "1, not pinned",
        **{name: os.environ[name] for name in names if name in os.environ},
    }


def interleaved(
    steps: dict[str, Callable[[Any], Any]], start: dict[str, Any], seconds: float = 2.0
) -> dict[str, list[float]]:
    """Seconds a step of each side, measured in turn: rounds of about 10 ms a side until the time is over."""
    state = dict(start)
    count = {}
    for side, step in steps.items():
        for _ in range(3):  # warm up
            state[side] = step(state[side])
        begun = time.perf_counter()
        state[side] = step(state[side])
        count[side] = max(1, int(0.01 / (time.perf_counter() - begun)))
    times: dict[str, list[float]] = {side: [] for side in steps}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times["hand"]) < 5:
        for side, step in steps.items():
            gc.collect(0)
            s, n = state[side], count[side]
            begun = time.perf_counter()
            for _ in range(n):
                s = step(s)
            times[side].append((time.perf_counter() - begun) / n)
            state[side] = s
    return times


def summary(times: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """Median seconds of each side, and the median over the rounds of its ratio to the hand-written side."""
    hand = times["hand"]
    return {
        side: {
            "seconds": statistics.median(ts),
            "ratio": statistics.median([t / h for t, h in zip(ts, hand, strict=True)]),
        }
        for side, ts in times.items()
    }


def _cpu_flags() -> list[str]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split() for line in lines if line.startswith("flags")), [])
