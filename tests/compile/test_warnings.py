"""Compiled programs give no warning that the function does not give. (Warnings are errors in this suite.)"""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, agrees, by_small_blocks, call, same_tree

pytestmark = pytest.mark.parametrize("backend", BACKENDS)
X = np.linspace(-2, 2, 12).reshape(3, 4)
NOTHING = np.full((2, 4), -np.inf)


def quotient(x: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.abs(x)) / x


def test_an_errstate_inside_of_the_function(backend: str) -> None:
    agrees(quotient, backend, call(X * 0), call(X))
    agrees(lambda x: tg.jit(quotient)(x) + 1, backend, call(X * 0))
    agrees(lambda x: tg.scan(lambda c, r: (c, quotient(r)), 0.0, x)[1], backend, call(X * 0))


def test_recorded_where_all_is_ignored(backend: str) -> None:
    run = tg.jit(quotient, backend=backend)
    with np.errstate(all="ignore"):
        run(X)
    same_tree(run(X * 0), quotient(X * 0))


@pytest.mark.parametrize("f", [tg.scipy.special.logsumexp, tg.nn.log_softmax, tg.nn.softmax])
def test_rows_without_weight(f: Any, backend: str) -> None:
    agrees(lambda x: f(x, axis=-1), backend, call(X), call(X * 1e300), call(X.astype("f") * 1e30))
    if f is tg.scipy.special.logsumexp:
        agrees(lambda x: f(x, axis=1), backend, call(NOTHING), call(np.vstack([X, NOTHING])))
    gradient = tg.grad(lambda x: np.sum(f(x, axis=-1)[0]))
    for _ in range(2):
        same_tree(tg.jit(gradient, backend=backend)(X), gradient(X))


def test_users_are_warned_as_by_the_function(backend: str) -> None:
    run = tg.jit(lambda x: 1 / x, backend=backend)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        run(np.zeros(2))
    with np.errstate(all="ignore"):
        run(np.zeros(2))


def test_branches_that_are_not_taken(backend: str) -> None:
    agrees(lambda x: tg.cond(np.sum(x) > 1e3, lambda: np.log(x - 9), lambda: x), backend, call(X))
    mapped = tg.vmap(lambda x: tg.cond(x > 0, np.log, lambda x: x, x))
    same_tree(mapped(X[0]), np.where(X[0] > 0, np.log(np.abs(X[0])), X[0]))
    agrees(mapped, backend, call(X[0]))
    stops = tg.vmap(lambda x: tg.while_loop(lambda v: v > 1, np.log, x))
    same_tree(stops(X[0]), np.where(X[0] > 1, np.log(np.abs(X[0])), X[0]))
    agrees(stops, backend, call(X[0]))


def test_examples_are_not_what_is_computed(backend: str) -> None:
    def f(x: Any) -> Any:
        return tg.fori_loop(1, 3, lambda i, v: v / i, x) / tg.scan(lambda c, r: (c + r.sum(), c / r.sum()), 1.0, x)[0]

    agrees(f, backend, call(X + 5), call(X[:0] + 5))
    steep = tg.jit(lambda x: np.exp(300 * x), backend=backend)
    for _ in range(2):
        assert np.isfinite(tg.vjp(steep, 2.0)[1](1e-300)[0])  # of an example, 1, the cotangent would overflow


def test_threads_have_the_errstate_of_their_caller(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_small_blocks(monkeypatch)
    agrees(quotient, backend, call(np.zeros(30)))
    run = tg.jit(lambda x: np.log(x) * 2 + 1, backend=backend)
    with np.errstate(all="ignore"):
        for _ in range(3):
            assert np.isnan(run(-np.ones(30))).all()
