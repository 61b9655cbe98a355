"""Operations by family. Each stands in one block: the implementation and the mathematics of its derivative.

`families` holds the builders. Importing this package enters all of them in the registry.
"""

from . import (
    arithmetic,
    compare,
    decompositions,
    determinant,
    eigen,
    einsum,
    explog,
    index,
    join,
    least_squares,
    matrices,
    matrix_functions,
    norms,
    products,
    reduce,
    shape,
    solve,
    sort,
    special,
    trig,
    window,
)

__all__ = [
    "arithmetic",
    "compare",
    "decompositions",
    "determinant",
    "eigen",
    "einsum",
    "explog",
    "index",
    "join",
    "least_squares",
    "matrices",
    "matrix_functions",
    "norms",
    "products",
    "reduce",
    "shape",
    "solve",
    "sort",
    "special",
    "trig",
    "window",
]
