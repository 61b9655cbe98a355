"""Formulas of science with their gradients by hand, each a chain rule with the subexpressions shared.

Each function takes its inputs as a list and returns the value and the gradient of each input.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any

ROOT_HALF = math.sqrt(0.5)
ROOT_TWO_PI = math.sqrt(2 * math.pi)
ROOT_TWO_OVER_PI = math.sqrt(2 / math.pi)


def normal(d: Array) -> tuple[Array, Array]:
    """The normal distribution function, (1 + erf(d / sqrt 2)) / 2, and its derivative."""
    from scipy.special import erf  # the other rows do without SciPy

    return 0.5 * (1 + erf(d * ROOT_HALF)), np.exp(-0.5 * d * d) / ROOT_TWO_PI


def normal_by_tanh(d: Array) -> tuple[Array, Array]:
    """The same to four digits: (1 + tanh(sqrt(2 / pi) (d + 0.044715 d**3))) / 2 (Page, Applied Statistics 26, 1977)."""
    square = d * d
    t = np.tanh(ROOT_TWO_OVER_PI * d * (1 + 0.044715 * square))
    return 0.5 * (1 + t), 0.5 * ROOT_TWO_OVER_PI * (1 - t * t) * (1 + 3 * 0.044715 * square)


def black_scholes(inputs: list[Array], cdf: Any = normal) -> tuple[Any, list[Array]]:
    """The sum of the prices of European calls, S N(d1) - K exp(-r t) N(d2).

    inputs    spot S, strike K, time t, volatility v: arrays of one length; rate r: one number
    """
    spot, strike, time, volatility, rate = inputs
    root = np.sqrt(time)
    spread = volatility * root
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / spread
    d2 = d1 - spread
    discount = np.exp(-rate * time)
    present = strike * discount
    (n1, slope1), (n2, slope2) = cdf(d1), cdf(d2)
    paid = present * n2
    price = np.sum(spot * n1 - paid)

    by_d2 = -present * slope2
    by_d1 = spot * slope1 + by_d2
    inside = by_d1 / spread  # of the numerator of d1
    by_spread = -by_d2 - inside * d1
    by_spot = n1 + inside / spot
    by_strike = -(discount * n2) - inside / strike
    by_time = inside * (rate + 0.5 * volatility * volatility) + rate * paid + by_spread * volatility * 0.5 / root
    by_volatility = inside * volatility * time + by_spread * root
    by_rate = np.sum(time * (inside + paid))
    return price, [by_spot, by_strike, by_time, by_volatility, by_rate]


def rosenbrock(inputs: list[Array]) -> tuple[Any, list[Array]]:
    """sum(100 (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)."""
    (x,) = inputs
    head, tail = x[:-1], x[1:]
    bend, gap = tail - head * head, 1 - head
    value = np.sum(100 * (bend * bend) + gap * gap)
    gradient = np.zeros_like(x)
    gradient[1:] = 200 * bend
    gradient[:-1] -= 400 * head * bend + 2 * gap
    return value, [gradient]


def logistic(inputs: list[Array], x: Array, y: Array) -> tuple[Any, list[Array]]:
    """mean(log(1 + exp(-y (x w)))) for x (n, features) and y of -1 and 1."""
    (w,) = inputs
    z = -y * (x @ w)
    value = np.mean(np.logaddexp(0, z))
    return value, [(-y / (1 + np.exp(-z)) / len(y)) @ x]
