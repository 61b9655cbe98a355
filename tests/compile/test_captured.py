"""What a function captures is part of the program: another object in its place, and it is recorded anew."""

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS

pytestmark = pytest.mark.parametrize("backend", BACKENDS)
X = np.arange(3.0)
GLOBAL: Any = 1.0
CONSTANTS: Any = {"a": 1.0}


class Settings:
    rate = 0.1


class Layer:
    scale = 1.0
    offsets = (1.0,)

    def __init__(self, w: Any) -> None:
        self.w = w
        self.inside = types.SimpleNamespace(v=1.0)

    def __call__(self, x: Any) -> Any:
        return x * self.w * self.scale + self.offsets[0] + self.inner() + GLOBAL

    def inner(self) -> Any:
        return self.inside.v


class Slots:
    __slots__ = ("w",)

    def __init__(self, w: Any) -> None:
        self.w = w


def follows(backend: str, f: Callable[..., Any], *changes: Callable[[], Any]) -> None:
    """After each of the changes the compiled function is still f, and without one it keeps its program."""
    run = tg.jit(f, backend=backend)
    for change in (lambda: None, *changes):
        before = f(X)
        change()
        assert change is not changes[-1] or not np.array_equal(f(X), before)
        for _ in range(3):
            np.testing.assert_array_equal(run(X), f(X))
    made = list(run._entries.values())
    run(X)
    assert [a is b for a, b in zip(made, run._entries.values(), strict=True)] == [True]


def test_closures(backend: str) -> None:
    w, helper = X + 1, lambda x: x

    def rebind(value: Any) -> None:
        nonlocal w
        w = value

    def exchange() -> None:
        nonlocal helper
        helper = np.square

    follows(backend, lambda x: helper(x) * w, lambda: rebind(X), lambda: rebind(2), lambda: rebind(2.0), exchange)


def test_globals(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def inner(x: Any) -> Any:
        return x * GLOBAL

    follows(
        backend,
        lambda x: inner(x) + sum(CONSTANTS.values()),
        lambda: monkeypatch.setitem(globals(), "GLOBAL", X),
        lambda: monkeypatch.setitem(CONSTANTS, "a", 2.0),
        lambda: monkeypatch.setitem(CONSTANTS, "b", 2.0),
        lambda: monkeypatch.setitem(globals(), "CONSTANTS", {"c": 7.0}),
    )


def test_lists(backend: str) -> None:
    weights = [X, [X + 1]]

    def f(x: Any) -> Any:
        for w in weights[:1] + weights[1]:
            x = x * w + 1
        return x

    def exchange() -> None:
        weights[0] = X + 2

    follows(backend, f, exchange, lambda: weights[1].append(X), lambda: weights[1].pop(0), lambda: weights[1].clear())


def test_objects(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, slots = Layer(2.0), Slots(3.0)
    follows(
        backend,
        lambda x: layer(x) * slots.w,
        lambda: setattr(layer, "w", X),
        lambda: setattr(layer.inside, "v", 5.0),
        lambda: monkeypatch.setattr(Layer, "scale", 3.0),
        lambda: setattr(layer, "scale", 4.0),
        lambda: setattr(slots, "w", 5.0),
        lambda: monkeypatch.setitem(globals(), "GLOBAL", 9.0),
    )
    follows(backend, Layer(1.0), lambda: monkeypatch.setitem(globals(), "GLOBAL", 11.0))


def test_modules_and_classes(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = types.ModuleType("config")
    config.rate = 0.1  # type: ignore[attr-defined]
    monkeypatch.setitem(globals(), "config", config)
    follows(
        backend,
        lambda x: x * config.rate * Settings.rate,  # type: ignore[name-defined]
        lambda: setattr(config, "rate", 0.2),
        lambda: monkeypatch.setattr(Settings, "rate", 3.0),
    )


def test_default_arguments(backend: str) -> None:
    settings = types.SimpleNamespace(rate=0.1)
    follows(backend, lambda x, s=settings: x * s.rate, lambda: setattr(settings, "rate", 0.2))


def test_static_objects(backend: str) -> None:
    settings = Layer(2.0)
    run = tg.jit(lambda s, x: x * s.w, static_argnums=0, backend=backend)
    for w in (2.0, 3.0, X, 2.0):
        settings.w = w
        for _ in range(3):
            np.testing.assert_array_equal(run(settings, X), X * w)


def test_compiled_functions_inside(backend: str) -> None:
    w = 2.0
    inner = tg.jit(lambda x: x * w, backend=backend)

    def rebind() -> None:
        nonlocal w
        w = 5.0

    follows(backend, lambda x: inner(x) + 1, rebind)
    w = 2.0
    follows(backend, lambda x: tg.jit(inner)(x) + 1, rebind)


def test_what_counts_calls_is_recorded_each_time(backend: str) -> None:
    calls = 0

    def f(x: Any) -> Any:
        nonlocal calls
        calls += 1
        return x * calls

    run = tg.jit(f, backend=backend)
    assert [float(run(1.0)) for _ in range(3)] == [1, 2, 3]


def test_long_chains_of_objects(backend: str) -> None:
    first = last = Layer(1.0)
    for _ in range(3000):
        last.following = Layer(1.0)
        last = last.following
    run = tg.jit(lambda x: x * first.w, backend=backend)
    run(X)
    last.w = 2.0
    assert run(X).tolist() == X.tolist()


@pytest.mark.parametrize("f", [np.fft.fft, np.fft.irfft, lambda z, d={None: 2.0}: d[None] * z])
def test_keys_that_are_none(f: Any, backend: str) -> None:
    z = np.ones(4) + 1j
    run = tg.jit(f, backend=backend)
    for _ in range(3):
        np.testing.assert_allclose(run(z), f(z))
    table = {None: 2.0}
    scaled = tg.jit(lambda x: table[None] * x, backend=backend)
    assert [float(scaled(1.0)) for _ in range(3)] == [2, 2, 2]
    table[None] = 3.0
    assert float(scaled(1.0)) == 3
