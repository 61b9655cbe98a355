"""Products of arrays, and NumPy's copies of them in numpy.linalg."""

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays, between
from ..entry import Call, Entry, calls, made_complex

ANY = between(-2, 2)


def _a(*shape: int) -> st.SearchStrategy[np.ndarray]:
    return arrays(shape, ANY)


KEYWORDS = st.sampled_from
DIAGONALS = st.one_of(
    calls(_a(3, 3)), calls(_a(2, 4), offset=KEYWORDS([1, -1, 5])), calls(_a(2, 3, 4), axis1=-1, axis2=0, offset=1)
)
PAIRS = st.one_of(
    calls(_a(3), _a(3)), calls(_a(2, 3), _a(4, 3)), calls(_a(), _a(2)), calls(_a(2, 2, 3), _a(3)), calls(_a(0), _a(0))
)
MATRICES = st.one_of(
    calls(_a(2, 3), _a(3, 4)), calls(_a(3), _a(3, 2)), calls(_a(2, 3), _a(3)), calls(_a(3), _a(3)),
    calls(_a(2, 2, 3), _a(3, 2)), calls(_a(2, 1, 2, 3), _a(4, 3, 2)), calls(_a(2, 0), _a(0, 3)),
)  # fmt: skip
EINSUMS = st.one_of(
    calls("ij,jk->ik", _a(2, 3), _a(3, 2), optimize=KEYWORDS([True, False, "greedy"])),
    calls("ij,jk", _a(2, 3), _a(3, 2)), calls("ii", _a(3, 3)),
    calls("ii->i", _a(3, 3)), calls("...i,i", _a(2, 2, 3), _a(3)),
    calls("ij->ji", _a(2, 3)), calls("i,j,i->j", _a(2), _a(3), _a(2)),
    calls("ijk->", _a(2, 1, 2)), calls(",i", _a(), _a(2)),
    calls(_a(2, 3), [0, 1], _a(3, 2), [1, 2], [0, 2]), calls(_a(2, 3), [1, 0]),
    calls("ij,jk,kl->il", _a(2, 3), _a(3, 2), _a(2, 2), optimize=["einsum_path", (1, 2), (0, 1)]),
)  # fmt: skip
TENSORDOTS = [(_a(2, 3), _a(3, 2), 1), (_a(2, 3), _a(2, 3), 2), (_a(2, 3), _a(2), 0),
              (_a(2, 3, 4), _a(4, 2), ([2, 0], [0, 1])), (_a(2, 3), _a(4, 3), (-1, 1))]  # fmt: skip

ENTRIES = {
    "numpy.matmul": Entry(MATRICES),
    "numpy.linalg.matmul": Entry(MATRICES),
    "numpy.dot": Entry(
        st.one_of(
            MATRICES.filter(lambda c: max(x.ndim for x in c.args) < 3),
            calls(_a(2, 3), 1.5),
            calls(_a(), _a(2, 3)),
            calls(_a(2, 1, 3), _a(2, 3, 2)),
            calls(_a(3), _a(2, 3, 2)),
        )
    ),
    "numpy.inner": Entry(PAIRS),
    "numpy.outer": Entry(
        st.one_of(calls(_a(3), _a(2)), calls(_a(2, 2), _a(3)), calls(_a(), _a(2)), calls(_a(0), _a(2)))
    ),
    "numpy.linalg.outer": Entry(calls(_a(3), _a(2))),
    "numpy.vdot": Entry(st.one_of(calls(_a(3), _a(3)), calls(_a(2, 3), _a(2, 3)), calls(_a(), _a()))),
    "numpy.vecdot": Entry(
        st.one_of(calls(_a(2, 3), _a(2, 3)), calls(_a(3, 2), _a(3, 1), axis=0), calls(_a(2, 1, 3), _a(4, 3), axis=-1))
    ),
    "numpy.linalg.vecdot": Entry(st.one_of(calls(_a(2, 3), _a(3)), calls(_a(3, 2), _a(3, 2), axis=0))),
    "numpy.tensordot": Entry(st.one_of(*[calls(x, y, axes) for x, y, axes in TENSORDOTS])),
    "numpy.linalg.tensordot": Entry(st.one_of(*[calls(x, y, axes=axes) for x, y, axes in TENSORDOTS])),
    "numpy.kron": Entry(
        st.one_of(calls(_a(2, 2), _a(1, 3)), calls(_a(2), _a(2, 3)), calls(_a(2, 1, 2), _a(2)), calls(_a(), _a(2)))
    ),
    "numpy.cross": Entry(
        st.one_of(
            calls(_a(3), _a(3)),
            calls(_a(2, 3), _a(3)),
            calls(_a(3, 2), _a(2, 3), axisa=0, axisc=0),
            calls(_a(2), _a(2)),
            calls(_a(4, 2), _a(4, 3)),
            calls(_a(3, 2), _a(3, 2), axis=0),
            calls(_a(2, 4), _a(3, 1), axisa=0, axisb=0),
        )
    ),
    "numpy.linalg.cross": Entry(st.one_of(calls(_a(2, 3), _a(3)), calls(_a(3, 2), _a(3, 2), axis=0))),
    "numpy.einsum": Entry(EINSUMS),
    "numpy.trace": Entry(st.one_of(DIAGONALS, calls(_a(3, 3), dtype=np.float64)), DIAGONALS.map(made_complex)),
    "numpy.linalg.trace": Entry(st.one_of(calls(_a(2, 3, 3)), calls(_a(2, 3), offset=KEYWORDS([1, -1])))),
    "numpy.linalg.diagonal": Entry(st.one_of(calls(_a(2, 3, 3)), calls(_a(2, 3), offset=KEYWORDS([1, -1])))),
    "numpy.linalg.matrix_transpose": Entry(st.one_of(calls(_a(2, 3)), calls(_a(2, 0, 3)))),
    "numpy.linalg.multi_dot": Entry(
        st.one_of(
            st.tuples(_a(2, 3), _a(3, 1), _a(1, 4)),
            st.tuples(_a(2), _a(2, 3), _a(3, 2), _a(2)),
            st.tuples(_a(2, 3), _a(3)),
        ).map(lambda xs: Call((list(xs),)))
    ),
    **{
        f"numpy.{name}": Entry(strategy)
        for name, strategy in {
            "matvec": st.one_of(calls(_a(2, 3), _a(3)), calls(_a(2, 2, 3), _a(2, 1, 3))),
            "vecmat": st.one_of(calls(_a(2), _a(2, 3)), calls(_a(2, 1, 2), _a(2, 2, 3))),
        }.items()
        if hasattr(np, name)  # since NumPy 2.2
    },
}

WITHOUT = {"numpy.einsum_path": "it gives an order of contraction, from shapes alone"}
