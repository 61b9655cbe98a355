"""Arrays from nested lists that hold Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.trace import Traced
from ..ops.arguments import refuse


def array(object: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `array`; a Tensor stays one, and a nested list with Tensors in it is stacked."""
    if isinstance(object, Traced):
        refuse("array", **options)
        return object.astype(dtype) if dtype is not None and object.dtype != dtype else object  # type: ignore[attr-defined]
    if isinstance(object, (list, tuple)) and _holds_tensor(object):
        refuse("array", **options)
        stacked = np.stack([array(part) for part in object])
        return array(stacked, dtype)
    return np.array(object, dtype, **options)


def asarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """NumPy's `asarray`; Tensors as in `array`."""
    if isinstance(a, (Traced, list, tuple)):
        return array(a, dtype, **options)
    return np.asarray(a, dtype, **options)


def _holds_tensor(parts: Any) -> bool:
    return any(isinstance(p, Traced) or (isinstance(p, (list, tuple)) and _holds_tensor(p)) for p in parts)
