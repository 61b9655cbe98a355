"""What NumPy's protocols do not reach.

NumPy looks for Tensors among some arguments of a function only: `np.take(x, i)` sees x but not i, `np.pad(x, 1,
constant_values=c)` not c, and no function sees into the nested lists that it takes for one array.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np

from ..core.primitive import FUNCTIONS
from ..ops.arguments import as_array, holds_tensor, tensors_in
from ..tensor import Tensor

# their first argument is several arrays, which are not to be stacked
_OF_SEVERAL = {
    np.block, np.column_stack, np.concatenate, np.dstack, np.hstack, np.lexsort, np.linalg.multi_dot,
    np.ravel_multi_index, np.select, np.stack, np.vstack,
}  # fmt: skip
# they call a function, which may have Tensors of its own
_CALLERS = {np.apply_along_axis, np.apply_over_axes, np.piecewise}


@cache
def reaching(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of NumPy, which takes Tensors anywhere in its arguments."""

    @wraps(function)
    def reached(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (list, tuple)) and function not in _OF_SEVERAL and holds_tensor(args[0]):
            args = (as_array(args[0]), *args[1:])
        found = tensors_in((*args, *kwargs.values()))
        if found:  # as NumPy would, had it seen them: that of a subclass first
            first = next((x for x in found if type(x) is not Tensor), found[0])
            return first.__array_function__(function, (), args, kwargs)
        return FUNCTIONS[function](*args, **kwargs) if function in _CALLERS else function(*args, **kwargs)

    return reached
