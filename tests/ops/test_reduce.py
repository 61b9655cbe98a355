"""Reductions and accumulations where they are delicate: ties, zeros, NaN, nothing to reduce, masks."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.testing.strategies import arrays, between

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
N = np.array([[1.0, np.nan, 3.0], [np.nan, 4.0, -1.0]])


def gradient(f: Any, x: Any) -> Any:
    return tg.grad(lambda t: np.sum(f(t)))(np.asarray(x, float))


def test_those_that_tie_for_an_extreme_have_equal_shares() -> None:
    for f in (np.max, np.nanmax, np.maximum.reduce):
        np.testing.assert_array_equal(gradient(f, [2, 1, 2, 2.0]), [1 / 3, 0, 1 / 3, 1 / 3])
    np.testing.assert_array_equal(gradient(np.ptp, [2, 2.0]), [0, 0])
    np.testing.assert_array_equal(gradient(lambda t: np.max(t, initial=2.0), [1, 2.0]), [0, 0.5])


@given(st.lists(st.sampled_from([0.0, 1.5, -0.5, 2.0]), min_size=1, max_size=6), st.data())
def test_products_with_zeros_are_exact_to_third_order(values: list[float], data: Any) -> None:
    x = np.array(values)
    v = data.draw(arrays(x.shape, between(0.5, 1)))
    for f in (np.prod, lambda t: np.sum(np.cumprod(t)), lambda t: np.sum(np.multiply.accumulate(t))):
        polynomial = [f(x + k * v) for k in range(-3, 4)]  # its third derivative along v, by sevens, is exact
        degree = len(values)
        third = np.polyfit(np.arange(-3, 4), polynomial, min(degree, 6))

        def along(s: Any, f: Any = f) -> Any:
            return f(x + s * v)

        found = tg.grad(tg.grad(tg.grad(along)))(0.0)
        expected = 6 * third[-4] if degree >= 3 else 0
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("f", [np.std, np.nanstd, lambda t: t.std(ddof=1), lambda t: np.std(t, axis=0)])
def test_the_derivative_of_the_spread_of_equal_elements_is_zero(f: Any) -> None:
    x = np.full(3, 1.7)
    np.testing.assert_array_equal(gradient(f, x), 0)
    np.testing.assert_array_equal(tg.jvp(f, (x,), (np.arange(3.0),))[1], 0)
    assert np.all(np.isfinite(tg.hessian(f)(x)))  # the curvature of a tip: some large number
    np.testing.assert_array_equal(tg.hvp(f, (x,), (np.ones(3),)), 0)
    np.testing.assert_allclose(gradient(f, np.full(3, 0.1)), 0, atol=1e-15)  # whose mean is not 0.1
    assert tg.grad(f)(x.astype(np.float32)).dtype == np.float32
    assert np.isnan(tg.vjp(f, np.array([np.nan, 1.0]))[0]) or f is np.nanstd


NANS: list[Any] = [
    np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanstd, np.nanmedian, np.nancumsum,
    np.nancumprod, lambda t, axis=None: np.nanquantile(t, 0.3, axis=axis),
    lambda t, axis=None: np.nanpercentile(t, [30, 60], axis=axis, method="hazen"), np.nan_to_num,
]  # fmt: skip


@pytest.mark.parametrize("f", NANS)
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_nan_is_passed_over_and_its_derivative_is_zero(f: Any, axis: Any) -> None:
    def call(t: Any) -> Any:
        return f(t) if f is np.nan_to_num else f(t, axis=axis)

    out, back = tg.vjp(call, N)
    np.testing.assert_allclose(out, call(N), rtol=1e-14)
    g = back(np.ones(np.shape(out)))[0]
    assert np.all(g[np.isnan(N)] == 0)
    assert np.all(np.isfinite(g))
    tangent = tg.jvp(call, (N,), (np.where(np.isnan(N), 7.0, 0.0),))[1]  # in the direction of the NaN alone
    np.testing.assert_array_equal(tangent, 0)
    tg.testing.check_grads(lambda known: call(np.where(np.isnan(N), np.nan, known)), (np.nan_to_num(N),))


def test_nothing_but_nan() -> None:
    x = np.full((2, 2), np.nan)
    for f in (np.nanmax, np.nanmin, np.nanmedian):
        assert np.isnan(tg.vjp(f, x)[0])
        np.testing.assert_array_equal(gradient(f, x), 0)
    assert tg.vjp(np.nansum, x)[0] == 0
    for f in (np.nanargmax, np.nanargmin):
        with pytest.raises(tg.errors.ArgumentError, match=rf"{f.__name__}: all elements along axis=1 are NaN"):
            tg.vjp(lambda t, f=f: f(t, axis=1), x)


@pytest.mark.parametrize("f", [np.sum, np.mean, np.var, np.std])
def test_nan_outside_of_a_mask_does_not_leak(f: Any) -> None:
    known = ~np.isnan(N)
    np.testing.assert_allclose(tg.vjp(lambda t: f(t, where=known), N)[0], f(N, where=known))
    g = gradient(lambda t: f(t, axis=1, where=known), N)
    np.testing.assert_array_equal(np.isfinite(g), True)
    np.testing.assert_array_equal(g[~known], 0)


def test_replacing_in_place_is_refused() -> None:
    with pytest.raises(tg.errors.AssignmentError, match="nan_to_num: copy=False changes x in place"):
        tg.grad(lambda t: np.sum(np.nan_to_num(t, copy=False)))(X)


def test_masks_that_do_not_fit_and_extremes_of_nothing() -> None:
    with pytest.raises(tg.errors.ShapeError, match=r"sum: where= of shape \(2, 1, 3\) does not broadcast to \(2, 3\)"):
        tg.grad(lambda t: np.sum(t, where=np.ones((2, 1, 3), bool)))(X)
    with pytest.raises(tg.errors.ArgumentError, match="max: where= needs initial="):
        tg.grad(lambda t: np.max(t, where=X > 0))(X)
    with pytest.raises(tg.errors.ArgumentError, match="ddof= and correction= are two names"):
        tg.grad(lambda t: np.var(t, ddof=1, correction=1))(X)
    with pytest.raises(ValueError, match="zero-size array"):
        tg.grad(lambda t: np.max(t))(np.zeros(0))
    assert tg.vjp(lambda t: np.max(t, initial=3.0), np.zeros(0))[0] == 3
    with pytest.raises(np.exceptions.AxisError):
        tg.grad(lambda t: np.prod(t, axis=2))(X)


def test_empty_sums_and_products() -> None:
    for f in (np.sum, np.prod, np.nansum, np.nanprod):
        for axis in (None, 0, (0, 1)):
            empty = np.zeros((0, 2))
            out, back = tg.vjp(lambda t, f=f, axis=axis: f(t, axis=axis), empty)
            np.testing.assert_array_equal(out, f(empty, axis=axis))
            assert back(np.ones(np.shape(out)))[0].shape == (0, 2)
    for f in (np.cumsum, np.cumprod, np.sort):
        assert tg.vjp(f, np.zeros(0))[0].shape == (0,)


def test_initial_may_be_a_tensor_and_none_is_none() -> None:
    for f in (np.sum, np.prod, np.max):
        tg.testing.check_grads(lambda t, i, f=f: f(t, axis=1, initial=i), (X, np.float64(0.3)))
        assert tg.vjp(lambda t, f=f: f(t, initial=None), X)[0] == f(X)


def test_means_of_half_precision_and_integers() -> None:
    half = np.linspace(0, 300, 500).astype(np.float16)
    found = tg.vjp(np.mean, half)[0]
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, np.mean(half), rtol=2e-3)
    for f in (np.mean, np.var, np.std):
        assert tg.vmap(f)(np.arange(6).reshape(2, 3)).dtype == float


def test_average_and_cov_refuse_what_does_not_fit() -> None:
    with pytest.raises(tg.errors.ArgumentError, match=r"average: weights of shape \(2,\) fit neither \(2, 3\)"):
        tg.grad(lambda t: np.average(t, weights=[1.0, 2.0]))(X)
    with pytest.raises(tg.errors.DivisionError, match="average: weights add up to 0 along axis=1"):
        tg.grad(lambda t: np.sum(np.average(t, 1, weights=[1.0, -1.0, 0.0])))(X)
    with pytest.raises(tg.errors.ArgumentError, match="cov: fweights= must be integers"):
        tg.grad(lambda t: np.sum(np.cov(t, fweights=[1.0, 2.0, 3.0])))(X)
    with pytest.raises(tg.errors.ShapeError, match=r"cov: aweights= of shape \(2,\)"):
        tg.grad(lambda t: np.sum(np.cov(t, aweights=[1.0, 2.0])))(X)
    with pytest.raises(tg.errors.ArgumentError, match="cov: aweights= must not be negative"):
        tg.grad(lambda t: np.sum(np.cov(t, aweights=[1.0, 2.0, -1.0])))(X)
    with pytest.raises(tg.errors.ShapeError, match="cov: expected at most two axes"):
        tg.grad(lambda t: np.sum(np.cov(t)))(X[None])


def test_differences_refuse_what_does_not_fit() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="diff: n=-1 must not be negative"):
        tg.grad(lambda t: np.sum(np.diff(t, -1)))(X)
    with pytest.raises(tg.errors.ArgumentError, match="ediff1d: to_end= of dtype complex128"):
        tg.grad(lambda t: np.sum(np.ediff1d(t, 1j)))(X)
    with pytest.raises(tg.errors.ArgumentError, match=r"cumulative_sum: an array of shape \(2, 3\) needs axis="):
        tg.grad(lambda t: np.sum(np.cumulative_sum(t)))(X)
    assert tg.vmap(np.diff)(X > 0).dtype == bool


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("f", [np.sum, np.prod, np.max, np.min])
def test_the_axis_of_a_number_is_numpys(f: Any, axis: int) -> None:
    assert f(np.float64(2.0), axis=axis) == tg.jvp(lambda x: f(x, axis=axis), (2.0,), (1.0,))[0]
    np.testing.assert_array_equal(
        tg.vmap(lambda x: f(x, axis=axis))(np.arange(3.0)), f(np.arange(3.0)[:, None], axis=1)
    )
