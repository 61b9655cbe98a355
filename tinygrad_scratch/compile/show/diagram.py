"""A graph as nodes and edges, and those as Graphviz text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..fusion import kind
from ..graph import Equation, Graph, Var, literal

PLACE = "\u00b7"  # where an argument stands that is no number

# colours of Okabe and Ito, lightened: they differ in brightness as well, and black text is read on all
COLOURS = {"input": "#a6d5f0", "constant": "#e4e4e4", "operation": "#ffffff", "output": "#f6c667"}
SHAPES = {"input": "ellipse", "constant": "note", "operation": "box", "output": "box"}


class Node(NamedTuple):
    """What is drawn for a value: `kind` is one of those that have a colour."""

    kind: str
    lines: list[str]


class Diagram:
    """Nodes, and edges as pairs of their numbers. Inputs that nothing uses stand alone."""

    def __init__(self, graph: Graph, arguments: Sequence[str]) -> None:
        self.nodes: list[Node] = []
        self.edges: list[tuple[int, int]] = []
        place: dict[Any, int] = {}
        for k, v in enumerate(graph.inputs):
            place[v] = self._add("input", [arguments[k] or f"input {k}", str(v)])
        for v in graph.constants:
            place[v] = self._add("constant", ["constant", str(v)])
        outputs = {a for a in graph.outputs if type(a) is Var}
        for eq in graph.equations:
            node = self._add(
                "output" if any(v in outputs for v in eq.outputs) else "operation", [operation(eq), *_shapes(eq)]
            )
            place.update(dict.fromkeys(eq.outputs, node))
            self.edges += [(i, node) for i in dict.fromkeys(place[v] for v in eq.vars())]
        for a in graph.outputs:
            if type(a) is not Var:
                self._add("output", [literal(a)])

    def _add(self, kind: str, lines: list[str]) -> int:
        self.nodes.append(Node(kind, lines))
        return len(self.nodes) - 1

    def dot(self) -> str:
        """The text that Graphviz draws."""
        lines = ["digraph {", '    node [style=filled, fontname="monospace", fontsize=10]']
        for i, node in enumerate(self.nodes):
            look = f"shape={SHAPES[node.kind]}, fillcolor={_quoted(COLOURS[node.kind])}"
            lines.append(f"    n{i} [label={_quoted(chr(10).join(node.lines))}, {look}]")
        lines += [f"    n{i} -> n{j}" for i, j in self.edges]
        return "\n".join([*lines, "}", ""])


def operation(eq: Equation) -> str:
    """The operation with the numbers among its arguments, and its axes."""
    if any(type(a) is not Var for a in eq.inputs):
        args = [PLACE if type(a) is Var else _short(a) for a in eq.inputs]
        if eq.prim.emit is not None and kind(eq) in ("ufunc", "where"):
            return str(eq.prim.emit.text(*args)).replace("np.", "")
        return f"{eq.prim.name}({', '.join(args)})"
    axis = eq.attrs.get("axis")
    one = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    return eq.prim.name if axis is None else f"{eq.prim.name} axis={one}"


def _short(x: Any) -> str:
    return f"{x:.4g}" if isinstance(x, (float, np.floating)) else str(x)


def _shapes(eq: Equation) -> list[str]:
    told = [str(v) for v in eq.outputs]
    return told if len(told) <= 4 else [*told[:3], f"and {len(told) - 3} more"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
