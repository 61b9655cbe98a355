"""A net, a loss and an optimizer as the pure functions that training consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from .. import random
from ..core.errors import ShapeError
from ..nn import Layer
from ..optim import GradientTransformation, apply_updates
from ..transforms.grad import value_and_grad

Measure = Callable[[Any, Any], Any]


class TrainState(NamedTuple):
    """All that training changes: weights, states of net and optimizer, the key of dropout, the number of the step."""

    params: Any
    net_state: Any
    opt_state: Any
    key: Any
    step: Any


class Task(NamedTuple):
    """The pure functions that `supervised` makes; logs are dicts of numbers, means over the examples of the batch.

    init       (key, input_shape) -> state
    step       (state, x, targets[, weights]) -> state, logs
    evaluate   (state, x, targets[, weights]) -> logs
    predict    (state, x) -> outputs
    """

    init: Callable[..., TrainState]
    step: Callable[..., tuple[TrainState, dict[str, Any]]]
    evaluate: Callable[..., dict[str, Any]]
    predict: Callable[..., Any]


def supervised(
    net: Layer,
    loss: Measure,
    optimizer: GradientTransformation,
    metrics: Mapping[str, Measure] | None = None,
    penalty: Callable[[Any], Any] | None = None,
) -> Task:
    """The functions that train `net` so that the mean of `loss(outputs, targets)`, one value an example, gets small.

    `metrics`: more of such functions, or of those that give one number a batch, such as `tg.metrics.accuracy`; their
    means are logged under their names. `penalty(params)`, one number, is added to what is minimised and logged apart,
    as "penalty"; "loss" is the mean loss alone. Each example may have a weight: its loss is multiplied by it, and
    metrics of single examples are weighted means. Raises ShapeError for weights of another shape than the losses.
    """
    measured = dict(metrics or {})

    def run(params: Any, state: TrainState, train: bool, x: Any, targets: Any, weights: Any = None) -> Any:
        """What is minimised, the state of the net afterwards, and the logs."""
        key = random.fold_in(state.key, state.step) if train else None
        outputs, net_state = net.apply(params, state.net_state, x, key=key, train=train)
        losses = loss(outputs, targets)
        if weights is not None and np.shape(weights) != np.shape(losses):
            raise ShapeError(
                f"supervised: weights of shape {np.shape(weights)}, expected {np.shape(losses)}, one an example"
            )
        value = np.mean(losses if weights is None else losses * weights)
        logs = {"loss": value, **{name: _mean(f(outputs, targets), weights) for name, f in measured.items()}}
        if penalty is None:
            return value, (net_state, logs)
        extra = penalty(params)
        return value + extra, (net_state, {**logs, "penalty": extra})

    def init(key: Any, input_shape: Any) -> TrainState:
        for_net, for_steps = random.split(key)
        params, net_state = net.init(for_net, input_shape)
        return TrainState(params, net_state, optimizer.init(params), for_steps, 0)

    def step(state: TrainState, *batch: Any) -> tuple[TrainState, dict[str, Any]]:
        def total(params: Any) -> Any:
            return run(params, state, True, *batch)

        (value, (net_state, logs)), grads = value_and_grad(total, has_aux=True)(state.params)
        updates, opt_state = optimizer.update(
            grads, state.opt_state, state.params, value=value, value_fn=lambda params: total(params)[0]
        )
        params = apply_updates(state.params, updates)
        return TrainState(params, net_state, opt_state, state.key, state.step + 1), logs

    def evaluate(state: TrainState, *batch: Any) -> dict[str, Any]:
        return run(state.params, state, False, *batch)[1][1]  # type: ignore[no-any-return]

    def predict(state: TrainState, x: Any) -> Any:
        return net.apply(state.params, state.net_state, x)[0]

    return Task(init, step, evaluate, predict)


def _mean(values: Any, weights: Any) -> Any:
    if weights is None or not np.shape(values):
        return np.mean(values)
    total = np.sum(weights)
    return np.sum(values * weights) / np.where(total > 0, total, 1)
