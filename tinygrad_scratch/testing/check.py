"""check_grads and check_gradient: whether a derivative is right, wrong, or nobody can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, GradientError, UndecidedError, user_line
from ..core.trace import Traced
from ..transforms.arguments import normal, replace, select
from ..transforms.grad import vjp
from . import claims
from .claims import Claim, Reverse
from .level import Level
from .places import Array
from .report import Report
from .subject import Subject, quiet


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("rev", "fwd"),
    seed: int = 0,
) -> Report:
    """Raise GradientError unless the derivatives of `f` at `args` are right, in both modes, and theirs, up to `order`.

    Arguments and answer are any trees of floats, real or complex (a complex number is checked as two real ones). For
    random directions t and cotangents g, J t of forward mode (jvp) is compared with a numerical reference, and g^T J t
    of reverse mode (vjp) with g times that; then the same for the vjp of f itself. Tolerances come from the error that
    the reference knows of itself and from rounding, so that six wrong digits of sixteen fail and sin at 1e6 passes.
    Where f has a kink, its derivative must lie between the slopes of the two sides, and no higher order is checked.
    Arguments are checked in float64 where f takes that, and then as they are.

    Returns a Report of what was compared and how many digits agree. Raises GradientError, with the worst element
    and a guess at the cause, if a derivative is wrong; UndecidedError, a kind of it, with the reason, if nobody can
    tell: f is not deterministic, not finite, jumps, changes its arguments, or its rounding hides its slope.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> print(tg.testing.check_grads(lambda x: np.sum(np.sin(x) * x), (np.array([0.3, -1.0]),)))
    right: ... digits agree; ... numbers compared; references: ... by complex step, ... by extrapolation
    >>> wrong = tg.elementwise("wrong", lambda x: np.sin(x), lambda g, ans, x: -g * np.cos(x))
    >>> tg.testing.check_grads(wrong, (0.5,), order=1)
    Traceback (most recent call last):
        ...
    tinygrad_scratch.core.errors.GradientError: check_grads: reverse mode, order 1: the derivative by argument 0: found
    -0.87758..., expected 0.87758... within ...; 0.0 digits agree. The sign is wrong.
    """
    unknown = set(modes) - set(claims.BY_MODE)
    if unknown or not modes or not isinstance(order, int) or order < 1:
        raise ArgumentError(
            f"check_grads: order={order}, modes={modes!r}; order must be 1 or more, modes 'rev' or 'fwd'"
        )
    _require_arguments("check_grads", args)
    report, rng = Report(), np.random.default_rng(seed)
    with quiet():
        subject = Subject(f, args, "check_grads")
        for level in range(1, order + 1):

            def made(gs: list[Array], subject: Subject = subject) -> list[Claim]:
                return [claims.BY_MODE[mode](subject, gs) for mode in claims.BY_MODE if mode in modes]

            g, smooth = Level(subject, f"order {level}", rng, report).check(made)
            if level == order:
                break
            if not smooth:
                report.note(f"order {level + 1} was not checked: there is a kink at the arguments")
                break
            subject = _differentiated(subject, g)
    return report


def check_gradient(
    f: Callable[..., Any],
    gradient: Callable[..., Any],
    args: Sequence[Any],
    argnums: int | Sequence[int] = 0,
    seed: int = 0,
) -> Report:
    """Raise GradientError unless `gradient(*args)` is the gradient of the number `f(*args)`, whoever wrote it.

    It may be written by hand or come from another framework: arrays in, arrays out. As with `grad`, it is a tree like
    the argument that `argnums` names, or a tuple of such trees. Everything else is as in `check_grads`, at order 1.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> def loss(w, x):
    ...     return np.sum(np.tanh(x @ w) ** 2)
    >>> def backprop(w, x):
    ...     a = np.tanh(x @ w)
    ...     return x.T @ (2 * a * (1 - a))  # a planted bug: it should be 1 - a * a
    >>> w, x = np.array([0.5, -0.2]), np.array([[1.0, 2.0], [0.5, -1.0]])
    >>> tg.testing.check_gradient(loss, backprop, (w, x))
    Traceback (most recent call last):
        ...
    tinygrad_scratch.core.errors.GradientError: check_gradient: the gradient, order 1: the derivative by argument 0,
    element ... of shape (2,): found ..., expected ... within ...
    """
    what = "check_gradient"
    _require_arguments(what, args)
    argnums = normal(argnums, what)
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    chosen = [select(tuple(args), i, what) for i in numbers]
    report, rng = Report(), np.random.default_rng(seed)
    with quiet():
        subject = Subject(lambda *xs: f(*replace(tuple(args), numbers, xs)), chosen, what, numbers)
        if subject.answer.size != 1:
            raise UndecidedError(
                f"{what}: f gave {subject.answer.size} numbers, shaped {subject.answer.shapes}, expected one; sum them"
            )

        subject.lengths += [n for x in tree.leaves(tuple(args)) for n in np.shape(x)]

        def pull(xs: Any, g: Any) -> list[Any]:
            found = subject.call(
                lambda *ys: gradient(*replace(tuple(args), numbers, ys)), tree.leaves(xs), "the gradient"
            )
            parts, structure = tree.flatten((found,) if isinstance(argnums, int) else found)
            if structure != subject.inputs.structure:
                raise GradientError(
                    f"{what}: the gradient has the structure {structure}, expected {subject.inputs.structure}, that "
                    "of the arguments which argnums names"
                )
            arrays = [p if isinstance(p, Traced) else np.asarray(p) for p in parts]
            for part, array, path in zip(parts, arrays, subject.inputs.paths, strict=True):
                if array.dtype.kind not in "fiuc":
                    raise UndecidedError(f"{what}: the gradient of {path} is {part!r}, expected floats")
            (weight,) = tree.leaves(g)
            return [x * np.reshape(weight, ()) for x in arrays]

        def made(gs: list[Array]) -> list[Claim]:
            claim = Reverse(subject, gs[:1], pull)
            claim.mode = "the gradient"
            return [claim]

        Level(subject, "order 1", rng, report).check(made)
    return report


def _differentiated(subject: Subject, g: Array) -> Subject:
    """The gradient of <g, f> as the next function under test, of the cotangent g too."""
    args = (*subject.arguments(subject.point), subject.cotangent(g))
    numbers: tuple[int | str, ...] = (*range(len(args) - 1), "the cotangent")
    after = Subject(lambda *xs: vjp(subject.f, *xs[:-1])[1](xs[-1]), args, subject.what, numbers)
    after.analytic = False  # vjp takes no complex numbers
    return after


def _require_arguments(what: str, args: Any) -> None:
    """Raise ArgumentError unless there are arguments to differentiate by."""
    if not isinstance(args, (tuple, list)) or not tree.leaves(tuple(args)):
        raise ArgumentError(
            f"{what}: args is {args!r}{user_line()}, expected a tuple with an entry for each argument of f, as (x,) is"
        )
