"""Shapes and axes: operations that leave the elements as they are. Each is linear; its transpose takes them back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DtypeError, user_line
from ..core.primitive import Emit, Primitive, implements
from ..core.trace import bind
from .arguments import as_array, one_axis
from .arguments import axes as normal_axes
from .arithmetic import stop_gradient
from .families import Axes, broadcast_to, in_dtype, linear


def _cast_batch(args: Sequence[Any], batched: Sequence[bool], dtype: Any) -> Any:
    return bind(astype_, args[0], dtype=dtype)


astype_ = linear(
    "astype",
    lambda x, dtype, copy=False: x.astype(dtype, order="C"),
    lambda g, ans, x, dtype: in_dtype(g, x),
    batch=_cast_batch,
    emit=Emit(
        lambda x, dtype, copy=False: f"{x}.astype(np.{np.dtype(dtype).name})",
        lambda out, x, dtype, copy=False: f"np.copyto({out}, {x}, 'unsafe')",
        "cast",
    ),
)


@implements(np.astype)
def astype(x: Any, dtype: Any, *, copy: bool = True) -> Any:
    """`x.astype(dtype)`. To an integer or bool the derivative is zero; a complex Tensor does not lose its imaginary
    part this way.
    """
    dtype = np.dtype(dtype)
    if dtype.kind not in "fciub":
        raise DtypeError(f"astype: a Tensor holds numbers, it cannot become {dtype}{user_line()}")
    if dtype == x.dtype and not copy:
        return x
    if x.dtype.kind == "c" and dtype.kind in "fiu":
        raise DtypeError(
            f"astype: {x.dtype} to {dtype} would discard the imaginary part{user_line()}; write x.real.astype(...), or "
            "x.imag"
        )
    if dtype.kind not in "fc":
        x = bind(stop_gradient, x)
    return bind(astype_, x, dtype=dtype)


def _reshape_batch(args: Sequence[Any], batched: Sequence[bool], shape: tuple[int, ...]) -> Any:
    return bind(reshape_, args[0], shape=(args[0].shape[0], *shape))


reshape_ = linear(
    "reshape",
    lambda x, shape: x.reshape(shape),
    lambda g, ans, x, shape: g.reshape(x.shape),
    batch=_reshape_batch,
    emit=Emit(lambda x, shape: f"{x}.reshape({', '.join(map(str, shape)) or ()})", kind="view"),
)


def _transpose_batch(args: Sequence[Any], batched: Sequence[bool], axes: Axes) -> Any:
    return bind(transpose_, args[0], axes=(0, *(a + 1 for a in axes)))


def _back(axes: Axes) -> Axes:
    back = [0] * len(axes)
    for i, a in enumerate(axes):
        back[a] = i
    return tuple(back)


transpose_: Primitive = linear(
    "transpose",
    lambda x, axes: x.transpose(axes),
    lambda g, ans, x, axes: bind(transpose_, g, axes=_back(axes)),
    batch=_transpose_batch,
    emit=Emit(lambda x, axes: f"{x}.T" if axes == (1, 0) else f"{x}.transpose({axes})", kind="view"),
)


# what the compiler inserts: where a Python number meets an array, and to see a stack of matrices as one
CAST, RESHAPE = astype_, reshape_


@implements(np.reshape)
def reshape(a: Any, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: bool | None = None) -> Any:
    """NumPy's `reshape`, in order "C" or "F". `copy` makes no difference, as a Tensor never changes."""
    shape = newshape if shape is None else shape
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if order == "F":
        return reshape(a.T, shape[::-1]).T
    if order != "C":
        raise ArgumentError(f"reshape: order={order!r} is not supported on a Tensor; use 'C' or 'F'")
    shape = tuple([int(n) for n in shape])
    if -1 in shape:
        known = -math.prod(shape)
        if known and a.size % known == 0:
            shape = tuple([a.size // known if n == -1 else n for n in shape])
    if shape == a.shape:
        return a
    return bind(reshape_, a, shape=shape)


@implements(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """NumPy's `ravel`; a copy or view is not told apart."""
    return reshape(a, (-1,) if a.size else (0,), order)


@implements(np.transpose)
def transpose(a: Any, axes: Any = None) -> Any:
    """NumPy's `transpose`."""
    order = tuple(range(a.ndim))[::-1] if axes is None else tuple([one_axis(i, a.ndim) for i in axes])
    if sorted(order) != list(range(a.ndim)):
        raise ArgumentError(f"transpose: axes={axes} is no permutation of the {a.ndim} axes of shape {a.shape}")
    return bind(transpose_, a, axes=order)


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """NumPy's `moveaxis`."""
    sources, targets = normal_axes(source, a.ndim) or (), normal_axes(destination, a.ndim) or ()
    if len(sources) != len(targets):
        raise ArgumentError(f"moveaxis: source={source} and destination={destination} must have the same length")
    order = [i for i in range(a.ndim) if i not in sources]
    for target, i in sorted(zip(targets, sources, strict=True)):
        order.insert(target, i)
    return bind(transpose_, a, axes=tuple(order))


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """NumPy's `swapaxes`."""
    i, j = one_axis(axis1, a.ndim), one_axis(axis2, a.ndim)
    order = list(range(a.ndim))
    order[i], order[j] = j, i
    return bind(transpose_, a, axes=tuple(order))


@implements(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """NumPy's `rollaxis`: `axis` moved before the axis that is now number `start`."""
    axis, start = one_axis(axis, a.ndim), one_axis(start + a.ndim if start < 0 else start, a.ndim + 1)
    return moveaxis(a, axis, start - 1 if axis < start else start)


@implements(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """NumPy's `squeeze`."""
    over = normal_axes(axis, a.ndim)
    if over is None:
        over = tuple([i for i, n in enumerate(a.shape) if n == 1])
    for i in over:
        if a.shape[i] != 1:
            raise ArgumentError(f"squeeze: axis {i} of shape {a.shape} has length {a.shape[i]}, expected 1")
    return reshape(a, tuple([n for i, n in enumerate(a.shape) if i not in over]))


@implements(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """NumPy's `expand_dims`."""
    count = len(axis) if isinstance(axis, (tuple, list)) else 1
    new = normal_axes(axis, a.ndim + count) or ()
    rest = iter(a.shape)
    return reshape(a, tuple([1 if i in new else next(rest) for i in range(a.ndim + count)]))


@implements(np.broadcast_to)
def broadcast_to_shape(array: Any, shape: Any, subok: bool = False) -> Any:
    """NumPy's `broadcast_to`."""
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    return bind(broadcast_to, as_array(array), shape=shape)


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    """NumPy's `broadcast_arrays`."""
    arrays = [as_array(x) for x in args]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    return tuple([np.broadcast_to(x, shape) for x in arrays])
