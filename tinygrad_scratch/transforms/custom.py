"""Functions with a derivative given by the user: custom_vjp and custom_jvp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, MissingRuleError, ShapeError, user_line
from ..core.primitive import Primitive, register
from ..core.trace import Traced, bind
from ..ops.arithmetic import conj
from .arguments import has_derivative
from .grad import transposed
from .vmap import vmap


class _Call:
    """One call of a custom function: its rules, the structure of its arguments and, once it has run, of its answer."""

    def __init__(self, custom: custom_vjp | custom_jvp, structure: tree.Structure) -> None:
        self.custom = custom
        self.structure = structure
        self.out_structure: tree.Structure | None = None

    def args(self, leaves: Sequence[Any]) -> Any:
        return tree.unflatten(self.structure, leaves)

    def outs(self, out: Any) -> tuple[Any, ...]:
        leaves, self.out_structure = tree.flatten(out)
        return tuple([x if hasattr(x, "dtype") else np.asarray(x)[()] for x in leaves])

    def answer(self, leaves: Sequence[Any]) -> Any:
        return tree.unflatten(self.out_structure, leaves)  # type: ignore[arg-type]


def _apply(prim: Primitive, custom: Any, args: tuple[Any, ...]) -> Any:
    leaves, structure = tree.flatten(args)
    if not any(isinstance(x, Traced) for x in leaves):
        return custom.f(*args)
    call = _Call(custom, structure)
    answers = bind(prim, *leaves, call=call)
    for a in answers:
        for inner in (a.value, a.note) if isinstance(a, Traced) else ():
            if isinstance(inner, Traced) and inner.trace.level > a.trace.level:
                raise ArgumentError(
                    f"{custom.name}: a function with a custom rule uses a Tensor of an inner transformation from "
                    f"outside its arguments{user_line()}; pass it as an argument"
                )
    return call.answer(answers)


class custom_vjp:
    """A function whose reverse rule the user gives: `defvjp(fwd, bwd)`.

    `fwd(*args) -> out, residuals` and `bwd(residuals, g) -> cotangents`, a tuple, one tree an argument, None for zero;
    of complex numbers they are as `vjp` takes and gives them. Only positional arguments, any trees. Forward mode is
    refused: it cannot be derived from a reverse rule; use `custom_jvp` where both are wanted.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> @tg.custom_vjp
    ... def clipped_gradient(x):
    ...     return x
    >>> clipped_gradient.defvjp(lambda x: (x, ()), lambda _, g: (np.clip(g, -1, 1),))
    >>> float(tg.grad(lambda x: 10 * clipped_gradient(x))(2.0))
    1.0
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        update_wrapper(self, f)
        self.f = f
        self.fwd: Callable[..., Any] | None = None
        self.bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Give the rule."""
        self.fwd, self.bwd = fwd, bwd

    @property
    def name(self) -> str:
        """The function's name, for errors."""
        return getattr(self.f, "__name__", "custom_vjp")

    def __call__(self, *args: Any) -> Any:
        if self.fwd is None:
            raise ArgumentError(f"custom_vjp: {self.name} was called before {self.name}.defvjp(fwd, bwd) gave its rule")
        return _apply(_custom_vjp, self, args)


def _vjp_pullback(wanted: Sequence[int], *leaves: Any, call: _Call) -> Any:
    custom: Any = call.custom
    args = call.args(leaves)
    made = custom.fwd(*args)
    if not isinstance(made, tuple) or len(made) != 2:
        raise ArgumentError(
            f"custom_vjp: fwd of {custom.name} must return (answer, residuals), got {type(made).__name__}"
        )
    out, residuals = made
    outs = call.outs(out)

    def back(gs: Sequence[Any]) -> list[Any]:
        whole = [np.zeros(o.shape, o.dtype) if g is None else conj(g) for g, o in zip(gs, outs, strict=True)]
        cotangents = _run_bwd(custom, len(args), residuals, call.answer(whole))
        return [
            leaf
            for i, (x, g) in enumerate(zip(args, cotangents, strict=True))
            for leaf in _cotangent(custom.name, i, x, g)
        ]

    return outs, back


def _cotangent(name: str, i: int, x: Any, g: Any) -> list[Any]:
    """The leaves of the cotangent of argument i, checked against it."""
    xs, structure = tree.flatten(x)
    if g is None:
        return [None] * len(xs)
    gs, g_structure = tree.flatten(g)
    if g_structure != structure:
        raise ArgumentError(
            f"custom_vjp: bwd of {name} gave structure {g_structure} for argument {i}, expected {structure}"
        )
    for leaf, value in zip(gs, xs, strict=True):
        if np.shape(leaf) != np.shape(value):
            raise ShapeError(
                f"custom_vjp: bwd of {name} gave shape {np.shape(leaf)} for argument {i}, expected {np.shape(value)}"
            )
    made = [
        g if hasattr(g, "dtype") else np.asarray(g, getattr(x, "dtype", float))[()] for g, x in zip(gs, xs, strict=True)
    ]
    return [conj(g) if np.iscomplexobj(x) else np.real(g) for g, x in zip(made, xs, strict=True)]


def _no_forward(ts: Sequence[Any], *leaves: Any, call: _Call) -> Any:
    raise MissingRuleError(
        f"{call.custom.name} has a custom_vjp, from which forward mode cannot be derived; "
        "define it with tg.custom_jvp, which serves both modes"
    )


def _run_bwd(custom: Any, count: int, residuals: Any, g: Any) -> Any:
    cotangents = custom.bwd(residuals, g)
    if not isinstance(cotangents, (tuple, list)) or len(cotangents) != count:
        raise ArgumentError(
            f"custom_vjp: bwd of {custom.name} must return a tuple of {count} cotangents, one an argument"
        )
    return cotangents


def _vjp_batch(args: Sequence[Any], batched: Sequence[bool], call: _Call) -> Any:
    """The same function of whole batches. Residuals that are no arrays, such as a shape, stay as they are."""
    custom: Any = call.custom
    axes = call.args([0 if b else None for b in batched])

    def fwd(*xs: Any) -> Any:
        others: list[Any] = []

        def one(*xs: Any) -> Any:
            out, residuals = custom.fwd(*xs)
            leaves, structure = tree.flatten(residuals)
            others[:] = [structure, [None if hasattr(x, "dtype") else x for x in leaves]]
            return out, [x for x in leaves if hasattr(x, "dtype")]

        out, arrays = vmap(one, axes)(*xs)
        return out, (arrays, *others)

    def bwd(residuals: Any, g: Any) -> Any:
        arrays, structure, others = residuals

        def one(arrays: Any, g: Any) -> Any:
            rest = iter(arrays)
            whole = tree.unflatten(structure, [next(rest) if x is None else x for x in others])
            return tuple(_run_bwd(custom, len(axes), whole, g))

        cotangents = vmap(one)(arrays, g)
        return tuple([_sum_unbatched(ct, axis) for ct, axis in zip(cotangents, axes, strict=True)])

    whole = custom_vjp(vmap(custom.f, axes))
    whole.defvjp(fwd, bwd)
    inner = _Call(whole, call.structure)
    answers = bind(_custom_vjp, *args, call=inner)
    call.out_structure = inner.out_structure
    return answers


def _sum_unbatched(ct: Any, axes: Any) -> Any:
    """The cotangent of an argument that the whole batch shares is the sum over the batch."""
    if ct is None:
        return None
    leaves, structure = tree.flatten(ct)
    flags = tree.broadcast(axes, ct, "custom_vjp")
    return tree.unflatten(
        structure, [np.sum(x, axis=0) if a is None else x for x, a in zip(leaves, flags, strict=True)]
    )


_custom_vjp = register(Primitive(
    "custom_vjp",
    lambda *leaves, call: call.outs(call.custom.f(*call.args(leaves))),
    pullback=_vjp_pullback,
    pushforward=_no_forward,
    batch=_vjp_batch,
    composite=True,
))  # fmt: skip


class custom_jvp:
    """A function whose forward rule the user gives: `defjvp(rule)`; reverse mode is its transpose.

    `rule(primals, tangents) -> out, tangent_out`, linear in the tangents. Only positional arguments, any trees.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> @tg.custom_jvp
    ... def log1pexp(x):
    ...     return np.log(1 + np.exp(x))
    >>> log1pexp.defjvp(lambda primals, ts: (log1pexp(*primals), ts[0] / (1 + np.exp(-primals[0]))))
    >>> float(tg.grad(log1pexp)(0.0))
    0.5
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        update_wrapper(self, f)
        self.f = f
        self.rule: Callable[..., Any] | None = None

    def defjvp(self, rule: Callable[..., Any]) -> None:
        """Give the rule."""
        self.rule = rule

    @property
    def name(self) -> str:
        """The function's name, for errors."""
        return getattr(self.f, "__name__", "custom_jvp")

    def __call__(self, *args: Any) -> Any:
        if self.rule is None:
            raise ArgumentError(f"custom_jvp: {self.name} was called before {self.name}.defjvp(rule) gave its rule")
        return _apply(_custom_jvp, self, args)


def _run_rule(custom: Any, primals: Any, tangents: Any) -> tuple[Any, Any]:
    made = custom.rule(primals, tangents)
    if not isinstance(made, tuple) or len(made) != 2:
        raise ArgumentError(
            f"custom_jvp: the rule of {custom.name} must return (out, tangent_out), got {type(made).__name__}"
        )
    (outs, structure), (ts, t_structure) = tree.flatten(made[0]), tree.flatten(made[1])
    shapes, t_shapes = [np.shape(x) for x in outs], [np.shape(t) for t in ts]
    if structure != t_structure or shapes != t_shapes:
        raise ShapeError(
            f"custom_jvp: the rule of {custom.name} gave a tangent like {t_structure} of shapes {t_shapes}, "
            f"expected {structure} of shapes {shapes}, as the answer has"
        )
    return made


def _zero(x: Any) -> Any:
    dtype = getattr(x, "dtype", np.dtype(float))
    return np.zeros(np.shape(x), dtype if has_derivative(dtype) else float)


def _jvp_pushforward(ts: Sequence[Any], *leaves: Any, call: _Call) -> Any:
    whole = [_zero(x) if t is None else t for t, x in zip(ts, leaves, strict=True)]
    out, tangent = _run_rule(call.custom, call.args(leaves), call.args(whole))
    return call.outs(out), tuple(tree.leaves(tangent))


def _jvp_pullback(wanted: Sequence[int], *leaves: Any, call: _Call) -> Any:
    def tangent_of(*ts: Any) -> Any:
        out, tangent = _run_rule(call.custom, call.args(leaves), call.args(ts))
        return tree.leaves(tangent), list(call.outs(out))

    _, back, outs = transposed(tangent_of, *[_zero(x) for x in leaves], has_aux=True)

    def whole(gs: Sequence[Any]) -> Any:
        return back([np.zeros(o.shape, o.dtype) if g is None else g for g, o in zip(gs, outs, strict=True)])

    return tuple(outs), whole


def _jvp_batch(args: Sequence[Any], batched: Sequence[bool], call: _Call) -> Any:
    custom: Any = call.custom
    axes = call.args([0 if b else None for b in batched])
    whole = custom_jvp(vmap(custom.f, axes))
    whole.defjvp(vmap(custom.rule, (axes, axes)))
    inner = _Call(whole, call.structure)
    answers = bind(_custom_jvp, *args, call=inner)
    call.out_structure = inner.out_structure
    return answers


_custom_jvp = register(Primitive(
    "custom_jvp",
    lambda *leaves, call: call.outs(call.custom.f(*call.args(leaves))),
    pullback=_jvp_pullback,
    pushforward=_jvp_pushforward,
    batch=_jvp_batch,
    composite=True,
))  # fmt: skip
