"""Every optimizer on every problem in both dtypes: it converges, and compiled it gives its eager numbers."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import optim

from .problems import OPTIMIZERS, PROBLEMS, cast, parabola, rosenbrock, run, setting, step


def dtypes(tree: Any) -> set[Any]:
    """Of arrays and of NumPy's numbers that are not learning rates, which schedules make in float64."""
    return {x.dtype for x in tg.tree.leaves(tree) if isinstance(x, np.ndarray) and x.ndim}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_converge_and_keep_dtypes(name: str, problem: str, dtype: Any) -> None:
    opt, (loss, start, minimum, steps) = setting(name, problem)
    one, params = step(opt, loss), cast(start, dtype)
    train = tg.jit(lambda both: tg.fori_loop(0, steps, lambda i, both: one(both), both), backend="numba")
    params, state = train((params, opt.init(params)))
    assert abs(loss(params) - minimum) < 1e-3
    assert {p.dtype for p in tg.tree.leaves(params)} == {np.dtype(dtype)}
    assert dtypes(state) <= {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_compiled_steps_are_eager_ones(name: str, problem: str, dtype: Any) -> None:
    opt, (loss, start, _, _) = setting(name, problem)
    params = cast(start, dtype)
    expected = run(opt, loss, params, 4)
    assert dtypes(expected) <= {np.dtype(dtype)}
    for backend in "numpy", "numba":
        one = tg.jit(step(opt, loss), donate_argnums=0, backend=backend)
        both = cast(params, dtype), opt.init(params)
        for _ in range(4):
            both = one(both)
        rtol = 2e-4 if dtype == np.float32 else 1e-10
        for found, value in zip(tg.tree.leaves(both), tg.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(found, value, rtol, atol=rtol)
        assert tg.tree.structure(both) == tg.tree.structure(expected)
        assert {p.dtype for p in tg.tree.leaves(both[0])} == {np.dtype(dtype)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_schedule_in_float64_keeps_float32(name: str) -> None:
    make, _ = OPTIMIZERS[name]
    opt = make(0.1, 10)
    schedule = optim.chain(opt, optim.scale_by_learning_rate(lambda step: np.float64(1) * np.exp(-1e-4 * step)))
    params, _ = run(schedule, parabola, {"a": np.zeros(2, np.float32), "b": np.zeros((), np.float32)}, 2)
    assert {p.dtype for p in tg.tree.leaves(params)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_vmap_over_starts_is_a_loop(name: str) -> None:
    opt, (loss, _, _, _) = setting(name, "rosenbrock")
    starts = np.array([[-0.5, 0.5], [1.2, 0.3], [1.0, 1.0]])

    def after_three_steps(start: Any) -> Any:
        return np.stack(run(opt, loss, list(start), 3)[0])

    found = tg.vmap(after_three_steps)(starts)
    np.testing.assert_allclose(found, [after_three_steps(start) for start in starts], rtol=1e-9)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS.keys() - {"lbfgs", "lion"}))  # a search for a step, and a sign
def test_optimizer_steps_are_differentiated_through(name: str) -> None:
    opt, _ = setting(name, "parabola")
    start = {"a": np.array([0.3, 0.8]), "b": np.array(-1.0)}
    tg.testing.check_grads(lambda params: parabola(run(opt, parabola, params, 2)[0]), (start,))


def test_derivative_with_respect_to_the_learning_rate() -> None:
    """The derivative of (x - lr 2 x)^2 is -4 x^2 (1 - 2 lr)."""
    found = tg.grad(lambda lr: run(optim.sgd(lr), lambda x: x * x, np.float64(3), 1)[0] ** 2)(0.1)
    np.testing.assert_allclose(found, -4 * 9 * 0.8)
    start = {"a": np.array([0.3, 0.8]), "b": np.array(-1.0)}
    for make in optim.adam, lambda lr: optim.sgd(optim.inverse_time_decay(lr, 0.5), momentum=0.9, nesterov=True):
        tg.testing.check_grads(lambda x, make=make: parabola(run(make(x * x), parabola, start, 2)[0]), (0.3,))


def test_vmap_over_learning_rates_is_a_loop() -> None:
    rates = np.array([0.01, 0.1, 0.5])

    def loss(lr: Any) -> Any:
        return rosenbrock(run(optim.adam(lr), rosenbrock, list(np.array([0.2, 0.1])), 3)[0])

    np.testing.assert_allclose(tg.vmap(loss)(rates), [loss(lr) for lr in rates], rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_update_changes_none_of_its_arguments(name: str) -> None:
    opt, (loss, start, _, _) = setting(name, "parabola")
    params, state = run(opt, loss, start, 1)
    value, grads = tg.value_and_grad(loss)(params)
    before = [np.copy(x) for x in tg.tree.leaves((params, grads, state))]
    optim.apply_updates(params, opt.update(grads, state, params, value=value, value_fn=loss)[0])
    np.testing.assert_equal(tg.tree.leaves((params, grads, state)), before)
