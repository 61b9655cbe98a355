"""Identities between derivatives: right functions keep them, wrong rules break the one that sees them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_identities, strategies
from tinygrad_scratch.testing.identities import IDENTITIES


@settings(max_examples=settings().max_examples // 3)
@given(strategies.programs(3, 8))
def test_random_programs_keep_them(program: Any) -> None:
    check_identities(program, program.args, [name for name in IDENTITIES if name != "vmap as a loop"])


def test_a_derivative_that_is_all_rounding_keeps_them() -> None:
    check_identities(lambda x: np.logaddexp(4 * np.sum(x), 4 * np.sum(x)), (np.array([0.903, 0.094, -0.743, -0.922]),))


def test_right_functions_keep_them() -> None:
    p = {"w": np.ones((3, 2)), "b": np.zeros(2)}
    report = check_identities(lambda p, x: np.tanh(x @ p["w"] + p["b"]), (p, np.arange(12.0).reshape(4, 3) / 10))
    assert report.comparisons > 20


def primitive(name: str, **rules: Any) -> Any:
    right = {
        "vjps": [lambda g, ans, x: g * np.cos(x)],
        "jvp": lambda ts, ans, x: ts[0] * np.cos(x),
        "batch": lambda args, batched: np.sin(args[0]),
    }
    return tg.Primitive(name, lambda x: np.sin(x), **{**right, **rules})


@pytest.mark.parametrize(
    ("f", "identity"),
    [
        (primitive("sin_a", jvp=lambda ts, ans, x: ts[0] * np.cos(x) * 1.000001), "<g, J t> = <J^T g, t>"),
        (primitive("sin_b", vjps=[lambda g, ans, x: g * g * np.cos(x)]), "vjp is linear"),
        (primitive("sin_c", vjps=[lambda g, ans, x: g * tg.stop_gradient(np.cos(x))]), "jvp of jvp as jvp of vjp"),
        (primitive("sin_d", batch=lambda args, batched: np.sin(args[0])[::-1]), "vmap as a loop"),
    ],
)
def test_wrong_rules_break_them(f: Any, identity: str) -> None:
    with pytest.raises(tg.errors.GradientError) as error:
        check_identities(f, (np.array([0.3, 1.2]),), [identity])
    assert identity in str(error.value)


def test_a_gradient_of_no_function_has_no_symmetric_hessian() -> None:
    whirl = tg.custom_vjp(lambda x: x[0] * x[1])
    whirl.defvjp(lambda x: (x[0] * x[1], x), lambda x, g: (g * np.stack([x[1] * x[0], x[0]]),))
    with pytest.raises(tg.errors.GradientError, match="the Hessian is symmetric"):
        check_identities(whirl, (np.array([0.3, 1.2]),), ["the Hessian is symmetric"])


def test_unknown_identities_are_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match=r"\['chain rule'\] unknown; there are"):
        check_identities(np.sin, (1.0,), ["chain rule"])
