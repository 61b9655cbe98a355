"""What `make_graph` gives: a graph that knows the names of the function's arguments, writes itself and draws itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from ...core import tree
from ..graph import Graph
from ..passes import simplify
from .diagram import Diagram
from .drawing import draw
from .source import source


class Recording(Graph):
    """The graph of a function: `arguments` and `answers` are the names of inputs and outputs, "" where unknown."""

    def __init__(self, graph: Graph, arguments: list[str], answers: list[str]) -> None:
        super().__init__(graph.inputs, graph.constants, graph.equations, graph.outputs)
        self.arguments = arguments
        self.answers = answers

    def source(self, name: str = "f") -> str:
        """The simplified program as NumPy code that stands alone, with a function `name` that one may keep and edit.

        Its arguments and what it returns are the leaves of those of the recorded function, in their order (one alone is
        returned as it is). It holds for the shapes and dtypes of the recording. Arrays that the function captures are
        written out; ArgumentError if one has more than 4,096 elements. MissingRuleError, with the operation's name, for
        what is made of functions that have no text of their own.

        >>> import numpy as np, tinygrad_scratch as tg
        >>> def loss(w, x, y):
        ...     return np.mean((np.tanh(x @ w) - y) ** 2)
        >>> print(tg.make_graph(tg.grad(loss))(np.zeros(3), np.zeros((8, 3)), np.zeros(8)).source("gradient"))
        import numpy as np
        <BLANKLINE>
        <BLANKLINE>
        def gradient(w, x, y):
            # w: float64[3]  x: float64[8,3]  y: float64[8]
            a = x @ w  # float64[8]
            b = np.tanh(a)  # float64[8]
            c = b - y  # float64[8]
            d = b * b  # float64[8]
            e = 1.0 - d  # float64[8]
            f = c * e  # float64[8]
            g = f * 0.25  # float64[8]
            h = x.T  # float64[3,8]
            j = g.reshape(8, 1)  # float64[8,1]
            k = h @ j  # float64[3,1]
            m = k.reshape(3)  # float64[3]
            return m
        <BLANKLINE>
        """
        return source(self, name, self.arguments, self.answers)

    def simplified(self) -> Recording:
        """The same program as it is compiled: composites expanded, constants folded, equal equations merged."""
        return Recording(simplify(self, wholly=True), self.arguments, self.answers)

    def dot(self) -> str:
        r"""The graph as text for Graphviz: a node an operation, with the numbers that it uses.

        >>> import numpy as np, tinygrad_scratch as tg
        >>> print(tg.make_graph(lambda x: 2 * np.sin(x))(np.ones(3)).dot())
        digraph {
            node [style=filled, fontname="monospace", fontsize=10]
            n0 [label="x\nfloat64[3]", shape=ellipse, fillcolor="#a6d5f0"]
            n1 [label="sin\nfloat64[3]", shape=box, fillcolor="#ffffff"]
            n2 [label="2 * ·\nfloat64[3]", shape=box, fillcolor="#f6c667"]
            n0 -> n1
            n1 -> n2
        }
        <BLANKLINE>
        """
        return Diagram(self, self.arguments).dot()

    def draw(self, file: Any = None) -> Any:
        """The graph as a matplotlib figure, saved as `file` if one is named; MissingExtraError without matplotlib.

        >>> import numpy as np, tinygrad_scratch as tg
        >>> figure = tg.make_graph(lambda x: 2 * np.sin(x))(np.ones(3)).draw()
        """
        return draw(Diagram(self, self.arguments), file)


def argument_names(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """Names for the leaves of the arguments, in their order: the parameter's, and the path in its tree."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    places = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
    roots = [*places, *[f"{rest[0]}_{i}" if rest else "" for i in range(len(args) - len(places))]]
    named = [*zip(roots, args, strict=False), *[(k, kwargs[k]) for k in sorted(kwargs)]]
    return [_identifier(root, path) for root, x in named for path in tree.paths(x)]


def _identifier(root: str, path: str) -> str:
    return re.sub(r"\W", "_", f"{root}_{path}" if path else root) if root else ""
