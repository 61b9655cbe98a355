"""Trees to save, and when two are the same."""

import contextlib
import dataclasses
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygrad_scratch as tg

pytest.importorskip("safetensors")

ENDINGS = [".npz", ".safetensors"]
endings = pytest.mark.parametrize("ending", ENDINGS)


class Moments(NamedTuple):
    count: Any
    mean: Any


@dataclasses.dataclass
class Weights:
    w: Any
    b: Any


class Scaled:
    """A registered class with something of its own besides its child."""

    def __init__(self, factor: int, x: Any) -> None:
        self.factor, self.x = factor, x


tg.tree.register(Scaled, lambda s: ((s.x,), s.factor), lambda factor, xs: Scaled(factor, xs[0]))

COMMON = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8"]
NPZ_ONLY = ["c16", "U3", "S2", "M8[s]", "m8[ns]", [("a", "f4"), ("b", "i2")]]

shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
keys = st.text(max_size=3) | st.sampled_from(
    ["a/b", "%2F", "__metadata__", "file", "..", "a\\b", "\x00", "é", "\ud800"]
)


def same_arrays(found: Any, expected: Any) -> None:
    """Every bit, in the machine's byte order."""
    expected = np.asarray(expected)
    expected = expected.astype(expected.dtype.newbyteorder("="))
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    assert found.tobytes() == expected.tobytes()


def same(found: Any, expected: Any) -> None:
    """The same containers, keys in the same order, the same kinds of leaves and the same bits in them."""
    assert type(found) is type(expected)
    if isinstance(expected, (np.ndarray, np.generic)):
        same_arrays(found, expected)
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key in expected:
            same(found[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            same(a, b)
    elif dataclasses.is_dataclass(expected):
        same(vars(found), vars(expected))
    else:
        assert repr(found) == repr(expected)  # NaN and -0.0 too


def containers(inner: Any) -> Any:
    return (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.dictionaries(st.integers(), inner, max_size=3)
        | st.lists(st.tuples(keys | st.integers(-2, 2), inner), max_size=3).map(OrderedDict)
    )


array_leaves = st.sampled_from(COMMON).flatmap(lambda kind: hnp.arrays(np.dtype(kind), shapes))
numbers = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=4)
leaves = array_leaves | numbers | st.builds(np.float32, st.floats(width=32)) | st.builds(np.int64, st.integers(0, 9))
plain_trees = st.recursive(leaves, containers, max_leaves=8)
trees = st.recursive(
    leaves,
    lambda inner: containers(inner) | st.builds(Moments, inner, inner) | st.builds(Weights, inner, inner),
    max_leaves=8,
)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder of one example: the fixture `tmp_path` is shared by all examples of a test."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
