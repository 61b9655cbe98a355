"""Optimizers: each reaches the minimum of each problem in each dtype; formulas, states, derivatives and errors."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import optim
from tinygrad_scratch.core.errors import ArgumentError, TreeError


def parabola(params: Any) -> Any:
    """Its minimum, 0, is at a = (1, -2) and b = 3."""
    return np.sum((params["a"] - np.array([1, -2], np.float32)) ** 2) + 2 * np.sum((params["b"] - 3) ** 2)


def rosenbrock(params: Any) -> Any:
    """Its minimum, 0, is at (1, 1), at the end of a curved valley."""
    x, y = params
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


RNG = np.random.RandomState(0)  # its numbers are the same in every NumPy
INPUTS = RNG.normal(size=(40, 2)).astype(np.float32)
LABELS = (INPUTS @ [1, -2] + RNG.normal(size=40) > 0).astype(np.float32)


def logistic(params: Any) -> Any:
    """Logistic regression with a little weight decay."""
    w, b = params
    return np.mean(tg.losses.binary_cross_entropy(INPUTS @ w + b, LABELS)) + np.sum(w * w) / 100


MINIMUM = 0.4355164  # of `logistic`, by scipy.optimize.minimize


class Problem(NamedTuple):
    loss: Callable[[Any], Any]
    start: Any
    minimum: float
    steps: int
    sgd: float  # learning rates
    momentum: float
    adam: float


PROBLEMS = {
    "parabola": Problem(parabola, {"a": np.zeros(2), "b": np.zeros(())}, 0, 300, 0.1, 0.03, 0.1),
    "rosenbrock": Problem(rosenbrock, [np.array(-0.5), np.array(0.5)], 0, 4000, 2e-3, 3e-4, 0.03),
    "logistic": Problem(logistic, (np.zeros(2), np.zeros(())), MINIMUM, 300, 1.0, 0.1, 0.1),
}

OPTIMIZERS: dict[str, Callable[[Any, Callable[[float], Any]], Any]] = {
    "sgd": lambda p, rate: optim.sgd(rate(p.sgd)),
    "momentum": lambda p, rate: optim.sgd(rate(p.momentum), momentum=0.9),
    "nesterov": lambda p, rate: optim.sgd(rate(p.momentum), momentum=0.9, nesterov=True),
    "adam": lambda p, rate: optim.adam(rate(p.adam)),
}
RATES: dict[str, Callable[[float], Any]] = {
    "constant": lambda rate: rate,
    "decay": lambda rate: optim.inverse_time_decay(rate, 1e-4),
    "schedule in float64": lambda rate: lambda step: np.float64(rate) * np.exp(-1e-4 * step),
}


def cast(tree: Any, dtype: Any) -> Any:
    return tg.tree.map(lambda p: p.astype(dtype), tree)


def run(opt: Any, loss: Any, params: Any, steps: int) -> tuple[Any, Any]:
    state, gradient = opt.init(params), tg.grad(loss)
    for _ in range(steps):
        updates, state = opt.update(gradient(params), state, params)
        params = optim.apply_updates(params, updates)
    return params, state


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", RATES.values(), ids=list(RATES))
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_optimizers_converge_and_keep_dtypes(problem: Problem, optimizer: Any, rate: Any, dtype: Any) -> None:
    params, state = run(optimizer(problem, rate), problem.loss, cast(problem.start, dtype), problem.steps)
    assert problem.loss(params) - problem.minimum < 1e-3
    assert {p.dtype for p in tg.tree.leaves(params)} == {np.dtype(dtype)}
    assert {s.dtype for s in tg.tree.leaves(state) if isinstance(s, np.ndarray)} <= {np.dtype(dtype)}


LR, MU, B1, B2, EPS = 0.05, 0.9, 0.8, 0.99, 1e-6


def torch_sgd(params: Any, grads: Any) -> Any:
    """torch.optim.SGD: p = p - lr g."""
    for g in grads:
        params = params - LR * g
    return params


def torch_momentum(params: Any, grads: Any, nesterov: bool = False) -> Any:
    """torch.optim.SGD: b = g in the first step, then b = mu b + g; g = g + mu b if nesterov else b; p = p - lr g."""
    b: Any = None
    for g in grads:
        b = g if b is None else MU * b + g
        params = params - LR * (g + MU * b if nesterov else b)
    return params


def torch_adam(params: Any, grads: Any) -> Any:
    """torch.optim.Adam: m, v running means, mhat = m / (1 - b1^t), vhat too; p = p - lr mhat / (sqrt vhat + eps)."""
    m, v = np.zeros_like(params), np.zeros_like(params)
    for t, g in enumerate(grads, start=1):
        m = B1 * m + (1 - B1) * g
        v = B2 * v + (1 - B2) * g**2
        params = params - LR * (m / (1 - B1**t)) / (np.sqrt(v / (1 - B2**t)) + EPS)
    return params


@pytest.mark.parametrize(
    ("opt", "by_hand"),
    [
        (optim.sgd(LR), torch_sgd),
        (optim.sgd(LR, momentum=MU), torch_momentum),
        (optim.sgd(LR, momentum=MU, nesterov=True), lambda p, gs: torch_momentum(p, gs, nesterov=True)),
        (optim.adam(LR, B1, B2, EPS), torch_adam),
    ],
    ids=["sgd", "momentum", "nesterov", "adam"],
)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_updates_are_pytorchs_formulas(opt: Any, by_hand: Any, steps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    start, grads = rng.normal(size=(3, 2)), rng.normal(size=(steps, 3, 2))
    params, state = {"w": start}, opt.init({"w": start})
    for g in grads:
        updates, state = opt.update({"w": g}, state, params)
        params = optim.apply_updates(params, updates)
    np.testing.assert_allclose(params["w"], by_hand(start, grads), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
def test_update_changes_none_of_its_arguments(optimizer: Any) -> None:
    opt = optimizer(PROBLEMS["parabola"], lambda rate: rate)
    params, grads = {"a": np.ones(2)}, {"a": np.full(2, 3.0)}
    _, state = opt.update(grads, opt.init(params), params)
    before = [np.copy(x) for x in tg.tree.leaves((params, grads, state))]
    optim.apply_updates(params, opt.update(grads, state, params)[0])
    np.testing.assert_equal(tg.tree.leaves((params, grads, state)), before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_states_of_momentum_and_adam_are_trees_like_the_params(dtype: Any) -> None:
    params = {"a": np.ones(2, dtype), "b": [np.ones((), dtype)]}
    (momentum, _), (adam, _) = optim.sgd(0.1, momentum=0.9).init(params), optim.adam(0.1).init(params)
    for tree in momentum.velocity, adam.mean, adam.square:
        assert tg.tree.structure(tree) == tg.tree.structure(params)
        assert all(x.dtype == dtype and not x.any() for x in tg.tree.leaves(tree))


def test_step_and_learning_rate_can_be_read() -> None:
    schedule = optim.inverse_time_decay(0.4, 1.0)
    for opt in optim.sgd(schedule), optim.sgd(schedule, momentum=0.9), optim.adam(schedule):
        state = opt.init(np.ones(2))
        assert state[-1] == (0, 0.4)
        for step, rate in [(1, 0.4), (2, 0.2), (3, 0.4 / 3)]:
            _, state = opt.update(np.ones(2), state)
            assert type(state[-1]).__name__ == "LearningRateState"
            assert (state[-1].step, state[-1].learning_rate) == (step, rate)


def test_schedule_sets_the_size_of_each_step() -> None:
    opt = optim.sgd(lambda step: [0.5, 0.25][step])
    state = opt.init(np.ones(1))
    first, state = opt.update(np.ones(1), state)
    second, state = opt.update(np.ones(1), state)
    assert (first.item(), second.item()) == (-0.5, -0.25)


def test_inverse_time_decay_is_its_formula() -> None:
    schedule = optim.inverse_time_decay(0.3, 0.5)
    np.testing.assert_allclose([schedule(k) for k in range(4)], [0.3, 0.2, 0.15, 0.12])
    assert optim.inverse_time_decay(0.3, 0)(1000) == 0.3


def test_chain_applies_its_parts_in_order() -> None:
    grads = [np.array([1.0]), np.array([1.0])]

    def second_update(*parts: Any) -> float:
        opt = optim.chain(*parts)
        state = opt.init(grads[0])
        for g in grads:
            updates, state = opt.update(g, state)
        return float(updates.item())

    halving = optim.scale_by_learning_rate(lambda step: 0.5**step)
    assert second_update(optim.trace(1.0), halving) == -1.0  # (1 + 1) / 2
    assert second_update(halving, optim.trace(1.0)) == -1.5  # 1 + 1 / 2
    assert second_update(optim.scale(3.0), optim.scale(2.0)) == 6
    assert second_update() == 1


def test_chains_nest() -> None:
    opt = optim.chain(optim.chain(optim.scale(2.0), optim.trace(0.5)), optim.scale_by_learning_rate(0.1))
    updates, state = opt.update(np.ones(1), opt.init(np.ones(1)))
    np.testing.assert_allclose(updates, [-0.2])
    assert [len(state), len(state[0])] == [2, 2]


def test_schedule_before_momentum_keeps_float32() -> None:
    opt = optim.chain(optim.scale_by_learning_rate(lambda step: np.float64(0.1)), optim.trace(0.9))
    params = np.ones(2, np.float32)
    updates, (_, state) = opt.update(params, opt.init(params))
    assert updates.dtype == state.velocity.dtype == np.float32


def test_apply_updates_adds_in_the_dtype_of_the_params() -> None:
    params = {"a": np.ones(2, np.float32), "b": 1.5}
    found = optim.apply_updates(params, {"a": np.full(2, 0.25), "b": 1.0})
    assert found["a"].dtype == np.float32
    assert found["a"].tolist() == [1.25, 1.25]
    assert found["b"] == 2.5


@pytest.mark.parametrize(
    "optimizer",
    [
        optim.sgd,
        lambda lr: optim.sgd(lr, momentum=0.9, nesterov=True),
        lambda lr: optim.sgd(optim.inverse_time_decay(lr, 0.5)),
        optim.adam,
    ],
    ids=["sgd", "nesterov", "schedule", "adam"],
)
def test_optimizer_steps_are_differentiated_through(optimizer: Any) -> None:
    start = {"a": np.array([0.3, 0.8]), "b": np.array(-1.0)}

    def after_two_steps(lr: Any, params: Any) -> Any:
        return parabola(run(optimizer(lr * lr), parabola, params, 2)[0])  # a square: not negative

    tg.testing.check_grads(after_two_steps, (0.3, start))


def test_gradient_with_respect_to_the_learning_rate_of_sgd() -> None:
    """The derivative of (x - lr 2 x)^2 is -4 x^2 (1 - 2 lr)."""
    found = tg.grad(lambda lr: run(optim.sgd(lr), lambda x: x * x, np.float64(3), 1)[0] ** 2)(0.1)
    np.testing.assert_allclose(found, -4 * 9 * 0.8)


def test_vmap_over_learning_rates_is_a_loop() -> None:
    rates = np.array([0.01, 0.1, 0.5])

    def loss(lr: Any) -> Any:
        return rosenbrock(run(optim.adam(lr), rosenbrock, list(np.array([0.2, 0.1])), 3)[0])

    np.testing.assert_allclose(tg.vmap(loss)(rates), [loss(lr) for lr in rates], rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: optim.sgd(0.1, nesterov=True), "sgd: nesterov=True needs momentum, for example momentum=0.9"),
        (lambda: optim.inverse_time_decay(0.1, -1), "inverse_time_decay: decay must not be negative, got -1"),
        (lambda: optim.adam(0.1).update(np.ones(2), ()), "chain: the state has 0 entries, expected 2, one a part"),
    ],
)
def test_optimizers_refuse_bad_arguments(make: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        make()


def test_trees_that_differ_are_refused() -> None:
    opt = optim.adam(0.1)
    with pytest.raises(TreeError, match="structure"):
        opt.update([np.ones(2)], opt.init(np.ones(2)))
    with pytest.raises(TreeError, match="structure"):
        optim.apply_updates([np.ones(2)], np.ones(2))
