"""Which executor runs a graph."""

from __future__ import annotations

from collections.abc import Sequence

from .graph import Graph
from .layout import contiguous
from .numpy_executor import numpy_executor
from .passes import simplify
from .signature import Runner

BACKENDS = ("auto", "numpy", "numba")


def executor(graph: Graph, backend: str, donate: Sequence[int] = ()) -> Runner:
    """What runs the graph."""
    graph = contiguous(simplify(graph))
    if backend == "numba":
        from .numba_executor import numba_executor  # imported when used: llvmlite is an extra

        return numba_executor(graph, donate)
    return numpy_executor(graph, donate)
