"""IDX files: what is written comes back, and no sequence of bytes leads to anything but an array or DataError."""

import gzip
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tinygrad_scratch.core.errors import DataError, MissingFileError
from tinygrad_scratch.data import read_idx

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}
SMALL = struct.pack(">BBBBII", 0, 0, 0x0B, 2, 2, 3) + struct.pack(">6h", 1, -2, 3, -4, 5, -600)

arrays = st.sampled_from(sorted(CODES)).flatmap(
    lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)


def idx_bytes(array: NDArray[Any]) -> bytes:
    """Written apart from the reader: element by element, through struct."""
    header = bytes([0, 0, CODES[array.dtype.name], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + struct.pack(f">{array.size}{array.dtype.char}", *array.ravel().tolist())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx")


def put(folder: Path, content: bytes, packed: bool = False, name: str = "file-idx") -> Path:
    path = Path(folder, f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    return path


def message_of(path: Path, error: type[Exception] = DataError) -> str:
    with pytest.raises(error) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def is_right_or_refused(path: Path, packed: bool) -> None:
    """An array that was read says all that is in the file; else the error names the file."""
    try:
        read = read_idx(path)
    except DataError as error:
        message = str(error)
    else:
        content = path.read_bytes()
        header = bytes([0, 0, CODES[read.dtype.name], read.ndim]) + np.array(read.shape, ">u4").tobytes()
        assert header + read.astype(read.dtype.newbyteorder(">")).tobytes() == (
            gzip.decompress(content) if packed else content
        )
        return
    assert str(path) in message


@given(array=arrays, packed=st.booleans())
def test_idx_round_trip(folder: Path, array: NDArray[Any], packed: bool) -> None:
    read = read_idx(put(folder, idx_bytes(array), packed))
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array, strict=True)


@pytest.mark.parametrize("name", sorted(CODES))
def test_idx_every_dtype_is_read(tmp_path: Path, name: str) -> None:
    array = np.array([[1, 2, 100]], name)
    np.testing.assert_array_equal(read_idx(put(tmp_path, idx_bytes(array))), array, strict=True)


def test_idx_reads_known_bytes(tmp_path: Path) -> None:
    expected = np.array([[1, -2, 3], [-4, 5, -600]], np.int16)
    np.testing.assert_array_equal(read_idx(put(tmp_path, SMALL)), expected, strict=True)
    np.testing.assert_array_equal(read_idx(str(put(tmp_path, SMALL, packed=True))), expected, strict=True)


def test_idx_reads_more_than_one_chunk(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (3, 1 << 20), np.uint8)
    header = bytes([0, 0, 8, 2]) + struct.pack(">II", *array.shape)
    np.testing.assert_array_equal(read_idx(put(tmp_path, header + array.tobytes())), array, strict=True)


@given(array=arrays, packed=st.booleans(), data=st.data())
def test_idx_truncated_anywhere_is_data_error(
    folder: Path, array: NDArray[Any], packed: bool, data: st.DataObject
) -> None:
    path = put(folder, idx_bytes(array), packed)
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    message_of(path)


@given(array=arrays, packed=st.booleans(), data=st.data())
def test_idx_corrupt_header_is_array_or_data_error(
    folder: Path, array: NDArray[Any], packed: bool, data: st.DataObject
) -> None:
    path = put(folder, idx_bytes(array), packed)
    damaged = bytearray(path.read_bytes())
    header = 24 if packed else 4 + 4 * array.ndim
    changes = st.dictionaries(st.integers(0, min(header, len(damaged)) - 1), st.integers(0, 255), min_size=1)
    for place, value in data.draw(changes).items():
        damaged[place] = value
    path.write_bytes(damaged)
    is_right_or_refused(path, packed)


@given(content=st.binary(max_size=80), packed=st.booleans(), magic=st.booleans())
def test_idx_any_bytes_are_array_or_data_error(folder: Path, content: bytes, packed: bool, magic: bool) -> None:
    path = put(folder, b"\0\0" + content if magic else content, packed)
    is_right_or_refused(path, packed)


def test_idx_missing_file(tmp_path: Path) -> None:
    assert "does not exist, expected an IDX file; check the path" in message_of(tmp_path / "none", MissingFileError)
    message_of(put(tmp_path, SMALL) / "below-a-file", MissingFileError)


def test_idx_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read to its end" in message_of(tmp_path)


def test_idx_bad_magic(tmp_path: Path) -> None:
    message = message_of(put(tmp_path, b"\x01" + SMALL[1:]))
    assert r"starts with the bytes b'\x01\x00', expected b'\x00\x00'" in message
    assert "delete it and fetch it again" in message


def test_idx_gzip_without_its_ending(tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(SMALL))
    assert "a gzip file: its name must end in .gz" in message_of(path)


def test_idx_named_gz_but_not_compressed(tmp_path: Path) -> None:
    path = put(tmp_path, SMALL, name="plain.gz")
    assert r"is no gzip file, it starts with the bytes b'\x00\x00', expected b'\x1f\x8b'" in message_of(path)


def test_idx_unknown_type_code(tmp_path: Path) -> None:
    message = message_of(put(tmp_path, bytes([0, 0, 0x0A]) + SMALL[3:]))
    assert "type code 0x0A, expected one of 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E" in message


def test_idx_truncated_header(tmp_path: Path) -> None:
    assert "ends in its header, after 3 bytes, expected a header of at least 4" in message_of(put(tmp_path, SMALL[:3]))
    assert "ends in its header, after 7 bytes, expected 12 for 2 axes" in message_of(put(tmp_path, SMALL[:7]))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("extra", [-1, 1, 5000])
def test_idx_too_few_or_too_many_bytes(tmp_path: Path, packed: bool, extra: int) -> None:
    content = SMALL[:extra] if extra < 0 else SMALL + bytes(extra)
    message = message_of(put(tmp_path, content, packed))
    assert f"has {12 + extra} bytes of elements, expected 12 for int16 of shape (2, 3)" in message


def test_idx_truncated_gzip(tmp_path: Path) -> None:
    path = put(tmp_path, SMALL, packed=True)
    path.write_bytes(path.read_bytes()[:-3])
    assert "cannot be read to its end (Compressed file ended" in message_of(path)


def test_idx_corrupt_gzip_body(tmp_path: Path) -> None:
    path = put(tmp_path, SMALL, packed=True)
    whole = bytearray(path.read_bytes())
    whole[-8] ^= 0xFF
    path.write_bytes(whole)
    assert "CRC check failed" in message_of(path)
    path.write_bytes(whole[:10] + b"\xff" * 20)
    assert "expected a whole and readable file" in message_of(path)


def test_idx_huge_lengths_take_no_memory(tmp_path: Path) -> None:
    path = put(tmp_path, struct.pack(">BBBBII", 0, 0, 0x0E, 2, 2**31, 2**31) + bytes(16))
    tracemalloc.start()
    try:
        message = message_of(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert f"has 16 bytes of elements, expected {2**65}" in message
    assert peak < 8 << 20


def test_idx_unexpected_gzip_bulk_is_not_kept(tmp_path: Path) -> None:
    path = put(tmp_path, SMALL + bytes(64 << 20), packed=True)
    tracemalloc.start()
    try:
        message = message_of(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert f"has {12 + (64 << 20)} bytes" in message
    assert peak < 16 << 20


def test_idx_shapes_that_numpy_cannot_hold(tmp_path: Path) -> None:
    many = bytes([0, 0, 8, 65]) + struct.pack(">65I", *[1] * 65) + bytes(1)
    assert "states 65 axes, expected at most 64" in message_of(put(tmp_path, many))
    empty = bytes([0, 0, 8, 4]) + struct.pack(">4I", 0, *[2**32 - 1] * 3)
    assert "states the shape (0, 4294967295" in message_of(put(tmp_path, empty))
