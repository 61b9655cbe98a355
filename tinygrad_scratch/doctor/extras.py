"""The optional parts: the compiler, the folder where compiled functions are kept, and each extra's libraries."""

from __future__ import annotations

import contextlib
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..core.cache import cache_folder
from .fact import Fact, Measure, Section, unbroken

# as in setup.cfg, which is not there once the package is installed
EXTRAS = {
    "jit": ["numba"],
    "scipy": ["scipy"],
    "io": ["safetensors"],
    "sklearn": ["scikit-learn>=1.6"],
    "viz": ["matplotlib>=3.9", "pillow"],
    "examples": ["scikit-learn", "tqdm", "matplotlib>=3.9", "pillow"],
    "test": [
        "numba",
        "pytest",
        "pytest-xdist",
        "hypothesis",
        "scipy",
        "scikit-learn",
        "tqdm",
        "matplotlib>=3.9",
        "pillow",
        "safetensors",
        "ruff",
        "mypy",
    ],
    "bench": ["scipy", "numba", "matplotlib>=3.9", "jax", "torch", "autograd", "mygrad"],
}


def compiler_section(measure: Measure) -> Section:
    """numba, and the cache of what it compiled."""
    return Section("compiler", [_numba(measure), *_cache_lines()])


def section() -> Section:
    """Each extra: what is installed, what is missing and how to get it."""
    return Section("extras", [_extra(name, libraries) for name, libraries in EXTRAS.items()])


def installed(library: str) -> str | None:
    """The version of an installed library; what is asked for after its name does not matter."""
    try:
        return version(library.partition(">=")[0])
    except PackageNotFoundError:
        return None


def _numba(measure: Measure) -> Fact:
    found = installed("numba")
    if found is None:
        return Fact("numba", f"not installed: {unbroken(_pip('jit'))}", {"version": None})
    answer = measure("compiler", {})
    if answer is None:
        return Fact("numba", f"{found}, whether it can be imported was not found out", {"version": found})
    if "error" in answer:
        return Fact("numba", f"{found}, but it cannot be imported: {answer['error']}", {"version": found, **answer})
    data = {"version": answer["numba"], "llvmlite": answer["llvmlite"]}
    return Fact("numba", f"{answer['numba']}, llvmlite {answer['llvmlite']}", data)


# ---- the one place that knows where compiled functions are kept -----------------------------------------------------


def _cache_lines() -> list[Fact]:
    """The cache of compiled programs: its folder, the files in it and their size, and whether it can be written."""
    folder = cache_folder() / "jit"
    sizes = _file_sizes(folder)
    writable = _is_writable(folder)
    data = {"folder": str(folder), "files": len(sizes), "bytes": sum(sizes), "writable": writable}
    where = unbroken(_short(folder)) + ("" if folder.exists() else " (not there yet)")
    holds = f"{len(sizes)} files, {sum(sizes) / 1e6:.1f} MB, {'writable' if writable else 'NOT WRITABLE'}"
    return [Fact("cache", f"{where}: {holds}", data)]


def _file_sizes(folder: Path) -> list[int]:
    sizes = []
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # another process may have taken it away
                sizes.append((Path(place) / name).stat().st_size)
    return sizes


def _is_writable(folder: Path) -> bool:
    """Whether files can be written there, or the folder can be made."""
    there = next((place for place in (folder, *folder.absolute().parents) if place.exists()), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)


# ---------------------------------------------------------------------------------------------------------------------


def _extra(name: str, libraries: list[str]) -> Fact:
    versions = {library: installed(library) for library in libraries}
    have = [unbroken(f"{library} {v}") for library, v in versions.items() if v is not None]
    lack = [library for library, v in versions.items() if v is None]
    parts = [", ".join(have)] if have else []
    if lack:
        parts.append(f"missing {', '.join(lack)}: {unbroken(_pip(name))}")
    return Fact(name, "; ".join(parts), {"installed": versions, "missing": lack, "pip": _pip(name) if lack else None})


def _pip(extra: str) -> str:
    return f'pip install "tinygrad_scratch[{extra}]"'


def _short(folder: Path) -> str:
    """The folder with the user's home as ~."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)
