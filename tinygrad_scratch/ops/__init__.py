"""Operations by family. Each stands in one block: the implementation and the mathematics of its derivative.

`families` holds the builders. Importing this package enters all of them in the registry.
"""

from . import (
    arithmetic,
    compare,
    explog,
    index,
    join,
    linalg,
    reduce,
    scipy_special,
    shape,
    sort,
    special,
    trig,
    window,
)

__all__ = [
    "arithmetic",
    "compare",
    "explog",
    "index",
    "join",
    "linalg",
    "reduce",
    "scipy_special",
    "shape",
    "sort",
    "special",
    "trig",
    "window",
]
