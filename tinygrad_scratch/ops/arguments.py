"""NumPy's arguments in the form that the operations want: axes from the front, options given or not, arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, MissingRuleError, ShapeError, user_line
from ..core.trace import Traced
from .families import Axes

NUMBERS = frozenset("fciub")  # the kinds of dtypes that Tensors compute with
WEAK = frozenset([bool, int, float, complex])  # Python's numbers, which take the dtype of what they meet
NO = np._NoValue  # NumPy's mark of an argument that was not given


def newer(name: str) -> list[Any]:
    """A function that not every NumPy has, to be entered where it is there."""
    return [getattr(np, name)] if hasattr(np, name) else []


def axes(axis: Any, ndim: int) -> Axes | None:
    """`axis` as None or a tuple counted from the front. Raises NumPy's AxisError."""
    if axis is None:
        return None
    if type(axis) is int and 0 <= axis < ndim:
        return (axis,)
    if ndim == 0 and axis in (0, -1):  # of a number, as NumPy has it
        return ()
    return np.lib.array_utils.normalize_axis_tuple(axis, ndim)


def all_axes(axis: Any, ndim: int) -> Axes:
    """`axes`, with None as the tuple of all."""
    over = axes(axis, ndim)
    return tuple(range(ndim)) if over is None else over


def one_axis(axis: Any, ndim: int) -> int:
    """`axis` counted from the front. Raises NumPy's AxisError."""
    return np.lib.array_utils.normalize_axis_index(axis, ndim)


def flat_unless(a: Any, axis: Any) -> tuple[Any, int]:
    """`a` and one axis of it counted from the front; for None, `a` in one row and 0."""
    return (a.reshape(-1 if a.size else 0), 0) if axis is None else (a, one_axis(axis, a.ndim))


def count(a: Any, axis: Any) -> int:
    """How many elements each reduction along `axis` has."""
    if axis is None:
        return a.size  # type: ignore[no-any-return]
    return math.prod([a.shape[i] for i in axes(axis, a.ndim) or ()])


def part(axis: int, *index: Any) -> tuple[Any, ...]:
    """An index of that axis alone."""
    return (slice(None),) * axis + index


def given(option: Any) -> bool:
    """A boolean option of NumPy's, which may be its mark for "not given"."""
    return option is not NO and bool(option)


def begins(initial: Any) -> bool:
    """Whether `initial=` is a number that a reduction begins with."""
    return initial is not NO and initial is not None


def is_mask(where: Any) -> bool:
    """Whether `where=` leaves anything out."""
    return where is not NO and where is not True


def refuse(function: str, **options: Any) -> None:
    """Refuse those options of NumPy's that were given and that Tensors do not have."""
    for name, value in options.items():
        if value is not None and value is not NO:
            raise MissingRuleError(f"{function}: the argument {name}= is not supported on a Tensor; leave it out")


def as_array(x: Any) -> Any:
    """`x` as an array or a Tensor; of a list that holds Tensors, the Tensor of all of them."""
    if isinstance(x, Traced) or (type(x) is np.ndarray and x.dtype.kind in NUMBERS):
        return x
    if holds_tensor(x):
        return np.stack([as_array(part) for part in x])
    array = np.asarray(x)
    if array.dtype.kind not in NUMBERS:
        raise DtypeError(
            f"expected an array of numbers, got {array.dtype}{user_line()}; make it one, for example by x.astype(float)"
        )
    return array


def weak_or_array(x: Any) -> Any:
    """As `as_array`, but a Python number stays one, which takes the dtype of what it meets."""
    return x if type(x) in WEAK else as_array(x)


def in_common_dtype(xs: Any) -> list[Any]:
    """Arrays in the dtype that NumPy finds for all of them."""
    found = [weak_or_array(x) for x in xs]
    dtype = np.result_type(*found)
    return [np.astype(as_array(x), dtype, copy=False) for x in found]


def cast_by(function: str, x: Any, dtype: Any, casting: Any = "same_kind") -> Any:
    """`x` in that dtype, if `casting` allows it."""
    if not np.can_cast(x.dtype, dtype, casting):
        raise DtypeError(f"{function}: {x.dtype} becomes no {np.dtype(dtype)} by casting={casting!r}{user_line()}")
    return np.astype(x, dtype, copy=False)


def tensors_in(x: Any) -> list[Any]:
    """`x` if it is a Tensor, or those in a nested list."""
    if isinstance(x, Traced):
        return [x]
    return [t for part in x for t in tensors_in(part)] if isinstance(x, (list, tuple)) else []


def holds_tensor(x: Any) -> bool:
    """Whether `x` is a Tensor, or a nested list with one in it."""
    return isinstance(x, Traced) or (isinstance(x, (list, tuple)) and any(map(holds_tensor, x)))


def require_real(function: str, *arrays: Any) -> None:
    """Refuse complex arrays."""
    for x in map(as_array, arrays):
        if x.dtype.kind == "c":
            raise DtypeError(f"{function}: expected real numbers, got {x.dtype}{user_line()}; take x.real or abs(x)")


def require_differences(function: str, *arrays: Any) -> None:
    """Refuse booleans, which NumPy does not subtract."""
    if any(as_array(x).dtype.kind == "b" for x in arrays):
        raise DtypeError(f"{function}: booleans have no differences{user_line()}; give numbers, x.astype(float)")


def masked(function: str, a: Any, where: Any, fill: Any) -> Any:
    """`a` with `fill` where the mask is false. A mask that is larger than `a` is refused, as in NumPy."""
    if as_array(where).dtype != bool:
        raise DtypeError(f"{function}: where= must hold booleans, got {as_array(where).dtype}{user_line()}")
    if np.broadcast_shapes(a.shape, np.shape(where)) != a.shape:
        raise ShapeError(
            f"{function}: where= of shape {np.shape(where)} does not broadcast to {a.shape}, the shape of the argument"
            f"{user_line()}"
        )
    return np.where(where, a, fill)


def spread_weights(function: str, a: Any, axis: Any, weights: Any) -> Any:
    """Weights, of the shape of `a` or of its axes `axis` alone, in a shape that broadcasts to that of `a`."""
    weights = as_array(weights)
    if weights.shape == a.shape:
        return weights
    over = () if axis is None else all_axes(axis, a.ndim)
    if axis is None or weights.shape != tuple([a.shape[i] for i in over]):
        raise ArgumentError(
            f"{function}: weights of shape {weights.shape} fit neither {a.shape}, the shape of the argument, nor its "
            f"axes axis={axis}{user_line()}"
        )
    in_order = np.transpose(weights, [over.index(i) for i in sorted(over)])
    return np.reshape(in_order, tuple([n if i in over else 1 for i, n in enumerate(a.shape)]))
