"""jit among the other transformations, on either side and in between."""

import functools
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, agrees, call, same_tree

pytestmark = pytest.mark.parametrize("backend", BACKENDS)
X = np.linspace(-1, 1, 12).reshape(3, 4)
V = np.linspace(0.2, 0.9, 4)


def model(p: Any, x: Any) -> Any:
    return tg.nn.softmax(np.tanh(x @ p["w"] + p["b"]))


def loss(p: Any, x: Any) -> Any:
    return -np.sum(np.log(model(p, x))[:, 0]) + 0.1 * np.sum(p["w"] ** 2)


P = {"w": np.linspace(-1, 1, 20).reshape(4, 5), "b": np.linspace(0, 1, 5)}


def scalar(x: Any) -> Any:
    return np.sum(np.sin(x) * np.exp(-x * x)) + np.prod(x + 1.5)


@tg.custom_vjp
def doubled(x: Any) -> Any:
    return x * x


doubled.defvjp(lambda x: (x * x, (x,)), lambda r, g: (4 * g * r[0],))


@tg.custom_jvp
def tripled(x: Any) -> Any:
    return np.sin(x)


tripled.defjvp(lambda xs, ts: (np.sin(xs[0]), 3 * ts[0] * np.cos(xs[0])))


def test_jit_of(backend: str) -> None:
    agrees(tg.grad(loss), backend, call(P, X), ulps=1e4)
    agrees(tg.value_and_grad(loss), backend, call(P, X), ulps=1e4)
    agrees(tg.vmap(tg.grad(lambda p, x: loss(p, x[None])), (None, 0)), backend, call(P, X), ulps=1e4)
    for change in (tg.hessian, tg.jacfwd, tg.jacrev, tg.grad):
        agrees(change(scalar), backend, call(V), ulps=1e4)
    agrees(lambda x: tg.jvp(scalar, (x,), (x * x,)), backend, call(V), ulps=1e4)
    agrees(lambda x: tg.linearize(scalar, x)[1](x), backend, call(V), ulps=1e4)
    agrees(lambda x: tg.vjp(lambda y: y * y, x)[1](x), backend, call(X))
    agrees(lambda x: tg.hvp(scalar, (x,), (x,)), backend, call(V), ulps=1e4)
    agrees(tg.grad(lambda x: np.sum(doubled(x) * tripled(x))), backend, call(X))
    agrees(lambda x: (doubled(x), tripled(x), tg.jvp(tripled, (x,), (x,))), backend, call(X))
    agrees(tg.vmap(tg.grad(lambda x: np.sum(doubled(x) * tripled(x)))), backend, call(X))


def test_of_jit(backend: str) -> None:
    jit = functools.partial(tg.jit, backend=backend)
    run, compiled = jit(loss), jit(scalar)
    for _ in range(2):
        same_tree(tg.grad(run)(P, X), tg.grad(loss)(P, X), 1e4)
        same_tree(tg.value_and_grad(run)(P, X), tg.value_and_grad(loss)(P, X), 1e4)
        same_tree(tg.vmap(tg.grad(jit(lambda p, x: loss(p, x[None]))), (None, 0))(P, X),
                  tg.vmap(tg.grad(lambda p, x: loss(p, x[None])), (None, 0))(P, X), 1e4)  # fmt: skip
        for change in (tg.hessian, tg.jacfwd, tg.jacrev):
            same_tree(change(compiled)(V), change(scalar)(V), 1e4)
        same_tree(tg.jvp(compiled, (V,), (V,)), tg.jvp(scalar, (V,), (V,)), 1e4)
        same_tree(tg.vmap(compiled)(X), tg.vmap(scalar)(X), 1e4)
        same_tree(tg.linearize(compiled, V)[1](V), tg.linearize(scalar, V)[1](V), 1e4)
        same_tree(tg.grad(jit(lambda x: np.sum(doubled(x) * tripled(x))))(X),
                  tg.grad(lambda x: np.sum(doubled(x) * tripled(x)))(X))  # fmt: skip


def test_in_between(backend: str) -> None:
    jit = functools.partial(tg.jit, backend=backend)

    def summed(f: Any) -> Any:
        return lambda x: np.sum(f(x))

    pairs = [
        (lambda f: jit(tg.grad(jit(f))), tg.grad, V),
        (lambda f: tg.grad(jit(summed(tg.grad(jit(f))))), lambda f: tg.grad(summed(tg.grad(f))), V),
        (lambda f: tg.vmap(jit(tg.grad(jit(f)))), lambda f: tg.vmap(tg.grad(f)), X),
        (lambda f: jit(tg.vmap(tg.hessian(jit(f)))), lambda f: tg.vmap(tg.hessian(f)), X),
        (lambda f: jit(jit(jit(f))), lambda f: f, V),
        (lambda f: tg.jacfwd(jit(tg.grad(f))), tg.hessian, V),
        (lambda f: tg.jacrev(jit(tg.jacfwd(f))), tg.hessian, V),
    ]
    for change, plain, x in pairs:
        run, expected = change(scalar), plain(scalar)(x)
        for _ in range(2):
            same_tree(run(x), expected, 1e4)


def test_closures_over_tensors(backend: str) -> None:
    def outer(inner_jit: Any) -> Any:
        def f(w: Any) -> Any:
            g = inner_jit(lambda x: np.sum(np.sin(w * x)))  # w is a Tensor: runs as it is
            return g(X[0]) * np.sum(tg.vmap(lambda x: inner_jit(lambda y: np.sum(y * x * w))(V))(X))

        return f

    expected = tg.grad(outer(lambda f: f))(V)
    for run in (tg.grad(outer(functools.partial(tg.jit, backend=backend))),
                tg.jit(tg.grad(outer(functools.partial(tg.jit, backend=backend))), backend=backend)):  # fmt: skip
        for _ in range(2):
            same_tree(run(V), expected, 1e4)


def test_only_some_arguments_are_differentiated(backend: str) -> None:
    def f(x: Any, n: Any, i: Any, scale: float, flag: Any) -> Any:
        return np.sum(np.where(flag, x[i], x[i] * n) * scale)

    args = (X, 3, np.array([0, 2]), 0.5, np.array(True))
    for places in (0, (0, 3)):
        run, expected = tg.grad(tg.jit(f, backend=backend), places), tg.grad(f, places)
        for _ in range(2):
            same_tree(run(*args), expected(*args))
            same_tree(tg.jit(expected, backend=backend)(*args), expected(*args))


def test_answers_that_do_not_depend_on_the_argument(backend: str) -> None:
    run = tg.jit(lambda x: (np.ones(3), 2.0, x[0]), backend=backend)
    for _ in range(2):
        same_tree(tg.grad(lambda x: np.sum(run(x)[0]) + run(x)[2] * run(x)[1])(V), np.array([2.0, 0, 0, 0]))
        same_tree(tg.vmap(run)(X)[0].shape, (3, 3))
        same_tree(tg.grad(lambda x: np.sum(tg.stop_gradient(run(x)[2]) * x))(V), np.full(4, V[0]))


def test_optimizers(backend: str) -> None:
    opt = tg.optim.adam(1e-2)

    def step(p: Any, state: Any, x: Any) -> Any:
        value, grads = tg.value_and_grad(loss)(p, x)
        updates, state = opt.update(grads, state, p)
        return tg.optim.apply_updates(p, updates), state, value

    run = tg.jit(step, backend=backend, donate_argnums=(0, 1))
    mine = theirs = (tg.tree.map(np.array, P), opt.init(P))

    def copied(x: Any) -> Any:
        return x.copy() if isinstance(x, np.ndarray) else x

    for _ in range(5):
        *theirs, expected = step(*theirs, X)
        *mine, found = run(*tg.tree.map(copied, mine), X)
        same_tree(found, expected, 1e4)
    same_tree(mine, theirs, 1e6)


def test_keys_and_dropout(backend: str) -> None:
    net = tg.nn.serial(tg.nn.dense(5), tg.nn.relu, tg.nn.dropout(0.5), tg.nn.dense(2))
    params, state = net.init(tg.random.key(0), (4,))

    def f(p: Any, key: Any) -> Any:
        return net.apply(p, state, X, key=key, train=True)[0], tg.random.normal(key, (3,)), tg.random.split(key)

    agrees(f, backend, call(params, tg.random.key(1)), call(params, tg.random.key(2)))
