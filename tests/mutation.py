"""`python -m tests.mutation`: breaks every rule of the registry in turn and asks whether the suite notices.

A mutant is one rule of one primitive, broken in one way. It is killed if a property of the registry's suite fails on
one of the drawn cases, and it is no mutant if it gave what the right rule gives on all of them, as where a rule is
zero. Prints killed / total for each primitive, and what survives.

    python -m tests.mutation [--cases N] [NAME ...]
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

import tinygrad_scratch as tg
from tinygrad_scratch.core.primitive import EachArgument, Primitive
from tinygrad_scratch.testing.strategies import Case

from . import properties
from .samples import SAMPLES
from .samples.base import complexified
from .test_registry import OURS

Rule = Callable[..., Any]


def scaled(k: float) -> Callable[[Any], Any]:
    return lambda g: g * k


def narrowed(g: Any) -> Any:
    return g.astype(np.complex64 if g.dtype.kind == "c" else np.float32).astype(g.dtype)


def transposed(g: Any) -> Any:
    return np.swapaxes(g, -1, -2) if g.ndim > 1 else g


def reversed_first(g: Any) -> Any:
    return g[::-1] if g.ndim else g


def first_row(g: Any) -> Any:
    """What is left of a sum over a broadcast axis that takes one row of it."""
    return np.broadcast_to(g[:1], g.shape) if g.ndim and g.shape[0] else g


ANSWERS: dict[str, Callable[[Any], Any]] = {
    "sign": scaled(-1.0),
    "factor 2": scaled(2.0),
    "factor 1 + 1e-6": scaled(1 + 1e-6),
    "zero": scaled(0.0),
    "float32": narrowed,
    "transposed": transposed,
    "reversed": reversed_first,
    "one row for all": first_row,
    "conjugated": np.conj,
}


class Mutant(NamedTuple):
    """`place` of a primitive gets `rule` instead of the right one."""

    place: str
    how: str
    rule: Any
    seen: list[bool]  # whether it ever gave something else than the right rule


def mutants(prim: Primitive) -> Iterator[Mutant]:
    if isinstance(prim.vjps, EachArgument):
        yield from _of("vjps", prim.vjps.rule, each=True)
    else:
        for i, rule in enumerate(prim.vjps):
            if rule is not None:
                yield from _of(f"vjp {i}", rule)
    if prim.jvp is not None and not prim.constant:
        yield from _of("jvp", prim.jvp, tangents=True)
    if prim.batch is not None:
        yield from _of("batch", prim.batch, batch=True)


def _of(place: str, rule: Rule, each: bool = False, tangents: bool = False, batch: bool = False) -> Iterator[Mutant]:
    for how, change in ANSWERS.items():
        if batch and how not in ("reversed", "transposed"):
            continue
        seen: list[bool] = []

        def answer(*args: Any, change: Any = change, seen: Any = seen, **attrs: Any) -> Any:
            right = rule(*args, **attrs)
            if right is NotImplemented:
                return right
            wrong = [change(g) for g in right] if each else change(right)
            _note(seen, wrong, right)
            return wrong

        yield Mutant(place, how, answer, seen)
    turns = {"swapped": _swapped, "wrong axis": _other_axis, **({"one tangent dropped": _dropped} if tangents else {})}
    for how, turn in turns.items():
        if batch or each:
            continue
        seen = []

        def turned(*args: Any, turn: Any = turn, seen: Any = seen, **attrs: Any) -> Any:
            right = rule(*args, **attrs)
            changed = turn(args, attrs)
            if changed is None:
                return right
            wrong = rule(*changed[0], **changed[1])
            _note(seen, wrong, right)
            return wrong

        yield Mutant(place, how, turned, seen)


def _swapped(args: Any, attrs: Any) -> Any:
    """x and y changed about; the first two arguments of a rule are the cotangent (or tangents) and the answer."""
    return ((*args[:2], args[3], args[2], *args[4:]), attrs) if len(args) > 3 else None


def _other_axis(args: Any, attrs: Any) -> Any:
    axis, ndim = attrs.get("axis"), np.ndim(args[2])
    if not isinstance(axis, int | tuple) or ndim < 2:
        return None
    turned = (axis + 1) % ndim if isinstance(axis, int) else tuple(sorted((a + 1) % ndim for a in axis))
    return args, {**attrs, "axis": turned}


def _dropped(args: Any, attrs: Any) -> Any:
    ts = args[0]
    one = (ts[0], *[None] * (len(ts) - 1))
    return ((one, *args[1:]), attrs) if sum(t is not None for t in ts) > 1 else None


def _note(seen: list[bool], wrong: Any, right: Any) -> None:
    pairs = zip(wrong, right, strict=True) if isinstance(right, list) else [(wrong, right)]
    for a, b in pairs:
        if not isinstance(a, tg.Tensor) and not isinstance(b, tg.Tensor):
            seen.append(np.shape(a) != np.shape(b) or not np.array_equal(a, b, equal_nan=True))


def installed(prim: Primitive, mutant: Mutant) -> Callable[[], None]:
    """Put the mutant in place; returns what puts the right rule back."""
    if mutant.place.startswith("vjp "):
        i = int(mutant.place[4:])
        right = prim.vjps[i]
        prim.vjps[i] = mutant.rule  # type: ignore[index]
        return lambda: prim.vjps.__setitem__(i, right)  # type: ignore[union-attr]
    name = mutant.place
    kept = getattr(prim, name)
    setattr(prim, name, EachArgument(mutant.rule) if name == "vjps" else mutant.rule)
    return lambda: setattr(prim, name, kept)


def notices(prim: Primitive, case: Case, place: str, number: int) -> bool:
    """Whether a property fails on the case."""
    try:
        if place == "batch":
            batched = [bool((number >> i) % 2) for i in range(len(case.args))]
            properties.vmap_is_a_loop(prim, case, batched if any(batched) else [True] * len(batched), 2, number)
        else:
            properties.derivatives_are_numerical(prim, case)
            properties.modes_are_adjoint(prim, case)
    except Exception:
        return True
    return False


def cases_of(name: str, count: int) -> list[Case]:
    drawn: list[Case] = []
    entry = SAMPLES[name]

    @settings(
        max_examples=count, phases=[Phase.generate], database=None, derandomize=True, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(entry.cases | complexified(entry.cases) if entry.complex else entry.cases)
    def draw(case: Case) -> None:
        drawn.append(case)

    draw()
    return drawn


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="primitives (default: all)")
    parser.add_argument("--cases", type=int, default=25, help="cases drawn for each primitive (default: 25)")
    options = parser.parse_args()
    killed = total = 0
    survivors = []
    for name in options.names or sorted(name for name, entry in SAMPLES.items() if entry.differentiable):
        prim, cases = OURS[name], cases_of(name, options.cases)
        of_this = [0, 0]
        for mutant in mutants(prim):
            restore = installed(prim, mutant)
            try:
                found = any(notices(prim, case, mutant.place, i) for i, case in enumerate(cases))
            finally:
                restore()
            if found or any(mutant.seen):
                of_this[0] += found
                of_this[1] += 1
                if not found:
                    survivors.append(f"{name}: {mutant.place}: {mutant.how}")
        killed, total = killed + of_this[0], total + of_this[1]
        if of_this[1]:
            print(f"{name:16} {of_this[0]:3} / {of_this[1]}", flush=True)
    print(f"{'all':16} {killed:3} / {total}  {100 * killed / max(total, 1):.2f} %")
    for survivor in survivors:
        print(f"survived: {survivor}")
    return 0 if killed >= 0.99 * total else 1


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        sys.exit(main())
