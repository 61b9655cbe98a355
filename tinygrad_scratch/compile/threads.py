"""Threads for large arrays: NumPy lets go of the interpreter lock in its loops, so blocks run side by side."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from ..core.errors import ArgumentError

WORTH = 1 << 17  # elements a thread should get at least

_count: int | None = None
_pool: ThreadPoolExecutor | None = None
_lock = threading.Lock()


def set_num_threads(n: int) -> None:
    """How many threads compiled programs use for large arrays; by default OMP_NUM_THREADS, or one a core.

    The threads of BLAS are its own affair: OPENBLAS_NUM_THREADS, set before Python starts.

    >>> import tinygrad_scratch as tg
    >>> tg.set_num_threads(1)
    """
    global _count, _pool
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ArgumentError(f"set_num_threads: n={n!r}, expected a positive integer")
    with _lock:
        _count, _pool = n, None


def num_threads() -> int:
    """How many threads are used."""
    if _count is not None:
        return _count
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _threads(n: int) -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(n, "tinygrad_scratch")
        return _pool


def _without_threads() -> None:
    """A forked process has none of the threads."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_without_threads)


def by_blocks(
    function: Callable[..., None], space: Callable[[], tuple[Any, ...]], rows: int, each: int, elements: int
) -> None:
    """`function(i, j, *temporaries)` for blocks of `each` rows, in this thread or in several."""
    n = min(num_threads(), elements // WORTH)
    if n < 2:
        _span(function, space(), 0, rows, each)
        return
    step = -(-rows // (n * each)) * each
    spans = [(i, min(i + step, rows)) for i in range(0, rows, step)]
    futures = [  # under the same np.errstate
        _threads(n).submit(copy_context().run, _span, function, space(), i, j, each) for i, j in spans[1:]
    ]
    _span(function, space(), *spans[0], each)
    for future in futures:
        future.result()


def _span(function: Callable[..., None], temporaries: tuple[Any, ...], start: int, end: int, each: int) -> None:
    for i in range(start, end, each):
        j = min(i + each, end)
        if j - i < each:
            temporaries = tuple([t[: j - i] for t in temporaries])
        function(i, j, *temporaries)
