"""Penalties: which weights count, derivatives, dtypes."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import losses
from tinygrad_scratch.core.errors import ArgumentError

PARAMS: Any = [{"w": np.array([[1.0, -2.0]]), "b": np.array([0.0, 3.0])}, (), {"w": np.array([[-4.0], [0.0]])}]


@pytest.mark.parametrize(
    ("pattern", "one", "two"), [("**", 10, 30), ("**/w", 7, 21), ("0/*", 6, 14), ("*/b", 3, 9), ("2/**", 4, 16)]
)
def test_penalties_of_what_fits(pattern: str, one: float, two: float) -> None:
    assert losses.l1(PARAMS, pattern) == one
    assert losses.l2(PARAMS, pattern) == two


def test_gradients_are_the_sign_and_twice_the_weight() -> None:
    by_l1, by_l2 = tg.grad(losses.l1)(PARAMS, "**/w"), tg.grad(losses.l2)(PARAMS, "**/w")
    for net, f in ((by_l1, np.sign), (by_l2, lambda w: 2 * w)):
        np.testing.assert_array_equal(net[0]["w"], f(PARAMS[0]["w"]))
        np.testing.assert_array_equal(net[2]["w"], f(PARAMS[2]["w"]))
        np.testing.assert_array_equal(net[0]["b"], 0)
    tg.testing.check_grads(losses.l2, (PARAMS,))


@pytest.mark.parametrize("penalty", [losses.l1, losses.l2])
def test_penalties_in_float32_under_jit_and_vmap(penalty: Any) -> None:
    params = tg.tree.map(lambda w: w.astype(np.float32), PARAMS)
    f = tg.value_and_grad(lambda params: penalty(params, "**/w"))
    found, expected = tg.tree.leaves(tg.jit(f)(params)), tg.tree.leaves(f(params))
    assert {x.dtype for x in found} == {np.dtype(np.float32)}
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    stacked = tg.tree.map(lambda w: np.stack([w, 2 * w]), params)
    np.testing.assert_allclose(
        tg.vmap(penalty)(stacked), [penalty(params), penalty(params) * (2 if penalty is losses.l1 else 4)]
    )


def test_a_pattern_that_fits_nothing_is_refused() -> None:
    with pytest.raises(
        ArgumentError, match=r"'\*\*/weights' fits none of the paths of the tree, which are 0/b, 0/w, 2/w"
    ):
        losses.l1(PARAMS, "**/weights")
