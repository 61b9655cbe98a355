"""What a failure says: where, how much, and why."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_gradient

from .verdicts import fails

RNG = np.random.default_rng(0)

X, W = RNG.normal(size=(6, 4)), {"w": RNG.normal(size=(4, 4)), "b": RNG.normal(size=4), "c": RNG.normal(size=4)}


def layer(p: Any, x: Any) -> Any:
    return np.sum(np.tanh(x @ p["w"] + p["b"]) ** 2 * np.exp(p["c"]))


RIGHT = tg.grad(layer)(W, X)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"w": -RIGHT["w"]}, r"leaf 'w', element \[\d, \d\] of shape \(4, 4\): .* The sign is wrong"),
        ({"w": RIGHT["w"].T}, "right when its last two axes are swapped: look for a missing transpose"),
        ({"b": RIGHT["c"]}, "leaf 'b'.* The numbers are those of argument 0, leaf 'c'"),
        (
            {"b": RIGHT["b"] / 6},
            "times what it should be: look for a factor 6, the length of an axis: a mean for a sum",
        ),
        ({"b": RIGHT["b"] * 3}, "The gradient is 3 times what it should be: look for a factor"),
        ({"b": RIGHT["b"][::-1]}, "It is right when it is reversed"),
        ({"c": 0 * RIGHT["c"]}, "The gradient is zero"),
        ({"c": RIGHT["c"].astype(np.float32).astype(float)}, "About seven digits agree: look for a lost dtype"),
        ({"c": RIGHT["c"] * np.nan}, "found nan.* The gradient is not finite"),
        (
            {"b": np.ones((6, 4))},
            r"leaf 'b' has shape \(6, 4\), expected \(4,\): a sum over the axes along which it was",
        ),
    ],
)
def test_failures_guess_the_cause(change: Any, words: str) -> None:
    check_gradient(layer, lambda p, x: RIGHT, (W, X))
    with fails(words):
        check_gradient(layer, lambda p, x: {**RIGHT, **change}, (W, X))
