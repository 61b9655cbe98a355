"""The native tests of arguments: what they let in, and each thing that they do not."""

import sys
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from tinygrad_scratch.compile.native.gate import accepts, seal, spec

LIKE = [np.zeros((2, 3)), np.zeros(4, np.float32), np.zeros(())]


def fresh() -> list[Any]:
    return [np.ones((2, 3)), np.ones(4, np.float32), np.array(1.0)]


@pytest.mark.parametrize("donated", [[], [0], [0, 1, 2]])
def test_arrays_like_these_are_let_in(donated: list[int]) -> None:
    assert accepts()(spec(LIKE, donated, frozenset()), *fresh()) is True


def memory_map() -> Any:
    return np.zeros((2, 3)).view(np.recarray)


@pytest.mark.parametrize(
    "other",
    [
        np.ones((3, 2)), np.ones((2, 3, 1)), np.ones(6), np.ones((2, 4)), np.ones((2, 3), np.float32),
        np.ones((2, 3), ">f8"), np.ones((2, 3)).tolist(), None, 1.0, np.float64(1), memory_map(),
    ],
    ids=lambda x: f"{type(x).__name__}",
)  # fmt: skip
@pytest.mark.parametrize("donated", [[], [1]])
def test_others_are_not(other: Any, donated: list[int]) -> None:
    assert accepts()(spec(LIKE, donated, frozenset()), other, *fresh()[1:]) is False


def read_only(x: Any) -> Any:
    x.flags.writeable = False
    return x


@pytest.mark.parametrize(
    "x",
    [
        np.asfortranarray(np.ones((2, 3))), np.ones((2, 6))[:, ::2], read_only(np.ones((2, 3))),
        np.ndarray((2, 3), float, bytearray(48)), np.zeros(49, np.uint8)[1:].view(float).reshape(2, 3),
    ],
    ids=["F", "strided", "read-only", "a buffer of others", "unaligned"],
)  # fmt: skip
def test_memory_that_cannot_be_written_is_let_in_where_it_is_not_donated(x: Any) -> None:
    assert accepts()(spec(LIKE, [], frozenset()), x, *fresh()[1:]) is True
    assert accepts()(spec(LIKE, [0], frozenset()), x, *fresh()[1:]) is False


def test_shared_memory_is_no_gift() -> None:
    x, y = np.ones(6), np.ones(6)
    views = [x[:3], x[3:], y[:3], y]
    gate = spec([np.zeros(3), np.zeros(3)], [0], frozenset())
    assert accepts()(gate, views[0], views[2]) is True
    assert accepts()(gate, views[0], views[1]) is False
    assert accepts()(gate, views[0], views[0]) is False
    alone = spec([np.zeros(3)], [0], frozenset([id(x), 77]))
    assert accepts()(alone, views[0]) is False
    assert accepts()(alone, views[2]) is True


def test_seal_makes_read_only_and_keeps_counts() -> None:
    x = np.ones(3)
    view = x.view()
    before = sys.getrefcount(x), sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(10_000):
        seal()(x)
        accepts()(spec([x], [], frozenset()), x)
    after = sys.getrefcount(x), sys.getrefcount(True), sys.getrefcount(None)
    assert not x.flags.writeable
    assert view.flags.writeable
    assert before[0] == after[0]
    assert all(abs(a - b) < 100 for a, b in zip(before, after, strict=True))
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 2
