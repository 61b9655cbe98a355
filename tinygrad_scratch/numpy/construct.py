"""The functions that make arrays: of nested lists that hold Tensors too, and such as can be filled with Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..buffer import Buffer, fillable
from ..core.trace import Traced
from ..ops.arguments import as_array, refuse
from ..ops.update import At, narrowed

arange, empty, eye, full = fillable(np.arange), fillable(np.zeros), fillable(np.eye), fillable(np.full)
identity, linspace, ones, zeros = fillable(np.identity), fillable(np.linspace), fillable(np.ones), fillable(np.zeros)
copy, empty_like, full_like = fillable(np.copy), fillable(np.empty_like), fillable(np.full_like)
ones_like, zeros_like = fillable(np.ones_like), fillable(np.zeros_like)


def array(object: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `array`, which can be filled; a nested list with Tensors in it is stacked."""
    made = as_array(object)
    if not isinstance(made, Traced):
        return Buffer(np.array(object, dtype, **options))
    refuse("array", **{k: v for k, v in options.items() if k != "copy"})
    made = made.snapshot()
    return Buffer(made if dtype is None else narrowed(made, np.dtype(dtype)))


def asarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `asarray`: an array or Tensor as it is, a list as in `array`."""
    if isinstance(a, Traced):
        refuse("asarray", **options)
        return a if dtype is None or a.dtype == dtype else a.astype(dtype)  # type: ignore[attr-defined]
    return np.asarray(a, dtype, **options) if isinstance(a, np.ndarray) else array(a, dtype, **options)


def at(x: Any) -> At:
    """`at(x)[i].set(v)`, and add, multiply ...: `x`, an array or Tensor, with other elements there.

    >>> from tinygrad_scratch import numpy as np
    >>> np.at(np.zeros(3))[1:].add(2.0)
    array([0., 2., 2.])
    """
    return At(x if isinstance(x, Traced) else np.asarray(x))
