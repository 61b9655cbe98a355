"""The engine's gradients equal backprop written by hand, and a wrong published derivative does not."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from benchmarks import handwritten, models, rows

SIZES = st.lists(st.integers(1, 6), min_size=2, max_size=5)


def close(found: Any, expected: Any) -> bool:
    pairs = zip(tg.tree.leaves(found), tg.tree.leaves(expected), strict=True)
    return all(np.max(np.abs(f - e), initial=0) <= 1e-10 for f, e in pairs)


def forward(weights: list[Any], x: Any, bias: bool = False) -> Any:
    a = x
    for w in weights:
        a = np.concatenate([a, np.ones(1)]) if bias else a
        a = 1 / (1 + np.exp(-(a @ w)))
    return a


def make(sizes: list[int], seed: int, extra: int = 0) -> tuple[np.random.Generator, list[Any]]:
    rng = np.random.default_rng(seed)
    return rng, [rng.normal(size=(n + extra, m)) for n, m in itertools.pairwise(sizes)]


@given(SIZES, st.integers(0, 2**31))
def test_sigmoid_net(sizes: list[int], seed: int) -> None:
    rng, weights = make(sizes, seed)
    x, y = rng.normal(size=(4, sizes[0])), rng.random((4, sizes[-1]))
    ours = tg.value_and_grad(lambda ws: np.sum((forward(ws, x) - y) ** 2))(weights)
    assert close(ours, handwritten.sigmoid_net(weights, x, y))


@pytest.mark.parametrize("sizes", [[2, 8, 1], [3, 8, 16, 8, 8, 8, 1]])
def test_published_derivative_is_wrong(sizes: list[int]) -> None:
    rng, weights = make(sizes, 0)
    x, y = rng.normal(size=(4, sizes[0])), rng.random((4, sizes[-1]))
    ours = tg.grad(lambda ws: np.sum((forward(ws, x) - y) ** 2))(weights)
    assert close(ours, handwritten.sigmoid_net(weights, x, y)[1])
    assert not close(ours, handwritten.sigmoid_net_as_published(weights, x, y)[1])


@given(SIZES, st.integers(0, 2**31))
def test_one_sample_with_bias(sizes: list[int], seed: int) -> None:
    rng, weights = make(sizes, seed, extra=1)
    x, y = rng.normal(size=sizes[0]), rng.random(sizes[-1])
    ours = tg.value_and_grad(lambda ws: np.sum((forward(ws, x, bias=True) - y) ** 2))(weights)
    assert close(ours, handwritten.one_sample(weights, x, y))


@given(SIZES, st.integers(0, 2**31), st.booleans(), st.sampled_from([0.0, 1e-3]), st.sampled_from([0.0, 5e-4]))
def test_classifier(sizes: list[int], seed: int, drop: bool, l1: float, l2: float) -> None:
    rng, weights = make(sizes, seed)
    params = [(w, rng.normal(size=w.shape[1])) for w in weights]
    x, labels = rng.normal(size=(7, sizes[0])), rng.integers(0, sizes[-1], 7)
    masks = [(rng.random((7, n)) < 0.8) / 0.8 for n in sizes[1:-1]] if drop else None

    def loss(params: Any) -> Any:
        h = x
        for k, (w, b) in enumerate(params):
            h = h @ w + b
            if k < len(params) - 1:
                h = tg.nn.relu(h)
                h = h if masks is None else h * masks[k]
        data = np.mean(tg.losses.softmax_cross_entropy(h, labels))
        return data + sum(l1 * np.sum(np.abs(v)) + l2 * np.sum(v**2) for v in tg.tree.leaves(params))

    assert close(tg.value_and_grad(loss)(params), handwritten.classifier(params, x, labels, masks, l1, l2))


NEW_ROWS = {
    "black-scholes": lambda: rows.black_scholes_row(20),
    "rosenbrock": lambda: rows.rosenbrock_row(20),
    "logistic": lambda: rows.logistic_row(30, 4),
    "cnn": lambda: rows.cnn_row(3, 8, (2, 4)),
    "lstm": lambda: rows.lstm_row(3, 5, 2, 4),
    "transformer": lambda: rows.transformer_row(2, 5, 8),
}


@pytest.mark.parametrize("name", NEW_ROWS)
@given(seed=st.integers(0, 2**31))
def test_rows_of_the_table(name: str, seed: int) -> None:
    rng, row = np.random.default_rng(seed), NEW_ROWS[name]()
    params = [p.astype(float) * (1 + 0.1 * rng.random(p.shape)) for p in row.params]
    if row.optimizer:  # biases start as zeros, which would hide a mistake
        params = [p + 0.1 * rng.normal(size=p.shape) for p in params]
    data = [d.astype(float) if d.dtype.kind == "f" else d for d in row.data]
    ours = tg.value_and_grad(lambda params: row.loss(models.EAGER, params, *data))(params)
    loss, gradients = row.by_hand(params, *data)
    np.testing.assert_allclose(ours[0], loss, rtol=1e-12)
    assert close(ours[1], gradients)


def test_optimizers_step_as_by_hand() -> None:
    rng = np.random.default_rng(0)
    params = [rng.normal(size=(3, 2)), rng.normal(size=2)]
    zeros = [np.zeros_like(p) for p in params]
    steps = [[rng.normal(size=p.shape) for p in params] for _ in range(5)]
    cases = [
        (tg.optim.sgd(0.1), lambda p, g, s: (handwritten.sgd(p, g, 0.1), s), None),
        (tg.optim.sgd(0.1, momentum=0.9), lambda p, g, s: handwritten.sgd_momentum(p, g, s, 0.1, 0.9), zeros),
        (tg.optim.adam(0.01), lambda p, g, s: handwritten.adam(p, g, s, 0.01), handwritten.Adam(0, zeros, zeros)),
    ]
    for opt, by_hand, hand_state in cases:
        ours, theirs, state = params, params, opt.init(params)
        for g in steps:
            updates, state = opt.update(g, state, ours)
            ours = tg.optim.apply_updates(ours, updates)
            theirs, hand_state = by_hand(theirs, g, hand_state)
        assert close(ours, theirs)


def test_first_steps_of_adagrad_and_rmsprop_have_the_size_of_their_formula() -> None:
    params, gradients, zeros = [np.zeros(3)], [np.array([0.5, -2.0, 1e-3])], [np.zeros(3)]
    size = np.abs(gradients[0])
    (w,), (cache,) = handwritten.adagrad(params, gradients, zeros, lr=0.1)
    np.testing.assert_allclose(w, -0.1 * gradients[0] / (size + 1e-7), rtol=1e-12)
    np.testing.assert_allclose(cache, size**2, rtol=1e-12)
    (w,), (cache,) = handwritten.rmsprop(params, gradients, zeros, lr=0.1, rho=0.75)
    np.testing.assert_allclose(w, -0.1 * gradients[0] / (size / 2 + 1e-7), rtol=1e-12)
    np.testing.assert_allclose(cache, size**2 / 4, rtol=1e-12)
