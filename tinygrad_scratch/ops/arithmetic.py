"""Arithmetic on elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import DtypeError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import NO_ATTRS, Traced, bind
from .arguments import refuse
from .families import elementwise
from .limits import least_root, off_zero, root_off_zero

add = elementwise("add", np.add, lambda g, ans, x, y: g, lambda g, ans, x, y: g, symbol="+")
subtract = elementwise("subtract", np.subtract, lambda g, ans, x, y: g, lambda g, ans, x, y: -g, symbol="-")
multiply = elementwise("multiply", np.multiply, lambda g, ans, x, y: g * y, lambda g, ans, x, y: g * x, symbol="*")
divide = elementwise("divide", np.divide, lambda g, ans, x, y: g / y, lambda g, ans, x, y: -g * ans / y, symbol="/")
negative = elementwise("negative", np.negative, lambda g, ans, x: -g, symbol="-")
positive = elementwise("positive", np.positive, lambda g, ans, x: g, symbol="+")
conjugate = elementwise("conjugate", np.conjugate, lambda g, ans, x: np.conjugate(g))
square = elementwise("square", np.square, lambda g, ans, x: g * (x + x))
sqrt = elementwise("sqrt", np.sqrt, lambda g, ans, x: g / root_off_zero(ans + ans))
cbrt = elementwise("cbrt", np.cbrt, lambda g, ans, x: g / off_zero(3 * ans * ans))
reciprocal = elementwise("reciprocal", np.reciprocal, lambda g, ans, x: -g * ans * ans)
absolute = elementwise("absolute", np.absolute, lambda g, ans, x: g * conj(np.sign(x)), symbol="abs")
fabs = elementwise("fabs", np.fabs, lambda g, ans, x: g * np.sign(x))


def _power_base(g: Any, ans: Any, x: Any, y: Any) -> Any:
    zero = np.equal(y, 0)  # x**0 is constant, at x = 0 too, where 0 * x**-1 would be NaN
    steep = np.logical_and(np.equal(x, 0), np.less(y, 1))
    return g * np.where(zero, 0, y) * np.power(np.where(steep, least_root(ans), x), np.where(zero, 1, y - 1))


def _power_exponent(g: Any, ans: Any, x: Any, y: Any) -> Any:
    flat = np.logical_and(np.equal(x, 0), np.greater_equal(y, 0))  # 0**y is 0 for every y > 0
    return g * ans * np.log(np.where(flat, ans.dtype.type(1), x))  # of a negative x, too, where the answer is complex


power = elementwise("power", np.power, _power_base, _power_exponent, symbol="**")
float_power = elementwise("float_power", np.float_power, _power_base, _power_exponent)

remainder = elementwise(
    "remainder", np.remainder, lambda g, ans, x, y: g, lambda g, ans, x, y: -g * np.floor_divide(x, y), symbol="%"
)
fmod = elementwise("fmod", np.fmod, lambda g, ans, x, y: g, lambda g, ans, x, y: -g * np.trunc(x / y))
copysign = elementwise(
    "copysign", np.copysign, lambda g, ans, x, y: g * np.sign(x) * np.copysign(1, y), lambda g, ans, x, y: 0 * g
)
hypot = elementwise(
    "hypot",
    np.hypot,
    lambda g, ans, x, y: g * (x / off_zero(ans)),
    lambda g, ans, x, y: g * (y / off_zero(ans)),
)

# piecewise constant: the derivative is zero
sign_ = elementwise("sign", np.sign)
floor = elementwise("floor", np.floor)
ceil = elementwise("ceil", np.ceil)
trunc = elementwise("trunc", np.trunc)
rint = elementwise("rint", np.rint)
floor_divide = elementwise("floor_divide", np.floor_divide, symbol="//")
heaviside = elementwise("heaviside", np.heaviside)
bitwise_and = elementwise("bitwise_and", np.bitwise_and, symbol="&")
bitwise_or = elementwise("bitwise_or", np.bitwise_or, symbol="|")
bitwise_xor = elementwise("bitwise_xor", np.bitwise_xor, symbol="^")
invert = elementwise("invert", np.invert, symbol="~")

stop_gradient = elementwise("stop_gradient", lambda x: x, emit=Emit(lambda x: x, kind="same"))


def conj(x: Any) -> Any:
    """The complex conjugate; what is real stays as it is, at no cost."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


def squared_size(x: Any) -> Any:
    """|x|**2, real."""
    real = getattr(x, "dtype", None) is None or x.dtype.kind != "c"
    return np.square(x) if real else np.square(x.real) + np.square(x.imag)


@implements(np.sign)
def sign(x: Any) -> Any:
    """NumPy's `sign`: of a complex number z / |z|, which has a derivative, and 0 at 0."""
    if x.dtype.kind != "c":
        return bind(sign_, x)
    size = np.abs(x)
    zero = np.equal(size, 0)
    return np.where(zero, 0, x / np.where(zero, 1, size))


@implements(np.round, np.around)
def round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """NumPy's `round`; the derivative is zero. Integers stay integers."""
    refuse("round", out=out)
    scale = 10.0 ** abs(decimals)
    if a.dtype.kind in "iu":
        return a if decimals >= 0 else (np.rint(a / scale) * scale).astype(a.dtype)
    if decimals == 0:
        return np.rint(a)
    if a.dtype.kind == "b":
        raise DtypeError(f"round: decimals={decimals} of booleans{user_line()}, expected numbers")
    return np.rint(a * scale) / scale if decimals > 0 else np.rint(a / scale) * scale


@implements(np.divmod)
def divmod(x1: Any, x2: Any) -> tuple[Any, Any]:
    """NumPy's `divmod`: floor_divide and remainder."""
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


def pow(x: Traced, y: Any) -> Any:
    """`x ** y`, by one product where y is the number 2."""
    if type(y) is int and y == 2:
        return x.trace.process(square, (x,), NO_ATTRS)
    return bind(power, x, y)


def rdiv(x: Traced, y: Any) -> Any:
    """`y / x`, by the cheaper reciprocal where y is the number 1; the quotient is the same to the last bit.

    Not of integers, whose reciprocal is an integer in NumPy.
    """
    if type(y) is int and y == 1 and x.dtype.kind == "f":
        return x.trace.process(reciprocal, (x,), NO_ATTRS)
    return bind(divide, y, x)
