"""Memory: how fast it is copied, and what the allocator costs an array program."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any, NamedTuple

from .fact import Advice, Fact, Measure, Section, assignments, unbroken
from .machine import read
from .probe import COPY_MB
from .products import WORTH

_NAMES = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
# the second for versions of the C library that take no threshold above 32 MiB for mmap
_CHOICES = [{_NAMES[0]: "1000000000", _NAMES[1]: mmap} for mmap in ("1000000000", "33554432")]


class _Trial(NamedTuple):
    settings: dict[str, str]
    seconds: float


def section(measure: Measure) -> Section:
    """All facts of this file."""
    now = _seconds(measure, {})
    trial = None if now is None else _trial(now, measure)
    return Section(
        "memory",
        [_copy(measure), _allocator(), _settings(), _step(now, trial)],
        _faster(now, trial, measure) if now and trial else [],
    )


def _copy(measure: Measure) -> Fact:
    answer = measure("copy", {})
    if answer is None:
        return Fact("copying", "could not be measured", None)
    text = f"{answer['gbytes']:.1f} GB/s on one core, reading and writing together ({COPY_MB} MB arrays)"
    return Fact("copying", text, {"gbytes_per_second": answer["gbytes"]})


def _allocator() -> Fact:
    other, (name, version) = _replacement(), platform.libc_ver()
    text = other or f"{name} {version}".strip() or "the system's"
    return Fact("allocator", text, text)


def _replacement(maps: Path = Path("/proc/self/maps")) -> str | None:
    """An allocator that was put in the place of the C library's."""
    found = re.search(r"/[^/\n]*(jemalloc|tcmalloc|mimalloc)[^/\n]*$", read(maps), re.MULTILINE)
    return found.group(1) if found else None


def _is_glibc() -> bool:
    """Whether the allocator is the one that the settings speak to."""
    return platform.libc_ver()[0] == "glibc" and _replacement() is None


def _settings() -> Fact:
    data = {name: os.environ.get(name) for name in _NAMES}
    text = ", ".join(f"{name}={value}" if value else f"{name} not set" for name, value in data.items())
    return Fact("settings", text, data)


def _trial(now: float, measure: Measure) -> _Trial | None:
    """The first settings that help, else the last that were tried; None where nothing can be set."""
    trial = None
    for settings in _CHOICES if _is_glibc() else []:
        if all(os.environ.get(name) == value for name, value in settings.items()):
            return None
        seconds = _seconds(measure, settings)
        if seconds is not None:
            trial = _Trial(settings, seconds)
            if now > WORTH * seconds:
                break
    return trial


def _step(now: float | None, trial: _Trial | None) -> Fact:
    if now is None:
        return Fact("temporaries", "could not be measured", None)
    text = f"{now * 1e6:.0f} us a step of Adam and an activation, on arrays of 0.4 and 1 MB"
    data: dict[str, Any] = {"seconds": now}
    if trial is not None:
        text += f"; {trial.seconds * 1e6:.0f} us with {unbroken(assignments(trial.settings))}"
        data |= {"seconds_with": trial.seconds, "with": trial.settings}
    return Fact("temporaries", text, data)


def _faster(now: float, trial: _Trial, measure: Measure) -> list[Advice]:
    """The settings, if they help and a second look agrees."""
    if now < WORTH * trial.seconds:
        return []
    again, trial_again = _seconds(measure, {}), _seconds(measure, trial.settings)
    if again is None or trial_again is None:
        return []
    slow, fast = min(now, again), min(trial.seconds, trial_again)
    return [_advice(trial.settings, slow, fast)] if slow > WORTH * fast else []


def _advice(settings: dict[str, str], slow: float, fast: float) -> Advice:
    text = (
        f"steps with large temporaries would be {slow / fast:.1f} times faster ({fast * 1e6:.0f} against "
        f"{slow * 1e6:.0f} us), because the process keeps the memory it frees; set both before Python starts"
    )
    return Advice(settings, text)


def _seconds(measure: Measure, settings: dict[str, str]) -> float | None:
    answer = measure("step", settings)
    return None if answer is None else float(answer["seconds"])
