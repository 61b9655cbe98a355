"""The program: a graph, what runs it, and the programs derived from it, each made when it is first asked for.

A jitted function under grad, jvp or vmap is transformed as a graph: the derivative of its program is recorded once,
as a program again, and runs compiled. Reverse mode records primal and backward pass together and cuts that graph in
two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..core import tree
from ..core.primitive import Primitive, register
from ..core.trace import Traced, bind
from ..transforms.arguments import has_derivative
from ..transforms.grad import transposed
from ..transforms.jvp import jvp
from ..transforms.vmap import vmap
from .executor import executor
from .fusion import is_view
from .graph import Equation, Graph, Var
from .rewrite import live
from .signature import Runner
from .tracer import GraphTrace, example, record, recorded_run
from .weak import NUMBERS, strong

ARITHMETIC = {np.add, np.subtract, np.multiply, np.negative}
LITTLE = 3  # operations that take less time than to write their answer and read it again


class Program:
    """A graph with one function a backend that runs it."""

    def __init__(self, graph: Graph, backend: str = "auto") -> None:
        self.graph = graph
        self.backend = backend
        self.weak: tuple[bool, ...] = ()  # which outputs were numbers of Python's, where that is known
        self._made: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"<program of {len(self.graph.equations)} equations>"

    def run(self, *values: Any) -> tuple[Any, ...]:
        """The outputs for plain values of the inputs."""
        return self.runner(())(*values)

    def runner(self, donated: tuple[int, ...]) -> Runner:
        """What runs it; the program may write into the inputs that are donated."""
        return self.derived(("runner", donated), lambda: executor(self.graph, self.backend, donated))  # type: ignore[no-any-return]

    def apply(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """The outputs for arrays or Tensors."""
        traces = [a.trace for a in args if isinstance(a, Traced)]
        if not traces:
            return self.run(*args)
        if not max(traces, key=lambda t: t.level).concrete:  # being recorded: becomes part of that program
            return self.graph.evaluate(*args)
        return bind(call, *args, program=self)  # type: ignore[no-any-return]

    def on(self, backend: str) -> Program:
        """The same program for another backend."""
        if backend == self.backend:
            return self
        return self.derived(("on", backend), lambda: Program(self.graph, backend))  # type: ignore[no-any-return]

    def derived(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, kept under `key`."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def record_program(f: Callable[..., Any], args: Sequence[Any]) -> tuple[Program, list[Any], tree.Structure]:
    """The program of f, whose inputs are first the Tensors that f captures, then the arguments; what it captures; and
    the structure of the answer.
    """
    weak: list[bool] = []

    def answers(*xs: Any) -> tuple[list[Any], tree.Structure]:
        leaves, structure = tree.flatten(f(*xs))
        weak[:] = [type(x) in NUMBERS or getattr(x, "weak", False) for x in leaves]
        return [_array(x) for x in leaves], structure

    with np.errstate(all="ignore"):  # the examples are not what f will be run on
        trace = GraphTrace(lift=True)
        leaves, structure = recorded_run(trace, answers, [trace.input(example(a)) for a in args], {})
    program = Program(live(trace.finish(leaves)))
    program.weak = tuple(weak)
    return program, [x for _, x in trace.captured.values()], structure


def _array(x: Any) -> Any:
    """An answer of a body: an array, or a number with a dtype of its own."""
    if isinstance(x, Traced):
        return strong(x) if getattr(x, "weak", False) else x
    return x if isinstance(x, (np.ndarray, np.generic)) else np.asarray(x)[()]


def _recorded(f: Callable[..., Any], args: Sequence[Any]) -> Graph:
    with np.errstate(all="ignore"):  # the examples are not what f will be run on
        return live(record(f, [example(a) for a in args], {})[0])


def floats(vars: Sequence[Any]) -> list[int]:
    """Which of them have a derivative."""
    return [i for i, v in enumerate(vars) if type(v) is Var and has_derivative(v.dtype) and not v.weak]


def pulled(graph: Graph, args: Sequence[Any], wanted: Sequence[int]) -> tuple[Any, Callable[..., list[Any]]]:
    """The outputs of a graph, and the function that takes their cotangents to those of the inputs that are wanted."""
    wanted = [i for i in floats(graph.inputs) if i in wanted]
    smooth = floats(graph.outputs)

    def f(*chosen: Any) -> Any:
        full = list(args)
        for i, x in zip(wanted, chosen, strict=True):
            full[i] = x
        outs = graph.evaluate(*full)
        return [outs[i] for i in smooth], outs

    answers, transpose, outs = transposed(f, *[args[i] for i in wanted], has_aux=True)

    def back(gs: Sequence[Any]) -> list[Any]:
        whole = [np.zeros(a.shape, a.dtype) if gs[i] is None else gs[i] for i, a in zip(smooth, answers, strict=True)]
        cotangents: list[Any] = [None] * len(args)
        for i, g in zip(wanted, transpose(whole), strict=True):
            cotangents[i] = g
        return cotangents

    return outs, back


class Reverse:
    """A program for reverse mode: `forward` gives the answers and what `backward` needs besides the arguments."""

    def __init__(self, program: Program, args: Sequence[Any], wanted: Sequence[int]) -> None:
        graph = program.graph
        self.count = len(graph.outputs)
        self.smooth = floats(graph.outputs)
        self.wanted = [i for i in floats(graph.inputs) if i in wanted]
        shapes = [graph.outputs[i] for i in self.smooth]
        self.joint = _recorded(self._both(graph), [*args, *[np.ones(v.shape, v.dtype) for v in shapes]])
        self.forward, self.backward = (Program(g, program.backend) for g in self._cut(len(args)))

    def _both(self, graph: Graph) -> Callable[..., tuple[Any, ...]]:
        n = len(graph.inputs)

        def joint(*xs: Any) -> tuple[Any, ...]:
            args, gs = xs[:n], dict(zip(self.smooth, xs[n:], strict=True))
            outs, back = pulled(graph, args, self.wanted)
            cotangents = back([gs.get(i) for i in range(self.count)])
            return (*outs, *[cotangents[i] for i in self.wanted])

        return joint

    def _cut(self, n: int) -> tuple[Graph, Graph]:
        joint = self.joint
        late = set(joint.inputs[n:])
        early_equations, late_equations = [], []
        for eq in joint.equations:
            if any(v in late for v in eq.vars()):
                late.update(eq.outputs)
                late_equations.append(eq)
            else:
                early_equations.append(eq)
        late_equations = _with_repeated(early_equations, late_equations, joint.constants)
        outs, cotangents = joint.outputs[: self.count], joint.outputs[self.count :]
        used = dict.fromkeys(
            [v for eq in late_equations for v in eq.vars()] + [a for a in cotangents if type(a) is Var]
        )
        late.update(v for eq in late_equations for v in eq.outputs)
        needed = [v for v in used if v not in late and v not in joint.constants]
        self.places = [joint.inputs.index(v) if v in joint.inputs else None for v in needed]  # None: a residual
        residuals = [v for v in needed if v not in joint.inputs]
        forward = Graph(joint.inputs[:n], joint.constants, early_equations, [*outs, *residuals])
        backward = Graph([*needed, *joint.inputs[n:]], joint.constants, late_equations, cotangents)
        return live(forward), live(backward)

    def pullback(self, args: Sequence[Any]) -> tuple[tuple[Any, ...], Callable[..., list[Any]]]:
        """The answers, and the function that takes their cotangents back."""
        answers = self.forward.apply(args)
        outs, rest = answers[: self.count], iter(answers[self.count :])
        held = [next(rest) if place is None else args[place] for place in self.places]
        n = len(args)

        def back(gs: Sequence[Any]) -> list[Any]:
            whole = [np.zeros(outs[i].shape, outs[i].dtype) if gs[i] is None else gs[i] for i in self.smooth]
            found = self.backward.apply([*held, *whole])
            cotangents: list[Any] = [None] * n
            for i, g in zip(self.wanted, found, strict=True):
                cotangents[i] = g
            return cotangents

        return outs, back


def _with_repeated(early: Sequence[Equation], late: Sequence[Equation], constants: Iterable[Var]) -> list[Equation]:
    """The late equations, behind those early ones that are done again, which is cheaper than to keep what they give:
    views, and a little arithmetic on what is kept anyway.
    """
    made = {v for eq in early for v in eq.outputs}
    needed = {v for eq in late for v in eq.vars()}
    for eq in reversed(early):
        if is_view(eq) and any(v in needed for v in eq.outputs):
            needed.update(eq.vars())
    again: dict[Var, dict[int, Equation]] = {v: {} for v in (*needed, *constants) if v not in made}
    for eq in early:
        repeated = None
        if (is_view(eq) or eq.prim.impl in ARITHMETIC) and all(a in again for a in eq.vars()):
            repeated = {k: e for a in eq.vars() for k, e in again[a].items()} | {id(eq): eq}
        if repeated is not None and sum(not is_view(e) for e in repeated.values()) <= LITTLE:
            again.update(dict.fromkeys(eq.outputs, repeated))
        else:
            again.update({v: {} for v in eq.outputs if v in needed})
    chosen = {k for v in needed for k in again[v]}
    return [*[eq for eq in early if id(eq) in chosen], *late]


def _pullback(wanted: Sequence[int], *args: Any, program: Program) -> Any:
    reverse = program.derived(("reverse", wanted), lambda: Reverse(program, args, wanted))
    return reverse.pullback(args)


def pushed_program(ts: Sequence[Any], args: Sequence[Any], program: Program) -> tuple[Program, list[Any]]:
    """The program of the answers and their tangents, and the tangents that it takes behind the arguments."""
    moving = tuple([i for i in floats(program.graph.inputs) if ts[i] is not None])
    dots = [ts[i] for i in moving]

    def make() -> Program:
        def tangents(*xs: Any) -> Any:
            primals, rest = xs[: len(args)], iter(xs[len(args) :])

            def f(*chosen: Any) -> Any:
                full = list(primals)
                for i, x in zip(moving, chosen, strict=True):
                    full[i] = x
                return program.graph.evaluate(*full)

            outs, changes = jvp(f, tuple([primals[i] for i in moving]), tuple(rest))
            return (*outs, *changes)

        return Program(_recorded(tangents, [*args, *dots]), program.backend)

    return program.derived(("forward", moving), make), dots


def _pushforward(ts: Sequence[Any], *args: Any, program: Program) -> Any:
    made, dots = pushed_program(ts, args, program)
    both = made.apply([*args, *dots])
    return both[: len(both) // 2], both[len(both) // 2 :]


def batched_program(args: Sequence[Any], batched: Sequence[bool], program: Program) -> Program:
    """The program over a batch."""
    axes = tuple([0 if b else None for b in batched])
    size = next(a.shape[0] for a, b in zip(args, batched, strict=True) if b)

    def make() -> Program:
        return Program(_recorded(vmap(program.graph.evaluate, axes), args), program.backend)

    return program.derived(("batch", axes, size), make)  # type: ignore[no-any-return]


def _batch(args: Sequence[Any], batched: Sequence[bool], program: Program) -> Any:
    return batched_program(args, batched, program).apply(args)


call: Primitive = register(Primitive(
    "call",
    lambda *args, program: program.run(*args),
    pullback=_pullback,
    pushforward=_pushforward,
    batch=_batch,
))  # fmt: skip
