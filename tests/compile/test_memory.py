"""Native code stays inside of its memory: what lies before and behind it is watched."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.compile import python_code

from .agreement import same_tree
from .programs import ONE, TWO, program

MARGIN, MARK = 256, 0xAB
SHUFFLES = [
    lambda x: x[::-1], lambda x: np.cumsum(x) * 0.3, lambda x: x - x.max(), lambda x: x @ (np.eye(4) * 0.5),
    lambda x: x.reshape(2, 2).T.reshape(4), lambda x: x[np.array([1, 0, 3, 2])], lambda x: np.roll(x, 1),
]  # fmt: skip


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every workspace and answer gets margins; at the end they must be as they were."""
    given: list[Any] = []

    def empty(shape: Any, dtype: Any = float) -> Any:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        whole = np.full(size + 2 * MARGIN, MARK, np.uint8)
        given.append(whole)
        inside = whole[MARGIN : MARGIN + size]
        inside.fill(0x7B)  # no zeros, on which a program might count
        return inside.view(dtype).reshape(shape)

    original = python_code.PythonCode.__init__

    def with_margins(self: Any, graph: Any, bound: Any = None) -> None:
        original(self, graph, bound)
        self.bound["np_empty"] = empty

    monkeypatch.setattr(python_code.PythonCode, "__init__", with_margins)
    monkeypatch.setattr(
        python_code.PythonCode, "workspace", lambda self: empty(self.plan.total + python_code.ALIGNMENT, np.uint8)
    )
    with np.errstate(all="ignore"):
        yield given
    assert given
    for whole in given:
        assert np.all(whole[:MARGIN] == MARK)
        assert np.all(whole[-MARGIN:] == MARK)


def loop(seed: int) -> tuple[Any, tuple[Any, ...], bool]:
    """A scan of random operations on one to three carries, that may change places; every third has a scan inside."""
    rng = np.random.default_rng(seed)
    dtype: Any = [np.float64, np.float32][rng.integers(2)]
    carries = int(rng.integers(1, 4))
    steps = []
    values = carries + 2
    for _ in range(rng.integers(1, 8)):
        group: Any = [ONE, TWO, SHUFFLES][rng.integers(3)]
        steps.append((group[rng.integers(len(group))], rng.integers(0, values, 2 if group is TWO else 1)))
        values += 1
    kept, given = rng.integers(0, values, carries), rng.integers(0, values, 2)

    def bounded(x: Any) -> Any:
        return (x / (1 + np.abs(x))).astype(dtype)

    def f(first: Any, rows: Any, w: Any) -> Any:
        def step(c: Any, r: Any) -> Any:
            made = [*c, r, w]
            for operation, places in steps:
                made.append(operation(*[made[i] for i in places]))
            new = tuple(made[i] if i < carries else bounded(made[i]) for i in kept)
            if seed % 3 == 0:
                return tg.scan(lambda d, s: (tuple(np.sin(q) * s for q in d[::-1]), d[0]), new, r)
            return new, [made[i] for i in given]

        return tg.scan(step, first, rows)

    first = tuple(rng.normal(size=4).astype(dtype) for _ in range(carries))
    rows = rng.normal(size=([1, 2, 5][rng.integers(3)], 4)).astype(dtype)
    return f, (first, rows, rng.normal(size=4).astype(dtype)), dtype == np.float32


@pytest.mark.parametrize("seed", range(12))
def test_random_loops(seed: int) -> None:
    f, args, narrow = loop(seed)

    def total(*xs: Any) -> Any:
        return sum(np.sum(np.sin(x)) for x in tg.tree.leaves(f(*xs)))

    run, expected = tg.jit(f, backend="numba"), f(*args)
    gradient = tg.jit(tg.grad(total, (0, 1, 2)), backend="numba")
    right = tg.grad(total, (0, 1, 2))(*args)
    for _ in range(2):
        same_tree(run(*args), expected, 5e3, narrow)
        same_tree(gradient(*args), right, 1e5, narrow)


def test_random_programs() -> None:
    for seed in range(20):
        f, args = program(seed)
        run = tg.jit(f, backend="numba")
        for _ in range(2):
            same_tree(run(*args), f(*args), 2e3, narrow=any(getattr(a, "dtype", None) == np.float32 for a in args))


def test_indices_out_of_range_of_nothing() -> None:
    for f in (lambda x, i: x[i] * 2, lambda x, i: tg.grad(lambda x: np.sum(x[i] ** 2))(x)):
        run = tg.jit(f, backend="numba")
        run(np.zeros((0, 3)), np.zeros(0, int))
        run(np.zeros((0, 3)), np.zeros(0, int))
        run(np.zeros((3, 3)), np.array([0]))
        run(np.zeros((3, 3)), np.array([2]))
        with pytest.raises(IndexError):
            run(np.zeros((3, 3)), np.array([10**9]))
