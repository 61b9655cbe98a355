"""Operations by family. Each stands in one block: the implementation and the mathematics of its derivative.

`families` holds the builders. Importing this package enters all of them in the registry.
"""

from . import (
    arithmetic,
    bits,
    calculus,
    compare,
    counting,
    cumulative,
    explog,
    index,
    join,
    linalg,
    nan,
    polynomial,
    quantile,
    reduce,
    shape,
    signal,
    sort,
    special,
    statistics,
    trig,
    ufuncs,
    window,
)

__all__ = [
    "arithmetic",
    "bits",
    "calculus",
    "compare",
    "counting",
    "cumulative",
    "explog",
    "index",
    "join",
    "linalg",
    "nan",
    "polynomial",
    "quantile",
    "reduce",
    "shape",
    "signal",
    "sort",
    "special",
    "statistics",
    "trig",
    "ufuncs",
    "window",
]
