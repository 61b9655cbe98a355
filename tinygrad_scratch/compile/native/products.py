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
    letter = "s" if out.dtype == F32 else "d"
    real = type_of(out.dtype)
    one, zero = constant(1, out.dtype), constant(0, out.dtype)
    pa, pb, pc = (
        kernel.address(kernel.memory(root), out.dtype, o)
        for root, o in ((a.root, at[0]), (b.root, at[1]), (out, at[2]))
    )
    if n == 1 or m == 1:  # a matrix and a vector
        matrix, pm, vector, pv, rows, columns = (
            (a, pa, b.strides[0], pb, m, k) if n == 1 else (b, pb, a.strides[1], pa, n, k)
        )
        by_rows = matrix if n == 1 else _Matrix(b.root, b.dtype, b.strides[::-1])
        trans, ld = by_rows.order(rows, columns)
        shape = (rows, columns) if trans == 111 else (columns, rows)
        kernel.code.do(
            f"call void @tg_{letter}gemv(i32 101, i32 {trans}, INT {shape[0]}, INT {shape[1]}, {real} {one}, "
            f"ptr {pm}, INT {ld}, ptr {pv}, INT {max(vector, 1)}, {real} {zero}, ptr {pc}, INT 1)"
        )
        return
    (ta, lda), (tb, ldb) = a.order(m, k), b.order(k, n)
    kernel.code.do(
        f"call void @tg_{letter}gemm(i32 101, i32 {ta}, i32 {tb}, INT {m}, INT {n}, INT {k}, {real} {one}, "
        f"ptr {pa}, INT {lda}, ptr {pb}, INT {ldb}, {real} {zero}, ptr {pc}, INT {n})"
    )


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
