"""Which steps of a plan can be native code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..fusion import Cluster, kind
from ..graph import Equation, Var
from ..layout import Layouts
from ..passes import loop_dtypes
from .functions import FLOATS_ONLY, UFUNCS
from .ir import F32, F64, I64, supported
from .loops import REDUCE
from .products import blas_can, by_loops
from .scans import body_of


def can_compile(step: Cluster, layouts: Layouts, blas: bool, numbers: bool = False) -> bool:
    """Whether a step can be native code; with `numbers`, one that uses Python numbers, too."""
    for eq in step.equations:
        vars = [*eq.vars(), *eq.outputs]
        what = kind(eq)
        if any(not supported(v.dtype) or (v not in layouts.of and not v.weak) for v in vars):
            return False
        if what != "scan" and any(v.weak for v in vars) and not numbers:
            return False
        if eq.outputs[0].weak:
            if what != "ufunc" or eq.prim.impl.__name__ not in UFUNCS or _needs_float(eq, [eq.outputs[0].dtype]):
                return False
            continue
        if what in REDUCE:
            if eq.inputs[0].dtype != eq.outputs[0].dtype or eq.outputs[0].dtype.kind not in "fiu":
                return False
        elif what == "ufunc":
            dtypes = loop_dtypes(eq)
            known = eq.prim.impl.__name__ in UFUNCS
            if not known or not all(supported(d) and d.kind in "fiub" for d in dtypes) or _needs_float(eq, dtypes):
                return False
            if _number_out_of_range(eq, dtypes):
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
            if (
                any(type(a) is not Var or a.dtype.kind not in "iu" for a in eq.inputs[1:])
                or type(eq.inputs[0]) is not Var
            ):
                return False
        elif what in ("join", "pad", "fold", "assemble"):
            if any(type(a) is not Var for a in eq.inputs) or (what == "fold" and eq.outputs[0].dtype.kind != "f"):
                return False
        elif what == "scan":
            if not scan_can_compile(eq, layouts, blas):
                return False
        elif what not in ("where", "cast"):
            return False
    return True


def _needs_float(eq: Equation, dtypes: Sequence[np.dtype[Any]]) -> bool:
    """Operations that have a form for floats only here; NumPy's casts see to it for nearly all."""
    return eq.prim.impl.__name__ in FLOATS_ONLY and dtypes[0].kind != "f"


def _number_out_of_range(eq: Equation, dtypes: Sequence[np.dtype[Any]]) -> bool:
    """Whether an integer of Python's may not fit the dtype in which it is compared; NumPy compares its true value."""
    if eq.outputs[0].dtype.kind != "b":
        return False
    for a, dtype in zip(eq.inputs, dtypes, strict=False):
        if dtype.kind in "iu" and type(a) is Var and a.weak and dtype != I64:
            return True
        if dtype.kind in "iu" and type(a) is int and not np.iinfo(dtype).min <= a <= np.iinfo(dtype).max:
            return True
    return False


def scan_can_compile(eq: Equation, layouts: Layouts, blas: bool) -> bool:
    """Whether a whole loop can be native code: each step of its body, on arguments that lie contiguous."""
    how = eq.attrs["how"]
    for a, fixed in zip(eq.inputs, [True] * how.fixed + [False] * len(eq.inputs), strict=False):
        if type(a) is Var and not a.weak and not _contiguous(a, layouts, 0 if fixed else 1):
            return False
    body = body_of(eq)
    if any(not supported(v.dtype) for v in (*body.graph.inputs, *body.graph.constants)):
        return False
    return all(body.is_view(step) or can_compile(step, body.layouts, blas, numbers=True) for step in body.steps)


def _contiguous(a: Var, layouts: Layouts, axis: int) -> bool:
    """Whether the axes from `axis` on lie one after the other."""
    step = 1
    for n, stride in reversed(list(zip(a.shape, layouts.of[a].strides, strict=True))[axis:]):
        if n != 1 and stride != step:
            return False
        step *= n
    return True
