"""The rows of the table: what is computed, on what, from where; `sides` makes the step of each library of it.

A training row goes from params to params, the step of the optimizer included; a formula has no optimizer, and its loss
and gradient are asked for. Params are a flat list of arrays. All is float32 but the formulas, which are float64.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import handwritten, handwritten_formulas, handwritten_models, models

Array = Any


class Row(NamedTuple):
    """`by_hand(params, *data) -> loss, gradients` and `loss(lib, params, *data)`, which must agree.

    optimizer    "sgd", "adam", or None: the loss and its gradient are all
    needs        the fields of `models.Library` without which a library cannot take part
    products     floating point operations of the matrix products
    traffic      bytes that must at least be read and written, for a row that is bound by memory
    """

    name: str
    params: list[Array]
    data: tuple[Array, ...]
    by_hand: Callable[..., tuple[Any, list[Array]]]
    loss: Callable[..., Any]
    optimizer: str | None = None
    needs: tuple[str, ...] = ()
    products: float = 0
    traffic: float = 0


def _normal(rng: np.random.Generator, *shape: int) -> Array:
    """float32, of variance 1 / fan-in."""
    fan_in = int(np.prod(shape[:-1]))
    return (rng.normal(size=shape) / fan_in**0.5).astype(np.float32)


def _zeros(*shape: int) -> Array:
    return np.zeros(shape, np.float32)


def _training(first: float, *rest: float) -> float:
    """Operations of products (m n k each) in both passes; nothing asks for the gradient of the data in the first."""
    return 2 * (2 * first + 3 * sum(rest))


def sigmoid_row(*sizes: int) -> Row:
    """Full batch of 4, no bias, sigmoid, sum of squares, SGD."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=s).astype(np.float32) for s in itertools.pairwise(sizes)]
    x, y = rng.normal(size=(4, sizes[0])).astype(np.float32), rng.random((4, sizes[-1])).astype(np.float32)
    return Row(
        "-".join(map(str, sizes)) + " sigmoid, batch 4, SGD",
        weights,
        (x, y),
        handwritten.sigmoid_net,
        models.sigmoid_net,
        "sgd",
        products=_training(*[4 * n * m for n, m in itertools.pairwise(sizes)]),
    )


def classifier_row(batch: int, *sizes: int) -> Row:
    """A mini-batch, dense and relu, softmax and cross-entropy, Adam. Inputs are normal, so that no unit is dead for the
    whole batch: its mean gradient would decay to denormal numbers.
    """
    rng = np.random.default_rng(0)
    shapes = list(itertools.pairwise(sizes))

    def by_hand(params: list[Array], x: Array, labels: Array) -> tuple[Any, list[Array]]:
        loss, gradients = handwritten.classifier(list(zip(params[::2], params[1::2], strict=True)), x, labels)
        return loss, [g for pair in gradients for g in pair]

    return Row(
        "-".join(map(str, sizes)) + f" relu, batch {batch}, Adam",
        [v for n, m in shapes for v in (_normal(rng, n, m), _zeros(m))],
        (rng.normal(size=(batch, sizes[0])).astype(np.float32), rng.integers(0, sizes[-1], batch)),
        by_hand,
        models.classifier,
        "adam",
        products=_training(*[batch * n * m for n, m in shapes]),
    )


def black_scholes_row(n: int = 1_000_000, by_tanh: bool = False) -> Row:
    """n calls: arrays of spot, strike, time and volatility, and one interest rate; the gradient of all five. The normal
    distribution is written with erf, or with tanh, as libraries without erf do.
    """
    rng = np.random.default_rng(0)
    spot, strike = rng.uniform(50, 150, (2, n))
    time, volatility = rng.uniform(0.1, 2, n), rng.uniform(0.1, 0.5, n)
    cdf = handwritten_formulas.normal_by_tanh if by_tanh else handwritten_formulas.normal

    def by_hand(inputs: list[Array]) -> tuple[Any, list[Array]]:
        return handwritten_formulas.black_scholes(inputs, cdf)

    return Row(
        f"Black-Scholes sum and gradient by {'tanh' if by_tanh else 'erf'}, {n:,} float64",
        [spot, strike, time, volatility, np.array(0.03)],
        (),
        by_hand,
        models.black_scholes_by_tanh if by_tanh else models.black_scholes,
        needs=() if by_tanh else ("erf",),
        traffic=8 * 8 * n,
    )


def rosenbrock_row(n: int = 100_000) -> Row:
    """One array of n float64."""
    x = np.random.default_rng(0).normal(size=n)
    row = handwritten_formulas.rosenbrock, models.rosenbrock
    return Row(f"Rosenbrock value and gradient, {n:,} float64", [x], (), *row, traffic=2 * 8 * n)


def logistic_row(n: int = 20_000, features: int = 100) -> Row:
    """Labels of -1 and 1, no bias."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(n, features)), rng.normal(size=features) / features**0.5
    return Row(
        f"logistic regression, {n:,} x {features} float64",
        [w],
        (x, np.sign(rng.normal(size=n))),
        handwritten_formulas.logistic,
        models.logistic,
        traffic=8 * n * features,
    )


def cnn_row(batch: int = 64, side: int = 28, channels: tuple[int, int] = (16, 32)) -> Row:
    """One channel in, 3x3 windows with zeros around (so 28, 14, 7), relu, 2x2 max pooling, dense to 10, Adam."""
    rng = np.random.default_rng(0)
    a, b = channels
    pixels = side * side
    flat = pixels // 16 * b
    params = [_normal(rng, 3, 3, 1, a), _zeros(a), _normal(rng, 3, 3, a, b), _zeros(b), _normal(rng, flat, 10)]
    return Row(
        f"CNN {side}x{side}, {a} and {b} channels, batch {batch}, Adam",
        [*params, _zeros(10)],
        (rng.normal(size=(batch, side, side, 1)).astype(np.float32), rng.integers(0, 10, batch)),
        handwritten_models.cnn,
        models.cnn,
        "adam",
        ("conv", "max_pool"),
        _training(batch * pixels * 9 * a, batch * pixels / 4 * 9 * a * b, batch * flat * 10),
    )


def lstm_row(batch: int = 32, steps: int = 64, inputs: int = 32, hidden: int = 128) -> Row:
    """Inputs of 32, hidden 128, dense from the last output to 10 classes, SGD."""
    rng = np.random.default_rng(0)
    params = [_normal(rng, inputs, 4 * hidden), _normal(rng, hidden, 4 * hidden), _zeros(4 * hidden)]
    return Row(
        f"LSTM {inputs}-{hidden}, {steps} steps, batch {batch}, SGD",
        [*params, _normal(rng, hidden, 10), _zeros(10)],
        (rng.normal(size=(steps, batch, inputs)).astype(np.float32), rng.integers(0, 10, batch)),
        handwritten_models.lstm,
        models.lstm,
        "sgd",
        products=_training(*[steps * batch * n * 4 * hidden for n in (inputs, hidden)], batch * hidden * 10),
    )


def transformer_row(batch: int = 16, tokens: int = 64, width: int = 128) -> Row:
    """An encoder block, norms first, 4 heads, gelu (by tanh), inner width four times the width, squared error, SGD."""
    rng = np.random.default_rng(0)
    ones = np.ones(width, np.float32)
    params = [ones, _zeros(width), _normal(rng, width, 3 * width), _zeros(3 * width), _normal(rng, width, width)]
    params += [_zeros(width), ones, _zeros(width), _normal(rng, width, 4 * width), _zeros(4 * width)]
    n = batch * tokens
    return Row(
        f"transformer block {width}, {tokens} tokens, batch {batch}, SGD",
        [*params, _normal(rng, 4 * width, width), _zeros(width)],
        tuple(rng.normal(size=(2, batch, tokens, width)).astype(np.float32)),
        handwritten_models.transformer,
        models.transformer,
        "sgd",
        products=_training(0, n * width * 12 * width, 2 * n * tokens * width),
    )


ROWS: dict[str, Callable[[], Row]] = {
    "xor": lambda: sigmoid_row(2, 8, 1),
    "xor-deep": lambda: sigmoid_row(3, 8, 16, 8, 8, 8, 1),
    "spiral": lambda: classifier_row(300, 2, 64, 3),
    "mnist": lambda: classifier_row(64, 784, 128, 10),
    "mnist-wide": lambda: classifier_row(256, 784, 512, 512, 10),
    "black-scholes": lambda: black_scholes_row(by_tanh=True),
    "black-scholes-erf": black_scholes_row,
    "rosenbrock": rosenbrock_row,
    "logistic": logistic_row,
    "cnn": cnn_row,
    "lstm": lstm_row,
    "transformer": transformer_row,
}
TRAINING = ("xor", "xor-deep", "spiral", "mnist", "mnist-wide")
