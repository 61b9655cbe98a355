"""Every primitive of the registry through every property; and wrong rules, which must not pass."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.core.primitive import REGISTRY, Primitive
from tinygrad_scratch.testing.strategies import LAYOUTS, Case, arrays, with_layout

from . import properties
from .samples import HOOKS, SAMPLES, SEVERAL, SPECIAL
from .samples.base import complexified
from .samples.special import SCIPY

OURS = dict(REGISTRY)  # as imported, before any test adds its own
smooth = pytest.mark.parametrize(
    "name", sorted(name for name, entry in SAMPLES.items() if entry.differentiable and name not in SCIPY)
)
every = pytest.mark.parametrize("name", sorted(SAMPLES))
# SciPy's are a row of the coverage table each, whose columns hold the same
untabled = pytest.mark.parametrize("name", sorted(set(SAMPLES) - set(SCIPY)))


def test_every_primitive_has_samples_and_every_sample_a_primitive() -> None:
    assert set(OURS) - HOOKS - SEVERAL - SPECIAL == set(SAMPLES)


@untabled
@given(data=st.data())
def test_value(name: str, data: Any) -> None:
    entry = SAMPLES[name]
    properties.value_is_numpys(OURS[name], data.draw(entry.cases), entry.reference, entry.exact)


@smooth
@given(data=st.data())
def test_derivatives(name: str, data: Any) -> None:
    properties.derivatives_are_numerical(OURS[name], data.draw(SAMPLES[name].cases))


@every
@given(data=st.data())
def test_adjoint(name: str, data: Any) -> None:
    properties.modes_are_adjoint(OURS[name], data.draw(SAMPLES[name].cases))


@untabled
@given(data=st.data())
def test_second_order(name: str, data: Any) -> None:
    properties.second_orders_agree(OURS[name], data.draw(SAMPLES[name].cases))


@untabled
@given(data=st.data())
def test_vmap(name: str, data: Any) -> None:
    case = data.draw(SAMPLES[name].cases)
    batched = data.draw(st.lists(st.booleans(), min_size=len(case.args), max_size=len(case.args)).filter(any))
    properties.vmap_is_a_loop(OURS[name], case, batched, data.draw(st.integers(1, 3)), data.draw(st.integers(0, 99)))


@untabled
@given(data=st.data())
def test_jit_numpy(name: str, data: Any) -> None:
    properties.jit_is_eager(OURS[name], data.draw(SAMPLES[name].cases), "numpy")


@every
@settings(max_examples=settings().max_examples // 3)  # each case compiles several programs
@given(data=st.data())
def test_jit_numba(name: str, data: Any) -> None:
    properties.jit_is_eager(OURS[name], data.draw(SAMPLES[name].cases), "numba")


@every
@given(data=st.data())
def test_source(name: str, data: Any) -> None:
    properties.source_is_eager(OURS[name], data.draw(SAMPLES[name].cases))


@untabled
@given(data=st.data())
def test_dtypes(name: str, data: Any) -> None:
    entry = SAMPLES[name]
    properties.dtypes_are_kept(OURS[name], data.draw(entry.cases), entry.reference)


takes_complex = pytest.mark.parametrize("name", sorted(name for name, entry in SAMPLES.items() if entry.complex))


@takes_complex
@given(data=st.data())
def test_complex_derivatives(name: str, data: Any) -> None:
    entry, case = SAMPLES[name], data.draw(complexified(SAMPLES[name].cases))
    properties.value_is_numpys(OURS[name], case, entry.reference, exact=False)
    if entry.differentiable:
        properties.derivatives_are_numerical(OURS[name], case)
    properties.modes_are_adjoint(OURS[name], case)
    properties.second_orders_agree(OURS[name], case)


@takes_complex
@given(data=st.data())
def test_complex_dtypes_and_batches(name: str, data: Any) -> None:
    entry, case = SAMPLES[name], data.draw(complexified(SAMPLES[name].cases))
    properties.dtypes_are_kept(OURS[name], case, entry.reference)
    batched = data.draw(st.lists(st.booleans(), min_size=len(case.args), max_size=len(case.args)).filter(any))
    properties.vmap_is_a_loop(OURS[name], case, batched, data.draw(st.integers(1, 3)), data.draw(st.integers(0, 99)))


@takes_complex
@given(data=st.data())
def test_complex_programs(name: str, data: Any) -> None:
    case = data.draw(complexified(SAMPLES[name].cases))
    properties.jit_is_eager(OURS[name], case, data.draw(st.sampled_from(["numpy", "numba"])))
    properties.source_is_eager(OURS[name], case)


# ---- a wrong rule is caught ---------------------------------------------------------------------------------------


def made(vjp: Any, jvp: Any = None, batch: Any = None) -> Primitive:
    """x * y with the given rules of x in place of the right ones."""
    right: Any = REGISTRY["multiply"]
    return Primitive(
        "times",
        np.multiply,
        [vjp or right.vjps[0], right.vjps[1]],
        jvp or right.jvp,
        batch or right.batch,
        broadcasts=True,
    )


X = np.array([[0.5, -1.5, 2.0]])
CASE = Case((X, np.array([[2.0], [3.0]])))


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, ans, x, y: -g * y,
        lambda g, ans, x, y: 2 * g * y,
        lambda g, ans, x, y: (1 + 1e-6) * g * y,
        lambda g, ans, x, y: g * x,
        lambda g, ans, x, y: 0 * g,
    ],
)
def test_wrong_reverse_rule_is_caught(rule: Any) -> None:
    properties.derivatives_are_numerical(made(None), CASE)
    with pytest.raises(tg.errors.GradientError, match="reverse mode, order 1"):
        properties.derivatives_are_numerical(made(rule), CASE)
    with pytest.raises(AssertionError):
        properties.modes_are_adjoint(made(rule), CASE)


def test_wrong_forward_rule_is_caught() -> None:
    wrong = made(None, jvp=lambda ts, ans, x, y: ts[0] * y)
    with pytest.raises(tg.errors.GradientError, match="forward mode, order 1"):
        properties.derivatives_are_numerical(wrong, CASE)


def test_rule_that_is_right_once_but_not_twice_is_caught() -> None:
    frozen_rule = Primitive(
        "square", np.square, [lambda g, ans, x: 2 * g * tg.stop_gradient(x)], lambda ts, ans, x: 2 * ts[0] * x
    )
    with pytest.raises(tg.errors.GradientError, match="order 2"):
        properties.derivatives_are_numerical(frozen_rule, Case((X,)))


def test_wrong_batch_rule_is_caught() -> None:
    wrong = made(None, batch=lambda args, batched: args[0] * args[1])  # ranks not aligned
    with pytest.raises((AssertionError, ValueError)):
        properties.vmap_is_a_loop(wrong, Case((np.arange(3.0), np.arange(6.0).reshape(2, 3))), [True, True], 2, 0)


def test_lost_dtype_is_caught() -> None:
    wide = Primitive("wide", lambda x: x * np.float64(2), [lambda g, ans, x: 2 * g], lambda ts, ans, x: 2 * ts[0])
    with pytest.raises(AssertionError):
        properties.dtypes_are_kept(wide, Case((X,)), lambda x: 2 * x)


def test_changed_input_is_caught() -> None:
    def spoil(x: Any) -> Any:
        x *= 2
        return x

    with pytest.raises(ValueError, match="read-only"):
        properties.value_is_numpys(Primitive("spoil", spoil), Case((X.copy(),)), spoil, True)


def test_wrong_value_is_caught() -> None:
    with pytest.raises(AssertionError):
        properties.value_is_numpys(OURS["sin"], Case((X,)), np.cos, True)


@pytest.mark.parametrize("layout", LAYOUTS)
@given(x=arrays())
def test_layouts_are_equal_arrays(layout: str, x: np.ndarray) -> None:
    np.testing.assert_array_equal(with_layout(x, layout), x)


def test_layouts_differ_in_memory() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert len({with_layout(x, layout).strides for layout in LAYOUTS}) == 4  # F and transposed are one


def test_a_users_operation_does_not_take_over_a_ufunc() -> None:
    tg.elementwise("negated_cosh_test", np.cosh, lambda g, ans, x: -g * np.sinh(x))
    assert tg.grad(np.cosh)(1.0) == np.sinh(1.0)
