"""Random programs, compiled by either backend: they are what they were, and so are their gradients."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tinygrad_scratch as tg

from .agreement import BACKENDS, agrees, call, same_tree
from .programs import program

pytestmark = pytest.mark.parametrize("backend", BACKENDS)
seeds = given(seed=st.integers(0, 10**6))


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):  # hypot has no derivative at 0
        yield


def total(out: Any) -> Any:
    return sum(np.sum(np.sin(x)) for x in tg.tree.leaves(out))


def is_array(a: Any) -> bool:
    return isinstance(a, np.ndarray) and a.ndim > 0


def same(found: Any, expected: Any, args: Any, ulps: float) -> None:
    same_tree(found, expected, ulps, narrow=any(getattr(a, "dtype", None) == np.float32 for a in args))


def condition(f: Any, args: Any, expected: Any) -> float:
    """By how many ulps the answer moves, relative to its largest element, if each float argument moves by one."""
    rng, worst = np.random.default_rng(0), 0.0
    for _ in range(3):
        nearby = [
            a * (1 + np.finfo(a.dtype).eps * rng.choice([-1, 1], np.shape(a))).astype(a.dtype)
            if getattr(a, "dtype", np.dtype(int)).kind == "f"
            else a
            for a in args
        ]
        for x, y in zip(tg.tree.leaves(f(*nearby)), tg.tree.leaves(expected), strict=True):
            moved = np.abs(x - y)[np.isfinite(x) & np.isfinite(y)]
            size = np.max(np.abs(y), initial=1e-300, where=np.isfinite(y))
            worst = max(worst, float(np.max(moved, initial=0)) / size / np.finfo(y.dtype).eps)
    return worst


@seeds
@example(seed=8962)  # the sign of what np.negative makes of a Python number
def test_values(backend: str, seed: int) -> None:
    f, args = program(seed)
    kept = [np.array(a) for a in args]
    run = tg.jit(f, backend=backend)
    expected = f(*args)
    for _ in range(3):
        found = run(*args)
        same(found, expected, args, 2e3)
        for x in filter(is_array, tg.tree.leaves(found)):
            x.fill(np.nan)  # the caller's own
    for a, b in zip(args, kept, strict=True):
        np.testing.assert_array_equal(a, b)


@seeds
@example(seed=345175)  # a boolean that becomes a number in between
def test_gradients(backend: str, seed: int) -> None:
    f, args = program(seed)
    places = tuple(i for i, a in enumerate(args) if hasattr(a, "dtype"))
    gradient = tg.grad(lambda *xs: total(f(*xs)), places)
    expected = gradient(*args)
    ulps = 2e4 + 10 * condition(gradient, args, expected)
    compiled = tg.jit(f, backend=backend)
    inside, outside = tg.jit(gradient, backend=backend), tg.grad(lambda *xs: total(compiled(*xs)), places)
    for _ in range(2):
        same(inside(*args), expected, args, ulps)
        same(outside(*args), expected, args, ulps)
    assert len(inside._entries) == 1  # compiled, and not given up


@seeds
def test_donated(backend: str, seed: int) -> None:
    f, args = program(seed)
    arrays = [i for i, a in enumerate(args) if is_array(a)]
    run = tg.jit(lambda *xs: (f(*xs), [xs[i] * 0.5 for i in arrays]), donate_argnums=arrays, backend=backend)
    for _ in range(3):
        found, halves = run(*[np.array(a) if i in arrays else a for i, a in enumerate(args)])
        same(found, f(*args), args, 2e3)
        same(halves, [args[i] * 0.5 for i in arrays], args, 1)


@seeds
def test_batched(backend: str, seed: int) -> None:
    f, args = program(seed)
    args = [np.stack([a, a * 0.5]) if is_array(a) else a for a in args]
    axes = tuple(0 if is_array(a) else None for a in args)
    if any(a == 0 for a in axes):
        expected = tg.vmap(f, axes)(*args)
        inside, outside = tg.jit(tg.vmap(f, axes), backend=backend), tg.vmap(tg.jit(f, backend=backend), axes)
        for _ in range(2):
            same(inside(*args), expected, args, 2e3)
            same(outside(*args), expected, args, 2e3)


@pytest.mark.parametrize(
    "transform", [lambda f: f, tg.grad, tg.hessian, tg.jacfwd], ids=["f", "grad", "hessian", "jacfwd"]
)
def test_loops_in_loops_have_memory_of_their_own(transform: Any, backend: str) -> None:
    def inner(c: Any, w: Any) -> Any:
        return tg.scan(lambda d, b: (np.sin(d * b), d * d), c, w)[0]

    def middle(c: Any, w: Any) -> Any:
        return tg.scan(lambda d, b: (inner(d + b, w) * b, d), c, w)[0]

    x = np.linspace(0.5, 2, 4)
    agrees(transform(lambda w: tg.fori_loop(0, 3, lambda i, c: inner(c * i, w), w[0])), backend, call(x))
    agrees(transform(lambda w: tg.scan(lambda c, a: (middle(c, w) * a, c), w[0], w)[0]), backend, call(x))
