"""The executor that needs NumPy alone: the plan as straight Python code, one NumPy call a step, every answer written
into memory that is there already. Large chains of elementwise operations run block by block, so that what passes from
one to the next stays in cache, and over threads.

The code is a function `make(blocks, ...)` that binds the memory and returns `run(inputs) -> outputs`. A run has a
workspace to itself; threads that call at the same time get one each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import threads
from .fusion import Cluster, clusters, elementwise, is_view, kind
from .graph import Equation, Graph, Var, literal, names
from .plan import ALIGNMENT, Plan, nbytes
from .signature import Runner

LARGE = 1 << 15  # elements from which a chain is run by blocks
BLOCK = 1 << 13  # elements a block: a few arrays of it fit the second cache
DOTTED = re.compile(r"\bnp\.([A-Za-z_][\w.]*)")


def numpy_executor(graph: Graph, donate: Sequence[int] = ()) -> Runner:
    """What runs a simplified graph."""
    code = _Code(graph, donate)
    make = code.compiled()
    return Runner(lambda: make(code.workspace()))


class _Code:
    """The text of a plan, and the objects that it mentions."""

    def __init__(self, graph: Graph, donate: Sequence[int]) -> None:
        self.graph = graph
        self._names = names(graph)
        self._numbers: dict[str, str] = {}
        self.bound: dict[str, Any] = {"np_empty": np.empty}
        self.steps = clusters(graph)
        self.blocked = [step for step in self.steps if _runs_by_blocks(step)]
        self.plan = Plan(graph, self._ordered(), donate, self._inner())
        self.setup: list[str] = []
        self.body: list[str] = []
        for v, x in graph.constants.items():
            self.bound[self.name(v)] = x
        self._memory()
        for step in self.steps:
            if step in self.blocked:
                self._blocks(step)
            else:
                for eq in step.equations:
                    self._equation(eq)
        self._return()

    def name(self, a: Any) -> str:
        """How the text calls a value; a NumPy number is an array without axes, which NumPy takes faster."""
        if not isinstance(a, np.generic):
            return self._names(a)
        text = literal(a)
        name = self._numbers.setdefault(text, f"number{len(self._numbers)}")
        self.bound[name] = np.asarray(a)
        return name

    def _ordered(self) -> list[Cluster]:
        """Clusters that are not run by blocks as single equations, so that memory is free as soon as it can be."""
        made = []
        for step in self.steps:
            single = [Cluster(step.shape, [eq]) for eq in step.equations]
            made += [step] if step in self.blocked else single
        return made

    def _inner(self) -> set[Var]:
        used: dict[Var, set[int]] = {}
        for k, step in enumerate(self.steps):
            for eq in step.equations:
                for v in eq.vars():
                    used.setdefault(v, set()).add(k)
        outputs = set(a for a in self.graph.outputs if type(a) is Var)
        return {
            v
            for k, step in enumerate(self.steps)
            if step in self.blocked
            for eq in step.equations
            for v in eq.outputs
            if used.get(v, {k}) == {k} and v not in outputs
        }

    # ---- memory ---------------------------------------------------------------------------------------------------

    def workspace(self) -> list[Any]:
        """Blocks of memory for one run at a time."""
        return [np.empty(size + ALIGNMENT, np.uint8) for size in self.plan.sizes]

    def _memory(self) -> None:
        """One array for each value in a block, views of them included, made once a workspace."""
        self.bound["placed"] = _placed
        for v, b in self.plan.block.items():
            self.setup.append(f"{self.name(v)} = placed(blocks[{b}], {v.shape}, {self._dtype(v.dtype)})")
        for step in self.steps:
            for eq in step.equations:
                if is_view(eq) and self._fixed(eq.inputs[0]):
                    left = ", ".join(map(self.name, eq.outputs)) + ("," if len(eq.outputs) > 1 else "")
                    self.setup.append(f"{left} = {self._text(eq)}")

    def _fixed(self, a: Any) -> bool:
        """Whether the value's memory is in the workspace, or a constant."""
        root = self.plan.root.get(a) if type(a) is Var else None
        return root is not None and (root in self.plan.block or root in self.graph.constants)

    def _dtype(self, dtype: np.dtype[Any]) -> str:
        name = f"dtype_{dtype.name}" if dtype.isnative else f"dtype_{len(self.bound)}"
        self.bound[name] = dtype
        return name

    def _target(self, v: Var) -> str:
        """The name of the array to write the answer into; an output gets new memory first."""
        if v in self.plan.donated:
            self.body.append(f"{self.name(v)} = {self.name(self.plan.donated[v])}")
        elif self.plan.fresh(v):
            self.body.append(f"{self.name(v)} = np_empty({v.shape}, {self._dtype(v.dtype)})")
        return self.name(v)

    # ---- one equation at a time -----------------------------------------------------------------------------------

    def _text(self, eq: Equation) -> str:
        args, emit = [self.name(a) for a in eq.inputs], eq.prim.emit
        if emit is None or (emit.function is None and not emit.text(*args, **eq.attrs)):
            number = len(self.bound)
            self.bound[f"f{number}"], self.bound[f"attrs{number}"] = eq.prim.impl, eq.attrs
            return f"f{number}({', '.join([*args, *([f'**attrs{number}'] if eq.attrs else [])])})"
        if emit.function is not None:
            self.bound[emit.function.__name__] = emit.function
        return emit.text(*args, **eq.attrs)

    def _equation(self, eq: Equation) -> None:
        out = eq.outputs[0]
        if is_view(eq) and self._fixed(eq.inputs[0]):
            return
        if self._has_place(out):
            args = [self.name(a) for a in eq.inputs]
            self.body += self._into(eq, self._target(out), args).split("; ")
            return
        left = ", ".join(map(self.name, eq.outputs)) + ("," if len(eq.outputs) > 1 or eq.prim.pullback else "")
        self.body.append(f"{left} = {self._text(eq)}")

    def _has_place(self, v: Var) -> bool:
        return v in self.plan.block or v in self.plan.donated or self.plan.fresh(v)

    def _into(self, eq: Equation, target: str, args: Sequence[str]) -> str:
        assert eq.prim.emit is not None
        assert eq.prim.emit.into is not None
        first = eq.inputs[0]
        if kind(eq) == "product" and all(len(a.shape) == 2 for a in eq.inputs):
            return f"{args[0]}.dot({args[1]}, {target})"  # half the time of np.matmul for small matrices
        if kind(eq) == "cast" and type(first) is Var and first.weak:
            return f"{target}[()] = {args[0]}"
        if kind(eq) == "sum" and len(first.shape) == 2 and first.dtype.kind == "f" and first.dtype.itemsize > 2:
            return self._sum_of_matrix(eq, target, args[0])
        if kind(eq) in ("max", "min") and self._short(first.shape, eq.attrs["axis"]):
            return self._columns(eq, target, args[0])
        return eq.prim.emit.into(target, *args, **eq.attrs)

    def _sum_of_matrix(self, eq: Equation, target: str, x: str) -> str:
        """Sums of the rows or columns of a matrix as a product with ones, several times as fast."""
        emit = eq.prim.emit
        assert emit is not None
        assert emit.into is not None
        rows, columns = eq.inputs[0].shape
        axis = eq.attrs["axis"]
        if axis not in ((0,), (1,)) or min(rows, columns) == 0:
            return emit.into(target, x, **eq.attrs)
        n = rows if axis == (0,) else columns
        ones = f"ones{n}_{eq.inputs[0].dtype.name}"
        self.bound[ones] = np.ones(n, eq.inputs[0].dtype)
        flat = f"{target}.reshape(-1)" if eq.attrs["keepdims"] else target
        return f"{ones}.dot({x}, {flat})" if axis == (0,) else f"{x}.dot({ones}, {flat})"

    def _short(self, shape: tuple[int, ...], axis: Any) -> bool:
        """Whether a reduction goes along a short last axis, for which NumPy's loop is slow."""
        return len(shape) == 2 and axis == (1,) and 1 < shape[1] <= 8 and shape[0] > 16

    def _columns(self, eq: Equation, target: str, x: str) -> str:
        ufunc = "np.maximum" if kind(eq) == "max" else "np.minimum"
        flat = f"{target}.reshape(-1)" if eq.attrs["keepdims"] else target
        lines = [f"column_ = {flat}", f"{ufunc}({x}[:, 0], {x}[:, 1], out=column_)"]
        lines += [f"{ufunc}(column_, {x}[:, {k}], out=column_)" for k in range(2, eq.inputs[0].shape[1])]
        return "; ".join(lines)

    # ---- block by block -------------------------------------------------------------------------------------------

    def _blocks(self, step: Cluster) -> None:
        """A function of the first and last row of a block, and the calls of it."""
        assert step.shape is not None
        flat = all(v.shape in ((), step.shape) for v in step.inputs())
        size = int(np.prod(step.shape))
        rows, row = (size, 1) if flat else (step.shape[0], size // step.shape[0])
        each = max(1, BLOCK // row)
        function = f"chain{self.steps.index(step)}"
        shape = (each, *(() if flat else step.shape[1:]))
        local: dict[Var, str] = {}
        lines = []
        for v in step.inputs():
            local[v] = self.name(v)
            if v.shape != () and (flat or (len(v.shape) == len(step.shape) and v.shape[0] == rows)):
                local[v] = f"{self.name(v)}_"
                lines.append(f"{local[v]} = {self.name(v)}{'.reshape(-1)' if flat else ''}[start_:stop_]")
        temporaries = [v for eq in step.equations for v in eq.outputs if v in self.plan.inner]
        slots = self._slots(step, temporaries)
        for eq in step.equations:
            v = eq.outputs[0]
            args = [local[a] if type(a) is Var else self.name(a) for a in eq.inputs]
            if v in slots:
                local[v] = slots[v]
            else:
                target = self._target(v)
                local[v] = f"{target}_"
                lines.append(f"{local[v]} = {target}{'.reshape(-1)' if flat else ''}[start_:stop_]")
            lines += self._into(eq, local[v], args).split("; ")
        kinds = {name: v.dtype for v, name in slots.items()}
        spaces = ", ".join(f"np_empty({shape}, {self._dtype(dtype)})" for dtype in kinds.values())
        self.bound["by_blocks"] = threads.by_blocks
        self.body.append(f"def {function}(start_, stop_{''.join(f', {t}' for t in kinds)}):")
        self.body += [f"    {line}" for line in lines]
        new = f"new_{function}"
        self.body.append(f"def {new}():")
        self.body.append(f"    return ({spaces}{',' if kinds else ''})")
        self.body.append(f"by_blocks({function}, {new}, {rows}, {each}, {size})")

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

    # ---- the end --------------------------------------------------------------------------------------------------

    def _return(self) -> None:
        parts = []
        self.bound["own"] = _own
        seen: set[Var] = set()
        for a in self.graph.outputs:
            if type(a) is not Var:
                parts.append(literal(a))
                continue
            place = self.plan.fresh(a) or a in self.plan.donated
            if a.weak:
                parts.append(self.name(a))
            elif a.shape == ():
                parts.append(f"own({self.name(a)})" if not place else f"{self.name(a)}[()]")
            elif place and a not in seen:
                parts.append(self.name(a))
            else:
                parts.append(f"own({self.name(a)})")
            seen.add(a)
        self.body.append(f"return ({', '.join(parts)}{',' if parts else ''})")

    def compiled(self) -> Callable[[list[Any]], Callable[..., tuple[Any, ...]]]:
        """`make(blocks) -> run`."""
        arguments = ", ".join(self.name(v) for v in self.graph.inputs)
        lines = [
            *self.setup,
            f"def run({arguments}):",
            *[f"    {line}" for line in self.body],
            "return run",
        ]
        text = "\n".join([f"    {line}" for line in lines])
        for dotted in sorted(set(DOTTED.findall(text))):
            self.bound[f"np_{dotted.replace('.', '_')}"] = _attribute(np, dotted)
        text = DOTTED.sub(lambda m: f"np_{m.group(1).replace('.', '_')}", text)
        head = f"def bind({', '.join(self.bound)}):\n  def make(blocks):\n"
        text = head + "\n".join(f"  {line}" for line in text.splitlines()) + "\n  return make\n"
        space: dict[str, Any] = {}
        exec(compile(text, "<plan>", "exec"), space)
        self.source = text
        return space["bind"](**self.bound)  # type: ignore[no-any-return]


def _runs_by_blocks(step: Cluster) -> bool:
    if step.shape is None or len(step.equations) < 2:
        return False
    return int(np.prod(step.shape)) >= LARGE and all(elementwise(eq) for eq in step.equations)


def _attribute(module: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        module = getattr(module, part)
    return module


def _placed(block: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """An array at an aligned place in a block."""
    start = -block.ctypes.data % ALIGNMENT
    size = nbytes(Var(shape, dtype))
    return block[start : start + size].view(dtype).reshape(shape)


def _own(x: Any) -> Any:
    """A copy that the caller may keep, whoever else sees the original."""
    return x.copy() if isinstance(x, np.ndarray) and x.shape != () else x[()] if isinstance(x, np.ndarray) else x
