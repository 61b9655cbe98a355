"""Which executor runs a graph: the one that was asked for, or the one that is measured to be faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .graph import Equation, Graph
from .layout import contiguous
from .numpy_executor import numpy_executor
from .passes import simplify
from .signature import Runner

BACKENDS = ("auto", "numpy", "numba")
ENOUGH = 0.1  # seconds in NumPy calls after which compiling is worth a try
OFTEN = 100  # or calls
TRIALS = 3


def executor(graph: Graph, backend: str, donate: Sequence[int] = ()) -> Runner:
    """What runs the graph."""
    graph = _inside(graph, backend)
    if backend == "auto":
        return Auto(graph, donate)
    if backend == "numba":
        from .numba_executor import numba_executor  # imported when used: llvmlite is an extra

        return _quiet(graph, numba_executor(contiguous(simplify(graph, wholly=True)), donate))
    return _quiet(graph, numpy_executor(contiguous(simplify(graph)), donate))


def _quiet(graph: Graph, runner: Runner) -> Runner:
    """A program with operations that the function did under an np.errstate gives no floating-point warnings."""
    if not _has_quiet(graph):
        return runner
    return Runner(lambda: np.errstate(all="ignore")(runner.new()), runner.native)


def _has_quiet(graph: Graph) -> bool:
    """Whether an operation of the graph, of an expansion or of the body of a loop in it is to be quiet."""
    return any(eq.quiet or any(map(_has_quiet, _graphs_in(eq))) for eq in graph.equations)


def _graphs_in(eq: Equation) -> list[Graph]:
    bodies = [v.graph for v in eq.attrs.values() if hasattr(v, "on")]
    return bodies if eq.inner is None else [eq.inner, *bodies]


def _inside(graph: Graph, backend: str) -> Graph:
    """The graph with its loop bodies and branches for the same backend."""

    def chosen(eq: Equation) -> Equation:
        return eq._replace(attrs={k: v.on(backend) if hasattr(v, "on") else v for k, v in eq.attrs.items()})

    return Graph(graph.inputs, graph.constants, list(map(chosen, graph.equations)), graph.outputs)


class Auto(Runner):
    """Begins with NumPy calls. Once they have taken a while, or at once if the native code is in the cache, the
    program is compiled, both are timed on the arguments at hand, and the faster one stays.
    """

    def __init__(self, graph: Graph, donate: Sequence[int]) -> None:
        self.graph = graph
        self.donate = tuple(donate)
        self.numpy = executor(graph, "numpy", donate)
        self.final: Runner | None = None if _can_compile() else self.numpy
        self.spent = 0.0
        self.calls = 0
        super().__init__(self._timed)

    def settled(self) -> Runner | None:
        return self.final

    def _timed(self) -> Callable[..., tuple[Any, ...]]:
        def run(*inputs: Any) -> tuple[Any, ...]:
            if self.final is not None:
                return self.final(*inputs)
            if (self.calls == 1 and self._in_cache()) or self.spent > ENOUGH or self.calls >= OFTEN:
                self.final = self._faster(inputs)
                return self.final(*inputs)
            begun = time.perf_counter()
            outs = self.numpy(*inputs)
            self.spent += time.perf_counter() - begun
            self.calls += 1
            return outs

        return run

    def _in_cache(self) -> bool:
        from .numba_executor import compiled_before

        return compiled_before(contiguous(simplify(self.graph, wholly=True)), self.donate)

    def _faster(self, inputs: Sequence[Any]) -> Runner:
        """The runner that takes less time on copies of these inputs."""
        native = executor(self.graph, "numba", self.donate)
        times: dict[Runner, float] = {}
        for _ in range(TRIALS):
            for runner in (self.numpy, native):
                copies = [
                    x.copy() if i in self.donate and isinstance(x, np.ndarray) else x for i, x in enumerate(inputs)
                ]
                begun = time.perf_counter()
                runner(*copies)
                times[runner] = min(times.get(runner, 1e9), time.perf_counter() - begun)
        return min(times, key=lambda runner: times[runner])


def _can_compile() -> bool:
    from .native.load import available

    return available()
