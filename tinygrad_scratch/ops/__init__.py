"""Operations by family. Each stands in one block: the implementation and the mathematics of its derivative.

`families` holds the builders. Importing this package enters all of them in the registry.
"""

from . import arithmetic, compare, complex, explog, fft, index, join, linalg, reduce, shape, sort, special, trig, window

__all__ = [
    "arithmetic",
    "compare",
    "complex",
    "explog",
    "fft",
    "index",
    "join",
    "linalg",
    "reduce",
    "shape",
    "sort",
    "special",
    "trig",
    "window",
]
