"""The function under test, as a function of one vector; and all that can be wrong with it before any derivative is.

Arguments are widened to float64 where f takes that: a derivative is then checked to the digits of float64, whatever the
dtype of its arguments. Where f refuses, or computes in less, the references measure what is left.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import TinygradError, UndecidedError
from ..core.trace import Traced
from ..transforms.arguments import differentiable, has_derivative
from .places import Array, Places, Sums, argument_names

F = Callable[..., Any]


class Subject:
    """`subject(v)` is the answer of f at the arguments `v`, both as vectors.

    point    the arguments; `inputs` names their elements
    here     the answer at them, a vector, of sums if it is long; `outputs` names its elements, `eps` is their precision
    lengths  those of all axes, by which a factor may be known
    narrow   the arguments in their own dtypes, where these are narrower than float64; else None
    """

    def __init__(self, f: F, args: Sequence[Any], what: str, argnums: Sequence[int | str] | None = None) -> None:
        self.f, self.what = f, what
        numbers = tuple(range(len(args))) if argnums is None else tuple(argnums)
        leaves, structure = tree.flatten(tuple(args))
        values = differentiable(leaves, structure, what, numbers)  # type: ignore[arg-type]
        self.inputs = Places(tuple(args), argument_names(args, numbers))
        self.dtypes = [x.dtype for x in values]
        self.point = self.inputs.join(values).astype(float)
        _require_finite(self.point, self.inputs, f"{what}: ", "pass finite arguments")
        self.wide = True
        out = self._first(values)
        self.answer = _places(out)
        self.analytic = not any([*self.inputs.complex, *self.answer.complex])  # until the complex step has failed
        whole = self.answer.join(tree.leaves(out)).astype(float)
        _require_finite(whole, self.answer, f"{what}: f gave ", "choose other arguments, or mend f")
        self.sums = Sums(self.answer, np.random.default_rng(0))
        self.outputs, self.here = self.sums.places, self.sums.reduce(whole)
        self.eps = self.outputs.spread([np.finfo(np.asarray(x).dtype).eps for x in tree.leaves(out)])
        self._require_the_same_again()
        self.lengths = [n for shape in [*self.inputs.shapes, *self.answer.shapes] for n in shape]
        narrower = [np.finfo(d).eps > np.finfo(float).eps for d in self.dtypes]
        self.narrow = values if self.wide and any(narrower) else None

    @property
    def argument_eps(self) -> float:
        """To what the arguments are rounded before f sees them."""
        return float(max([np.finfo(d).eps for d in self.dtypes if not self.wide], default=np.finfo(float).eps))

    def is_here(self, answer: Array) -> bool:
        """Whether it is the answer at the arguments, to rounding."""
        size = np.max(np.abs(self.here), initial=0)
        return answer.shape == self.here.shape and bool(np.all(np.abs(answer - self.here) <= 1000 * self.eps * size))

    def arguments(self, vector: Array) -> tuple[Any, ...]:
        """The arguments of f for a vector, as arrays of their own that f may not spoil for others."""
        parts = self.inputs.leaves(vector)
        if not self.wide:
            parts = [p.astype(d) for p, d in zip(parts, self.dtypes, strict=True)]
        return tree.unflatten(self.inputs.structure, [_copied(p) for p in parts])  # type: ignore[no-any-return]

    def __call__(self, vector: Array) -> Array:
        return self.vector(tree.leaves(self.f(*self.arguments(vector))))

    def vector(self, leaves: Sequence[Any]) -> Array:
        """The leaves of an answer, or of its tangent, as a vector."""
        return self.sums.reduce(self.answer.join(leaves))

    def cotangent(self, g: Array) -> Any:
        """A tree like the answer, of a vector of weights."""
        parts = self.answer.leaves(self.sums.expand(g))
        return tree.unflatten(self.answer.structure, [x if x.ndim else x[()] for x in parts])

    def along(self, t: Array, start: Array | None = None) -> Callable[[complex], Array]:
        """The answer at `point + h t`, or from another start, as a function of h; NaN where f raises."""
        point = self.point if start is None else start

        def at(h: complex) -> Array:
            try:
                out = self(point + h * t)
            except Exception:  # outside the domain of f, or no complex numbers
                return np.full(self.here.shape, np.nan)
            if out.shape != self.here.shape:
                raise UndecidedError(
                    f"{self.what}: the answer of f has {out.size} elements near the arguments, {self.here.size} at "
                    "them: its shape depends on values, so it has no derivative"
                )
            return out

        return at

    def call(self, f: F, values: Sequence[Any], name: str) -> Any:
        """`f` on copies of the arguments with these leaves, or a sentence on what it did."""
        given = [_copied(x) for x in values]
        kept = [_copied(x) for x in given]
        args = tree.unflatten(self.inputs.structure, given)
        try:
            out = f(*args)
        except Exception as error:
            raise UndecidedError(
                f"{self.what}: {name} raised {type(error).__name__} at the arguments: {error}"
            ) from error
        if tree.structure(args) != self.inputs.structure:
            raise UndecidedError(
                f"{self.what}: {name} adds to or takes from a container among its arguments; let it copy that"
            )
        for x, y, path in zip(given, kept, self.inputs.paths, strict=True):
            if not np.array_equal(x, y, equal_nan=True):
                raise UndecidedError(
                    f"{self.what}: {name} changes its {path} in place, so it is no function of it; let it copy that"
                )
        return out

    def _first(self, values: list[Any]) -> Any:
        out = self.call(self.f, values, "f")
        _require_floats(out, self.what)
        places = _places(out)
        _require_finite(
            places.join(tree.leaves(out)), places, f"{self.what}: f gave ", "choose other arguments, or mend f"
        )
        double = [np.dtype(complex if d.kind == "c" else float) for d in self.dtypes]
        if double == self.dtypes:
            return out
        try:
            return self.call(self.f, [np.asarray(x, d) for x, d in zip(values, double, strict=True)], "f")
        except UndecidedError:  # it insists on its dtype
            self.wide = False
            return out

    def _require_the_same_again(self) -> None:
        again = self.vector(tree.leaves(self.call(self.f, tree.leaves(self.arguments(self.point)), "f")))
        if not self.is_here(again):
            by = f"differ by {np.max(np.abs(again - self.here)):.1e}" if again.shape == self.here.shape else "differ"
            raise UndecidedError(
                f"{self.what}: f is not deterministic: two answers at the same arguments {by}. Fix the random "
                "numbers, for example by a key that is made inside f, or what f keeps between its calls"
            )


def _places(out: Any) -> Places:
    """The places of an answer."""
    return Places(out, [f"leaf {path!r} of the answer" if path else "the answer" for path in tree.paths(out)])


def _require_floats(out: Any, what: str) -> None:
    if out is None:
        raise UndecidedError(f"{what}: f returned None; return what is to be differentiated")
    try:
        leaves, paths = tree.leaves(out), tree.paths(out)
    except TinygradError as error:
        raise UndecidedError(f"{what}: f returned what is no tree of arrays: {error}") from error
    if not leaves:
        raise UndecidedError(f"{what}: f returned {out!r}, which holds no array")
    for x, path in zip(leaves, paths, strict=True):
        dtype = np.asarray(x).dtype
        place = f"leaf {path!r} of the answer of f" if path else "the answer of f"
        if dtype.kind in "US" or dtype.kind == "O":
            raise UndecidedError(f"{what}: {place} is {x!r} ({type(x).__name__}), expected floats")
        if not has_derivative(dtype):
            raise UndecidedError(
                f"{what}: {place} is {dtype}, which has no derivative; return floats, for example by x.astype(float)"
            )


def _require_finite(vector: Array, places: Places, before: str, advice: str) -> None:
    bad = np.flatnonzero(~np.isfinite(vector))
    if bad.size:
        i = int(bad[0])
        raise UndecidedError(f"{before}{vector[i]} at {places.name(i)}, so there is nothing to check; {advice}")


def _copied(x: Any) -> Any:
    """A copy in the same layout; a number for an array without axes, since `x += 1` changes that in place."""
    if isinstance(x, Traced):
        return x
    return np.array(x, order="K") if np.ndim(x) else np.asarray(x)[()]


@contextmanager
def quiet() -> Iterator[None]:
    """Floating-point warnings are the rule where f is asked far away; a lost imaginary part is an error."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield
