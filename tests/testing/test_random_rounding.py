"""Rounding at random: what is exact stays so, and what is not scatters as far as rounding does."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing.random_rounding import rounded_at_random, scatter

X = np.random.default_rng(0).normal(size=(4, 4))
EPS = float(np.finfo(np.float32).eps)
SINGLE = np.dtype(np.float32)


def runs(f: Any, x: Any, count: int = 50) -> Any:
    """The answers of f at x in so many runs."""
    shaken = rounded_at_random(lambda args: f(*args), SINGLE, np.random.default_rng(1))
    with np.errstate(all="ignore"):
        return np.array([shaken((x,)) for _ in range(count)])


@pytest.mark.parametrize("f", [lambda x: x - x, lambda x: x * 0.25 - x / 4, lambda x: x.T.T - np.flip(np.flip(x))])
def test_what_is_exact_stays_exact(f: Any) -> None:
    assert not np.any(runs(f, X))


def test_answers_are_numbers_of_the_dtype_on_both_sides_of_the_true_one() -> None:
    made = runs(np.sin, X)
    assert np.array_equal(made, made.astype(np.float32))
    assert np.all(np.min(made, 0) < np.sin(X))
    assert np.all(np.max(made, 0) > np.sin(X))
    assert np.max(np.abs(made - np.sin(X))) < 4 * EPS


def test_what_saturates_vanishes_or_overflows_in_the_dtype_does_so() -> None:
    assert set(runs(lambda x: 1 - np.tanh(x), np.array(12.0))) == {0.0, EPS / 2}
    assert np.max(runs(lambda x: np.exp(-x), np.array(200.0))) < 1e-44
    assert np.any(np.isinf(runs(np.exp, np.array(100.0))))


@pytest.mark.parametrize("f", [lambda x: np.sum(x - np.mean(x)), lambda x: np.sum(x @ np.ones(4) - x.sum(1))])
def test_what_cancels_inside_scatters_as_far_as_what_it_is_made_of(f: Any) -> None:
    scale = 1e6 * EPS
    assert scale / 100 < np.max(np.abs(runs(f, 1e6 + X))) < 100 * scale


def test_derivatives_scatter_and_complex_numbers_do() -> None:
    made = runs(tg.grad(lambda x: np.sum(np.tanh(x) ** 2)), X)
    assert 0 < np.max(np.abs(made - np.mean(made, 0))) < 8 * EPS
    made = runs(lambda z: z * z, X + 1j)
    assert np.array_equal(made, made.astype(np.complex64))
    assert 0 < np.max(np.abs(made - (X + 1j) ** 2)) < 64 * EPS


def test_what_is_passed_beside_the_arguments_is_rounded_as_well() -> None:
    shaken = rounded_at_random(lambda args, t: (t - np.mean(t), t), SINGLE, np.random.default_rng(0))
    off, t = shaken(X, 1e6 + X)
    assert EPS * 1e4 < np.abs(np.sum(off)) < EPS * 1e8
    assert np.max(np.abs(t - X - 1e6)) <= EPS * 1e6


def test_a_function_that_takes_no_tensors_does_not_scatter() -> None:
    shaken = rounded_at_random(np.asarray, SINGLE, np.random.default_rng(0))
    assert not list(scatter(lambda: shaken((X,)), X, 3))
