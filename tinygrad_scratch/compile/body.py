"""The plan of one round of a scan: carries are updated in place where they can be, rows of answers are written where
they belong; other answers are copied at the end of the round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .fusion import Cluster, inner_values, is_view
from .graph import Graph, Var
from .layout import Layouts, layouts_of
from .plan import Plan, nbytes


class Body:
    """A simplified body in `steps`.

    rows     answers that are computed in the rows of the scan's answers: Var -> which of those
    staged   carries that take the memory of another carry, which must be read before any is written
    """

    def __init__(self, graph: Graph, how: Any, steps: Sequence[Cluster], fused: Sequence[Cluster]) -> None:
        self.graph = graph
        self.how = how
        self.steps = steps
        self.layouts: Layouts = layouts_of(graph)
        carries = range(how.consts, how.fixed)
        inner = inner_values(graph, steps, fused)
        self.plan = Plan(graph, steps, list(carries), inner, every=True, partners={i: i - how.consts for i in carries})
        kept = [a for a in graph.outputs[: how.carries] if type(a) is Var]
        self.rows: dict[Var, int] = {}
        for k, a in enumerate(graph.outputs[how.carries :]):
            if type(a) is Var and a in self.plan.fresh and a not in kept:
                self.rows.setdefault(a, k)
        for v in self.plan.fresh:
            if v not in self.rows:
                self.plan.add_block(v)
        self.staged = {
            c: self.plan.scratch(nbytes(a)) for c, a in enumerate(graph.outputs[: how.carries]) if self._moves(a, c)
        }

    def is_view(self, step: Cluster) -> bool:
        """Whether the step is strides only."""
        return step.shape is None and is_view(step.equations[0])

    def in_place(self, c: int) -> bool:
        """Whether carry c has its new value in its own memory already."""
        a, v = self.graph.outputs[c], self.graph.inputs[self.how.consts + c]
        return a is v or (type(a) is Var and self.plan.donated.get(a) is v)

    def in_row(self, k: int) -> bool:
        """Whether answer k is computed in its row."""
        a = self.graph.outputs[self.how.carries + k]
        return type(a) is Var and self.rows.get(a) == k

    def _moves(self, a: Any, c: int) -> bool:
        root = self.layouts.of[a].root if type(a) is Var and a in self.layouts.of else None
        carries = self.graph.inputs[self.how.consts : self.how.fixed]
        return root in carries and a is not carries[c]
