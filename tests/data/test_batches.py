"""Batches: together they are the arrays, rows stay together, and bad arguments are refused at the call."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import tinygrad_scratch as tg
from tinygrad_scratch.core.errors import ArgumentError, ShapeError
from tinygrad_scratch.data import batches, num_batches

KEY = tg.random.key(0)
lengths, sizes, keys = st.integers(0, 40), st.integers(1, 50), st.integers(0, 2**40).map(tg.random.key)


def pair(n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Two arrays whose rows tell their index."""
    return np.arange(n, dtype=np.float32)[:, None] * np.ones(3, np.float32), np.arange(n)


@given(n=lengths, size=sizes)
def test_batches_in_order_are_the_arrays(n: int, size: Any) -> None:
    x, y = pair(n)
    parts = list(batches((x, y), size))
    assert [len(b) for _, b in parts] == [min(size, n - i) for i in range(0, n, size)]
    np.testing.assert_array_equal(np.concatenate([a for a, _ in parts] or [x]), x, strict=True)
    np.testing.assert_array_equal(np.concatenate([b for _, b in parts] or [y]), y, strict=True)


@given(n=lengths, size=sizes, key=keys)
def test_batches_shuffled_hold_each_row_once(n: int, size: Any, key: Any) -> None:
    parts = list(batches(pair(n), size, key))
    for a, b in parts:
        np.testing.assert_array_equal(a[:, 0], b)
    assert sorted(int(i) for _, b in parts for i in b) == list(range(n))


@given(n=lengths, size=sizes, key=st.none() | keys, drop_last=st.booleans())
def test_batches_are_as_many_as_num_batches(n: int, size: Any, key: Any, drop_last: bool) -> None:
    parts = list(batches(pair(n), size, key, drop_last))
    assert len(parts) == num_batches(n, size, drop_last)
    assert all(len(b) == size for _, b in (parts if drop_last else parts[:-1]))
    assert sum(len(b) for _, b in parts) == (n - n % size if drop_last else n)


def test_num_batches_counts() -> None:
    assert [num_batches(n, 4) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]
    assert [num_batches(n, 4, drop_last=True) for n in (0, 3, 4, 9)] == [0, 0, 1, 2]


def test_batches_follow_the_key() -> None:
    def order(key: Any) -> list[int]:
        return [i for _, b in batches(pair(50), 8, key) for i in b.tolist()]

    one, two = (tg.random.fold_in(KEY, epoch) for epoch in (1, 2))
    assert order(one) == order(one) == tg.random.permutation(one, 50).tolist()
    assert order(one) != order(two)
    assert order(one) != order(None) == list(range(50))


def test_batches_in_order_are_views_and_shuffled_are_copies() -> None:
    x, y = pair(6)
    assert all(np.shares_memory(a, x) for a, _ in batches((x, y), 4))
    assert not any(np.shares_memory(a, x) for a, _ in batches((x, y), 4, key=KEY))


def test_batches_of_one_three_and_lists() -> None:
    assert [b.tolist() for (b,) in batches((np.arange(3),), 2)] == [[0, 1], [2]]
    assert [[part.tolist() for part in b] for b in batches([[1, 2], [3, 4], [5, 6]], 2)] == [[[1, 2], [3, 4], [5, 6]]]


def test_batches_keep_dtypes() -> None:
    ((x, y),) = batches(pair(4), 4, key=KEY)
    assert x.dtype == np.float32
    assert y.dtype == np.arange(1).dtype


def test_batches_take_numpys_integers() -> None:
    size: Any = np.int64(3)
    assert [len(x) for x, _ in batches(pair(4), size, key=KEY)] == [3, 1]


def test_batches_of_unequal_lengths() -> None:
    with pytest.raises(ShapeError, match=r"batches: arrays has the lengths \[4, 5\], expected one length; cut them"):
        batches((np.zeros(4), np.zeros((5, 2))), 2)


def test_batches_of_scalars() -> None:
    with pytest.raises(ShapeError, match=r"has the shapes \[\(2,\), \(\)\], expected an axis in each; for one array"):
        batches((np.zeros(2), 1.0), 2)


@pytest.mark.parametrize("size", [0, -3, 2.0, None])
def test_batches_refuse_bad_size(size: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"batches: size={size}, expected an integer of at least 1"):
        batches(pair(4), size)
    with pytest.raises(ArgumentError, match=rf"num_batches: size={size}, expected an integer of at least 1"):
        num_batches(4, size)


def test_num_batches_refuses_negative_n() -> None:
    with pytest.raises(ArgumentError, match="num_batches: n=-1, expected an integer of at least 0"):
        num_batches(-1, 2)


@pytest.mark.parametrize("key", [0, 1.5, "a"])
def test_batches_refuse_what_is_no_key(key: Any) -> None:
    with pytest.raises(
        ArgumentError, match=r"a key is an array of 2 uint64, got shape .* make one with tg\.random\.key"
    ):
        batches(pair(4), 2, key)


def test_batches_refuse_what_is_no_tuple_of_arrays() -> None:
    bare: Any = np.zeros((4, 2))
    with pytest.raises(ArgumentError, match=r"arrays is of type ndarray, expected a tuple of arrays; write \(x,\)"):
        batches(bare, 2)
    with pytest.raises(ArgumentError, match="arrays is an empty tuple, expected a tuple of arrays"):
        batches((), 2)
