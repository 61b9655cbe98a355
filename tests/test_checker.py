"""The checker and its numerical derivative."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.testing import directional_derivative
from tinygrad_scratch.testing.numeric import noise_level


@given(
    st.floats(-3, 3),
    st.sampled_from([(math.sin, math.cos), (math.exp, math.exp), (lambda x: x**3, lambda x: 3 * x**2)]),
)
def test_numerical_derivative_knows_its_error(x: float, pair: tuple) -> None:
    f, derivative = pair
    value, error = directional_derivative(lambda t: f(x + t))
    assert abs(value - derivative(x)) <= 4 * error
    assert error < 1e-8 * max(1, abs(f(x)))


def test_noise_is_measured_whatever_its_origin() -> None:
    assert noise_level(lambda t: 1 + t) < 1e-15
    assert 1e-12 < noise_level(lambda t: (1e5 + t) - 1e5) < 1e-9  # a cancellation inside


def test_nothing_finite_is_never_a_pass() -> None:
    value, error = directional_derivative(lambda t: math.nan)
    assert math.isnan(value)
    assert error == math.inf
    with pytest.raises(tg.errors.GradientError):
        tg.testing.check_grads(lambda x: x * np.nan, (1.0,), order=1)


def test_right_functions_pass() -> None:
    tg.testing.check_grads(
        lambda p: (np.sin(p["a"]) @ p["b"], p["b"]), ({"a": np.ones((2, 3)), "b": np.ones(3)},), order=3
    )
    tg.testing.check_grads(np.sin, (np.float32(0.5),))
    tg.testing.check_grads(lambda x: np.sum(x**2), (np.zeros(0),))


@pytest.mark.parametrize(("mode", "words"), [("rev", "reverse mode, order 1"), ("fwd", "forward mode, order 1")])
def test_wrong_rules_fail_in_their_mode(mode: str, words: str) -> None:
    wrong = tg.Primitive(
        "wrong", np.sin, [lambda g, ans, x: g * np.cos(x) * 1.000001], lambda ts, ans, x: ts[0] * np.cos(x) * 1.000001
    )
    with pytest.raises(tg.errors.GradientError, match=words) as error:
        tg.testing.check_grads(wrong, (np.array([0.5, 1.0]),), modes=(mode,))
    assert isinstance(error.value, AssertionError)


def test_dropped_gradient_of_one_argument_fails() -> None:
    half = tg.custom_vjp(lambda x, y: x * y)
    half.defvjp(lambda x, y: (x * y, y), lambda y, g: (g * y, None))
    with pytest.raises(tg.errors.GradientError, match="reverse mode, order 1"):
        tg.testing.check_grads(half, (2.0, 3.0), modes=("rev",))


def test_bad_requests() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="modes 'rev' or 'fwd'"):
        tg.testing.check_grads(np.sin, (1.0,), modes=("backwards",))
    with pytest.raises(tg.errors.ArgumentError, match="order must be 1 or more"):
        tg.testing.check_grads(np.sin, (1.0,), order=0)
    with pytest.raises(tg.errors.DtypeError, match="check_grads: argument 0 is int"):
        tg.testing.check_grads(np.sin, (1,))
