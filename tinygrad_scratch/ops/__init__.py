"""Operations by family. Each stands in one block: the implementation and the mathematics of its derivative.

`families` holds the builders. Importing this package enters all of them in the registry.

The edges: where a derivative does not exist, or is infinite, values are NumPy's and derivatives follow four rules, in
both modes, compiled or not (`tests/test_edges.py` has every line).

1. What `where` (`select`, `maximum`, `clip` ...) does not choose has derivative zero, however steep it is: 0 times
   infinity is 0. Indexing is no choice: `log(x)[x > 0]` is NaN where x is 0, as log's derivative is asked for there.

    where(x > 0, sqrt(x), 0), also of log(x), 1 / x, x * log(x) ...   at 0 and below    0
    prod(x), cumprod(x) with zeros                                   the other factors, if they are not zero
    x ** 0, 0 ** x                                                   0
    x ** y of a negative x, by x                                     y * x ** (y - 1); by y: NaN, it is not real

2. An infinite slope is a large number, so that what is multiplied by zero vanishes.

    sqrt, cbrt, x ** 0.5 at 0, arcsin, arccos, arccosh at 1          more than 1e80
    norm(x), sqrt(sum(x ** 2)), its square, hypot, arctan2 at 0      0
    std of a constant                                                0

3. An infinite value is a large number where it meets its inverse.

    log1p(exp(1000)), log(1 + exp(1000))                             1, beside the value inf
    logaddexp(-inf, -inf)                                            0, beside the value -inf
    logaddexp, logsumexp of inf                                      1 for each that is inf, 0 for the others

4. At a kink, and among equals, the derivative is the mean of those around.

    abs, sign at 0                                                   0
    maximum, minimum of equals; clip at a bound                      one half each
    max, min of equals                                               equal shares
    sort, median, quantile of equals                                 by place, as the sort leaves them

Matrices: det has its derivative at singular ones too; inv, solve and slogdet raise LinAlgError there. Among equal
singular values or eigenvalues, sums of functions of them and projectors have the right gradient; single values and
vectors have no derivative there (see `decompositions` for what is not covered, and what to use).

NaN stays where none of this holds: 0 * log(0) itself, and the poles of what is used.
"""

from . import (
    about,
    along,
    arithmetic,
    bits,
    calculus,
    compare,
    complex,
    counting,
    cumulative,
    decompositions,
    determinant,
    diagonals,
    edit,
    eigen,
    einsum,
    explog,
    fft,
    grid,
    index,
    join,
    least_squares,
    matrices,
    matrix_functions,
    move,
    nan,
    norms,
    numbering,
    pad,
    polynomial,
    products,
    quantile,
    reduce,
    scipy_special,
    select,
    shape,
    signal,
    solve,
    sort,
    special,
    split,
    statistics,
    trig,
    ufuncs,
    update,
    values,
    window,
)

__all__ = [
    "about",
    "along",
    "arithmetic",
    "bits",
    "calculus",
    "compare",
    "complex",
    "counting",
    "cumulative",
    "decompositions",
    "determinant",
    "diagonals",
    "edit",
    "eigen",
    "einsum",
    "explog",
    "fft",
    "grid",
    "index",
    "join",
    "least_squares",
    "matrices",
    "matrix_functions",
    "move",
    "nan",
    "norms",
    "numbering",
    "pad",
    "polynomial",
    "products",
    "quantile",
    "reduce",
    "scipy_special",
    "select",
    "shape",
    "signal",
    "solve",
    "sort",
    "special",
    "split",
    "statistics",
    "trig",
    "ufuncs",
    "update",
    "values",
    "window",
]
