"""The interpreter that records: it computes each operation on real values and notes it as an equation.

Because there are values, NumPy itself says what shape and dtype an answer has. The values must not steer the program,
so `if`, `int()` and the like are refused. A Python number among the inputs becomes a `Weak` Tensor, on which Python's
operators give Python numbers again; NumPy's functions do not, as is their rule.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar, copy_context
from typing import Any, NoReturn

import numpy as np

from ..core.errors import ConcreteError, TinygradError, user_line
from ..core.primitive import Primitive
from ..core.trace import NO_ATTRS, Trace, Traced, evaluate, run
from ..tensor import Tensor, tensor
from .graph import Equation, Graph, Uncompilable, Var, like, python_operator
from .weak import NUMBERS, Weak, strong, weak

WEAK_KINDS = ("ufunc", "where")  # operations in which a Python number takes the dtype of the others


_NOTHING: tuple[Graph | None, Any] = (None, None)


class GraphTrace(Trace):
    """Records equations. A Tensor of it has its Var as `note`."""

    name = "jit"
    concrete = False

    def __init__(self, lift: bool = False) -> None:
        super().__init__()
        self.lift = lift  # whether Tensors of outer transformations become inputs
        self.captured: dict[int, tuple[Var, Any]] = {}
        self.inputs: list[Var] = []
        self.equations: list[Equation] = []
        self.constants: dict[int, tuple[Var, Any]] = {}
        self.errors = _errstate()

    def input(self, x: Any) -> Any:
        """A Tensor for one more input of the graph, with `x` as its value while it is recorded."""
        self.inputs.append(like(x))
        return self._tensor(x, self.inputs[-1])

    def require_value(self, x: Traced, asked_by: str) -> NoReturn:
        self.refused = ConcreteError(
            f"{asked_by} of a value under jit{user_line()}: the recorded program must hold for every value. Use "
            "np.where or tg.cond instead of if, tg.fori_loop or tg.while_loop for a loop that depends on it, "
            "np.where(mask, x, 0) for x[mask], or name the argument in static_argnums, which "
            "compiles once a value."
        )
        raise self.refused

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        checked = prim if self.hook is None else self.hook(prim)
        kind = prim.emit.kind if prim.emit else ""
        if kind == "same" and isinstance(args[0], Weak):
            return args[0]
        if prim.pushforward is None and kind not in WEAK_KINDS:
            args = tuple([strong(a) if isinstance(a, Weak) else a for a in args])
        values = tuple([self._value(a) for a in args])
        inner, answers = self._expanded(checked, values, attrs) if prim.composite else _NOTHING
        if inner is None:
            answers = evaluate(checked, values, attrs)
        atoms = tuple([self._atom(a) for a in args])
        several = isinstance(answers, tuple)
        whole = answers if several else (answers,)
        outputs = tuple([like(x) for x in whole])
        self.equations.append(Equation(prim, atoms, attrs, outputs, inner, _errstate() is not self.errors))
        made = tuple([self._tensor(x, v) for x, v in zip(whole, outputs, strict=True)])
        return made if several else made[0]

    def by_python(self, prim: Primitive, args: tuple[Any, ...]) -> Any:
        """An operator of Python's between numbers of Python's."""
        if self.hook is not None:
            self.hook(prim)
        atoms = tuple([self._atom(a) for a in args])
        value = python_operator(prim)(*[self._value(a) for a in args])
        self.equations.append(Equation(prim, atoms, NO_ATTRS, (like(value),)))
        return self._tensor(value, self.equations[-1].outputs[0])

    def finish(self, outs: Sequence[Any]) -> Graph:
        """The graph with these outputs."""
        outputs = [self._atom(o) for o in outs]
        captured = [v for v, _ in self.captured.values()]
        return Graph([*captured, *self.inputs], dict(self.constants.values()), self.equations, outputs)

    def _tensor(self, x: Any, var: Var) -> Any:
        if not var.weak:
            return tensor(x, self, var)
        return weak(x, self, var)

    def _atom(self, a: Any) -> Any:
        if isinstance(a, Traced):
            if a.trace is self:
                return a.note
            if not self.lift:
                raise Uncompilable("jit: a Tensor of an outer transformation is used inside")
            return self.captured.setdefault(id(a), (like(example(a)), a))[0]
        if type(a) in NUMBERS or isinstance(a, np.generic):
            return a
        if id(a) not in self.constants:
            self.constants[id(a)] = (like(a), a)
        return self.constants[id(a)][0]

    def _value(self, a: Any) -> Any:
        if not isinstance(a, Traced):
            return a
        return a.value if a.trace is self else example(a)

    def _expanded(self, prim: Primitive, values: tuple[Any, ...], attrs: dict[str, Any]) -> tuple[Any, Any]:
        """The operation's own implementation, recorded, and what it gives; nothing if it needs plain arrays."""
        try:
            graph, answers = record(prim.impl, values, attrs)
        except (TinygradError, TypeError, ValueError, AttributeError):
            return None, None
        if any(like(x).weak for x in answers[0]):
            return None, None
        return graph, answers[0] if answers[1] else answers[0][0]


def _errstate() -> Any:
    """The object that stands for NumPy's present rule on floating-point errors, another under each np.errstate."""
    return _errstate_variable().get(None)


@functools.cache
def _errstate_variable() -> ContextVar[Any]:
    with np.errstate():  # so that it is there
        return next(var for var in copy_context() if var.name == "numpy.ufunc.extobj")


_state = threading.local()


def recording() -> bool:
    """Whether a program is being recorded in this thread."""
    return getattr(_state, "depth", 0) > 0


def recorded_run(trace: GraphTrace, f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """The user's function under `trace`."""
    _state.depth = getattr(_state, "depth", 0) + 1
    try:
        return run(trace, f, args, kwargs)
    finally:
        _state.depth -= 1


def record(f: Callable[..., Any], values: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Graph, tuple[Any, bool]]:
    """The graph of a function of arrays, its answers, and whether those are a tuple."""
    trace = GraphTrace()
    inputs = [trace.input(x) for x in values]
    out = recorded_run(trace, f, inputs, kwargs)
    several = isinstance(out, tuple)
    outs = [
        o if isinstance(o, (Traced, np.generic, np.ndarray)) else np.asarray(o)[()]
        for o in (out if several else (out,))
    ]
    return trace.finish(outs), (tuple([bare(o, trace) for o in outs]), several)


def bare(x: Any, trace: Trace) -> Any:
    """The value of a Tensor of `trace`; anything else as it is."""
    return x.value if isinstance(x, Traced) and x.trace is trace else x


def example(x: Any) -> Any:
    """A plain value with the shape and dtype that the user's function sees: the first of a batch, for a recording."""
    if not isinstance(x, Tensor):
        return x
    shape, dtype, hidden = x.shape, x.dtype, 0
    while isinstance(x, Tensor):
        hidden += x.trace.hidden
        x = x.value
    if not hidden:
        return x
    return np.ones(shape, dtype) if 0 in x.shape[:hidden] else np.asarray(x[(0,) * hidden])
