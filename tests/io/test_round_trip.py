"""Every bit comes back, under names that other programs find, in this process and another."""

import hashlib
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import io
from tinygrad_scratch.core.errors import ArgumentError, DtypeError

from .trees import COMMON, ENDINGS, NPZ_ONLY, endings, folder, plain_trees, same, same_arrays, trees


@given(plain_trees, st.sampled_from(ENDINGS))
def test_load_undoes_save(tree: Any, ending: str) -> None:
    with folder() as path:
        io.save(path / f"tree{ending}", tree)
        same(io.load(path / f"tree{ending}"), tree)


@given(trees, st.sampled_from(ENDINGS))
def test_load_like_the_tree_itself_undoes_save(tree: Any, ending: str) -> None:
    with folder() as path:
        io.save(path / f"tree{ending}", tree)
        zeros = tg.tree.map(lambda x: np.zeros_like(x) if isinstance(x, np.ndarray) else x, tree)
        same(io.load(path / f"tree{ending}", like=zeros), tree)


BITS = np.array([0x7FC00001, 0x7F800001, 0xFFC00000, 0x80000000, 0x00000001, 0x7F800000], np.uint32).view(np.float32)
ARRAYS = {
    "bits": BITS,
    "0-d": np.array(2.5),
    "empty": np.zeros((2, 0, 3), np.int8),
    "every other": np.arange(12.0).reshape(3, 4)[::2, ::-1],
    "Fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big-endian": np.arange(5, dtype=">i4"),
    "big-endian, strided": np.arange(9, dtype=">f8")[::3],
    "broadcast": np.broadcast_to(np.float32(3), (2, 2)),
}


@endings
@pytest.mark.parametrize("x", ARRAYS.values(), ids=list(ARRAYS))
def test_arrays_of_every_layout(tmp_path: Path, ending: str, x: Any) -> None:
    file = tmp_path / f"x{ending}"
    io.save(file, {"x": x})
    found = io.load(file)["x"]
    same_arrays(found, x)
    same_arrays(io.load(file, like={"x": x})["x"], x)
    found[...] = 0  # the caller's own


@pytest.mark.parametrize("kind", [*COMMON, *NPZ_ONLY], ids=str)
def test_dtypes_come_back_or_are_refused_by_name(tmp_path: Path, kind: Any) -> None:
    x = np.ones(3, np.int64).astype(kind) if isinstance(kind, str) else np.ones(3, kind)
    io.save(tmp_path / "x.npz", [x])
    same_arrays(io.load(tmp_path / "x.npz")[0], x)
    if kind in COMMON:
        io.save(tmp_path / "x.safetensors", [x])
        same_arrays(io.load(tmp_path / "x.safetensors")[0], x)
    else:
        sentence = r"save: '0' is an array of .*, which \.safetensors has no room for; save it as \.npz"
        with pytest.raises(DtypeError, match=sentence):
            io.save(tmp_path / "x.safetensors", [x])
        assert not (tmp_path / "x.safetensors").exists()


@endings
def test_objects_are_never_pickled(tmp_path: Path, ending: str) -> None:
    with pytest.raises(DtypeError, match=r"save: 'a/0' is an array of object, which .* has no room for; convert it"):
        io.save(tmp_path / f"x{ending}", {"a": [np.array([None])]})
    assert list(tmp_path.iterdir()) == []


def test_other_programs_find_arrays_by_path(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    tree = [{"w": np.ones(2), "a/b": np.zeros(1)}, (np.arange(3),), 5]
    io.save(tmp_path / "x.npz", tree)
    io.save(tmp_path / "x.safetensors", tree)
    with np.load(tmp_path / "x.npz") as file:
        named = {name: file[name] for name in file if name != "__metadata__.json"}
    for found in named, load_file(tmp_path / "x.safetensors"):
        assert sorted(found) == ["0/a%2Fb", "0/w", "1/0"]
        same_arrays(found["1/0"], np.arange(3))


def test_keys_of_numpy_are_those_of_python(tmp_path: Path) -> None:
    tree = {np.int64(3): np.ones(2), np.int8(-1): 5}
    io.save(tmp_path / "x.npz", tree)
    same(io.load(tmp_path / "x.npz"), {3: np.ones(2), -1: 5})
    same(io.load(tmp_path / "x.npz", like=tree), {3: np.ones(2), -1: 5})


@endings
def test_endings_in_any_case_and_names_of_the_home(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    io.save(f"~/X{ending.upper()}", [1])
    assert io.load(tmp_path / f"X{ending.upper()}") == [1]


@endings
def test_names_that_could_collide(tmp_path: Path, ending: str) -> None:
    tree = {
        "a": {"b": np.array(1), "": np.array(2)},
        "a/b": np.array(3),
        "a%2Fb": np.array(4),
        "__metadata__": np.array(5),
        "%5F_metadata__": np.array(6),
        "": {"a": np.array(7)},
        "file": np.array(8),
        "ordered": OrderedDict([(1, np.array(9)), ("1", np.array(10))]),
    }
    io.save(tmp_path / f"x{ending}", tree)
    same(io.load(tmp_path / f"x{ending}"), tree)
    same(io.load(tmp_path / f"x{ending}", like=tree), tree)


@endings
def test_metadata_stands_beside_the_tree(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"x{ending}"
    metadata = {"epoch": 3, "loss": 0.25, "names": ["a", "b"], "done": False, "note": None, "é": "\ud800"}
    io.save(file, np.ones(2), metadata)
    assert io.load_metadata(file) == metadata
    io.save(file, None)
    assert io.load_metadata(file) is None
    assert io.load(file) is None


@pytest.mark.parametrize(
    "wrong",
    [{1: "a"}, (1, 2), {"x": np.ones(2)}, float("nan"), object()],
    ids=["keys", "tuple", "array", "nan", "object"],
)
def test_metadata_that_is_no_json_is_refused(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(ArgumentError, match=r"save: metadata=.* is not JSON; expected None, numbers"):
        io.save(tmp_path / "x.npz", [], wrong)
    assert list(tmp_path.iterdir()) == []


@endings
def test_the_same_tree_makes_the_same_bytes(tmp_path: Path, ending: str) -> None:
    tree = {"a": np.ones(3), "b": [np.zeros(2, np.int8), 3]}
    for name in "12":
        io.save(tmp_path / f"{name}{ending}", tree, {"x": 1})
    assert (tmp_path / f"1{ending}").read_bytes() == (tmp_path / f"2{ending}").read_bytes()


@endings
def test_a_fresh_process_loads_identical_bytes(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"x{ending}"
    net = tg.nn.serial(tg.nn.dense(4), tg.nn.relu, tg.nn.dense(2))
    params, _ = net.init(tg.random.key(0), (3,))
    io.save(file, params)
    code = (
        "import sys, hashlib; import tinygrad_scratch as tg; "
        "print(hashlib.sha256(b''.join(x.tobytes() for x in tg.tree.leaves(tg.io.load(sys.argv[1])))).hexdigest())"
    )
    expected = hashlib.sha256(b"".join([x.tobytes() for x in tg.tree.leaves(params)])).hexdigest()
    found = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=True).stdout
    assert found.strip() == expected
