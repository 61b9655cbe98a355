"""Values and instructions of LLVM's language, written as text.

A `Value` is a number in a register: `a * b + 1.0` writes the instructions that compute it. Booleans are i1 in registers
and a byte in memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

BOOL, I32, I64, F32, F64 = (np.dtype(t) for t in ("bool", "int32", "int64", "float32", "float64"))
TYPES = {"b1": "i1", "i1": "i8", "i2": "i16", "i4": "i32", "i8": "i64",
         "u1": "i8", "u2": "i16", "u4": "i32", "u8": "i64", "f4": "float", "f8": "double"}  # fmt: skip


def supported(dtype: np.dtype[Any]) -> bool:
    """Whether values of this dtype can be compiled."""
    return dtype.isnative and dtype.str[1:] in TYPES


def type_of(dtype: np.dtype[Any]) -> str:
    """The type of a register."""
    return TYPES[dtype.str[1:]]


def constant(x: Any, dtype: np.dtype[Any]) -> str:
    """A number as LLVM writes it: floats by the bits of a double."""
    if dtype.kind == "f":
        return f"0x{struct.unpack('<Q', struct.pack('<d', float(dtype.type(x))))[0]:016X}"
    return str(int(x))


class Value:
    """A number in a register, or a constant."""

    __slots__ = ("code", "dtype", "text")

    def __init__(self, code: Code, text: str, dtype: np.dtype[Any]) -> None:
        self.code = code
        self.text = text
        self.dtype = dtype

    def _both(self, other: Any) -> tuple[Value, Value]:
        return self, other if isinstance(other, Value) else self.code.number(other, self.dtype)

    def _binary(self, names: tuple[str, str, str], a: Value, b: Value) -> Value:
        kind = a.dtype.kind
        op = names[0] if kind == "f" else names[2] if kind in "ub" else names[1]
        return self.code.emit(f"{op} {type_of(a.dtype)} {a.text}, {b.text}", a.dtype)

    def __add__(self, other: Any) -> Value:
        return self._binary(("fadd", "add", "add"), *self._both(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Value:
        return self._binary(("fsub", "sub", "sub"), *self._both(other))

    def __rsub__(self, other: Any) -> Value:
        a, b = self._both(other)
        return self._binary(("fsub", "sub", "sub"), b, a)

    def __mul__(self, other: Any) -> Value:
        return self._binary(("fmul", "mul", "mul"), *self._both(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Value:
        return self._binary(("fdiv", "sdiv", "udiv"), *self._both(other))

    def __rtruediv__(self, other: Any) -> Value:
        a, b = self._both(other)
        return self._binary(("fdiv", "sdiv", "udiv"), b, a)

    def __and__(self, other: Any) -> Value:
        return self._binary(("", "and", "and"), *self._both(other))

    def __or__(self, other: Any) -> Value:
        return self._binary(("", "or", "or"), *self._both(other))

    def __xor__(self, other: Any) -> Value:
        return self._binary(("", "xor", "xor"), *self._both(other))

    def __lshift__(self, other: Any) -> Value:
        return self._binary(("", "shl", "shl"), *self._both(other))

    def __rshift__(self, other: Any) -> Value:
        return self._binary(("", "ashr", "lshr"), *self._both(other))

    def __neg__(self) -> Value:
        if self.dtype.kind == "f":
            return self.code.emit(f"fneg {type_of(self.dtype)} {self.text}", self.dtype)
        return 0 - self

    def compare(self, op: str, other: Any) -> Value:
        """`op` of lt, le, gt, ge, eq, ne; with NaN all are false but ne."""
        a, b = self._both(other)
        kind = a.dtype.kind
        if kind == "f":
            return self.code.emit(
                f"fcmp {'une' if op == 'ne' else 'o' + op} {type_of(a.dtype)} {a.text}, {b.text}", BOOL
            )
        sign = "" if op in ("eq", "ne") else "u" if kind in "ub" else "s"
        return self.code.emit(f"icmp {sign}{op} {type_of(a.dtype)} {a.text}, {b.text}", BOOL)

    def __lt__(self, other: Any) -> Value:
        return self.compare("lt", other)

    def __le__(self, other: Any) -> Value:
        return self.compare("le", other)

    def __gt__(self, other: Any) -> Value:
        return self.compare("gt", other)

    def __ge__(self, other: Any) -> Value:
        return self.compare("ge", other)

    def is_nan(self) -> Value:
        """Whether it is NaN."""
        return self.code.emit(f"fcmp uno {type_of(self.dtype)} {self.text}, {self.text}", BOOL)

    def bits(self, dtype: np.dtype[Any]) -> Value:
        """The same bits as another dtype of that size."""
        return self.code.emit(f"bitcast {type_of(self.dtype)} {self.text} to {type_of(dtype)}", dtype)

    def cast(self, dtype: np.dtype[Any]) -> Value:
        """The number in another dtype, as NumPy casts it."""
        a, b = self.dtype, dtype
        if a == b:
            return self
        if b.kind == "b":
            return self.compare("ne", 0)
        if a.kind == "f" and b.kind == "f":
            op = "fpext" if b.itemsize > a.itemsize else "fptrunc"
        elif a.kind == "f":
            if b.itemsize < 4 or (b.kind == "u" and b.itemsize == 4):  # wraps round, by way of more bits, as in NumPy
                wider = self.cast(np.dtype(np.int32 if b.itemsize < 4 else np.int64))
                return self.code.emit(f"trunc {type_of(wider.dtype)} {wider.text} to {type_of(b)}", b)
            op = "fptoui" if b.kind == "u" else "fptosi"
        elif b.kind == "f":
            op = "uitofp" if a.kind in "ub" else "sitofp"
        elif b.itemsize == a.itemsize and a.kind != "b":
            return Value(self.code, self.text, b)
        else:
            op = "zext" if a.kind == "b" or (b.itemsize > a.itemsize and a.kind == "u") else "sext"
            op = "trunc" if b.itemsize < a.itemsize else op
        return self.code.emit(f"{op} {type_of(a)} {self.text} to {type_of(b)}", b)


class Code:
    """The text of one function, and the declarations that it needs."""

    def __init__(self) -> None:
        self.entry: list[str] = []  # what must stand first: memory for accumulators
        self.lines: list[str] = []
        self.declared: dict[str, str] = {}
        self.count = 0
        self.block = "start"

    def name(self) -> str:
        """A new register."""
        self.count += 1
        return f"%r{self.count}"

    def emit(self, text: str, dtype: np.dtype[Any]) -> Value:
        """An instruction and the value that it gives."""
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return Value(self, name, dtype)

    def do(self, text: str) -> None:
        """An instruction without a value."""
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")
        self.block = name

    def number(self, x: Any, dtype: np.dtype[Any]) -> Value:
        """A constant."""
        return Value(self, constant(x, dtype), dtype)

    def call(self, function: str, args: Sequence[Value], dtype: np.dtype[Any]) -> Value:
        """A call of a function of numbers: an intrinsic, or one of the C library."""
        types = ", ".join(type_of(a.dtype) for a in args)
        self.declared[function] = f"declare {type_of(dtype)} @{function}({types}) #0"
        given = ", ".join(f"{type_of(a.dtype)} {a.text}" for a in args)
        return self.emit(f"call {type_of(dtype)} @{function}({given})", dtype)

    def intrinsic(self, name: str, *args: Value) -> Value:
        """llvm.<name> for the dtype of the arguments."""
        suffix = {"float": "f32", "double": "f64"}.get(type_of(args[0].dtype), type_of(args[0].dtype))
        return self.call(f"llvm.{name}.{suffix}", args, args[0].dtype)

    def select(self, condition: Value, a: Any, b: Any) -> Value:
        """a where the condition holds, else b."""
        if not isinstance(a, Value):
            a = self.number(a, b.dtype)
        if not isinstance(b, Value):
            b = self.number(b, a.dtype)
        kind = type_of(a.dtype)
        return self.emit(f"select i1 {condition.text}, {kind} {a.text}, {kind} {b.text}", a.dtype)

    @contextmanager
    def loop(self, count: int) -> Iterator[Value]:
        """The instructions inside run for index 0, ..., count - 1, count > 0."""
        self.count += 1
        n = self.count
        before, head, done = self.block, f"loop{n}", f"done{n}"
        index, following = f"%i{n}", f"%n{n}"
        self.do(f"br label %{head}")
        self.label(head)
        place = len(self.lines)
        self.lines.append("")
        yield Value(self, index, I64)
        self.do(f"{following} = add nuw nsw i64 {index}, 1")
        last = self.block
        self.lines[place] = f"  {index} = phi i64 [0, %{before}], [{following}, %{last}]"
        test = self.emit(f"icmp ult i64 {following}, {count}", BOOL)
        self.do(f"br i1 {test.text}, label %{head}, label %{done}")
        self.label(done)
