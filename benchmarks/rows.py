"""The rows of the table: one training step each, by hand and with the engine, from the same start.

A step takes its state (params, and what the optimizer keeps) to the next. Learning rates are tiny, since a net trained
to the end on one batch makes denormal numbers, which are slow.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import tinygrad_scratch as tg

from . import handwritten

LR = 1e-6


class Row(NamedTuple):
    """A training step: its name, the state to start from, and `step(state) -> state` a side."""

    name: str
    start: dict[str, Any]
    steps: dict[str, Callable[[Any], Any]]


def sigmoid_row(*sizes: int) -> Row:
    """Full batch of 4, no bias, sigmoid, sum of squares, SGD; float32."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=s).astype(np.float32) for s in itertools.pairwise(sizes)]
    x, y = rng.normal(size=(4, sizes[0])).astype(np.float32), rng.random((4, sizes[-1])).astype(np.float32)

    def loss(weights: Any, x: Any, y: Any) -> Any:
        a = x
        for w in weights:
            a = 1 / (1 + np.exp(-(a @ w)))
        return np.sum((a - y) ** 2)

    loss_and_gradient = tg.value_and_grad(loss)

    def by_hand(weights: Any) -> Any:
        _, gradients = handwritten.sigmoid_net(weights, x, y)
        return handwritten.sgd(weights, gradients, LR)

    def eager(weights: Any) -> Any:
        _, gradients = loss_and_gradient(weights, x, y)
        return handwritten.sgd(weights, gradients, LR)

    name = "-".join(map(str, sizes)) + " sigmoid, batch 4, SGD"
    return Row(name, {"hand": weights, "eager": weights}, {"hand": by_hand, "eager": eager})


def classifier_row(batch: int, *sizes: int) -> Row:
    """A mini-batch, dense and relu, softmax and cross-entropy, Adam; float32."""
    rng = np.random.default_rng(0)
    shapes = list(itertools.pairwise(sizes))
    params = [(rng.normal(size=s).astype(np.float32) / s[0] ** 0.5, np.zeros(s[1], np.float32)) for s in shapes]
    x = rng.random((batch, sizes[0])).astype(np.float32)
    labels = rng.integers(0, sizes[-1], batch)
    nn = tg.nn.functional

    def loss(params: Any, x: Any, labels: Any) -> Any:
        *hidden, last = params
        for w, b in hidden:
            x = nn.relu(nn.dense(x, w, b))
        return np.mean(tg.losses.softmax_cross_entropy(nn.dense(x, *last), labels))

    loss_and_gradient = tg.value_and_grad(loss)
    opt = tg.optim.adam(LR)

    def eager(state: Any) -> Any:
        params, opt_state = state
        _, gradients = loss_and_gradient(params, x, labels)
        updates, opt_state = opt.update(gradients, opt_state, params)
        return tg.optim.apply_updates(params, updates), opt_state

    def by_hand(state: Any) -> Any:
        params, adam = state
        _, gradients = handwritten.classifier(params, x, labels)
        flat, adam = handwritten.adam([v for wb in params for v in wb], [g for gs in gradients for g in gs], adam, LR)
        return list(zip(flat[::2], flat[1::2], strict=True)), adam

    zeros = [np.zeros_like(v) for wb in params for v in wb]
    start = {"hand": (params, handwritten.Adam(0, zeros, zeros)), "eager": (params, opt.init(params))}
    return Row("-".join(map(str, sizes)) + f" relu, batch {batch}, Adam", start, {"hand": by_hand, "eager": eager})


def training_rows() -> list[Row]:
    """The five training steps."""
    return [
        sigmoid_row(2, 8, 1),
        sigmoid_row(3, 8, 16, 8, 8, 8, 1),
        classifier_row(300, 2, 64, 3),
        classifier_row(64, 784, 128, 10),
        classifier_row(256, 784, 512, 512, 10),
    ]
