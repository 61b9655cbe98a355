"""Orders: sorting, partitioning and searching; bits and parts of numbers."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays, away_from_zero, between, chosen, distinct
from ..entry import Entry, calls
from .reductions import ORDER, REAL, along

KIND: Any = {"kind": st.sampled_from([None, "stable"])}
KTH = st.sampled_from([1, -1, (0, 1)])
EDGES = arrays((4,), distinct).map(np.sort)
SIDE = st.sampled_from(["left", "right"])
BETWEEN_POWERS = chosen(-3.1, -0.7, 0.3, 1.2, 1.9, 6.5)
VALUES_SHAPE = "the shape of the answer depends on values, so a Tensor is refused by a sentence"
INTEGERS = "of integers"

ENTRIES = {
    "numpy.sort": Entry(along(distinct, **KIND) | along(distinct, stable=True)),
    "numpy.sort_complex": Entry(calls(arrays((2, 4), distinct))),
    "numpy.argsort": Entry(along(distinct, **KIND)),
    "numpy.partition": Entry(calls(arrays((2, 3), distinct), KTH, axis=st.sampled_from([1, -1]))),
    "numpy.argpartition": Entry(calls(arrays((3, 2), distinct), 1, axis=0)),
    "numpy.lexsort": Entry(calls((np.array([0, 1, 0]), np.array([2, 1, 2]))) | calls(arrays((2, 3), distinct))),
    "numpy.searchsorted": Entry(
        calls(EDGES, arrays((2, 3), between(-3, 3)), side=SIDE)
        | calls(EDGES.map(np.negative), 0.05, sorter=[3, 2, 1, 0])
    ),
    "numpy.digitize": Entry(
        calls(arrays((2, 3), between(-3, 3)), EDGES, right=st.booleans())
        | calls(arrays((2, 3), between(-3, 3)), EDGES.map(np.flip), right=st.booleans()),
        without=ORDER,
    ),
    "numpy.isin": Entry(calls(arrays((2, 3), chosen(0.5, 1.5, 2.5)), [0.5, 2.5], invert=st.booleans())),
    "numpy.frexp": Entry(calls(arrays((2, 3), BETWEEN_POWERS)), without=REAL),
    "numpy.modf": Entry(calls(arrays((2, 3), BETWEEN_POWERS)), without=REAL),
    "numpy.ldexp": Entry(calls(arrays((2, 3), away_from_zero()), np.array([1, -2, 0])), without=REAL),
    "numpy.nextafter": Entry(calls(arrays((2, 3), away_from_zero()), 9.0), without=REAL),
    "numpy.spacing": Entry(calls(arrays((2, 3), BETWEEN_POWERS)), without=REAL),
}

WITHOUT: dict[str, str] = {
    **dict.fromkeys(
        [f"numpy.{name}" for name in (
            "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values", "union1d", "intersect1d",
            "setdiff1d", "setxor1d",
        )], VALUES_SHAPE),
    **dict.fromkeys(
        [f"numpy.{name}" for name in ("gcd", "lcm", "left_shift", "right_shift", "bitwise_count")], INTEGERS),
    "numpy.isnat": "of dates",
}  # fmt: skip
