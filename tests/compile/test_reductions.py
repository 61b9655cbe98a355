"""Sums, extremes and products along every choice of axes, empty ones, and how exact long sums are."""

import itertools
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, agrees, call, same_tree

pytestmark = pytest.mark.parametrize("backend", BACKENDS)
CUBE = np.sin(np.arange(2 * 3 * 4.0)).reshape(2, 3, 4)
AXES: list[Any] = [None, *itertools.chain.from_iterable(itertools.combinations(range(3), n) for n in (1, 2, 3)), -1, 1]


def every(f: Any, x: Any, axes: list[Any]) -> Any:
    return [f(x, axis=axis, keepdims=keep) for axis in axes for keep in (False, True)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int8, np.int64, bool])
def test_all_axes(dtype: Any, backend: str) -> None:
    x = (CUBE * (2 if dtype == np.float16 else 100)).astype(dtype)
    kinds = [np.sum, np.max, np.min, np.mean, np.any, np.all]
    for change in (lambda x: x, lambda x: x.T, lambda x: x[:, ::-1, ::2]):
        agrees(lambda x, c=change: [every(f, c(x), AXES) for f in kinds], backend, call(x), call(x[:, :, :1]))
    agrees(lambda x: [f(x, axis) for f in (np.argmax, np.argmin, np.cumsum, np.prod) for axis in (0, 1, 2)], backend,
           call(x))  # fmt: skip


def test_around_elementwise_operations(backend: str) -> None:
    axes = [a for a in AXES if isinstance(a, tuple)]
    agrees(lambda x: [np.sum(np.sin(x) * y, axis=a) for a in axes for y in (x, 2.0)], backend, call(CUBE))
    agrees(lambda x: [x - np.max(x, axis=a, keepdims=True) for a in axes], backend, call(CUBE))
    agrees(lambda x: [np.exp(np.sum(x, a)) + np.sum(x * x) for a in axes], backend, call(CUBE))
    agrees(lambda x: tg.grad(lambda x: sum(np.sum(np.max(np.sin(x), a) ** 2) for a in axes))(x), backend, call(CUBE))


def test_empty(backend: str) -> None:
    for shape in ((0, 3), (3, 0), (0,), (2, 0, 3)):
        x = np.zeros(shape)
        agrees(lambda x: [np.sum(x * 2, axis=a) for a in (None, *range(x.ndim))], backend, call(x), call(x > 0))
        agrees(lambda x: (np.any(x), np.all(x), np.prod(x), x @ np.ones((x.shape[-1], 2))), backend, call(x))
        agrees(lambda x: tg.grad(lambda x: np.sum(np.sin(x)))(x), backend, call(x))
    run = tg.jit(lambda x: np.max(x, axis=0), backend=backend)
    with pytest.raises(ValueError, match="zero-size array"):
        run(np.zeros((0, 3)))
    same_tree(run(np.zeros((3, 0))), np.zeros(0))


def test_nan_and_infinity(backend: str) -> None:
    x = CUBE.copy()
    x[0, 0, 0], x[1, 1, 1], x[1, 2, 3] = np.nan, np.inf, -np.inf
    kinds = (np.max, np.min)
    agrees(lambda x: [f(x, axis=a) for f in kinds for a in AXES], backend, call(x), call(-x))
    with np.errstate(invalid="ignore"):
        agrees(lambda x: [np.sum(x, axis=a) for a in AXES], backend, call(x))
    agrees(lambda x: np.max(x, axis=1), backend, call(np.full((30, 3), -np.inf)), call(np.full((30, 3), np.nan)))


@pytest.mark.parametrize("shape", [(300_000,), (3, 100_000), (100_000, 3), (600, 500)])
def test_long_sums_in_float32(shape: Any, backend: str) -> None:
    x = np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)
    kinds: list[Any] = [lambda x: np.sum(x), lambda x: np.sum(x, 0), lambda x: np.sum(x, -1), lambda x: np.mean(x * x)]
    for f in kinds:
        run = tg.jit(f, backend=backend)
        run(x)
        exact = np.asarray(f(x.astype(np.float64)))
        off, numpys = np.abs(run(x) - exact) / exact, np.abs(f(x) - exact) / exact
        assert np.max(off) < 3e-7 + 2 * np.max(numpys)


def test_small_integers_wrap_as_numpys(backend: str) -> None:
    x = np.array([100, 100, -128], np.int8)
    agrees(lambda x: (x + x, x * x, -x, np.abs(x), x.sum(), x.prod()), backend, call(x))
    for f in (np.sum, np.cumsum, np.prod):
        agrees(lambda x, f=f: (f(x, dtype=np.int8), f(x, dtype=np.float32), f(x, dtype=bool)), backend, call(x))
    agrees(lambda x: (x - 1, x.max(), x.sum()), backend, call(np.array([0, 255], np.uint8)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_products(dtype: Any, backend: str) -> None:
    rng = np.random.default_rng(0)
    for n, k, m in [(0, 3, 2), (3, 0, 2), (3, 2, 0), (1, 1, 1), (1, 3, 40), (40, 1, 3), (3, 4, 1), (40, 40, 40)]:
        x, y = rng.normal(size=(n, k)).astype(dtype), rng.normal(size=(k, m)).astype(dtype)
        agrees(lambda x, y: (x @ y, y.T @ x.T, (x[::-1] @ y[:, ::-1]), x @ y[:, 0] if y.shape[1] else x), backend,
               call(x, y), ulps=500)  # fmt: skip
    x, y = rng.normal(size=(2, 1, 3, 4)).astype(dtype), rng.normal(size=(5, 4, 2)).astype(dtype)
    agrees(lambda x, y: (x @ y, np.einsum("abij,cjk->bk", x, y), np.tensordot(x, y, (3, 1)), np.inner(x, x)), backend,
           call(x, y), ulps=500)  # fmt: skip
