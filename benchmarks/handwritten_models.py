"""Convolution, recurrence and attention by hand, in plain NumPy: the loss and the gradients of a flat list of params.

What a competent person would do with NumPy: convolutions as products of the copied windows (im2col), the four gates of
the LSTM in one product, and its products with the inputs, for all steps at once, outside the loop.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = Any
Gradients = tuple[Any, list[Array]]

ROOT_TWO_OVER_PI = math.sqrt(2 / math.pi)
EPS = 1e-5  # of the layer norm


def softmax_cross_entropy(z: Array, labels: Array) -> tuple[Any, Array]:
    """The mean of -log softmax(z)[label] over the rows, and its gradient by z."""
    rows = np.arange(len(z))
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(p[rows, labels]))
    p[rows, labels] -= 1
    return loss, p / len(z)


# ---- convolution ---------------------------------------------------------------------------------------------------


def _columns(x: Array) -> Array:
    """The 3x3 windows of x (n, h, w, c), zeros around it, as rows (n h w, 9 c)."""
    n, h, w, c = x.shape
    seen = sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), (3, 3), axis=(1, 2))
    return seen.transpose(0, 1, 2, 4, 5, 3).reshape(n * h * w, 9 * c)


def _columns_transposed(columns: Array, shape: tuple[int, ...]) -> Array:
    n, h, w, c = shape
    parts = columns.reshape(n, h, w, 3, 3, c)
    x = np.zeros((n, h + 2, w + 2, c), columns.dtype)
    for i in range(3):
        for j in range(3):
            x[:, i : i + h, j : j + w] += parts[:, :, :, i, j]
    return x[:, 1:-1, 1:-1]


def _quarters(x: Array) -> list[Array]:
    """The four elements of every 2x2 window, as views."""
    return [x[:, i::2, j::2] for i in range(2) for j in range(2)]


def _pool(x: Array) -> Array:
    a, b, c, d = _quarters(x)
    return np.maximum(np.maximum(a, b), np.maximum(c, d))


def _pool_relu_backward(pooled: Array, x: Array, g: Array) -> Array:
    """The gradient before pooling and relu; of equals in a window, the first takes it all."""
    left = g * (pooled > 0)
    out = np.empty_like(x)
    for place, value in zip(_quarters(out), _quarters(x), strict=True):
        np.multiply(left, value == pooled, out=place)
        left -= place
    return out


def cnn(params: list[Array], x: Array, labels: Array) -> Gradients:
    """Twice (3x3 convolution with zeros around, bias, relu, 2x2 max pooling), dense, mean cross-entropy.

    params    w1 (3, 3, in, a), b1, w2 (3, 3, a, b), b2, w3 (pixels b, classes), b3
    x         (n, height, width, in)
    """
    w1, b1, w2, b2, w3, b3 = params
    n = len(x)
    columns1 = _columns(x)
    h1 = np.maximum(columns1 @ w1.reshape(-1, w1.shape[-1]) + b1, 0).reshape(*x.shape[:3], -1)
    p1 = _pool(h1)
    columns2 = _columns(p1)
    h2 = np.maximum(columns2 @ w2.reshape(-1, w2.shape[-1]) + b2, 0).reshape(*p1.shape[:3], -1)
    p2 = _pool(h2)
    flat = p2.reshape(n, -1)
    loss, delta = softmax_cross_entropy(flat @ w3 + b3, labels)

    dw3, db3 = flat.T @ delta, delta.sum(axis=0)
    d2 = _pool_relu_backward(p2, h2, (delta @ w3.T).reshape(p2.shape)).reshape(-1, w2.shape[-1])
    dw2, db2 = (columns2.T @ d2).reshape(w2.shape), d2.sum(axis=0)
    dp1 = _columns_transposed(d2 @ w2.reshape(-1, w2.shape[-1]).T, p1.shape)
    d1 = _pool_relu_backward(p1, h1, dp1).reshape(-1, w1.shape[-1])
    dw1, db1 = (columns1.T @ d1).reshape(w1.shape), d1.sum(axis=0)
    return loss, [dw1, db1, dw2, db2, dw3, db3]


# ---- recurrence ----------------------------------------------------------------------------------------------------


def lstm(params: list[Array], x: Array, labels: Array) -> Gradients:
    """An LSTM from zeros over x (steps, n, in), dense on its last output, mean cross-entropy; gates i, f, g, o.

    params    wx (in, 4 hidden), wh (hidden, 4 hidden), b, w (hidden, classes), c
    """
    wx, wh, b, w, c = params
    steps, n, _ = x.shape
    width = len(wh)
    gates = (x.reshape(steps * n, -1) @ wx + b).reshape(steps, n, 4 * width)  # becomes the activations, in place
    i, f, g, o = (gates[:, :, k * width : (k + 1) * width] for k in range(4))
    h = np.zeros((steps + 1, n, width), x.dtype)
    cell, squashed = np.zeros_like(h), np.empty_like(h)
    for t in range(steps):
        z = gates[t]
        z += h[t] @ wh
        candidate = np.tanh(g[t])
        z[:] = 1 / (1 + np.exp(-z))
        g[t] = candidate
        cell[t + 1] = f[t] * cell[t] + i[t] * g[t]
        squashed[t] = np.tanh(cell[t + 1])
        h[t + 1] = o[t] * squashed[t]
    loss, delta = softmax_cross_entropy(h[-1] @ w + c, labels)

    dw, dc = h[-1].T @ delta, delta.sum(axis=0)
    dh, dcell = delta @ w.T, np.zeros_like(h[0])
    deltas = np.empty_like(gates)
    for t in range(steps - 1, -1, -1):
        it, ft, gt, ot, s, d = i[t], f[t], g[t], o[t], squashed[t], deltas[t]
        dcell = dcell + dh * ot * (1 - s * s)
        d[:, :width] = dcell * gt * it * (1 - it)
        d[:, width : 2 * width] = dcell * cell[t] * ft * (1 - ft)
        d[:, 2 * width : 3 * width] = dcell * it * (1 - gt * gt)
        d[:, 3 * width :] = dh * s * ot * (1 - ot)
        dh, dcell = d @ wh.T, dcell * ft
    flat = deltas.reshape(steps * n, -1)
    dwx, dwh = x.reshape(steps * n, -1).T @ flat, h[:-1].reshape(steps * n, -1).T @ flat
    return loss, [dwx, dwh, flat.sum(axis=0), dw, dc]


# ---- attention -----------------------------------------------------------------------------------------------------


def _layer_norm(x: Array, scale: Array, shift: Array) -> tuple[Array, Array, Array]:
    centred = x - x.mean(axis=-1, keepdims=True)
    inverse = 1 / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + EPS)
    unit = centred * inverse
    return unit * scale + shift, unit, inverse


def _layer_norm_backward(g: Array, unit: Array, inverse: Array, scale: Array) -> tuple[Array, Array, Array]:
    d = g * scale
    by_x = (d - d.mean(axis=-1, keepdims=True) - unit * (d * unit).mean(axis=-1, keepdims=True)) * inverse
    return by_x, (g * unit).sum(axis=0), g.sum(axis=0)


def transformer(params: list[Array], x: Array, y: Array, heads: int = 4) -> Gradients:
    """One encoder block, norms first: h = x + attention(norm(x)); h + gelu(norm(h) w + b) v + c; mean squared error.

    params    norm scale and shift, w (width, 3 width) and b of query, key and value, w and b of the heads' output,
              norm scale and shift, w (width, inner) and b, w (inner, width) and b
    x, y      (n, tokens, width); gelu in its form by tanh
    """
    s1, t1, wqkv, bqkv, wo, bo, s2, t2, w1, b1, w2, b2 = params
    n, tokens, width = x.shape
    x2 = x.reshape(-1, width)
    n1, unit1, inverse1 = _layer_norm(x2, s1, t1)
    qkv = (n1 @ wqkv + bqkv).reshape(n, tokens, 3, heads, -1).transpose(2, 0, 3, 1, 4)
    q, k, v = qkv
    factor = 1 / math.sqrt(width // heads)
    scores = (q @ k.swapaxes(-1, -2)) * factor
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    mixed = (p @ v).transpose(0, 2, 1, 3).reshape(-1, width)
    h = x2 + (mixed @ wo + bo)
    n2, unit2, inverse2 = _layer_norm(h, s2, t2)
    a = n2 @ w1 + b1
    bent = np.tanh(ROOT_TWO_OVER_PI * (a + 0.044715 * a * a * a))
    active = 0.5 * a * (1 + bent)
    error = h + (active @ w2 + b2) - y.reshape(-1, width)
    loss = np.mean(error * error)

    d = error * (2 / error.size)
    dw2, db2 = active.T @ d, d.sum(axis=0)
    slope = 0.5 * (1 + bent) + 0.5 * a * (1 - bent * bent) * (ROOT_TWO_OVER_PI * (1 + 3 * 0.044715 * a * a))
    da = (d @ w2.T) * slope
    dw1, db1 = n2.T @ da, da.sum(axis=0)
    dh, ds2, dt2 = _layer_norm_backward(da @ w1.T, unit2, inverse2, s2)
    dh = dh + d
    dwo, dbo = mixed.T @ dh, dh.sum(axis=0)
    dmixed = (dh @ wo.T).reshape(n, tokens, heads, -1).transpose(0, 2, 1, 3)
    dp = dmixed @ v.swapaxes(-1, -2)
    dscores = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) * factor
    dqkv = np.stack([dscores @ k, dscores.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ dmixed])
    flat = dqkv.transpose(1, 3, 0, 2, 4).reshape(-1, 3 * width)
    dwqkv, dbqkv = n1.T @ flat, flat.sum(axis=0)
    _, ds1, dt1 = _layer_norm_backward(flat @ wqkv.T, unit1, inverse1, s1)
    return loss, [ds1, dt1, dwqkv, dbqkv, dwo, dbo, ds2, dt2, dw1, db1, dw2, db2]
