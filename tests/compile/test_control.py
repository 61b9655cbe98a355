"""scan, fori_loop, while_loop and cond: compiled they give what they give in Python."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, agrees, call, same_tree

pytestmark = pytest.mark.parametrize("backend", BACKENDS)
X = np.linspace(-2, 2, 12).reshape(3, 4)
F32 = X.astype(np.float32)
W = np.linspace(-0.5, 0.5, 16).reshape(4, 4)
scan, fori_loop, while_loop, cond = tg.scan, tg.fori_loop, tg.while_loop, tg.cond


@pytest.mark.parametrize(
    "x", [X, F32, X[:1], X[:0], (X * 60).astype(np.int8), X > 0], ids=["d", "f", "one row", "no rows", "b", "?"]
)
def test_carries_and_rows(x: Any, backend: str) -> None:
    first = np.zeros(4, x.dtype)
    agrees(lambda x: scan(lambda c, r: (c + r, c * r), first, x), backend, call(x))
    agrees(lambda x: scan(lambda c, r: (c, c), first, x), backend, call(x))  # unchanged, and given too
    agrees(lambda x: scan(lambda c, r: (c + r, c), first, x), backend, call(x))
    second = np.ones(4, x.dtype)
    agrees(lambda x: scan(lambda c, r: ((c[1], c[0] + r), r), (first, second), x), backend, call(x))
    agrees(lambda x: scan(lambda c, r: ((c[1], c[2], c[0]), c[0]), (first, second, second[::-1]), x), backend, call(x))


def test_new_carry_given_too(backend: str) -> None:
    def step(c: Any, r: Any) -> Any:
        new = c * 0.5 + r
        return new, new

    agrees(lambda x: scan(step, x[0], x), backend, call(X), call(F32), call(X[:1]))


def test_trees(backend: str) -> None:
    def step(c: Any, r: Any) -> Any:
        return {"a": c["a"] + r["u"], "b": [c["b"][0] * 2]}, {"y": r["v"], "z": (c["a"], None)}

    agrees(lambda x: scan(step, {"a": x[0], "b": [1.0]}, {"u": x, "v": 2 * x}), backend, call(X), call(F32))
    agrees(lambda x: scan(lambda c, _: (c * 2, None), x, None, length=3), backend, call(X))
    agrees(lambda x: scan(lambda c, _: (c * 2, c.sum()), x, None, length=0), backend, call(X))


def test_numbers_of_pythons_as_carries(backend: str) -> None:
    agrees(lambda x: scan(lambda c, r: (c + 1, r / (c + 1)), 0, x), backend, call(X), call(F32))
    agrees(lambda x: scan(lambda c, r: (c * 0.9, r * c), 1.0, x), backend, call(X), call(F32))
    agrees(lambda x: scan(lambda c, r: (c ^ True, c), True, x), backend, call(X))
    agrees(lambda x: scan(lambda c, r: (c + r.sum(), c), 0.0, x), backend, call(X), call(F32))
    agrees(lambda x: scan(lambda c, r: (c, 2.0), 0.0, x), backend, call(X))
    agrees(lambda x, n: scan(lambda c, r: (c * 0.5, r * c), n, x), backend, call(F32, 1.0), call(F32, np.float32(2)))
    agrees(lambda x, n: x * fori_loop(0, 3, lambda i, v: v * 0.5 + i, n), backend, call(F32, 1.0), call(X, 2.5))
    agrees(lambda n: while_loop(lambda v: v < 100, lambda v: v * 2, n), backend, call(3), call(2.5))
    agrees(lambda x: while_loop(lambda v: v[0] < 3, lambda v: (v[0] + 1, v[1] * v[0]), (1, x)), backend, call(F32))
    agrees(lambda x: cond(x[0, 0] > 0, lambda: 1.0, lambda: 2.0), backend, call(X), call(-X))
    agrees(lambda x, n: x * cond(x[0, 0] > 0, lambda: n + 1, lambda: n), backend, call(F32, 2), call(-F32, 0.5))


def test_what_is_captured(backend: str) -> None:
    constant = np.eye(4) * 2
    agrees(lambda x, w: scan(lambda c, r: (np.tanh(c @ w + r), c.sum()), np.zeros(4), x), backend, call(X, W))
    agrees(lambda x: scan(lambda c, r: (np.tanh(c @ constant + r), c), np.zeros(4), x), backend, call(X))
    agrees(lambda x, i: scan(lambda c, k: (c + x[k], x[k]), x[0], i), backend, call(X, np.array([0, 2, 1, -1])))
    agrees(lambda x, w: cond(x.sum() > 0, lambda: x @ w, lambda: w.T @ w), backend, call(W + 1, W), call(W - 1, W))


def test_nested(backend: str) -> None:
    def inner(c: Any, r: Any) -> Any:
        return scan(lambda d, s: ((np.sin(d[1]) + s, d[0] * 2), d[0]), (c, c * 2), r)[0][0], c

    rows = np.sin(np.arange(2 * 3 * 50.0)).reshape(2, 3, 50)
    agrees(lambda x: scan(inner, x[0, 0], x), backend, call(rows), call(rows[..., :1]))
    agrees(lambda x: scan(lambda c, r: scan(lambda d, s: (d + s, d), c, r), 0.0, x), backend, call(X))
    agrees(lambda x: fori_loop(0, 3, lambda i, v: v * fori_loop(0, 2, lambda k, t: t + 0.5, 0.0) + i, x), backend,
           call(F32))  # fmt: skip
    agrees(lambda x: scan(lambda c, r: (while_loop(lambda v: v.sum() < 10, lambda v: v + 1, c + r), c), x[0], x),
           backend, call(X))  # fmt: skip
    agrees(lambda x: scan(lambda c, r: cond(r.sum() > 0, lambda c: (c * 2, c), lambda c: (c + 1, c * 0), c), x[0], x),
           backend, call(X))  # fmt: skip


def test_memory_of_nested_loops(backend: str) -> None:
    # the inner loop's is reserved in the whole program's workspace, not beyond the end of the outer loop's
    rows = np.sin(np.arange(3 * 4 * 100.0)).reshape(3, 4, 100)
    square = np.eye(100) * 0.5

    def rounds(c: Any, r: Any) -> Any:
        return scan(lambda d, s: (np.sin(d) @ square + s, d), c, r)

    for _ in range(20):
        agrees(lambda x: scan(rounds, x[0, 0], x), backend, call(rows))


def test_fori_loop(backend: str) -> None:
    for f in (
        lambda i, v: v * 2 + i,
        lambda i, v: v * 0.5 - i**2,
        lambda i, v: v + i // 2 + i % 3,
        lambda i, v: v + 1 / (i + 5),
        lambda i, v: np.where(i > 0, v, v * 2),
    ):
        for lower, upper in ((0, 3), (-2, 4), (2, 2), (3, 0)):
            agrees(lambda x, f=f, a=lower, b=upper: fori_loop(a, b, f, x), backend, call(X), call(F32))
    agrees(lambda x: fori_loop(0, 3, lambda i, v: v + x[i], np.zeros(4)), backend, call(X))
    agrees(lambda x: fori_loop(0, 3, lambda i, v: (v[1], v[0] + i), (x, x * 2)), backend, call(X))
    agrees(lambda x, n: fori_loop(0, n, lambda i, v: v * 2 + i, x), backend, call(X, 3), call(X, 0), call(X, -2))


def test_while_loop(backend: str) -> None:
    agrees(lambda x: while_loop(lambda v: np.sum(v * v) < 100, lambda v: v * 1.5, x), backend, call(X), call(X * 100))
    agrees(lambda x: while_loop(lambda v: v[0] < 5, lambda v: (v[0] + 1, v[2], v[1]), (0, x, x + 1)), backend, call(X))


def test_cond(backend: str) -> None:
    def branches(x: Any) -> Any:
        return cond(x[0, 0] > 0, lambda x: {"a": x, "b": (x * 2,)}, lambda x: {"a": -x, "b": (x,)}, x)

    agrees(branches, backend, call(X), call(-X))
    agrees(lambda x, n: cond(n, lambda x: x * 2, lambda x: x - 1, x), backend, call(X, 1), call(X, 0), call(X, True))
    # a plain value chooses while the program is recorded, so that the branches may differ
    agrees(lambda x, t: cond(t, np.sum, lambda x: x, x), backend, call(X, True), call(X, False), static_argnums=1)


def test_answers_are_the_callers_own(backend: str) -> None:
    run = tg.jit(lambda x: (scan(lambda c, r: (c, r), x[0], x), fori_loop(0, 0, lambda i, v: v, x)), backend=backend)
    for _ in range(3):
        x = X.copy()
        found = run(x)
        for y in tg.tree.leaves(found):
            y.fill(7)
        same_tree(x, X)


def test_bad_arguments(backend: str) -> None:
    def refused(f: Any, error: type[Exception], match: str) -> None:
        with pytest.raises(error, match=match):
            tg.jit(f, backend=backend)(X)

    errors = tg.errors
    refused(
        lambda x: scan(lambda c, r: c, x[0], x), errors.ArgumentError, r"f must return \(carry, y\), got Tensor.*at"
    )
    refused(lambda x: scan(lambda c, r: (c.sum(), r), x[0], x), errors.ArgumentError, r"turns a carry .*float64\[4\]")
    refused(lambda x: scan(lambda c, r: ((c, c), r), x[0], x), errors.ArgumentError, "structure, shapes and dtypes")
    refused(lambda x: scan(lambda c, r: (c, r), x[0], (x, x[1:])), errors.ShapeError, "expected one length")
    refused(lambda x: scan(lambda c, r: (c, r), x[0], x, length=2), errors.ShapeError, "expected one length")
    refused(lambda x: scan(lambda c, r: (c, r), x[0], None), errors.ShapeError, "expected one length")
    refused(lambda x: while_loop(lambda v: v, lambda v: v, x), errors.ArgumentError, "must return one boolean")
    refused(lambda x: while_loop(lambda v: v.sum() < 0, lambda v: v[0], x), errors.ArgumentError, "turns a carry")
    refused(lambda x: cond(x > 0, lambda: 1, lambda: 2), errors.ShapeError, "np.where chooses by element")
    refused(lambda x: cond(x[0, 0] > 0, lambda: x, lambda: x[0]), errors.ArgumentError, "the branches differ")
    refused(lambda x: fori_loop(0, 2.5, lambda i, v: v, x), errors.ArgumentError, "fori_loop: upper=2.5")
