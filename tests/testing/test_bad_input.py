"""Functions and gradients that cannot be checked each get their own sentence, and are no pass."""

from typing import Any

import numpy as np
import pytest

from tinygrad_scratch.testing import check_gradient, check_grads

from .verdicts import X5, fails, undecided


def spoils(x: Any) -> Any:
    x *= 2
    return np.sum(x)


class Counter:
    def __init__(self) -> None:
        self.n = 0.0

    def __call__(self, x: Any) -> Any:
        self.n += 1
        return x * self.n


def broken(x: Any) -> Any:
    raise KeyError("weights")


@pytest.mark.parametrize(
    ("f", "x", "words"),
    [
        (Counter(), 1.0, "f is not deterministic: two answers at the same arguments differ by"),
        (lambda x: 3, 1.0, "the answer of f is int64, which has no derivative"),
        (lambda x: np.argmax(x), np.ones(3), "the answer of f is int64, which has no derivative"),
        (lambda x: None, 1.0, "f returned None"),
        (lambda x: "high", 1.0, "the answer of f is 'high'"),
        (lambda x: (), 1.0, "which holds no array"),
        (lambda x: object(), 1.0, "f returned what is no tree of arrays"),
        (lambda x: {"a": x, "n": 3}, 1.0, "leaf 'n' of the answer of f is int64"),
        (spoils, np.ones(3), "f changes its argument 0 in place"),
        (broken, 1.0, "f raised KeyError at the arguments: 'weights'"),
        (lambda x: x * np.nan, 1.0, "f gave nan at the answer"),
        (np.log, np.array([1.0, 0.0]), r"f gave -inf at the answer, element \[1\] of shape \(2,\)"),
        (np.sqrt, 0.0, "finite at the arguments, but not near them on both sides"),
        (np.floor, 1.0, "f jumps at the arguments"),
        (np.sin, np.inf, "inf at argument 0, so there is nothing to check"),
        (lambda x: x * (1 + 1e-3 * np.sin(1e20 * x)), 1.0, "cannot tell whether the derivative by argument 0 is right"),
        (lambda x: np.nonzero(x > 0.999)[0] * x[x > 0.999], np.ones(3), "its shape depends on values|raised"),
    ],
)
def test_bad_functions_are_never_a_pass(f: Any, x: Any, words: str) -> None:
    with undecided(words), np.errstate(all="ignore"):
        check_grads(f, (x,))
    with undecided(words + "|expected one"), np.errstate(all="ignore"):
        check_gradient(f, lambda x: x, (x,))


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (broken, "the gradient raised KeyError"),
        (lambda p: [p["a"], p["b"]], "the gradient has the structure"),
        (lambda p: {"a": p["a"]}, "the gradient has the structure"),
        (lambda p: {"a": None, "b": p["b"]}, "the gradient has the structure"),
        (lambda p: p["a"].fill(0), "the gradient changes its argument 0, leaf 'a' in place"),
        (lambda p: {"a": "high", "b": p["b"]}, "leaf 'a' is 'high'"),
    ],
)
def test_bad_gradients_are_never_a_pass(gradient: Any, words: str) -> None:
    with fails(words):
        check_gradient(lambda p: np.sum(p["a"] * p["b"]), gradient, ({"a": np.ones(2), "b": np.ones(2)},))


def test_containers_that_f_changes_are_told() -> None:
    def f(d: Any) -> Any:
        d["more"] = 1.0
        return np.sum(d["a"])

    with undecided("adds to or takes from a container"):
        check_grads(f, ({"a": X5},))


def test_a_function_without_a_rule_is_undecided() -> None:
    with undecided("reverse mode of f raised MissingRuleError"):
        check_grads(lambda x: np.linalg.qr(x, "raw")[0], (np.eye(2),))
