"""L-BFGS: few steps, its line search, and what happens where there is nothing to find."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import optim

from .problems import PROBLEMS, cast, logistic, rosenbrock, run, step


def steps_until(loss: Any, params: Any, below: float, opt: Any = None) -> int:
    opt = optim.lbfgs() if opt is None else opt
    one, both = step(opt, loss), (params, opt.init(params))
    for k in range(200):
        if loss(both[0]) < below:
            return k
        both = one(both)
    return 200


def test_few_steps_are_enough() -> None:
    assert steps_until(rosenbrock, [np.array(-1.2), np.array(1.0)], 1e-10) <= 40
    assert steps_until(logistic, PROBLEMS["logistic"].start, PROBLEMS["logistic"].minimum + 1e-6) <= 8
    scales = np.logspace(0, 2, 100)
    assert steps_until(lambda x: np.sum(scales * (x - 1) ** 2), np.zeros(100), 1e-8) <= 80


@given(st.integers(1, 6), st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_quadratics_are_solved_and_values_never_rise(n: int, seed: int, memory: int) -> None:
    rng = np.random.default_rng(seed)
    root, centre = rng.normal(size=(n, n)), rng.normal(size=n)
    matrix = root @ root.T + 0.1 * np.eye(n)

    def loss(x: Any) -> Any:
        return (x - centre) @ matrix @ (x - centre)

    opt = optim.lbfgs(memory)
    one, both = step(opt, loss), (np.zeros(n), opt.init(np.zeros(n)))
    values = [loss(both[0])]
    for _ in range(60):
        both = one(both)
        values.append(loss(both[0]))
    assert values[-1] <= 1e-6 * values[0]
    assert (np.diff(values) <= 1e-15 * np.array(values[:-1])).all()  # but for rounding


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_step_fulfils_the_weak_wolfe_conditions(dtype: Any) -> None:
    opt, params = optim.lbfgs(), cast([np.array(-1.2), np.array(1.0)], dtype)
    state = opt.init(params)
    for _ in range(10):
        before, g = tg.value_and_grad(rosenbrock)(params)
        updates, state = opt.update(g, state, params, value_fn=rosenbrock)
        params = optim.apply_updates(params, updates)
        after, new = tg.value_and_grad(rosenbrock)(params)
        slope = np.dot(g, updates)
        assert slope < 0
        assert after <= before + 1e-4 * slope + np.finfo(dtype).eps * before
        assert np.dot(new, updates) >= 0.9 * slope
    assert optim.read(state, "learning_rate") > 0
    assert optim.read(state, "step") == 10


def test_a_value_given_is_not_computed_again() -> None:
    calls = []

    def loss(x: Any) -> Any:
        calls.append(x)
        return np.sum(x * x)

    opt, x = optim.lbfgs(), np.array([0.25])
    grads = 2 * x
    with_value, _ = opt.update(grads, opt.init(x), x, value=0.0625, value_fn=loss)
    first = len(calls)
    without, _ = opt.update(grads, opt.init(x), x, value_fn=loss)
    assert len(calls) == 2 * first + 1
    assert with_value == without


def test_at_the_minimum_nothing_moves() -> None:
    for start in [np.array(1.0), np.array(1.0)], [np.array(1.0, np.float32), np.array(1.0, np.float32)]:
        params, state = run(optim.lbfgs(), rosenbrock, start, 5)
        assert params == start
        assert all(np.isfinite(x).all() for x in tg.tree.leaves(state))


def test_rounding_at_the_minimum_is_no_failure() -> None:
    """The value, near 1e6, no longer tells one params from others; the gradient does."""
    params, _ = run(optim.lbfgs(), lambda x: 1e6 + np.sum((x - 1) ** 2), np.array([3.0, -2.0], np.float32), 10)
    np.testing.assert_allclose(params, 1, atol=1e-3)


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: np.sum(x * x) * np.nan,
        lambda x: np.sum(np.where(x == 1, 1.0, np.nan)) + 0 * np.sum(x),  # finite at the start only
        lambda x: np.sum(np.where(x == 1, 0.0, 1.0)) + np.sum(x),  # higher wherever one looks
        lambda x: np.sum(x) * np.inf,
    ],
    ids=["nan", "nan elsewhere", "a hole", "inf"],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_search_that_fails_stays_where_it_is(loss: Any) -> None:
    opt, start = optim.lbfgs(max_evaluations=10), np.ones(2)
    for one in step(opt, loss), tg.jit(step(opt, loss), backend="numpy"):
        both = start, opt.init(start)
        for _ in range(3):
            both = one(both)
            assert both[0].tolist() == [1, 1]


def test_after_a_failure_it_starts_from_the_gradient() -> None:
    opt, x = optim.lbfgs(max_evaluations=3), np.array([3.0, -2.0])

    def loss(x: Any) -> Any:
        return np.sum(np.array([1, 10]) * x * x)

    x, state = run(opt, loss, x, 3)
    assert np.any(state.scales)
    grads = tg.grad(loss)(x)
    updates, state = opt.update(
        grads, state, x, value_fn=lambda x: loss(x) + np.sum(np.where(x == 0, 0, np.inf)), value=0
    )
    assert not np.any(updates)
    assert not np.any(state.scales)
    updates, state = opt.update(grads, state, x, value_fn=loss)
    np.testing.assert_allclose(updates / updates[0], grads / grads[0])


def test_functions_that_fall_for_ever_take_the_longest_step() -> None:
    x, state = run(optim.lbfgs(max_evaluations=6), lambda x: -np.sum(x), np.zeros(1), 1)
    assert x == optim.read(state, "learning_rate") == 2.0**5


def test_a_kink_is_left_behind() -> None:
    """Lewis and Overton's case: L-BFGS with this line search does well on functions that are not smooth."""
    params, _ = run(optim.lbfgs(), lambda x: np.abs(x[0]) + x[1] ** 2, np.array([2.3, 1.7]), 40)
    np.testing.assert_allclose(params, 0, atol=1e-3)


def test_dtypes_of_a_mixed_tree_stay() -> None:
    start = {"a": np.array([3.0], np.float32), "b": np.array(2.0)}
    params, state = run(optim.lbfgs(), lambda p: np.sum(p["a"] ** 2) + p["b"] ** 2, start, 4)
    assert (params["a"].dtype, params["b"].dtype, state.moves.dtype) == (np.float32, np.float64, np.float64)
    np.testing.assert_allclose([*params["a"], params["b"]], 0, atol=1e-6)
