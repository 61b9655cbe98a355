"""One native function for neighbouring steps of a plan: a loop nest a cluster, products by BLAS.

The function has the signature of a built-in of Python: its arguments are objects, whose memory is read from where NumPy
keeps the address of an array. Arguments are the workspace, then each array that the steps use.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..fusion import Cluster, kind
from ..graph import Equation, Var
from ..layout import Layouts
from ..passes import loop_dtypes
from ..plan import ALIGNMENT, Plan
from .functions import UFUNCS
from .ir import BOOL, F32, F64, I64, Code, Value, constant, supported, type_of
from .nest import Offsets, broadcast_strides, collapsed, run_nest

SMALL_PRODUCT = 1 << 13  # multiplications below which loops are faster than a call of BLAS
UNROLLED = 8  # terms of an inner product that are written out
WIDE_SUM = 1 << 10  # float32 sums of more terms than this are accumulated in float64
LONG = 2e5  # estimated operations from which other threads of Python may run meanwhile


class Kernel:
    """The text of one function, piece by piece. `add(step)` appends a step of the plan."""

    def __init__(self, plan: Plan, layouts: Layouts) -> None:
        self.plan = plan
        self.layouts = layouts
        self.code = Code()
        self.objects: list[Var] = []  # arguments after the workspace
        self.pointers: dict[Any, str] = {}
        self.scopes: dict[Any, int] = {}
        self.metadata: list[str] = []
        self.work = 0.0
        self.may_fail = False
        self.written: set[Var] = set()
        self.scope_of: dict[Any, str] = {}

    # ---- memory ---------------------------------------------------------------------------------------------------

    def memory(self, root: Var) -> Any:
        """What stands for the memory of a root: a block's number, or the argument that has it."""
        if root in self.plan.block:
            return self.plan.block[root]
        return self.plan.donated.get(root, root)

    def pointer(self, root: Var) -> str:
        """The register with the address of a root."""
        memory = self.memory(root)
        if memory not in self.pointers:
            name = f"%p{len(self.pointers)}"
            self.pointers[memory] = name
            if isinstance(memory, int):
                self.code.entry.append(f"  {name} = getelementptr i8, ptr %space, i64 {self.plan.offset(root)}")
            else:
                self.objects.append(memory)
                n = len(self.objects)
                self.code.entry += [
                    f"  %s{n} = getelementptr ptr, ptr %args, i64 {n}",
                    f"  %o{n} = load ptr, ptr %s{n}",
                    f"  %d{n} = getelementptr i8, ptr %o{n}, i64 16",
                    f"  {name} = load ptr, ptr %d{n}",
                ]
        return self.pointers[memory]

    def _scopes(self, roots: Sequence[Var]) -> None:
        """Tell LLVM that different memory in one nest does not overlap."""
        memories = list(dict.fromkeys(map(self.memory, roots)))
        base = len(self.metadata)
        self.metadata.append(f"!{base} = distinct !{{!{base}}}")
        names = []
        for _ in memories:
            n = len(self.metadata)
            self.metadata.append(f"!{n} = distinct !{{!{n}, !{base}}}")
            names.append(f"!{n}")
        self.scope_of = {}
        for memory, name in zip(memories, names, strict=True):
            n = len(self.metadata)
            self.metadata.append(f"!{n} = !{{{name}}}")
            self.metadata.append(f"!{n + 1} = !{{{', '.join([m for m in names if m != name])}}}")
            self.scope_of[memory] = f", !alias.scope !{n}, !noalias !{n + 1}"

    def load(self, root: Var, dtype: np.dtype[Any], offset: Value) -> Value:
        """The element at an offset from the address of a root."""
        kept = "i8" if dtype.kind == "b" else type_of(dtype)
        place = self.code.emit(f"getelementptr {kept}, ptr {self.pointer(root)}, i64 {offset.text}", I64)
        tag = self.scope_of.get(self.memory(root), "")
        value = self.code.emit(f"load {kept}, ptr {place.text}{tag}", dtype)
        return self.code.emit(f"trunc i8 {value.text} to i1", BOOL) if dtype.kind == "b" else value

    def store(self, x: Value, root: Var, offset: Value) -> None:
        """Write an element."""
        kept = "i8" if x.dtype.kind == "b" else type_of(x.dtype)
        text = self.code.emit(f"zext i1 {x.text} to i8", x.dtype).text if x.dtype.kind == "b" else x.text
        place = self.code.emit(f"getelementptr {kept}, ptr {self.pointer(root)}, i64 {offset.text}", I64)
        self.code.do(f"store {kept} {text}, ptr {place.text}{self.scope_of.get(self.memory(root), '')}")

    def start(self, v: Var) -> Value:
        """The offset of the first element of `v`."""
        return self.code.number(self.layouts.of[v].offset, I64)

    def root(self, v: Var) -> Var:
        """The Var whose memory `v` has."""
        return self.layouts.of[v].root

    def strides(self, v: Var, over: tuple[int, ...]) -> tuple[int, ...]:
        """The strides of `v`, broadcast to a shape."""
        return broadcast_strides(self.layouts.of[v].strides, v.shape, over)

    # ---- steps ----------------------------------------------------------------------------------------------------

    def add(self, step: Cluster) -> None:
        """Append the code of a step that `can_compile` has accepted."""
        self.written.update(v for eq in step.equations for v in eq.outputs)
        if step.shape is not None:
            self._loops(step)
            return
        (eq,) = step.equations
        {"product": self._product, "gather": self._gather, "scatter": self._scatter, "join": self._join,
         "pad": self._pad, "fold": self._fold}[kind(eq)](eq)  # fmt: skip

    def _loops(self, step: Cluster) -> None:
        """A cluster: loads, the equations on registers, stores and reductions."""
        shape = step.shape
        assert shape is not None
        inputs = step.inputs()
        made = [eq.outputs[0] for eq in step.equations]
        sums = [eq for eq in step.equations if kind(eq) in REDUCE]
        reduced = {eq.outputs[0] for eq in sums}
        stored = [v for v in made if v not in self.plan.inner and v not in reduced]
        self._scopes([self.root(v) for v in [*inputs, *stored, *reduced]])
        arrays = [*inputs, *stored, *[eq.outputs[0] for eq in sums]]
        strides = [self.strides(v, shape) for v in [*inputs, *stored]] + [_kept(eq, shape) for eq in sums]
        for eq in sums:
            self._fill(eq.outputs[0], START[kind(eq)](eq.outputs[0].dtype))
        if 0 in shape:
            return
        self.work += math.prod(shape) * len(step.equations)
        sizes, strides_ = collapsed(shape, strides)
        places = {v: k for k, v in enumerate(arrays)}
        folds = [_Fold(self, eq, sizes, strides_[places[eq.outputs[0]]]) for eq in sums]

        def body(offsets: Offsets) -> None:
            values = {v: None for v in inputs}
            known: dict[Var, Value] = {}

            def value(a: Any, dtype: np.dtype[Any] | None = None) -> Value:
                if type(a) is not Var:
                    return self.code.number(a, dtype if dtype is not None else np.result_type(a))
                if a in values and a not in known:
                    known[a] = self.load(self.root(a), a.dtype, offsets[places[a]])
                return known[a]

            for eq in step.equations:
                if eq.outputs[0] in reduced:
                    continue
                known[eq.outputs[0]] = self._element(eq, value)
                if eq.outputs[0] in stored:
                    self.store(known[eq.outputs[0]], eq.outputs[0], offsets[places[eq.outputs[0]]])
            for f in folds:
                f.add(value(f.eq.inputs[0]), offsets[places[f.eq.outputs[0]]])

        before: dict[int, Any] = {}
        after: dict[int, Any] = {}
        for f in folds:
            if f.depth < len(sizes):
                out = places[f.eq.outputs[0]]
                before.setdefault(f.depth, []).append(lambda offsets, f=f: f.begin())
                after.setdefault(f.depth, []).append(lambda offsets, f=f, out=out: f.end(offsets[out]))
        starts = [self.start(v) for v in arrays]
        run_nest(self.code, sizes, strides_, starts, body, _each(before), _each(after))

    def _element(self, eq: Equation, value: Any) -> Value:
        """One element of the answer of an operation on elements."""
        out = eq.outputs[0]
        if kind(eq) == "cast":
            return value(eq.inputs[0]).cast(out.dtype)
        if kind(eq) == "where":
            condition, x, y = eq.inputs
            c = value(condition)
            return self.code.select(
                c if c.dtype.kind == "b" else c.compare("ne", 0),
                value(x, out.dtype).cast(out.dtype),
                value(y, out.dtype).cast(out.dtype),
            )
        dtypes = loop_dtypes(eq)
        args = [value(a, d).cast(d) for a, d in zip(eq.inputs, dtypes, strict=False)]
        return UFUNCS[eq.prim.impl.__name__](*args).cast(out.dtype)  # type: ignore[attr-defined]

    def _fill(self, v: Var, x: Any) -> None:
        """Every element of a contiguous value becomes x."""
        count = math.prod(v.shape)
        if count:
            with self.code.loop(count) as i:
                self.store(self.code.number(x, v.dtype), v, i)

    def _copy(self, source: Var, shape: tuple[int, ...], target: Var, start: int, strides: tuple[int, ...], add: bool = False) -> None:
        """Elements of `source` go to (or are added at) places of `target`, an affine map of their index."""
        if 0 in shape:
            return
        self._scopes([self.root(source), target])
        self.work += math.prod(shape)
        sizes, (ours, theirs) = collapsed(shape, [self.strides(source, shape), strides])

        def body(offsets: Offsets) -> None:
            x = self.load(self.root(source), source.dtype, offsets[0]).cast(target.dtype)
            if add:
                x = self.load(target, target.dtype, offsets[1]) + x
            self.store(x, target, offsets[1])

        run_nest(self.code, sizes, [ours, theirs], [self.start(source), self.code.number(start, I64)], body)

    # ---- joining ----------------------------------------------------------------------------------------------------

    def _join(self, eq: Equation) -> None:
        out, axis = eq.outputs[0], eq.attrs["axis"]
        strides = self.layouts.of[out].strides
        for x, begin in zip(eq.inputs, eq.attrs["starts"], strict=True):
            self._copy(x, x.shape, out, begin * strides[axis], strides)

    def _pad(self, eq: Equation) -> None:
        out = eq.outputs[0]
        strides = self.layouts.of[out].strides
        self._fill(out, 0)
        begin = sum(low * s for (low, _), s in zip(eq.attrs["widths"], strides, strict=True))
        self._copy(eq.inputs[0], eq.inputs[0].shape, out, begin, strides)

    def _fold(self, eq: Equation) -> None:
        """The sum over windows: the element at place p and window offset k goes to p * stride + k * dilation."""
        out, at, n = eq.outputs[0], eq.attrs["start"], len(eq.attrs["size"])
        strides = self.layouts.of[out].strides
        space = strides[at : at + n]
        places = [s * step for s, step in zip(space, eq.attrs["stride"], strict=True)]
        inside = [s * step for s, step in zip(space, eq.attrs["dilation"], strict=True)]
        self._fill(out, 0)
        self._copy(eq.inputs[0], eq.inputs[0].shape, out, 0, (*strides[:at], *places, *inside, *strides[at + n :]), add=True)

    # ---- indexing ---------------------------------------------------------------------------------------------------

    def _gather(self, eq: Equation) -> None:
        self._indexed(eq, eq.inputs[0], eq.outputs[0], eq.outputs[0].shape, scatter=False)

    def _scatter(self, eq: Equation) -> None:
        self._fill(eq.outputs[0], 0)
        self._indexed(eq, eq.outputs[0], eq.inputs[0], eq.inputs[0].shape, scatter=True)

    def _indexed(self, eq: Equation, whole: Var, part: Var, shape: tuple[int, ...], scatter: bool) -> None:
        """`part = whole[index]`, or for scatter `whole[index] += part`; the loops go over `part`."""
        begin, steps, moving = _index_map(eq, whole, self.layouts.of[whole].strides, len(shape))
        if 0 in shape:
            return
        self.may_fail = True
        arrays = [a for a, _, _, _ in moving]
        self._scopes([self.root(v) for v in (whole, part, *arrays)])
        self.work += 4 * math.prod(shape)
        index_strides = [_index_strides(self.layouts.of[a].strides, a.shape, at, len(shape)) for a, _, _, at in moving]
        sizes, strides = collapsed(shape, [steps, self.strides(part, shape), *index_strides])
        first = self.layouts.of[whole].offset + begin
        starts = [self.code.number(first, I64), self.start(part), *[self.start(a) for a in arrays]]

        def body(offsets: Offsets) -> None:
            place = offsets[0]
            for (a, n, stride, _), offset in zip(moving, offsets[2:], strict=True):
                place = place + self._checked(self.load(self.root(a), a.dtype, offset).cast(I64), n) * stride
            if scatter:
                x = self.load(self.root(part), part.dtype, offsets[1]).cast(whole.dtype)
                self.store(self.load(whole, whole.dtype, place) + x, whole, place)
            else:
                self.store(self.load(self.root(whole), whole.dtype, place), part, offsets[1])

        run_nest(self.code, sizes, strides, starts, body)

    def _checked(self, i: Value, n: int) -> Value:
        """The index counted from the front; one out of range is noted, and taken as 0."""
        i = self.code.select(i < 0, i + n, i)
        outside = self.code.emit(f"icmp uge i64 {i.text}, {n}", BOOL)
        before = self.code.emit("load i8, ptr %failed", np.dtype(np.int8))
        now = self.code.emit(f"zext i1 {outside.text} to i8", before.dtype)
        self.code.do(f"store i8 {(before | now).text}, ptr %failed")
        return self.code.select(outside, 0, i)

    # ---- products ---------------------------------------------------------------------------------------------------

    def _product(self, eq: Equation) -> None:
        """x @ y: as matrices, one product for each place of the leading axes."""
        (x, y), out = eq.inputs, eq.outputs[0]
        lx, ly = self.layouts.of[x], self.layouts.of[y]
        lead = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        m, k = (1, x.shape[-1]) if len(x.shape) == 1 else x.shape[-2:]
        n = 1 if len(y.shape) == 1 else y.shape[-1]
        if 0 in (*lead, m, n):
            return
        if k == 0:
            self._fill(out, 0)
            return
        a = (0, lx.strides[-1]) if len(x.shape) == 1 else lx.strides[-2:]
        b = (ly.strides[-1], 0) if len(y.shape) == 1 else ly.strides[-2:]
        self.work += math.prod(lead) * m * k * n
        self._scopes([lx.root, ly.root, out])
        strides = [
            broadcast_strides(lx.strides[:-2], x.shape[:-2], lead),
            broadcast_strides(ly.strides[:-2], y.shape[:-2], lead),
            _rows(lead, m * n),
        ]
        sizes, steps = collapsed(lead, strides)
        sides = (_Matrix(lx.root, x.dtype, a), _Matrix(ly.root, y.dtype, b))

        def body(offsets: Offsets) -> None:
            if by_loops(eq):
                self._small_product(*sides, out, (m, k, n), offsets)
            else:
                self._blas(*sides, out, (m, k, n), offsets)

        run_nest(self.code, sizes, steps, [self.start(x), self.start(y), self.code.number(0, I64)], body)

    def _small_product(self, a: _Matrix, b: _Matrix, out: Var, size: tuple[int, int, int], at: Offsets) -> None:
        """Loops, the inner one along rows of b, or along k where that is what lies together."""
        m, k, n = size
        code = self.code
        along_k = b.strides[1] != 1 and (n == 1 or (b.strides[0] == 1 and a.strides[1] == 1))
        with code.loop(m) as i:
            row, target = at[0] + i * a.strides[0], at[2] + i * n
            if k <= UNROLLED and not (along_k and k > 4):
                xs = [self.load(a.root, a.dtype, row + l * a.strides[1]) for l in range(k)]
                with code.loop(n) as j:
                    ys = [self.load(b.root, b.dtype, at[1] + l * b.strides[0] + j * b.strides[1]) for l in range(k)]
                    terms = [x * y for x, y in zip(xs, ys, strict=True)]
                    self.store(functools.reduce(Value.__add__, terms), out, target + j)
                return
            if along_k:
                with code.loop(n) as j:
                    total = self._accumulator(out.dtype)
                    code.do(f"store {type_of(out.dtype)} {constant(0, out.dtype)}, ptr {total}")
                    with code.loop(k) as l:
                        x = self.load(a.root, a.dtype, row + l * a.strides[1])
                        y = self.load(b.root, b.dtype, at[1] + j * b.strides[1] + l * b.strides[0])
                        self._accumulate(total, x * y, "sum")
                    self.store(code.emit(f"load {type_of(out.dtype)}, ptr {total}", out.dtype), out, target + j)
                return
            with code.loop(n) as j:
                self.store(code.number(0, out.dtype), out, target + j)
            with code.loop(k) as l:
                x = self.load(a.root, a.dtype, row + l * a.strides[1])
                with code.loop(n) as j:
                    y = self.load(b.root, b.dtype, at[1] + l * b.strides[0] + j * b.strides[1])
                    self.store(self.load(out, out.dtype, target + j) + x * y, out, target + j)

    def _accumulator(self, dtype: np.dtype[Any]) -> str:
        name = self.code.name()
        self.code.entry.append(f"  {name} = alloca {type_of(dtype)}")
        return name

    def _accumulate(self, place: str, x: Value, how: str) -> None:
        """Add to (or take the extreme with) an accumulator; a sum may be reordered, for vectors."""
        before = self.code.emit(f"load {type_of(x.dtype)}, ptr {place}", x.dtype)
        if how == "sum" and x.dtype.kind == "f":
            now = self.code.emit(f"fadd reassoc nsz {type_of(x.dtype)} {before.text}, {x.text}", x.dtype)
        else:
            now = REDUCE[how](before, x)
        self.code.do(f"store {type_of(x.dtype)} {now.text}, ptr {place}")

    def _blas(self, a: _Matrix, b: _Matrix, out: Var, size: tuple[int, int, int], at: Offsets) -> None:
        m, k, n = size
        letter = "s" if out.dtype == F32 else "d"
        real = type_of(out.dtype)
        one, zero = constant(1, out.dtype), constant(0, out.dtype)
        pa, pb, pc = (self._at(root, out.dtype, o) for root, o in ((a.root, at[0]), (b.root, at[1]), (out, at[2])))
        if n == 1 or m == 1:  # a matrix and a vector
            matrix, pm, vector, pv, rows, columns = (a, pa, b.strides[0], pb, m, k) if n == 1 else (b, pb, a.strides[1], pa, n, k)
            by_rows = matrix if n == 1 else _Matrix(b.root, b.dtype, b.strides[::-1])
            trans, ld = by_rows.order(rows, columns)
            shape = (rows, columns) if trans == 111 else (columns, rows)
            self.code.do(
                f"call void @tg_{letter}gemv(i32 101, i32 {trans}, INT {shape[0]}, INT {shape[1]}, {real} {one}, "
                f"ptr {pm}, INT {ld}, ptr {pv}, INT {max(vector, 1)}, {real} {zero}, ptr {pc}, INT 1)"
            )
            return
        (ta, lda), (tb, ldb) = a.order(m, k), b.order(k, n)
        self.code.do(
            f"call void @tg_{letter}gemm(i32 101, i32 {ta}, i32 {tb}, INT {m}, INT {n}, INT {k}, {real} {one}, "
            f"ptr {pa}, INT {lda}, ptr {pb}, INT {ldb}, {real} {zero}, ptr {pc}, INT {n})"
        )

    def _at(self, root: Var, dtype: np.dtype[Any], offset: Value) -> str:
        return self.code.emit(f"getelementptr {type_of(dtype)}, ptr {self.pointer(root)}, i64 {offset.text}", I64).text

    # ---- the whole ----------------------------------------------------------------------------------------------------

    def text(self, name: str, blas_int: str) -> str:
        """The module."""
        code = self.code
        long = self.work > LONG
        lines = [
            f"define ptr @{name}(ptr %self, ptr %args, i64 %count) {{", "start:",
            "  %first = load ptr, ptr %args", "  %where = getelementptr i8, ptr %first, i64 16",
            "  %raw = load ptr, ptr %where", "  %number = ptrtoint ptr %raw to i64",
            f"  %up = add i64 %number, {ALIGNMENT - 1}", f"  %aligned = and i64 %up, {-ALIGNMENT}",
            "  %space = inttoptr i64 %aligned to ptr",
            "  %failed = alloca i8", "  store i8 0, ptr %failed",
            *code.entry,
        ]  # fmt: skip
        if long:
            lines.append("  %state = call ptr @PyEval_SaveThread()")
        lines += code.lines
        if long:
            lines.append("  call void @PyEval_RestoreThread(ptr %state)")
        if self.may_fail:
            lines += [
                "  %bad = load i8, ptr %failed", "  %wrong = icmp ne i8 %bad, 0",
                "  br i1 %wrong, label %raise, label %fine", "raise:",
                "  %kind = load ptr, ptr @PyExc_IndexError",
                "  call void @PyErr_SetString(ptr %kind, ptr @message)", "  ret ptr null", "fine:",
            ]  # fmt: skip
        lines += ["  call void @Py_IncRef(ptr @_Py_NoneStruct)", "  ret ptr @_Py_NoneStruct", "}"]
        head = [
            "@_Py_NoneStruct = external global i8", "@PyExc_IndexError = external global ptr",
            f'@message = private constant [{len(MESSAGE) + 1} x i8] c"{MESSAGE}\\00"',
            "declare void @Py_IncRef(ptr)", "declare void @PyErr_SetString(ptr, ptr)",
            "declare ptr @PyEval_SaveThread()", "declare void @PyEval_RestoreThread(ptr)",
        ]  # fmt: skip
        for letter, real in (("s", "float"), ("d", "double")):
            head += [
                f"declare void @tg_{letter}gemm(i32, i32, i32, INT, INT, INT, {real}, ptr, INT, ptr, INT, {real}, ptr, INT)",
                f"declare void @tg_{letter}gemv(i32, i32, INT, INT, {real}, ptr, INT, ptr, INT, {real}, ptr, INT)",
            ]
        head += code.declared.values()
        tail = ["attributes #0 = { nounwind readnone willreturn }", *self.metadata]
        return "\n".join([*head, *lines, *tail]).replace("INT", blas_int) + "\n"


MESSAGE = "index out of range in a compiled program"


class _Matrix:
    """A matrix in memory: its root, dtype, and strides along rows and columns."""

    def __init__(self, root: Var, dtype: np.dtype[Any], strides: Sequence[int]) -> None:
        self.root = root
        self.dtype = dtype
        self.strides = tuple(strides)

    def order(self, rows: int, columns: int) -> tuple[int, int]:
        """BLAS's flag (111: as it stands, 112: transposed) and its leading dimension."""
        down, along = self.strides
        if along == 1 or columns == 1:
            return 111, max(down if rows > 1 else columns, columns, 1)
        return 112, max(along, rows, 1)


def blas_can(eq: Equation, layouts: Layouts) -> bool:
    """Whether the matrices lie as BLAS wants them: together along rows or along columns."""
    for a in eq.inputs:
        strides, shape = layouts.of[a].strides, a.shape
        if len(shape) == 1:
            if strides[0] < 1 and shape[0] > 1:
                return False
            continue
        down, along = strides[-2:]
        rows, columns = shape[-2:]
        by_rows = (along == 1 or columns == 1) and (down >= columns or rows == 1)
        by_columns = (down == 1 or rows == 1) and (along >= rows or columns == 1)
        if not (by_rows or by_columns):
            return False
    return True


class _Fold:
    """A reduction inside a nest: in a register over the innermost loops that it sums, else in memory."""

    def __init__(self, kernel: Kernel, eq: Equation, sizes: Sequence[int], strides: Sequence[int]) -> None:
        self.kernel = kernel
        self.eq = eq
        self.how = kind(eq)
        self.out = eq.outputs[0]
        depth = len(sizes)
        while depth and strides[depth - 1] == 0:
            depth -= 1
        self.depth = depth  # loops outside those that are summed in a register
        terms = math.prod(sizes[depth:])
        wide = self.how == "sum" and self.out.dtype == F32 and terms > WIDE_SUM
        self.dtype = F64 if wide else self.out.dtype
        self.place = kernel._accumulator(self.dtype) if depth < len(sizes) else ""

    def begin(self) -> None:
        start = constant(START[self.how](self.dtype), self.dtype)
        self.kernel.code.do(f"store {type_of(self.dtype)} {start}, ptr {self.place}")

    def add(self, x: Value, offset: Value) -> None:
        if self.place:
            self.kernel._accumulate(self.place, x.cast(self.dtype), self.how)
        else:
            self._into_memory(x.cast(self.out.dtype), offset)

    def end(self, offset: Value) -> None:
        total = self.kernel.code.emit(f"load {type_of(self.dtype)}, ptr {self.place}", self.dtype)
        self._into_memory(total.cast(self.out.dtype), offset)

    def _into_memory(self, x: Value, offset: Value) -> None:
        before = self.kernel.load(self.out, self.out.dtype, offset)
        self.kernel.store(REDUCE[self.how](before, x), self.out, offset)


REDUCE: dict[str, Any] = {"sum": lambda x, y: x + y, "max": UFUNCS["maximum"], "min": UFUNCS["minimum"]}
START: dict[str, Any] = {
    "sum": lambda dtype: 0,
    "max": lambda dtype: -np.inf if dtype.kind == "f" else np.iinfo(dtype).min if dtype.kind in "iu" else 0,
    "min": lambda dtype: np.inf if dtype.kind == "f" else np.iinfo(dtype).max if dtype.kind in "iu" else 1,
}


def _each(hooks: dict[int, list[Any]]) -> dict[int, Any]:
    return {d: (lambda offsets, some=some: [hook(offsets) for hook in some]) for d, some in hooks.items()}


def _kept(eq: Equation, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a reduction's answer along the axes of its argument: 0 where it is reduced."""
    axis = eq.attrs["axis"]
    strides, step = [0] * len(shape), 1
    for i in reversed(range(len(shape))):
        if axis is not None and i not in axis:
            strides[i] = step if shape[i] != 1 else 0
            step *= shape[i]
    return tuple(strides)


def _rows(lead: tuple[int, ...], step: int) -> tuple[int, ...]:
    """Strides of the leading axes of a contiguous stack of matrices of `step` elements."""
    strides: list[int] = []
    for n in reversed(lead):
        strides.insert(0, step)
        step *= n
    return tuple(strides)


Moving = tuple[Var, int, int, int]  # an index array, the length and stride of its axis, where its axes stand in the part


def _index_map(
    eq: Equation, whole: Var, strides: Sequence[int], ndim: int
) -> tuple[int, tuple[int, ...], list[Moving]]:
    """Where the part lies in the whole: a first offset, a stride for each axis of the part, and what arrays add."""
    index = eq.attrs["index"]
    arrays = iter(eq.inputs[1:])
    fancy = len(eq.inputs) > 1
    parts: list[Any] = []
    axis, begin = 0, 0
    moving: list[tuple[Var, int, int]] = []
    block: list[int] = []
    for place, part in enumerate(index):
        if part is None:
            parts.append(0)
            continue
        n, stride = whole.shape[axis], strides[axis]
        axis += 1
        if isinstance(part, slice):
            first, _, step = part.indices(n)
            begin += first * stride if n else 0
            parts.append(step * stride)
        elif isinstance(part, int):
            begin += (part + n if part < 0 else part) * stride
            if fancy:
                block.append(place)
                parts.append("block")
        else:
            moving.append((next(arrays), n, stride))
            block.append(place)
            parts.append("block")
    parts += strides[axis:]
    together = not block or block[-1] - block[0] + 1 == len(block)
    rank = max((len(a.shape) for a, _, _ in moving), default=0)
    at = parts.index("block") if block and together else 0
    rest = [p for p in parts if p != "block"]
    whole_strides = [*rest[:at], *[0] * rank, *rest[at:]]
    assert len(whole_strides) == ndim
    return begin, tuple(whole_strides), [(a, n, s, at + rank) for a, n, s in moving]


def _index_strides(strides: tuple[int, ...], shape: tuple[int, ...], end: int, ndim: int) -> tuple[int, ...]:
    """The strides of an index array along the axes of the part; its own axes end before `end`."""
    own = tuple([0 if n == 1 else s for n, s in zip(shape, strides, strict=True)])
    return (0,) * (end - len(own)) + own + (0,) * (ndim - end)


def can_compile(step: Cluster, layouts: Layouts, blas: bool) -> bool:
    """Whether a step can be native code."""
    for eq in step.equations:
        vars = [*eq.vars(), *eq.outputs]
        if any(v.weak or not supported(v.dtype) or v not in layouts.of for v in vars):
            return False
        what = kind(eq)
        if what in REDUCE:
            if eq.inputs[0].dtype != eq.outputs[0].dtype or eq.outputs[0].dtype.kind not in "fiu":
                return False
        elif what == "ufunc":
            dtypes = loop_dtypes(eq)
            known = eq.prim.impl.__name__ in UFUNCS  # type: ignore[attr-defined]
            if not known or not all(supported(d) and d.kind in "fiub" for d in dtypes) or _needs_float(eq, dtypes):
                return False
        elif what == "product":
            same = {a.dtype for a in eq.inputs} == {eq.outputs[0].dtype}
            floats = eq.outputs[0].dtype in (F32, F64)
            if not (same and floats and all(type(a) is Var for a in eq.inputs)):
                return False
            if not by_loops(eq) and not (blas and blas_can(eq, layouts)):
                return False
        elif what in ("gather", "scatter"):
            if what == "gather" and len(eq.inputs) == 1:
                return False
            if any(type(a) is not Var or a.dtype.kind not in "iu" for a in eq.inputs[1:]) or type(eq.inputs[0]) is not Var:
                return False
        elif what in ("join", "pad", "fold"):
            if any(type(a) is not Var for a in eq.inputs) or (what == "fold" and eq.outputs[0].dtype.kind != "f"):
                return False
        elif what not in ("where", "cast"):
            return False
    return True


FLOAT_ONLY = {"exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "tanh", "logaddexp", "power", "float_power"}


def _needs_float(eq: Equation, dtypes: Sequence[np.dtype[Any]]) -> bool:
    """Operations that have a form for floats only here; NumPy's casts see to it for nearly all."""
    name = eq.prim.impl.__name__  # type: ignore[attr-defined]
    return name == "power" and dtypes[0].kind != "f"


def by_loops(eq: Equation) -> bool:
    """Whether loops are faster than a call of BLAS: small products, and sums of a few outer products."""
    x, y = eq.inputs
    m = 1 if len(x.shape) == 1 else x.shape[-2]
    k = x.shape[-1]
    n = 1 if len(y.shape) == 1 else y.shape[-1]
    return m * k * n <= SMALL_PRODUCT or (k <= 4 and n >= 16)
