"""The losses of the rows, each written once for all libraries that follow NumPy; PyTorch's are in `torch_models`.

`loss(lib, params, *data)` takes params as a flat list of arrays. What libraries name differently is a field of
`Library`; None stands for what a library lacks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import tinygrad_scratch as tg

Array = Any


def loop(f: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any) -> tuple[Any, list[Any]]:
    """carry, y = f(carry, x) for each x of xs; the last carry and the list of all y."""
    ys = []
    for x in xs:
        init, y = f(init, x)
        ys.append(y)
    return init, ys


class Library(NamedTuple):
    """NumPy's names in a library, and its own name for what NumPy has not."""

    np: Any
    relu: Any
    sigmoid: Any
    softmax: Any  # over the last axis
    cross_entropy: Any  # the mean over the batch, of logits and integer labels
    dense: Any = lambda x, w, b: x @ w + b
    erf: Any = None
    conv: Any = None  # 3x3 with zeros around, channels last
    max_pool: Any = None  # 2x2
    scan: Any = loop


def _erf(x: Any) -> Any:
    from scipy.special import erf

    return erf(x)


_F = tg.nn.functional

EAGER = Library(
    np,
    _F.relu,
    _F.sigmoid,
    _F.softmax,
    lambda z, labels: np.mean(tg.losses.softmax_cross_entropy(z, labels)),
    _F.dense,
    _erf,
    lambda x, w: _F.conv(x, w, padding=1),
    lambda x: _F.max_pool(x, 2),
)
JIT = EAGER._replace(scan=tg.scan)  # unrolled, a loop makes a long graph


def sigmoid_net(lib: Library, params: list[Array], x: Array, y: Array) -> Any:
    """sum((a - y)**2) of layers 1 / (1 + exp(-(a @ w)))."""
    for w in params:
        x = 1 / (1 + lib.np.exp(-(x @ w)))
    return lib.np.sum((x - y) ** 2)


def classifier(lib: Library, params: list[Array], x: Array, labels: Array) -> Any:
    """Dense and relu, the last layer without; mean cross-entropy."""
    *hidden, last = zip(params[::2], params[1::2], strict=True)
    for w, b in hidden:
        x = lib.relu(lib.dense(x, w, b))
    return lib.cross_entropy(lib.dense(x, *last), labels)


def normal_cdf(lib: Library, d: Array) -> Array:
    """The normal distribution function."""
    return 0.5 * (1 + lib.erf(d * math.sqrt(0.5)))


def normal_cdf_by_tanh(lib: Library, d: Array) -> Array:
    """The same to four digits."""
    return 0.5 * (1 + lib.np.tanh(math.sqrt(2 / math.pi) * d * (1 + 0.044715 * (d * d))))


def black_scholes(lib: Library, params: list[Array], cdf: Any = normal_cdf) -> Any:
    """The sum of the prices of European calls."""
    spot, strike, time, volatility, rate = params
    spread = volatility * lib.np.sqrt(time)
    d1 = (lib.np.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / spread
    d2 = d1 - spread
    return lib.np.sum(spot * cdf(lib, d1) - strike * lib.np.exp(-rate * time) * cdf(lib, d2))


def black_scholes_by_tanh(lib: Library, params: list[Array]) -> Any:
    """The same without erf, which not every library has."""
    return black_scholes(lib, params, normal_cdf_by_tanh)


def rosenbrock(lib: Library, params: list[Array]) -> Any:
    """sum(100 (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)."""
    (x,) = params
    return lib.np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(lib: Library, params: list[Array], x: Array, y: Array) -> Any:
    """mean(log(1 + exp(-y (x w))))."""
    (w,) = params
    return lib.np.mean(lib.np.logaddexp(0, -y * (x @ w)))


def cnn(lib: Library, params: list[Array], x: Array, labels: Array) -> Any:
    """Twice (3x3 convolution, bias, relu, 2x2 max pooling), dense, mean cross-entropy."""
    w1, b1, w2, b2, w3, b3 = params
    for w, b in ((w1, b1), (w2, b2)):
        x = lib.max_pool(lib.relu(lib.conv(x, w) + b))
    return lib.cross_entropy(lib.dense(x.reshape(len(x), -1), w3, b3), labels)


def lstm(lib: Library, params: list[Array], x: Array, labels: Array) -> Any:
    """An LSTM from zeros over x (steps, n, in), dense on its last output, mean cross-entropy."""
    wx, wh, b, w, c = params
    width = wh.shape[0]

    def step(carry: tuple[Array, Array], z: Array) -> tuple[tuple[Array, Array], None]:
        h, cell = carry
        z = z + h @ wh
        i, f, g, o = (z[:, k * width : (k + 1) * width] for k in range(4))
        cell = lib.sigmoid(f) * cell + lib.sigmoid(i) * lib.np.tanh(g)
        return (lib.sigmoid(o) * lib.np.tanh(cell), cell), None

    zeros = np.zeros((x.shape[1], width), x.dtype)
    (h, _), _ = lib.scan(step, (zeros, zeros), x @ wx + b)
    return lib.cross_entropy(lib.dense(h, w, c), labels)


def layer_norm(lib: Library, x: Array, scale: Array, shift: Array) -> Array:
    """Mean 0 and variance 1 over the last axis, then scaled and shifted."""
    centred = x - lib.np.mean(x, axis=-1, keepdims=True)
    variance = lib.np.mean(centred * centred, axis=-1, keepdims=True)
    return centred / lib.np.sqrt(variance + 1e-5) * scale + shift


def gelu(lib: Library, x: Array) -> Array:
    """x N(x), in its form by tanh (Hendrycks and Gimpel, arXiv 1606.08415)."""
    return 0.5 * x * (1 + lib.np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def attention(lib: Library, x: Array, w: Array, b: Array, heads: int) -> Array:
    """Each token's mixture of the values of all; x (n, tokens, width), the heads' outputs side by side."""
    n, tokens, width = x.shape
    split = lib.dense(x, w, b).reshape(n, tokens, 3, heads, width // heads)
    q, k, v = lib.np.transpose(split, (2, 0, 3, 1, 4))
    scores = q @ lib.np.swapaxes(k, -1, -2) / math.sqrt(width // heads)
    return lib.np.transpose(lib.softmax(scores) @ v, (0, 2, 1, 3)).reshape(n, tokens, width)


def transformer(lib: Library, params: list[Array], x: Array, y: Array, heads: int = 4) -> Any:
    """One encoder block, norms first; mean squared error."""
    s1, t1, wqkv, bqkv, wo, bo, s2, t2, w1, b1, w2, b2 = params
    h = x + lib.dense(attention(lib, layer_norm(lib, x, s1, t1), wqkv, bqkv, heads), wo, bo)
    out = h + lib.dense(gelu(lib, lib.dense(layer_norm(lib, h, s2, t2), w1, b1)), w2, b2)
    return lib.np.mean((out - y) ** 2)
