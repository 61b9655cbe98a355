"""The machine: its processor, the cores that this process may use, its vector units, Python and NumPy."""

from __future__ import annotations

import math
import os
import platform
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from .fact import Fact, Section

_CPUINFO = Path("/proc/cpuinfo")
_CGROUPS = Path("/sys/fs/cgroup")

# what NumPy calls a group of instructions, and the names the Linux kernel has for those that matter here
_NUMPY_FLAGS = {
    "AVX2": {"avx2"},
    "FMA3": {"fma"},
    "X86_V3": {"avx2", "fma"},
    "AVX512F": {"avx512f"},
    "AVX512_SKX": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
    "X86_V4": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
    "ASIMD": {"asimd"},
    "SVE": {"sve"},
}
_UNITS = {
    "avx2": "AVX2",
    "fma": "FMA",
    "avx512f": "AVX-512",
    "avx512_bf16": "AVX-512 BF16",
    "amx_tile": "AMX",
    "asimd": "NEON",
    "sve": "SVE",
    "sve2": "SVE2",
}


def section() -> Section:
    """All facts of this file."""
    return Section("machine", [_cpu(), _cores(), _load(), _vector_units(), _python(), _numpy(), _package()])


def cpuinfo(key: str, file: Path = _CPUINFO) -> str:
    """The first value of `key` in Linux' list of processors, or an empty string."""
    for line in read(file).splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def read(file: Path) -> str:
    """The text of a file, empty if there is none to read."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def cpu_flags(file: Path = _CPUINFO) -> set[str]:
    """The instruction sets of the processor under the names of Linux; from NumPy where the system does not tell."""
    listed = cpuinfo("flags", file) or cpuinfo("Features", file)
    if listed:
        return set(listed.split())
    simd = numpy_config("SIMD Extensions")
    names = [*simd.get("baseline", []), *simd.get("found", [])]
    return {flag for name in names for flag in _NUMPY_FLAGS.get(name, ())}


@cache
def numpy_config(part: str) -> dict[str, Any]:
    """One part of what NumPy knows of its own build, empty if it does not know."""
    config: Any = np.show_config(mode="dicts")
    return dict((config or {}).get(part) or {})


def usable_cores() -> int:
    """How many cores' time this process gets: the cores it may run on, or fewer if the time is limited."""
    limit = _time_limit()
    return _allowed() if limit is None else max(1, min(_allowed(), math.ceil(limit)))


def _allowed() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _time_limit(root: Path = _CGROUPS, own: Path = Path("/proc/self/cgroup")) -> float | None:
    """The limit that a container or service sets to the processor time, in cores; None without one."""
    here = next((line[3:].strip("/") for line in read(own).splitlines() if line.startswith("0::")), "")
    limits = []
    for folder in {root, root / here}:
        words = read(folder / "cpu.max").split()
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit():
            limits.append(int(words[0]) / int(words[1]))
    return min(limits, default=None)


def _cpu() -> Fact:
    name = cpuinfo("model name") or _mac_cpu() or platform.processor() or platform.machine() or "not known"
    return Fact("cpu", name, name)


def _mac_cpu() -> str:
    if platform.system() != "Darwin":
        return ""
    command = ["sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=2).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _cores() -> Fact:
    there, allowed, limit = os.cpu_count() or 1, _allowed(), _time_limit()
    text = f"{allowed} of {there} for this process"
    if limit is not None:
        text += f", limited to the time of {limit:g}"
    return Fact("cores", text, {"all": there, "allowed": allowed, "time_limit": limit})


def _load() -> Fact:
    """How many processes want a core, on average over a minute."""
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):
        return Fact("load", "not known", None)
    busy = "; others are at work, so the rates below may be too low" if load > 0.5 * (os.cpu_count() or 1) else ""
    return Fact("load", f"{load:.1f}{busy}", load)


def _vector_units() -> Fact:
    flags = cpu_flags()
    data = {"avx2": "avx2" in flags, "avx512": "avx512f" in flags, "all": sorted(flags & set(_UNITS))}
    text = ", ".join(unit for flag, unit in _UNITS.items() if flag in flags) or "not known"
    if "avx2" in flags and "avx512f" not in flags:
        text += "; no AVX-512"
    return Fact("vector units", text, data)


def _python() -> Fact:
    text = f"{platform.python_version()}, {platform.python_implementation()} on {platform.system()}"
    return Fact("python", text, platform.python_version())


def _numpy() -> Fact:
    found = [str(name) for name in numpy_config("SIMD Extensions").get("found", [])]
    text = f"{np.__version__}, its loops use {', '.join(found)}" if found else np.__version__
    return Fact("numpy", text, {"version": np.__version__, "simd": found})


def _package() -> Fact:
    return Fact("tinygrad_scratch", __version__, __version__)
