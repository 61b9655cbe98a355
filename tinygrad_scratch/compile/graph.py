"""The graph: a function recorded as a list of equations over variables.

A `Var` stands for an array of known shape and dtype; a *weak* one for a Python number, which takes the dtype of
whatever it meets. An argument of an equation is a Var or a number that is known (a literal). Equations stand in order
of execution and define each Var once, so a graph reads as a short program.
"""

from __future__ import annotations

import builtins
import keyword
import operator
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import ArgumentError, TinygradError
from ..core.primitive import Primitive
from ..core.trace import evaluate

PYTHON_ALONE: dict[str, Callable[..., Any]] = {
    "-": operator.neg, "+": operator.pos, "abs": abs, "~": operator.invert,
    "real": operator.attrgetter("real"), "imag": operator.attrgetter("imag"),
}  # fmt: skip
PYTHON: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip


def python_operator(prim: Primitive) -> Callable[..., Any]:
    """Python's operator for an operation that has one."""
    symbol = prim.emit.symbol if prim.emit else ""
    return PYTHON_ALONE[symbol] if getattr(prim.impl, "nin", 1) == 1 else PYTHON[symbol]


class Var:
    """A value of the program: its shape and dtype (the aval). `weak`: a Python number."""

    __slots__ = ("dtype", "shape", "weak")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], weak: bool = False) -> None:
        self.shape = shape
        self.dtype = dtype
        self.weak = weak

    def __repr__(self) -> str:
        if self.weak:
            return {"f": "float", "i": "int", "b": "bool", "c": "complex"}[self.dtype.kind]
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"


def like(x: Any) -> Var:
    """The Var for a value."""
    if type(x) in (bool, int, float, complex):
        return Var((), np.dtype(type(x)), weak=True)
    return Var(x.shape, x.dtype)


class Equation(NamedTuple):
    """`outputs = prim(*inputs, **attrs)`. `inner` is the same as a graph of simpler operations, where it was traced;
    `quiet`, whether it stood under an np.errstate inside of the function.
    """

    prim: Primitive
    inputs: tuple[Any, ...]
    attrs: dict[str, Any]
    outputs: tuple[Var, ...]
    inner: Graph | None = None
    quiet: bool = False

    def vars(self) -> Iterator[Var]:
        """The arguments that are no literals."""
        return (a for a in self.inputs if type(a) is Var)


class Graph:
    """A program: `inputs`, `constants` (Var -> array, known when it was recorded), `equations`, `outputs` (Vars or
    literals).

    `print(graph)` shows it.
    """

    def __init__(
        self,
        inputs: Sequence[Var],
        constants: dict[Var, Any],
        equations: Sequence[Equation],
        outputs: Sequence[Any],
    ) -> None:
        self.inputs = list(inputs)
        self.constants = constants
        self.equations = list(equations)
        self.outputs = list(outputs)

    def __str__(self) -> str:
        name = names(self)
        lines = [f"graph({', '.join(f'{name(v)}: {v}' for v in self.inputs)}):"]
        lines += [f"    {name(v)}: {v} = constant" for v in self.constants]
        for eq in self.equations:
            left = ", ".join(f"{name(v)}: {v}" for v in eq.outputs)
            attrs = [f"{k}={_shown(v)}" for k, v in eq.attrs.items()]
            lines.append(f"    {left} = {eq.prim.name}({', '.join([*map(name, eq.inputs), *attrs])})")
        lines.append(f"    return {', '.join(map(name, self.outputs))}")
        return "\n".join(lines)

    __repr__ = __str__

    def evaluate(self, *args: Any) -> tuple[Any, ...]:
        """Run the program, equation by equation, on arrays or Tensors."""
        env: dict[Any, Any] = dict(zip(self.inputs, args, strict=True))
        env.update(self.constants)
        for eq in self.equations:
            values = tuple([env[a] if type(a) is Var else a for a in eq.inputs])
            if eq.outputs[0].weak:
                answers: Any = (python_operator(eq.prim)(*values),)
            elif eq.quiet:
                with np.errstate(all="ignore"):
                    answers = evaluate(eq.prim, values, eq.attrs)
            else:
                answers = evaluate(eq.prim, values, eq.attrs)
            answers = answers if isinstance(answers, tuple) else (answers,)
            env.update(zip(eq.outputs, answers, strict=True))
        return tuple([env[a] if type(a) is Var else a for a in self.outputs])


def names(graph: Graph) -> Callable[[Any], str]:
    """A name for each value: letters in order of appearance; literals as they are written."""
    known = {v: _letters(i) for i, v in enumerate(variables(graph))}
    return lambda a: known[a] if type(a) is Var else literal(a)


def variables(graph: Graph) -> Iterator[Var]:
    """All Vars, in order of definition."""
    yield from graph.inputs
    yield from graph.constants
    for eq in graph.equations:
        yield from eq.outputs


def literal(x: Any) -> str:
    """A number as Python text that gives it back, dtype and all."""
    if isinstance(x, np.generic):
        return f"np.{x.dtype.name}({_number(x.item())})" if x.dtype.kind in "biufc" else repr(x)
    return _number(x)


def _number(x: Any) -> str:
    if isinstance(x, complex):
        return f"complex({_number(x.real)}, {_number(x.imag)})"
    if isinstance(x, float) and x != x:
        return "np.nan"
    if isinstance(x, float) and x in (np.inf, -np.inf):
        return "np.inf" if x > 0 else "-np.inf"
    return repr(x)


def _letters(i: int) -> str:
    word = ""
    while i >= 0:
        word = string.ascii_lowercase[i % 26] + word
        i = i // 26 - 1
    return word + "0" if word in RESERVED else word


RESERVED = {*keyword.kwlist, *dir(builtins), "np", "own", "placed", "space", "run", "make", "bind"}  # in plans


def _shown(x: Any) -> str:
    return getattr(x, "__name__", None) or repr(x)


def verify(graph: Graph) -> None:
    """Raise ArgumentError if the graph is no program: a value used before it is defined, defined twice, or one whose
    shape and dtype are not those of the expansion that was recorded with it.
    """
    known: set[Var] = set()
    for v in (*graph.inputs, *graph.constants):
        _define(v, known)
    for v, x in graph.constants.items():
        if (v.shape, v.dtype) != (x.shape, x.dtype):
            raise ArgumentError(f"graph: a constant of {x.dtype}{list(x.shape)} stands for {v}")
    for eq in graph.equations:
        for a in eq.vars():
            if a not in known:
                raise ArgumentError(f"graph: {eq.prim.name} uses a value before it is defined")
        for v in eq.outputs:
            _define(v, known)
        if eq.inner is not None:
            verify(eq.inner)
            wanted = [(v.shape, v.dtype) for v in eq.outputs]
            if [(v.shape, v.dtype) for v in map(_var, eq.inner.outputs)] != wanted:
                raise ArgumentError(f"graph: the expansion of {eq.prim.name} differs from it in shape or dtype")
    for a in graph.outputs:
        if type(a) is Var and a not in known:
            raise ArgumentError("graph: an output is never defined")


def _var(a: Any) -> Var:
    return a if type(a) is Var else like(a)


def _define(v: Var, known: set[Var]) -> None:
    if v in known:
        raise ArgumentError("graph: a value is defined twice")
    known.add(v)


class Uncompilable(TinygradError, TypeError):
    """What was to be recorded belongs to an outer transformation; the caller runs it as it is."""
