"""Which executor runs a graph."""

from __future__ import annotations

from collections.abc import Sequence

from .graph import Graph
from .numpy_executor import numpy_executor
from .passes import simplify
from .signature import Runner

BACKENDS = ("auto", "numpy", "numba")


def executor(graph: Graph, backend: str, donate: Sequence[int] = ()) -> Runner:
    """What runs the graph."""
    return numpy_executor(simplify(graph), donate)
