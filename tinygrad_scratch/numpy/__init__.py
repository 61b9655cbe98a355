"""NumPy's namespace for arrays and Tensors: `from tinygrad_scratch import numpy as np`.

NumPy's own functions take Tensors already, where NumPy looks for them. Here they are found in every argument and inside
nested lists. What makes arrays (`array`, `zeros`, `r_` ...), where NumPy looks nowhere, is our own, and can be filled
with Tensors (see `Buffer`). Of JAX there is `at`, of an array or Tensor.

>>> import tinygrad_scratch as tg
>>> from tinygrad_scratch import numpy as np
>>> def f(x):
...     y = np.zeros(2)
...     y[0] = x[0] * x[1]
...     return y
>>> tg.jacrev(f)(np.array([2.0, 3.0]))
array([[3., 2.],
       [0., 0.]])
"""

from __future__ import annotations

from typing import Any

import numpy as _numpy

from ..core.primitive import FUNCTIONS
from .concatenators import c_, r_
from .construct import (
    arange,
    array,
    asanyarray,
    asarray,
    asarray_chkfinite,
    ascontiguousarray,
    asfortranarray,
    at,
    copy,
    empty,
    empty_like,
    eye,
    fromiter,
    full,
    full_like,
    identity,
    linspace,
    ones,
    ones_like,
    require,
    zeros,
    zeros_like,
)
from .reach import reaching
from .vectorize import vectorize

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "asarray_chkfinite",
    "ascontiguousarray",
    "asfortranarray",
    "at",
    "c_",
    "copy",
    "empty",
    "empty_like",
    "eye",
    "fromiter",
    "full",
    "full_like",
    "identity",
    "linspace",
    "ones",
    "ones_like",
    "r_",
    "require",
    "vectorize",
    "zeros",
    "zeros_like",
]


def __getattr__(name: str) -> Any:
    found = getattr(_numpy, name)
    return reaching(found) if hasattr(found, "_implementation") and found in FUNCTIONS else found


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *__all__})
