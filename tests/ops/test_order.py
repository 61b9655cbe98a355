"""Sorting, searching, quantiles and counting: every method, ties, and sentences for what depends on values."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.ops.quantile import POSITIONS
from tinygrad_scratch.testing.strategies import arrays, distinct

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])


@pytest.mark.parametrize("method", sorted(POSITIONS))
@given(n=st.integers(1, 6), q=st.integers(0, 24).map(lambda k: k / 24), data=st.data())
def test_a_quantile_is_numpys(method: str, n: int, q: float, data: Any) -> None:
    x = data.draw(arrays((n, 2), distinct))
    spoilt = x.copy()
    spoilt[: n - 1 : 2, 0] = np.nan
    for f, y in ((np.quantile, x), (np.nanquantile, x), (np.nanquantile, spoilt)):
        for level in (q, np.array([q, 1.0])):
            found, back = tg.vjp(lambda t, f=f, level=level: f(t, level, axis=0, method=method), y)
            np.testing.assert_allclose(found, f(y, level, axis=0, method=method), rtol=1e-12, atol=1e-12)
            shares = back(np.ones(found.shape))[0]  # the answer lies on a line: the shares add up to one
            np.testing.assert_allclose(shares.sum(axis=0), np.size(level), rtol=1e-12)


def test_the_median_of_an_even_number_is_shared_by_two() -> None:
    np.testing.assert_array_equal(tg.grad(np.median)(np.array([4.0, 1.0, 3.0, 2.0])), [0, 0, 0.5, 0.5])
    np.testing.assert_array_equal(tg.grad(np.median)(np.array([4.0, 1.0, 3.0])), [0, 0, 1])
    assert tg.vjp(np.median, np.array([1.0, 2.0, np.inf]))[0] == 2
    assert np.isnan(tg.vjp(np.median, np.array([1.0, 2.0, np.nan]))[0])
    assert tg.vmap(np.median)(np.arange(4)[None]).dtype == float


def test_quantile_by_its_level() -> None:
    x = np.array([3.0, 1.0, 2.0, 7.0])
    assert tg.grad(lambda q: np.quantile(x, q))(0.5) == 3
    for method in ("lower", "nearest", "inverted_cdf"):
        assert tg.grad(lambda q, m=method: np.quantile(x, q, method=m))(0.4) == 0
    np.testing.assert_allclose(
        tg.vmap(lambda t, q: np.quantile(t, q), (None, 0))(x, np.array([0.1, 0.6])), np.quantile(x, [0.1, 0.6])
    )


def test_quantiles_refuse_what_does_not_fit() -> None:
    for call, words in [
        (lambda t: np.quantile(t, 1.5), "quantile: q=1.5 must lie between 0 and 1"),
        (lambda t: np.percentile(t, -1), "percentile: q=-1 must lie between 0 and 100"),
        (lambda t: np.quantile(t, 0.5, method="best"), "quantile: method='best' is none of inverted_cdf"),
        (lambda t: np.quantile(t, 0.5, weights=X), "quantile: weights= need method='inverted_cdf'"),
        (lambda t: np.quantile(t, 0.5, weights=-X, method="inverted_cdf"), "weights= must not be negative"),
        (lambda t: np.quantile(t[:0], 0.5), r"quantile: an array of shape \(0, 3\) has no elements"),
    ]:
        with pytest.raises(tg.errors.ArgumentError, match=words):
            tg.grad(call)(X)


def test_weighted_quantile_has_no_derivative_by_weights() -> None:
    w = np.array([[0.0, 1.0, 2.0], [1.0, 0.5, 0.5]])
    for q in (0, 0.3, [0.5, 1.0]):
        f = lambda t, w, q=q: np.sum(np.quantile(t, q, weights=w, method="inverted_cdf"))  # noqa: E731
        np.testing.assert_allclose(tg.vjp(f, X, w)[0], f(X, w))
        np.testing.assert_array_equal(tg.grad(f, 1)(X, w), 0)


def test_places_are_numpys() -> None:
    edges = np.array([-1.0, 0.0, 2.0])
    for bins in (edges, edges[::-1], edges[:1]):
        for right in (False, True):
            np.testing.assert_array_equal(
                tg.vmap(lambda t, b=bins, r=right: np.digitize(t, b, r))(X), np.digitize(X, bins, right)
            )
    for v in (X, 0.7):
        found = tg.vmap(lambda a, v=v: np.searchsorted(a, v, "right"))(np.sort(X))
        np.testing.assert_array_equal(found, [np.searchsorted(row, v, "right") for row in np.sort(X)])
    keys = np.array([[1.0, 0.0, 1.0], [0.0, 2.0, 0.0]])
    np.testing.assert_array_equal(tg.vmap(np.lexsort)(keys[None])[0], np.lexsort(keys))
    np.testing.assert_array_equal(tg.vmap(lambda t: np.isin(t, [0.5, 3.0], invert=True))(X), ~np.isin(X, [0.5, 3.0]))
    np.testing.assert_array_equal(tg.vmap(lambda t: t.argpartition(1))(X), np.argpartition(X, 1))
    with pytest.raises(tg.errors.DtypeError, match="digitize: expected real numbers, got complex128"):
        tg.grad(lambda t: np.digitize(t, [1j]))(X)
    with pytest.raises(tg.errors.ArgumentError, match=r"digitize: the edges .* must rise or fall"):
        tg.grad(lambda t: np.digitize(t, [0.0, 2.0, 1.0]))(X)
    with pytest.raises(tg.errors.ArgumentError, match="searchsorted: side='middle'"):
        tg.grad(lambda t: np.searchsorted(t, 1.0, "middle"))(np.sort(X[0]))
    with pytest.raises(tg.errors.ArgumentError, match="kth= must be plain whole numbers"):
        tg.vmap(lambda t: np.partition(t, t))(np.arange(6).reshape(2, 3))


@pytest.mark.parametrize("name", ["unique", "unique_counts", "union1d", "setdiff1d"])
def test_shapes_that_depend_on_values_are_refused(name: str) -> None:
    args = [X[0]] * ("1d" in name)
    with pytest.raises(tg.errors.MissingRuleError, match=rf"{name}: the shape of the answer depends on values"):
        tg.grad(lambda t: getattr(np, name)(t, *args))(X)


def test_sums_by_class() -> None:
    np.testing.assert_array_equal(
        tg.jacrev(lambda w: np.bincount([0, 2, 0], w))(np.ones(3)), [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    )
    for call, error, words in [
        (lambda t: np.bincount(t, t), tg.errors.MissingRuleError, "bincount: the length of the answer depends on x"),
        (lambda t: np.bincount([0, 1], t), tg.errors.ShapeError, r"bincount: weights of shape \(3,\) for x of \(2,\)"),
        (lambda t: np.bincount([0, -1, 2], t), tg.errors.ArgumentError, "integers that are not negative"),
        (lambda t: np.histogram(t, "auto"), tg.errors.MissingRuleError, "histogram: bins='auto' chooses their number"),
        (lambda t: np.histogram(t, 2.5), tg.errors.ArgumentError, "histogram: bins=2.5 must be a positive whole"),
        (lambda t: np.histogram(t, [0, 2, 1]), tg.errors.ArgumentError, r"histogram: the edges bins=\[0, 2, 1\] must"),
        (lambda t: np.histogram(t, 2, (1, 0)), tg.errors.ArgumentError, r"histogram: range=\(1, 0\) must be two"),
        (lambda t: np.histogramdd(t[:, None], [2, 2]), tg.errors.ArgumentError, "2 bins and 1 ranges for 1 coord"),
        (lambda t: np.histogram(t, 2, weights=[1.0]), tg.errors.ShapeError, r"weights of shape \(1,\)"),
    ]:
        with pytest.raises(error, match=words):
            tg.grad(call)(X[0])


def test_histograms_are_numpys() -> None:
    rng = np.random.default_rng(0)
    for x in (rng.normal(size=50), np.array([1.0, 1.0]), np.zeros(0), np.linspace(0, 1, 11)):
        edges: list[dict[str, Any]] = [{}, {"bins": [-1.0, 0.0, 0.5, 1.0]}, {"range": (0, 1), "bins": 5}]
        for options in [*edges, {"bins": 3, "density": True}] if x.size else edges:
            found = tg.vjp(lambda t, o=options: [a * 1.0 for a in np.histogram(t, **o)], x)[0]
            for a, b in zip(found, np.histogram(x, **options), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-14)
    x = rng.normal(size=20)
    tg.testing.check_grads(lambda t: np.histogram(t, 4, density=True), (x,))


def test_ordering_in_place_is_refused() -> None:
    for call, words in [
        (lambda t: t.sort(), r"Tensor.sort: .*np.sort\(x\) gives a sorted copy"),
        (lambda t: t.partition(1), r"Tensor.partition: .*np.partition\(x, kth\) gives a copy"),
    ]:
        with pytest.raises(tg.errors.AssignmentError, match=words):
            tg.grad(call)(X)
