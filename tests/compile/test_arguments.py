"""What a compiled function may be called with: every kind of array, number, container and way of passing them."""

import copy
import functools
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, agrees, call, same_tree

pytestmark = pytest.mark.parametrize("backend", BACKENDS)
X = np.linspace(-2, 2, 12).reshape(3, 4)
FLOATS, INTEGERS = ["e", "f", "d", "g", ">f8", ">f4"], [*"bhilqBHILQ"]


def several(x: Any) -> Any:
    return x * 2 + x, np.sum(x, axis=0), x @ x.T, x[1:, ::2], x, x.T, np.max(x)


@pytest.mark.parametrize("dtype", FLOATS + INTEGERS + ["?", "F", "D"])
def test_dtypes(dtype: str, backend: str) -> None:
    x = (X * 3).astype(dtype)
    agrees(lambda x: (x + x, x * x, x, x[0], x == x, x.sum(), x.sum(0), x.reshape(-1), abs(x)), backend, call(x))
    if x.dtype.kind in "iu":
        agrees(
            lambda x: (x // 3, x % 3, x & 1, x | 2, x ^ 3, ~x, x - 7 * x, x / 3, x.max(), x.mean(), x.var(0)),
            backend,
            call(x),
        )
    if x.dtype.kind == "b":
        agrees(lambda x: (x & True, x | x, x ^ x, ~x, x * 2.5, x.any(0), x.all(), np.logical_not(x)), backend, call(x))


def unaligned() -> np.ndarray:
    return np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view(float).reshape(3, 4)


@pytest.mark.parametrize(
    "x",
    [np.asfortranarray(X), X[::-1, ::-1], np.repeat(X, 2, 1)[:, ::2], np.broadcast_to(X[0], (3, 4)), unaligned(),
     np.broadcast_to(np.float32(3), (3, 4)), X.astype(">f8").T.copy().T, np.zeros((0, 4)), np.zeros((3, 0))],
    ids=["F", "reversed", "strided", "stride 0", "unaligned", "one number", "swapped bytes", "no rows", "no columns"],
)  # fmt: skip
def test_layouts(x: Any, backend: str) -> None:
    if x.size:
        agrees(several, backend, call(x), call(x.copy()), call(x))
    else:
        agrees(lambda x: (x * 2 + x, np.sum(x, axis=0), x @ x.T, x.T), backend, call(x))


def test_one_element(backend: str) -> None:
    parts = [
        lambda x: list(x), lambda x: np.split(x, 1), lambda x: tg.numpy.unstack(x), lambda x: np.reshape(x, ()),
        lambda x: x[0], lambda x: x[..., 0], lambda x: x.T, lambda x: np.broadcast_to(x, (1, 1)),
        np.squeeze, np.sum, np.max, np.sort,
    ]  # fmt: skip
    for f in parts:
        for x in (np.array([1.5]), np.array([[2.5]])):
            agrees(f, backend, call(x), call(x + 1), call(-x[::-1]))
            agrees(lambda x, f=f: f(np.sin(x)), backend, call(x), call(x + 1))


def test_numbers_of_numpys_and_of_pythons(backend: str) -> None:
    agrees(lambda x: (x * 2 + x, np.exp(x)), backend, call(np.array(3.0)), call(np.float32(2)), call(np.float64(2)))
    everything = [2.0, 3, True, -2.5, 0, False, 2 + 1j]
    agrees(lambda x: (x, x + x, x * 2, -x, 2 * x - 1, x**2, x / 4), backend, *map(call, everything))
    agrees(lambda x, y: (x // y, x % y, x < y, x == y, divmod(x, y)), backend, call(7, -3), call(-7.5, 2))
    agrees(lambda x, n: (x * n, n - x, np.maximum(x, n), n * 2, np.sin(n)), backend,
           *[call(X.astype("f"), n) for n in (2, 2.5, True, -1e30, 2**40)])  # fmt: skip
    agrees(lambda n: (n * 2, n + 1), backend, call(2**70))
    agrees(lambda x, z: (x * z, x + 2j, z), backend, call(X, 2j), call(X.astype("F"), 1 - 1j))


def test_constants_as_answers(backend: str) -> None:
    nan = np.complex128(complex("nan"))
    agrees(lambda x: (np.ones(3), 2.0, np.float32(0.1), None, nan, np.bool_(True), np.inf, -0.0, x), backend, call(X))
    agrees(lambda: (np.arange(3), 1), backend, call())


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclass
class Point:
    x: Any
    y: Any


class Odd(tuple):  # a NamedTuple that comes apart as its user says
    _fields = ("only",)


tg.tree.register(Odd, lambda p: ((p[0],), p[1:]), lambda rest, xs: Odd((xs[0], *rest)))


def test_containers(backend: str) -> None:
    trees = [{"w": X, "b": [X, (2.0, None)]}, Pair(X, 3), Point(X, 1.5), OrderedDict(z=X, a=2.0), [], {}, ((X,),),
             Odd((X, "kept")), {1: X, 0: X + 1}]  # fmt: skip
    agrees(lambda p: (tg.tree.map(lambda x: x * 2, p), p), backend, *map(call, trees))


def test_dicts_of_other_keys_and_in_another_order(backend: str) -> None:
    def chain(p: Any) -> Any:
        total = 1.0
        for x in p.values():
            total = 2 * total + x
        return total, {"z": total, "a": total}

    calls = [call({"a": X, "b": X + 1}), call({"b": X, "a": X + 1}), call({"c": X, "b": X}), call({"a": X})]
    run = agrees(chain, backend, *calls)
    assert list(run({"b": X, "a": X})[1]) == ["z", "a"]
    np.testing.assert_array_equal(  # the transformations as well
        tg.grad(lambda p: np.sum(chain(p)[0]))({"b": np.ones(1), "a": np.ones(1)})["b"], [2.0]
    )


def test_ways_to_pass_arguments(backend: str) -> None:
    agrees(lambda **named: next(iter(named.values())), backend, call(b=X, a=1.0), call(a=1.0, b=X), call(b=1.0, a=X))
    agrees(lambda x, *rest, k=2.0, **named: (x, rest, k * x, list(named.values())), backend,
           call(X), call(X, X, 1), call(X, k=3.0), call(X, 1.0, z=X, k=X), call(x=X))  # fmt: skip
    agrees(functools.partial(lambda a, x, k: a * x + k, 2.0, k=np.ones(4)), backend, call(X), call(X, k=1.0))
    agrees(np.add, backend, call(X, X), call(X, 1))


class Model:
    def __init__(self, w: Any) -> None:
        self.w = w

    def __call__(self, x: Any) -> Any:
        return x * self.w

    @functools.partial(tg.jit, static_argnums=0)
    def method(self, x: Any, y: Any = 1.0) -> Any:
        return x * self.w + y


def test_methods_and_callable_objects(backend: str) -> None:
    model = Model(2.0)
    for f in (model, model.__call__):
        run = agrees(f, backend, call(X))
        model.w += 1
        same_tree(run(X), f(X))
    for _ in range(3):
        model.w += 1
        same_tree(model.method(X, y=2.0), X * model.w + 2)
        same_tree(Model(-1.0).method(X), X * -1.0 + 1)


def test_static_values_that_are_equal_but_differ(backend: str) -> None:
    ints = np.arange(3)
    values = [
        2,
        2.0,
        True,
        1,
        (1, 2),
        (1.0, 2),
        (True, 2),
        0.0,
        -0.0,
        float("nan"),
        np.float32(1),
        np.float64(1),
        "text",
    ]

    def f(x: Any, s: Any) -> Any:
        first = s[0] if isinstance(s, tuple) else len(s) if isinstance(s, str) else s
        return x * first, np.copysign(1.0 + x, first)

    agrees(f, backend, *[call(ints, v) for v in values], static_argnums=1)
    agrees(f, backend, *[call(ints, s=v) for v in values], static_argnums=[1])
    agrees(f, backend, *[call(ints, s=v) for v in values], *[call(ints, v) for v in values], static_argnames="s")


def test_static_arguments_in_all_forms(backend: str) -> None:
    def f(x: Any, n: int, *rest: Any, times: int = 1, **named: Any) -> Any:
        return x.reshape(n, -1) * times + named.get("more", 0)

    calls = [call(X, 3), call(X, 2, times=4), call(X, 4, times=2, more=1), call(X, n=6)]
    for names in (["n", "times", "more"], ("n", "times", "more")):
        agrees(f, backend, *calls, static_argnames=names)
    agrees(lambda n, x: x * sum(range(n)), backend, call(3, X), call(4, X), static_argnums=(0,))


def test_files_in_memory_of_another_shape(tmp_path: Path, backend: str) -> None:
    run = tg.jit(lambda x: x * 2, backend=backend)
    for shape in ((3, 4), (4,), (2, 2), (3, 4)):
        np.save(tmp_path / "x.npy", np.ones(shape))
        for _ in range(3):
            same_tree(run(np.load(tmp_path / "x.npy", mmap_mode="r")), np.full(shape, 2.0))


def module_level(x: Any) -> Any:
    return x * 2


at_module_level = tg.jit(module_level)
decorated = tg.jit(np.sin)


def test_copies(backend: str) -> None:
    run = tg.jit(module_level, backend=backend)
    run(X)
    for other in (pickle.loads(pickle.dumps(run)), copy.copy(run), copy.deepcopy(run)):
        assert other.backend == backend
        same_tree(other(X), X * 2)
    owner = Model(3.0)
    owner.run = tg.jit(owner.__call__)  # a copy of the owner has a copy of its own
    other = copy.deepcopy(owner)
    other.w = 5.0
    same_tree((owner.run(X), other.run(X)), (X * 3.0, X * 5.0))


def test_random_numbers_by_the_step_of_a_loop(backend: str) -> None:
    def walk(key: Any, n: Any) -> Any:
        def body(i: Any, x: Any) -> Any:
            return x + tg.random.normal(tg.random.fold_in(key, i), (2,))

        return tg.fori_loop(0, 5, body, np.zeros(2)), tg.random.fold_in(key, n)

    key = tg.random.key(0)
    agrees(walk, backend, call(key, 3), call(key, np.int32(4)), call(key, np.uint64(2**64 - 1)))
    many = tg.vmap(tg.random.fold_in, (None, 0))(key, np.arange(3))
    np.testing.assert_array_equal(many, np.stack([tg.random.fold_in(key, n) for n in range(3)]))
    with pytest.raises(tg.errors.ArgumentError, match=r"random\.fold_in: .* expected an integer"):
        tg.jit(tg.random.fold_in, backend=backend)(key, 0.5)


def test_what_is_no_tree_is_told_with_its_argument(backend: str) -> None:
    def f(x: Any, options: Any = None) -> Any:
        return x if options is None else options

    run = tg.jit(f, backend=backend)
    with pytest.raises(tg.errors.TreeError, match=r"jit: argument 0 of f \(at .*\): .*class set.*static_argnums"):
        run({1, 2})
    with pytest.raises(
        tg.errors.TreeError, match=r"jit: argument options of f .*: tree: a is an object of class bytes"
    ):
        run(X, options={"a": b"x"})
    with pytest.raises(tg.errors.TreeError, match=r"jit: what <lambda> returned \(defined at .*class set"):
        tg.jit(lambda x: {1}, backend=backend)(X)


def test_numbers_without_axes_may_be_indexed(backend: str) -> None:
    for part in ((), ...):
        f = tg.grad(lambda x, part=part: np.sin(x) * x[part])
        run = tg.jit(f, backend=backend)
        for x in (0.7, 0.8, np.array(0.9), np.float64(1.0)):
            np.testing.assert_allclose(run(x), np.cos(x) * x + np.sin(x), rtol=1e-14)
