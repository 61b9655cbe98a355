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
from ..ops.arguments import as_array, holds_tensor

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
    ours = FUNCTIONS[function]

    @wraps(function)
    def reached(*args: Any, **kwargs: Any) -> Any:
        if function not in _CALLERS and not holds_tensor((*args, *kwargs.values())):
            return function(*args, **kwargs)
        if args and isinstance(args[0], (list, tuple)) and function not in _OF_SEVERAL:
            args = (as_array(args[0]), *args[1:])
        return ours(*args, **kwargs)

    return reached
