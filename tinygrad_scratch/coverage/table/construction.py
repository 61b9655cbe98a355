"""Arrays made from numbers and from other arrays."""

from hypothesis import strategies as st

from ...testing.strategies import arrays, between, shapes
from ..entry import Entry, calls

VECTOR = arrays(shapes(axes=1))
NUMBER, PAIR, POSITIVE = arrays(()), arrays((2,)), arrays((2,), between(0.3, 2))
MANY, END = st.integers(0, 5), st.booleans()
AXIS = st.sampled_from([0, 1, -1])

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
    "numpy.full_like": Entry(
        calls(arrays((2, 3)), st.one_of(NUMBER, arrays((3,)), st.just(2.0)), dtype=st.sampled_from([None, float]))
    ),
}

WITHOUT: dict[str, str] = {}
