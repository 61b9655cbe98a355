"""What rounding may do to a computation: the computation again, with each number rounded up or down at random.

It runs in float64 on numbers of a narrower dtype. What an operation gives that is no such number lies between two of
them, and might as well have become either: one is taken at random (Vignes, Mathematics and Computers in Simulation 35,
1993). What is exact stays exact; what saturates, vanishes or overflows in that dtype does so here. Products and sums
round inside as well, which is as if their arguments were off in the last digit. So the answers scatter as far as
rounding can take them, however it is magnified on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any, TypeVar

import numpy as np

from ..core import tree
from ..core.primitive import Primitive
from ..core.trace import Traced, run
from ..tensor import Tensor, tensor
from ..transforms.arguments import has_derivative, strip
from ..transforms.plain import PlainTrace
from .claims import Claim
from .places import Array
from .subject import Subject

SCATTER = 16  # times what rounding was seen to do, it may do
C = TypeVar("C", bound=Claim)


class RoundTrace(PlainTrace):
    """Evaluates, and rounds each answer to numbers of `dtype`, up or down at random."""

    name = "rounding"

    def __init__(self, dtype: np.dtype[Any], rng: np.random.Generator) -> None:
        super().__init__()
        self.dtype, self.eps, self.rng = dtype, float(np.finfo(dtype).eps), rng

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        answer = super().process(prim, args, attrs)
        mine = [a.value for a in args if type(a) is Tensor and a.trace is self]
        if not prim.elementwise and not _only_moves(mine, [a.value for a in tree.leaves(answer)]):
            answer = super().process(prim, tuple([self._off(a) for a in args]), attrs)
        for a in tree.leaves(answer):
            a.value = self.rounded(a.value)
        return answer

    def off(self, x: Any) -> Any:
        """x, off in the last digit."""
        return x * (1 + self.eps * self.rng.uniform(-1, 1, np.shape(x))) if _floats(x) else x

    def _off(self, a: Any) -> Any:
        return tensor(self.off(a.value), self, None) if type(a) is Tensor and a.trace is self else a

    def rounded(self, x: Any) -> Any:
        """x, with each number in it one of the two of the dtype that it lies between."""
        if not _floats(x):
            return x
        if x.dtype.kind == "f":
            return self._rounded(x)[()]
        made = np.array(x, order="K")
        made.real, made.imag = self._rounded(x.real), self._rounded(x.imag)
        return made[()]

    def _rounded(self, x: Any) -> Array:
        nearest = x.astype(self.dtype)
        back = nearest.astype(x.dtype)
        other = np.nextafter(nearest, np.where(back < x, np.inf, -np.inf).astype(self.dtype))
        keep = (back == x) | np.isnan(x) | (self.rng.random(x.shape) < 0.5)
        taken: Array = np.where(keep, back, other).astype(x.dtype)
        return taken


def rounded_at_random(f: Callable[..., Any], dtype: np.dtype[Any], rng: np.random.Generator) -> Callable[..., Any]:
    """`f` of trees, with these and all that it makes of them rounded so; the first is off in its last digit as well."""

    def shaken(first: Any, *others: Any) -> Any:
        trace = RoundTrace(dtype, rng)
        trees = (tree.map(lambda x: trace.off(np.asarray(x)), first), *others)
        inputs = tree.map(lambda x: tensor(trace.rounded(np.asarray(x)), trace, None), trees)
        return strip(run(trace, f, inputs, {}), trace)

    return shaken


def at_random(claim: C, dtype: np.dtype[Any], rng: np.random.Generator) -> C:
    """The claim, with all that goes on in it rounded so."""
    shaken = copy(claim)
    shaken.ask = rounded_at_random(claim.ask, dtype, rng)
    return shaken


def scatter(run: Callable[[], Array], here: Array, runs: int) -> Iterator[Array]:
    """How far runs are off `here`, NaN where one is not finite; none at all if Tensors are not taken."""
    for _ in range(runs):
        try:
            off = np.abs(run() - here)
        except Exception:
            return
        yield np.where(np.isfinite(off), off, np.nan)


def scatter_of_f(subject: Subject, dtype: np.dtype[Any], rng: np.random.Generator, runs: int) -> Iterator[Array]:
    """How far the answers of the function under test are off at its arguments, in runs with such rounding."""
    f = rounded_at_random(lambda args: subject.f(*args), dtype, rng)
    return scatter(lambda: subject.vector(tree.leaves(f(subject.arguments(subject.point)))), subject.here, runs)


def _floats(x: Any) -> bool:
    return not isinstance(x, Traced) and has_derivative(x.dtype)


def _only_moves(values: list[Any], answers: list[Any]) -> bool:
    """Whether the answers are numbers of the arguments in other places, and zeros."""
    made = [x[x != 0] for x in map(np.asarray, answers)]
    known = np.concatenate([np.zeros(0), *[np.ravel(x) for x in values]])
    return any(x.size for x in made) and all(bool(np.all(np.isin(x, known))) for x in made)
