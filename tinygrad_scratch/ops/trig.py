"""Trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.primitive import implements
from .families import elementwise
from .limits import off_zero, root_off_zero

DEGREE = float(np.pi / 180)

sin = elementwise("sin", np.sin, lambda g, ans, x: g * np.cos(x))
cos = elementwise("cos", np.cos, lambda g, ans, x: -g * np.sin(x))
tan = elementwise("tan", np.tan, lambda g, ans, x: g * (1 + ans * ans))
arcsin = elementwise("arcsin", np.arcsin, lambda g, ans, x: g / root_off_zero(np.sqrt((1 - x) * (1 + x))))
arccos = elementwise("arccos", np.arccos, lambda g, ans, x: -g / root_off_zero(np.sqrt((1 - x) * (1 + x))))
arctan = elementwise("arctan", np.arctan, lambda g, ans, x: g / (1 + x * x))


def _radius(y: Any, x: Any) -> Any:
    """The root of x x + y y, whose square may be too large or too small."""
    return off_zero(np.hypot(x, y))


arctan2 = elementwise(
    "arctan2",
    np.arctan2,
    lambda g, ans, y, x: g * (x / _radius(y, x)) / _radius(y, x),
    lambda g, ans, y, x: -g * (y / _radius(y, x)) / _radius(y, x),
)

sinh = elementwise("sinh", np.sinh, lambda g, ans, x: g * np.cosh(x))
cosh = elementwise("cosh", np.cosh, lambda g, ans, x: g * np.sinh(x))
tanh = elementwise("tanh", np.tanh, lambda g, ans, x: g * (1 - ans * ans))
arcsinh = elementwise("arcsinh", np.arcsinh, lambda g, ans, x: g / np.sqrt(x * x + 1))
arccosh = elementwise("arccosh", np.arccosh, lambda g, ans, x: g / (root_off_zero(np.sqrt(x - 1)) * np.sqrt(x + 1)))
arctanh = elementwise("arctanh", np.arctanh, lambda g, ans, x: g / ((1 - x) * (1 + x)))

SERIES = [(-1) ** k / math.factorial(2 * k + 1) for k in range(11)]  # of sin(y) / y in powers of y * y


@implements(np.sinc)
def sinc(x: Any) -> Any:
    """NumPy's `sinc`: sin(pi x) / (pi x); near 0 by its power series, which has derivatives of any order."""
    y = np.pi * x
    near = np.less(np.abs(y), 1)
    square, far = np.square(np.where(near, y, 0)), np.where(near, 1, y)
    series = SERIES[-1]
    for c in SERIES[-2::-1]:
        series = series * square + c
    return np.where(near, series, np.sin(far) / far)


deg2rad = elementwise("deg2rad", np.deg2rad, lambda g, ans, x: g * DEGREE)
radians = elementwise("radians", np.radians, lambda g, ans, x: g * DEGREE)
rad2deg = elementwise("rad2deg", np.rad2deg, lambda g, ans, x: g / DEGREE)
degrees = elementwise("degrees", np.degrees, lambda g, ans, x: g / DEGREE)
