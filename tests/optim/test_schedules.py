"""Schedules: their formulas (`test_torch` has more), traced steps, errors."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import optim
from tinygrad_scratch.core.errors import ArgumentError

SCHEDULES = {
    "inverse_time_decay": optim.inverse_time_decay(0.3, 0.5),
    "step_decay": optim.step_decay(0.5, 0.1, every=3),
    "exponential_decay": optim.exponential_decay(0.5, 0.9, every=2),
    "linear": optim.linear(0.5, 0.125, steps=5),
    "cosine_decay": optim.cosine_decay(0.5, steps=5, alpha=0.1),
    "one_cycle": optim.one_cycle(0.5, steps=8),
    "warm_up": optim.warm_up(optim.inverse_time_decay(0.3, 0.5), steps=4),
    "join": optim.join([0.5, optim.step_decay(0.4, 0.5, 1), optim.linear(0.3, 0.0, 3)], [2, 5]),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_traced_steps(name: str) -> None:
    schedule, steps = SCHEDULES[name], range(12)
    expected = [float(schedule(k)) for k in steps]
    for backend in "numpy", "numba":
        compiled = tg.jit(schedule, backend=backend)
        np.testing.assert_allclose([float(compiled(k)) for k in steps], expected, rtol=1e-12, atol=1e-17)
        np.testing.assert_allclose([float(compiled(np.int64(k))) for k in steps], expected, rtol=1e-12, atol=1e-17)
    np.testing.assert_allclose(tg.vmap(schedule)(np.arange(12)), expected, rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize("name", SCHEDULES)
def test_learning_rates_in_a_compiled_loop(name: str) -> None:
    opt = optim.sgd(SCHEDULES[name])

    def body(i: Any, both: Any) -> Any:
        total, state = both
        updates, state = opt.update(np.ones((), np.float32), state)
        return total + updates, state

    def loop(total: Any) -> Any:
        return tg.fori_loop(0, 9, body, (total, opt.init(total)))

    total, state = tg.jit(loop, backend="numba")(np.zeros((), np.float32))
    assert total.dtype == np.float32
    np.testing.assert_allclose(total, -sum(float(SCHEDULES[name](k)) for k in range(9)), rtol=1e-5)
    np.testing.assert_allclose(optim.read(state, "learning_rate"), SCHEDULES[name](8), rtol=1e-12)


def test_inverse_time_decay_is_its_formula() -> None:
    np.testing.assert_allclose([SCHEDULES["inverse_time_decay"](k) for k in range(4)], [0.3, 0.2, 0.15, 0.12])
    assert optim.inverse_time_decay(0.3, 0)(1000) == 0.3


def test_schedules_stay_at_their_ends() -> None:
    for name, end in [("linear", 0.125), ("cosine_decay", 0.05), ("one_cycle", 0.5 / 25 / 1e4)]:
        np.testing.assert_allclose([SCHEDULES[name](k) for k in (7, 8, 1000)], end)


def test_joined_schedules_count_from_their_boundaries() -> None:
    found = [float(SCHEDULES["join"](k)) for k in range(9)]
    np.testing.assert_allclose(found, [0.5, 0.5, 0.4, 0.2, 0.1, 0.3, 0.2, 0.1, 0], atol=1e-16)
    late = optim.join([1.0, lambda step: 1 / (step + 2)], [2])  # not asked for step -2
    assert late(0) == 1


def test_warm_up_multiplies() -> None:
    rates = [SCHEDULES["warm_up"](k) for k in range(6)]
    np.testing.assert_allclose(rates, [0.3 / (1 + k / 2) * min(1, (k + 1) / 4) for k in range(6)])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: optim.inverse_time_decay(0.1, -1), "inverse_time_decay: decay=-1, expected a finite number"),
        (lambda: optim.step_decay(-0.1, 0.5, 2), "step_decay: init_value=-0.1"),
        (lambda: optim.step_decay(0.1, 0.5, 0), "step_decay: every=0, expected an integer of at least 1"),
        (lambda: optim.exponential_decay(0.1, np.nan), "exponential_decay: factor=nan"),
        (lambda: optim.linear(0.1, -0.5, 2), "linear: end_value=-0.5"),
        (lambda: optim.cosine_decay(0.1, 2.5), "cosine_decay: steps=2.5, expected an integer"),
        (lambda: optim.warm_up(0.1, -3), "warm_up: steps=-3"),
        (lambda: optim.join([0.1], [2]), r"join: 1 schedules with boundaries \[2\], expected as many"),
        (lambda: optim.join([0.1, 0.2, 0.3], [3, 2]), r"boundaries \[3, 2\]"),
        (lambda: optim.join([0.1, 0.2], [0]), r"boundaries \[0\]"),
        (lambda: optim.one_cycle(0.1, 3), "one_cycle: pct_start=0.3 of steps=3 leaves no step to rise"),
        (lambda: optim.one_cycle(0.1, 30, pct_start=1.0), "none to fall"),
        (lambda: optim.one_cycle(0.1, 30, div_factor=0), "one_cycle: div_factor=0, expected a finite number above 0"),
    ],
)
def test_bad_arguments_are_refused(make: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        make()
