"""Backprop written by hand, in plain NumPy without autodiff, as a competent person would: what autodiff is measured by.

Each function returns the loss and its gradients. `examples` and `tests` compare the engine's gradients with these.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = Any


# ---- full batch, no bias, sigmoid, sum of squares: the XOR nets ----------------------------------------------------


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def sigmoid_net(weights: list[Array], x: Array, y: Array) -> tuple[Any, list[Array]]:
    """Loss sum((a_L - y)**2) with a_k = sigmoid(a_{k-1} W_k), and the gradient of each W_k.

    delta_L = 2 (a_L - y) a_L (1 - a_L); delta_k = (delta_{k+1} W_{k+1}^T) a_k (1 - a_k); dW_k = a_{k-1}^T delta_k.
    """
    activations = [x]
    for w in weights:
        activations.append(sigmoid(activations[-1] @ w))
    a = activations[-1]
    error = a - y
    loss = np.sum(error**2)
    delta = 2 * error * a * (1 - a)
    gradients = [activations[-2].T @ delta]
    for k in range(len(weights) - 1, 0, -1):
        a = activations[k]
        delta = (delta @ weights[k].T) * a * (1 - a)
        gradients.append(activations[k - 1].T @ delta)
    return loss, gradients[::-1]


def sigmoid_net_as_published(weights: list[Array], x: Array, y: Array) -> tuple[Any, list[Array]]:
    """The same with the mistake of the published code: sigma' is taken of an activation, not of its input."""

    def slope(a: Array) -> Array:
        return sigmoid(a) * (1 - sigmoid(a))

    activations = [x]
    for w in weights:
        activations.append(sigmoid(activations[-1] @ w))
    a = activations[-1]
    loss = np.sum((a - y) ** 2)
    delta = 2 * (a - y) * slope(a)
    gradients = [activations[-2].T @ delta]
    for k in range(len(weights) - 1, 0, -1):
        delta = (delta @ weights[k].T) * slope(activations[k])
        gradients.append(activations[k - 1].T @ delta)
    return loss, gradients[::-1]


# ---- one sample, the bias as an input that is always 1 -------------------------------------------------------------


def one_sample(weights: list[Array], x: Array, y: Array) -> tuple[Any, list[Array]]:
    """Loss sum((a_L - y)**2) for one example x (n,); each W_k has one more row, for the constant input 1."""
    inputs, activations = [], [x]
    for w in weights:
        inputs.append(np.append(activations[-1], 1.0))
        activations.append(sigmoid(inputs[-1] @ w))
    a = activations[-1]
    loss = np.sum((a - y) ** 2)
    delta = 2 * (a - y) * a * (1 - a)
    gradients = [np.outer(inputs[-1], delta)]
    for k in range(len(weights) - 1, 0, -1):
        a = activations[k]
        delta = (weights[k][:-1] @ delta) * a * (1 - a)
        gradients.append(np.outer(inputs[k - 1], delta))
    return loss, gradients[::-1]


# ---- mini-batch: dense, relu, dropout, softmax and cross-entropy, L1 and L2 -----------------------------------------


def classifier(
    params: list[tuple[Array, Array]],
    x: Array,
    labels: Array,
    masks: list[Array] | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
) -> tuple[Any, list[tuple[Array, Array]]]:
    """Mean cross-entropy of a relu net, plus l1 * sum|w| + l2 * sum(w**2) over its weights and biases.

    params    (w, b) a layer; labels integers
    masks     dropout: what each hidden activation is multiplied by
    """
    n = len(x)
    inputs, hidden = [x], []
    for k, (w, b) in enumerate(params[:-1]):
        h = np.maximum(inputs[-1] @ w + b, 0)
        hidden.append(h)
        inputs.append(h if masks is None else h * masks[k])
    w, b = params[-1]
    z = inputs[-1] @ w + b
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(n)
    loss = -np.mean(np.log(p[rows, labels]))

    delta = p
    delta[rows, labels] -= 1
    delta /= n
    gradients = []
    for k in range(len(params) - 1, -1, -1):
        gradients.append((inputs[k].T @ delta, delta.sum(axis=0)))
        if k:
            delta = delta @ params[k][0].T
            if masks is not None:
                delta = delta * masks[k - 1]
            delta = delta * (hidden[k - 1] > 0)
    gradients.reverse()
    if l1 or l2:
        loss = loss + sum(l1 * np.sum(np.abs(v)) + l2 * np.sum(v**2) for layer in params for v in layer)
        gradients = [
            tuple(g + l1 * np.sign(v) + 2 * l2 * v for g, v in zip(gs, vs, strict=True))
            for gs, vs in zip(gradients, params, strict=True)
        ]
    return loss, gradients


# ---- optimizers, on flat lists of arrays ---------------------------------------------------------------------------


def sgd(params: list[Array], gradients: list[Array], lr: float) -> list[Array]:
    """w - lr g."""
    return [w - lr * g for w, g in zip(params, gradients, strict=True)]


def sgd_momentum(
    params: list[Array], gradients: list[Array], velocity: list[Array], lr: float, momentum: float
) -> tuple[list[Array], list[Array]]:
    """v = momentum v + g; w - lr v."""
    velocity = [momentum * v + g for v, g in zip(velocity, gradients, strict=True)]
    return [w - lr * v for w, v in zip(params, velocity, strict=True)], velocity


def adagrad(
    params: list[Array], gradients: list[Array], cache: list[Array], lr: float, eps: float = 1e-7
) -> tuple[list[Array], list[Array]]:
    """c = c + g^2; w - lr g / (sqrt(c) + eps)."""
    cache = [c + g**2 for c, g in zip(cache, gradients, strict=True)]
    return [w - lr * g / (np.sqrt(c) + eps) for w, g, c in zip(params, gradients, cache, strict=True)], cache


def rmsprop(
    params: list[Array], gradients: list[Array], cache: list[Array], lr: float, rho: float = 0.9, eps: float = 1e-7
) -> tuple[list[Array], list[Array]]:
    """c = rho c + (1 - rho) g^2; w - lr g / (sqrt(c) + eps)."""
    cache = [rho * c + (1 - rho) * g**2 for c, g in zip(cache, gradients, strict=True)]
    return [w - lr * g / (np.sqrt(c) + eps) for w, g, c in zip(params, gradients, cache, strict=True)], cache


class Adam(NamedTuple):
    """The state of `adam`."""

    step: int
    m: list[Array]
    v: list[Array]


def adam(
    params: list[Array],
    gradients: list[Array],
    state: Adam,
    lr: float,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[list[Array], Adam]:
    """m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w - lr m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)."""
    step = state.step + 1
    new, ms, vs = [], [], []
    for w, g, m, v in zip(params, gradients, state.m, state.v, strict=True):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        new.append(w - lr * (m / (1 - b1**step)) / (np.sqrt(v / (1 - b2**step)) + eps))
        ms.append(m)
        vs.append(v)
    return new, Adam(step, ms, vs)
