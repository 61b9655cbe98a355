"""Differences, integrals, interpolation, convolution and polynomials."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays, between, distinct
from ..entry import Call, Entry, calls
from .reductions import KEEP, POSITIVE, REAL, number
from .statistics import of_shape

ROW, MATRIX = of_shape(4), of_shape(3, 4)
ONE_AXIS = st.sampled_from([0, -1])
RISING = arrays((4,), POSITIVE).map(np.cumsum)
FORM = st.sampled_from(["full", "same", "valid"])
EDGE = st.sampled_from([1, 2])


@st.composite
def interpolations(draw: Any) -> Call:
    """Points away from the knots, inside and outside."""
    xp = np.cumsum(draw(arrays((4,), between(0.5, 1))))
    place = draw(arrays((2, 3), between(0.2, 0.8))) + draw(st.integers(-1, 3))
    x = np.interp(place, np.arange(-1, 5), [xp[0] - 1, *xp, xp[-1] + 1])
    options: dict[str, Any] = draw(st.sampled_from([{}, {"left": -1.0, "right": 2.0}, {"period": 4.53}]))
    return Call((x, xp, draw(ROW)), options)


def _complex_values(call: Call) -> Call:
    x, xp, fp = call.args
    return Call((x, xp, fp + 0.5j * np.flip(fp)), call.kwargs)


ENTRIES = {
    "numpy.diff": Entry(
        calls(MATRIX, n=st.sampled_from([0, 1, 2]), axis=ONE_AXIS)
        | calls(MATRIX, axis=0, prepend=number(0, 1), append=of_shape(2, 4))
    ),
    "numpy.ediff1d": Entry(calls(MATRIX) | calls(ROW, to_end=of_shape(2), to_begin=number(0, 1))),
    "numpy.gradient": Entry(
        calls(MATRIX, axis=st.sampled_from([None, 0, -1, (0, 1)]), edge_order=EDGE)
        | calls(MATRIX, arrays((), POSITIVE), arrays((4,), POSITIVE).map(np.cumsum), edge_order=EDGE)
        | calls(MATRIX, RISING, axis=1, edge_order=EDGE),
        complex=calls(MATRIX.map(lambda x: x + 0.5j * x[::-1]), RISING.map(np.ndarray.tolist), axis=1, edge_order=EDGE),
    ),
    "numpy.trapezoid": Entry(
        calls(MATRIX, dx=number(0.5, 1), axis=ONE_AXIS) | calls(MATRIX, RISING) | calls(MATRIX, of_shape(3, 4), axis=0)
    ),
    "numpy.unwrap": Entry(
        calls(arrays((3, 4), distinct), axis=ONE_AXIS) | calls(arrays((3, 4), distinct), discont=1.07, period=1.73),
        without=REAL,
    ),
    "numpy.interp": Entry(interpolations(), complex=interpolations().map(_complex_values)),
    "numpy.convolve": Entry(calls(of_shape(5), of_shape(3), FORM) | calls(of_shape(2), of_shape(5), FORM)),
    "numpy.correlate": Entry(calls(of_shape(5), of_shape(2), FORM) | calls(of_shape(2), of_shape(5), FORM)),
    "numpy.polyval": Entry(calls(ROW, MATRIX)),
    "numpy.polyadd": Entry(calls(ROW, of_shape(2))),
    "numpy.polysub": Entry(calls(of_shape(2), ROW)),
    "numpy.polymul": Entry(calls(ROW, of_shape(2))),
    "numpy.polydiv": Entry(
        calls(ROW, arrays((2,), POSITIVE)),
        without={"float32": "NumPy keeps a leading zero of the remainder where rounding leaves a little of it"},
    ),
    "numpy.polyder": Entry(calls(ROW, m=st.sampled_from([0, 1, 2]))),
    "numpy.polyint": Entry(calls(ROW) | calls(ROW, m=2, k=of_shape(2))),
    "numpy.polyfit": Entry(
        calls(arrays((6,), distinct), of_shape(6), 2, w=arrays((6,), POSITIVE))
        | calls(arrays((5,), distinct), of_shape(5, 2), 1, full=KEEP, cov=st.sampled_from([False, True, "unscaled"])),
    ),
    "numpy.poly": Entry(calls(ROW)),
    "numpy.vander": Entry(calls(ROW, N=st.sampled_from([None, 3]), increasing=KEEP)),
}

WITHOUT: dict[str, str] = {
    "numpy.roots": "how many there are, and whether they are real, depends on values; np.linalg.eigvals tells them",
}
