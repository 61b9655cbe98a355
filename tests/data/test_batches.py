"""Batches: together they are the arrays, rows stay together, and bad arguments are refused at the call."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tinygrad_scratch.core.errors import ArgumentError, ShapeError
from tinygrad_scratch.data import batches, num_batches

lengths, sizes = st.integers(0, 40), st.integers(1, 50)


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


@given(n=lengths, size=sizes, seed=st.integers(0, 2**40))
def test_batches_shuffled_hold_each_row_once(n: int, size: Any, seed: Any) -> None:
    parts = list(batches(pair(n), size, seed=seed))
    for a, b in parts:
        np.testing.assert_array_equal(a[:, 0], b)
    assert sorted(int(i) for _, b in parts for i in b) == list(range(n))


@given(n=lengths, size=sizes, seed=st.none() | st.integers(0, 9), drop_last=st.booleans())
def test_batches_are_as_many_as_num_batches(n: int, size: Any, seed: Any, drop_last: bool) -> None:
    parts = list(batches(pair(n), size, seed, drop_last))
    assert len(parts) == num_batches(n, size, drop_last)
    assert all(len(b) == size for _, b in (parts if drop_last else parts[:-1]))
    assert sum(len(b) for _, b in parts) == (n - n % size if drop_last else n)


def test_num_batches_counts() -> None:
    assert [num_batches(n, 4) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]
    assert [num_batches(n, 4, drop_last=True) for n in (0, 3, 4, 9)] == [0, 0, 1, 2]


def test_batches_follow_the_seed() -> None:
    def order(seed: Any) -> list[int]:
        return [i for _, b in batches(pair(50), 8, seed=seed) for i in b.tolist()]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1) != order(None) == list(range(50))
    assert order(0) == np.random.default_rng(0).permutation(50).tolist()


def test_batches_in_order_are_views_and_shuffled_are_copies() -> None:
    x, y = pair(6)
    assert all(np.shares_memory(a, x) for a, _ in batches((x, y), 4))
    assert not any(np.shares_memory(a, x) for a, _ in batches((x, y), 4, seed=0))


def test_batches_of_one_three_and_lists() -> None:
    assert [b.tolist() for (b,) in batches((np.arange(3),), 2)] == [[0, 1], [2]]
    assert [[part.tolist() for part in b] for b in batches([[1, 2], [3, 4], [5, 6]], 2)] == [[[1, 2], [3, 4], [5, 6]]]


def test_batches_keep_dtypes() -> None:
    ((x, y),) = batches(pair(4), 4, seed=0)
    assert x.dtype == np.float32
    assert y.dtype == np.arange(1).dtype


def test_batches_take_numpys_integers() -> None:
    size: Any = np.int64(3)
    assert [len(x) for x, _ in batches(pair(4), size, seed=0)] == [3, 1]


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


@pytest.mark.parametrize("seed", [-1, 1.5, "a"])
def test_batches_refuse_bad_seed(seed: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"batches: seed={seed!r}, expected an integer of at least 0"):
        batches(pair(4), 2, seed=seed)


def test_batches_refuse_what_is_no_tuple_of_arrays() -> None:
    bare: Any = np.zeros((4, 2))
    with pytest.raises(ArgumentError, match=r"arrays is of type ndarray, expected a tuple of arrays; write \(x,\)"):
        batches(bare, 2)
    with pytest.raises(ArgumentError, match="arrays is an empty tuple, expected a tuple of arrays"):
        batches((), 2)
