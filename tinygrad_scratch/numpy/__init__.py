"""NumPy's namespace for arrays and Tensors: `from tinygrad_scratch import numpy as np`.

NumPy's own functions take Tensors already, where NumPy looks for them. Here they are found in every argument and inside
nested lists; what makes arrays from lists (`array`, `r_`, `vectorize` ...), where NumPy looks nowhere, is our own.

>>> import tinygrad_scratch as tg
>>> from tinygrad_scratch import numpy as np
>>> tg.jacrev(lambda x: np.array([x[0] * x[1], 1.0]))(np.array([2.0, 3.0]))
array([[3., 2.],
       [0., 0.]])
"""

from __future__ import annotations

from typing import Any

import numpy as _numpy

from ..core.primitive import FUNCTIONS
from .concatenators import c_, r_
from .construct import (
    array,
    asanyarray,
    asarray,
    asarray_chkfinite,
    ascontiguousarray,
    asfortranarray,
    fromiter,
    require,
)
from .reach import reaching
from .vectorize import vectorize

__all__ = [
    "array",
    "asanyarray",
    "asarray",
    "asarray_chkfinite",
    "ascontiguousarray",
    "asfortranarray",
    "c_",
    "fromiter",
    "r_",
    "require",
    "vectorize",
]


def __getattr__(name: str) -> Any:
    found = getattr(_numpy, name)
    return reaching(found) if hasattr(found, "_implementation") and found in FUNCTIONS else found


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *__all__})
