"""The primitive: one record that says all there is to know of an operation.

Rules are plain NumPy functions with one argument order everywhere: cotangent `g` or tangents
`ts` first, then the answer `ans`, then the arguments as the operation got them; static
arguments (`attrs`) by keyword. Because they are plain NumPy they run on arrays at full speed and
on Tensors through NumPy's protocols, so derivatives of derivatives need nothing more. Of complex numbers, too, a vjp is
the plain transpose, under Re(a b): nothing is conjugated that real mathematics does not conjugate (transforms/grad).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from .errors import ArgumentError, MissingRuleError
from .trace import bind

REGISTRY: dict[str, Primitive] = {}
UFUNCS: dict[Any, Primitive] = {}
FUNCTIONS: dict[Any, Callable[..., Any]] = {}

Rule = Callable[..., Any]


class Emit(NamedTuple):
    """How compiled programs write an operation.

    text    `text(*names, **attrs)`: the NumPy expression of it
    into    `into(out, *names, **attrs)`: the statement that writes the answer into the array `out`, if there is one
    kind    what a compiler may know of it beyond that: "ufunc", "apply" (a function of elements), "where", "cast",
    "same" (the argument itself), "view",
            "sum", "max", "min", "product", "gather", "scatter", "join", "fold", "positions"; "" for nothing
    symbol  Python's operator for it, which keeps Python numbers weak
    function  the function that `text` calls, where that is none of NumPy's
    """

    text: Callable[..., str]
    into: Callable[..., str] | None = None
    kind: str = ""
    symbol: str = ""
    function: Callable[..., Any] | None = None


class Primitive:
    """An operation with its rules.

    name      how it is called in graphs and errors
    impl      `impl(*args, **attrs)` on arrays; must not modify its arguments
    vjps      one rule an argument, `rule(g, ans, *args, **attrs) -> cotangent of that argument`, in its dtype;
              `None` for an argument without derivative; an empty sequence if the derivative is zero everywhere
    jvp       `jvp(ts, ans, *args, **attrs) -> tangent of ans`; `ts[i]` is None where argument i is constant
    batch     `batch(args, batched, **attrs)`: the operation on arguments of which those with `batched[i]` have a
              batch axis in front; the answer has it in front as well. None, or NotImplemented: a loop over the batch
    broadcasts  whether `impl` broadcasts its arguments: the backward pass then sums cotangents over the broadcast axes,
              and takes the real part of those of real arguments
    emit      how compiled programs write it; None: as a call of `impl`
    elementwise  whether each element of the answer depends on one element of each argument
    selects    whether elements of the answer are elements of the arguments, the others of which are then not used
    composite  whether `impl` is NumPy code that Tensors can run as well: a compiled program has its operations instead
    adds     `adds(total, g, ans, *args, **attrs)`: the cotangent of argument 0 added to the array `total` in place;
              for an operation that takes a small part of it, so that taking every part takes no square of the time

    An operation with several answers, a tuple, has instead of `vjps` and `jvp`
    pullback     `pullback(wanted, *args, **attrs) -> answers, back`; `back(gs) -> cotangents`, one an argument, None is
                 zero; only those of the arguments whose numbers are `wanted` are looked at
    pushforward  `pushforward(ts, *args, **attrs) -> answers, tangents`
    """

    __slots__ = (
        "adds", "batch", "broadcasts", "composite", "constant", "elementwise", "emit", "impl", "jvp", "name",
        "pullback", "pushforward", "selects", "usual", "vjps",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        impl: Callable[..., Any],
        vjps: Sequence[Rule | None] | EachArgument = (),
        jvp: Rule | None = None,
        batch: Rule | None = None,
        pullback: Rule | None = None,
        pushforward: Rule | None = None,
        broadcasts: bool = False,
        emit: Emit | None = None,
        composite: bool = False,
        adds: Rule | None = None,
        elementwise: bool = False,
        selects: bool = False,
    ) -> None:
        self.name = name
        self.impl = impl
        self.vjps = vjps if isinstance(vjps, EachArgument) else list(vjps)
        self.jvp = jvp
        self.batch = batch
        self.pullback = pullback
        self.pushforward = pushforward
        self.broadcasts = broadcasts
        self.emit = emit
        self.composite = composite
        self.adds = adds
        self.elementwise = elementwise
        self.selects = selects
        self.constant = pullback is None and not isinstance(vjps, EachArgument) and not any(vjps)
        self.usual = pullback is None and not self.constant

    def __call__(self, *args: Any, **attrs: Any) -> Any:
        return bind(self, *args, **attrs)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


class EachArgument:
    """The vjps of an operation with any number of arguments, all from one rule.

    `rule(wanted, g, ans, *args, **attrs)` gives a list with the cotangents of the arguments whose numbers are `wanted`.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __getitem__(self, i: int) -> Rule:
        return lambda *args, **attrs: self.rule((i,), *args, **attrs)[0]


def primitive(
    name: str,
    impl: Callable[..., Any],
    vjps: Sequence[Rule | None] | EachArgument = (),
    jvp: Rule | None = None,
    batch: Rule | None = None,
) -> Primitive:
    """Make an operation of your own and enter it in the registry. `Primitive` tells what each argument means.

    Use `elementwise` or `linear` where they fit: they derive most of the rules. An operation without `vjps` is
    taken as piecewise constant: its derivative is zero. A `jvp` is needed for forward mode.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> cube = tg.primitive(
    ...     "cube", lambda x: x ** 3,
    ...     vjps=[lambda g, ans, x: g * 3 * x ** 2],
    ...     jvp=lambda ts, ans, x: ts[0] * 3 * x ** 2)
    >>> float(tg.grad(cube)(2.0))
    12.0
    """
    return register(Primitive(name, impl, vjps, jvp, batch, composite=True))


def register(prim: Primitive) -> Primitive:
    """Enter `prim` in the registry."""
    if not prim.name.isidentifier():
        raise ArgumentError(f"primitive: the name {prim.name!r} is no Python identifier; choose one like 'my_op'")
    REGISTRY[prim.name] = prim
    return prim


def undefined(why: str) -> Rule:
    """A rule that is missing on purpose: raises `why` when it is asked for."""

    def rule(*args: Any, **attrs: Any) -> NoReturn:
        raise MissingRuleError(why)

    return rule


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: `functions` of NumPy, called on a Tensor, lead to this one, which takes the same arguments."""

    def enter(ours: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            FUNCTIONS[function] = ours
            UFUNCS.pop(function, None)  # instead of the primitive of that ufunc
        return ours

    return enter
