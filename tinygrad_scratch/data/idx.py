"""IDX files, the format of MNIST and Fashion-MNIST (source: http://yann.lecun.com/exdb/mnist).

magic      4 bytes: 0, 0, the type code, the number of axes
lengths    4 bytes an axis, unsigned
elements   in C order, to the end of the file

All numbers are big-endian. A file named *.gz is one gzip stream of this. Whatever the bytes are, the reader
returns an array or raises DataError, and takes memory for the bytes that are there, not for those it is promised.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, MissingFileError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_AXES = 64
_CHUNK = 1 << 20


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """The array in an IDX file; it is decompressed if its name ends in `.gz`.

    Shape and dtype are those the file states: uint8, int8, int16, int32, float32 or float64, in native byte order.
    The array is writable and the caller's own.

    Raises MissingFileError if there is no such file, and DataError if it is damaged or no IDX file.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels-idx1-ubyte")
    ...     _ = path.write_bytes(bytes([0, 0, 0x08, 1,  0, 0, 0, 3,  7, 2, 1]))
    ...     read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    path = Path(path)
    try:
        with open(path, "rb") as raw:
            if path.suffix.lower() != ".gz":
                return _read(raw, path)
            first = raw.peek(2)[:2]
            if first != b"\x1f\x8b":
                raise _damaged(path, f"is no gzip file, it starts with the bytes {first!r}", r"b'\x1f\x8b'")
            with gzip.GzipFile(fileobj=raw) as file:
                return _read(file, path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingFileError(f"read_idx: {path} does not exist, expected an IDX file; check the path") from error
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, f"cannot be read to its end ({error})", "a whole and readable file") from error


def _read(file: BinaryIO | gzip.GzipFile, path: Path) -> NDArray[Any]:
    dtype, shape = _header(file, path)
    expected = math.prod(shape) * dtype.itemsize
    elements, found = _elements(file, expected)
    if found != expected:
        raise _damaged(path, f"has {found} bytes of elements", f"{expected} for {dtype.name} of shape {shape}")
    try:
        array = np.frombuffer(elements, dtype).reshape(shape)
    except ValueError as error:  # no elements, but lengths whose product overflows
        raise _damaged(path, f"states the shape {shape}", "one that NumPy can hold") from error
    return array.astype(dtype.newbyteorder("="), copy=False)


def _header(file: BinaryIO | gzip.GzipFile, path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = file.read(4)
    if len(magic) < 4:
        raise _damaged(path, f"ends in its header, after {len(magic)} bytes", "a header of at least 4")
    if magic[:2] != b"\0\0":
        hint = " (a gzip file: its name must end in .gz)" if magic[:2] == b"\x1f\x8b" else ""
        raise _damaged(path, f"starts with the bytes {magic[:2]!r}{hint}", r"b'\x00\x00'")
    code, axes = magic[2:]
    if code not in _TYPES:
        raise _damaged(path, f"has the type code 0x{code:02X}", "one of " + ", ".join(f"0x{c:02X}" for c in _TYPES))
    if axes > _MAX_AXES:
        raise _damaged(path, f"states {axes} axes", f"at most {_MAX_AXES}, which is NumPy's limit")
    lengths = file.read(4 * axes)
    if len(lengths) < 4 * axes:
        raise _damaged(path, f"ends in its header, after {4 + len(lengths)} bytes", f"{4 + 4 * axes} for {axes} axes")
    return np.dtype(_TYPES[code]), struct.unpack(f">{axes}I", lengths)


def _elements(file: BinaryIO | gzip.GzipFile, expected: int) -> tuple[bytearray, int]:
    """The bytes up to about `expected`, and how many there are; in chunks, as the header may ask for any amount."""
    kept, found = bytearray(), 0
    while chunk := file.read(_CHUNK):
        if found < expected:
            kept += chunk
        found += len(chunk)
    return kept, found


def _damaged(path: Path, found: str, expected: str) -> DataError:
    return DataError(
        f"read_idx: {path} {found}, expected {expected}; "
        "the file is damaged or no IDX file, delete it and fetch it again"
    )
