"""SciPy's functions of matrices under SciPy's names, with NumPy's dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import arrays
from ..entry import Call, calls
from .linalg import matrix_entry, of_hermitian

HERE = "tinygrad_scratch.scipy.linalg."
BOTH = st.booleans()


def _upper(f: Any) -> Any:
    """The factor of `cho_factor` in its triangle; what SciPy leaves in the other is of no use."""

    def of(a: Any, lower: bool = False) -> Any:
        c, _ = of_hermitian(f)(a, lower)
        read = np.tri(a.shape[-1], dtype=bool)
        return np.where(read if lower else read.T, c, 0)

    return of


SQUARE = st.sampled_from([(1, 1), (2, 2), (3, 3), (2, 3, 3), (2, 1, 2, 2)])
SYSTEMS = [((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 2, 2), (2, 2, 1))]

BUILDS: dict[str, Any] = {
    "expm": lambda k: calls(arrays(SQUARE, k.any).map(lambda x: x * 0.2)),  # of larger ones SciPy loses digits
    "sqrtm": lambda k: calls(arrays(SQUARE, k.positive)),
    "logm": lambda k: calls(arrays(SQUARE, k.positive)),
    "solve_sylvester": lambda k: calls(arrays((3, 3), k.positive), arrays((2, 2), k.positive), arrays((3, 2), k.any)),
    "solve": lambda k: st.one_of(*[calls(arrays(a, k.regular), arrays(b, k.any)) for a, b in SYSTEMS]),
    "solve_triangular": lambda k: st.one_of(
        *[
            calls(
                arrays(a, k.growing),
                arrays(b, k.any),
                trans=st.sampled_from([0, 1, 2, "N", "T", "C"]),
                lower=BOTH,
                unit_diagonal=BOTH,
            )
            for a, b in SYSTEMS
        ]
    ),
    "cho_solve": lambda k: st.builds(
        lambda c, lower, b: Call(((c, lower), b)), arrays((3, 3), k.growing), BOTH, arrays((3, 2), k.any)
    ),
    "inv": lambda k: calls(arrays(SQUARE, k.regular)),
    "det": lambda k: calls(arrays(SQUARE, k.regular)),
    "norm": lambda k: st.one_of(
        calls(arrays((3, 2), k.growing), st.sampled_from([None, "fro", "nuc", 1, -1, 2, -2, np.inf]), keepdims=BOTH),
        calls(arrays((3, 2), k.growing), st.sampled_from([1, 2, 3, np.inf]), axis=1),
    ),
    "block_diag": lambda k: calls(arrays((2, 3), k.any), arrays((2,), k.any), arrays((1, 1), k.any)),
    "toeplitz": lambda k: st.one_of(calls(arrays((3,), k.any)), calls(arrays((3,), k.any), arrays((2,), k.any))),
}

ENTRIES = {
    **{HERE + name: matrix_entry(build) for name, build in BUILDS.items()},
    HERE + "cholesky": matrix_entry(lambda k: calls(arrays(SQUARE, k.positive), lower=BOTH), seen=of_hermitian),
    HERE + "cho_factor": matrix_entry(lambda k: calls(arrays(SQUARE, k.positive), lower=BOTH), seen=_upper),
}

WITHOUT: dict[str, str] = {}
