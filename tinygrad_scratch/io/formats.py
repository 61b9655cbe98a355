"""The two kinds of files: arrays by name, and a text beside them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import MissingExtraError
from .form import RESERVED

Arrays = dict[str, Any]


class Format(NamedTuple):
    """`takes(dtype)`, `write(path, arrays, text)`, and `read(path, text_only) -> arrays, text`.

    `read` raises some error if a byte of what it reads has changed since it was written.
    """

    takes: Callable[[np.dtype[Any]], bool]
    write: Callable[[Path, Arrays, str], None]
    read: Callable[[Path, bool], tuple[Arrays, str]]


def _write_npz(path: Path, arrays: Arrays, text: str) -> None:
    # np.savez takes the names as keywords, so no array could be named "file"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{RESERVED}.json", text)
        for name, x in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, x, allow_pickle=False)


def _read_npz(path: Path, text_only: bool) -> tuple[Arrays, str]:
    with zipfile.ZipFile(path) as archive:
        names = [] if text_only else [name for name in archive.namelist() if name.endswith(".npy")]
        return {name[:-4]: _member(archive, name) for name in names}, archive.read(f"{RESERVED}.json").decode()


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(name) as file:
        x = np.lib.format.read_array(file, allow_pickle=False)
        file.read()  # the checksum is looked at where the file ends
        return x


_SAFETENSORS = {np.dtype(kind) for kind in "?bhiqBHIQefdF"}
_KEY = "tinygrad_scratch"  # one, as the library writes several in any order; checksums in a line after the text


def _write_safetensors(path: Path, arrays: Arrays, text: str) -> None:
    about = f"{text}\n{_checksum({}, text)} {_checksum(arrays)}"
    path.write_bytes(_library().save(arrays, metadata={_KEY: about}))  # its save_file leaves files of its own if killed


def _read_safetensors(path: Path, text_only: bool) -> tuple[Arrays, str]:
    with _library().safe_open(path, framework="numpy") as file:
        text, sums = (file.metadata() or {})[_KEY].split("\n")
        arrays = {} if text_only else {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    of_text, of_arrays = sums.split(" ")
    if of_text != _checksum({}, text) or not (text_only or of_arrays == _checksum(arrays)):
        raise ValueError("its checksum is another")
    return arrays, text


def _checksum(arrays: Arrays, text: str = "") -> str:
    """Of a text, and of arrays with their names, dtypes and shapes."""
    found = zlib.crc32(text.encode())
    for name in sorted(arrays):
        x = arrays[name]
        found = zlib.crc32(x, zlib.crc32(f"{name} {x.dtype} {x.shape}".encode(), found))
    return str(found)


def _library() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingExtraError(
            "io: .safetensors needs safetensors: pip install tinygrad_scratch[io]; .npz needs nothing"
        ) from error
    return safetensors.numpy


FORMATS = {
    ".npz": Format(lambda dtype: not dtype.hasobject, _write_npz, _read_npz),
    ".safetensors": Format(lambda dtype: dtype in _SAFETENSORS, _write_safetensors, _read_safetensors),
}
