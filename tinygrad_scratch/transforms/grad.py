"""Reverse mode.

The tape is a list of entries in order of execution. Each value on it has a slot, a number that only grows. The
backward pass walks the entries in reverse and keeps one cotangent a slot, so there is no recursion and no sorting.

Operations, their static arguments and the entries stand in three lists, so that an entry is a tuple of arrays and
numbers alone: the garbage collector stops looking at such tuples, and a tape of a million operations does not slow it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import DtypeError, ShapeError
from ..core.primitive import Primitive
from ..core.trace import Trace, Traced, bind, evaluate, misfit, run
from ..ops.arithmetic import stop_gradient as stop_gradient_
from ..ops.families import unbroadcast
from ..tensor import Tensor, tensor
from .arguments import cotangents_like, differentiable, replace, select, strip

# which argument is active (an int; a tuple if several are), its slot (a tuple of slots), slot of the answer, answer,
# arguments
Entry = tuple[Any, Any, Any, Any, tuple[Any, ...]]


class Tape(Trace):
    """Records what is done to the values that are to be differentiated. A Tensor of it has its slot as `note`."""

    name = "grad"

    def __init__(self, inputs: Sequence[Any]) -> None:
        Trace.__init__(self)
        self.prims: list[Primitive] = []
        self.attrs: list[dict[str, Any]] = []
        self.entries: list[Entry] = []
        self.inputs = []
        for i, x in enumerate(inputs):
            made = Tensor()
            made.value, made.trace, made.note = x, self, i
            self.inputs.append(made)
        self.size = len(inputs)  # slots given out

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        which: Any
        slot: Any
        values: tuple[Any, ...]
        if self.hook is not None:
            prim = self.hook(prim)
        count = len(args)
        if count == 2:  # the two usual cases are spelt out for speed
            x, y = args
            if type(x) is Tensor and x.trace is self:
                if type(y) is Tensor and y.trace is self:
                    which, slot, x, y = (0, 1), (x.note, y.note), x.value, y.value
                else:
                    which, slot, x = 0, x.note, x.value
            else:
                which, slot, y = 1, y.note, y.value
            values = (x, y)
            plain = not (isinstance(x, Traced) or isinstance(y, Traced))
        elif count == 1:
            x = args[0]
            which, slot, x = 0, x.note, x.value
            values = (x,)
            plain = not isinstance(x, Traced)
        else:
            which = tuple([i for i, a in enumerate(args) if type(a) is Tensor and a.trace is self])
            slot = tuple([args[i].note for i in which])
            values = tuple([a.value if type(a) is Tensor and a.trace is self else a for a in args])
            plain = False
        if plain and prim.usual:
            try:
                ans = prim.impl(*values, **attrs) if attrs else prim.impl(*values)
            except ValueError as error:
                raise misfit(prim, values, error) from error
        elif prim.pullback is not None:
            return self._record_whole(prim, which, slot, values, attrs)
        else:
            ans = evaluate(prim, values, attrs)
            if prim.constant:
                return ans
        out = self.size
        self.size = out + 1
        self.prims.append(prim)
        self.attrs.append(attrs)
        self.entries.append((which, slot, out, ans, values))
        made = Tensor()
        made.value, made.trace, made.note = ans, self, out
        return made

    def _record_whole(
        self, prim: Primitive, which: Any, slot: Any, values: tuple[Any, ...], attrs: dict[str, Any]
    ) -> Any:
        """Record an operation with several answers; its cotangents come from one call, `back`."""
        answers, back = prim.pullback(*values, **attrs)  # type: ignore[misc]
        out = tuple(range(self.size, self.size + len(answers)))
        self.size += len(answers)
        self.prims.append(prim)
        self.attrs.append(attrs)
        self.entries.append((which, slot, out, back, ()))
        return tuple([tensor(a, self, i) for a, i in zip(answers, out, strict=True)])

    def backward(self, seeds: dict[int, Any], keep: bool) -> list[Any]:
        """The cotangents of the inputs, given those of some answers (by slot).

        Without `keep` the tape is given back as it is walked.
        """
        cotangents: list[Any] = [None] * self.size
        for slot, seed in seeds.items():
            cotangents[slot] = seed
        prims, all_attrs, entries = self.prims, self.attrs, self.entries
        if keep:
            prims, all_attrs, entries = prims.copy(), all_attrs.copy(), entries.copy()
        while entries:
            prim = prims.pop()
            attrs = all_attrs.pop()
            which, slot, out, ans, values = entries.pop()
            if type(out) is tuple:
                _backward_whole(which, slot, out, ans, cotangents)
                continue
            g = cotangents[out]
            if g is None:
                continue
            cotangents[out] = None
            if type(which) is int:
                rule = prim.vjps[which]
                if rule is None:
                    continue
                if attrs:
                    part = rule(g, ans, *values, **attrs)
                elif len(values) == 1:
                    part = rule(g, ans, values[0])
                elif len(values) == 2:
                    part = rule(g, ans, values[0], values[1])
                else:
                    part = rule(g, ans, *values)
                if prim.broadcasts and (part.shape != values[which].shape or part.dtype is not values[which].dtype):
                    part = unbroadcast(part, values[which])
                known = cotangents[slot]
                cotangents[slot] = part if known is None else known + part
                continue
            for i, s in zip(which, slot, strict=True):
                rule = prim.vjps[i]
                if rule is not None:
                    part = rule(g, ans, *values, **attrs)
                    part = unbroadcast(part, values[i]) if prim.broadcasts else part
                    _add(cotangents, s, part)
        return cotangents[: len(self.inputs)]


def _add(cotangents: list[Any], slot: int, part: Any) -> None:
    known = cotangents[slot]
    cotangents[slot] = part if known is None else known + part


def _backward_whole(
    which: Any, slot: Any, outs: tuple[int, ...], back: Callable[..., Any], cotangents: list[Any]
) -> None:
    gs = [cotangents[out] for out in outs]
    cotangents[outs[0] : outs[-1] + 1] = [None] * len(outs)
    if all(g is None for g in gs):
        return
    parts = back(gs)
    pairs = [(which, slot)] if type(which) is int else zip(which, slot, strict=True)
    for i, s in pairs:
        if parts[i] is not None:
            _add(cotangents, s, parts[i])


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function `(*args) -> (f(*args), gradient)`, for f with a scalar answer.

    argnums   which argument the gradient is for (a tree like it), or several (a tuple of such trees)
    has_aux   f returns (answer, aux); the new function returns ((answer, aux), gradient)

    Raises ShapeError if f's answer is no scalar, DtypeError if an argument is not made of floats.
    Source: reverse mode as in Griewank and Walther, Evaluating Derivatives, 2nd ed., section 3.2.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> value, (dw, db) = tg.value_and_grad(lambda w, b, x: np.sum((x @ w + b) ** 2), argnums=(0, 1))(
    ...     np.array([1.0, 2.0]), 0.5, np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> float(value), dw, float(db)
    (8.5, array([3., 5.]), 8.0)
    """

    @wraps(f)
    def with_gradient(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = tree.flatten(select(args, argnums, "grad"))
        values = differentiable(leaves, structure, "grad", argnums)
        tape = Tape(values)
        out = run(tape, f, replace(args, argnums, tree.unflatten(structure, tape.inputs)), kwargs)
        if has_aux:
            out, aux = _pair(out)
        if type(out) is not Tensor or out.shape != ():
            _require_scalar(out)
        if type(out) is Tensor and out.trace is tape:
            out, seed = out.value, out.note
            cotangents = tape.backward({seed: _one(out.dtype.char)}, keep=False)
        else:  # does not depend on these arguments
            cotangents = [None] * len(values)
        gradient = tree.unflatten(structure, finish(cotangents, values))
        return ((out, strip(aux, tape)) if has_aux else out), gradient

    return with_gradient


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The gradient of a function with a scalar answer: `(*args) -> gradient`, or `(gradient, aux)` with has_aux.

    As `value_and_grad`, without the value.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> bool(tg.grad(tg.grad(np.sin))(1.0) == -np.sin(1.0))
    True
    >>> tg.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 3.0})
    {'a': np.float64(3.0), 'b': np.float64(2.0)}
    """
    both = value_and_grad(f, argnums, has_aux)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, g = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return gradient


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """`f(*primals)` and the function that pulls a cotangent of it back: `out, vjp_fn`, or `out, vjp_fn, aux`.

    `vjp_fn(g)` takes a tree like `out` and returns a tuple with one tree a primal: g^T J. It may be called many times.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> out, vjp_fn = tg.vjp(lambda x: x ** 2, np.array([1.0, 2.0, 3.0]))
    >>> vjp_fn(np.array([1.0, 0.0, 1.0]))
    (array([2., 0., 6.]),)
    """
    leaves, structure = tree.flatten(primals)
    values = differentiable(leaves, structure, "vjp", range(len(primals)))
    tape = Tape(values)
    out = run(tape, f, tree.unflatten(structure, tape.inputs), {})
    if has_aux:
        out, aux = _pair(out)
    outs, out_structure = tree.flatten(out)
    answers = strip(outs, tape)

    def vjp_fn(g: Any) -> tuple[Any, ...]:
        gs = cotangents_like(g, answers, out_structure)
        seeds: dict[int, Any] = {}
        for o, part in zip(outs, gs, strict=True):
            if type(o) is Tensor and o.trace is tape:
                seeds[o.note] = seeds[o.note] + part if o.note in seeds else part
        cotangents = tape.backward(seeds, keep=True)
        return tree.unflatten(structure, finish(cotangents, values, gs))  # type: ignore[no-any-return]

    answer = tree.unflatten(out_structure, answers)
    return (answer, vjp_fn, strip(aux, tape)) if has_aux else (answer, vjp_fn)


@cache
def _one(char: str) -> Any:
    """The number 1 in a dtype."""
    return np.dtype(char).type(1)


def finish(cotangents: Sequence[Any], values: Sequence[Any], others: Sequence[Any] = ()) -> list[Any]:
    """The cotangents of the inputs, as arrays that the caller may keep and change: no views, none given twice."""
    made: list[Any] = []
    taken = set(map(id, others)) if others else set()
    for g, x in zip(cotangents, values, strict=True):
        if g is None:
            g = np.zeros(x.shape, x.dtype)
        elif g.shape != x.shape:
            raise ShapeError(
                f"grad: a rule gave a cotangent of shape {g.shape} for an input of shape {x.shape}; mend that rule"
            )
        elif g.dtype is not x.dtype:
            g = g.astype(x.dtype, copy=False)
        if type(g) is np.ndarray:
            if g.base is not None or id(g) in taken:
                g = g.copy()
            taken.add(id(g))
        made.append(g)
    return made


def stop_gradient(x: Any) -> Any:
    """`x` (any tree) as a constant: its derivative is zero in every transformation that differentiates.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> float(tg.grad(lambda x: x * tg.stop_gradient(x))(3.0))
    3.0
    """
    return tree.map(lambda leaf: bind(stop_gradient_, leaf), x)


def _pair(out: Any) -> tuple[Any, Any]:
    if not isinstance(out, tuple) or len(out) != 2:
        raise DtypeError(f"grad: with has_aux=True the function must return (answer, aux), got {type(out).__name__}")
    return out


def _require_scalar(out: Any) -> None:
    shape = getattr(out, "shape", None) if not isinstance(out, float) else ()
    if shape is None:
        raise DtypeError(f"grad: the function returned {type(out).__name__}, expected a float scalar")
    if shape != ():
        raise ShapeError(
            f"grad: the function returned shape {shape}, expected a scalar (). Reduce it, for example by np.sum, "
            "or use tg.jacrev for all its derivatives."
        )
    if not isinstance(out, float) and out.dtype.kind != "f":
        raise DtypeError(
            f"grad: the function returned dtype {out.dtype}, expected a real float: its derivative is not defined"
        )
