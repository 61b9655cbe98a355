"""What every transformation does with arguments: choosing, checking, and taking Tensors off again."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, DtypeError, ShapeError
from ..core.trace import Trace
from ..tensor import Tensor

Argnums = int | tuple[int, ...]


def normal(argnums: Any, what: str) -> Argnums:
    """`argnums` as an int or a tuple of different ints."""
    try:
        if hasattr(argnums, "__index__"):
            return operator.index(argnums)
        many = tuple([operator.index(i) for i in argnums])
    except TypeError:
        raise ArgumentError(f"{what}: argnums={argnums!r}, expected an integer or a tuple of integers") from None
    if len(set(many)) != len(many):
        raise ArgumentError(f"{what}: argnums={argnums!r} names an argument twice")
    return many


def select(args: tuple[Any, ...], argnums: Argnums, what: str) -> Any:
    """The arguments that `argnums` names: one, or a tuple."""
    try:
        return args[argnums] if isinstance(argnums, int) else tuple([args[i] for i in argnums])
    except IndexError:
        raise ArgumentError(
            f"{what}: argnums={argnums}, but the function was called with {len(args)} positional arguments"
        ) from None


def replace(args: tuple[Any, ...], argnums: Argnums, chosen: Any) -> list[Any]:
    """`args` with `chosen` in the places that `argnums` names."""
    full = list(args)
    if isinstance(argnums, int):
        full[argnums] = chosen
    else:
        for i, x in zip(argnums, chosen, strict=True):
            full[i] = x
    return full


def has_derivative(dtype: np.dtype[Any]) -> bool:
    """Whether values of this dtype are floats, real or complex."""
    return dtype.kind in "fc"


def moves(answer: Any) -> bool:
    """Whether an answer may have a derivative: no array of integers or booleans has."""
    return has_derivative(getattr(answer, "dtype", np.dtype(float)))


def differentiable(leaves: Sequence[Any], structure: tree.Structure, what: str, argnums: Argnums) -> list[Any]:
    """The leaves as arrays (Python's numbers become NumPy's), or an error that names the one without derivative."""
    values = []
    for k, x in enumerate(leaves):
        if type(x) is np.ndarray and x.dtype.kind == "f":
            values.append(x)
            continue
        if type(x) is float:
            x = np.float64(x)
        elif type(x) is complex:
            x = np.complex128(x)
        elif getattr(x, "weak", False) and has_derivative(x.dtype):
            x = np.positive(x)  # likewise
        if not hasattr(x, "dtype") or not has_derivative(x.dtype):
            raise DtypeError(_no_derivative(k, x, structure, what, argnums))
        values.append(x)
    return values


def require_all(kind: str, values: Sequence[Any], structure: tree.Structure, what: str, argnums: Argnums) -> None:
    """Raise DtypeError unless all leaves are complex (kind "c"), or real ("f")."""
    for k, x in enumerate(values):
        if x.dtype.kind != kind:
            raise DtypeError(f"{what}: {_place(k, structure, argnums)} is {x.dtype}, " + _EXPECTED[kind])


_EXPECTED = {
    "c": "but with holomorphic=True all arguments must be complex; write z.astype(complex)",
    "f": "and a function that is not holomorphic has no complex Jacobian: use tg.jvp, or give holomorphic=True",
}


def _place(k: int, structure: tree.Structure, argnums: Argnums) -> str:
    path = tree.paths(tree.unflatten(structure, range(structure.num_leaves)))[k]
    if not isinstance(argnums, int):
        first, _, path = path.partition("/")
        argnums = list(argnums)[int(first)]
    return f"argument {argnums}" + (f", leaf {path!r}" if path else "")


def _no_derivative(k: int, x: Any, structure: tree.Structure, what: str, argnums: Argnums) -> str:
    return (
        f"{what}: {_place(k, structure, argnums)} is {getattr(x, 'dtype', type(x).__name__)}, which has no derivative. "
        "Pass floats, for example x.astype(float) or 3.0 for 3."
    )


def strip(tree_: Any, trace: Trace) -> Any:
    """`tree_` with the Tensors of `trace` replaced by their values."""
    return tree.map(lambda x: x.value if type(x) is Tensor and x.trace is trace else x, tree_)


def cotangents_like(g: Any, answers: Sequence[Any], structure: tree.Structure, what: str = "vjp") -> list[Any]:
    """The leaves of `g`, checked against the answers (or primals) that they belong to."""
    gs, g_structure = tree.flatten(g)
    if g_structure != structure:
        raise ArgumentError(f"{what}: the {_NAME[what]} has structure {g_structure}, expected {structure}")
    return [_like(x, a, what) for x, a in zip(gs, answers, strict=True)]


_NAME = {"vjp": "cotangent", "jvp": "tangent"}


def _like(x: Any, a: Any, what: str) -> Any:
    shape, dtype = np.shape(a), getattr(a, "dtype", np.dtype(complex if type(a) is complex else float))
    if not hasattr(x, "dtype"):
        x = np.asarray(x, dtype)[()]
    if x.shape != shape:
        raise ShapeError(f"{what}: a {_NAME[what]} has shape {x.shape}, expected {shape}, that of its value")
    if x.dtype.kind == "c" and dtype.kind != "c":
        raise DtypeError(f"{what}: a {_NAME[what]} is complex, its value {dtype}")
    return x if x.dtype == dtype else x.astype(dtype)
