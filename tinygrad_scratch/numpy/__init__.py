"""NumPy's namespace for arrays and Tensors: `from tinygrad_scratch import numpy as np`.

NumPy's own functions take Tensors already, so each name leads to NumPy's, except those that NumPy's protocols cannot
reach: those that make arrays from lists, and `take`, of which they see the array but not the indices.

>>> import tinygrad_scratch as tg
>>> from tinygrad_scratch import numpy as np
>>> tg.jacrev(lambda x: np.array([x[0] * x[1], 1.0]))(np.array([2.0, 3.0]))
array([[3., 2.],
       [0., 0.]])
"""

from __future__ import annotations

from typing import Any

import numpy as _numpy

from ..ops.select import take
from .construct import array, asarray

__all__ = ["array", "asarray", "take"]


def __getattr__(name: str) -> Any:
    return getattr(_numpy, name)


def __dir__() -> list[str]:
    return sorted({*dir(_numpy), *__all__})
