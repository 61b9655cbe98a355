"""The interpreter that changes nothing: each operation is evaluated, where it can be watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import tree
from ..core.primitive import Primitive
from ..core.trace import Trace, evaluate, run
from ..tensor import Tensor, tensor
from .arguments import strip


class PlainTrace(Trace):
    """Evaluates. A Tensor of it has no note."""

    name = "plain"

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        if self.hook is not None:
            prim = self.hook(prim)
        ans = evaluate(prim, tuple([a.value if type(a) is Tensor and a.trace is self else a for a in args]), attrs)
        return tuple([tensor(a, self, None) for a in ans]) if isinstance(ans, tuple) else tensor(ans, self, None)


def one_by_one(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], static: Any) -> Any:
    """`f(*args, **kwargs)`, by operations that a watch sees. What `static` names, by place or keyword, stays bare."""
    trace = PlainTrace()

    def traced(x: Any) -> Any:
        return tensor(x, trace, None) if isinstance(x, (np.ndarray, np.generic)) else x

    positional = [a if i in static else tree.map(traced, a) for i, a in enumerate(args)]
    named = {k: a if k in static else tree.map(traced, a) for k, a in kwargs.items()}
    return strip(run(trace, f, positional, named), trace)
