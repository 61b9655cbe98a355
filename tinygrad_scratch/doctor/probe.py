"""The measurements, each run in a process of its own, because the settings must stand before Python starts.

There `main` prints one line of JSON, which `measurer` reads here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import blas
from .fact import Measure

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "ARMPL", "NUMEXPR", "GOTO")} | {
    "VECLIB_MAXIMUM_THREADS": "1"
}
SIZE = 512
COPY_MB = 64
_SECONDS = 0.2
_CHILD_TIMEOUT = 4.0
_ALL_THREADS = "product_threads"


def measurer(seconds: float) -> Measure:
    """A function that runs probes, until so many seconds from now; after that it measures nothing."""
    end = time.monotonic() + seconds

    def measure(name: str, settings: Mapping[str, str]) -> dict[str, Any] | None:
        left = end - time.monotonic()
        return _run(name, settings, min(left, _CHILD_TIMEOUT)) if left > 0 else None

    return measure


def _run(name: str, settings: Mapping[str, str], timeout: float) -> dict[str, Any] | None:
    """What the probe printed; None if it failed, as it does if the CPU cannot run the kernels that were asked for."""
    threads = {} if name == _ALL_THREADS else ONE_THREAD
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    environment = {**os.environ, **threads, **settings, "PYTHONPATH": path}
    command = [sys.executable, "-c", f"from {__name__} import main; main({name!r})"]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=timeout, encoding="utf-8"
        )
        answer = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
    return answer if isinstance(answer, dict) else None


def product() -> dict[str, Any]:
    """The rate of a float32 matrix product, and the kernels that ran."""
    a = np.full((SIZE, SIZE), 0.5, np.float32)
    seconds = _best(lambda: a @ a)
    return {"gflops": 2 * SIZE**3 / seconds / 1e9, "kernel": blas.corename(), "threads": blas.threads()}


def copy() -> dict[str, Any]:
    """The rate of copying an array that is larger than most caches; what is read and what is written both count."""
    source = np.ones(COPY_MB << 20, np.uint8)
    target = np.empty_like(source)
    seconds = _best(lambda: np.copyto(target, source))
    return {"gbytes": 2 * source.nbytes / seconds / 1e9}


def step() -> dict[str, Any]:
    """Seconds of a step that makes many temporary arrays of 0.4 and 1 MB: Adam's update, and an activation."""
    w = np.ones((784, 128), np.float32)
    x = np.ones((512, 512), np.float32)  # made without a larger temporary: freeing one hides the effect

    def once() -> None:
        m, v = 0.9 * w + 0.1 * w, 0.999 * w + 0.001 * w**2
        w - 1e-3 * (m / 0.5) / (np.sqrt(v / 0.5) + 1e-8)
        y = 2 * x + 1
        np.maximum(y, 0) - 0.5 * y + y * y

    return {"seconds": _typical(once)}


def compiler() -> dict[str, Any]:
    """Whether numba can be imported, and its versions; some do not go with the NumPy that is installed."""
    try:
        import llvmlite
        import numba
    except Exception as error:
        return {"error": str(error).strip().partition("\n")[0]}
    return {"numba": numba.__version__, "llvmlite": llvmlite.__version__}


PROBES: dict[str, Callable[[], dict[str, Any]]] = {
    "product": product,
    _ALL_THREADS: product,
    "copy": copy,
    "step": step,
    "compiler": compiler,
}


def main(name: str) -> None:
    """Run one probe, on one core unless it measures threads."""
    if name != _ALL_THREADS and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(json.dumps(PROBES[name]()))


def _best(work: Callable[[], object]) -> float:
    """The fewest seconds of several runs: what others do on the machine only adds."""
    return min(_times(work))


def _typical(work: Callable[[], object]) -> float:
    """The middle of the seconds of several runs."""
    times = sorted(_times(work))
    return times[len(times) // 2]


def _times(work: Callable[[], object]) -> list[float]:
    work()  # touch the memory and wake the processor
    times: list[float] = []
    end = time.perf_counter() + _SECONDS
    while len(times) < 3 or time.perf_counter() < end:
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return times
