"""What is rough, or hidden by rounding, is no pass."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_gradient

from .verdicts import X5, fails, squares, undecided


def detached(x: Any) -> Any:
    return np.random.normal(size=x.shape)


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (detached, "the gradient, order 1, is not deterministic: asked for twice"),
        (lambda x: np.where(x == X5, -2 * x, 2 * x), "changes by up to .* between neighbours"),
        (lambda x: (2 * x).astype(np.float32).astype(float), "changes by up to .* became float32"),
        (lambda x: np.round(2 * x, 5), "digits agree|changes by up to"),
        (lambda x: 2 * x + 1e-9 * np.sin(1e20 * x), "changes by up to"),
    ],
)
def test_a_rough_gradient_is_no_pass(gradient: Any, words: str) -> None:
    with fails(words):
        check_gradient(squares, gradient, (X5,))


def test_what_rounding_hides_is_undecided() -> None:
    def hidden(x: Any) -> Any:
        return 1e16 + np.sum(x * x)

    with undecided("f does not move by more than its rounding, which hides its slope"):
        check_gradient(hidden, lambda x: 10 * x, (X5,))
    check_gradient(lambda x: np.sum(0 * x) + 1e16, lambda x: 0 * x, (X5,))


def test_at_a_nearly_singular_matrix_wrong_is_never_right() -> None:
    hilbert = 1 / (np.arange(8)[:, None] + np.arange(8) + 1.0)

    def solved(a: Any) -> Any:
        return np.sum(np.linalg.solve(a, np.ones(8)) ** 2)

    check_gradient(solved, tg.grad(solved), (hilbert,))
    for factor in (2, -1, 0):
        with fails("cannot tell|digits agree"):
            check_gradient(solved, lambda a, factor=factor: factor * tg.grad(solved)(a), (hilbert,))
