"""The executor that compiles: neighbouring steps of the plan become one native function, with BLAS inside; what has no
native form stays a NumPy call between two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .fusion import Cluster, clusters, inner_values, is_view
from .graph import Graph, Var
from .layout import layouts_of
from .native.blas import find
from .native.emit import write
from .native.kernel import Kernel
from .native.load import cached, load
from .native.support import can_compile
from .passes import recast
from .plan import Plan
from .python_code import PythonCode
from .signature import Runner
from .views import across_views

LOOPS = 64  # steps of one native function: the time to compile it grows with their square
READABLE = 0x101  # NumPy's flags for arrays that are contiguous and aligned


def numba_executor(graph: Graph, donate: Sequence[int] = ()) -> Runner:
    """What runs a simplified graph."""
    code = NativeCode(graph, donate)
    for name, text in code.texts.items():
        code.bound[name] = load(text, find())
    make = code.compiled()
    return Runner(lambda: make(code.workspace()), native=True)


def compiled_before(graph: Graph, donate: Sequence[int] = ()) -> bool:
    """Whether all native code of this program is in the cache."""
    return all(map(cached, NativeCode(graph, donate).texts.values()))


class NativeCode(PythonCode):
    """The Python text around the native functions, and the texts of those."""

    def __init__(self, graph: Graph, donate: Sequence[int] = ()) -> None:
        graph = recast(across_views(graph))
        super().__init__(graph)
        self.steps = clusters(graph, lambda eq: True)
        layouts = layouts_of(graph)
        native = [s for s in self.steps if not _views(s) and can_compile(s, layouts, find() is not None)]
        self.native = set(map(id, native))
        self.plan = Plan(graph, self.steps, donate, inner_values(graph, self.steps, native), every=True)
        self.texts: dict[str, str] = {}
        self._by_python = self._touched()
        self._inputs(donate)
        self._memory()
        kernel: Kernel | None = None
        for step in self.steps:
            if id(step) in self.native:
                for v in step.inputs():
                    if v.weak and v not in self.plan.block:
                        self._number_in(v)
                if kernel is not None and kernel.loops >= LOOPS:
                    self._call(kernel)
                    kernel = None
                kernel = kernel or Kernel(self.plan, layouts)
                kernel.loops += 1
                kernel.written.update(v for eq in step.equations for v in eq.outputs)
                write(kernel, step)
            elif self._needed(step):
                if not _of_numbers(step):
                    self._call(kernel)
                    kernel = None
                for eq in step.equations:
                    self.equation(eq)
        self._call(kernel)
        self.finish()

    def _touched(self) -> set[Var]:
        """The values that Python statements see."""
        eqs = [(eq, id(step) in self.native) for step in self.steps for eq in step.equations]
        seen = {a for a in self.graph.outputs if type(a) is Var}
        for eq, native in reversed(eqs):
            if not native and (not is_view(eq) or any(v in seen for v in eq.outputs)):
                seen.update(eq.vars())
                seen.update(eq.outputs)
        return seen

    def _needed(self, step: Cluster) -> bool:
        """Whether Python has to run the step: views are strides to native code."""
        return not _views(step) or any(v in self._by_python for eq in step.equations for v in eq.outputs)

    def _inputs(self, donate: Sequence[int]) -> None:
        """Arrays as native code reads them, which who donates has seen to; numbers of NumPy's go into the workspace."""
        for i, v in enumerate(self.graph.inputs):
            name = self.name(v)
            if v.shape == () and not v.weak:
                self._number_in(v)
            elif not v.weak and i not in donate:
                self.body.append(
                    f"if {name}.flags.num & {READABLE} != {READABLE}: {name} = np.require({name}, None, 'CA')"
                )

    def _number_in(self, v: Var) -> None:
        """Copy a number to the workspace, where native code finds it."""
        self.plan.add_block(v)
        self.place(v, f"{self.name(v)}_in")
        self.body.append(f"{self.name(v)}_in[()] = {self.name(v)}")

    def _memory(self) -> None:
        """Names for what is in the workspace and Python sees."""
        for v in self.plan.block:
            if v in self._by_python and v not in self.graph.inputs:
                self.place(v, self.name(v))
        for step in self.steps:
            for eq in step.equations:
                if is_view(eq) and self.fixed(eq.inputs[0]) and self._needed(step):
                    self.setup.append(self.assigned(eq))

    def _call(self, kernel: Kernel | None) -> None:
        """End a native function and call it."""
        if kernel is None:
            return
        for v in self.plan.fresh | set(self.plan.donated):
            if v in kernel.written:
                self.target(v)
        name = f"kernel{len(self.texts)}"
        blas = find()
        self.texts[name] = kernel.text("KERNEL", blas.integer if blas else "i64")
        self.bound[name] = None
        self.body.append(f"{name}({', '.join(['space', *map(self._argument, kernel.arguments)])})")

    def _argument(self, x: Any) -> str:
        """How the text calls an argument of a native function: a value, or a constant of the body of a loop."""
        if type(x) is Var:
            return self.name(x)
        name = f"array{len(self.bound)}"
        self.bound[name] = np.asarray(x, order="C")
        return name


def _views(step: Cluster) -> bool:
    return step.shape is None and is_view(step.equations[0])


def _of_numbers(step: Cluster) -> bool:
    """Whether the step uses only Python numbers, which native code does not touch."""
    return all(v.weak for eq in step.equations for v in eq.vars())
