"""Shapes and axes, and elements in other places."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays, axes, distinct, shapes
from ..entry import Call, Entry, calls, made_complex

ANY = arrays()
MATRIX, CUBE = arrays((2, 3)), arrays((2, 3, 4))
AXIS = st.integers(-3, 2)
ORDER = st.sampled_from(["C", "F"])


@st.composite
def _transposed(draw: Any) -> Call:
    x = draw(CUBE)
    order = draw(st.permutations(range(x.ndim)))
    return Call((x,), {"axes": [i - x.ndim * draw(st.integers(0, 1)) for i in order]})


@st.composite
def _reshaped(draw: Any) -> Call:
    x = draw(ANY)
    shape = draw(st.sampled_from([x.size, (-1,) if x.size else (0,), x.shape[::-1], (1, *x.shape, 1)]))
    return Call((x, shape), {"order": draw(ORDER), "copy": draw(st.sampled_from([None, True]))})


@st.composite
def _moved(draw: Any) -> Call:
    count = draw(st.integers(0, 3))
    source, target = (draw(st.permutations([0, 1, -1]))[:count] for _ in range(2))
    return Call((draw(CUBE), source, target))


@st.composite
def _squeezed(draw: Any) -> Call:
    x = draw(arrays(shapes(1, 2)))
    ones = tuple(i for i, n in enumerate(x.shape) if n == 1)
    return Call((x,), {"axis": draw(st.sampled_from([None, ones, *ones]))})


@st.composite
def _broadcast(draw: Any) -> Call:
    shape = draw(shapes())
    x = draw(arrays(tuple(1 if n and draw(st.booleans()) else n for n in shape)))
    return Call((x, (*draw(shapes(axes=1)), *shape)))


@st.composite
def _flipped(draw: Any) -> Call:
    x = draw(ANY)
    return Call((x,), {"axis": draw(axes(x.ndim))})


@st.composite
def _repeated(draw: Any) -> Call:
    x, axis = draw(arrays((2, 3, 2))), draw(st.sampled_from([None, 0, 1, -1]))
    n = x.size if axis is None else x.shape[axis]
    each = st.lists(st.integers(0, 3), min_size=n, max_size=n)
    return Call((x, draw(st.one_of(st.integers(0, 3), st.just([2]), each))), {"axis": axis})


WIDTHS = st.one_of(
    st.integers(0, 3),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.tuples(*[st.tuples(st.integers(0, 7), st.integers(0, 7))] * 2),
)
PADDED = arrays(shapes(1, 3, 2, 2), distinct)
NUMBERS = st.sampled_from([0, 1.5, ((0.5, -2.0), (3.0, 1.0))])
ARRAYS = st.one_of(arrays((2, 2)), arrays(()))
LENGTHS = st.sampled_from([None, 2, ((1, 2), (3, 1))])
COPIED = st.one_of(
    calls(arrays(shapes(0, 3, 2, 2)), WIDTHS),
    calls(PADDED, WIDTHS, mode=st.sampled_from(["edge", "wrap"])),
    calls(
        PADDED, WIDTHS, mode=st.sampled_from(["reflect", "symmetric"]), reflect_type=st.sampled_from(["even", "odd"])
    ),
)


def _filled(values: Any) -> Any:
    """Calls of pad with these values to pad with."""
    constant = calls(arrays(shapes(0, 3, 2, 2)), WIDTHS, mode="constant", constant_values=values)
    return st.one_of(constant, calls(PADDED, WIDTHS, mode="linear_ramp", end_values=values))


MEANS = calls(PADDED, WIDTHS, mode="mean", stat_length=LENGTHS)
ORDERED = calls(PADDED, WIDTHS, mode=st.sampled_from(["maximum", "minimum", "median"]), stat_length=LENGTHS)

ENTRIES = {
    "numpy.reshape": Entry(_reshaped()),
    "numpy.ravel": Entry(calls(ANY, order=ORDER)),
    "numpy.transpose": Entry(st.one_of(calls(ANY), _transposed())),
    "numpy.permute_dims": Entry(_transposed()),
    "numpy.matrix_transpose": Entry(calls(arrays(shapes(least_axes=2)))),
    "numpy.moveaxis": Entry(st.one_of(calls(CUBE, AXIS, AXIS), _moved())),
    "numpy.rollaxis": Entry(calls(CUBE, AXIS, start=st.integers(-3, 3))),
    "numpy.swapaxes": Entry(calls(CUBE, AXIS, AXIS)),
    "numpy.expand_dims": Entry(calls(MATRIX, st.sampled_from([0, -1, (0, -1), (1, 2), ()]))),
    "numpy.squeeze": Entry(_squeezed()),
    "numpy.atleast_1d": Entry(st.one_of(calls(ANY), calls(ANY, ANY, 2.0))),
    "numpy.atleast_2d": Entry(st.one_of(calls(ANY), calls(ANY, ANY, [1.0, 2.0]))),
    "numpy.atleast_3d": Entry(st.one_of(calls(ANY), calls(ANY, ANY, 2.0))),
    "numpy.broadcast_to": Entry(_broadcast()),
    "numpy.broadcast_arrays": Entry(calls(MATRIX, arrays((2, 1)), arrays(()), 2.0)),
    "numpy.astype": Entry(
        calls(ANY, st.sampled_from([float, np.float32, np.complex128]), copy=st.booleans()),
        calls(ANY, st.sampled_from([complex, np.complex64]), copy=st.booleans()).map(made_complex),
    ),
    "numpy.copy": Entry(calls(ANY, order=st.sampled_from(["C", "F", "A", "K"]))),
    "numpy.flip": Entry(_flipped()),
    "numpy.fliplr": Entry(calls(arrays(shapes(least_axes=2)))),
    "numpy.flipud": Entry(calls(arrays(shapes(least_axes=1)))),
    "numpy.rot90": Entry(
        calls(
            arrays(shapes(least_axes=3)), k=st.integers(-3, 5), axes=st.sampled_from([(0, 1), (1, 0), (2, 0), (-1, -2)])
        )
    ),
    "numpy.roll": Entry(
        st.one_of(
            calls(ANY, st.integers(-4, 4)),
            calls(CUBE, st.integers(-4, 4), axis=st.sampled_from([0, -1, (0, 2)])),
            calls(CUBE, (1, -2), axis=st.sampled_from([0, (2, 1), (1, 1)])),
        )
    ),
    "numpy.lib.stride_tricks.sliding_window_view": Entry(
        st.one_of(
            calls(arrays((3, 4)), (2, 3)),
            calls(CUBE, 2, axis=st.sampled_from([0, -1])),
            calls(arrays((2, 5)), (2, 3), axis=st.sampled_from([(1, 1), (-2, 1)])),
        )
    ),
    "numpy.tile": Entry(calls(ANY, st.sampled_from([0, 2, (2, 1), (1, 2, 3), (2, 0, 1, 2)]))),
    "numpy.repeat": Entry(_repeated()),
    "numpy.resize": Entry(calls(ANY, st.sampled_from([3, (2, 2), (3, 5), (0, 2), ()]))),
    "numpy.pad": Entry(
        st.one_of(COPIED, _filled(NUMBERS), MEANS, ORDERED), complex=st.one_of(COPIED, _filled(NUMBERS), MEANS)
    ),
    "tinygrad_scratch.numpy.pad": Entry(_filled(ARRAYS), reference="numpy.pad"),
    "numpy.tril": Entry(calls(arrays(shapes(least_axes=1)), k=st.integers(-2, 3))),
    "numpy.triu": Entry(calls(arrays(shapes(least_axes=1)), k=st.integers(-2, 3))),
    "numpy.diag": Entry(calls(arrays(shapes(axes=2, least_axes=1)), k=st.integers(-2, 2))),
    "numpy.diagflat": Entry(calls(ANY, k=st.integers(-2, 2))),
    "numpy.diagonal": Entry(
        calls(
            arrays(shapes(least_axes=3)), offset=st.integers(-2, 2), axis1=st.sampled_from([0, -3]),
            axis2=st.integers(1, 2),
        )
    ),
}  # fmt: skip

SHAPE = "the answer follows from shape and dtype: constant"
MEMORY = "about memory, which a Tensor does not show"

WITHOUT: dict[str, str] = {
    **dict.fromkeys(
        [
            "numpy.shape", "numpy.ndim", "numpy.size", "numpy.isscalar", "numpy.iterable", "numpy.broadcast_shapes",
            "numpy.isrealobj", "numpy.iscomplexobj", "numpy.result_type", "numpy.can_cast", "numpy.common_type",
            "numpy.diag_indices_from",
            "numpy.tril_indices_from", "numpy.triu_indices_from",
        ],
        SHAPE,
    ),
    **dict.fromkeys(["numpy.may_share_memory", "numpy.shares_memory", "numpy.isfortran"], MEMORY),
}  # fmt: skip
