"""Each pass gives a program that is one, and gives the same; and what particular passes are for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.compile.fusion import clusters
from tinygrad_scratch.compile.graph import Graph, verify
from tinygrad_scratch.compile.layout import contiguous
from tinygrad_scratch.compile.passes import PASSES, recast, simplify
from tinygrad_scratch.compile.rewrite import expand
from tinygrad_scratch.compile.rounds import hoist, sink
from tinygrad_scratch.compile.tracer import record
from tinygrad_scratch.compile.views import across_views

from .agreement import BACKENDS, agrees, call, same_tree
from .programs import program

X = np.sin(np.arange(2 * 6 * 4 * 3.0)).reshape(2, 6, 4, 3)
both = pytest.mark.parametrize("backend", BACKENDS)


def recorded(f: Callable[..., Any], *args: Any) -> Graph:
    """The program of f on arrays."""
    return record(lambda *xs: tuple(tg.tree.leaves(f(*xs))), list(args), {})[0]


def loops(graph: Graph) -> list[tuple[int, ...]]:
    """The shapes over which it loops."""
    return [c.shape for c in clusters(graph, lambda eq: True) if c.shape is not None]


def pooled(x: Any, b: Any) -> Any:
    """Bias, relu, and the largest of each 2 x 2 pixels, their gradient as well."""
    parts = np.maximum(x + b, 0).reshape(2, 3, 2, 2, 2, 3)
    return np.sum(np.max(parts, axis=(2, 4)) ** 2)


@given(seed=st.integers(0, 10**6))
def test_each_pass_gives_the_same_program(seed: int) -> None:
    f, args = program(seed)
    args = [np.asarray(a) for a in args]  # casts of Python numbers are for compilers alone
    narrow = any(getattr(a, "dtype", None) == np.float32 for a in args)
    with np.errstate(all="ignore"):
        graph = recorded(f, *args)
        expected = [np.asarray(x)[()] for x in graph.evaluate(*args)]
        for change in (lambda g: sink(hoist(expand(g, True))), *PASSES, contiguous, across_views, recast):
            graph = change(graph)
            verify(graph)
            same_tree([np.asarray(x)[()] for x in graph.evaluate(*args)], expected, 2e3, narrow)


def test_what_stands_on_both_sides_of_a_reshape_is_one_loop() -> None:
    graph = contiguous(simplify(recorded(pooled, X, X[0, 0, 0]), wholly=True))
    assert set(loops(graph)) >= {(2, 6, 4, 3), (2, 3, 2, 2, 2, 3)}
    graph = across_views(graph)
    assert set(loops(graph)) == {(2, 3, 2, 2, 2, 3), (2, 3, 2, 3)}


@both
def test_reshapes_between_loops(backend: str) -> None:
    b = X[0, 0, 0]

    def several(x: Any, b: Any) -> Any:
        y = (x * 2 + b).reshape(12, 2, 2, 3)  # splits and joins at once
        z = np.sin(x).reshape(2, 3, 2, 4, 3) + np.cos(x.T).T.reshape(2, 3, 2, 4, 3)
        rows = np.exp(z).reshape(12, 12)
        return y, np.sum(z, axis=(1, 3)), np.max(rows, axis=0), rows * 2, np.sum(z), (rows > 1).reshape(6, 2, 12).sum(1)

    agrees(pooled, backend, call(X, b), call(-X[:, ::-1], b))
    agrees(tg.value_and_grad(pooled, (0, 1)), backend, call(X, b), call(np.round(X), np.round(b)))
    agrees(several, backend, call(X, b), call(X.astype(np.float32), b.astype(np.float32)))
    agrees(lambda x, b: tg.grad(lambda x: sum(np.sum(y * y) for y in several(x, b)))(x), backend, call(X, b))


SHAPES = [(2, 6, 4), (12, 4), (2, 3, 2, 4), (2, 6, 2, 2), (48,), (6, 8), (2, 1, 6, 4)]
STEPS: list[Callable[[Any, Any], Any]] = [
    lambda x, b: np.sin(x), lambda x, b: np.cos(x) + b, lambda x, b: np.where(x > b, x, 0.3), lambda x, b: x * (x > 0),
    lambda x, b: x / (1 + b * b), lambda x, b: x * np.mean(x > b, axis=0), lambda x, b: x + np.mean(x * b, axis=0),
    lambda x, b: x[..., ::-1], lambda x, b: x - np.max(x, axis=-1, keepdims=True),
]  # fmt: skip


def chain(seed: int) -> Callable[[Any], Any]:
    """A function of 48 elements that sees them in changing shapes, whole and in slices."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(STEPS) + 4, size=rng.integers(3, 14))
    shapes = rng.integers(len(SHAPES), size=len(picks))

    def f(x: Any) -> Any:
        given_ = []
        for pick, s in zip(picks, shapes, strict=True):
            if pick < len(STEPS):
                x = STEPS[pick](x, np.linspace(-0.5, 0.5, x.shape[-1]))
            elif pick == len(STEPS):
                half = x.shape[-1] // 2
                x = np.concatenate([x[..., :half] * 2, np.cos(x[..., half:])], axis=-1)
            elif pick == len(STEPS) + 1:
                given_.append(np.sum(x, axis=tuple(range(0, x.ndim, 2))))
            else:
                x = x.reshape(SHAPES[s])
        return x, given_

    return f


@both
@given(seed=st.integers(0, 10**6))
def test_random_views(backend: str, seed: int) -> None:
    f, x = chain(seed), np.sin(np.arange(48.0)).reshape(SHAPES[seed % len(SHAPES)])
    agrees(f, backend, call(x), call(np.round(x)), ulps=2e3)
    agrees(tg.grad(lambda x: sum(np.sum(np.sin(y)) for y in tg.tree.leaves(f(x)))), backend, call(x), ulps=1e5)


def summed(xs: Any, b: Any, k: Any, reverse: bool = False) -> Any:
    """A scan over rows that are made for it alone."""

    def body(carry: Any, rows: Any) -> Any:
        x, y = rows
        return np.tanh(carry * y + x), carry @ x

    return tg.scan(body, np.zeros(xs.shape[1:]), (xs * k + b, np.where(xs > b, np.sin(xs), k)), reverse=reverse)


def test_what_only_rounds_need_is_made_in_them() -> None:
    graph = sink(simplify(recorded(lambda xs, b: summed(xs, b, 2.0), X[0, :, :, 0], X[1, 0, :, 1])))
    assert [eq.prim.name for eq in graph.equations] == ["scan"]
    (scan,) = graph.equations
    assert {eq.prim.name for eq in scan.attrs["body"].graph.equations} >= {"sin", "where", "greater"}


@both
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("length", [0, 1, 6])
def test_rounds_of_a_scan(length: int, reverse: bool, backend: str) -> None:
    xs, b = X[0, :length, :, 0], X[1, 0, :, 1]

    def run(xs: Any, b: Any, k: Any) -> Any:
        return summed(xs, b, k, reverse)

    def total(xs: Any, b: Any, k: Any) -> Any:
        carry, ys = run(xs, b, k)
        return np.sum(carry**2) + np.sum(ys)

    agrees(run, backend, call(xs, b, 2), call(xs, b, 0.5), call(xs.astype(np.float32), b.astype(np.float32), 0.5))
    agrees(tg.value_and_grad(total, (0, 1)), backend, call(xs, b, 0.5), call(-xs, b, np.float64(3)))
    agrees(tg.vmap(run, (None, 0, None)), backend, call(xs, X[1, :, :, 1], 0.5))
    agrees(tg.hessian(lambda b, xs: total(xs, b, 2.0)), backend, call(b, xs), ulps=1e4)


@both
def test_slices_of_axes_of_length_one(backend: str) -> None:
    for x in (np.array([1.5]), np.array([[1.5], [2.5]]), np.array([[1.5]])):
        agrees(lambda x: [y for m in [x * 2 + 1] for y in (m[:1], m[1:], np.sum(m[1:]))], backend, call(x), call(x + 1))
        agrees(lambda x: np.split(np.sin(x) * x[:1], [1], axis=-1), backend, call(x), call(x + 1))


@both
def test_booleans_as_numbers(backend: str) -> None:
    agrees(lambda x, y: ((x > 0) == (y > 0)).astype(float), backend, call(X, X[::-1]), call(X, X))
    agrees(
        lambda x: ((x > 0) * 1.0, (x > 0) + (x < 0.5), np.sum(x > 0), (x > 0).astype(int) @ x.T), backend, call(X[0, 0])
    )


def test_a_boolean_becomes_a_number_where_it_is_used() -> None:
    def f(x: Any, y: Any) -> Any:
        largest = (x == y).astype(float)
        return np.sum(largest, axis=1, keepdims=True) * largest

    graph = recast(contiguous(simplify(recorded(f, X[0, :, :, 0], X[1, :, :1, 0]), wholly=True)))
    made = clusters(graph, lambda eq: True)
    casts = [(c, eq) for c in made for eq in c.equations if eq.prim.name == "astype"]
    assert len(casts) == 2
    for c, eq in casts:
        assert any(eq.outputs[0] in e.vars() for e in c.equations)
