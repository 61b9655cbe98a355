"""Arrays made from numbers and from other arrays."""

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays, between, shapes
from ..entry import Entry, calls

VECTOR = arrays(shapes(axes=1))
NUMBER, PAIR, POSITIVE = arrays(()), arrays((2,)), arrays((2,), between(0.3, 2))
MANY, END = st.integers(0, 5), st.booleans()
AXIS = st.sampled_from([0, 1, -1])

LISTS = st.one_of(
    st.tuples(NUMBER, st.just(2.0), NUMBER).map(list),
    st.tuples(st.tuples(PAIR, PAIR), st.just([[1.0, 2.0], [3.0, 4.0]])).map(list),
    arrays(),
)
TYPE = st.sampled_from([None, float])
OURS = {
    "array": calls(LISTS, dtype=TYPE, ndmin=st.integers(0, 3)),
    "asarray": calls(LISTS, dtype=TYPE),
    "asarray_chkfinite": calls(LISTS, dtype=TYPE),
    "asanyarray": calls(LISTS, dtype=TYPE, order=st.sampled_from([None, "F"])),
    "ascontiguousarray": calls(LISTS, dtype=TYPE),
    "asfortranarray": calls(LISTS, dtype=TYPE),
    "require": calls(LISTS, dtype=TYPE, requirements="C"),
    "fromiter": calls(st.tuples(NUMBER, st.just(2.0), NUMBER), float, count=st.sampled_from([-1, 2])),
}

ENTRIES = {
    "numpy.meshgrid": Entry(
        st.one_of(
            calls(*[VECTOR] * 3, sparse=st.booleans(), indexing=st.sampled_from(["xy", "ij"]), copy=st.booleans()),
            calls(VECTOR, [1.0, 2.0]),
            calls(VECTOR),
        )
    ),
    "numpy.linspace": Entry(
        st.one_of(
            calls(NUMBER, st.one_of(NUMBER, st.just(2)), num=MANY, endpoint=END),
            calls(arrays((3, 1)), PAIR, num=MANY, endpoint=END, axis=AXIS, dtype=st.sampled_from([None, float])),
            calls(NUMBER, PAIR, num=st.integers(2, 4), endpoint=END, retstep=True),
        )
    ),
    "numpy.logspace": Entry(
        st.one_of(
            calls(NUMBER, 2.0, num=MANY, endpoint=END, base=st.sampled_from([10.0, 2.0])),
            calls(NUMBER, PAIR, num=MANY, endpoint=END, base=POSITIVE, axis=AXIS),
        )
    ),
    "numpy.geomspace": Entry(
        st.one_of(
            calls(arrays((), between(0.3, 2)), POSITIVE, num=MANY, endpoint=END, axis=AXIS),
            calls(arrays((), between(-2, -0.3)), -3.0, num=MANY, endpoint=END),
        )
    ),
    "numpy.full_like": Entry(calls(arrays((2, 3)), st.sampled_from([2.0, [1, 2, 3]]), dtype=TYPE)),
    "tinygrad_scratch.numpy.full_like": Entry(
        calls(arrays((2, 3)), st.one_of(NUMBER, arrays((3,))), dtype=TYPE), reference="numpy.full_like"
    ),
    "numpy.ix_": Entry(calls(arrays((3,)), arrays((2,)), np.array([True, False, True]))),
    **{f"tinygrad_scratch.numpy.{name}": Entry(drawn, reference=f"numpy.{name}") for name, drawn in OURS.items()},
}

SIZES = "a constant, made from numbers that say its size"
SEES = "NumPy looks for no Tensor here and makes a plain array; tinygrad_scratch.numpy has the same for Tensors"

WITHOUT: dict[str, str] = {
    **dict.fromkeys(
        [
            "numpy.arange", "numpy.bartlett", "numpy.blackman", "numpy.diag_indices", "numpy.empty", "numpy.eye",
            "numpy.fromfunction", "numpy.hamming", "numpy.hanning", "numpy.identity", "numpy.indices",
            "numpy.kaiser", "numpy.mask_indices", "numpy.ones", "numpy.tri", "numpy.tril_indices",
            "numpy.triu_indices", "numpy.zeros",
        ],
        SIZES,
    ),
    **dict.fromkeys([f"numpy.{name}" for name in (*OURS, "full")], SEES),
    **dict.fromkeys(["numpy.asmatrix", "numpy.bmat"], "makes an np.matrix, which NumPy itself advises against"),
    "numpy.row_stack": "the name that numpy.vstack had",
}  # fmt: skip
