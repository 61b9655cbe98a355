"""One native function for neighbouring steps of a plan: its arguments, its memory, its text.

The function has the signature of a built-in of Python: its arguments are objects, whose memory is read from where NumPy
keeps the address of an array. Arguments are the workspace, then each array that the steps use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Var
from ..layout import Layouts
from ..plan import ALIGNMENT, Plan
from .ir import BOOL, I64, Code, Value, type_of
from .nest import broadcast_strides

LONG = 2e5  # estimated operations from which other threads of Python may run meanwhile


class Memory:
    """A piece of memory that overlaps no other: the register with its address."""

    __slots__ = ("address",)

    def __init__(self, address: str) -> None:
        self.address = address


class Frame:
    """A plan whose steps are being written: that of the program, or inside it that of the body of a loop.

    base     where its blocks begin in the workspace
    given    the memory of its inputs, where it is not that of arguments of the function
    numbers  Python numbers, in registers
    """

    def __init__(self, plan: Plan, layouts: Layouts, base: int = 0, given: dict[Var, Memory] | None = None) -> None:
        self.plan = plan
        self.layouts = layouts
        self.base = base
        self.given = given or {}
        self.numbers: dict[Var, Value] = {}
        self.blocks: dict[int, Memory] = {}


class Kernel:
    """The function, piece by piece; `frame` is the plan whose steps are being written."""

    def __init__(self, plan: Plan, layouts: Layouts) -> None:
        self.code = Code()
        self.frame = Frame(plan, layouts)
        self.outer = self.frame
        self.arguments: list[Any] = []  # after the workspace: Vars of the outer plan, and arrays
        self.written: set[Var] = set()
        self.work = 0.0
        self.loops = 0
        self.may_fail = False
        self._memories: dict[int, Memory] = {}
        self._metadata: list[str] = []
        self._scope_of: dict[Memory, str] = {}

    # ---- memory ---------------------------------------------------------------------------------------------------

    def memory(self, root: Var) -> Memory:
        """Where a value of the frame lives that is no view."""
        frame = self.frame
        if root in frame.given:
            return frame.given[root]
        if root in frame.plan.donated:
            return self.memory(frame.plan.donated[root])
        if root not in frame.plan.block:
            return self.argument(root)
        block = frame.plan.block[root]
        if block not in frame.blocks:
            frame.blocks[block] = self.space(frame.base + frame.plan.offset(root))
        return frame.blocks[block]

    def space(self, offset: int) -> Memory:
        """A place in the workspace."""
        name = self.code.name()
        self.code.entry.append(f"  {name} = getelementptr i8, ptr %space, i64 {offset}")
        return Memory(name)

    def argument(self, x: Any) -> Memory:
        """The memory of an array that the function is called with."""
        if id(x) not in self._memories:
            self.arguments.append(x)
            n = len(self.arguments)
            self.code.entry += [
                f"  %s{n} = getelementptr ptr, ptr %args, i64 {n}",
                f"  %o{n} = load ptr, ptr %s{n}",
                f"  %d{n} = getelementptr i8, ptr %o{n}, i64 16",
                f"  %p{n} = load ptr, ptr %d{n}",
            ]
            self._memories[id(x)] = Memory(f"%p{n}")
        return self._memories[id(x)]

    def distinguish(self, roots: Sequence[Var]) -> None:
        """Tell LLVM that different memory in the loops that follow does not overlap."""
        memories = list(dict.fromkeys(map(self.memory, roots)))
        domain = self._note("distinct !{{{}}}")
        scopes = [self._note(f"distinct !{{{{{{}}, {domain}}}}}") for _ in memories]
        self._scope_of = {}
        for memory, scope in zip(memories, scopes, strict=True):
            own = self._note(f"!{{{{{scope}}}}}")
            others = self._note(f"!{{{{{', '.join([s for s in scopes if s != scope])}}}}}")
            self._scope_of[memory] = f", !alias.scope {own}, !noalias {others}"

    def _note(self, text: str) -> str:
        """A node of metadata; {} in its text is the node itself."""
        name = f"!{len(self._metadata)}"
        self._metadata.append(f"{name} = {text.format(name)}")
        return name

    def load(self, root: Var, dtype: np.dtype[Any], offset: Value) -> Value:
        """The element at an offset from the address of a root."""
        memory = self.memory(root)
        kept = "i8" if dtype.kind == "b" else type_of(dtype)
        place = self.address(memory, dtype, offset)
        value = self.code.emit(f"load {kept}, ptr {place}{self._scope_of.get(memory, '')}", dtype)
        return self.code.emit(f"trunc i8 {value.text} to i1", BOOL) if dtype.kind == "b" else value

    def store(self, x: Value, root: Var, offset: Value) -> None:
        """Write an element."""
        memory = self.memory(root)
        kept = "i8" if x.dtype.kind == "b" else type_of(x.dtype)
        text = self.code.emit(f"zext i1 {x.text} to i8", x.dtype).text if x.dtype.kind == "b" else x.text
        place = self.address(memory, x.dtype, offset)
        self.code.do(f"store {kept} {text}, ptr {place}{self._scope_of.get(memory, '')}")

    def address(self, memory: Memory, dtype: np.dtype[Any], offset: Value) -> str:
        """The register with the address of an element."""
        kept = "i8" if dtype.kind == "b" else type_of(dtype)
        return self.code.emit(f"getelementptr {kept}, ptr {memory.address}, i64 {offset.text}", I64).text

    def start(self, v: Var) -> Value:
        """The offset of the first element of `v`."""
        return self.code.number(self.frame.layouts.of[v].offset, I64)

    def root(self, v: Var) -> Var:
        """The Var whose memory `v` has."""
        return self.frame.layouts.of[v].root

    def strides(self, v: Var, over: tuple[int, ...]) -> tuple[int, ...]:
        """The strides of `v`, broadcast to a shape."""
        return broadcast_strides(self.frame.layouts.of[v].strides, v.shape, over)

    # ---- the whole
    # ----------------------------------------------------------------------------------------------------

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
            rest = f"INT, INT, {real}, ptr, INT, ptr, INT, {real}, ptr, INT)"
            head += [
                f"declare void @tg_{letter}gemm(i32, i32, i32, INT, {rest}",
                f"declare void @tg_{letter}gemv(i32, i32, {rest}",
            ]
        head += code.declared.values()
        tail = ["attributes #0 = { nounwind readnone willreturn }", *self._metadata]
        return "\n".join([*head, *lines, *tail]).replace("INT", blas_int) + "\n"


MESSAGE = "index out of range in a compiled program"
