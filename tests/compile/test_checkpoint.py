"""checkpoint: the values and derivatives of the function, from less memory, everywhere."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_grads, check_identities, strategies

from .agreement import BACKENDS

X = np.linspace(0.1, 1, 5)
W = np.linspace(-1, 1, 25).reshape(5, 5)


def block(p: Any, x: Any, scale: Any = 1.0) -> Any:
    return {"y": np.tanh(x @ p["w"] * np.exp(-x)) * scale, "s": np.sum(x)}


def model(light: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of four blocks, each with a tree, a keyword, and a Tensor that it takes from around it."""

    def loss(p: Any, x: Any) -> Any:
        layer = light(lambda x, scale: block(p, x, scale=scale))
        total = 0.0
        for i in range(4):
            made = layer(x, scale=np.cos(p["b"]) + i)
            x, total = made["y"], total + made["s"]
        return total + np.sum(x**2)

    return loss


def inside(light: Callable[..., Any]) -> Callable[..., Any]:
    """The same with checkpoints in a checkpoint."""

    def nested(f: Callable[..., Any]) -> Callable[..., Any]:
        return light(lambda x, **named: light(f)(x, **named))

    return model(nested)


def same_tree(found: Any, expected: Any) -> None:
    """Equal to rounding, with equal structure, shapes and dtypes."""
    (xs, structure), (ys, wanted) = tg.tree.flatten(found), tg.tree.flatten(expected)
    assert structure == wanted
    for x, y in zip(xs, ys, strict=True):
        assert (np.shape(x), x.dtype) == (np.shape(y), y.dtype)
        np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-12)


TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    "value": lambda f: f,
    "gradient": lambda f: tg.grad(f, (0, 1)),
    "forward": lambda f: lambda *xs: tg.jvp(f, xs, xs),
    "hessian": lambda f: tg.hessian(f, (0, 1)),
    "reverse over reverse": lambda f: tg.jacrev(tg.grad(f), (0, 1)),
    "gradient of forward": lambda f: tg.grad(lambda p, x: tg.jvp(lambda x: f(p, x), (x,), (x,))[1]),
    "batch of gradients": lambda f: lambda p, x: tg.vmap(tg.grad(f), (None, 0))(p, np.stack([x, 2 * x])),
    "gradient of a batch": lambda f: tg.grad(lambda p, x: np.sum(tg.vmap(f, (None, 0))(p, np.stack([x, 2 * x])) ** 2)),
    "linearize": lambda f: lambda *xs: tg.linearize(f, *xs)[1](*xs),
}


def plainly(f: Callable[..., Any]) -> Callable[..., Any]:
    return f


@pytest.mark.parametrize("write", [model, inside])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transformation_gives_the_same(name: str, write: Any) -> None:
    args = {"w": W, "b": 0.3}, X
    expected = TRANSFORMS[name](write(plainly))(*args)
    same_tree(TRANSFORMS[name](write(tg.checkpoint))(*args), expected)
    compiled = tg.jit(TRANSFORMS[name](write(tg.checkpoint)), backend="numpy")
    for _ in range(2):
        same_tree(compiled(*args), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_compiled_inside(backend: str) -> None:
    args = {"w": W, "b": 0.3}, X
    expected = tg.grad(model(plainly), (0, 1))(*args)
    same_tree(tg.grad(tg.jit(inside(tg.checkpoint), backend=backend), (0, 1))(*args), expected)
    light = model(lambda f: tg.checkpoint(tg.jit(f, backend=backend)))
    same_tree(tg.grad(light, (0, 1))(*args), expected)


@settings(max_examples=settings().max_examples // 3, deadline=None)
@given(strategies.programs(3, 8))
def test_random_programs(program: Any) -> None:
    check_identities(program, program.args, ["checkpoint as without"])


def test_python_runs_once_and_steers() -> None:
    calls = []

    @tg.checkpoint
    def f(x: Any, twice: bool = False) -> Any:
        """Doc."""
        calls.append(1)
        return np.sin(x) * 2 if twice or x[0] > 0 else np.cos(x)

    assert f.__doc__ == "Doc."
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(f(x)))(X), 2 * np.cos(X))
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(f(x)))(-X), np.sin(X))
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(f(x, twice=True)))(-X), 2 * np.cos(X))
    assert len(calls) == 3
    np.testing.assert_array_equal(f(X), 2 * np.sin(X))
    check_grads(f, (X,), order=2)


def test_what_leaves_otherwise_than_as_the_answer_has_its_derivative() -> None:
    def loss(x: Any) -> Any:
        kept = []

        @tg.checkpoint
        def outer(x: Any) -> Any:
            @tg.checkpoint
            def f(x: Any) -> Any:
                kept.append(np.exp(x))
                return np.sin(kept[0])

            return f(x)

        return outer(x) * kept[0]

    x = 0.3
    assert tg.grad(loss)(x) == pytest.approx(np.cos(np.exp(x)) * np.exp(2 * x) + np.sin(np.exp(x)) * np.exp(x))


def test_custom_rules_and_errors_inside() -> None:
    clipped = tg.custom_vjp(lambda x: x * 1.0)
    clipped.defvjp(lambda x: (x * 1.0, np.exp(x)), lambda r, g: (g * r,))
    f = tg.checkpoint(lambda x: clipped(np.sin(x)) * x)
    x = 0.4
    assert tg.grad(f)(x) == pytest.approx(np.sin(x) + x * np.cos(x) * np.exp(np.sin(x)))

    @tg.checkpoint
    def fails(x: Any) -> Any:
        np.sin(x)
        raise KeyError("mine")

    def recovered(x: Any) -> Any:
        try:
            return fails(x)
        except KeyError:
            return np.cos(x)

    assert tg.grad(recovered)(x) == -np.sin(x)


def peak(f: Callable[..., Any], x: Any) -> float:
    """The most memory that the gradient takes at once, in arrays like x."""
    gc.collect()
    tracemalloc.start()
    tg.grad(f)(x)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(most) / x.nbytes


def chain(f: Callable[..., Any], n: int) -> Callable[..., Any]:
    def whole(x: Any) -> Any:
        for _ in range(n):
            x = f(x)
        return x

    return whole


def wave(x: Any) -> Any:
    return np.sin(np.cos(x) * x)


def test_memory() -> None:
    x = np.full(10**5, 0.3)

    def summed(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: np.sum(f(x))

    light = tg.checkpoint
    assert peak(summed(chain(wave, 64)), x) > 180
    assert peak(summed(chain(light(wave), 64)), x) < 75
    assert peak(summed(chain(light(chain(wave, 8)), 8)), x) < 40
    assert peak(summed(chain(light(chain(light(wave), 8)), 8)), x) < 25

    def halves(n: int) -> Callable[..., Any]:
        return light(wave if n == 1 else chain(halves(n // 2), 2))

    assert peak(summed(halves(64)), x) < 16


def test_recorded_programs_compute_again() -> None:
    def count(f: Callable[..., Any]) -> int:
        return int(tg.make_graph(f)(X).source().count("np.exp("))

    f = chain(lambda x: np.sin(np.exp(x)), 3)
    light = tg.checkpoint(f)
    assert count(tg.value_and_grad(lambda x: np.sum(f(x)))) == 3
    assert count(tg.value_and_grad(lambda x: np.sum(light(x)))) == 6
    assert count(tg.grad(lambda x: np.sum(light(x)))) == 3  # the value is not asked for


@pytest.mark.parametrize("backend", BACKENDS)
def test_body_of_a_recorded_scan_keeps_its_carry_only(backend: str) -> None:
    def loss(body: Callable[..., Any]) -> Callable[..., Any]:
        return lambda w, c, xs: np.sum(tg.scan(lambda c, x: body(w, c, x), c, xs)[1])

    def body(w: Any, c: Any, x: Any) -> Any:
        c = np.tanh(np.sin(np.cos(c @ w)) + x)
        return c, np.sum(c)

    args = W, X, np.linspace(-1, 1, 30).reshape(6, 5)
    expected = tg.grad(loss(body), (0, 1, 2))(*args)
    light = tg.grad(loss(tg.checkpoint(body)), (0, 1, 2))
    same_tree(light(*args), expected)
    compiled = tg.jit(light, backend=backend)
    for _ in range(2):
        same_tree(compiled(*args), expected)

    def kept(f: Callable[..., Any]) -> int:
        listing = str(tg.make_graph(f)(*args))
        return next(line for line in listing.splitlines() if "= scan(" in line).count("float64[6,5]")

    assert kept(light) == 1
    assert kept(tg.grad(loss(body), (0, 1, 2))) > 1
