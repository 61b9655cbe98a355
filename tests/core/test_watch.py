"""debug_nans: the first bad value is reported with operation and line; nothing is watched elsewhere."""

import threading
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def loss(x: Any) -> Any:
    y = np.exp(x)
    z = np.log(y - 1.0)  # -inf at x = 0
    return np.sum(z * 0.0)


def test_forward_names_operation_line_and_arguments() -> None:
    with (
        tg.debug_nans(),
        pytest.raises(tg.errors.NanError, match=r"^log: the answer .*test_watch.py:\d+: z = np.log") as e,
    ):
        tg.grad(loss)(np.array([1.0, 0.0]))
    assert "computed from [1.71828183 0.        ]" in str(e.value)
    assert isinstance(e.value, FloatingPointError)


def test_backward_is_watched() -> None:
    with tg.debug_nans(), pytest.raises(tg.errors.NanError, match=r"^sqrt: its derivative in the backward pass"):
        tg.grad(lambda x: np.sqrt(x) * 1e200)(0.0)


@pytest.mark.parametrize(
    "loop",
    [
        lambda x: tg.scan(lambda c, _: (np.log(c), c), x, np.arange(9))[0],
        lambda x: tg.fori_loop(0, 9, lambda i, c: np.log(c), x),
        lambda x: tg.while_loop(lambda c: c[1] < 9, lambda c: (np.log(c[0]), c[1] + 1), (x, 0))[0],
        lambda x: tg.cond(x > 1, lambda x: np.log(x - 9), lambda x: x, x),
    ],
)
def test_later_rounds_and_branches_are_watched(loop: Any) -> None:
    transforms: list[Any] = [tg.grad, tg.jit, lambda f: lambda x: tg.jvp(f, (x,), (x,)), tg.checkpoint]
    for transform in [*transforms, lambda f: lambda x: tg.vmap(f)(x[None])]:
        with tg.debug_nans(), pytest.raises(tg.errors.NanError, match=r"\(at test_watch\.py"):
            tg.jit(transform(loop))(np.float64(5.0))


def test_the_chain_that_led_there() -> None:
    def f(x: Any, w: Any) -> Any:
        y = np.cos(x * w)
        return np.sum(np.sqrt(y - 1.0) * w)

    with tg.debug_nans(), pytest.raises(tg.errors.NanError) as e:
        tg.grad(f, (0, 1))(np.array([0.0, 1.0]), 2.0)
    first, *chain = str(e.value).splitlines()
    assert first.startswith("sqrt: the answer is NaN or infinite (at test_watch.py")
    assert "is of subtract (at test_watch.py" in chain[0]
    assert "is of cos (at test_watch.py" in chain[1]
    assert "y = np.cos(x * w)" in chain[1]
    assert "is of multiply (at test_watch.py" in chain[2]
    assert len(chain) == 3

    with tg.debug_nans(), pytest.raises(tg.errors.NanError) as e:
        tg.grad(lambda x: np.sum(np.sqrt(np.exp(x)) * np.array([1.0, 1e200])))(np.array([-1000.0, -1000.0]))
    assert str(e.value).startswith("sqrt: its derivative in the backward pass is NaN or infinite (at test_watch.py")
    assert "is of multiply, its derivative in the backward pass" in str(e.value)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_compiled_functions_are_watched(backend: str) -> None:
    compiled = tg.jit(lambda x, scale: np.log(x["a"]) * scale, static_argnames="scale", backend=backend)
    for _ in range(3):
        compiled({"a": np.array([1.0, 2.0])}, scale=2)
    with tg.debug_nans():
        assert type(compiled({"a": np.array([1.0, 2.0])}, scale=2)) is np.ndarray
        with pytest.raises(tg.errors.NanError, match=r"log: the answer .*test_watch.py:\d+: compiled = "):
            compiled({"a": np.array([1.0, -2.0])}, scale=2)
        with pytest.raises(tg.errors.NanError, match="log: the answer"):
            tg.grad(lambda x: np.sum(compiled({"a": x}, scale=2)))(np.array([1.0, -2.0]))
        with pytest.raises(tg.errors.NanError, match="log: the answer"):
            tg.jit(tg.grad(lambda x: np.log(x)), backend=backend)(-1.0)
    assert np.isnan(compiled({"a": np.array([1.0, -2.0])}, scale=2)[1])


def test_infinity_may_pass() -> None:
    with tg.debug_nans(infs=False):
        assert tg.vmap(np.exp)(np.array([1000.0])) == np.inf
        with pytest.raises(tg.errors.NanError, match=r"^log: the answer is NaN \(at"):
            tg.vmap(np.log)(np.array([-1.0]))


@pytest.mark.parametrize("transform", [lambda f: tg.vmap(f), lambda f: lambda x: tg.jvp(f, (x,), (x,)), tg.jacrev])
def test_every_transformation_is_watched(transform: Any) -> None:
    with tg.debug_nans(), pytest.raises(tg.errors.NanError, match="log"):
        transform(np.log)(np.array([1.0, -1.0]))


def test_finite_values_pass_and_agree() -> None:
    x = np.array([0.5, 1.5])
    f = tg.value_and_grad(lambda x: np.sum(np.sort(x)[::-1] * np.concatenate([x[:1], x[1:]])))
    with tg.debug_nans():
        watched = f(x)
    np.testing.assert_array_equal(watched[1], f(x)[1])


def test_watch_ends_and_is_of_its_thread() -> None:
    with tg.debug_nans():
        found = []
        thread = threading.Thread(target=lambda: found.append(tg.grad(loss)(np.array([0.0]))))
        thread.start()
        thread.join()
    assert np.isnan(found[0]).all()
    assert np.isnan(tg.grad(loss)(np.array([0.0]))).all()


def test_infinity_that_was_there_before_passes() -> None:
    def masked(x: Any) -> Any:
        return tg.scipy.special.logsumexp(np.where(np.array([True, False]), x, -np.inf))

    with tg.debug_nans():
        np.testing.assert_array_equal(tg.grad(masked)(np.array([1.0, 2.0])), [1, 0])


def test_vmap_shows_the_arguments() -> None:
    with tg.debug_nans(), pytest.raises(tg.errors.NanError, match=r"computed from \[-1\.\]"):
        tg.vmap(np.log)(np.array([-1.0]))


def test_custom_rules_are_watched() -> None:
    c = tg.custom_vjp(lambda x: x * 1.0)
    c.defvjp(lambda x: (x * 1.0, None), lambda r, g: (g * np.nan,))
    d = tg.custom_jvp(lambda x: x * 1.0)
    d.defjvp(lambda primals, ts: (primals[0] * 1.0, ts[0] * np.nan))
    with tg.debug_nans():
        with pytest.raises(tg.errors.NanError, match="backward pass"):
            tg.grad(c)(1.0)
        with pytest.raises(tg.errors.NanError, match=r"multiply|custom_jvp"):
            tg.jvp(d, (1.0,), (1.0,))
