"""What cannot be saved, and files that are damaged, foreign or missing."""

import contextlib
import json
import struct
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import io
from tinygrad_scratch.core.errors import (
    ArgumentError,
    ConcreteError,
    DataError,
    MissingExtraError,
    MissingFileError,
    TreeError,
)

from .trees import ENDINGS, endings, folder, same


@endings
def test_tensors_are_refused(tmp_path: Path, ending: str) -> None:
    def f(x: Any) -> Any:
        io.save(tmp_path / f"x{ending}", {"w": x})
        return x

    for transformed in (tg.grad(f), tg.jit(f)):
        with pytest.raises(ConcreteError, match=r"save: 'w' is a Tensor inside of a transformation; return it"):
            transformed(np.array(1.0))
    assert list(tmp_path.iterdir()) == []


def test_names_without_a_known_ending_are_refused(tmp_path: Path) -> None:
    for name in ("x", "x.pkl", "x.npz.gz"):
        for f in (io.load, io.load_metadata, lambda file: io.save(file, [])):
            with pytest.raises(ArgumentError, match=r".* ends in '.*', expected one of \.npz, \.safetensors"):
                f(tmp_path / name)


@pytest.mark.parametrize(
    "file", [BytesIO(), None, 3, b"x.npz", "a\0b.npz"], ids=["stream", "None", "number", "bytes", "null byte"]
)
def test_what_is_no_name_of_a_file(file: Any) -> None:
    for f in (io.load, io.load_metadata, lambda file: io.save(file, [])):
        with pytest.raises(ArgumentError, match=r".* is no name of a file, expected a string or a pathlib\.Path"):
            f(file)


@endings
def test_a_folder_is_no_file(tmp_path: Path, ending: str) -> None:
    folder = tmp_path / f"x{ending}"
    folder.mkdir()
    with pytest.raises(DataError, match=r"load: .* is a folder, expected a file"):
        io.load(folder)
    with pytest.raises(DataError, match=r"save: .* could not be written"):
        io.save(folder, [])


def test_trees_without_a_bottom(tmp_path: Path) -> None:
    deep: Any = []
    for _ in range(3000):
        deep = [deep]
    cyclic: Any = {}
    cyclic["a"] = [cyclic]
    for tree in (deep, cyclic):
        with pytest.raises(ArgumentError, match="save: the tree is too deep, or is a part of itself; make it flatter"):
            io.save(tmp_path / "x.npz", tree)
        with pytest.raises(ArgumentError, match=r"save: metadata=.* is not JSON"):
            io.save(tmp_path / "x.npz", [], tree)
    assert list(tmp_path.iterdir()) == []


def test_keys_and_objects_that_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"save: the dict at 'a' has the key \(1, 2\), expected strings or int"):
        io.save(tmp_path / "x.npz", {"a": {(1, 2): 3}})
    with pytest.raises(TreeError, match="a is an object of class object"):
        io.save(tmp_path / "x.npz", {"a": object()})
    assert list(tmp_path.iterdir()) == []


@endings
def test_a_missing_file(tmp_path: Path, ending: str) -> None:
    (tmp_path / "plain").write_bytes(b"")
    for file in (tmp_path / f"x{ending}", tmp_path / "plain" / f"x{ending}"):
        with pytest.raises(MissingFileError, match=r"load: .* does not exist; check the path"):
            io.load(file)
        with pytest.raises(MissingFileError, match=r"load_metadata: .* does not exist; check the path"):
            io.load_metadata(file)


def test_without_safetensors_the_error_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for f in (io.load, lambda file: io.save(file, [])):
        with pytest.raises(MissingExtraError, match=r"pip install tinygrad_scratch\[io\]; \.npz needs nothing"):
            f(tmp_path / "x.safetensors")
    io.save(tmp_path / "x.npz", [1])
    assert io.load(tmp_path / "x.npz") == [1]


DAMAGED = r"is damaged or no file of tg\.io\.save"


@endings
def test_truncated_files_are_refused(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"x{ending}"
    io.save(file, {"w": np.arange(5.0)})
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        for f in (io.load, io.load_metadata):
            with pytest.raises(DataError, match=DAMAGED):
                f(file)


@given(st.sampled_from(ENDINGS), st.integers(0, 10**6), st.integers(1, 255))
def test_a_changed_byte_gives_the_same_tree_or_a_data_error(ending: str, place: int, change: int) -> None:
    tree, metadata = {"w": np.arange(2.0), "b": [1, "x", np.float32(3)]}, {"epoch": 3}
    with folder() as path:
        file = path / f"x{ending}"
        io.save(file, tree, metadata)
        content = bytearray(file.read_bytes())
        content[place % len(content)] ^= change
        file.write_bytes(content)
        with contextlib.suppress(DataError):
            same(io.load(file), tree)
        with contextlib.suppress(DataError):
            assert io.load_metadata(file) == metadata


@endings
def test_a_flipped_bit_of_an_array_is_damage(tmp_path: Path, ending: str) -> None:
    file, x = tmp_path / f"x{ending}", np.arange(1.0, 5.0)
    io.save(file, {"w": x})
    content = bytearray(file.read_bytes())
    content[content.index(x.tobytes()) + 6] ^= 1
    file.write_bytes(content)
    with pytest.raises(DataError, match=DAMAGED):
        io.load(file)


@endings
@pytest.mark.parametrize("content", [b"", b"no such file", b"\x00" * 1000, b"PK\x03\x04"], ids=repr)
def test_foreign_bytes_are_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    file = tmp_path / f"x{ending}"
    file.write_bytes(content)
    with pytest.raises(DataError, match=DAMAGED):
        io.load(file)


def test_files_of_other_programs_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    np.savez(tmp_path / "x.npz", w=np.ones(2))
    save_file({"w": np.ones(2)}, tmp_path / "x.safetensors")
    with zipfile.ZipFile(tmp_path / "pickle.npz", "w") as archive:
        archive.writestr("__metadata__.json", json.dumps(header({"array": "w"})))
        with archive.open("w.npy", "w") as member:
            np.save(member, np.array([print]), allow_pickle=True)
    for name in ("x.npz", "x.safetensors", "pickle.npz"):
        with pytest.raises(DataError, match=DAMAGED):
            io.load(tmp_path / name)


def header(form: Any, **changes: Any) -> dict[str, Any]:
    return {"format": "tinygrad_scratch.tree", "version": 1, "tree": form, "metadata": None, **changes}


def write(file: Path, head: Any) -> None:
    """A file of this header, without arrays."""
    text = json.dumps(head)
    if file.suffix == ".npz":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("__metadata__.json", text)
    else:
        head = json.dumps({"__metadata__": {"tinygrad_scratch": f"{text}\n{zlib.crc32(text.encode())} 0"}}).encode()
        file.write_bytes(struct.pack("<Q", len(head)) + head)


@endings
def test_another_version_is_refused(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"x{ending}"
    write(file, header([1], version=2))
    for f in (io.load, io.load_metadata):
        with pytest.raises(DataError, match=r"is 'tinygrad_scratch\.tree' of version 2, expected .* of version 1"):
            f(file)


@endings
@pytest.mark.parametrize(
    "form",
    [{"array": "w"}, {"set": [1]}, {"list": 3}, {"dict": [1]}, {"complex": [1]}, {"float": "x"}, {}, {"object": []}],
    ids=str,
)
def test_structures_that_make_no_sense_are_refused(tmp_path: Path, ending: str, form: Any) -> None:
    file = tmp_path / f"x{ending}"
    write(file, header(form))
    for options in ({}, {"like": [1]}):
        with pytest.raises(DataError):
            io.load(file, **options)
    write(file, header({"list": [1]}))
    assert io.load(file) == [1]
