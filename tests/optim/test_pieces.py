"""The pieces of optimizers: formulas, states, what chain does, errors."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import optim
from tinygrad_scratch.core.errors import ArgumentError, ShapeError, TreeError

from .problems import rosenbrock, run


def update(opt: Any, grads: Any, params: Any = None) -> Any:
    """The first update."""
    return opt.update(grads, opt.init(grads if params is None else params), params)[0]


GRADIENTS = st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=5).map(np.array)


# ---- scaling, against formulas by hand
# --------------------------------------------------------------------------------


def test_lion_is_its_algorithm() -> None:
    b1, b2, lr, decay = 0.8, 0.9, 0.1, 0.3
    opt = optim.lion(lr, b1, b2, weight_decay=decay)
    params = p = np.array([1.0, -2.0, 0.0])
    state, m = opt.init(params), np.zeros(3)
    for g in np.array([[1.0, -0.5, 0.0], [-3.0, 0.1, 0.0], [0.5, 2.0, -1.0], [2.0, -4.0, 1.0]]):
        updates, state = opt.update(g, state, params)
        params = optim.apply_updates(params, updates)
        p, m = p - lr * (np.sign(b1 * m + (1 - b1) * g) + decay * p), b2 * m + (1 - b2) * g
        np.testing.assert_allclose(params, p, rtol=1e-14)


def test_nadam_is_its_formula() -> None:
    b1, b2, eps, psi = 0.8, 0.9, 1e-3, 0.1
    opt, state = optim.scale_by_nadam(b1, b2, eps, psi), None
    mu = [b1 * (1 - 0.5 * 0.96 ** (t * psi)) for t in range(7)]
    m = v = 0.0
    for t in range(1, 6):
        g = np.cos(3.0 * t)
        updates, state = opt.update(g, opt.init(g) if state is None else state)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        bent = mu[t + 1] * m / (1 - np.prod(mu[1 : t + 2])) + (1 - mu[t]) * g / (1 - np.prod(mu[1 : t + 1]))
        np.testing.assert_allclose(updates, bent / (np.sqrt(v / (1 - b2**t)) + eps), rtol=1e-12)


def test_radam_is_momentum_first() -> None:
    g, opt = np.array([2.0, -1.0]), optim.scale_by_radam(b2=0.999)
    state = opt.init(g)
    for t in range(1, 8):
        updates, state = opt.update(g, state)
        assert np.allclose(updates, g) == (t <= 5)  # rho passes 5 at the sixth step


@given(GRADIENTS)
def test_a_centered_variance_is_never_negative(g: Any) -> None:
    opt = optim.scale_by_rms(decay=0.5, centered=True)
    state = opt.init(g)
    for _ in range(60):  # the mean of g**2 and the square of the mean become equal
        updates, state = opt.update(g, state)
    assert np.isfinite(updates).all()


# ---- clipping, decay, freezing
# ------------------------------------------------------------------------------------------


@given(GRADIENTS, GRADIENTS, st.floats(0.1, 20))
def test_clipping_bounds_what_it_names(a: Any, b: Any, bound: float) -> None:
    grads = {"a": a, "b": b}
    for found in tg.tree.leaves(update(optim.clip(bound), grads)):
        assert np.abs(found).max() <= bound
    for g, found in zip(tg.tree.leaves(grads), tg.tree.leaves(update(optim.clip_by_norm(bound), grads)), strict=True):
        norm = np.linalg.norm(g)
        np.testing.assert_allclose(found, g * min(1, bound / max(norm, bound)), rtol=1e-12)
    both = np.concatenate([a, b])
    found = np.concatenate(tg.tree.leaves(update(optim.clip_by_global_norm(bound), grads)))
    np.testing.assert_allclose(found, both * bound / max(np.linalg.norm(both), bound), rtol=1e-12)


@pytest.mark.parametrize("piece", [optim.clip, optim.clip_by_norm, optim.clip_by_global_norm])
def test_gradients_in_bounds_stay_to_the_bit(piece: Any) -> None:
    grads = {"a": np.array([0.1, -0.3], np.float32), "b": np.array(0.7)}
    found = update(piece(1.1), grads)
    assert found["a"].dtype == np.float32
    np.testing.assert_equal(found, grads)
    assert not any(np.any(g) for g in tg.tree.leaves(update(piece(1.0), tg.tree.map(np.zeros_like, grads))))
    tg.testing.check_grads(lambda g: update(piece(0.5), g), ({"a": np.array([0.1, -0.3]), "b": np.array(0.7)},))


def test_weight_decay_is_for_paths_that_fit() -> None:
    params = {"net": [{"w": np.array([2.0]), "b": np.array([3.0])}], "w": np.array([4.0])}
    zeros = tg.tree.map(np.zeros_like, params)
    found = update(optim.add_decayed_weights(0.5, "**/w"), zeros, params)
    assert found == {"net": [{"w": 1.0, "b": 0.0}], "w": 2.0}
    found = update(optim.adamw(0.1, weight_decay=0.5, pattern="net/**"), zeros, params)
    assert found == {"net": [{"w": -0.1, "b": -0.15000000000000002}], "w": 0.0}


def test_frozen_leaves_get_updates_of_exactly_zero() -> None:
    params = {"head": np.ones(2), "body": [np.ones(2), np.ones(1)]}
    opt = optim.chain(optim.adamw(0.1), optim.freeze("body/**"))
    for grads in params, tg.tree.map(lambda p: p * np.nan, params):
        found = update(opt, grads, params)
        assert all(x.tolist() == [0.0] * len(x) for x in found["body"])
        assert (found["head"] != 0).all()


def test_a_pattern_that_fits_nothing_is_refused() -> None:
    params = {"encoder": [np.ones(1)], "head": np.ones(1)}
    for opt in optim.freeze("encodr/**"), optim.add_decayed_weights(0.1, "encodr/**"), optim.lion(0.1, pattern="x"):
        with pytest.raises(ArgumentError, match="fits none of the paths of the tree, which are encoder/0, head"):
            update(opt, params, params)


# ---- means over steps
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", [None, "numpy", "numba"])
def test_accumulated_gradients_are_one_batch(backend: Any) -> None:
    inner = optim.chain(optim.adamw(optim.linear(0.1, 0.0, 5)), optim.average_weights(0.5))
    opt, params = optim.accumulate(inner, every=3), {"w": np.array([1.0, -2.0], np.float32), "b": np.array(0.5)}
    one = opt.update if backend is None else tg.jit(opt.update, backend=backend)
    expected, expected_state, state = params, inner.init(params), opt.init(params)
    for _ in range(3):
        grads = [{"w": np.array([k, 1 / k], np.float32), "b": np.array(-1.0 * k)} for k in (1, 2, 6)]
        for g in grads:
            before, (updates, state) = params, one(g, state, params)
            params = optim.apply_updates(params, updates)
            assert g is grads[-1] or all(np.array_equal(before[k], params[k]) for k in params)
        mean = {"w": np.array([3, (1 + 0.5 + 1 / 6) / 3], np.float32), "b": np.array(-3.0)}
        updates, expected_state = inner.update(mean, expected_state, expected)
        expected = optim.apply_updates(expected, updates)
        for key in params:
            np.testing.assert_allclose(params[key], expected[key], rtol=1e-6)
            assert params[key].dtype == expected[key].dtype
    assert optim.read(state, "step") == 3
    assert optim.read(state, "count") == 0
    np.testing.assert_allclose(optim.read(state, "average")["w"], expected_state[1].average["w"], rtol=1e-6)


def test_accumulate_of_one_is_the_optimizer() -> None:
    for steps in 1, 4:
        start = list(np.array([0.2, 0.1]))
        expected, _ = run(optim.adam(0.1), rosenbrock, start, steps)
        found, _ = run(optim.accumulate(optim.adam(0.1), 1), rosenbrock, start, steps)
        assert found == expected


def test_the_average_of_weights_is_its_formula() -> None:
    opt, params = optim.chain(optim.sgd(0.5), optim.average_weights(0.9)), np.array([1.0, 2.0], np.float32)
    state, mean = opt.init(params), params
    assert not np.shares_memory(optim.read(state, "average"), params)  # either may be donated
    for _ in range(3):
        updates, state = opt.update(params, state, params)
        params = optim.apply_updates(params, updates)
        mean = 0.9 * mean + 0.1 * params
        np.testing.assert_allclose(optim.read(state, "average"), mean, rtol=1e-6)
    assert optim.read(state, "average").dtype == np.float32


# ---- states, chains
# ---------------------------------------------------------------------------------------------------


STATES = {
    "momentum": (optim.sgd(0.1, momentum=0.9), ["velocity"]),
    "adagrad": (optim.adagrad(0.1), ["total"]),
    "rmsprop": (optim.rmsprop(0.1, centered=True), ["mean", "square"]),
    "adadelta": (optim.adadelta(), ["square", "change"]),
    "adam": (optim.adam(0.1), ["mean", "square"]),
    "nadam": (optim.nadam(0.1), ["mean", "square"]),
    "radam": (optim.radam(0.1), ["mean", "square"]),
    "lion": (optim.lion(0.1), ["mean"]),
    "accumulate": (optim.accumulate(optim.sgd(0.1), 2), ["total"]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("opt", "names"), STATES.values(), ids=list(STATES))
def test_states_begin_as_zeros_like_the_params(opt: Any, names: Any, dtype: Any) -> None:
    params = {"a": np.ones(2, dtype), "b": [np.ones((), dtype)]}
    for name in names:
        tree = optim.read(opt.init(params), name)
        assert tg.tree.structure(tree) == tg.tree.structure(params)
        assert all(x.dtype == dtype and not x.any() for x in tg.tree.leaves(tree))


def test_step_and_learning_rate_can_be_read() -> None:
    schedule = optim.inverse_time_decay(0.4, 1.0)
    for opt in optim.sgd(schedule), optim.sgd(schedule, momentum=0.9), optim.chain(optim.adam(schedule)):
        state = opt.init(np.ones(2))
        assert (optim.read(state, "step"), optim.read(state, "learning_rate")) == (0, 0.4)
        for step, rate in [(1, 0.4), (2, 0.2), (3, 0.4 / 3)]:
            _, state = opt.update(np.ones(2), state)
            assert (optim.read(state, "step"), optim.read(state, "learning_rate")) == (step, rate)
    assert tg.jit(lambda state: optim.read(state, "step") + 1)(state) == 4


def test_what_cannot_be_read() -> None:
    state = optim.adam(0.1).init(np.ones(2))
    with pytest.raises(ArgumentError, match="no field 'velocity'; there are: step, mean, square, learning_rate"):
        optim.read(state, "velocity")
    with pytest.raises(ArgumentError, match="no field 'step'; there are: none"):
        optim.read((), "step")
    two = optim.chain(optim.sgd(0.1), optim.sgd(0.2)).init(np.ones(2))
    assert optim.read(two, "step") == 0
    with pytest.raises(ArgumentError, match="2 fields of the state are named 'learning_rate' and differ"):
        optim.read(two, "learning_rate")


def test_schedule_sets_the_size_of_each_step() -> None:
    opt = optim.sgd(lambda step: [0.5, 0.25][step])
    state = opt.init(np.ones(1))
    first, state = opt.update(np.ones(1), state)
    second, state = opt.update(np.ones(1), state)
    assert (first.item(), second.item()) == (-0.5, -0.25)


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


def test_chains_nest_and_pass_keywords_on() -> None:
    opt = optim.chain(optim.chain(optim.scale(2.0), optim.trace(0.5)), optim.scale_by_learning_rate(0.1))
    updates, state = opt.update(np.ones(1), opt.init(np.ones(1)), value=1.0)
    np.testing.assert_allclose(updates, [-0.2])
    assert [len(state), len(state[0])] == [2, 2]

    def shrink(grads: Any, state: Any, params: Any = None, value: Any = None, **extra: Any) -> Any:
        return value * grads, state

    opt = optim.chain(optim.adam(1.0), optim.chain(optim.GradientTransformation(lambda params: (), shrink)))
    np.testing.assert_allclose(opt.update(np.ones(1), opt.init(np.ones(1)), value=3.0)[0], [-3.0])


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
    with pytest.raises(ShapeError, match=r"an update of shape \(2,\) does not fit params of shape \(1,\)"):
        optim.apply_updates(np.ones(1), np.ones(2))


# ---- errors
# ---------------------------------------------------------------------------------------------------

ONE = np.ones(1)
LOSS = {"value_fn": lambda x: np.sum(x * x)}


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: optim.sgd(0.1, nesterov=True), "sgd: nesterov=True needs momentum, for example momentum=0.9"),
        (lambda: optim.sgd(-0.1), "learning_rate=-0.1, expected a finite number of at least 0"),
        (lambda: optim.sgd("0.1"), "learning_rate='0.1', expected a finite number"),
        (lambda: optim.adam(np.nan), "learning_rate=nan, expected a finite number"),
        (lambda: optim.adam(0.1, b1=1.0), "scale_by_adam: b1=1.0, expected a number of at least 0 and below 1"),
        (lambda: optim.adam(0.1, b2=-0.1), "scale_by_adam: b2=-0.1, expected a number"),
        (lambda: optim.adam(0.1, eps=-1e-8), "scale_by_adam: eps=-1e-08, expected a finite number"),
        (lambda: optim.nadam(0.1, momentum_decay=-1), "scale_by_nadam: momentum_decay=-1"),
        (lambda: optim.radam(0.1, b2=0.6), "scale_by_radam: b2=0.6, expected more than 2/3"),
        (lambda: optim.lion(0.1, b2=1), "scale_by_lion: b2=1"),
        (lambda: optim.rmsprop(0.1, decay=2), "scale_by_rms: decay=2"),
        (lambda: optim.adadelta(0.1, decay=2), "scale_by_adadelta: decay=2"),
        (lambda: optim.adagrad(0.1, eps=np.inf), "scale_by_rss: eps=inf"),
        (lambda: optim.adamw(0.1, weight_decay=-1), "add_decayed_weights: weight_decay=-1"),
        (lambda: optim.trace(np.nan), "trace: decay=nan"),
        (lambda: optim.clip(0), "clip: max_abs=0, expected a finite number above 0"),
        (lambda: optim.clip_by_norm(-1), "clip_by_norm: max_norm=-1"),
        (lambda: optim.clip_by_global_norm(np.ones(2)), r"clip_by_global_norm: max_norm=array\(\[1., 1.\]\)"),
        (lambda: optim.average_weights(1.0), "average_weights: decay=1.0"),
        (lambda: optim.accumulate(optim.sgd(0.1), 0), "accumulate: every=0, expected an integer of at least 1"),
        (lambda: optim.lbfgs(memory=2.5), "lbfgs: memory=2.5, expected an integer"),
        (lambda: update(optim.adamw(0.1), ONE), "add_decayed_weights: params=None, but it needs them; call update"),
        (lambda: update(optim.lion(0.1), ONE), "add_decayed_weights: params=None"),
        (lambda: update(optim.average_weights(0.9), ONE), "average_weights: params=None"),
        (lambda: update(optim.lbfgs(), ONE), "lbfgs: params=None"),
        (lambda: update(optim.lbfgs(), ONE, ONE), "lbfgs: value_fn=None, but the line search needs the function"),
        (lambda: optim.adam(0.1).update(ONE, ()), "chain: the state has 0 entries, expected 2, one a part"),
    ],
)
def test_bad_arguments_are_refused(make: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        make()


KINDS = [
    optim.trace(0.9), optim.scale_by_rss(), optim.scale_by_rms(), optim.scale_by_adadelta(), optim.scale_by_adam(),
    optim.scale_by_nadam(), optim.scale_by_lion(), optim.scale_by_learning_rate(0.1), optim.lbfgs(),
    optim.accumulate(optim.sgd(0.1), 2), optim.average_weights(0.9),
]  # fmt: skip


@pytest.mark.parametrize("opt", KINDS)
def test_the_state_of_another_optimizer_is_refused(opt: Any) -> None:
    for other in KINDS:
        if other is not opt:
            with pytest.raises(ArgumentError, match="a state belongs to the optimizer whose init made it"):
                opt.update(ONE, other.init(ONE), ONE, **LOSS)


@pytest.mark.parametrize("opt", [*KINDS, optim.adamw(0.1)])
def test_trees_that_differ_are_refused(opt: Any) -> None:
    def both(params: Any, grads: Any) -> Any:
        updates, _ = opt.update(grads, opt.init(params), params, **LOSS)
        return optim.apply_updates(params, updates)

    both(ONE, ONE)
    with pytest.raises(TreeError, match="structure"):
        both(ONE, [ONE])
    with pytest.raises(TreeError, match="structure"):
        both([ONE, ONE], [ONE])


def test_updates_of_another_shape_are_not_broadcast() -> None:
    with pytest.raises(tg.errors.ShapeError, match=r"an update of shape \(1,\) does not fit params of shape \(3,\)"):
        tg.optim.apply_updates({"a": np.ones(3)}, {"a": np.ones(1)})


@pytest.mark.parametrize("make", [tg.optim.adam, tg.optim.nadam, tg.optim.radam, tg.optim.adamw])
def test_many_seeds_stay_float32(make: Any) -> None:
    params = np.ones((3, 2), np.float32)
    opt = tg.optim.accumulate(make(0.1), 2)
    state = tg.vmap(opt.init)(params)
    updates, _ = tg.vmap(opt.update)(params, state, params)
    assert updates.dtype == np.float32


def test_chain_wants_what_a_call_gives() -> None:
    with pytest.raises(
        tg.errors.ArgumentError, match=r"chain: part 1 is adam, expected what an optimizer's call gives"
    ):
        tg.optim.chain(tg.optim.clip(1.0), tg.optim.adam)  # type: ignore[arg-type]
    with pytest.raises(tg.errors.ArgumentError, match=r'tree\.match: pattern=3, expected a string such as "encoder/'):
        tg.losses.l2({"w": np.ones(2)}, 3)  # type: ignore[arg-type]
