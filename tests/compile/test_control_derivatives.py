"""Every transformation of recorded loops and branches, on either side of jit: what it gives of the loops in Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, same_tree

X = np.linspace(-2, 2, 12).reshape(3, 4)
Y = X * 0.3
W = np.linspace(-0.5, 0.5, 16).reshape(4, 4)
scan, fori_loop, cond = tg.scan, tg.fori_loop, tg.cond


def new_given_too(c: Any, r: Any) -> Any:
    new = c * r
    return new, new


def tree_step(c: Any, r: Any) -> Any:
    return {"a": c["a"] * r["u"], "b": [c["b"][0] * 2]}, {"y": r["v"], "z": (c["a"],)}


LOOPS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "captured": (lambda x, w: scan(lambda c, r: (np.tanh(c @ w + r), c * 2), np.zeros(4), x), (X, W)),
    "captured expression": (lambda x, w: scan(lambda c, r: (c * np.sum(x * w[0]), c @ w), x[0], x[::-1]), (X, W)),
    "without rows": (lambda x: scan(lambda c, _: (np.sin(c), c * c), x, None, length=3), (X,)),
    "carries swapped": (lambda x, y: scan(lambda c, r: ((c[1] * r, c[0]), c[0]), (x[0], y[0]), y), (X, Y)),
    "carry unchanged": (lambda x, y: scan(lambda c, r: (c, c * r), x[0], y), (X, Y)),
    "carry given": (lambda x, y: scan(lambda c, r: (c * r, c), x[0], y), (X, Y)),
    "new carry given": (lambda x, y: scan(new_given_too, x[0], y), (X, Y)),
    "no rounds": (lambda x: scan(lambda c, r: (c * r, c * r), x[0], x[:0]), (X,)),
    "one round": (lambda x: scan(lambda c, r: (c * r, c * r), x[0], x[:1]), (X,)),
    "nested": (lambda x: scan(lambda c, r: scan(lambda d, s: (np.sin(d * s), d), c, r), 1.0, x), (X,)),
    "an integer carry": (lambda x: scan(lambda c, r: ((c[0] + 1, c[1] * r + c[0]), c[1]), (0, x[0]), x), (X,)),
    "trees": (lambda x: scan(tree_step, {"a": x[0], "b": [1.0]}, {"u": x, "v": x * 2}), (X,)),
    "fori_loop": (lambda x: fori_loop(0, 3, lambda i, v: np.sin(v) * i + v, x), (X,)),
    "fori_loop with an index": (lambda x: fori_loop(0, 3, lambda i, v: v * x[i], np.ones(4)), (X,)),
    "cond": (lambda x, w: cond(x.sum() > -1, lambda x: np.sin(x) @ w, lambda x: x @ w @ w, x), (X, W)),
    "cond in scan": (
        lambda x: scan(lambda c, r: cond(r.sum() > 0, lambda c: (c * 2, c), lambda c: (np.sin(c), c * 0), c), x[0], x),
        (X,),
    ),
}
TRANSFORMATIONS: dict[str, Callable[..., Any]] = {
    "grad": lambda f, places: tg.grad(f, places),
    "jvp": lambda f, places: lambda *xs: tg.jvp(f, xs, tuple(np.cos(x) for x in xs)),
    "hessian": lambda f, places: tg.hessian(f),
    "jacfwd": lambda f, places: tg.jacfwd(f),
    "vmap": lambda f, places: tg.vmap(f),
    "vmap of grad": lambda f, places: tg.vmap(tg.grad(f, places)),
    "linearize": lambda f, places: lambda *xs: tg.linearize(f, *xs)[1](*xs),
}


FEW = ["captured", "trees", "cond in scan"]
CASES = [(loop, change) for change in ("grad", "jvp", "vmap of grad") for loop in LOOPS]
CASES += [(loop, change) for change in ("hessian", "jacfwd", "vmap", "linearize") for loop in FEW]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("loop", "transformation"), CASES)
def test_derivatives_and_batches(loop: str, transformation: str, backend: str) -> None:
    f, args = LOOPS[loop]
    change = TRANSFORMATIONS[transformation]
    if "vmap" in transformation:
        args = tuple(np.stack([x, x * 0.5]) for x in args)

    def total(*xs: Any) -> Any:
        return sum(np.sum(np.sin(y)) for y in tg.tree.leaves(f(*xs)))

    places = tuple(range(len(args)))
    expected = change(total, places)(*args)
    inside = tg.jit(change(total, places), backend=backend)
    outside = change(tg.jit(total, backend=backend), places)
    for _ in range(2):
        same_tree(inside(*args), expected, 1e5)
        same_tree(outside(*args), expected, 1e5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_float32_is_kept(backend: str) -> None:
    args = tuple(x.astype(np.float32) for x in (X, W))

    def total(x: Any, w: Any) -> Any:
        carry, ys = scan(lambda c, r: (np.tanh(c @ w + r), c * 2), np.zeros(4, np.float32), x)
        return np.sum(carry) + np.sum(ys)

    expected = tg.grad(total, (0, 1))(*args)
    for run in (tg.jit(tg.grad(total, (0, 1)), backend=backend), tg.grad(tg.jit(total, backend=backend), (0, 1))):
        for _ in range(2):
            same_tree(run(*args), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_while_loop_has_forward_mode_alone(backend: str) -> None:
    def f(x: Any) -> Any:
        return np.sum(tg.while_loop(lambda v: v[0] < 4, lambda v: (v[0] + 1, np.sin(v[1]) * v[0]), (1, x))[1])

    def change(f: Any, x: Any) -> Any:
        return tg.jvp(f, (x,), (np.cos(x),))

    expected = change(f, X)
    run = tg.jit(f, backend=backend)
    for _ in range(2):
        same_tree(tg.jit(lambda x: change(f, x), backend=backend)(X), expected)
        same_tree(change(run, X), expected)
        same_tree(tg.vmap(run)(X), tg.vmap(f)(X))
    with pytest.raises(tg.errors.MissingRuleError, match=r"no reverse mode under jit.*tg.fori_loop or tg.scan"):
        tg.grad(run)(X)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_tensor_of_grad_captured_by_a_loop_of_a_compiled_function(backend: str) -> None:
    run = tg.jit(lambda x, w: scan(lambda c, r: (c * w + r, c), x[0], x)[1], backend=backend)

    def loss(w: Any) -> Any:
        inner = tg.grad(lambda v: np.sum(run(X, v * w) ** 2))(0.5)
        return inner * np.sum(run(X, w))

    def plain(w: Any) -> Any:
        def f(x: Any, w: Any) -> Any:
            return scan(lambda c, r: (c * w + r, c), x[0], x)[1]

        return tg.grad(lambda v: np.sum(f(X, v * w) ** 2))(0.5) * np.sum(f(X, w))

    for _ in range(2):
        same_tree(tg.grad(loss)(0.7), tg.grad(plain)(0.7), 1e4)
        same_tree(tg.jit(tg.grad(loss), backend=backend)(0.7), tg.grad(plain)(0.7), 1e4)
