"""The way in of a small step, natively: tests of its arguments that in Python take as long as the step itself.

`accepts(spec, *arrays)` is True if each argument is a plain array of the dtype and shape that `spec` says, and, where
some are donated, these are contiguous, aligned and writeable and no two share memory. `seal(*arrays)` makes them
read-only. Both read and write the fields of NumPy's arrays, whose places in memory NumPy promises to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .load import load

OURS = 0x501  # NumPy's flags for an array that is contiguous, aligned and writeable

# fields of an array, in bytes from its start: class 8, number of axes 24, shape 32, base 48, dtype 56, flags 64. A
# spec: the class of arrays, how many there are, whether any is donated, how many constants they may not share memory
# with; four numbers an array: dtype, flags, number of axes, where its shape begins; the constants; the shapes
_ACCEPTS = """
@_Py_TrueStruct = external global i8
@_Py_FalseStruct = external global i8
declare void @Py_IncRef(ptr)

define ptr @KERNEL(ptr %self, ptr %args, i64 %count) {
start:
  %first = load ptr, ptr %args
  %first.data = getelementptr i8, ptr %first, i64 16
  %spec = load ptr, ptr %first.data
  %class = load i64, ptr %spec
  %n.at = getelementptr i64, ptr %spec, i64 1
  %n = load i64, ptr %n.at
  %donated.at = getelementptr i64, ptr %spec, i64 2
  %donated = load i64, ptr %donated.at
  %donates = icmp ne i64 %donated, 0
  %kept.at = getelementptr i64, ptr %spec, i64 3
  %kept.n = load i64, ptr %kept.at
  %lines = mul i64 %n, 4
  %kept.from = add i64 %lines, 4
  %kept = getelementptr i64, ptr %spec, i64 %kept.from
  %owners = alloca i64, i64 %n
  br label %array

array:
  %i = phi i64 [ 0, %start ], [ %i.next, %next ]
  %all = icmp eq i64 %i, %n
  br i1 %all, label %accept, label %class.test
class.test:
  %i.next = add i64 %i, 1
  %x.at = getelementptr ptr, ptr %args, i64 %i.next
  %x = load ptr, ptr %x.at
  %x.class.at = getelementptr i8, ptr %x, i64 8
  %x.class = load i64, ptr %x.class.at
  %is.array = icmp eq i64 %x.class, %class
  br i1 %is.array, label %fields, label %refuse
fields:
  %line.n = mul i64 %i.next, 4
  %line = getelementptr i64, ptr %spec, i64 %line.n
  %dtype = load i64, ptr %line
  %flags.at = getelementptr i64, ptr %line, i64 1
  %flags = load i64, ptr %flags.at
  %ndim.at = getelementptr i64, ptr %line, i64 2
  %ndim = load i64, ptr %ndim.at
  %shape.at = getelementptr i64, ptr %line, i64 3
  %shape.n = load i64, ptr %shape.at
  %shape = getelementptr i64, ptr %spec, i64 %shape.n
  %x.dtype.at = getelementptr i8, ptr %x, i64 56
  %x.dtype = load i64, ptr %x.dtype.at
  %same.dtype = icmp eq i64 %x.dtype, %dtype
  %x.flags.at = getelementptr i8, ptr %x, i64 64
  %x.flags.32 = load i32, ptr %x.flags.at
  %x.flags = zext i32 %x.flags.32 to i64
  %x.has = and i64 %x.flags, %flags
  %has.flags = icmp eq i64 %x.has, %flags
  %x.ndim.at = getelementptr i8, ptr %x, i64 24
  %x.ndim.32 = load i32, ptr %x.ndim.at
  %x.ndim = zext i32 %x.ndim.32 to i64
  %same.ndim = icmp eq i64 %x.ndim, %ndim
  %fits.1 = and i1 %same.dtype, %has.flags
  %fits.2 = and i1 %fits.1, %same.ndim
  %x.shape.at = getelementptr i8, ptr %x, i64 32
  %x.shape = load ptr, ptr %x.shape.at
  br i1 %fits.2, label %axis, label %refuse
axis:
  %j = phi i64 [ 0, %fields ], [ %j.next, %axis.test ]
  %axes = icmp eq i64 %j, %ndim
  br i1 %axes, label %shaped, label %axis.test
axis.test:
  %j.next = add i64 %j, 1
  %length.at = getelementptr i64, ptr %shape, i64 %j
  %length = load i64, ptr %length.at
  %x.length.at = getelementptr i64, ptr %x.shape, i64 %j
  %x.length = load i64, ptr %x.length.at
  %same.length = icmp eq i64 %x.length, %length
  br i1 %same.length, label %axis, label %refuse
shaped:
  br i1 %donates, label %base.test, label %next

base.test:
  %base.at = getelementptr i8, ptr %x, i64 48
  %base = load ptr, ptr %base.at
  %alone = icmp eq ptr %base, null
  br i1 %alone, label %owned, label %base.class
base.class:
  %base.class.at = getelementptr i8, ptr %base, i64 8
  %base.kind = load i64, ptr %base.class.at
  %is.view = icmp eq i64 %base.kind, %class
  br i1 %is.view, label %owned, label %refuse
owned:
  %owner.at = phi ptr [ %x, %base.test ], [ %base, %base.class ]
  %owner = ptrtoint ptr %owner.at to i64
  %mine = getelementptr i64, ptr %owners, i64 %i
  store i64 %owner, ptr %mine
  br label %other
other:
  %k = phi i64 [ 0, %owned ], [ %k.next, %other.test ]
  %others = icmp eq i64 %k, %i
  br i1 %others, label %constant, label %other.test
other.test:
  %k.next = add i64 %k, 1
  %other.at = getelementptr i64, ptr %owners, i64 %k
  %other.owner = load i64, ptr %other.at
  %shared = icmp eq i64 %other.owner, %owner
  br i1 %shared, label %refuse, label %other
constant:
  %c = phi i64 [ 0, %other ], [ %c.next, %constant.test ]
  %constants = icmp eq i64 %c, %kept.n
  br i1 %constants, label %next, label %constant.test
constant.test:
  %c.next = add i64 %c, 1
  %constant.at = getelementptr i64, ptr %kept, i64 %c
  %constant.owner = load i64, ptr %constant.at
  %taken = icmp eq i64 %constant.owner, %owner
  br i1 %taken, label %refuse, label %constant
next:
  br label %array

accept:
  call void @Py_IncRef(ptr @_Py_TrueStruct)
  ret ptr @_Py_TrueStruct
refuse:
  call void @Py_IncRef(ptr @_Py_FalseStruct)
  ret ptr @_Py_FalseStruct
}
"""

_SEAL = """
@_Py_NoneStruct = external global i8
declare void @Py_IncRef(ptr)

define ptr @KERNEL(ptr %self, ptr %args, i64 %count) {
start:
  br label %array
array:
  %i = phi i64 [ 0, %start ], [ %i.next, %change ]
  %all = icmp eq i64 %i, %count
  br i1 %all, label %done, label %change
change:
  %i.next = add i64 %i, 1
  %x.at = getelementptr ptr, ptr %args, i64 %i
  %x = load ptr, ptr %x.at
  %flags.at = getelementptr i8, ptr %x, i64 64
  %flags = load i32, ptr %flags.at
  %read.only = and i32 %flags, -1025
  store i32 %read.only, ptr %flags.at
  br label %array
done:
  call void @Py_IncRef(ptr @_Py_NoneStruct)
  ret ptr @_Py_NoneStruct
}
"""


def accepts() -> Callable[..., bool]:
    """The native function of that name."""
    return load(_ACCEPTS, None)  # type: ignore[return-value]


def seal() -> Callable[..., None]:
    """The native function of that name."""
    return load(_SEAL, None)


def spec(arrays: Sequence[np.ndarray[Any, Any]], donated: Sequence[int], kept: frozenset[int]) -> Any:
    """What arguments like these `arrays` look like; `donated` are the places of some of them, `kept` addresses."""
    place = 4 + 4 * len(arrays) + len(kept)
    lines: list[int] = [id(np.ndarray), len(arrays), bool(donated), len(kept)]
    shapes: list[int] = []
    for i, x in enumerate(arrays):
        lines += [id(x.dtype), OURS if i in donated else 0, x.ndim, place + len(shapes)]
        shapes += x.shape
    return np.array([*lines, *sorted(kept), *shapes], np.int64)
