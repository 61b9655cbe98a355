"""Activation functions: elementwise, but for softmax and its logarithm. None of them overflows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.trace import bind
from ...ops.compare import relu as _relu
from ...ops.special import erfc, expit
from ...scipy import special


def relu(x: Any) -> Any:
    """max(x, 0); the derivative at 0 is 0."""
    return bind(_relu, x)


def relu6(x: Any) -> Any:
    """min(max(x, 0), 6)."""
    return np.minimum(relu(x), 6)


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where x > 0, else slope * x (Maas et al., ICML 2013)."""
    return np.where(x > 0, x, slope * x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, else alpha * (exp(x) - 1) (Clevert et al., ICLR 2016); the derivative at 0 is alpha."""
    return np.where(x > 0, x, alpha * np.expm1(np.where(x > 0, 0, x)))


def selu(x: Any) -> Any:
    """1.0507 * elu(x, 1.6733), which keeps mean 0 and variance 1 (Klambauer et al., NeurIPS 2017)."""
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def gelu(x: Any, approximate: bool = True) -> Any:
    """x N(x), N the normal distribution function, by default in its form with tanh, within 5e-4 of it.

    Source: Hendrycks and Gimpel, arXiv 1606.08415.
    """
    if approximate:
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))
    return 0.5 * x * bind(erfc, x * -math.sqrt(0.5))  # not 1 + erf, which loses the digits of a small N


def silu(x: Any) -> Any:
    """x sigmoid(x), also called swish (Elfwing et al., Neural Networks 107, 2018)."""
    return x * sigmoid(x)


def mish(x: Any) -> Any:
    """x tanh(softplus(x)) (Misra, BMVC 2020)."""
    return x * np.tanh(softplus(x))


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), without overflow."""
    return bind(expit, x)


def hard_sigmoid(x: Any) -> Any:
    """x / 6 + 1 / 2, cut off at 0 and 1."""
    return relu6(x + 3) / 6


def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))), without overflow."""
    return -softplus(-x)


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(x, 0)


def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    return x / (1 + np.abs(x))


tanh = np.tanh  # the same function, so that a net with either has one name


def step(x: Any) -> Any:
    """1 where x > 0, else 0: the neuron that fires or does not. Its derivative is 0 everywhere."""
    return np.heaviside(x, 0)


def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along `axis`, by default the last, without overflow."""
    return special.softmax(x, axis)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """x - log(sum(exp(x))) along `axis`, by default the last: the logarithm of `softmax`."""
    return special.log_softmax(x, axis)
