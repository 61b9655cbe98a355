"""The functions that make buffers: copies of a Tensor, and arrays like it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..core.trace import Traced
from ..ops.arguments import refuse
from ..ops.update import fitted
from .buffer import Buffer
from .reading import itself


def fillable(make: Callable[..., Any]) -> Callable[..., Any]:
    """The function of NumPy's that makes an array, with one that can be filled with Tensors."""

    @wraps(make)
    def made(*args: Any, **kwargs: Any) -> Any:
        array = make(*args, **kwargs)
        return array if isinstance(array, Buffer) else Buffer(array)

    return made


@itself(np.copy)
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """NumPy's `copy`, which can be filled."""
    return Buffer(a.snapshot() if isinstance(a, Traced) else np.array(a))


@itself(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
              device: Any = None) -> Any:  # fmt: skip
    """NumPy's `full_like`, which can be filled."""
    refuse("full_like", order=None if order == "K" else order, device=device)
    dims = np.shape(a) if shape is None else (shape,) if np.ndim(shape) == 0 else tuple(shape)
    kind = np.dtype(np.result_type(a) if dtype is None else dtype)
    if isinstance(fill_value, Traced):
        return Buffer(fitted(fill_value.snapshot(), dims, kind))
    return Buffer(np.full(dims, fill_value, kind))


@itself(np.zeros_like)
def zeros_like(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
               device: Any = None) -> Any:  # fmt: skip
    """NumPy's `zeros_like`, which can be filled."""
    return full_like(a, 0, dtype, order, subok, shape, device=device)


@itself(np.ones_like)
def ones_like(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
              device: Any = None) -> Any:  # fmt: skip
    """NumPy's `ones_like`, which can be filled."""
    return full_like(a, 1, dtype, order, subok, shape, device=device)


@itself(np.empty_like)
def empty_like(prototype: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
               device: Any = None) -> Any:  # fmt: skip
    """NumPy's `empty_like`, of zeros, which can be filled."""
    return full_like(prototype, 0, dtype, order, subok, shape, device=device)
