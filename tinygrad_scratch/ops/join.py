"""Joining and cutting: concatenate, stack, pad, split."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, MissingRuleError
from ..core.primitive import Emit, Primitive, implements, register
from ..core.trace import bind
from .arguments import one_axis, refuse
from .families import in_dtype, linear


def _concatenate_transpose(
    wanted: Sequence[int], g: Any, ans: Any, *xs: Any, axis: int, starts: tuple[int, ...]
) -> list[Any]:
    lead = (slice(None),) * axis
    parts = [g[(*lead, slice(starts[i], starts[i] + xs[i].shape[axis]))] for i in wanted]
    return [in_dtype(p, xs[i]) for i, p in zip(wanted, parts, strict=True)]


# starts: where each part begins in the answer
concatenate_ = linear(
    "concatenate",
    lambda *xs, axis, starts: np.concatenate(xs, axis),
    _concatenate_transpose,
    variadic=True,
    jointly=True,
    emit=Emit(
        lambda *xs, axis, starts: f"np.concatenate([{', '.join(xs)}], {axis})",
        lambda out, *xs, axis, starts: f"np.concatenate([{', '.join(xs)}], {axis}, {out})",
        "join",
    ),
)


def _unstack_pullback(wanted: Sequence[int], x: Any) -> tuple[tuple[Any, ...], Any]:
    rows = bind(unstack_, x)

    def back(gs: Sequence[Any]) -> list[Any]:
        return [np.stack([np.zeros(r.shape, r.dtype) if g is None else g for g, r in zip(gs, rows, strict=True)])]

    return rows, back


# the rows of an array all at once: one cotangent is put together from theirs, instead of one whole array a row
unstack_: Primitive = register(
    Primitive(
        "unstack",
        lambda x: tuple([x[i] for i in range(x.shape[0])]),
        pullback=_unstack_pullback,
        pushforward=lambda ts, x: (bind(unstack_, x), bind(unstack_, ts[0])),
        batch=lambda args, batched: bind(unstack_, np.moveaxis(args[0], 1, 0)),
        emit=Emit(lambda x: f"tuple({x})", kind="view"),
    )
)

Widths = tuple[tuple[int, int], ...]


def _pad_transpose(g: Any, ans: Any, x: Any, widths: Widths) -> Any:
    return g[tuple([slice(low, low + n) for (low, _), n in zip(widths, x.shape, strict=True)])]


def _pad_batch(args: Sequence[Any], batched: Sequence[bool], widths: Widths) -> Any:
    return bind(pad_, args[0], widths=((0, 0), *widths))


def _pad_into(out: str, x: str, widths: Widths) -> str:
    inside = ", ".join([f"{low}:{-high or None}" for low, high in widths])
    return f"{out}.fill(0); np.copyto({out}[{inside}], {x})" if widths else f"np.copyto({out}, {x})"


pad_ = linear(
    "pad",
    lambda x, widths: np.pad(x, widths) if widths else x,
    _pad_transpose,
    batch=_pad_batch,
    emit=Emit(lambda x, widths: f"np.pad({x}, {widths})" if widths else x, _pad_into, "pad"),
)


@implements(np.concatenate)
def concatenate(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `concatenate`."""
    refuse("concatenate", out=out, casting=None if casting == "same_kind" else casting)
    arrays = [x if hasattr(x, "dtype") else np.asarray(x) for x in arrays]
    if axis is None:
        arrays, axis = [x.reshape(-1) for x in arrays], 0
    if dtype is not None:
        arrays = [x.astype(dtype) for x in arrays]
    axis = one_axis(axis, arrays[0].ndim)
    starts = tuple(accumulate([x.shape[axis] for x in arrays[:-1]], initial=0))
    return bind(concatenate_, *arrays, axis=axis, starts=starts)


@implements(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `stack`."""
    arrays = [x if hasattr(x, "dtype") else np.asarray(x) for x in arrays]
    if len({x.shape for x in arrays}) != 1:
        raise ArgumentError(f"stack: all arrays must have one shape, got {[x.shape for x in arrays]}")
    axis = one_axis(axis, arrays[0].ndim + 1)
    return concatenate([np.expand_dims(x, axis) for x in arrays], axis, out, dtype=dtype, casting=casting)


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """NumPy's `atleast_1d`."""
    made = tuple([np.reshape(x, (1,)) if np.ndim(x) == 0 else x for x in arys])
    return made[0] if len(made) == 1 else made


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `hstack`."""
    refuse("hstack", casting=None if casting == "same_kind" else casting)
    arrays = [atleast_1d(x if hasattr(x, "dtype") else np.asarray(x)) for x in tup]
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1, dtype=dtype)


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    """NumPy's `vstack`."""
    refuse("vstack", casting=None if casting == "same_kind" else casting)
    arrays = [atleast_1d(x if hasattr(x, "dtype") else np.asarray(x)) for x in tup]
    return concatenate([np.expand_dims(x, 0) if x.ndim == 1 else x for x in arrays], 0, dtype=dtype)


@implements(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """NumPy's `split`."""
    axis = one_axis(axis, ary.ndim)
    length = ary.shape[axis]
    if isinstance(indices_or_sections, (int, np.integer)):
        if indices_or_sections < 1 or length % indices_or_sections:
            raise ArgumentError(f"split: {length} elements do not divide into {indices_or_sections} equal parts")
        step = length // indices_or_sections
        cuts = [step * k for k in range(1, indices_or_sections)]
    else:
        cuts = list(indices_or_sections)
    before = (slice(None),) * axis
    return [ary[(*before, slice(a, b))] for a, b in zip([0, *cuts], [*cuts, length], strict=True)]


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    """NumPy's `pad` with mode="constant"."""
    fill = options.pop("constant_values", 0)
    if mode != "constant" or options:
        raise MissingRuleError(
            f"pad: mode={mode!r} has no derivative rule yet; pad by np.concatenate, or use mode='constant'"
        )
    widths = tuple([(int(a), int(b)) for a, b in np.broadcast_to(pad_width, (array.ndim, 2))])
    padded = bind(pad_, array, widths=widths)
    if np.ndim(fill) == 0 and not isinstance(fill, np.ndarray) and fill == 0:
        return padded
    return padded + np.pad(np.zeros(array.shape, array.dtype), widths, constant_values=fill)
