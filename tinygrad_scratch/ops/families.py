"""The builders: from one line of mathematics they derive both modes and the batch rule.

`elementwise`  ans[k] = f(x[k], y[k], ...): from the partial derivatives
`linear`       linear in each argument, or in all of them together: from the transposes
`reduction`    d ans = sum(weight * dx) along the axes: from the weights
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.primitive import UFUNCS, EachArgument, Emit, Primitive, Rule, register
from ..core.trace import bind

Axes = tuple[int, ...]


def elementwise(
    name: str,
    impl: Callable[..., Any],
    *partials: Rule | None,
    symbol: str = "",
    emit: Emit | None = None,
    selects: bool = False,
) -> Primitive:
    """An operation on each element, with NumPy's broadcasting.

    `partials[i](g, ans, *args)` is g times d ans / d args[i], linear in g; None if argument i has no derivative; no
    partials at all if the operation is piecewise constant. They serve both modes, as the Jacobian is diagonal. Complex
    numbers: that is g f'(x) of a holomorphic f, without a conjugate; where argument or answer is real, and the other
    complex, d ans = Re(c dx) or c dx has the partial g c, of which the real part is taken.
    `symbol` is Python's operator for it; `emit` says how compiled programs write an `impl` that is neither a ufunc nor
    written in operations that Tensors have; `selects`, that each element of the answer is one of the arguments'.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> softsign = tg.elementwise("softsign", lambda x: x / (1 + np.abs(x)), lambda g, ans, x: g / (1 + np.abs(x)) ** 2)
    >>> float(tg.grad(softsign)(1.0))
    0.25
    """

    def jvp(ts: Sequence[Any], ans: Any, *args: Any) -> Any:
        terms = [rule(t, ans, *args) for rule, t in zip(partials, ts, strict=True) if rule and t is not None]
        return broadcast_like(add_up(terms), ans) if terms else np.zeros(ans.shape, ans.dtype)

    def batch(args: Sequence[Any], batched: Sequence[bool]) -> Any:
        return bind(prim, *align(args, batched))

    emit = _ufunc_emit(impl.__name__, symbol) if isinstance(impl, np.ufunc) else emit
    composite = emit is None or emit.kind == "apply"
    fitted = len(partials) > 1 or not isinstance(impl, np.ufunc)
    prim = Primitive(
        name, impl, partials, jvp, batch, broadcasts=fitted, emit=emit, composite=composite, elementwise=True,
        selects=selects,
    )  # fmt: skip
    register(prim)
    if isinstance(impl, np.ufunc):
        UFUNCS.setdefault(impl, prim)  # that ufunc on a Tensor leads here from now on, unless it had a rule before
    return prim


def _ufunc_emit(name: str, symbol: str) -> Emit:
    def text(*xs: str) -> str:
        if not symbol:
            return f"np.{name}({', '.join(xs)})"
        xs = tuple([f"({x})" if x.startswith("-") else x for x in xs])
        return f" {symbol} ".join(xs) if len(xs) == 2 else f"abs({xs[0]})" if symbol == "abs" else f"{symbol}{xs[0]}"

    keyword = "out=" if name in ("maximum", "minimum") else ""  # of these NumPy does not like it by position
    return Emit(text, lambda out, *xs: f"np.{name}({', '.join(xs)}, {keyword}{out})", "ufunc", symbol)


def called(function: Callable[..., Any], kind: str = "", out: bool = False) -> Emit:
    """How compiled programs write an operation that is a function of its own, which may have an argument `out`."""

    def text(*xs: str, **attrs: Any) -> str:
        return f"{function.__name__}({', '.join([*xs, *[f'{k}={v!r}' for k, v in attrs.items()]])})"

    def into(out: str, *xs: str, **attrs: Any) -> str:
        return f"{text(*xs, **attrs)[:-1]}, out={out})"

    return Emit(text, into if out else None, kind, function=function)


def linear(
    name: str,
    impl: Callable[..., Any],
    *transposes: Rule,
    batch: Rule | None = None,
    variadic: bool = False,
    jointly: bool = False,
    emit: Emit | None = None,
) -> Primitive:
    """An operation that is linear in each argument (`jointly`: in all of them together, as concatenation is).

    `transposes[i](g, ans, *args, **attrs)` takes the cotangent of the answer to that of argument i. `variadic`: there
    is one rule for any number of arguments, see `EachArgument`. The tangent of the answer is the operation itself.
    Without `batch`, an attribute `axis`, which must count from the front, is moved by the batch axis; an operation that
    has no such attribute is batched by a loop.
    """

    def jvp(ts: Sequence[Any], ans: Any, *args: Any, **attrs: Any) -> Any:
        if jointly:
            whole = [np.zeros(x.shape, x.dtype) if t is None else t for t, x in zip(ts, args, strict=True)]
            return bind(prim, *whole, **attrs)
        return add_up([
            bind(prim, *args[:i], t, *args[i + 1 :], **attrs) for i, t in enumerate(ts) if t is not None
        ])  # fmt: skip

    vjps = EachArgument(transposes[0]) if variadic else list(transposes)
    prim = Primitive(name, impl, vjps, jvp, emit=emit)
    prim.batch = batch or behind_batch_axis(prim)
    return register(prim)


def reduction(
    name: str, impl: Callable[..., Any], weight: Callable[[Any, Any, Any], Any], emit: Emit | None = None
) -> Primitive:
    """A function of the elements along `axis` (None, or axes from the front) with d ans = sum(weight * dx).

    `weight(ans, x, axis)` gets `ans` with the reduced axes kept as 1.
    """

    def vjp(g: Any, ans: Any, x: Any, axis: Axes | None = None, keepdims: bool = False) -> Any:
        kept = kept_shape(x.shape, axis)
        return g.reshape(kept) * weight(ans.reshape(kept), x, axis)

    def jvp(ts: Sequence[Any], ans: Any, x: Any, axis: Axes | None = None, keepdims: bool = False) -> Any:
        w = weight(ans.reshape(kept_shape(x.shape, axis)), x, axis)
        return np.sum(ts[0] * w, axis=axis, keepdims=keepdims)

    prim = Primitive(name, impl, [vjp], jvp, emit=emit, composite=emit is None)
    prim.batch = behind_batch_axis(prim)
    return register(prim)


def behind_batch_axis(prim: Primitive) -> Rule:
    """The batch rule of an operation along `axis`: the same, one axis further on; None means all but the batch's.

    Without an attribute `axis` the batch is run as a loop.
    """

    def batch(args: Sequence[Any], batched: Sequence[bool], **attrs: Any) -> Any:
        if "axis" not in attrs:
            return NotImplemented
        axis = attrs.pop("axis")
        if axis is None:
            axis = tuple(range(1, args[0].ndim))
        else:
            axis = tuple(a + 1 for a in axis) if isinstance(axis, tuple) else axis + 1
        return bind(prim, *with_batch_axis(args, batched), axis=axis, **attrs)

    return batch


def with_batch_axis(args: Sequence[Any], batched: Sequence[bool]) -> list[Any]:
    """All arguments with a batch axis in front, as views where they had none."""
    if all(batched):
        return list(args)
    size = batch_size(args, batched)
    return [x if b else np.broadcast_to(x, (size, *np.shape(x))) for x, b in zip(args, batched, strict=True)]


def batch_size(args: Sequence[Any], batched: Sequence[bool]) -> int:
    """The length of the batch axis."""
    return next(int(x.shape[0]) for x, b in zip(args, batched, strict=True) if b)


def align(args: Sequence[Any], batched: Sequence[bool]) -> list[Any]:
    """Arguments for an operation that broadcasts: axes of length 1 behind the batch axis make all ranks equal."""
    rank = max(np.ndim(x) - b for x, b in zip(args, batched, strict=True))
    return [_with_rank(x, rank) if b else x for x, b in zip(args, batched, strict=True)]


def _with_rank(x: Any, rank: int) -> Any:
    missing = rank + 1 - x.ndim
    return x.reshape(x.shape[0], *(1,) * missing, *x.shape[1:]) if missing else x


def add_up(terms: Sequence[Any]) -> Any:
    """The sum of one or more terms."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def unbroadcast(g: Any, x: Any) -> Any:
    """`g` summed over the axes along which `x` was broadcast, in the dtype of `x`."""
    if g.shape != x.shape:
        lead = g.ndim - x.ndim
        stretched = [lead + i for i, n in enumerate(x.shape) if n == 1 and g.shape[lead + i] != 1]
        g = g.sum(axis=(*range(lead), *stretched)).reshape(x.shape)
    return in_dtype(g, x)


def broadcast_like(t: Any, ans: Any) -> Any:
    """`t` in the shape and dtype of `ans`."""
    if t.shape != ans.shape:
        t = bind(broadcast_to, t, shape=ans.shape)
    return in_dtype(t, ans)


def in_dtype(g: Any, x: Any) -> Any:
    """A cotangent or tangent in the dtype of `x`, its value: that of a real value is real."""
    if g.dtype == x.dtype:
        return g
    if g.dtype.kind == "c" and x.dtype.kind != "c":
        g = np.real(g)
    return g.astype(x.dtype, copy=False)


def _broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    if x.shape == ():  # what every loss asks for; np.broadcast_to takes six times as long
        return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))
    return np.broadcast_to(x, shape)


def _broadcast_batch(args: Sequence[Any], batched: Sequence[bool], shape: tuple[int, ...]) -> Any:
    x = _with_rank(args[0], len(shape))
    return bind(broadcast_to, x, shape=(x.shape[0], *shape))


broadcast_to = linear(
    "broadcast_to",
    _broadcast_to,
    lambda g, ans, x, shape: unbroadcast(g, x),
    batch=_broadcast_batch,
    emit=Emit(lambda x, shape: f"np.broadcast_to({x}, {shape})", kind="view"),
)


def kept_shape(shape: tuple[int, ...], axis: Axes | None) -> tuple[int, ...]:
    """`shape` with 1 in place of the reduced axes."""
    if axis is None:
        return (1,) * len(shape)
    return tuple([1 if i in axis else n for i, n in enumerate(shape)])
