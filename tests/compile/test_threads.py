"""Compiled functions called from several threads at once, and how many threads they use themselves."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.compile import threads

from .agreement import BACKENDS, by_small_blocks, same_tree


def f(x: Any, n: Any) -> Any:
    return {"a": np.tanh(x @ x.T) * n, "b": x.sum(0) + n, "c": x[::-1], "d": tg.nn.softmax(x) * n}


def test_a_thousand_mixed_calls_from_two_threads() -> None:
    runs = [tg.jit(f, backend=b, donate_argnums=d) for b in BACKENDS for d in ((), 0)]
    together = threading.Barrier(2)

    def work(seed: int) -> int:
        rng = np.random.default_rng(seed)
        together.wait()
        for _ in range(500):
            x = rng.normal(size=[(3, 4), (5, 2), (40, 7), (1, 1), (0, 3)][rng.integers(5)])
            n = [2.0, 3, 1.5, np.float32(2)][rng.integers(4)]
            same_tree(runs[rng.integers(4)](x.copy(), n), f(x, n))
        return seed

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(work, (1, 2))) == [1, 2]
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_global_that_changes_while_threads_call(backend: str) -> None:
    factor = [1.0]
    run = tg.jit(lambda x: x * factor[0], backend=backend)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            assert run(np.ones(3))[0] in (1.0, 2.0)

    with ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(work) for _ in range(2)]
        for _ in range(5):
            for value in (2.0, 1.0):
                factor[0] = value
                time.sleep(0.002)
        stop.set()
        for worker in workers:
            worker.result()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process(monkeypatch: pytest.MonkeyPatch) -> None:
    by_small_blocks(monkeypatch)
    x = np.arange(30.0)
    run = tg.jit(lambda x: np.sin(x) * 2 + 1, backend="numpy")
    expected = run(x), run(x)  # the threads are there
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(run(x), expected[1]) else 1)
    for _ in range(1000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.01)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        pytest.fail("the forked process waits for threads that it does not have")
    assert status == 0


def test_set_num_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_count", None)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert threads.num_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert threads.num_threads() >= 1
    tg.set_num_threads(2)
    assert threads.num_threads() == 2
    for bad in (0, -1, 2.0, "2", None, True):
        with pytest.raises(tg.errors.ArgumentError, match=f"set_num_threads: n={bad!r}, expected a positive integer"):
            tg.set_num_threads(bad)  # type: ignore[arg-type]


def test_an_error_in_a_block_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "WORTH", 1)
    monkeypatch.setattr(threads, "_count", 2)

    def block(start: int, stop: int) -> None:
        raise ValueError(str(start))

    with pytest.raises(ValueError, match="0"):
        threads.by_blocks(block, tuple, 10, 2, 10)
