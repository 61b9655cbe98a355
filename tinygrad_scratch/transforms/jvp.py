"""Forward mode: each value carries its tangent along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, MissingRuleError
from ..core.primitive import Primitive
from ..core.trace import Trace, evaluate, run
from ..tensor import Tensor, tensor
from .arguments import cotangents_like, differentiable, moves


class JvpTrace(Trace):
    """Pushes tangents along. A Tensor of it has its tangent as `note`."""

    name = "jvp"

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        if self.hook is not None:
            prim = self.hook(prim)
        mine = [type(a) is Tensor and a.trace is self for a in args]
        values = tuple([a.value if m else a for a, m in zip(args, mine, strict=True)])
        ts = tuple([a.note if m else None for a, m in zip(args, mine, strict=True)])
        if prim.pushforward is not None:
            answers, tangents = prim.pushforward(ts, *values, **attrs)
            pairs = zip(answers, tangents, strict=True)
            return tuple([tensor(a, self, t) if moves(a) else a for a, t in pairs])
        ans = evaluate(prim, values, attrs)
        if prim.constant:
            return ans
        if prim.jvp is None:
            raise MissingRuleError(
                f"{prim.name} has no jvp, so forward mode does not reach it; give one to its builder, or use tg.grad"
            )
        return tensor(ans, self, prim.jvp(ts, ans, *values, **attrs))


def jvp(f: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, Any]:
    """`f(*primals)` and its derivative in the direction `tangents`: out, J t.

    `primals` and `tangents` are tuples with one tree an argument. Raises ShapeError, DtypeError or ArgumentError if the
    tangents do not look like the primals.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> out, t = tg.jvp(np.sin, (0.0,), (2.0,))
    >>> float(out), float(t)
    (0.0, 2.0)
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError(
            "jvp: primals and tangents must be tuples, one entry an argument, such as jvp(f, (x,), (t,))"
        )
    primals, tangents = tuple(primals), tuple(tangents)
    leaves, structure = tree.flatten(primals)
    values = differentiable(leaves, structure, "jvp", tuple(range(len(primals))))
    ts = cotangents_like(tangents, values, structure, "jvp")
    trace = JvpTrace()
    out = run(trace, f, tree.unflatten(structure, [tensor(x, trace, t) for x, t in zip(values, ts, strict=True)]), {})
    outs, out_structure = tree.flatten(out)
    pairs = [(o.value, o.note) if type(o) is Tensor and o.trace is trace else (o, _zero(o)) for o in outs]
    return tree.unflatten(out_structure, [v for v, _ in pairs]), tree.unflatten(out_structure, [t for _, t in pairs])


def _zero(x: Any) -> Any:
    return np.zeros(np.shape(x), np.result_type(x))[()]
