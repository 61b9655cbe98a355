"""Recording and planning: graphs as they print, long ones, and memory that is used again."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.compile import numpy_executor
from tinygrad_scratch.compile.graph import verify

from .agreement import BACKENDS, agrees, by_small_blocks, call, same_tree
from .programs import program

X = np.linspace(-1, 1, 12).reshape(3, 4)
both = pytest.mark.parametrize("backend", BACKENDS)


@both
def test_a_block_freed_twice_serves_once(backend: str) -> None:
    # several values in one block die in the same step
    def f(a: Any, b: Any, c: Any) -> Any:
        e = c * b - b
        j = np.where(e > b, 2 * e - b, e)
        k = j * j - j
        p = k / (1.5 + np.cos(np.einsum("i,i->", k, k)))
        return np.sum(np.square(p - np.sum(p, axis=0, keepdims=True) / 4))

    agrees(f, backend, call(X[0], X[1] ** 2, 0.7))


@both
def test_a_python_number_meets_a_tensor_of_grad(backend: str) -> None:
    # either way round: Python asks the number's operator first, as its class is derived from the Tensor's
    def loss(w: Any, scale: Any) -> Any:
        return np.sum((w * scale - scale) ** 2 / scale + (w - scale) * (scale - w))

    gradient = tg.jit(tg.grad(loss), backend=backend)
    for scale in (0.5, 2, 3):
        for _ in range(2):
            same_tree(gradient(X, scale), tg.grad(loss)(X, scale))
    assert len(gradient._entries) == 2
    assert "multiply" in str(tg.make_graph(tg.grad(loss))(X, 0.5))


def test_programs_by_blocks_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    by_small_blocks(monkeypatch)
    with np.errstate(all="ignore"):
        for seed in range(60):
            f, args = program(seed)
            narrow = any(getattr(a, "dtype", None) == np.float32 for a in args)
            run = tg.jit(f, backend="numpy")
            for _ in range(2):
                same_tree(run(*args), f(*args), 2e3, narrow)


def test_make_graph() -> None:
    graph = tg.make_graph(lambda p, n: {"y": np.sin(p["x"]) * n, "n": n + 1})({"x": X}, 2)
    assert str(graph).splitlines() == [
        "graph(a: float64[3,4], b: int):",
        "    c: float64[3,4] = sin(a)",
        "    d: float64[3,4] = multiply(c, b)",
        "    e: int = add(b, 1)",
        "    return e, d",
    ]
    verify(graph)
    verify(tg.make_graph(tg.hessian(lambda x: np.sum(tg.scipy.special.logsumexp(x, axis=1))))(X))
    with pytest.raises(tg.errors.DtypeError, match="make_graph: argument '0/a' is str"):
        tg.make_graph(lambda x: x)({"a": "text"})


@both
def test_long_chains(backend: str) -> None:
    def one_loop(x: Any) -> Any:
        for i in range(500):
            x = np.sin(x) + i * 1e-3
        return x

    def many_loops(x: Any) -> Any:
        for _ in range(200):
            x = np.maximum(x * 0.5, x.sum() * 1e-3)
        return x

    agrees(one_loop, backend, call(np.linspace(0, 1, 3)))
    agrees(many_loops, backend, call(np.linspace(0, 1, 3)))


def test_blocks_of_arguments_that_do_not_lie_contiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_executor, "LARGE", 4)
    x = np.arange(60.0).reshape(3, 4, 5)
    for y in (x.T, x[::-1], x[:, ::2], np.broadcast_to(x[0], (3, 4, 5))):
        agrees(lambda x: np.tanh(x * 2) + x, "numpy", call(y))
        agrees(lambda x, y: np.tanh(x * 2) + y * x, "numpy", call(y, y[:1]), call(y, y[0, 0]))


def test_names_of_thousands_of_values() -> None:
    # names run through all words of three letters, among them Python's own and those of the plan
    def f(x: Any, n: Any) -> Any:
        total = x
        for _ in range(9500):
            total = -(total + x)
        return total, abs(n), x

    run = tg.jit(f, backend="numpy")
    x = np.ones(2)
    for _ in range(2):
        same_tree(run(x, -2.0), f(x, -2.0))


@both
def test_many_arguments_and_answers(backend: str) -> None:
    xs = [np.full(2, float(i)) for i in range(300)]
    agrees(lambda xs: [x + xs[0] for x in xs], backend, call(xs))


@both
def test_what_cannot_be_recorded_runs_as_it_is(backend: str) -> None:
    def outer(x: Any) -> Any:
        return np.sum(tg.jit(lambda y: y * x, backend=backend)(np.ones(3)))

    np.testing.assert_array_equal(tg.grad(outer)(X[0, :3]), np.ones(3))
