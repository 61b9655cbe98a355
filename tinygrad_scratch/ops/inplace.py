"""NumPy's functions that write into their first argument: refused, with the function that gives a new array instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ..core.errors import AssignmentError, user_line
from ..core.primitive import FUNCTIONS
from ..core.trace import Traced


def _refused(function: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(target: Any = None, *args: Any, **kwargs: Any) -> NoReturn:
        what = "changed in place" if isinstance(target, Traced) else "written into a plain array"
        raise AssignmentError(f"np.{function}: a Tensor cannot be {what}{user_line()}; {instead}")

    return refuse


_INSTEAD = {
    np.copyto: "np.where(mask, new, old) gives a new array; for np.full take tinygrad_scratch.numpy.full",
    np.fill_diagonal: "np.where(np.eye(n, dtype=bool), value, a) gives a new array",
    np.place: "np.where(mask, value, a) gives a new array",
    np.putmask: "np.where(mask, values, a) gives a new array",
    np.put: "np.where gives a new array, or np.insert and np.delete",
    np.put_along_axis: "np.where(np.arange(n) == index, value, a) gives a new array",
}
FUNCTIONS.update({function: _refused(function.__name__, instead) for function, instead in _INSTEAD.items()})
