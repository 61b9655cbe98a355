"""Errors planted in gradients fail, however small they are beside the rest; what other checkers are fooled by."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_gradient, check_grads

from .verdicts import X5, Undecided, fails, squares

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("size", [10, 1000, 1_000_000])
def test_a_zero_gradient_in_float32_fails_at_any_size(size: int) -> None:
    x = RNG.normal(size=size).astype(np.float32)
    with fails("found -?0, expected .* The gradient is zero"):
        check_gradient(squares, np.zeros_like, (x,))


@pytest.mark.parametrize("value", [1e-20, 1e-7, 1.0, 1e6])
@pytest.mark.parametrize("f", [squares, lambda x: np.sum(x), lambda x: 3 + np.sum(x), lambda x: np.sum(np.log(x))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_factor_2_fails_whatever_the_values(value: float, f: Any, dtype: Any) -> None:
    x = np.array([1.0, 2, 3], dtype) * dtype(value)
    check_gradient(f, tg.grad(f), (x,))
    with fails("0.3 digits agree. The gradient is (2|1.9999|2.0000).* times"):
        check_gradient(f, lambda x: 2 * tg.grad(f)(x), (x,))


@pytest.mark.parametrize("off", [1e-3, 1e-6, 1e-8])
def test_a_small_relative_error_fails(off: float) -> None:
    x = RNG.normal(size=5)
    with fails("digits agree"):
        check_gradient(lambda x: np.sum(np.sin(x)), lambda x: np.cos(x) * (1 + off), (x,))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_element_of_ten_thousand_that_is_off_by_a_hundredth_is_named(dtype: Any) -> None:
    x = RNG.normal(size=10_000).astype(dtype)

    def gradient(x: Any) -> Any:
        g = 2 * x
        g[1234] *= 1.01
        return g

    with fails(r"argument 0, element \[1234\] of shape .* 2.0 digits agree. Of 16 elements looked at, 1 is wrong"):
        check_gradient(squares, gradient, (x,))


def test_a_small_leaf_does_not_hide_behind_a_large_one() -> None:
    def f(p: Any) -> Any:
        return np.sum(p["large"] ** 2) + np.sum(p["small"] ** 2)

    p = {"large": RNG.normal(size=1000) * 100, "small": RNG.normal(size=3) / 100}
    check_grads(f, (p,))
    with fails("leaf 'small'"):
        check_gradient(f, lambda p: {"large": 2 * p["large"], "small": 2.02 * p["small"]}, (p,))


def test_a_small_answer_does_not_hide_behind_a_large_one() -> None:
    right = tg.elementwise("right_small_test", lambda x: 1e-6 * x, lambda g, ans, x: 1e-6 * g)
    wrong = tg.elementwise("wrong_small_test", lambda x: 1e-6 * x, lambda g, ans, x: 1.01e-6 * g)
    for mode in ("rev", "fwd"):
        check_grads(lambda x: (1e6 * np.sin(x), right(x)), (RNG.normal(size=3),), modes=(mode,))
        with fails("digits agree"):
            check_grads(lambda x: (1e6 * np.sin(x), wrong(x)), (RNG.normal(size=3),), modes=(mode,))


@given(st.integers(0, 10**6), st.floats(-300, 300))
def test_no_false_alarm_and_no_miss_at_any_scale(seed: int, exponent: float) -> None:
    rng = np.random.default_rng(seed)
    scale = 10.0 ** (exponent / 10)
    x, w = rng.normal(size=4) * scale, rng.normal(size=4)

    def f(x: Any) -> Any:
        return np.sum(np.sin(x / scale * w)) * scale

    check_gradient(f, lambda x: np.cos(x / scale * w) * w, (x,))
    with fails("digits agree"):
        check_gradient(f, lambda x: np.cos(x / scale * w) * w * (1 + 1e-6), (x,))


@pytest.mark.parametrize(("mode", "words"), [("rev", "reverse mode, order 1"), ("fwd", "forward mode, order 1")])
def test_wrong_rules_fail_in_their_mode(mode: str, words: str) -> None:
    wrong = tg.Primitive(
        "wrong", np.sin, [lambda g, ans, x: g * np.cos(x) * 1.000001], lambda ts, ans, x: ts[0] * np.cos(x) * 1.000001
    )
    with fails(words) as error:
        check_grads(wrong, (np.array([0.5, 1.0]),), modes=(mode,))
    assert isinstance(error.value, AssertionError)
    assert not isinstance(error.value, Undecided)


def test_dropped_gradient_of_one_argument_fails() -> None:
    half = tg.custom_vjp(lambda x, y: x * y)
    half.defvjp(lambda x, y: (x * y, y), lambda y, g: (g * y, None))
    with fails("reverse mode, order 1: the derivative by argument 1: found 0"):
        check_grads(half, (2.0, 3.0), modes=("rev",))


def test_custom_rules_keep_the_value_of_f() -> None:
    h = tg.custom_jvp(lambda x: np.sin(x))
    h.defjvp(lambda p, t: (np.cos(p[0]), t[0] * np.cos(p[0])))
    with fails("gives another value of f than f itself"):
        check_grads(h, (X5,))
    k = tg.custom_vjp(lambda x: np.sin(x))
    k.defvjp(lambda x: (np.cos(x), x), lambda x, g: (g * np.cos(x),))
    with fails("reverse mode gives another value of f than f itself"):
        check_grads(k, (X5,), modes=("rev",))


def test_rules_must_differentiate_and_keep_the_cotangent() -> None:
    c = tg.custom_vjp(lambda x: np.sin(x))
    c.defvjp(lambda x: (np.sin(x), x), lambda x, g: (tg.stop_gradient(g) * np.cos(x),))
    with fails("order 2: the derivative by the cotangent"):
        check_grads(c, (X5,), modes=("rev",))
    d = tg.custom_vjp(lambda x: x * 1.0)
    d.defvjp(lambda x: (x * 1.0, ()), lambda _, g: (np.clip(g, -1, 1),))
    with fails("is not linear: for 1024 times the cotangent"):
        check_grads(d, (X5,), modes=("rev",))


def test_one_element_among_joints() -> None:
    def huber(x: Any) -> Any:
        return np.sum(np.where(np.abs(x) < 1, 0.5 * x * x, np.abs(x) - 0.5))

    def wrong(x: Any) -> Any:
        g = np.clip(x, -1, 1)
        g[1110] *= 1.2
        return g

    with pytest.raises(tg.errors.GradientError, match=r"element \[1110\]"):
        check_gradient(huber, wrong, (np.random.default_rng(6).standard_normal(3000),))
