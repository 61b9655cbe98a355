"""Right derivatives pass, where other checkers see errors as well."""

import contextlib
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_grads

from .verdicts import Undecided, drawn

RNG = np.random.default_rng(0)


def test_right_functions_pass() -> None:
    check_grads(lambda p: (np.sin(p["a"]) @ p["b"], p["b"]), ({"a": np.ones((2, 3)), "b": np.ones(3)},), order=3)
    check_grads(np.sin, (np.float32(0.5),))
    check_grads(lambda x: np.sum(x**2), (np.zeros(0),))
    check_grads(lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))), (np.arange(4.0),))  # constant, to rounding
    check_grads(lambda x: [x, {"y": 2.0}], (1.5,))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sin_at_a_million_passes(dtype: Any) -> None:
    check_grads(np.sin, (dtype(1e6),))
    check_grads(np.sin, (np.array([1e6, 1.0, 1e-6], dtype),))


# each once was a false alarm; the reasons are: noise that all neighbours share, chance agreement of extrapolations,
# products that round inside (567), kinks just beside the arguments that an extrapolation runs across (1532), and those
# between which f is flat (969)
@pytest.mark.parametrize(("seed", "k"), [(3, 62), (3, 1139), (3, 1786), (3, 2256), (31, 567), (31, 1532), (59, 969)])
def test_programs_that_were_once_false_alarms_pass(seed: int, k: int) -> None:
    made = drawn(seed, k)
    with np.errstate(all="ignore"):
        check_grads(made, made.args, order=1)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.log, np.array([1e-8, 1.0])),
        (lambda x: 1 / x, np.array([1e-8, 1.0])),
        (np.arctanh, np.array([1 - 1e-8])),
        (lambda x: np.sin(1e6 * x), np.random.default_rng(0).normal(size=4)),
        (lambda x: np.sin(1e6 * x), np.random.default_rng(2).normal(size=4)),
    ],
)
def test_features_smaller_than_the_first_step_are_no_false_alarm(f: Any, x: Any) -> None:
    check_grads(f, (x,), order=1)


@pytest.mark.parametrize("seed", range(20))
def test_saturated_softmax_is_no_false_alarm(seed: int) -> None:
    def f(z: Any) -> Any:
        e = np.exp(z - np.max(z))
        return np.sum(e / np.sum(e) * np.arange(5))

    with contextlib.suppress(Undecided):  # what rounding has flattened, nobody can tell
        check_grads(f, (np.random.default_rng(seed).normal(size=5) * 30,), seed=seed)


def test_large_networks_are_checked_in_all_their_weights() -> None:
    p = {"w": RNG.normal(size=(200, 50)) / 14, "b": np.zeros(50), "v": RNG.normal(size=(50, 3))}
    x = RNG.random((16, 200))

    def loss(p: Any) -> Any:
        return np.mean(tg.losses.softmax_cross_entropy(tg.nn.relu(x @ p["w"] + p["b"]) @ p["v"], np.arange(16) % 3))

    report = check_grads(loss, (p,))
    assert report.digits > 4
    assert not report.notes


@pytest.mark.parametrize("tolerance", [1e-4, 1e-8, 1e-12])
def test_the_tolerance_of_an_iteration_has_no_slope(tolerance: float) -> None:
    def root(x: Any, tolerance: Any) -> Any:
        if tolerance < 0:
            return x * np.nan
        y = 0.5 + 0 * x
        for _ in range(20):
            y = (y + x / y) / 2
            if np.abs(y * y - x) <= tolerance:
                break
        return y

    check_grads(root, (2.0, tolerance), order=1)


def test_values_of_ill_conditioned_functions_and_tangents_that_overflow() -> None:
    matrix = np.vander(np.linspace(0, 1, 8))
    with contextlib.suppress(Undecided):  # but not for another value of f
        check_grads(lambda a, b: np.linalg.lstsq(a, b)[0], (matrix, np.arange(8.0)), order=1)
    check_grads(lambda x: np.sum(1 / (1 + np.exp(-x))), (np.array([40.0, -40, 700, -700]),), order=1)


def test_small_answers_of_narrow_arguments_have_large_cotangents() -> None:
    for f in (lambda x: x * 1, np.sin, np.tanh):
        check_grads(f, (np.array([1e-5, 2e-5], np.float16),))
