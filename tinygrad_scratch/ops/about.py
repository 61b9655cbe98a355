"""Questions that shape and dtype alone answer: constants.

NumPy itself answers, for a plain array of the same shape and dtype that takes no memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import FUNCTIONS, implements
from ..core.trace import Traced
from .arguments import as_array
from .families import broadcast_to


def standin(x: Any) -> Any:
    """A plain array with the shape and dtype of `x`, in which one zero is seen everywhere; no Tensor: `x` itself."""
    return broadcast_to.impl(np.zeros((), x.dtype), x.shape) if isinstance(x, Traced) else x  # type: ignore[attr-defined]


def _of_standins(function: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*args: Any, **kwargs: Any) -> Any:
        return function(*[standin(x) for x in args], **{name: standin(x) for name, x in kwargs.items()})

    return answer


_ANSWERED = (
    np.shape, np.ndim, np.size, np.common_type, np.can_cast,
    np.diag_indices_from, np.tril_indices_from, np.triu_indices_from,
)  # fmt: skip
FUNCTIONS.update({function: _of_standins(function) for function in _ANSWERED})


@implements(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """NumPy's `result_type`. A Tensor that stands for a Python number is weak, as that is."""
    return np.result_type(*[_kind(x) if isinstance(x, Traced) else x for x in arrays_and_dtypes])


def _kind(x: Any) -> Any:
    return x.dtype.type(0).item() if x.weak else x.dtype


@implements(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> Any:
    """NumPy's `array_equiv`: equal after broadcasting."""
    a1, a2 = as_array(a1), as_array(a2)
    try:
        np.broadcast_shapes(a1.shape, a2.shape)
    except ValueError:
        return False
    return np.all(np.equal(a1, a2))
