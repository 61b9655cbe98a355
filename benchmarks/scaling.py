"""Time against size: the length of the graph, the width of a net, its batch; and what compiling a graph costs."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import measure, report
from .rows import Row, classifier_row
from .sides import own

LENGTHS = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
LONGEST_COMPILED = 10_000
WIDTHS = (16, 64, 256, 1024)
BATCHES = (1, 8, 64, 512)


def chain_row(n: int) -> Row:
    """sin(sin(... x)), n times, summed, of 8 numbers: nothing but what each operation costs beside its work."""

    def by_hand(params: list[Any]) -> tuple[Any, list[Any]]:
        values = [params[0]]
        for _ in range(n):
            values.append(np.sin(values[-1]))
        g = np.ones_like(values[0])
        for value in reversed(values[:-1]):
            g = g * np.cos(value)
        return np.sum(values[-1]), [g]

    def loss(lib: Any, params: list[Any]) -> Any:
        (x,) = params
        for _ in range(n):
            x = lib.np.sin(x)
        return lib.np.sum(x)

    return Row(f"chain of {n:,} operations", [np.linspace(0.5, 1.5, 8)], (), by_hand, loss)


SERIES: dict[str, tuple[str, dict[int, Any]]] = {
    "length": ("operations in a chain, loss and gradient", {n: lambda n=n: chain_row(n) for n in LENGTHS}),
    "width": ("width w of w-w-10 relu, batch 64, Adam", {n: lambda n=n: classifier_row(64, n, n, 10) for n in WIDTHS}),
    "batch": ("batch of 784-128-10 relu, Adam", {n: lambda n=n: classifier_row(n, 784, 128, 10) for n in BATCHES}),
}


def run(seconds: float, sizes: dict[str, list[int]] | None = None) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Measure and print each series; its points, and the problems found. `sizes`: of each series, instead of all."""
    points = []
    problems: dict[str, str] = {}
    for series, (title, rows) in SERIES.items():
        print(f"\n{report.header(series, list(own()))}   {title}")
        for size in rows if sizes is None else sizes[series]:
            compiled = series != "length" or size <= LONGEST_COMPILED
            sides = {name: build for name, build in own().items() if compiled or not name.startswith("jit")}
            figures, wrong = measure.figures(rows[size](), sides, seconds)
            print(report.line(f"{size:,}", figures, list(own()), wrong), flush=True)
            points.append({"series": series, "size": size, "sides": figures})
            problems |= {f"{series} {size}, {side}": problem for side, problem in wrong.items()}
    for line in first_calls(points):
        print(line)
    return points, problems


def first_calls(points: list[dict[str, Any]]) -> list[str]:
    """The first call, in which a side traces and compiles, against the length of the graph."""
    rows = [{"key": f"{p['size']:,}", "sides": p["sides"]} for p in points if p["series"] == "length"]
    compiled = [side for side in own() if side.startswith("jit")]
    return report.second_table("first call", "first_call", report.duration, rows, compiled)
