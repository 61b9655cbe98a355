"""Samples of ordering and searching, of convolution, and of the bits and parts of numbers."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_scratch.testing.strategies import Case, arrays, away_from_zero, chosen, distinct, shapes

from .base import ANY, INT, Entry, along_axis, each


@st.composite
def partitions(draw: Any) -> Case:
    case = draw(along_axis(distinct, nonempty=True))
    places = st.integers(0, case.args[0].shape[case.attrs["axis"]] - 1)
    return Case(case.args, {**case.attrs, "kth": tuple(draw(st.lists(places, min_size=1, max_size=2)))})


def partitioned(x: np.ndarray, axis: int, kth: Any) -> Any:
    return np.argpartition(x, kth, axis)


@st.composite
def searches(draw: Any) -> Case:
    rows = arrays((draw(st.integers(1, 4)),), distinct).map(np.sort)
    return Case((draw(rows), draw(arrays(shapes(), ANY))), {"side": draw(st.sampled_from(["left", "right"]))})


@st.composite
def convolutions(draw: Any) -> Case:
    short = draw(st.integers(1, 4))
    a, v = draw(arrays((short + draw(st.integers(0, 3)),), ANY)), draw(arrays((short,), ANY))
    return Case((a, v), {"mode": draw(st.sampled_from(["full", "valid"]))})


BETWEEN_POWERS = chosen(-3.1, -0.7, 0.3, 1.2, 1.9, 6.5)

REDUCTIONS = {
    "argpartition": Entry(partitions(), partitioned),
    "searchsorted": Entry(searches(), np.searchsorted),
    "convolve": Entry(convolutions(), np.convolve, exact=False),
    "left_shift": each(np.left_shift, INT, INT),
    "right_shift": each(np.right_shift, INT, INT),
    "bitwise_count": each(np.bitwise_count, INT),
    "gcd": each(np.gcd, INT, INT),
    "lcm": each(np.lcm, INT, INT),
    "spacing": each(np.spacing, BETWEEN_POWERS),
    "nextafter": each(np.nextafter, away_from_zero(), away_from_zero()),
    "ldexp": each(np.ldexp, ANY, INT),
    "exponent": each(lambda x: np.frexp(x)[1], BETWEEN_POWERS)._replace(complex=False),
}
