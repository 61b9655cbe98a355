"""The losses of `models` as one writes them in PyTorch, under the same names and over the same params."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional as F

Tensor = Any

_lstm = torch.compiler.disable(torch.lstm)  # torch.compile leaves nn.LSTM out of its graphs too, and fails on this


def sigmoid_net(params: list[Tensor], x: Tensor, y: Tensor) -> Tensor:
    """Layers sigmoid(a @ w), sum of squares."""
    for w in params:
        x = torch.sigmoid(x @ w)
    return F.mse_loss(x, y, reduction="sum")


def classifier(params: list[Tensor], x: Tensor, labels: Tensor) -> Tensor:
    """Dense and relu, mean cross-entropy."""
    *hidden, (w, b) = zip(params[::2], params[1::2], strict=True)
    for weights, bias in hidden:
        x = F.relu(torch.addmm(bias, x, weights))
    return F.cross_entropy(torch.addmm(b, x, w), labels)


def normal_cdf(d: Tensor) -> Tensor:
    """The normal distribution function."""
    return 0.5 * (1 + torch.erf(d * math.sqrt(0.5)))


def normal_cdf_by_tanh(d: Tensor) -> Tensor:
    """The same to four digits."""
    return 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * d * (1 + 0.044715 * (d * d))))


def black_scholes(params: list[Tensor], cdf: Any = normal_cdf) -> Tensor:
    """The sum of the prices of European calls."""
    spot, strike, time, volatility, rate = params
    spread = volatility * torch.sqrt(time)
    d1 = (torch.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / spread
    d2 = d1 - spread
    return torch.sum(spot * cdf(d1) - strike * torch.exp(-rate * time) * cdf(d2))


def black_scholes_by_tanh(params: list[Tensor]) -> Tensor:
    """The same without erf."""
    return black_scholes(params, normal_cdf_by_tanh)


def rosenbrock(params: list[Tensor]) -> Tensor:
    """sum(100 (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)."""
    (x,) = params
    return torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(params: list[Tensor], x: Tensor, y: Tensor) -> Tensor:
    """mean(log(1 + exp(-y (x w))))."""
    (w,) = params
    return F.softplus(-y * (x @ w), threshold=1e9).mean()


def cnn(params: list[Tensor], x: Tensor, labels: Tensor) -> Tensor:
    """Channels stay last in memory; only the names of the axes are PyTorch's."""
    w1, b1, w2, b2, w3, b3 = params
    x = x.permute(0, 3, 1, 2)
    for w, b in ((w1, b1), (w2, b2)):
        x = F.max_pool2d(F.relu(F.conv2d(x, w.permute(3, 2, 0, 1), b, padding=1)), 2)
    return F.cross_entropy(torch.addmm(b3, x.permute(0, 2, 3, 1).reshape(len(x), -1), w3), labels)


def lstm(params: list[Tensor], x: Tensor, labels: Tensor) -> Tensor:
    """PyTorch's own LSTM, the second bias zero."""
    wx, wh, b, w, c = params
    zeros = torch.zeros(1, x.shape[1], len(wh), dtype=x.dtype)
    weights = [wx.t(), wh.t(), b, torch.zeros_like(b)]
    outputs, _, _ = _lstm(x, (zeros, zeros), weights, True, 1, 0.0, True, False, False)
    return F.cross_entropy(torch.addmm(c, outputs[-1], w), labels)


def transformer(params: list[Tensor], x: Tensor, y: Tensor, heads: int = 4) -> Tensor:
    """One encoder block, norms first; mean squared error."""
    s1, t1, wqkv, bqkv, wo, bo, s2, t2, w1, b1, w2, b2 = params
    n, tokens, width = x.shape
    qkv = F.linear(F.layer_norm(x, (width,), s1, t1), wqkv.t(), bqkv)
    q, k, v = qkv.view(n, tokens, 3, heads, -1).permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, tokens, width)
    h = x + F.linear(mixed, wo.t(), bo)
    inner = F.gelu(F.linear(F.layer_norm(h, (width,), s2, t2), w1.t(), b1), approximate="tanh")
    return F.mse_loss(h + F.linear(inner, w2.t(), b2), y)
