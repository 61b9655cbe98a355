"""Padding, in all of NumPy's modes.

Like NumPy's, it goes axis by axis, so that the corners are made of what the axes before have added. Each mode says what
stands before and behind an array along one axis; modes that copy elements ask NumPy which, by padding the positions
0, 1, ..., n - 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import ArgumentError, DtypeError, MissingRuleError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import Traced, bind
from .arguments import as_array, part, require_differences, require_real
from .families import linear

Width = tuple[int, int]  # before and behind
Widths = tuple[Width, ...]


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


Sides = tuple[Any, Any]  # what stands before and behind


def _constant(x: Any, axis: int, width: Width, values: Any, mode: Any) -> Sides:
    return _spread(x, axis, width, (values[0], values[1]))


def _spread(x: Any, axis: int, width: Width, values: Sides) -> Sides:
    """Two values, each numbers or of length 1 along `axis`, over the width of their sides and in the dtype of x."""
    low, high = [
        np.broadcast_to(value.astype(x.dtype), (*x.shape[:axis], count, *x.shape[axis + 1 :]))
        for value, count in zip(values, width, strict=True)
    ]
    return low, high


def _copied(x: Any, axis: int, width: Width, option: Any, mode: Any) -> Sides:
    places = np.pad(np.arange(x.shape[axis]), width, mode)
    return np.take(x, places[: width[0]], axis), np.take(x, places[len(places) - width[1] :], axis)


def _reflected(x: Any, axis: int, width: Width, kinds: Any, mode: Any) -> Sides:
    kind = str(kinds[0])
    if kind not in ("even", "odd"):
        raise ArgumentError(f"pad: reflect_type={kind!r}, expected 'even' or 'odd'{user_line()}")
    odd = kind == "odd" and x.shape[axis] > 1
    if odd:
        require_differences("pad, reflect_type='odd'", x)
    return (_reflected_odd if odd else _copied)(x, axis, width, None, mode)


def _reflected_odd(x: Any, axis: int, width: Width, option: Any, mode: Any) -> Sides:
    """c x[i] + a x[0] + b x[-1], where x[i] is the even kind. NumPy tells a and b; constants stay, so a + b + c = 1."""
    n = x.shape[axis]
    first, last = np.eye(1, n, 0, int)[0], np.eye(1, n, n - 1, int)[0]
    a, b = [np.pad(edge, width, mode, reflect_type="odd") for edge in (first, last)]
    c = 1 - a - b

    def side(copy: Any, where: slice) -> Any:
        parts = zip((copy, x[part(axis, slice(1))], x[part(axis, slice(n - 1, n))]), (c, a, b), strict=True)
        tail = (1,) * (x.ndim - axis - 1)
        return sum(y * k[where].reshape(-1, *tail).astype(x.dtype) for y, k in parts)

    low, high = _copied(x, axis, width, None, mode)
    return side(low, slice(width[0])), side(high, slice(len(c) - width[1], len(c)))


def _ramped(x: Any, axis: int, width: Width, ends: Any, mode: Any) -> Sides:
    edges = [x[part(axis, i)] for i in (0, -1)]
    low, high = [
        np.linspace(ends[i], edges[i], n, endpoint=False, dtype=x.dtype, axis=axis) for i, n in enumerate(width)
    ]
    return low, np.flip(high, axis)


_STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max, "mean": np.mean, "median": np.median, "minimum": np.min
}  # fmt: skip


def _summarized(x: Any, axis: int, width: Width, lengths: Any, mode: Any) -> Sides:
    n = x.shape[axis]
    low, high = [n if length is None else min(int(length), n) for length in lengths]
    values = [_STATISTICS[mode](x[part(axis, i)], axis=axis, keepdims=True) for i in (slice(low), slice(n - high, n))]
    first, last = [np.round(value) if x.dtype.kind in "iu" else value for value in values]
    return _spread(x, axis, width, (first, last))


class _Mode(NamedTuple):
    sides: Callable[..., Sides]
    option: str = ""  # the keyword argument that goes with it
    default: Any = None


_MODES = {
    "constant": _Mode(_constant, "constant_values", 0),
    "edge": _Mode(_copied),
    "empty": _Mode(_constant, default=0),  # NumPy promises no values there
    "linear_ramp": _Mode(_ramped, "end_values", 0),
    "reflect": _Mode(_reflected, "reflect_type", "even"),
    "symmetric": _Mode(_reflected, "reflect_type", "even"),
    "wrap": _Mode(_copied),
    **{mode: _Mode(_summarized, "stat_length") for mode in _STATISTICS},
}


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """NumPy's `pad`. Values to pad with (`constant_values`, `end_values`) may be Tensors; `mode` is no function."""
    if callable(mode):
        raise MissingRuleError(
            f"pad: a function as mode= fills arrays in place, which Tensors do not allow{user_line()}; join the parts "
            "by np.concatenate"
        )
    if mode not in _MODES:
        raise ArgumentError(f"pad: mode={mode!r}, expected one of {', '.join(map(repr, _MODES))}{user_line()}")
    chosen = _MODES[mode]
    array = as_array(array)
    widths = _widths(pad_width, array.ndim)
    option = options.pop(chosen.option, chosen.default)
    if chosen.option.endswith("values"):  # numbers to pad with
        option = as_array(option)
        if array.dtype.kind != "c":
            require_real(f"pad, {chosen.option}", option)
    if options:
        raise ArgumentError(f"pad: mode={mode!r} takes no {next(iter(options))}={user_line()}")
    if chosen.sides is _constant and not isinstance(option, Traced):
        padded = bind(pad_, array, widths=widths)
        fill = np.pad(np.zeros(array.shape, array.dtype), widths, constant_values=option) if np.any(option) else None
        return padded if fill is None else padded + fill
    for axis, width in enumerate(widths):
        if any(width):
            if array.shape[axis] == 0 and chosen.sides is not _constant:
                raise ArgumentError(f"pad: mode={mode!r} has nothing to pad the empty axis {axis} with{user_line()}")
            pair = np.broadcast_to(option, (array.ndim, 2))[axis]
            low, high = chosen.sides(array, axis, width, pair, mode)
            array = np.concatenate([low, array, high], axis)
    return array


def _widths(pad_width: Any, ndim: int) -> Widths:
    """`pad_width` with one pair an axis."""
    if isinstance(pad_width, dict):
        pairs = np.zeros((ndim, 2), int)
        for axis, width in pad_width.items():
            pairs[axis] = width
        pad_width = pairs
    given = np.asarray(pad_width)
    if given.dtype.kind not in "iu" and given.size:
        raise DtypeError(f"pad: pad_width must hold integers, got {given.dtype}{user_line()}")
    if np.any(given < 0):
        raise ArgumentError(f"pad: pad_width={pad_width} holds a negative number{user_line()}")
    return tuple([(int(low), int(high)) for low, high in np.broadcast_to(given, (ndim, 2))])
