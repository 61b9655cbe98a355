"""Numerical derivatives, and whether their errors are what they say."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinygrad_scratch.testing import directional_derivative
from tinygrad_scratch.testing.limits import EPS
from tinygrad_scratch.testing.references import complex_step, extrapolation, reference

SMOOTH = [
    (math.sin, math.cos),
    (math.exp, math.exp),
    (lambda x: x**3, lambda x: 3 * x**2),
    (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    (lambda x: math.sin(50 * x), lambda x: 50 * math.cos(50 * x)),
]


@given(st.floats(-3, 3), st.sampled_from(SMOOTH))
def test_derivative_knows_its_error(x: float, pair: tuple) -> None:
    f, derivative = pair
    value, error = directional_derivative(lambda t: f(x + t))
    assert abs(value - derivative(x)) <= error
    assert error < 1e-7 * max(1, abs(f(x)))


@given(st.floats(-3, 3), st.sampled_from([1e3, 1e5, 1e8]))
@example(0.9545772917111424, 1e8)
@example(0.004130427253864255, 1e8)
def test_a_cancellation_inside_is_in_the_error(x: float, offset: float) -> None:
    value, error = directional_derivative(lambda t: (math.sin(x + t) + offset) - offset)
    assert abs(value - math.cos(x)) <= error
    assert error < 1e-3


@given(st.floats(1e3, 1e8))
def test_far_out_sin_is_no_constant(x: float) -> None:
    def along(h: complex) -> np.ndarray:
        return np.sin(np.array([x + h.real * x]))

    found = reference(along, along(0), np.array([EPS]), EPS, 1 / x, analytic=False)
    assert abs(found.value[0] / x - np.cos(x)) <= found.error[0] / x < 1e-3


def test_a_period_that_fits_the_steps_fools_nobody() -> None:
    value, error = directional_derivative(lambda t: math.sin(2 * math.pi * 64 * t))
    assert abs(value - 128 * math.pi) <= error < 1e-4


def test_nothing_finite_has_an_infinite_error() -> None:
    assert directional_derivative(lambda t: math.nan)[1] == math.inf


def look(f, x: float, start: float = 0.2):
    def along(h: complex) -> np.ndarray:
        return np.array([f(np.float64(x) + h)])

    with np.errstate(all="ignore"):
        return extrapolation(lambda h: along(h.real), along(0.0), np.array([EPS]), EPS, start)


@pytest.mark.parametrize(
    ("f", "x", "low", "high"),
    [
        (np.abs, 0.0, -1, 1),
        (lambda x: np.maximum(x, 0), 0.0, 0, 1),
        (lambda x: np.exp(x) + np.abs(x - 1), 1.0, math.e - 1, math.e + 1),
        (lambda x: np.clip(x, 0, 1), 1.0, 0, 1),
    ],
)
def test_kinks_are_seen_and_measured(f, x: float, low: float, high: float) -> None:
    found = look(f, x)
    middle, half = (low + high) / 2, (high - low) / 2
    assert abs(found.value[0] - middle) <= found.error[0] + 1e-9
    assert abs(found.kink[0] - half) < 1e-4


@given(st.floats(-2, 2), st.sampled_from([1.0, 1e3, 1e6]))
def test_a_sharp_bend_is_no_kink(x: float, sharp: float) -> None:
    found = look(lambda t: np.logaddexp(0, sharp * t) / sharp, x / sharp)
    assert found.kink[0] < 1e-3
    assert abs(found.value[0] - 1 / (1 + math.exp(-x))) <= found.error[0] + found.kink[0]


def test_what_does_not_move_is_still_and_what_jumps_jumps() -> None:
    assert look(lambda x: np.sin(x) ** 2 + np.cos(x) ** 2, 0.7).still[0]
    assert not look(np.sin, 0.0).still[0]
    assert look(np.floor, 1.0).jumps
    assert not look(np.floor, 1.0).still[0]
    assert not look(np.abs, 0.0).jumps


@pytest.mark.parametrize(
    "f", [np.abs, np.real, np.conj, lambda z: np.sqrt(z * np.conj(z)), lambda z: z + 1e-6 * np.abs(z)]
)
@pytest.mark.parametrize("x", [0.0, 0.7, -1.3])
def test_the_complex_step_refuses_what_is_not_analytic(f, x: float) -> None:
    with np.errstate(all="ignore"):
        assert complex_step(lambda h: np.array([f(x + h)]), np.array([f(x)]).real, np.array([EPS]), 1.0) is None


@given(st.floats(-3, 3), st.sampled_from([(np.sin, np.cos), (np.exp, np.exp), (lambda z: z**3, lambda z: 3 * z**2)]))
def test_the_complex_step_is_exact_where_it_is_taken(x: float, pair: tuple) -> None:
    found = complex_step(lambda h: np.array([pair[0](x + h)]), np.array([pair[0](x)]), np.array([EPS]), 1.0)
    if found is not None:
        assert abs(found.value[0] - pair[1](x)) <= 8 * EPS * max(1, abs(pair[1](x)))
