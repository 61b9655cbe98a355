"""What the machine can do, measured on the spot: the rate of matrix products and the bandwidth of memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .rows import Row


class Roofline(NamedTuple):
    """Operations a second of float32 products, and bytes a second read and written by a copy on one core."""

    products: float
    bandwidth: float

    def seconds(self, row: Row) -> float:
        """The time that the row's products, or the bytes it must move, would take alone."""
        return max(row.products / self.products, row.traffic / self.bandwidth)


def _best(f: Callable[[], Any], times: int) -> float:
    f()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        f()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def measure(n: int = 1024, megabytes: int = 128) -> Roofline:
    """The best of some runs: a product of two (n, n), and a copy of an array larger than the caches."""
    rng = np.random.default_rng(0)
    a, b = rng.random((2, n, n), np.float32)
    out = np.empty_like(a)
    source = np.ones(megabytes * 1_000_000 // 8)
    target = np.empty_like(source)
    product = _best(lambda: np.matmul(a, b, out=out), 20)
    copy = _best(lambda: np.copyto(target, source), 5)
    return Roofline(2 * n**3 / product, 2 * source.nbytes / copy)
