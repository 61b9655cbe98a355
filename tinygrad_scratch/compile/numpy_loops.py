"""A scan in NumPy calls: a loop in Python around the statements of its body, on rows of the arrays, all in memory
that is there already.
"""

from __future__ import annotations

from typing import Any

from .body import Body
from .fusion import Cluster, clusters, is_view, kind
from .graph import Equation, Var, literal
from .layout import contiguous
from .passes import simplify
from .python_code import PythonCode


def body_of(eq: Equation) -> Body:
    """The plan of the body: one equation a step."""
    graph = contiguous(simplify(eq.attrs["body"].graph))
    steps = [Cluster(step.shape, [e]) for step in clusters(graph, lambda e: False) for e in step.equations]
    return Body(graph, eq.attrs["how"], steps, [])


class LoopCode(PythonCode):
    """The statements of one round, for the code `outer` in which the loop stands."""

    def __init__(self, outer: PythonCode, eq: Equation) -> None:
        self.body_plan = body_of(eq)
        outer.loops += 1
        self.prefix = f"{outer.prefix}l{outer.loops}_"
        super().__init__(self.body_plan.graph, outer.bound)
        self.outer, self.eq, self.how = outer, eq, eq.attrs["how"]
        self.steps = list(self.body_plan.steps)
        self.plan = self.body_plan.plan
        self.setup = outer.setup
        self.root: PythonCode = outer.root if isinstance(outer, LoopCode) else outer
        # from the whole program's: what a loop has in it comes on top of its own
        self.base = self.root.base + self.root.plan.scratch(self.plan.total)
        self.ys: list[str] = []
        for v in self.plan.block:
            self.place(v, self.name(v))
        for v in self.graph.constants:
            self.setup.append(f"{self.name(v)} = {self.name(v)}_constant")
        for step in self.steps:
            for e in step.equations:
                if is_view(e) and self.fixed(e.inputs[0]):
                    self.setup.append(self.assigned(e))

    def constant(self, v: Var, x: Any) -> None:
        self.bound[f"{self.name(v)}_constant"] = x

    def target(self, v: Var) -> str:
        """A carry in its memory; rows have been named at the beginning of the round."""
        if v in self.plan.donated:
            self.body.append(f"{self.name(v)} = {self.name(self.plan.donated[v])}")
        return self.name(v)

    def lines(self) -> list[str]:
        """The loop."""
        how, outer, eq = self.how, self.outer, self.eq
        before = self._begin()
        if not how.length:
            return before
        index = f"{self.prefix}index_"
        for k, v in enumerate(eq.outputs[how.carries :]):
            self.ys.append(outer.name(v))
            rows = [a for a, place in self.body_plan.rows.items() if place == k]
            self.body += [f"{self.name(a)} = {outer.name(v)}[{index}, ...]" for a in rows]
        for j, v in enumerate(self.graph.inputs):
            place = how.argument(j)
            if place is None:
                self.body.append(f"{self.name(v)} = {index} + {how.start}")
            elif place >= how.fixed:
                self.body.append(f"{self.name(v)} = {outer.name(eq.inputs[place])}[{index}]")
        for step in self.steps:
            for e in step.equations:
                self.equation(e)
        self._end(index)
        if not self.body:  # each round leaves the carry as it is
            return before
        rounds = f"range({how.length})[::-1]" if how.reverse else f"range({how.length})"
        return [*before, f"for {index} in {rounds}:", *[f"    {line}" for line in self.body]]

    def equation(self, eq: Equation) -> None:
        if is_loop(eq):
            self.body += LoopCode(self, eq).lines()
        else:
            super().equation(eq)

    def _begin(self) -> list[str]:
        """Memory for the answers, the first carry, and names for what stays the same."""
        how, outer, eq = self.how, self.outer, self.eq
        mark = len(outer.body)
        targets = [outer.target(v) for v in eq.outputs]
        lines = outer.body[mark:]
        del outer.body[mark:]
        for a, target in zip(eq.inputs[how.consts : how.fixed], targets, strict=False):
            lines.append(f"if {target} is not {outer.name(a)}: {target}[...] = {outer.name(a)}")
        for place in range(how.fixed):
            inside = self.name(self.graph.inputs[place])
            source = outer.name(eq.inputs[place]) if place < how.consts else targets[place - how.consts]
            lines.append(f"{inside} = {source}")
        return lines

    def _end(self, index: str) -> None:
        """Copies of what was not computed in its place."""
        how, body = self.how, self.body_plan
        outputs = self.graph.outputs
        for k, a in enumerate(outputs[how.carries :]):
            if not body.in_row(k):
                self.body.append(f"{self.ys[k]}[{index}] = {self._value(a)}")
        carries = [self.name(v) for v in self.graph.inputs[how.consts : how.fixed]]
        for c in body.staged:
            self.body.append(f"{carries[c]}_staged = {self._value(outputs[c])}.copy()")
        for c, a in enumerate(outputs[: how.carries]):
            if c in body.staged:
                self.body.append(f"{carries[c]}[...] = {carries[c]}_staged")
            elif not body.in_place(c):
                self.body.append(f"{carries[c]}[...] = {self._value(a)}")

    def _value(self, a: Any) -> str:
        return self.name(a) if type(a) is Var else literal(a)


def is_loop(eq: Equation) -> bool:
    """Whether the equation is a scan that can stand as a loop: all it takes and gives are arrays or known numbers."""
    return kind(eq) == "scan" and not any(v.weak for v in eq.outputs)
