"""Which executor runs a graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .graph import Equation, Graph
from .layout import contiguous
from .numpy_executor import numpy_executor
from .passes import simplify
from .signature import Runner

BACKENDS = ("auto", "numpy", "numba")


def executor(graph: Graph, backend: str, donate: Sequence[int] = ()) -> Runner:
    """What runs the graph."""
    graph = contiguous(simplify(_inside(graph, backend)))
    if backend == "numba":
        from .numba_executor import numba_executor  # imported when used: llvmlite is an extra

        return _quiet(graph, numba_executor(graph, donate))
    return _quiet(graph, numpy_executor(graph, donate))


def _quiet(graph: Graph, runner: Runner) -> Runner:
    """A program with operations that the function did under an np.errstate gives no floating-point warnings."""
    if not any(eq.quiet for eq in graph.equations):
        return runner
    return Runner(lambda: np.errstate(all="ignore")(runner.new()))


def _inside(graph: Graph, backend: str) -> Graph:
    """The graph with its loop bodies and branches for the same backend."""

    def chosen(eq: Equation) -> Equation:
        return eq._replace(attrs={k: v.on(backend) if hasattr(v, "on") else v for k, v in eq.attrs.items()})

    return Graph(graph.inputs, graph.constants, list(map(chosen, graph.equations)), graph.outputs)
