"""How values lie in memory: views have the memory of another value, with an offset and strides.

NumPy itself says which: each view is taken of an array of the right shape, whose contents nobody looks at.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..ops.shape import CAST
from .fusion import is_view, kind
from .graph import Equation, Graph, Var


class Layout(NamedTuple):
    """`root` is the Var whose memory it is; offset and strides count elements."""

    root: Var
    offset: int
    strides: tuple[int, ...]


class Layouts:
    """The layouts of a graph whose inputs and other values of their own are contiguous."""

    def __init__(self, graph: Graph) -> None:
        self.of: dict[Var, Layout] = {}
        self._samples: dict[Var, Any] = {}
        for v in (*graph.inputs, *graph.constants):
            self.own(v)

    def own(self, v: Var) -> None:
        """`v` has memory of its own."""
        if not v.weak:
            self._samples[v] = np.empty(v.shape, v.dtype)
            self.of[v] = Layout(v, 0, _elements(self._samples[v]))

    def view(self, eq: Equation) -> bool:
        """Enter the answers of a view; False if NumPy would copy."""
        source = eq.inputs[0]
        if type(source) is not Var or source.weak:
            return False
        sample = self._samples[source]
        made = eq.prim.impl(sample, **eq.attrs)
        for v, x in zip(eq.outputs, made if isinstance(made, tuple) else (made,), strict=True):
            if not isinstance(x, np.ndarray) or (x.size and not np.may_share_memory(x, sample)):
                return False
            root = self.of[source].root
            offset = (_address(x) - _address(self._samples[root])) // v.dtype.itemsize if x.size else 0
            self.of[v] = Layout(root, offset, _elements(x))
            self._samples[v] = x
        return True

    def scattered(self, a: Any) -> bool:
        """Whether a value does not lie contiguous."""
        return type(a) is Var and not a.weak and not self._samples[a].flags.c_contiguous

    def copied(self, v: Var, equations: list[Equation]) -> Var:
        """A contiguous copy, made by a further equation."""
        copy = Var(v.shape, v.dtype)
        self.own(copy)
        equations.append(Equation(CAST, (v,), {"dtype": v.dtype, "copy": True}, (copy,)))
        return copy


def layouts_of(graph: Graph) -> Layouts:
    """The layouts of a graph, all views of which are views."""
    layouts = Layouts(graph)
    for eq in graph.equations:
        if not (is_view(eq) and layouts.view(eq)):
            for v in eq.outputs:
                layouts.own(v)
    return layouts


def contiguous(graph: Graph) -> Graph:
    """A reshape that NumPy could only do by copying becomes a copy, and a view of that; what a scan takes is copied
    if it does not lie contiguous.
    """
    layouts = Layouts(graph)
    equations: list[Equation] = []
    for eq in graph.equations:
        if kind(eq) == "scan":
            eq = eq._replace(
                inputs=tuple([layouts.copied(a, equations) if layouts.scattered(a) else a for a in eq.inputs])
            )
        if not is_view(eq) or type(eq.inputs[0]) is not Var or eq.inputs[0].weak:
            for v in eq.outputs:
                layouts.own(v)
        elif not layouts.view(eq):
            eq = eq._replace(inputs=(layouts.copied(eq.inputs[0], equations), *eq.inputs[1:]))
            layouts.view(eq)
        equations.append(eq)
    return Graph(graph.inputs, graph.constants, equations, graph.outputs)


def _elements(x: Any) -> tuple[int, ...]:
    return tuple([s // x.dtype.itemsize for s in x.strides])


def _address(x: Any) -> int:
    return int(x.__array_interface__["data"][0])
