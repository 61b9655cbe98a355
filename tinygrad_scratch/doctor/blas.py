"""BLAS, the library of NumPy's matrix products: which one is loaded, and what it says of itself.

What NumPy was built with is in its own configuration, but a system may put another library in that place: the
libraries of this process tell. OpenBLAS has functions that describe it, under names that differ by who built it.
"""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from .fact import Fact
from .machine import numpy_config, read

_MAPS = Path("/proc/self/maps")
_FAMILIES = {
    "openblas": "OpenBLAS",
    "mkl": "MKL",
    "blis": "BLIS",
    "armpl": "Arm Performance Libraries",
    "nvpl": "NVPL",
    "accelerate": "Accelerate",
    "atlas": "ATLAS",
    "blas/libblas": "Netlib's reference BLAS",
}


def library() -> Fact:
    """The library's name, its version and its file."""
    name, version, files = family() or _built("name") or None, _version(), libraries()
    file = files[0].name if files else None
    text = " ".join(filter(None, [name or "not known", version]))
    if file:
        text += f", {file}"
    data = {"name": name, "version": version, "file": file, "numpy_built_with": _built("name")}
    return Fact("library", text, data)


def build() -> Fact:
    """How OpenBLAS was built."""
    config = openblas_config()
    if not config:
        return Fact("build", "not known, only OpenBLAS tells", None)
    words = config.split()
    told = ["64-bit integers" if "USE64BITINT" in words else "32-bit integers"]
    told.append("kernels for many CPUs" if dynamic() else "kernels for one CPU only")
    told += [f"at most {word.partition('=')[2]} threads" for word in words if word.startswith("MAX_THREADS=")]
    return Fact("build", ", ".join(told), config)


def kernel() -> Fact:
    """The kernels that OpenBLAS runs, and who chose them."""
    name, asked = corename(), os.environ.get("OPENBLAS_CORETYPE")
    data = {"name": name, "asked": asked}
    if name is None:
        return Fact("kernel", "not known, only OpenBLAS tells", data)
    if not asked:
        return Fact("kernel", f"{name}, OpenBLAS' own choice", data)
    if asked.lower() == name.lower():
        return Fact("kernel", f"{name}, as OPENBLAS_CORETYPE says", data)
    return Fact("kernel", f"{name}, although OPENBLAS_CORETYPE says {asked}", data)


def family() -> str | None:
    """The name of the library that is loaded, or that NumPy was built with; None if it is neither told nor known."""
    places = [*map(_tail, libraries()), _built("name")]
    return next(filter(None, map(_named, places)), None)


def libraries(maps: Path = _MAPS) -> list[Path]:
    """The files of this process that hold a BLAS, NumPy's own first."""
    loaded = {Path(path) for path in re.findall(r"\s(/\S.*)$", read(maps), re.MULTILINE)}
    own = _bundled()
    found = [path for path in loaded | own if _named(_tail(path))]
    return sorted(found, key=lambda path: (path not in own, str(path)))


def dynamic() -> bool:
    """Whether this OpenBLAS holds kernels of several CPUs, so that one can choose."""
    return "DYNAMIC_ARCH" in openblas_config().split()


def openblas_config() -> str:
    """OpenBLAS' own description of its version and build; empty if that is not the library."""
    return _text(_openblas("get_config", ctypes.c_char_p))


def corename() -> str | None:
    """The CPU whose kernels OpenBLAS runs."""
    return _text(_openblas("get_corename", ctypes.c_char_p)) or None


def threads() -> int | None:
    """How many threads OpenBLAS would use for a large product."""
    count = _openblas("get_num_threads", ctypes.c_int)
    return None if count is None else int(count)


def _openblas(what: str, kind: Any) -> Any:
    """The answer of OpenBLAS' function of that name, None if there is none."""
    for path in libraries():
        try:
            handle = ctypes.CDLL(str(path))
        except OSError:
            continue
        for name in (f"{prefix}openblas_{what}{suffix}" for prefix in ("scipy_", "") for suffix in ("64_", "_64", "")):
            function = getattr(handle, name, None)
            if function is not None:
                function.restype = kind
                return function()
    return None


def _text(value: bytes | None) -> str:
    return value.decode(errors="replace").strip() if value else ""


def _tail(path: Path) -> str:
    """The file and its folder: some systems name only the folder after the library."""
    return "/".join(path.parts[-2:]).lower()


def _bundled() -> set[Path]:
    """The libraries that NumPy brings along, for systems that do not list what is loaded."""
    package = Path(np.__file__).parent
    folders = [package.parent / "numpy.libs", package / ".dylibs"]
    return {path for folder in folders if folder.is_dir() for path in folder.iterdir()}


def _built(key: str) -> str:
    """What NumPy's configuration says of the BLAS that it was built with."""
    built = numpy_config("Build Dependencies").get("blas") or {}
    return str(built.get(key, ""))


def _version() -> str | None:
    """The version, of the library that is loaded and not of another one that NumPy was built with."""
    said = openblas_config().split()
    if said[:1] == ["OpenBLAS"] and len(said) > 1:
        return said[1]
    version = _built("version")
    return version if version not in ("", "unknown") and family() == _named(_built("name")) else None


def _named(place: str) -> str | None:
    return next((name for word, name in _FAMILIES.items() if word in place.lower()), None)
