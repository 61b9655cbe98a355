"""`checkpoint`: less memory for reverse mode, at the price of computing again.

Outside of `jit` it is a matter of the tapes that run: what f records on them is thinned to its border. While a program
is recorded, f becomes a program of its own; the backward pass has its operations once more, on arguments marked by
`again`, so that no pass takes them for the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import wraps
from typing import Any

import numpy as np

from ..core import tree
from ..core.primitive import Emit, Primitive, register
from ..core.trace import Traced, bind, running
from ..ops.families import with_batch_axis
from ..transforms.tape import Tape, thinning
from .control import as_numbers
from .program import Program, batched_program, pulled, pushed_program, record_program
from .tracer import recording


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, of which reverse mode keeps no values but those that go in; the backward pass computes the others again.

    Values and derivatives are those of f, in every transformation and at any order; arguments, answers and what f takes
    from around it may be anything. Nothing that f does happens twice: its operations are repeated, not its Python, so
    what is drawn in f is drawn once. What f computes from plain arrays alone stays in memory.
    Under `jit` the recorded program computes again as well, in the body of a `scan` too.

    Of a chain of n functions as many answers stay as there are checkpoints: about 2 sqrt(n) for runs of sqrt(n) of
    them, each function checkpointed as well, log2(n) for halves of halves; each level computes everything once more
    (Chen et al., arXiv:1604.06174). Of 64 times sin(cos(x) * x) for 10^6 numbers the gradient takes the memory of 194
    arrays; with each of them checkpointed 68, by runs of eight 33, both 19, by halves 11.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> def block(w, x):
    ...     return np.tanh(w * np.exp(-x))
    >>> light = tg.checkpoint(block)
    >>> bool(tg.grad(lambda w: light(w, light(w, 1.0)))(2.0) == tg.grad(lambda w: block(w, block(w, 1.0)))(2.0))
    True
    """

    @wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if recording():
            return _recorded(f, args, kwargs)
        with ExitStack() as stack:
            for trace in running():
                if isinstance(trace, Tape):
                    stack.enter_context(thinning(trace))
            return f(*args, **kwargs)

    return checkpointed


def _recorded(f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    leaves, structure = tree.flatten((args, kwargs))
    moving = [i for i, x in enumerate(leaves) if isinstance(x, Traced) and not getattr(x, "weak", False)]

    def of_tensors(*some: Any) -> Any:
        full = list(leaves)
        for i, x in zip(moving, some, strict=True):
            full[i] = x
        positional, named = tree.unflatten(structure, full)
        return f(*positional, **named)

    chosen = [leaves[i] for i in moving]
    program, captured, out_structure = record_program(of_tensors, chosen)
    outs = bind(checkpoint_, *captured, *chosen, program=program)
    return tree.unflatten(out_structure, as_numbers(outs, program.weak))


def _pullback(wanted: Sequence[int], *args: Any, program: Program) -> Any:
    outs = bind(checkpoint_, *args, program=program)

    def back(gs: Sequence[Any]) -> list[Any]:
        start = next(g for g in gs if g is not None)
        fresh = [bind(again, a, start) if np.ndim(a) else a for a in args]
        return pulled(program.graph, fresh, wanted)[1](gs)

    return outs, back


def _pushforward(ts: Sequence[Any], *args: Any, program: Program) -> Any:
    both, dots = pushed_program(ts, args, program)
    outs = bind(checkpoint_, *args, *dots, program=both)
    return outs[: len(outs) // 2], outs[len(outs) // 2 :]


def _batch(args: Sequence[Any], batched: Sequence[bool], program: Program) -> Any:
    return bind(checkpoint_, *args, program=batched_program(args, batched, program))


checkpoint_: Primitive = register(Primitive(
    "checkpoint",
    lambda *args, program: program.graph.evaluate(*args),
    pullback=_pullback,
    pushforward=_pushforward,
    batch=_batch,
    composite=True,
))  # fmt: skip

again: Primitive = register(Primitive(
    "again",
    lambda x, start=None: x[...],
    [lambda g, ans, x, start: g, None],
    lambda ts, ans, x, start: np.zeros(x.shape, x.dtype) if ts[0] is None else ts[0],
    lambda args, batched: bind(again, with_batch_axis(args, batched)[0], args[1]),
    emit=Emit(lambda x, start=None: f"{x}[...]", kind="view"),
))  # fmt: skip
