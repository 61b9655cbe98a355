"""The pytest plugin: a section of the summary on all tests made by `@gradcheck`.

It is found by its entry point where the package is installed; elsewhere `-p tinygrad_scratch.testing.plugin` loads it.
What a test has checked travels with its report, so that pytest-xdist may run it elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

KEY = "gradcheck"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Iterator[None]:
    """Note after a test what its decorator has counted for it."""
    tally = getattr(getattr(item, "obj", None), KEY, None)
    if tally is None:
        return (yield)
    tally.begin()
    try:
        return (yield)
    finally:
        digits = tally.digits if math.isfinite(tally.digits) else None
        item.user_properties.append((KEY, [tally.cases, tally.comparisons, digits]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print one line a test."""
    reports = [r for status in ("passed", "failed") for r in terminalreporter.stats.get(status, [])]
    lines = [
        f"{r.nodeid}: {r.outcome}, {cases} cases, {numbers} numbers" + ("" if d is None else f", {d:.1f} digits agree")
        for r in reports
        for key, value in getattr(r, "user_properties", [])
        if key == KEY and r.when == "call"
        for cases, numbers, d in [value]
    ]
    if lines:
        terminalreporter.section("gradients checked")
        for line in sorted(lines):
            terminalreporter.write_line(line)
