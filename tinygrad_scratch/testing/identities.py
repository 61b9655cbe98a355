"""What holds of derivatives without any finite difference, to the rounding of the two sides.

Such an identity is sharper than a reference where f is rough, but blind to an error that both sides share: an
adjoint pair of wrong rules is adjoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..compile.checkpoint import checkpoint
from ..compile.jit import jit
from ..core import tree
from ..core.errors import ArgumentError, GradientError, TinygradError, UndecidedError
from ..transforms.grad import vjp
from ..transforms.jvp import jvp
from ..transforms.vmap import vmap
from .claims import ROUNDINGS, SMALL, forward, reverse, rounding
from .directions import dense
from .places import Array, Places
from .report import Report
from .subject import Subject, quiet

Sides = Callable[[Array], tuple[Array, Array]]  # of the arguments; rows that are equal in sum


def check_identities(
    f: Callable[..., Any], args: Sequence[Any], identities: Sequence[str] | None = None, seed: int = 0
) -> Report:
    """Raise GradientError unless the derivatives of `f` at `args` agree with each other; `IDENTITIES` lists in what.

    Arguments and answer are trees of floats, real or complex. The tolerance is the rounding of both sides, which is
    measured where they differ. Returns a Report.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.testing.check_identities(lambda x, y: np.sum(np.tanh(x @ y)), (np.ones((2, 3)), np.ones(3))).comparisons > 6
    True
    """
    names = list(IDENTITIES) if identities is None else list(identities)
    if unknown := set(names) - set(IDENTITIES):
        raise ArgumentError(f"check_identities: {sorted(unknown)} unknown; there are {', '.join(IDENTITIES)}")
    report, rng = Report(), np.random.default_rng(seed)
    with quiet():
        subject = Subject(f, args, "check_identities")
        for name in names:
            _require_equal(subject, IDENTITIES[name](subject, rng), name, rng, report)
    return report


def _require_equal(subject: Subject, sides: Sides, name: str, rng: np.random.Generator, report: Report) -> None:
    left, right = sides(subject.point)
    a, b = np.sum(left, axis=-1), np.sum(right, axis=-1)
    if not (np.all(np.isfinite(a)) or np.all(np.isfinite(b))):
        raise UndecidedError(f"check_identities: {name}: both sides are not finite. Choose other arguments")
    size = np.sum(np.abs(left), axis=-1) + np.sum(np.abs(right), axis=-1)
    eps = max(subject.argument_eps, float(np.max(subject.eps, initial=0)))
    tolerance = ROUNDINGS * eps * np.maximum(size, np.max(size, initial=0))
    for measured in (_rounding_nearby, _rounding_of_all):  # only where the sides seem to differ
        if not np.all(np.abs(a - b) <= tolerance):
            tolerance = tolerance + measured(subject, sides, rng, a, b)
    report.comparisons += a.size
    wrong = np.flatnonzero(~(np.abs(a - b) <= tolerance))
    if wrong.size:
        i = int(wrong[0])
        raise GradientError(
            f"check_identities: {name}: {a.flat[i]:.12g} on one side, {b.flat[i]:.12g} on the other, expected the same "
            f"within {tolerance.flat[i]:.1e}"
        )


def _rounding_nearby(subject: Subject, sides: Sides, rng: np.random.Generator, a: Array, b: Array) -> Array:
    """The rounding of the sides that differs between neighbours of the arguments."""

    def difference(v: Array) -> Array:
        return np.stack([np.sum(side, axis=-1) for side in sides(v)])

    both = rounding(difference, subject.point, subject.argument_eps, rng)
    return 8 * np.sum(both, axis=0)  # type: ignore[no-any-return]


def _rounding_of_all(subject: Subject, sides: Sides, rng: np.random.Generator, a: Array, b: Array) -> Array:
    """The rounding of the sides that is the same for all neighbours: a wider float shows it."""
    try:
        left, right = sides(subject.point.astype(np.longdouble))
    except TinygradError:
        return np.zeros(a.shape)
    off = np.abs(np.sum(left, axis=-1) - a) + np.abs(np.sum(right, axis=-1) - b)
    size = np.abs(a) + np.abs(b) + np.max(np.abs(subject.here), initial=0)
    return np.where(off <= SMALL * subject.argument_eps * size, 2 * off, 0).astype(float)


def _adjoint(s: Subject, rng: np.random.Generator) -> Sides:
    t, g = _tangent(s, rng), dense(s.here.shape, rng)
    back, push = reverse(s, [g]), forward(s, [g])
    return lambda v: (push.terms(s.arguments(v), t), back.terms(s.arguments(v), t))


def _linear(s: Subject, rng: np.random.Generator) -> Sides:
    g, other = dense(s.here.shape, rng), dense(s.here.shape, rng)
    whole, parts = reverse(s, [2 * g - 3 * other]), reverse(s, [g, other])

    def sides(v: Array) -> tuple[Array, Array]:
        one, two = parts.rows_at(s.arguments(v))
        return whole.rows_at(s.arguments(v)).T, np.stack([2 * one, -3 * two], axis=-1)

    return sides


def _alone(s: Subject, rng: np.random.Generator) -> Sides:
    g = s.cotangent(dense(s.here.shape, rng))

    def sides(v: Array) -> tuple[Array, Array]:
        args = s.arguments(v)
        leaves = tree.leaves(args)

        def of_one(k: int) -> Any:
            def f(x: Any) -> Any:
                return s.f(*tree.unflatten(s.inputs.structure, [*leaves[:k], x, *leaves[k + 1 :]]))

            return vjp(f, leaves[k])[1](g)[0]

        together = s.inputs.join(tree.leaves(vjp(s.f, *args)[1](g)))
        return together[:, None], s.inputs.join([of_one(k) for k in range(len(leaves))])[:, None]

    return sides


def _second_order(s: Subject, rng: np.random.Generator) -> Sides:
    u, t, g = _tangent(s, rng), _tangent(s, rng), dense(s.here.shape, rng)
    us, ts, weights = s.arguments(u), s.arguments(t), s.cotangent(g)

    def sides(v: Array) -> tuple[Array, Array]:
        args = s.arguments(v)
        _, twice = jvp(lambda *xs: jvp(s.f, xs, ts)[1], args, us)
        _, over = jvp(lambda *xs: vjp(s.f, *xs)[1](weights), args, us)
        return (g * s.vector(tree.leaves(twice)))[None], (t * s.inputs.join(tree.leaves(over)))[None]

    return sides


def _symmetric(s: Subject, rng: np.random.Generator) -> Sides:
    u, t, g = _tangent(s, rng), _tangent(s, rng), s.cotangent(dense(s.here.shape, rng))

    def product(v: Array, t: Array) -> Array:
        _, out = jvp(lambda *xs: vjp(s.f, *xs)[1](g), s.arguments(v), s.arguments(t))
        return s.inputs.join(tree.leaves(out))

    return lambda v: ((u * product(v, t))[None], (t * product(v, u))[None])


def _batched(s: Subject, rng: np.random.Generator) -> Sides:
    shift = 1 + 1e-3 * dense(s.point.shape, rng)

    def sides(v: Array) -> tuple[Array, Array]:
        rows = [s.arguments(v), s.arguments(v * shift)]
        found = tree.leaves(vmap(s.f)(*tree.map(lambda *xs: np.stack(xs), *rows)))
        loop = [tree.leaves(s.f(*row)) for row in rows]
        return _column(found), _column([np.stack(xs) for xs in zip(*loop, strict=True)])

    return sides


def _compiled(s: Subject, rng: np.random.Generator) -> Sides:
    run = jit(s.f)
    return lambda v: (_column(tree.leaves(run(*s.arguments(v)))), _column(tree.leaves(s.f(*s.arguments(v)))))


def _checkpointed(s: Subject, rng: np.random.Generator) -> Sides:
    g = s.cotangent(dense(s.here.shape, rng))

    def pulled(f: Callable[..., Any], v: Array) -> Array:
        out, back = vjp(f, *s.arguments(v))
        return _column([*tree.leaves(out), *tree.leaves(back(g))])

    return lambda v: (pulled(checkpoint(s.f), v), pulled(s.f, v))


def _column(leaves: Sequence[Any]) -> Array:
    return Places(list(leaves)).join(leaves)[:, None]


def _tangent(s: Subject, rng: np.random.Generator) -> Array:
    scales = [float(np.max(np.abs(x), initial=0)) or 1.0 for x in s.inputs.split(s.point)]
    return dense(s.point.shape, rng) * s.inputs.spread(scales)


IDENTITIES: dict[str, Callable[[Subject, np.random.Generator], Sides]] = {
    "<g, J t> = <J^T g, t>": _adjoint,
    "vjp is linear": _linear,
    "each argument alone as all at once": _alone,
    "jvp of jvp as jvp of vjp": _second_order,
    "the Hessian is symmetric": _symmetric,
    "vmap as a loop": _batched,
    "jit as eager": _compiled,
    "checkpoint as without": _checkpointed,
}
