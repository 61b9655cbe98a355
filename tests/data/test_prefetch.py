"""Work ahead: the same items in the same order, errors where they belong, no thread left behind."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tinygrad_scratch.core.errors import ArgumentError
from tinygrad_scratch.data import prefetch


def workers() -> int:
    return sum(t.name == "prefetch" for t in threading.enumerate())


def settled() -> int:
    """How many threads are left, once those that are about to end have."""
    for _ in range(200):
        if not workers():
            break
        time.sleep(0.01)
    return workers()


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_items_come_in_order(n: int, size: int) -> None:
    assert list(prefetch(range(n), size)) == list(range(n))
    assert settled() == 0


def test_no_more_than_size_are_made_ahead() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for i in range(10):
            made.append(i)
            yield i

    ahead = prefetch(items(), 3)
    assert next(ahead) == 0
    time.sleep(0.1)
    assert len(made) == 3
    ahead.close()  # type: ignore[attr-defined]
    assert settled() == 0


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("gone")

    found: list[Any] = []
    with pytest.raises(KeyError, match="gone"):
        found += prefetch(items())
    ahead = prefetch(items())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="gone"):
        next(ahead)
    assert settled() == 0


def test_size_is_checked_at_the_call() -> None:
    with pytest.raises(ArgumentError, match="prefetch: size=0, expected an integer of at least 1"):
        prefetch([1], 0)
