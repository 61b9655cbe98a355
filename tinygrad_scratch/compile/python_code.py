"""Programs as Python text: one statement an equation, every answer written into memory that is there already.

The text is a function `make(space)` that binds the memory and returns `run(inputs) -> outputs`. A run has its workspace
to itself; threads that call at the same time get one each.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .fusion import Cluster, is_view, kind, several
from .graph import Equation, Graph, Var, literal, names
from .plan import ALIGNMENT, Plan, size

SMALL_SUM = 1 << 10  # elements up to which a sum is a product with ones

DOTTED = re.compile(r"\bnp\.([A-Za-z_][\w.]*)")


class PythonCode:
    """The text of a plan, and the objects that it mentions. Executors say in which steps a graph is run."""

    plan: Plan
    steps: list[Cluster]

    prefix = ""  # of all names
    loops = 0  # in this text
    base = 0  # where the blocks begin in the workspace

    def __init__(self, graph: Graph, bound: dict[str, Any] | None = None) -> None:
        self.graph = graph
        self._names = names(graph)
        self._numbers: dict[str, str] = {}
        self._arrays: dict[Any, str] = {}
        self._same: dict[str, str] = {}  # names of values that are one array, one after the other
        self.bound: dict[str, Any] = {} if bound is None else bound
        self.bound.update(np_empty=np.empty, own=_own, placed=_placed)
        self.setup: list[str] = []
        self.body: list[str] = []
        for v, x in graph.constants.items():
            self.constant(v, np.asarray(x, order="C"))

    def constant(self, v: Var, x: Any) -> None:
        """Bind a constant of the graph."""
        self.bound[self.name(v)] = x

    def name(self, a: Any) -> str:
        """How the text calls a value; a NumPy number is an array without axes, which NumPy takes faster."""
        if not isinstance(a, np.generic):
            name = self.prefix + self._names(a) if type(a) is Var else self._names(a)
            return self._same.get(name, name)
        text = literal(a)
        name = self._numbers.setdefault(text, f"number{len(self.bound)}")
        self.bound[name] = np.asarray(a)
        return name

    # ---- memory ---------------------------------------------------------------------------------------------------

    def workspace(self) -> Any:
        """The memory of one run at a time."""
        return np.empty(self.plan.total + ALIGNMENT, np.uint8)

    def place(self, v: Var, name: str) -> None:
        """Bind the array of a value that lives in a block, once a workspace."""
        offset = self.base + self.plan.offset(v)
        known = self._arrays.setdefault((offset, v.shape, v.dtype), name)
        if known != name:  # Python compiles thousands of names in a time that grows with their square
            self._same[name] = known
            return
        self.setup.append(f"{name} = placed(space, {offset}, {v.shape}, {self.dtype(v.dtype)})")

    def fixed(self, a: Any) -> bool:
        """Whether the value's memory is in the workspace, or a constant."""
        root = self.plan.root.get(a) if type(a) is Var else None
        placed = root in self.plan.block or root in self.graph.constants
        return root is not None and placed and root not in self.graph.inputs

    def dtype(self, dtype: np.dtype[Any]) -> str:
        """The name of a dtype."""
        name = f"dtype_{dtype.name}" if dtype.isnative else f"dtype_{len(self.bound)}"
        self.bound[name] = dtype
        return name

    def target(self, v: Var) -> str:
        """The name of the array to write the answer into; an output gets new memory first."""
        if v in self.plan.donated:
            self.body.append(f"{self.name(v)} = {self.name(self.plan.donated[v])}")
        elif v in self.plan.fresh:
            self.body.append(f"{self.name(v)} = np_empty({v.shape}, {self.dtype(v.dtype)})")
        return self.name(v)

    # ---- one equation at a time -----------------------------------------------------------------------------------

    def text(self, eq: Equation) -> str:
        args, emit = [self.name(a) for a in eq.inputs], eq.prim.emit
        if emit is None or (emit.function is None and not emit.text(*args, **eq.attrs)):
            number = len(self.bound)
            self.bound[f"f{number}"], self.bound[f"attrs{number}"] = eq.prim.impl, eq.attrs
            return f"f{number}({', '.join([*args, *([f'**attrs{number}'] if eq.attrs else [])])})"
        if emit.function is not None:
            self.bound[emit.function.__name__] = emit.function
        return emit.text(*args, **eq.attrs)

    def equation(self, eq: Equation) -> None:
        out = eq.outputs[0]
        if is_view(eq) and self.fixed(eq.inputs[0]):
            return
        if self._has_place(out) and not several(eq):
            args = [self.name(a) for a in eq.inputs]
            target = self.target(out)
            written = eq.prim.emit is not None and eq.prim.emit.into is not None
            self.body += self.into(eq, target, args).split("; ") if written else [f"{target}[...] = {self.text(eq)}"]
        elif several(eq) and self.plan.every and not is_view(eq):
            names = [f"part{k}_" for k in range(len(eq.outputs))]
            self.body.append(f"{', '.join(names)}, = {self.text(eq)}")
            self.body += [f"{self.target(v)}[...] = {n}" for v, n in zip(eq.outputs, names, strict=True)]
        else:
            self.body.append(self.assigned(eq))

    def assigned(self, eq: Equation) -> str:
        """The equation as an assignment of names."""
        left = ", ".join(map(self.name, eq.outputs)) + ("," if several(eq) else "")
        return f"{left} = {self.text(eq)}"

    def _has_place(self, v: Var) -> bool:
        return v in self.plan.block or v in self.plan.donated or v in self.plan.fresh

    def into(self, eq: Equation, target: str, args: Sequence[str]) -> str:
        assert eq.prim.emit is not None
        assert eq.prim.emit.into is not None
        if eq.prim.emit.function is not None:
            self.bound[eq.prim.emit.function.__name__] = eq.prim.emit.function
        first = eq.inputs[0]
        if kind(eq) == "product" and all(len(a.shape) == 2 for a in eq.inputs):
            return f"{args[0]}.dot({args[1]}, {target})"  # half the time of np.matmul for small matrices
        if kind(eq) == "cast" and type(first) is Var and first.weak:
            return f"{target}[()] = {args[0]}"
        if kind(eq) == "sum" and self._sums_all(eq):
            ones = self._ones(size(first), first.dtype)
            self.setup.append(f"{args[0]}_flat = {args[0]}.reshape(-1)")
            return f"{ones}.dot({args[0]}_flat, {target}{'' if eq.outputs[0].shape == () else '.reshape(())'})"
        if kind(eq) == "sum" and len(first.shape) == 2 and first.dtype.kind == "f" and first.dtype.itemsize > 2:
            return self._sum_of_matrix(eq, target, args[0])
        if kind(eq) in ("sum", "max", "min") and self._few(first.shape, eq.attrs["axis"]):
            return self._by_slices(eq, target, args[0])
        if kind(eq) == "sum" and self._leading(first, eq.attrs["axis"]):
            kept = math.prod(first.shape[len(eq.attrs["axis"]) :])
            rows = size(first) // kept
            self.setup.append(f"{args[0]}_rows = {args[0]}.reshape({rows}, {kept})")
            return f"{self._ones(rows, first.dtype)}.dot({args[0]}_rows, {target}.reshape(-1))"
        if kind(eq) in ("max", "min") and eq.attrs["axis"] == (len(first.shape) - 1,) and first.shape[-1] > 8:
            self.bound["extreme_of_rows"] = _extreme_of_rows
            flat = f"{target}.reshape({first.shape[:-1]})"
            return f"extreme_of_rows({'np.maximum' if kind(eq) == 'max' else 'np.minimum'}, {args[0]}, {flat})"
        if kind(eq) in ("max", "min") and self._short(first.shape, eq.attrs["axis"]):
            return self._columns(eq, target, args[0])
        return eq.prim.emit.into(target, *args, **eq.attrs)

    def _ones(self, n: int, dtype: np.dtype[Any]) -> str:
        """The name of a vector of ones."""
        name = f"ones{n}_{dtype.name}"
        self.bound[name] = np.ones(n, dtype)
        return name

    def _sums_all(self, eq: Equation) -> bool:
        """Whether it is the sum of all elements of a small array, for which NumPy's loop is slow to start."""
        x = eq.inputs[0]
        whole = eq.attrs["axis"] is None or len(eq.attrs["axis"]) == len(x.shape)
        return whole and x in self.plan.block and x.dtype in (np.float32, np.float64) and 0 < size(x) <= SMALL_SUM

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
        ones = self._ones(n, eq.inputs[0].dtype)
        flat = f"{target}.reshape(-1)" if eq.attrs["keepdims"] else target
        return f"{ones}.dot({x}, {flat})" if axis == (0,) else f"{x}.dot({ones}, {flat})"

    def _leading(self, x: Var, axis: Any) -> bool:
        """Whether a reduction goes over the first axes of an array in the workspace."""
        first = axis is not None and axis == tuple(range(len(axis))) and 1 < len(axis) < len(x.shape)
        return first and x in self.plan.block and x.dtype in (np.float32, np.float64) and size(x) > 0

    def _few(self, shape: tuple[int, ...], axis: Any) -> bool:
        """Whether a reduction has few terms, along axes before the last, for which NumPy's loop is slow."""
        if axis is None or len(shape) - 1 in axis:
            return False
        count = math.prod(shape[i] for i in axis)
        return bool(1 < count <= 9 and math.prod(shape) >= 1024 * count)

    def _by_slices(self, eq: Equation, target: str, x: str) -> str:
        """The reduction term by term, each a slice."""
        ufunc = {"sum": "np.add", "max": "np.maximum", "min": "np.minimum"}[kind(eq)]
        axis, shape = eq.attrs["axis"], eq.inputs[0].shape
        terms = []
        for place in itertools.product(*[range(shape[i]) for i in axis]):
            at = dict(zip(axis, place, strict=True))
            parts = [
                (f"{at[i]}:{at[i] + 1}" if eq.attrs["keepdims"] else str(at[i])) if i in at else ":"
                for i in range(len(shape))
            ]
            terms.append(f"{x}[{', '.join(parts)}]")
        lines = [f"{ufunc}({terms[0]}, {terms[1]}, out={target})"]
        return "; ".join([*lines, *[f"{ufunc}({target}, {t}, out={target})" for t in terms[2:]]])

    def _short(self, shape: tuple[int, ...], axis: Any) -> bool:
        """Whether a reduction goes along a short last axis, for which NumPy's loop is slow."""
        return len(shape) == 2 and axis == (1,) and 1 < shape[1] <= 8 and shape[0] > 16

    def _columns(self, eq: Equation, target: str, x: str) -> str:
        ufunc = "np.maximum" if kind(eq) == "max" else "np.minimum"
        flat = f"{target}.reshape(-1)" if eq.attrs["keepdims"] else target
        lines = [f"column_ = {flat}", f"{ufunc}({x}[:, 0], {x}[:, 1], out=column_)"]
        lines += [f"{ufunc}(column_, {x}[:, {k}], out=column_)" for k in range(2, eq.inputs[0].shape[1])]
        return "; ".join(lines)

    # ---- the end --------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        parts = []
        seen: set[Var] = set()
        for a in self.graph.outputs:
            if type(a) is not Var:
                parts.append(literal(a))
                continue
            place = a in self.plan.fresh or a in self.plan.donated
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

    def compiled(self) -> Callable[[Any], Callable[..., tuple[Any, ...]]]:
        """`make(space) -> run`."""
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
        head = f"def bind({', '.join(self.bound)}):\n  def make(space):\n"
        text = head + "\n".join(f"  {line}" for line in text.splitlines()) + "\n  return make\n"
        space: dict[str, Any] = {}
        exec(compile(text, "<plan>", "exec"), space)
        self.source = text
        return space["bind"](**self.bound)  # type: ignore[no-any-return]


def _attribute(module: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        module = getattr(module, part)
    return module


def _placed(space: Any, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """An array at an aligned place of the workspace."""
    start = -space.ctypes.data % ALIGNMENT + offset
    count = int(np.prod(shape))
    return space[start : start + count * dtype.itemsize].view(dtype).reshape(shape)


def _extreme_of_rows(ufunc: np.ufunc, x: Any, out: Any) -> None:
    """The largest (smallest) of each row, by halves: NumPy's own loop takes one element at a time."""
    n = x.shape[-1]
    while n > 1:
        half = n // 2
        folded = ufunc(x[..., :half], x[..., half : 2 * half])
        if n % 2:
            ufunc(folded[..., 0], x[..., n - 1], out=folded[..., 0])
        x, n = folded, half
    out[...] = x[..., 0]


def _own(x: Any) -> Any:
    """A copy that the caller may keep, whoever else sees the original."""
    return x.copy() if isinstance(x, np.ndarray) and x.shape != () else x[()] if isinstance(x, np.ndarray) else x
