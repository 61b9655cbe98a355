"""Products of matrices: by BLAS, and by loops where they are small."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Equation, Var
from ..layout import Layouts
from .ir import F32, I64, Value, constant, type_of
from .kernel import Kernel
from .loops import accumulate, accumulator, fill
from .nest import Offsets, broadcast_strides, collapsed, run_nest

SMALL_PRODUCT = 1 << 13  # multiplications below which loops are faster than a call of BLAS
UNPACKED = 10**6  # multiplications up to which OpenBLAS works on matrices where they lie, without copying them first
FEW_ROWS = 64  # at least so many at a time, or the calls cost more than the copies
FEW_TERMS = 1024
UNROLLED = 8  # terms of an inner product that are written out


def product(kernel: Kernel, eq: Equation) -> None:
    """x @ y: as matrices, one product for each place of the leading axes."""
    (x, y), out = eq.inputs, eq.outputs[0]
    lx, ly = kernel.frame.layouts.of[x], kernel.frame.layouts.of[y]
    lead = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    m, k = (1, x.shape[-1]) if len(x.shape) == 1 else x.shape[-2:]
    n = 1 if len(y.shape) == 1 else y.shape[-1]
    if 0 in (*lead, m, n):
        return
    if k == 0:
        fill(kernel, out, 0)
        return
    a = (0, lx.strides[-1]) if len(x.shape) == 1 else lx.strides[-2:]
    b = (ly.strides[-1], 0) if len(y.shape) == 1 else ly.strides[-2:]
    kernel.work += math.prod(lead) * m * k * n
    kernel.distinguish([lx.root, ly.root, out])
    strides = [
        broadcast_strides(lx.strides[:-2], x.shape[:-2], lead),
        broadcast_strides(ly.strides[:-2], y.shape[:-2], lead),
        _rows(lead, m * n),
    ]
    sizes, steps = collapsed(lead, strides)
    sides = (_Matrix(lx.root, x.dtype, a), _Matrix(ly.root, y.dtype, b))

    def body(offsets: Offsets) -> None:
        if by_loops(eq):
            _small_product(kernel, *sides, out, (m, k, n), offsets)
        else:
            _blas(kernel, *sides, out, (m, k, n), offsets)

    run_nest(kernel.code, sizes, steps, [kernel.start(x), kernel.start(y), kernel.code.number(0, I64)], body)


def _small_product(kernel: Kernel, a: _Matrix, b: _Matrix, out: Var, size: tuple[int, int, int], at: Offsets) -> None:
    """Loops, the inner one along rows of b, or along k where that is what lies together."""
    m, k, n = size
    code = kernel.code
    along_k = b.strides[1] != 1 and (n == 1 or (b.strides[0] == 1 and a.strides[1] == 1))
    with code.loop(m) as i:
        row, target = at[0] + i * a.strides[0], at[2] + i * n
        if k <= UNROLLED and not (along_k and k > 4):
            xs = [kernel.load(a.root, a.dtype, row + t * a.strides[1]) for t in range(k)]
            with code.loop(n) as j:
                ys = [kernel.load(b.root, b.dtype, at[1] + t * b.strides[0] + j * b.strides[1]) for t in range(k)]
                terms = [x * y for x, y in zip(xs, ys, strict=True)]
                kernel.store(functools.reduce(Value.__add__, terms), out, target + j)
            return
        if along_k:
            with code.loop(n) as j:
                total = accumulator(kernel, out.dtype)
                code.do(f"store {type_of(out.dtype)} {constant(0, out.dtype)}, ptr {total}")
                with code.loop(k) as t:
                    x = kernel.load(a.root, a.dtype, row + t * a.strides[1])
                    y = kernel.load(b.root, b.dtype, at[1] + j * b.strides[1] + t * b.strides[0])
                    accumulate(kernel, total, x * y, "sum")
                kernel.store(code.emit(f"load {type_of(out.dtype)}, ptr {total}", out.dtype), out, target + j)
            return
        with code.loop(n) as j:
            kernel.store(code.number(0, out.dtype), out, target + j)
        with code.loop(k) as t:
            x = kernel.load(a.root, a.dtype, row + t * a.strides[1])
            with code.loop(n) as j:
                y = kernel.load(b.root, b.dtype, at[1] + t * b.strides[0] + j * b.strides[1])
                kernel.store(kernel.load(out, out.dtype, target + j) + x * y, out, target + j)


def _blas(kernel: Kernel, a: _Matrix, b: _Matrix, out: Var, size: tuple[int, int, int], at: Offsets) -> None:
    m, k, n = size
    if n == 1:
        _gemv(kernel, a, (m, k), b, b.strides[0], out, at)
    elif m == 1:
        turned = _Matrix(b.root, b.dtype, b.strides[::-1])
        _gemv(kernel, turned, (n, k), a, a.strides[1], out, (at[1], at[0], at[2]))
    else:
        _gemm(kernel, a, b, out, size, at)


def _gemv(
    kernel: Kernel, a: _Matrix, size: tuple[int, int], x: _Matrix, step: int, out: Var, at: Sequence[Value]
) -> None:
    """A matrix times a vector, whose elements are `step` apart."""
    real = type_of(out.dtype)
    trans, ld = a.order(*size)
    rows, columns = size if trans == 111 else size[::-1]
    pa, px, py = (_address(kernel, root, out.dtype, o) for root, o in zip((a.root, x.root, out), at, strict=True))
    kernel.code.do(
        f"call void @tg_{_letter(out)}gemv(i32 101, i32 {trans}, INT {rows}, INT {columns}, "
        f"{real} {constant(1, out.dtype)}, ptr {pa}, INT {ld}, ptr {px}, INT {max(step, 1)}, "
        f"{real} {constant(0, out.dtype)}, ptr {py}, INT 1)"
    )


def _gemm(kernel: Kernel, a: _Matrix, b: _Matrix, out: Var, size: tuple[int, int, int], at: Offsets) -> None:
    """A matrix times a matrix; where all but one of the lengths are small, some of that one at a time."""
    m, k, n = size
    real = type_of(out.dtype)
    (ta, lda), (tb, ldb) = a.order(m, k), b.order(k, n)
    rows, terms = UNPACKED // (n * k) // 16 * 16, UNPACKED // (m * n) // 16 * 16
    tall = ta == 111 and rows >= FEW_ROWS and m >= 4 * rows
    deep = ta == 112 and tb == 111 and terms >= FEW_TERMS and k >= 4 * terms
    pb = None
    if tall and tb == 112:
        pb, tb, ldb = _turned(kernel, b, k, n, at[1]), 111, n

    def multiply(row: Value | int, term: Value | int, m: int, k: int, add: bool = False) -> None:
        """So many rows and terms from those on."""
        x = _address(kernel, a.root, out.dtype, at[0] + row * lda + term * lda)  # one of them is 0
        y = pb or _address(kernel, b.root, out.dtype, at[1] + term * ldb)
        z = _address(kernel, out, out.dtype, at[2] + row * n)
        kernel.code.do(
            f"call void @tg_{_letter(out)}gemm(i32 101, i32 {ta}, i32 {tb}, INT {m}, INT {n}, INT {k}, "
            f"{real} {constant(1, out.dtype)}, ptr {x}, INT {lda}, ptr {y}, INT {ldb}, "
            f"{real} {constant(int(add), out.dtype)}, ptr {z}, INT {n})"
        )

    if tall:
        with kernel.code.loop(m // rows) as i:
            multiply(i * rows, 0, rows, k)
        if m % rows:
            multiply(m - m % rows, 0, m % rows, k)
    elif deep:
        first = k % terms + terms
        multiply(0, 0, m, first)
        with kernel.code.loop(k // terms - 1) as i:
            multiply(0, i * terms + first, m, terms, add=True)
    else:
        multiply(0, 0, m, k)


def _letter(out: Var) -> str:
    return "s" if out.dtype == F32 else "d"


def _address(kernel: Kernel, root: Var, dtype: np.dtype[Any], at: Value) -> str:
    return kernel.address(kernel.memory(root), dtype, at)


def _turned(kernel: Kernel, b: _Matrix, k: int, n: int, at: Value) -> str:
    """The address of a copy of a small matrix, row by row."""
    copy, real = kernel.code.name(), type_of(b.dtype)
    kernel.code.entry.append(f"  {copy} = alloca [{k * n} x {real}], align 64")
    with kernel.code.loop(k) as i, kernel.code.loop(n) as j:
        value = kernel.load(b.root, b.dtype, at + i * b.strides[0] + j * b.strides[1])
        place = kernel.code.emit(f"getelementptr {real}, ptr {copy}, i64 {(i * n + j).text}", I64).text
        kernel.code.do(f"store {real} {value.text}, ptr {place}")
    return copy


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


def _rows(lead: tuple[int, ...], step: int) -> tuple[int, ...]:
    """Strides of the leading axes of a contiguous stack of matrices of `step` elements."""
    strides: list[int] = []
    for n in reversed(lead):
        strides.insert(0, step)
        step *= n
    return tuple(strides)


def by_loops(eq: Equation) -> bool:
    """Whether loops are faster than a call of BLAS: small products, and sums of a few outer products."""
    x, y = eq.inputs
    m = 1 if len(x.shape) == 1 else x.shape[-2]
    k = x.shape[-1]
    n = 1 if len(y.shape) == 1 else y.shape[-1]
    return m * k * n <= SMALL_PRODUCT or (k <= 4 and n >= 16)
