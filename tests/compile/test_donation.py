"""Donated arguments: written over where nobody can see it, copied where somebody could, refused afterwards."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, same_tree

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


def numbers() -> np.ndarray:
    return np.arange(8.0)


def shares(*arrays: Any) -> bool:
    return any(np.shares_memory(a, b) for a, b in itertools.combinations(arrays, 2))


def repeated(f: Callable[..., Any], make: Callable[[], Any], backend: str, donated: Any = (0, 1)) -> None:
    """f on fresh arguments, several times, as it is and with donated arguments."""
    run = tg.jit(f, donate_argnums=donated, backend=backend)
    for _ in range(4):
        expected = f(*tg.tree.map(np.array, make()))
        args = make()
        found = run(*args)
        same_tree(found, expected)
        assert not shares(*[x for x in tg.tree.leaves(found) if isinstance(x, np.ndarray)])
        for i in (donated,) if isinstance(donated, int) else donated:
            assert not any(x.flags.writeable for x in tg.tree.leaves(args[i]))


def test_the_memory_is_used(backend: str) -> None:
    run = tg.jit(lambda a, b: (a + b, a - b), donate_argnums=(0, 1), backend=backend)
    run(numbers(), numbers())
    a, b = numbers(), numbers()
    found = run(a, b)
    assert any(np.shares_memory(x, y) for x in found for y in (a, b))
    for x in found:
        x.fill(7)  # the caller's own


def test_answers_that_are_arguments(backend: str) -> None:
    two = lambda: (numbers(), numbers() * 10)  # noqa: E731
    repeated(lambda a, b: (b, a), two, backend)
    repeated(lambda a, b: (a, a + 1, a[::-1], b), two, backend)
    repeated(lambda a, b: (a.reshape(2, 4).T, a * 2, b[1:]), two, backend)
    repeated(lambda a, b: (a, a, b + a, a - b), two, backend)
    repeated(lambda a, b: (np.sum(a) + b, np.cumsum(a), b[::-1] + a), two, backend)
    repeated(lambda a, b: (np.where(a > 3, b, a), np.where(b > 3, a, b)), two, backend)


PAIRS: dict[str, Callable[[], Any]] = {
    "halves": lambda: (lambda x: (x[:4], x[4:]))(numbers()),
    "overlapping": lambda: (lambda x: (x[:5], x[3:]))(numbers()),
    "interleaved": lambda: (lambda x: (x[::2], x[::-2]))(numbers()),
    "one buffer": lambda: (lambda b: (np.frombuffer(b), np.frombuffer(b)))(bytearray(numbers().tobytes())),
    "a memoryview": lambda: (lambda x: (x, np.asarray(memoryview(x))))(numbers()),
    "swapped bytes": lambda: (numbers().astype(">f8"), numbers()),
    "unaligned": lambda: (np.frombuffer(bytearray(65), np.uint8)[1:].view(float), numbers()),
    "F": lambda: (np.asfortranarray(numbers().reshape(2, 4)), numbers().reshape(4, 2).T),
    "float32": lambda: (numbers().astype("f"), numbers()),
    "empty": lambda: (np.zeros((0, 3)), np.zeros((0, 3))),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_layouts_and_overlaps(pair: str, backend: str) -> None:
    for donated in (0, 1, (0, 1)):
        run = tg.jit(lambda a, b: (2 * a + b, b - a, a), donate_argnums=donated, backend=backend)
        for _ in range(4):
            a, b = PAIRS[pair]()
            x, y = np.array(a), np.array(b)
            same_tree(run(a, b), (2 * x + y, y - x, x))


def test_the_same_array_twice(backend: str) -> None:
    run = tg.jit(lambda a, b: (2 * a + b.sum(), b * 3), donate_argnums=0, backend=backend)
    both = tg.jit(lambda a, b: (2 * a + b.sum(), b * 3), donate_argnums=(0, 1), backend=backend)
    for f in (run, both):
        for _ in range(4):
            x = numbers()
            same_tree(f(x, x), (numbers() * 2 + 28, numbers() * 3))


def test_views_of_what_the_function_captures(backend: str) -> None:
    w = np.ones(8)
    run = tg.jit(lambda a: a + w, donate_argnums=0, backend=backend)
    for a in (numbers(), numbers(), w[:], numbers(), w[:], numbers()):
        expected = a + 1
        same_tree(run(a), expected)
    assert w.tolist() == [1] * 8


def state() -> Any:
    return {"w": np.arange(12.0).reshape(4, 3), "b": [np.ones(2), 3.0]}


def test_used_again(backend: str) -> None:
    run = tg.jit(lambda p, x: tg.tree.map(lambda w: w * x, p), donate_argnums=0, backend=backend)
    for i in range(4):
        p = state()
        run(p, 2.0)
        with pytest.raises(tg.errors.ArgumentError, match=r"argument 0, leaf 'b/0' of <lambda> .*read-only \(at.*copy"):
            run(p, 2.0)
        q = state()
        q["b"][0] = p["b"][0]
        with pytest.raises(tg.errors.ArgumentError, match="leaf 'b/0'"):
            run(q, 2.0)
        same_tree(run(state(), float(i)), tg.tree.map(lambda w, i=i: w * float(i), state()))


def test_a_call_that_fails_has_taken_them(backend: str) -> None:
    run = tg.jit(lambda p, i: (p["w"] * 2)[i], donate_argnums=0, backend=backend)
    good = np.array([0, 3])
    for _ in range(3):
        same_tree(run(state(), good), state()["w"][good] * 2)
    p = state()
    with pytest.raises(IndexError):
        run(p, np.array([0, 9]))
    with pytest.raises(tg.errors.ArgumentError, match="to be donated"):
        run(p, good)
    same_tree(run(state(), good), state()["w"][good] * 2)


def test_recording_that_fails_takes_nothing(backend: str) -> None:
    run = tg.jit(lambda a: a @ np.ones((3, 3)), donate_argnums=0, backend=backend)
    a = numbers()
    with pytest.raises(tg.errors.ShapeError):
        run(a)
    assert a.flags.writeable


def test_under_transformations_nothing_is_taken(backend: str) -> None:
    run = tg.jit(lambda a: np.sum(a * a), donate_argnums=0, backend=backend)
    a = numbers()
    for _ in range(2):
        same_tree(tg.grad(run)(a), 2 * a)
        same_tree(tg.jit(lambda x: run(x) + run(x), backend=backend)(a), 2 * np.sum(a * a))
    assert a.flags.writeable


def test_arguments_that_are_not_donated_stay_as_they_are(backend: str) -> None:
    def f(x: Any, y: Any) -> Any:
        return x @ y, x, y.T, x + 1, np.ones(2), x[0]

    run = tg.jit(f, backend=backend)
    x, y = np.arange(9.0).reshape(3, 3), np.ones((3, 3))
    x.flags.writeable = False
    answers = [a for _ in range(4) for a in run(x, y)]
    assert not shares(x, y, *answers)
    assert all(a.flags.writeable for a in answers)
    for a in answers:
        a.fill(np.nan)
    same_tree(run(x, y), f(x, y))


def test_bad_arguments(backend: str) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="cannot be both static and donated"):
        tg.jit(np.sin, static_argnums=0, donate_argnums=0, backend=backend)
    with pytest.raises(tg.errors.ArgumentError, match=r"donate_argnums=\(0, 2\), but <lambda> has 2 positional"):
        tg.jit(lambda a, b: a, donate_argnums=(0, 2), backend=backend)
    with pytest.raises(tg.errors.ArgumentError, match="donate_argnums='a', expected an integer"):
        tg.jit(lambda a, b: a, donate_argnums="a", backend=backend)  # type: ignore[arg-type]
