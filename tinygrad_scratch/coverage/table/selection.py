"""Choosing elements."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays, between, chosen, distinct, shapes
from ..entry import Entry, calls, listed

ORDER = {"complex": "complex numbers have no order"}
MATRIX, VECTOR = arrays((2, 3)), arrays((4,))
MASK = arrays((2, 3), chosen(False, True))
NUMBERS = arrays(shapes(), chosen(0, 1, 2))
BEYOND = arrays((2, 2), chosen(-5, -1, 0, 3, 7))


def _square(v: Any) -> Any:
    return v * v


def _scaled(v: Any, a: Any = 2.0) -> Any:
    return a * v


def _power(v: Any) -> Any:
    return np.stack([v, v * v])


ENTRIES = {
    "numpy.where": Entry(
        st.one_of(calls(MASK, MATRIX, arrays((3,))), calls(MASK, MATRIX, 0), calls(MASK, [1.0, 2.0, 3.0], arrays(())))
    ),
    "numpy.clip": Entry(
        st.one_of(
            calls(arrays((2, 3), distinct), arrays((3,), between(-0.11, -0.1)), 0.77),
            calls(arrays((2, 3), distinct), max=arrays((3,), between(-0.11, -0.1))),
            calls(arrays((2, 3), distinct), None, [0.01, 0.02, 0.03], dtype=st.sampled_from([None, np.float64])),
            calls(np.array([1, 2, 3]), arrays((3,), between(1.1, 1.9)), arrays((2, 1), between(2.1, 2.9))),
        ),
        without=ORDER,
    ),
    "numpy.take": Entry(
        st.one_of(
            calls(arrays((3, 3)), NUMBERS, axis=st.sampled_from([None, 0, -1])),
            calls(arrays((3, 3)), BEYOND, axis=st.sampled_from([None, 0, 1]), mode=st.sampled_from(["wrap", "clip"])),
            calls(VECTOR, st.sampled_from([0, [1, 1, -1]])),
        )
    ),
    "numpy.take_along_axis": Entry(
        st.one_of(
            calls(arrays((2, 3)), arrays((2, 4), chosen(-3, 0, 2)), axis=st.sampled_from([1, -1])),
            calls(arrays((2, 3)), arrays((4, 1), chosen(-2, 0, 1)), axis=0),
            calls(arrays((2, 3)), arrays((4,), chosen(0, 5)), axis=None),
        )
    ),
    "numpy.choose": Entry(
        st.one_of(
            calls(arrays((2, 3), chosen(0, 1, 2)), listed(MATRIX, arrays((3,)), arrays((2, 1)))),
            calls(arrays((3,), chosen(0, 1)), MATRIX),
            calls(arrays((3,), chosen(-3, 0, 5)), listed(MATRIX, st.just(2.5)), mode=st.sampled_from(["wrap", "clip"])),
        )
    ),
    "numpy.compress": Entry(
        st.one_of(
            calls(arrays((2,), chosen(False, True)), arrays((3, 4)), axis=st.sampled_from([None, 0, -1])),
            calls([True, False, True], arrays((3, 2)), axis=0),
        )
    ),
    "numpy.extract": Entry(calls(MASK, MATRIX)),
    "numpy.select": Entry(
        st.one_of(
            calls(listed(MASK, MASK), listed(MATRIX, arrays((3,)))),
            calls(listed(MASK, MASK), listed(MATRIX, st.just(2)), default=1.5),
        )
    ),
    "tinygrad_scratch.numpy.select": Entry(
        calls(listed(MASK, MASK), listed(MATRIX, arrays((3,))), default=arrays(())), reference="numpy.select"
    ),
    "numpy.piecewise": Entry(
        st.one_of(
            calls(MATRIX, listed(MASK, MASK), st.sampled_from([[_square, _scaled], [_square, 2.0, np.sin]])),
            calls(VECTOR, np.array([True, False, True, False]), listed(_square)),
        )
    ),
    "tinygrad_scratch.numpy.piecewise": Entry(
        calls(MATRIX, listed(MASK), listed(_scaled, arrays(())), a=arrays(())), reference="numpy.piecewise"
    ),
    "numpy.apply_along_axis": Entry(
        calls(st.sampled_from([np.sum, _square, _power]), st.integers(-3, 2), arrays((2, 1, 3)))
    ),
    "numpy.apply_over_axes": Entry(
        calls(st.sampled_from([np.sum, np.mean]), arrays((2, 1, 3)), st.sampled_from([0, [0, 2], (-1, 1)]))
    ),
}

COMPARED = {name: Entry(calls(MATRIX, MATRIX)) for name in ("numpy.array_equal", "numpy.array_equiv")}
CLOSE = {name: Entry(calls(MATRIX, arrays((3,)), rtol=0.5)) for name in ("numpy.allclose", "numpy.isclose")}
ENTRIES |= COMPARED | CLOSE

VALUES = "places that depend on values: constant while a function is differentiated, refused under vmap and jit"

WITHOUT: dict[str, str] = {
    **dict.fromkeys(["numpy.nonzero", "numpy.flatnonzero", "numpy.argwhere"], VALUES),
    **dict.fromkeys(["numpy.ravel_multi_index", "numpy.unravel_index"], "integers in, integers out"),
}
