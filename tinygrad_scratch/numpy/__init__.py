"""NumPy's namespace for arrays and Tensors: `from tinygrad_scratch import numpy as np`.

NumPy's own functions take Tensors already, so each name leads to NumPy's, except those that NumPy's protocols cannot
reach: those that make arrays, and `take`, of which they see the array but not the indices. What is made here can be
filled with Tensors (see `Buffer`). Of JAX there is `at`, of an array or Tensor.

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

from ..ops.index import take
from .construct import (
    arange,
    array,
    asarray,
    at,
    copy,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    identity,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)

__all__ = [
    "arange",
    "array",
    "asarray",
    "at",
    "copy",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "identity",
    "linspace",
    "ones",
    "ones_like",
    "take",
    "zeros",
    "zeros_like",
]


def __getattr__(name: str) -> Any:
    return getattr(_numpy, name)


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *__all__})
