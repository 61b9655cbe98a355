"""Arrays joined and cut, and parts put in and left out."""

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays, shapes
from ..entry import Entry, calls, listed

MATRIX, CUBE, VECTOR = arrays((2, 3)), arrays((2, 3, 4)), arrays((4,))
ROWS = st.tuples(arrays((1, 3)), MATRIX, arrays((0, 3)))
COLUMNS = st.tuples(arrays((2, 1)), MATRIX, arrays((2, 0)))
SAME = st.one_of(st.tuples(MATRIX, MATRIX), st.tuples(CUBE), st.tuples(VECTOR, st.just(np.ones(4)), VECTOR))
NUMBERS = st.tuples(arrays(()), arrays(()))
MIXED = st.tuples(VECTOR, st.just([1.0, 2.0]), VECTOR)
TYPE = st.sampled_from([None, np.float64])
SECTIONS = st.sampled_from([1, 2, [1], [0, 1, 1, 5], [-1]])


BLOCKS = st.one_of(
    listed(VECTOR, arrays(()), arrays((1,))),
    listed(listed(MATRIX, arrays((2, 1))), listed(arrays((1, 4)))),
    listed(listed(CUBE, CUBE), listed(CUBE, arrays((2, 3, 4)))),
    MATRIX,
)
PLACES = st.sampled_from([0, 1, -1, [1], [0, 2], [2, 0, 2], slice(0, 2), slice(None, None, 2)])

ENTRIES = {
    "numpy.concatenate": Entry(
        st.one_of(
            calls(ROWS, dtype=TYPE), calls(COLUMNS, st.sampled_from([1, -1])), calls(SAME, axis=None),
            calls(st.tuples(VECTOR, VECTOR), casting=st.sampled_from(["no", "safe", "unsafe"])), calls(MATRIX),
        )
    ),
    "numpy.concat": Entry(calls(ROWS, axis=st.sampled_from([0, -2, None]))),
    "numpy.stack": Entry(st.one_of(calls(SAME, axis=st.sampled_from([0, 1, -1]), dtype=TYPE), calls(NUMBERS))),
    "numpy.hstack": Entry(st.one_of(calls(COLUMNS, dtype=TYPE), calls(MIXED), calls(NUMBERS))),
    "numpy.vstack": Entry(st.one_of(calls(ROWS, dtype=TYPE), calls(SAME), calls(NUMBERS))),
    "numpy.dstack": Entry(st.one_of(calls(SAME), calls(NUMBERS))),
    "numpy.column_stack": Entry(st.one_of(calls(COLUMNS), calls(st.tuples(VECTOR, arrays((4, 2)), VECTOR)))),
    "numpy.block": Entry(calls(BLOCKS)),
    "numpy.append": Entry(
        st.one_of(
            calls(MATRIX, VECTOR), calls(VECTOR, 2.0), calls(MATRIX, arrays((1, 3)), axis=st.sampled_from([0, -2])),
        )
    ),
    "numpy.insert": Entry(
        st.one_of(
            calls(arrays((3, 2)), PLACES, st.one_of(arrays(()), arrays((2,)), st.just(1.5)), axis=0),
            calls(arrays((2, 3)), st.sampled_from([0, 3, -1]), arrays((2,)), axis=1),
            calls(arrays((2, 3)), st.sampled_from([0, 3, -1]), arrays((4, 2)), axis=-1),
            calls(arrays((2, 3)), st.sampled_from([[0], [2]]), arrays((2, 4)), axis=1),
            calls(arrays((2, 3)), st.sampled_from([[0, 5, 5], slice(1, 4)]), arrays((3,))),
            calls(VECTOR, np.array([True, False, True, False]), arrays(())),
        )
    ),
    "numpy.delete": Entry(
        st.one_of(
            calls(arrays((3, 4)), PLACES, axis=st.sampled_from([None, 0, -1])),
            calls(VECTOR, st.sampled_from([np.array([True, False, True, False]), []])),
        )
    ),
    "numpy.split": Entry(
        st.one_of(calls(arrays((2, 6)), SECTIONS, axis=st.sampled_from([0, -1])), calls(VECTOR, np.array([1, 3])))
    ),
    "numpy.array_split": Entry(calls(arrays((2, 5)), st.one_of(SECTIONS, st.just(7)), axis=st.sampled_from([0, -1]))),
    "numpy.hsplit": Entry(calls(st.one_of(VECTOR, arrays((3, 2, 1))), SECTIONS)),
    "numpy.vsplit": Entry(calls(arrays((4, 2)), SECTIONS)),
    "numpy.dsplit": Entry(calls(arrays((1, 2, 4)), SECTIONS)),
    "numpy.unstack": Entry(st.one_of(calls(CUBE, axis=st.integers(-3, 2)), calls(arrays(shapes(least_axes=1))))),
}  # fmt: skip

WITHOUT: dict[str, str] = {
    "numpy.trim_zeros": "has a derivative, but its shape jumps where an element becomes zero, so nothing checks it",
}
