"""Formulas of layers against plain loops in NumPy: convolutions, norms, attention, recurrent nets."""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
import scipy.special

import tinygrad_scratch as tg
from tinygrad_scratch.core.errors import ArgumentError, DtypeError, ShapeError
from tinygrad_scratch.nn import functional as F

RNG = np.random.default_rng(0)
X = np.linspace(-8, 8, 33)

ACTIVATIONS = {
    "relu6": (F.relu6, np.clip(X, 0, 6)),
    "leaky_relu": (F.leaky_relu, np.maximum(X, 0.01 * X)),
    "elu": (F.elu, np.where(X > 0, X, np.exp(X) - 1)),
    "selu": (F.selu, 1.0507009873554805 * np.where(X > 0, X, 1.6732632423543772 * (np.exp(X) - 1))),
    "gelu": (lambda x: F.gelu(x, approximate=False), X * scipy.special.ndtr(X)),
    "silu": (F.silu, X / (1 + np.exp(-X))),
    "mish": (F.mish, X * np.tanh(np.log(1 + np.exp(X)))),
    "hard_sigmoid": (F.hard_sigmoid, np.clip(X / 6 + 0.5, 0, 1)),
    "log_sigmoid": (F.log_sigmoid, -np.log(1 + np.exp(-X))),
    "softsign": (F.softsign, X / (1 + abs(X))),
    "step": (F.step, (X > 0).astype(float)),
}  # fmt: skip
activations = pytest.mark.parametrize(("f", "expected"), ACTIVATIONS.values(), ids=list(ACTIVATIONS))


@activations
def test_activations_are_their_formulas(f: Any, expected: Any) -> None:
    np.testing.assert_allclose(f(X), expected, rtol=1e-12, atol=1e-15)
    assert f(X.astype(np.float32)).dtype == np.float32
    assert np.all(np.isfinite(f(np.array([-1e5, 1e5]))))


@activations
def test_derivatives_of_activations(f: Any, expected: Any) -> None:
    x = X[X != 0] + 0.013  # off the kinks
    tg.testing.check_grads(f, (x,))
    assert np.all(np.isfinite(tg.grad(lambda x: np.sum(f(x)))(np.array([-1e4, 1e4]))))


def test_elu_is_smooth_at_zero() -> None:
    assert [float(tg.grad(partial(F.elu, alpha=a))(0.0)) for a in (1.0, 0.5)] == [1, 0.5]
    assert float(tg.jvp(F.elu, (0.0,), (1.0,))[1]) == 1
    assert float(tg.grad(F.selu)(0.0)) == pytest.approx(1.0507009873554805 * 1.6732632423543772)


def test_masks_of_other_shapes_are_refused() -> None:
    layer = tg.nn.multi_head_attention(2)
    params, _ = layer.init(tg.random.key(0), (5, 8))
    x, causal = RNG.normal(size=(5, 5, 8)).astype(np.float32), np.tri(5, dtype=bool)
    whole = tg.nn.multi_head_attention(2, causal=True)(params, x)
    np.testing.assert_allclose(layer(params, (x, causal[None, None])), whole, rtol=1e-5, atol=1e-6)
    for mask in (np.ones((5, 4), bool), np.ones((5, 5, 5), bool), np.ones((2, 1, 5, 5), bool)):
        with pytest.raises(ShapeError, match=r"mask of shape .*, expected \(5, 5\), or four axes that broadcast to"):
            layer(params, (x, mask))
    with pytest.raises(DtypeError, match="the mask is an array of float64, expected booleans"):
        layer(params, (x, np.where(causal, 0, -np.inf)[None, None]))


def test_gelu_by_tanh_is_near() -> None:
    assert np.max(np.abs(F.gelu(X) - F.gelu(X, approximate=False))) < 5e-4


def test_groups_are_convolutions_side_by_side() -> None:
    x, w = RNG.normal(size=(2, 5, 6, 4)), RNG.normal(size=(3, 2, 2, 6))
    apart = [F.conv2d(x[..., :2], w[..., :3], padding=1), F.conv2d(x[..., 2:], w[..., 3:], padding=1)]
    np.testing.assert_allclose(F.conv2d(x, w, padding=1, groups=2), np.concatenate(apart, axis=-1), rtol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("n", [1, 4, 5, 6])
def test_same_padding_keeps_a_place_for_each_stride(n: int, size: int, stride: int) -> None:
    y = F.conv1d(np.ones((1, n, 1)), np.ones((size, 1, 1)), stride=stride, padding="same")
    assert y.shape == (1, math.ceil(n / stride), 1)
    if stride == 1:  # as NumPy's own, turned around; the odd zero stands at the end
        x, w = RNG.normal(size=n), RNG.normal(size=size)
        before, after = (size - 1) // 2, size // 2
        expected = np.correlate(np.pad(x, (before, after)), w, "valid")
        np.testing.assert_allclose(F.conv1d(x[None, :, None], w[:, None, None], padding="same")[0, :, 0], expected)


@pytest.mark.parametrize(
    "options", [{}, {"stride": 2}, {"padding": 1}, {"stride": (2, 3), "padding": 1, "dilation": 2}]
)
def test_conv_transpose_is_the_transpose(options: Any) -> None:
    """<conv(y), x> = <y, conv_transpose(x)>, with the channels of the weights swapped."""
    x, w = RNG.normal(size=(2, 3, 4, 2)), RNG.normal(size=(3, 2, 2, 5))
    y = F.conv_transpose2d(x, w, **options)
    z = RNG.normal(size=y.shape)
    np.testing.assert_allclose(
        np.sum(F.conv2d(z, np.swapaxes(w, 2, 3), **options) * x), np.sum(z * y), rtol=1e-10, atol=1e-10
    )


def test_padding_is_never_the_largest_nor_in_the_mean() -> None:
    x = -np.ones((1, 4, 4, 1))
    np.testing.assert_array_equal(F.max_pool(x, 3, 1, padding=1), x)
    np.testing.assert_array_equal(F.average_pool(x, 3, 1, padding="same"), x)
    assert F.max_pool(np.full((1, 3, 1), -5), 3, padding=1).tolist() == [[[-5]]]


def test_global_pools() -> None:
    x = RNG.normal(size=(2, 3, 4, 5))
    np.testing.assert_allclose(F.global_average_pool(x), x.mean(axis=(1, 2)))
    np.testing.assert_array_equal(F.global_max_pool(x), x.max(axis=(1, 2)))


def test_norms_are_their_formulas() -> None:
    x, scale, bias = RNG.normal(size=(2, 3, 4)), RNG.normal(size=4), RNG.normal(size=4)

    def normal(x: Any, axis: Any) -> Any:
        return (x - x.mean(axis=axis, keepdims=True)) / np.sqrt(x.var(axis=axis, keepdims=True) + 1e-5)

    np.testing.assert_allclose(F.layer_norm(x, scale, bias), normal(x, -1) * scale + bias, rtol=1e-10)
    grouped = normal(x.reshape(2, 3, 2, 2), (1, 3)).reshape(x.shape) * scale + bias
    np.testing.assert_allclose(F.group_norm(x, scale, bias, 2), grouped, rtol=1e-10)
    np.testing.assert_allclose(F.rms_norm(x, scale), x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * scale)


def by_loop(q: Any, k: Any, v: Any, allowed: Any) -> Any:
    rows = []
    for i in range(len(q)):
        places = [j for j in range(len(k)) if allowed[i, j]]
        weights = scipy.special.softmax([q[i] @ k[j] / math.sqrt(len(q[i])) for j in places]) if places else []
        rows.append(sum((w * v[j] for w, j in zip(weights, places, strict=True)), np.zeros(v.shape[1])))
    return np.array(rows)


def test_attention_is_its_loop() -> None:
    q, k, v = RNG.normal(size=(3, 2)), RNG.normal(size=(5, 2)), RNG.normal(size=(5, 4))
    mask = RNG.random((3, 5)) < 0.6
    mask[1] = False  # looks nowhere
    np.testing.assert_allclose(F.attention(q, k, v), by_loop(q, k, v, np.ones((3, 5))), rtol=1e-10)
    np.testing.assert_allclose(F.attention(q, k, v, mask), by_loop(q, k, v, mask), rtol=1e-10)
    causal = np.tri(3, 5, 2)
    np.testing.assert_allclose(F.attention(q, k, v, causal=True), by_loop(q, k, v, causal), rtol=1e-10)
    np.testing.assert_allclose(F.attention(q, k, v, mask, True), by_loop(q, k, v, causal * mask), rtol=1e-10)
    tg.testing.check_grads(lambda *x: F.attention(*x, mask=mask), (q, k, v))


def test_masked_places_do_not_matter() -> None:
    layer = tg.nn.multi_head_attention(2, dtype=float)
    params, _ = layer.init(tg.random.key(0), (4, 6))
    x, mask = RNG.normal(size=(2, 4, 6)), np.array([[1, 1, 0, 0], [1, 1, 1, 1]], bool)
    other = x.copy()
    other[0, 2:] = 9
    a, b = (layer.apply(params, (), (x, mask))[0] for x in (x, other))
    np.testing.assert_array_equal(a[0, :2], b[0, :2])
    assert np.any(layer(params, x)[0, :2] != a[0, :2])


def test_causal_attention_never_looks_ahead() -> None:
    layer = tg.nn.multi_head_attention(2, causal=True, dtype=float)
    params, _ = layer.init(tg.random.key(0), (4, 6))
    jacobian = tg.jacobian(lambda x: layer(params, x[None])[0])(RNG.normal(size=(4, 6)))
    for i in range(4):
        assert not jacobian[i, :, i + 1 :].any()
        assert jacobian[i, :, : i + 1].any()


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def recurrent(kind: str, x: Any, w: Any, u: Any, b: Any) -> Any:
    """One example, time by time, gate by gate."""
    k = len(u)
    h, c, out = np.zeros(k), np.zeros(k), []
    for row in x:
        W, U, B = (
            [a[..., j : j + k] for j in range(0, w.shape[1], k)] for a in (w, u, b)
        )  # fmt: skip
        if kind == "rnn":
            h = np.tanh(row @ W[0] + h @ U[0] + B[0])
        elif kind == "lstm":
            i, f, g, o = (row @ W[j] + h @ U[j] + B[j] for j in range(4))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            r, z = (sigmoid(row @ W[j] + h @ U[j] + B[j]) for j in range(2))
            n = np.tanh(row @ W[2] + (r * h) @ U[2] + B[2])
            h = (1 - z) * n + z * h
        out.append(h)
    return np.array(out)


@pytest.mark.parametrize(("kind", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_recurrent_nets_are_their_loops(kind: str, gates: int) -> None:
    f = getattr(F, kind)
    x, w, u, b = (RNG.normal(size=s) for s in ((2, 5, 3), (3, gates * 4), (4, gates * 4), (gates * 4,)))
    expected = np.stack([recurrent(kind, row, w, u, b) for row in x])
    np.testing.assert_allclose(f(x, w, u, b), expected, rtol=1e-10)
    backwards = np.stack([recurrent(kind, row[::-1], w, u, b)[::-1] for row in x])
    np.testing.assert_allclose(f(x, w, u, b, reverse=True), backwards, rtol=1e-10)
    tg.testing.check_grads(f, (x, w, u, b), order=1)
    assert f(np.zeros((2, 0, 3)), w, u, b).shape == (2, 0, 4)


def test_embedding_takes_rows_and_sums_their_gradients() -> None:
    table, x = RNG.normal(size=(4, 3)), np.array([[0, 2], [2, 2]])
    np.testing.assert_array_equal(F.embedding(x, table), table[x])
    found = tg.grad(lambda t: np.sum(F.embedding(x, t)))(table)
    np.testing.assert_array_equal(found[:, 0], [1, 0, 3, 0])


@pytest.mark.parametrize(
    ("error", "f", "sentence"),
    [
        (ShapeError, lambda: F.conv2d(np.ones((1, 4, 4, 2)), np.ones((3, 2, 1))), r"conv2d: .* \(rows, columns"),
        (ShapeError, lambda: F.conv(np.ones((1, 4, 3)), np.ones((2, 1, 4)), groups=3), r"groups=3 must divide the 4"),
        (ShapeError, lambda: F.conv(np.ones((1, 4, 2)), np.ones((2, 2, 4)), np.ones(3)), r"bias of shape \(3,\)"),
        (ShapeError, lambda: F.conv(np.ones((1, 4, 2)), np.ones((2, 2, 4)), padding="full"), r'"same", "valid" or int'),
        (ShapeError, lambda: F.conv_transpose(np.ones((1, 1, 2)), np.ones((2, 2, 4)), padding=1), "leaves nothing"),
        (ShapeError, lambda: F.conv_transpose(np.ones((1, 1, 2)), np.ones((2, 2, 4)), stride=0), "must be positive"),
        (ShapeError, lambda: F.max_pool(np.ones((1, 4, 1)), 2, padding=2), "without an element"),
        (ShapeError, lambda: F.global_max_pool(np.ones((2, 3))), r"\(2, 3\), expected \(batch, \*space"),
        (ShapeError, lambda: F.layer_norm(np.ones((2, 3)), np.ones(1), np.ones(1)), r"scale of shape \(1,\), expected"),
        (ShapeError, lambda: F.group_norm(np.ones((2, 3)), np.ones(3), np.ones(3), 2), r"groups=2 must divide"),
        (ShapeError, lambda: F.attention(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))), r"queries of shape"),
        (ShapeError, lambda: F.lstm(np.ones((2, 5, 3)), np.ones((3, 8)), np.ones((4, 8))), r"lstm: input of shape"),
        (DtypeError, lambda: F.embedding(np.ones(2), np.ones((2, 2))), "must be integers, .* got float"),
        (ArgumentError, lambda: F.embedding(np.array([1, 2]), np.ones((2, 2))), "2 is out of range, .* rows 0 to 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(error: Any, f: Any, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        f()
