"""Trees with classes of a program in them, and what `like` refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import io
from tinygrad_scratch.core.errors import ArgumentError, DataError

from .trees import Moments, Scaled, Weights, endings, same, same_arrays


@endings
@pytest.mark.parametrize(
    ("tree", "what"),
    [
        (Moments(1, 2.0), "the tree is an object of class Moments"),
        ({"a": [Weights(1, 2)]}, "a/0 is an object of class Weights"),
        ([Scaled(3, 1)], "0 is an object of class Scaled"),
    ],
)
def test_objects_of_classes_need_like(tmp_path: Path, ending: str, tree: Any, what: str) -> None:
    file = tmp_path / f"x{ending}"
    io.save(file, tree)
    with pytest.raises(ArgumentError, match=rf"load: {what}, which is not in the file; give a tree .* as like="):
        io.load(file)


@endings
def test_states_of_optimizers_come_back(tmp_path: Path, ending: str) -> None:
    params = [{"w": np.ones((2, 3), np.float32)}, ()]
    opt = tg.optim.adam(1e-2)
    start = opt.init(params)
    _, state = opt.update(params, start, params)
    io.save(tmp_path / f"x{ending}", state)
    same(io.load(tmp_path / f"x{ending}", like=state), state)


@endings
def test_what_a_registered_class_keeps_comes_from_like(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"x{ending}"
    io.save(file, Scaled(3, np.ones(2)))
    found = io.load(file, like=Scaled(5, np.zeros(2)))
    assert found.factor == 5
    same_arrays(found.x, np.ones(2))


SAVED = {"a": [np.zeros((2, 3), np.float32), 1.5], "b": (None, "x"), "c": Moments(0, 1)}
MISMATCHES: dict[str, tuple[Any, str]] = {
    "shape": (
        {**SAVED, "a": [np.zeros((2, 4), np.float32), 1.5]},
        r"at 'a/0' the file has an array of float32, shape \(2, 3\), like= has an array of float32, shape \(2, 4\)",
    ),
    "dtype": (
        {**SAVED, "a": [np.zeros((2, 3)), 1.5]},
        r"at 'a/0' the file has an array of float32, shape \(2, 3\), like= has an array of float64, shape \(2, 3\)",
    ),
    "length": ({**SAVED, "a": [1]}, "at 'a' the file has a list of length 2, like= has a list of length 1"),
    "kind of leaf": (
        {**SAVED, "a": [SAVED["a"][0], 1]},
        "at 'a/1' the file has a Python float, like= has a Python int",
    ),
    "kind of container": (
        {**SAVED, "b": [None, "x"]},
        "at 'b' the file has a tuple of length 2, like= has a list of length 2",
    ),
    "None": ({**SAVED, "b": (0, "x")}, "at 'b/0' the file has None, like= has a Python int"),
    "keys": (
        {"a": 1, "d": 2},
        r"the file has a dict with the keys \['a', 'b', 'c'\], like= has a dict with the keys \['a', 'd'\]",
    ),
    "class": (
        {**SAVED, "c": Weights(0, 1)},
        r"at 'c' the file has a Moments with the keys \['count', 'mean'\], like= has a Weights with",
    ),
    "root": (np.zeros(3), r"the file has a dict with the keys .*, like= has an array of float64, shape \(3,\)"),
}


@endings
@pytest.mark.parametrize("name", MISMATCHES)
def test_another_structure_is_refused_by_its_first_path(tmp_path: Path, ending: str, name: str) -> None:
    like, sentence = MISMATCHES[name]
    io.save(tmp_path / f"x{ending}", SAVED)
    with pytest.raises(DataError, match=rf"^load: .*x\{ending} is another tree: {sentence}.*; give a tree of"):
        io.load(tmp_path / f"x{ending}", like=like)
