"""The executor that needs NumPy alone: one NumPy call an equation. Large chains of elementwise operations run block by
block, so that what passes from one to the next stays in cache, and over threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import threads
from .fusion import Cluster, clusters, elementwise, inner_values, is_view, kind
from .graph import Equation, Graph, Var
from .layout import Layouts, layouts_of
from .numpy_loops import LoopCode, is_loop
from .plan import Plan
from .python_code import PythonCode
from .signature import Runner

LARGE = 1 << 15  # elements from which a chain is run by blocks
SMALLEST = 1 << 12  # elements that a block has at least: each NumPy call costs as much as hundreds of them
CACHE = 1 << 20  # bytes that the arrays of a block may take: about the second cache


def numpy_executor(graph: Graph, donate: Sequence[int] = ()) -> Runner:
    """What runs a simplified graph."""
    code = NumpyCode(graph, donate)
    make = code.compiled()
    return Runner(lambda: make(code.workspace()))


class NumpyCode(PythonCode):
    """The whole program in NumPy calls."""

    def __init__(self, graph: Graph, donate: Sequence[int] = ()) -> None:
        super().__init__(graph)
        self.steps = clusters(graph, _whole)
        self.layouts = layouts_of(graph)
        self.blocked = [step for step in self.steps if _runs_by_blocks(step)]
        self.plan = Plan(graph, self._ordered(), donate, inner_values(graph, self.steps, self.blocked))
        for v in self.plan.block:
            self.place(v, self.name(v))
        for step in self.steps:
            for eq in step.equations:
                if is_view(eq) and self.fixed(eq.inputs[0]):
                    self.setup.append(self.assigned(eq))
        for step in self.steps:
            if step in self.blocked:
                self._blocks(step)
            else:
                for eq in step.equations:
                    self.equation(eq)
        self.finish()

    def equation(self, eq: Equation) -> None:
        if is_loop(eq):
            self.body += LoopCode(self, eq).lines()
        else:
            super().equation(eq)

    def _ordered(self) -> list[Cluster]:
        """Clusters that are not run by blocks as single equations, so that memory is free as soon as it can be."""
        made = []
        for step in self.steps:
            single = [Cluster(step.shape, [eq]) for eq in step.equations]
            made += [step] if step in self.blocked else single
        return made

    # ---- block by block -------------------------------------------------------------------------------------------

    def _blocks(self, step: Cluster) -> None:
        """A function of the first and last row of a block, and the calls of it."""
        assert step.shape is not None
        size = int(np.prod(step.shape))
        lead = _joint_axes(step, self.layouts)
        rows = int(np.prod(step.shape[:lead]))
        row, rest = size // rows, step.shape[lead:]
        each = max(1, self._block_size(step) // row)
        function = f"chain{self.steps.index(step)}"
        local: dict[Var, str] = {}
        lines = []
        for v in step.inputs():
            local[v] = self.name(v)
            whole = _aligned(v.shape, len(step.shape))
            if v.shape != () and whole[:lead] == step.shape[:lead]:
                local[v] = f"{self.name(v)}_"
                # once for all blocks, as it is a copy where an argument does not lie contiguous
                self.body.append(f"{local[v]}whole = {self.name(v)}.reshape({(rows, *whole[lead:])})")
                lines.append(f"{local[v]} = {local[v]}whole[start_:stop_]")
            elif len(v.shape) > len(rest):
                local[v] = f"{self.name(v)}_"
                self.body.append(f"{local[v]} = {self.name(v)}.reshape({whole[lead:]})")
        temporaries = [v for eq in step.equations for v in eq.outputs if v in self.plan.inner]
        slots = self._slots(step, temporaries)
        folds: list[str] = []
        for eq in step.equations:
            v = eq.outputs[0]
            if not elementwise(eq):
                lines.append(self._part(eq, local[eq.inputs[0]], each, -(-rows // each), folds))
                continue
            args = [local[a] if type(a) is Var else self.name(a) for a in eq.inputs]
            if v in slots:
                local[v] = slots[v]
            else:
                target = self.target(v)
                local[v] = f"{target}_"
                lines.append(f"{local[v]} = {target}.reshape({(rows, *rest)})[start_:stop_]")
            lines += self.into(eq, local[v], args).split("; ")
        kinds = {name: v.dtype for v, name in slots.items()}
        spaces = ", ".join(f"np_empty({(each, *rest)}, {self.dtype(dtype)})" for dtype in kinds.values())
        self.bound["by_blocks"] = threads.by_blocks
        self.body.append(f"def {function}(start_, stop_{''.join(f', {t}' for t in kinds)}):")
        self.body += [f"    {line}" for line in lines]
        new = f"new_{function}"
        self.body.append(f"def {new}():")
        self.body.append(f"    return ({spaces}{',' if kinds else ''})")
        self.body.append(f"by_blocks({function}, {new}, {rows}, {each}, {size})")
        self.body += folds

    def _part(self, eq: Equation, x: str, each: int, count: int, folds: list[str]) -> str:
        """The reduction of a block, kept by its number: the result does not depend on which thread is first."""
        ufunc = {"sum": "np.add", "max": "np.maximum", "min": "np.minimum"}[kind(eq)]
        out = self.target(eq.outputs[0])
        parts = f"{out}_parts"
        self.body.append(f"{parts} = np_empty({count}, {self.dtype(eq.outputs[0].dtype)})")
        folds.append(f"{ufunc}.reduce({parts}, None, None, {out}.reshape(()))")
        return f"{parts}[start_ // {each}] = {ufunc}.reduce({x}, None)"

    def _block_size(self, step: Cluster) -> int:
        """Elements of a block, a power of two: what the chain reads, writes and keeps should fit the cache."""
        inner = [v for eq in step.equations for v in eq.outputs if v in self.plan.inner]
        arrays = [*step.inputs(), *[v for eq in step.equations for v in eq.outputs if v not in self.plan.inner]]
        large = [v for v in arrays if v.shape == step.shape]
        slots = len(set(self._slots(step, inner).values()))
        width = max(v.dtype.itemsize for v in (*large, *inner))
        fitting = CACHE // (width * (len(large) + slots))
        return max(min(1 << max(fitting.bit_length() - 1, 0), 1 << 15), SMALLEST)

    def _slots(self, step: Cluster, temporaries: Sequence[Var]) -> dict[Var, str]:
        """A buffer for each temporary of a chain; one that is dead serves again."""
        last = {v: k for k, eq in enumerate(step.equations) for v in eq.vars()}
        free: dict[Any, list[str]] = {}
        slots: dict[Var, str] = {}
        count = 0
        inner = set(temporaries)
        for k, eq in enumerate(step.equations):
            v = eq.outputs[0]
            dying = [a for a in dict.fromkeys(eq.vars()) if a in inner and last[a] == k]
            early = [] if kind(eq) == "where" else dying  # a where writes in two steps
            for a in early:
                free.setdefault(a.dtype, []).append(slots[a])
            if v in inner:
                if free.get(v.dtype):
                    slots[v] = free[v.dtype].pop()
                else:
                    slots[v] = f"t{count}_"
                    count += 1
                if v not in last:
                    last[v] = k
            for a in dying:
                if a not in early:
                    free.setdefault(a.dtype, []).append(slots[a])
        return slots


def _aligned(shape: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    return (1,) * (ndim - len(shape)) + shape


def _joint_axes(step: Cluster, layouts: Layouts) -> int:
    """How many of the first axes each array either has in full or not at all: they count as one, the rows. An array
    that does not lie contiguous would have to be copied for that.
    """
    assert step.shape is not None
    shortest = len(step.shape)
    for v in step.inputs():
        shape = _aligned(v.shape, len(step.shape))
        full = next((i for i, (n, m) in enumerate(zip(shape, step.shape, strict=True)) if n != m), len(shape))
        none = next((i for i, n in enumerate(shape) if n != 1), len(shape))
        if v.shape != ():
            shortest = min(shortest, 1 if full and layouts.scattered(v) else max(full, none))
    return max(shortest, 1)


def _runs_by_blocks(step: Cluster) -> bool:
    if step.shape is None or len(step.equations) < 2:
        return False
    return int(np.prod(step.shape)) >= LARGE


def _whole(eq: Equation) -> bool:
    """Whether a reduction of a large array is over all of it, so that blocks can be reduced one by one."""
    shape, axis = eq.inputs[0].shape, eq.attrs["axis"]
    return (axis is None or len(axis) == len(shape)) and int(np.prod(shape)) >= LARGE
