"""The formulas of networks: values against plain NumPy loops, derivatives, and refused shapes."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.core.errors import ArgumentError, ShapeError
from tinygrad_scratch.nn import functional as F

RNG = np.random.default_rng(0)
KEY = tg.random.key(0)
X = np.array([-1e4, -2.0, -0.5, 0.3, 4.0, 1e4])

ACTIVATIONS = {
    "relu": (F.relu, [0, 0, 0, 0.3, 4, 1e4]),
    "sigmoid": (F.sigmoid, [0, *(1 / (1 + np.exp(-X[1:-1]))), 1]),
    "tanh": (F.tanh, [-1, *np.tanh(X[1:-1]), 1]),
    "softplus": (F.softplus, [0, *np.log(1 + np.exp(X[1:-1])), 1e4]),
    "softmax": (F.softmax, [0, 0, 0, 0, 0, 1]),
    "log_softmax": (F.log_softmax, X - 1e4),
}
activations = pytest.mark.parametrize(("f", "expected"), ACTIVATIONS.values(), ids=list(ACTIVATIONS))


@activations
def test_activations_are_their_formulas_even_far_out(f: Any, expected: Any) -> None:
    np.testing.assert_allclose(f(X), expected, rtol=1e-12)


@activations
def test_derivatives_of_activations(f: Any, expected: Any) -> None:
    tg.testing.check_grads(f, (X[1:-1],))


@activations
def test_activations_keep_float32(f: Any, expected: Any) -> None:
    value, back = tg.vjp(f, X.astype(np.float32))
    assert value.dtype == back(np.ones_like(value))[0].dtype == np.float32


def test_derivative_of_relu_at_zero_is_zero() -> None:
    assert tg.grad(F.relu)(0.0) == 0


def test_softmax_along_an_axis_sums_to_one() -> None:
    x = RNG.normal(size=(3, 4))
    np.testing.assert_allclose(F.softmax(x, axis=0), np.exp(x) / np.exp(x).sum(axis=0), rtol=1e-12)


@pytest.mark.parametrize("lead", [(), (5,), (2, 5)])
def test_dense_is_a_product_and_a_bias(lead: tuple[int, ...]) -> None:
    x, w, b = RNG.normal(size=(*lead, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=2)
    np.testing.assert_allclose(F.dense(x, w, b), np.einsum("...i,io->...o", x, w) + b, rtol=1e-12)
    np.testing.assert_array_equal(F.dense(x, w), F.dense(x, w, np.zeros(2)))
    tg.testing.check_grads(F.dense, (x, w, b))


@pytest.mark.parametrize(
    ("x", "w", "b", "sentence"),
    [
        ((4, 3), (2, 5), None, r"input of shape \(4, 3\) .* weights of shape \(2, 5\); .* must have length 2"),
        ((), (2, 5), None, r"input of shape \(\) does not fit weights of shape \(2, 5\)"),
        ((4, 2), (2,), None, r".* does not fit weights of shape \(2,\)"),
        ((4, 2), (2, 5), (4,), r"bias of shape \(4,\) does not fit weights of shape \(2, 5\), expected \(5,\)"),
        ((4, 2), (2, 1), (5,), r"bias of shape \(5,\) .* expected \(1,\)"),
    ],
)
def test_dense_refuses_shapes_that_do_not_fit(x: Any, w: Any, b: Any, sentence: str) -> None:
    with pytest.raises(ShapeError, match=f"dense: {sentence}"):
        F.dense(np.ones(x), np.ones(w), None if b is None else np.ones(b))


@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 2, 3, 4), (0, 3), (5, 0)])
def test_flatten_keeps_the_first_axis(shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape)).reshape(shape)
    found = F.flatten(x)
    assert found.shape == (shape[0], np.prod(shape[1:], dtype=int))
    np.testing.assert_array_equal(found.ravel(), x.ravel())


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_drops_the_fraction_and_scales_the_rest(rate: float, dtype: Any) -> None:
    n = 20_000
    found = F.dropout(np.full(n, 3, dtype), KEY, rate)
    dropped = found == 0
    assert found.dtype == dtype
    assert abs(dropped.mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / n)
    np.testing.assert_allclose(found[~dropped], 3 / (1 - rate), rtol=1e-6)


def test_gradient_of_dropout_is_its_mask() -> None:
    mask = F.dropout(np.ones((4, 50)), KEY, 0.5)
    found = tg.grad(lambda x: np.sum(F.dropout(x, KEY, 0.5)))(RNG.normal(size=(4, 50)))
    np.testing.assert_array_equal(found, mask)
    assert set(mask.ravel()) == {0, 2}


def test_dropout_of_rate_zero_needs_no_key() -> None:
    np.testing.assert_array_equal(F.dropout(X, None, 0), X)


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, np.nan])
def test_functional_dropout_refuses_rates(rate: float) -> None:
    with pytest.raises(ArgumentError, match=rf"dropout: rate is the fraction dropped, 0 <= rate < 1, got {rate}"):
        F.dropout(X, KEY, rate)


def test_functional_dropout_refuses_what_is_no_key() -> None:
    with pytest.raises(ArgumentError, match=r"a key is an array of 2 uint64, got shape .* and dtype NoneType"):
        F.dropout(X, None, 0.5)


def looped_conv(x: Any, w: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """The sum of the docstring, term by term; the places are counted by trying them."""
    size, space = w.shape[:-2], x.shape[1:-1]

    def first(place: tuple[int, ...]) -> list[int]:
        return [p * s - q for p, s, q in zip(place, stride, padding, strict=True)]

    def inside(place: tuple[int, ...]) -> bool:
        ends = [b + (k - 1) * d for b, k, d in zip(first(place), size, dilation, strict=True)]
        return all(e < n + q for e, n, q in zip(ends, space, padding, strict=True))

    places = [p for p in product(*[range(n + 2 * q) for n, q in zip(space, padding, strict=True)]) if inside(p)]
    out = np.zeros((x.shape[0], *(1 + np.max(places, axis=0)), w.shape[-1]))
    for place in places:
        for k in product(*map(range, size)):
            at = [b + i * d for b, i, d in zip(first(place), k, dilation, strict=True)]
            if all(0 <= a < n for a, n in zip(at, space, strict=True)):
                out[(slice(None), *place)] += x[(slice(None), *at)] @ w[k]
    return out


@st.composite
def convolutions(draw: Any) -> Any:
    n = draw(st.integers(1, 2))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.lists(st.integers(low, high), min_size=n, max_size=n)))

    size, stride, padding, dilation = each(1, 3), each(1, 3), each(0, 2), each(1, 2)
    space = tuple((k - 1) * d + 1 + extra for k, d, extra in zip(size, dilation, each(0, 3), strict=True))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels, out = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    return rng.normal(size=(2, *space, channels)), rng.normal(size=(*size, channels, out)), stride, padding, dilation


@given(convolutions())
def test_conv_is_its_sum(case: Any) -> None:
    x, w, stride, padding, dilation = case
    found = F.conv(x, w, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_allclose(found, looped_conv(x, w, stride, padding, dilation), rtol=1e-10, atol=1e-12)


@given(convolutions())
def test_derivatives_of_conv(case: Any) -> None:
    x, w, stride, padding, dilation = case
    tg.testing.check_grads(
        lambda x, w: F.conv(x, w, stride=stride, padding=padding, dilation=dilation), (x, w), order=1
    )


def test_one_number_pads_every_axis() -> None:
    x, w = RNG.normal(size=(1, 4, 5, 2)), RNG.normal(size=(3, 3, 2, 2))
    np.testing.assert_array_equal(F.conv(x, w, padding=1), F.conv(x, w, padding=(1, 1)))


def test_pools_without_stride_lie_side_by_side() -> None:
    x = RNG.permutation(2 * 4 * 6 * 3).reshape(2, 4, 6, 3).astype(float)
    blocks = x.reshape(2, 2, 2, 2, 3, 3)
    np.testing.assert_array_equal(F.max_pool(x, (2, 3)), blocks.max(axis=(2, 4)))
    np.testing.assert_allclose(F.average_pool(x, (2, 3)), blocks.mean(axis=(2, 4)))


def test_pools_with_stride_overlap() -> None:
    x = np.array([1.0, 5.0, 2.0, 4.0, 3.0]).reshape(1, 5, 1)
    assert F.max_pool(x, (3,), (1,)).ravel().tolist() == [5, 5, 4]
    assert F.average_pool(x, (2,), (1,)).ravel().tolist() == [3, 3.5, 3, 3.5]


@pytest.mark.parametrize("pool", [F.max_pool, F.average_pool])
def test_derivatives_of_pools(pool: Any) -> None:
    x = RNG.permutation(2 * 4 * 4 * 2).reshape(2, 4, 4, 2).astype(float)
    tg.testing.check_grads(lambda x: pool(x, (2, 2)), (x,))


@pytest.mark.parametrize(
    ("f", "sentence"),
    [
        (lambda: F.conv(np.ones((1, 4, 2)), np.ones((3, 5, 1))), r"conv: input of shape \(1, 4, 2\) .* 5 channels"),
        (lambda: F.conv(np.ones((4, 5)), np.ones((3, 5, 1))), r"conv: input of shape \(4, 5\) .* 1 axes of space"),
        (lambda: F.conv(np.ones((1, 4, 2)), np.ones(2)), r"conv: weights of shape \(2,\), expected \(\*window, in"),
        (lambda: F.conv(np.ones((1, 4, 2)), np.ones((5, 2, 1))), r"size \(5,\) .* does not fit axes .* \(1, 4, 2\)"),
        (lambda: F.conv(np.ones((1, 4, 2)), np.ones((3, 2, 1)), padding=(1, 2)), r"conv: padding=\(1, 2\) must be"),
        (lambda: F.conv(np.ones((1, 4, 2)), np.ones((3, 2, 1)), stride=(0,)), r"stride=\(0,\) .* must be positive"),
        (lambda: F.max_pool(np.ones((1, 4)), (2,)), r"pool: input of shape \(1, 4\), expected \(batch, \*space"),
        (lambda: F.average_pool(np.ones((1, 4, 1)), (5,)), r"size \(5,\) .* does not fit axes .* \(1, 4, 1\)"),
    ],
)
def test_windows_that_do_not_fit_are_refused(f: Any, sentence: str) -> None:
    with pytest.raises(ShapeError, match=sentence):
        f()
