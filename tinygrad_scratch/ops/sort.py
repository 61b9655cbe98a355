"""Sorting. The order is constant where it is defined, so a sort is an argsort followed by indexing."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.primitive import Emit, Primitive, implements, register
from ..core.trace import bind
from .families import behind_batch_axis
from .reduce import one_axis, refuse

argsort_ = register(
    Primitive(
        "argsort",
        lambda x, axis, kind: np.argsort(x, axis, kind=kind),
        emit=Emit(lambda x, axis, kind: f"np.argsort({x}, {axis}, {kind!r})"),
    )
)
argsort_.batch = behind_batch_axis(argsort_)


@implements(np.argsort)
def argsort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> Any:
    """NumPy's `argsort`."""
    refuse("argsort", order=order)
    if axis is None:
        a, axis = a.reshape(-1), 0
    return bind(argsort_, a, axis=one_axis(axis, a.ndim), kind="stable" if stable else kind)


@implements(np.sort)
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> Any:
    """NumPy's `sort`; elements that tie keep the derivatives of their places in the argsort."""
    if axis is None:
        a, axis = a.reshape(-1), 0
    return np.take_along_axis(a, argsort(a, axis, kind, order, stable=stable), axis)
