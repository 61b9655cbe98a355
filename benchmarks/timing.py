"""Measuring: the sides of a row in turn, pinned, the median of their ratios.

Three things spoil such figures, and each is set for all sides alike: OpenBLAS may take a new CPU for an old one and run
slower kernels; the allocator may give freed temporaries back to the system at each step; threads.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "1000000000"}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
ONE_THREAD_XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


class Side(NamedTuple):
    """A way to compute a row: a state, the step from one to the next, and what a state says.

    result    the loss, then the gradient or the new params: what all sides must agree on
    finish    waits until a state has really been computed
    """

    state: Any
    step: Callable[[Any], Any]
    result: Callable[[Any], list[Any]]
    finish: Callable[[Any], Any] = lambda state: None


def wanted(threads: int) -> dict[str, str]:
    """The environment to measure in."""
    setting = {**{name: str(threads) for name in THREADS}, **ALLOCATOR, "JAX_PLATFORMS": "cpu"}
    if threads == 1:
        setting["XLA_FLAGS"] = ONE_THREAD_XLA  # with more, XLA takes as many as there are cores to run on
    if "avx512f" in _cpu_flags():
        setting["OPENBLAS_CORETYPE"] = "SkylakeX"
    return setting


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def restart_in_setting(threads: int = 1) -> None:
    """Start this command again with the setting, which must stand before NumPy is loaded; pin it to `threads` cores."""
    setting = wanted(threads)
    if any(os.environ.get(name) != value for name, value in setting.items()):
        os.environ.update(setting)
        os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def setting(threads: int = 1) -> dict[str, str]:
    """What the figures were measured under."""
    import numpy as np

    return {
        "cpu": _cpu_name(),
        "cores": f"{threads}, pinned" if hasattr(os, "sched_setaffinity") else f"{threads}, not pinned",
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        **{name: os.environ[name] for name in wanted(threads) if name in os.environ},
    }


def interleaved(sides: dict[str, Side], seconds: float = 2.0, rounds: int = 5) -> dict[str, list[float]]:
    """Seconds a step of each side, measured in turn: rounds of about 10 ms a side until the time is over."""
    state, count = {}, {}
    for name, side in sides.items():
        s = side.state
        for _ in range(4):  # warm up
            begun = time.perf_counter()
            s = side.step(s)
            side.finish(s)
            last = time.perf_counter() - begun
        state[name], count[name] = s, max(1, int(0.01 / last))
    times: dict[str, list[float]] = {name: [] for name in sides}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(next(iter(times.values()))) < rounds:
        for name, side in sides.items():
            gc.collect(0)
            s, n = state[name], count[name]
            begun = time.perf_counter()
            for _ in range(n):
                s = side.step(s)
            side.finish(s)
            times[name].append((time.perf_counter() - begun) / n)
            state[name] = s
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


def _cpu_info(field: str) -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(field)), "")


def _cpu_flags() -> list[str]:
    return _cpu_info("flags").split()


def _cpu_name() -> str:
    return _cpu_info("model name") or platform.machine()
