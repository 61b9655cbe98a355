"""Functions of elements: arithmetic, exponentials, trigonometry, comparison, choice, parts of complex numbers."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import Domain, arrays, away_from_zero, between, chosen, complex_numbers
from ..entry import Entry, calls

ANY, POSITIVE, UNIT, OFF_ZERO = between(-2, 2), between(0.2, 2), between(-0.8, 0.8), away_from_zero()
COMPLEX = complex_numbers(OFF_ZERO)
LEFT, RIGHT = chosen(-1.5, -0.75, 0.0, 0.75, 1.5), chosen(-1.2, -0.4, 0.4, 1.2)  # never equal
OFF_INTEGER = chosen(-1.6, -0.7, 0.3, 1.2, 2.4)
DIVIDEND, DIVISOR = chosen(-0.77, -0.53, -0.31, 0.31, 0.53, 0.77, 2.2, 2.5), chosen(1.03, 1.37, 1.71)
ODD = chosen(1.0, -2.0, np.nan, np.inf, -np.inf)
REAL = {"complex": "real numbers only"}
SHAPE, WIDE, NARROW = (st.sampled_from(s) for s in ([(2, 3), (3,), (), (0, 2)], [(2, 3), (3,)], [(2, 3), (2, 1), ()]))


def one(domain: Domain, **options: Any) -> Entry:
    """A function of one array, real or complex."""
    return Entry(calls(arrays(SHAPE, domain), **options), calls(arrays(SHAPE, COMPLEX), **options))


def two(a: Domain, b: Domain, **options: Any) -> Entry:
    """A function of two arrays that broadcast, either or both complex."""
    x, y = arrays(WIDE, a), arrays(NARROW, b)
    z, w = arrays(WIDE, complex_numbers(a)), arrays(NARROW, complex_numbers(b))
    return Entry(calls(x, y, **options), calls(z, w, **options) | calls(x, w, **options) | calls(z, y, **options))


def real(entry: Entry) -> Entry:
    """The entry of a function of real numbers alone."""
    return entry._replace(complex=None, without=REAL)


def named(entries: dict[str, Entry]) -> dict[str, Entry]:
    """Entries under the full names, of which each key may hold several, for the same function."""
    return {f"numpy.{name}": entry for names, entry in entries.items() for name in names.split()}


ENTRIES = named({
    "add": two(ANY, ANY),
    "subtract": two(ANY, ANY),
    "multiply": two(ANY, ANY),
    "divide true_divide": two(ANY, OFF_ZERO),
    "power pow": two(POSITIVE, ANY),
    "float_power": two(POSITIVE, ANY)._replace(without={"float32": "NumPy's answer is float64 there"}),
    "floor_divide": real(two(DIVIDEND, DIVISOR)),
    "remainder mod": real(two(DIVIDEND, DIVISOR)),
    "divmod": real(two(DIVIDEND, DIVISOR)),
    "fmod": real(two(DIVIDEND, DIVISOR)),
    "copysign": real(two(OFF_ZERO, OFF_ZERO)),
    "heaviside": real(two(OFF_ZERO, ANY)),
    "hypot": real(two(OFF_ZERO, OFF_ZERO)),
    "arctan2 atan2": real(two(OFF_ZERO, OFF_ZERO)),
    "logaddexp": real(two(ANY, ANY)),
    "logaddexp2": real(two(ANY, ANY)),
    "negative": one(ANY),
    "positive": one(ANY),
    "absolute abs": one(OFF_ZERO),
    "fabs": real(one(OFF_ZERO)),
    "sign": one(OFF_ZERO),
    "square": one(ANY),
    "sqrt": one(POSITIVE),
    "cbrt": real(one(OFF_ZERO)),
    "reciprocal": one(OFF_ZERO),
    "exp": one(ANY),
    "exp2": one(ANY),
    "expm1": one(ANY),
    "log": one(POSITIVE),
    "log2": one(POSITIVE),
    "log10": one(POSITIVE),
    "log1p": one(between(-0.8, 2)),
    "sin": one(ANY),
    "cos": one(ANY),
    "tan": one(between(-1, 1)),
    "arcsin asin": one(UNIT),
    "arccos acos": one(UNIT),
    "arctan atan": one(ANY),
    "sinh": one(ANY),
    "cosh": one(ANY),
    "tanh": one(ANY),
    "arcsinh asinh": one(ANY),
    "arccosh acosh": one(between(1.2, 3)),
    "arctanh atanh": one(UNIT),
    "sinc": one(ANY),
    "deg2rad radians": real(one(ANY)),
    "rad2deg degrees": real(one(ANY)),
    "floor": real(one(OFF_INTEGER)),
    "ceil": real(one(OFF_INTEGER)),
    "trunc": real(one(OFF_INTEGER)),
    "rint": one(OFF_INTEGER),
    "round around": one(OFF_INTEGER, decimals=st.sampled_from([0, 1, -1])),
    "signbit": real(one(OFF_ZERO)),
    "isnan": one(ODD),
    "isinf": one(ODD),
    "isfinite": one(ODD),
    "logical_not": one(LEFT),
    "logical_and": two(LEFT, LEFT),
    "logical_or": two(LEFT, LEFT),
    "logical_xor": two(LEFT, LEFT),
    "greater": two(LEFT, RIGHT),
    "greater_equal": two(LEFT, RIGHT),
    "less": two(LEFT, RIGHT),
    "less_equal": two(LEFT, RIGHT),
    "equal": two(LEFT, LEFT),
    "not_equal": two(LEFT, LEFT),
    "maximum": two(LEFT, RIGHT),
    "minimum": two(LEFT, RIGHT),
    "fmax": two(LEFT, RIGHT),
    "fmin": two(LEFT, RIGHT),
    "conjugate conj": one(ANY),
    "real": one(ANY),
    "imag": one(ANY),
    "angle": one(OFF_ZERO, deg=st.booleans()),
    "iscomplex": one(OFF_ZERO),
    "isreal": one(OFF_ZERO),
})  # fmt: skip

INTEGERS = "of integers and booleans, which have no derivative"
WITHOUT: dict[str, str] = {
    **dict.fromkeys(
        [f"numpy.{name}" for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "bitwise_invert",
                                      "bitwise_left_shift", "bitwise_right_shift",
                                      "invert")], INTEGERS),
    "numpy.real_if_close": "the dtype of a complex answer depends on values, so that is refused by a sentence",
}  # fmt: skip
