"""NumPy's own BLAS, found in the process, so that products inside compiled code are the very ones NumPy computes."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROUTINES = ("sgemm", "dgemm", "sgemv", "dgemv")
# how builds of BLAS name the C interface, and the integers they take
SPELLINGS = [
    ("scipy_cblas_{}64_", "i64"), ("cblas_{}64_", "i64"), ("cblas_{}_64", "i64"), ("scipy_cblas_{}", "i32"),
    ("cblas_{}", "i32"),
]  # fmt: skip


class Blas(NamedTuple):
    """The addresses of its routines, by name, and the type of its integers."""

    functions: dict[str, int]
    integer: str


@functools.cache
def find() -> Blas | None:
    """The BLAS of NumPy, or None where it cannot be found: products are then left to NumPy."""
    for path in _libraries():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        for spelling, integer in SPELLINGS:
            found = {name: _address(library, spelling.format(name)) for name in ROUTINES}
            if all(found.values()):
                return Blas({name: address for name, address in found.items() if address}, integer)
    return None


def _address(library: Any, name: str) -> int | None:
    try:
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    except AttributeError:
        return None


def _libraries() -> Iterator[str]:
    """Shared libraries that may be NumPy's BLAS: those beside it, then those that the process has loaded."""
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        if folder.is_dir():
            yield from sorted(str(p) for p in folder.iterdir() if "blas" in p.name.lower())
    maps = Path("/proc/self/maps")
    if maps.exists():
        paths = {line.split()[-1] for line in maps.read_text().splitlines() if ".so" in line}
        yield from sorted(p for p in paths if any(word in Path(p).name.lower() for word in ("blas", "mkl_rt", "blis")))
