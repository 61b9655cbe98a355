"""NumPy's ufuncs on values in registers.

exp, log, tanh and their kin are polynomials without branches, which LLVM turns into vector code: Taylor and atanh
series after the usual reductions of the argument (Muller et al., Handbook of Floating-Point Arithmetic, 2nd ed.,
chapter 10), within about an ulp. What the C library alone has is called there, one number at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .ir import BOOL, F32, I32, I64, Value, type_of

LOG2E = math.log2(math.e)
LN2 = math.log(2.0)


def _horner(x: Value, coefficients: Sequence[float]) -> Value:
    """The polynomial with these coefficients, the highest power first, by fused multiply-adds."""
    total = x.code.number(coefficients[0], x.dtype)
    for c in coefficients[1:]:
        total = x.code.intrinsic("fma", total, x, x.code.number(c, x.dtype))
    return total


def _reduced(x: Value) -> tuple[Value, Value]:
    """k and r with x = k log 2 + r, |r| <= log(2) / 2, k a whole number."""
    k = x.code.intrinsic("rint", x * LOG2E)
    high, low = (
        (0.693359375, LN2 - 0.693359375) if x.dtype == F32 else (6.93147180369123816490e-01, 1.90821492927058770002e-10)
    )
    fma = x.code.intrinsic
    r = fma("fma", k, x.code.number(-high, x.dtype), x)
    return k, fma("fma", k, x.code.number(-low, x.dtype), r)


def _scale(x: Value, k: Value) -> Value:
    """x times 2**k, in two steps, so that 2**k may be out of range."""
    half = x.code.intrinsic("floor", k * 0.5)
    return x * _power_of_two(half) * _power_of_two(k - half)


def _power_of_two(k: Value) -> Value:
    whole, bias, places = (I32, 127, 23) if k.dtype == F32 else (I64, 1023, 52)
    n = k.cast(whole)
    n = k.code.emit(f"freeze {type_of(whole)} {n.text}", whole)  # of NaN any number will do, but not LLVM's poison
    return ((n + bias) << places).bits(k.dtype)


def _exp_terms(dtype: np.dtype[Any]) -> list[float]:
    """1/n! from the last that counts for |r| <= log(2) / 2 down to n = 2."""
    return [1 / math.factorial(n) for n in range(7 if dtype == F32 else 13, 1, -1)]


def _within(x: Value, low: float, high: float) -> Value:
    """x, or the bound that it is beyond; NaN stays."""
    code = x.code
    x = code.select(x < low, low, x)
    return code.select(x > high, high, x)


def exp(x: Value) -> Value:
    """e**x."""
    low, high = (-110.0, 90.0) if x.dtype == F32 else (-750.0, 710.0)
    k, r = _reduced(_within(x, low, high))
    return _scale(_horner(r, [*_exp_terms(x.dtype), 1.0, 1.0]), k)


def expm1(x: Value) -> Value:
    """e**x - 1, without loss of digits near 0."""
    low, high = (-20.0, 88.8) if x.dtype == F32 else (-50.0, 710.0)  # both infinite, with k = 128 and 1024
    code = x.code
    inside = _within(x, low, high)
    k, r = _reduced(inside)
    small = code.intrinsic("fma", r * r, _horner(r, _exp_terms(x.dtype)), r)
    k1 = code.select(k > 126.0 if x.dtype == F32 else k > 1022.0, k - 1.0, k)  # 2**k itself may be infinite
    two = _power_of_two(k1)
    ans = code.intrinsic("fma", two, small, two - 1.0)
    ans = code.select(k1 < k, ans + ans + 1.0, ans)
    tiny = x.code.intrinsic("fabs", x) < (1e-8 if x.dtype == F32 else 1e-17)
    return code.select(tiny, x, ans)


def tanh(x: Value) -> Value:
    """The hyperbolic tangent, by expm1."""
    code = x.code
    size = code.intrinsic("fabs", x)
    t = expm1(_within(size + size, 0.0, 44.0))
    return code.intrinsic("copysign", t / (t + 2.0), x)


def _log_parts(x: Value) -> tuple[Value, Value]:
    """k and m with x = 2**k m, sqrt(1/2) <= m < sqrt(2), for positive x that is not subnormal."""
    whole, places, root = (I32, 23, 0x3F3504F3) if x.dtype == F32 else (I64, 52, 0x3FE6A09E667F3BCD)
    bits = x.bits(whole)
    shifted = bits - root
    k = shifted >> places
    return k.cast(x.dtype), (bits - (k << places)).bits(x.dtype)


def log(x: Value) -> Value:
    """The natural logarithm."""
    code = x.code
    least, up, by = (
        (1.1754943508222875e-38, 2.0**25, 25.0) if x.dtype == F32 else (2.2250738585072014e-308, 2.0**54, 54.0)
    )
    subnormal = x < least
    k, m = _log_parts(code.select(subnormal, x * up, x))
    k = code.select(subnormal, k - by, k)
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    series = _horner(z, [2.0 / n for n in range(9 if x.dtype == F32 else 23, 1, -2)])
    half = f * f * 0.5
    rest = code.intrinsic(
        "fma", s, half + z * series, k * (LN2 - 0.693359375 if x.dtype == F32 else 1.90821492927058770002e-10)
    )
    high = 0.693359375 if x.dtype == F32 else 6.93147180369123816490e-01
    ans = k * high - (half - rest - f)
    ans = code.select(x.compare("eq", 0.0), -math.inf, ans)
    ans = code.select(x < 0.0, math.nan, ans)
    infinite = x.compare("eq", math.inf)
    return code.select(infinite, x, code.select(x.is_nan(), x, ans))


def log1p(x: Value) -> Value:
    """log(1 + x), without loss of digits near 0."""
    code = x.code
    u = x + 1.0
    ans = log(u) + (x - (u - 1.0)) / u
    ans = code.select(u.compare("eq", 1.0), x, ans)
    special = code.intrinsic("fabs", u).compare("eq", math.inf)
    return code.select(special, log(u), code.select(u.compare("eq", 0.0), -math.inf, ans))


def logaddexp(x: Value, y: Value) -> Value:
    """log(e**x + e**y)."""
    code = x.code
    top = maximum(x, y)
    gap = code.intrinsic("fabs", x - y)
    ans = top + log1p(exp(-gap))
    return code.select(x.compare("eq", y), x + LN2, ans)


def maximum(x: Value, y: Value) -> Value:
    """The larger, or NaN if one is."""
    return _extreme("gt", x, y)


def minimum(x: Value, y: Value) -> Value:
    """The smaller, or NaN if one is."""
    return _extreme("lt", x, y)


def _extreme(op: str, x: Value, y: Value) -> Value:
    wins = x.compare(op, y)
    if x.dtype.kind == "f":
        wins = wins | x.is_nan()
    return x.code.select(wins, x, y)


def fmax(x: Value, y: Value) -> Value:
    """The larger; a NaN is passed over."""
    return x.code.select(x.compare("ge", y) | y.is_nan(), x, y) if x.dtype.kind == "f" else maximum(x, y)


def fmin(x: Value, y: Value) -> Value:
    """The smaller; a NaN is passed over."""
    return x.code.select(x.compare("le", y) | y.is_nan(), x, y) if x.dtype.kind == "f" else minimum(x, y)


def sign(x: Value) -> Value:
    """-1, 0 or 1, or NaN."""
    code = x.code
    ans = code.select(x > 0, 1, code.select(x < 0, -1, code.number(0, x.dtype)))
    return code.select(x.is_nan(), x, ans) if x.dtype.kind == "f" else ans


def absolute(x: Value) -> Value:
    """|x|."""
    if x.dtype.kind == "f":
        return x.code.intrinsic("fabs", x)
    return x.code.select(x < 0, -x, x) if x.dtype.kind == "i" else x


def heaviside(x: Value, y: Value) -> Value:
    """0 below 0, 1 above, y at 0."""
    code = x.code
    ans = code.select(x < 0, 0, code.select(x > 0, 1, y))
    return code.select(x.is_nan(), x, ans)


def power(x: Value, y: Value) -> Value:
    """x**y; small whole exponents by products."""
    code = x.code
    if y.text == code.number(2, y.dtype).text:
        return x * x
    if y.text == code.number(3, y.dtype).text:
        return x * x * x
    if y.text == code.number(0.5, y.dtype).text and y.dtype.kind == "f":
        return code.select(x.compare("eq", -math.inf), math.inf, code.intrinsic("sqrt", x + 0.0))
    return _library("pow")(x, y)


def floor_divide(x: Value, y: Value) -> Value:
    """floor(x / y), with Python's remainder."""
    code = x.code
    if x.dtype.kind == "u":
        return code.select(y.compare("eq", 0), y, x / _safe(y))
    if x.dtype.kind == "i":
        whole = x / _safe(y)
        rest = x - whole * _safe(y)
        whole = code.select(rest.compare("ne", 0) & (rest < 0).__xor__(y < 0), whole - 1, whole)
        return code.select(y.compare("eq", 0), 0, code.select(y.compare("eq", -1), -x, whole))
    r = _library("fmod")(x, y)
    div = (x - r) / y
    div = code.select(r.compare("ne", 0) & (r < 0).__xor__(y < 0), div - 1.0, div)
    down = code.intrinsic("floor", div)
    down = code.select(div - down > 0.5, down + 1.0, down)
    down = code.select(div.compare("eq", 0), code.intrinsic("copysign", code.number(0, x.dtype), x / y), down)
    return code.select(y.compare("eq", 0), x / y, down)


def _safe(y: Value) -> Value:
    """A divisor for which the CPU does not trap: 1 in place of 0, and of -1, as the least integer has no negative."""
    zero = y.compare("eq", 0)
    return y.code.select(zero | y.compare("eq", -1) if y.dtype.kind == "i" else zero, 1, y)


def remainder(x: Value, y: Value) -> Value:
    """Python's remainder: it has the sign of y."""
    code = x.code
    if x.dtype.kind == "f":
        r = _library("fmod")(x, y)
        turned = (r < 0).__xor__(y < 0)
        r2 = code.select(turned, r + y, r)
        return code.select(r.compare("eq", 0), code.intrinsic("copysign", r, y), r2)
    op = "urem" if x.dtype.kind == "u" else "srem"
    kind = "i" + str(8 * x.dtype.itemsize)
    safe = _safe(y)
    r = code.emit(f"{op} {kind} {x.text}, {safe.text}", x.dtype)
    if op == "srem":
        r = code.select(r.compare("ne", 0) & ((r < 0).__xor__(y < 0)), r + y, r)
    return code.select(y.compare("eq", 0), 0, r)


def _library(name: str) -> Callable[..., Value]:
    """A function of the C library, for float or double."""

    def call(*xs: Value) -> Value:
        return xs[0].code.call(name + ("f" if xs[0].dtype == F32 else ""), xs, xs[0].dtype)

    return call


def _intrinsic(name: str) -> Callable[[Value], Value]:
    return lambda x: x.code.intrinsic(name, x) if x.dtype.kind == "f" else x


def _logical(combine: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    return lambda x, y: combine(_true(x), _true(y))


def _true(x: Value) -> Value:
    return x if x.dtype.kind == "b" else x.compare("ne", 0)


def _finite(x: Value) -> Value:
    return absolute(x) < math.inf if x.dtype.kind == "f" else x.code.number(True, BOOL)


def _infinite(x: Value) -> Value:
    return absolute(x).compare("eq", math.inf) if x.dtype.kind == "f" else x.code.number(False, BOOL)


def _nan(x: Value) -> Value:
    return x.is_nan() if x.dtype.kind == "f" else x.code.number(False, BOOL)


def _invert(x: Value) -> Value:
    return x ^ (1 if x.dtype.kind == "b" else -1)


def _times(factor: float) -> Callable[[Value], Value]:
    return lambda x: x * factor


UFUNCS: dict[str, Callable[..., Value]] = {
    "add": lambda x, y: x | y if x.dtype.kind == "b" else x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x & y if x.dtype.kind == "b" else x * y,
    "divide": lambda x, y: x / y,
    "negative": lambda x: -x, "positive": lambda x: x, "conjugate": lambda x: x,
    "square": lambda x: x * x, "reciprocal": lambda x: 1.0 / x, "sqrt": _intrinsic("sqrt"),
    "absolute": absolute, "fabs": absolute, "sign": sign, "power": power, "float_power": power,
    "floor": _intrinsic("floor"), "ceil": _intrinsic("ceil"),
    "trunc": _intrinsic("trunc"), "rint": _intrinsic("rint"),
    "copysign": lambda x, y: x.code.intrinsic("copysign", x, y), "heaviside": heaviside,
    "floor_divide": floor_divide, "remainder": remainder, "fmod": _library("fmod"),
    "maximum": maximum, "minimum": minimum, "fmax": fmax, "fmin": fmin,
    "exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "tanh": tanh, "logaddexp": logaddexp,
    "exp2": _library("exp2"), "log2": _library("log2"), "log10": _library("log10"), "cbrt": _library("cbrt"),
    "sin": _library("sin"), "cos": _library("cos"), "tan": _library("tan"),
    "arcsin": _library("asin"), "arccos": _library("acos"), "arctan": _library("atan"), "arctan2": _library("atan2"),
    "sinh": _library("sinh"), "cosh": _library("cosh"),
    "arcsinh": _library("asinh"), "arccosh": _library("acosh"), "arctanh": _library("atanh"),
    "hypot": _library("hypot"),
    "deg2rad": _times(math.pi / 180), "radians": _times(math.pi / 180),
    "rad2deg": _times(180 / math.pi), "degrees": _times(180 / math.pi),
    "greater": lambda x, y: x > y, "greater_equal": lambda x, y: x >= y,
    "less": lambda x, y: x < y, "less_equal": lambda x, y: x <= y,
    "equal": lambda x, y: x.compare("eq", y), "not_equal": lambda x, y: x.compare("ne", y),
    "logical_and": _logical(Value.__and__), "logical_or": _logical(Value.__or__),
    "logical_xor": _logical(Value.__xor__),
    "logical_not": lambda x: _true(x) ^ 1,
    "bitwise_and": Value.__and__, "bitwise_or": Value.__or__, "bitwise_xor": Value.__xor__, "invert": _invert,
    "isnan": _nan, "isfinite": _finite, "isinf": _infinite,
    "signbit": lambda x: x.bits(I32 if x.dtype == F32 else I64) < 0,
    "_number (vectorized)": lambda x: x,  # a number without axes becomes one of Python's
}  # fmt: skip

FLOATS_ONLY = {"power", "fmod", "reciprocal"}  # what has loops for integers in NumPy, and no form for them here
