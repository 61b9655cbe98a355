"""Derivatives in less than float64: each dtype is checked by itself, and rounding is no error."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_gradient, check_grads

from .verdicts import fails, squares, undecided


def test_a_function_that_computes_in_float32_is_checked_to_its_digits() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.sin(x.astype(np.float32)), dtype=np.float32)

    x = np.array([0.3, 0.7])
    assert 2 < check_gradient(f, np.cos, (x,)).digits < 7
    with fails("digits agree"):
        check_gradient(f, lambda x: 1.01 * np.cos(x), (x,))


def test_a_rule_that_is_wrong_in_float32_alone_fails() -> None:
    half = tg.custom_vjp(lambda x: x * x)
    half.defvjp(lambda x: (x * x, x), lambda x, g: (g * x * (2 if x.dtype == float else 3),))
    check_grads(half, (1.5,), modes=("rev",), order=1)
    with fails("for arguments of float32 the derivative by .* argument 0 is 1.5 times that for float64"):
        check_grads(half, (np.float32(1.5),), modes=("rev",), order=1)


def test_a_rule_that_is_wrong_in_float64_alone_fails() -> None:
    half = tg.custom_vjp(lambda x: x * x)
    half.defvjp(lambda x: (x * x, x), lambda x, g: (g * x * (2 + 2e-6 * (x.dtype == float)),))
    with fails("digits agree"):
        check_grads(half, (1.5,), modes=("rev",), order=1)


def tanh2(x: Any) -> Any:
    a = np.tanh(x)
    return 2 * a * (1 - a * a)


@pytest.mark.parametrize("n", [10, 35, 1000])
@pytest.mark.parametrize(
    ("dtype", "factor"),
    [(np.float16, 0), (np.float16, -1), (np.float16, 1.1), (np.float32, 1.01), (np.float32, 1.001), (np.float32, 0)],
)
@pytest.mark.parametrize("foreign", [False, True])
def test_wrong_in_the_dtype_of_the_arguments_alone_fails(n: int, dtype: Any, factor: float, foreign: bool) -> None:
    x = np.random.default_rng(n).normal(size=n).astype(dtype)

    def gradient(x: Any) -> Any:
        return tanh2(np.asarray(x) if foreign else x)  # np.asarray refuses Tensors

    check_gradient(lambda x: np.sum(np.tanh(x) ** 2), gradient, (x,))
    with fails(f"for arguments of {np.dtype(dtype)} the derivative"):
        check_gradient(
            lambda x: np.sum(np.tanh(x) ** 2), lambda x: gradient(x) * dtype(factor if x.dtype == dtype else 1), (x,)
        )


def less_max(x: Any) -> Any:
    return x - np.max(x, axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: less_max(x * np.ones(3)), [0.3]),  # nothing but rounding
        (lambda x: less_max(x @ np.ones((1, 3))), [[0.3]]),
        (lambda x: np.mean(np.stack([x, -x]), (0, 1)), [[0.9], [0.4]]),
        (lambda x: x - ((x * x - x) - (x * x - 2 * x)), [-0.4, 0.0, -1.3]),
        (lambda x: np.logaddexp(x @ x, x @ x) - x @ x, [-1.1, -0.9, 1.8]),
        (lambda x: tg.nn.functional.sigmoid(x**3) * (tg.nn.functional.sigmoid(x**3) - 1), [9.0]),  # vanishes
        (lambda x: 1 - np.tanh(x), [8.0]),  # saturates
    ],
)
def test_what_rounding_makes_of_a_derivative_is_no_error(f: Any, x: Any) -> None:
    check_grads(f, (np.array(x, np.float32),), order=1)


@pytest.mark.parametrize("x", [1e3, 1e4])
def test_where_rounding_makes_most_of_a_derivative_nobody_can_tell(x: float) -> None:
    def chaos(x: Any) -> Any:
        for _ in range(3):
            x = x / (1.5 + np.cos(x))
        return x

    check_grads(chaos, (x,), order=1)
    with undecided("for arguments of float32 .* for float64 .* rounding on the way may have done it"):
        check_grads(chaos, (np.float32(x),), order=1)


def test_overflow_in_the_dtype_of_the_arguments_is_told() -> None:
    with undecided("f gave inf at the answer"):
        check_grads(squares, (np.array([1e25], np.float32),))
