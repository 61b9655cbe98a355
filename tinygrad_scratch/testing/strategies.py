"""Hypothesis strategies of arrays and of calls: every kind of shape and layout, values from a domain.

Only shapes, layouts and a seed are drawn; the values come from the seed, which is fast and shrinks to simple shapes. A
domain is a function `(rng, shape) -> array`. Needs hypothesis, which the extra `test` installs.

>>> from hypothesis import given
>>> from tinygrad_scratch import testing
>>> @given(testing.strategies.arrays(domain=testing.strategies.between(-0.9, 0.9)))
... def arctanh_is_right(x):
...     testing.check_grads(np.arctanh, (x,))
>>> arctanh_is_right()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import MissingExtraError
from .programs import Program, program

try:
    import hypothesis
    from hypothesis import strategies as st
except ImportError as error:
    raise MissingExtraError(
        "testing.strategies: hypothesis is not installed; python -m pip install hypothesis"
    ) from error

Array = np.ndarray[Any, Any]
Domain = Callable[[np.random.Generator, tuple[int, ...]], Array]

LAYOUTS = ("C", "F", "reversed", "strided", "transposed")


class Case(NamedTuple):
    """One call of an operation: `op(*args, **attrs)`."""

    args: tuple[Any, ...]
    attrs: Mapping[str, Any] = MappingProxyType({})


# ---- domains --------------------------------------------------------------------------------------------------------


def between(low: float, high: float) -> Domain:
    """Uniform numbers."""
    return lambda rng, shape: np.asarray(rng.uniform(low, high, shape))


def away_from_zero(high: float = 2.0) -> Domain:
    """Numbers of either sign with an absolute value from 0.2 to `high`."""
    return lambda rng, shape: rng.uniform(0.2, high, shape) * rng.choice([-1.0, 1.0], shape)


def chosen(*values: Any) -> Domain:
    """Some of these values."""
    return lambda rng, shape: np.asarray(rng.choice(np.asarray(values), shape))


def complex_numbers(parts: Domain) -> Domain:
    """Complex numbers, both of whose parts are from a domain."""
    return lambda rng, shape: np.asarray(parts(rng, shape) + 1j * parts(rng, shape))


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Values that differ by at least 0.2, for operations with a kink where values tie."""
    n = int(np.prod(shape))
    return np.asarray((rng.permutation(n) + rng.uniform(0.2, 0.6, n) - n / 2) / 2).reshape(shape)


ANY_SIGN = away_from_zero()


# ---- arrays ---------------------------------------------------------------------------------------------------------


def shapes(smallest: int = 0, largest: int = 3, axes: int = 3, least_axes: int = 0) -> st.SearchStrategy[Any]:
    """Shapes with at most `axes` axes of length `smallest` to `largest`."""
    return st.lists(st.integers(smallest, largest), min_size=least_axes, max_size=axes).map(tuple)


def with_layout(x: Array, layout: str) -> Array:
    """An equal array, laid out in memory as named in LAYOUTS."""
    if x.ndim == 0:
        return x
    if layout == "F":
        return np.asfortranarray(x)
    if layout == "reversed":
        return np.flip(np.ascontiguousarray(np.flip(x)))
    if layout == "strided":
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout == "transposed":
        return np.ascontiguousarray(x.T).T
    return x


@st.composite
def arrays(draw: Any, shape: Any = None, domain: Domain = ANY_SIGN, dtype: Any = None) -> Array:
    """One array in any layout; `shape` is a shape or a strategy of shapes."""
    shape = shape if isinstance(shape, tuple) else draw(shapes() if shape is None else shape)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return with_layout(np.asarray(domain(rng, shape), dtype), draw(st.sampled_from(LAYOUTS)))


@st.composite
def broadcastable(draw: Any, *domains: Domain) -> Case:
    """One array a domain, of shapes that broadcast together."""
    whole = draw(shapes())
    args = []
    for domain in domains:
        shape = tuple(1 if n != 0 and draw(st.integers(0, 3)) == 0 else n for n in whole)
        args.append(draw(arrays(shape[draw(st.integers(0, len(shape))) if draw(st.booleans()) else 0 :], domain)))
    return Case(tuple(args))


@st.composite
def axes(draw: Any, ndim: int, minimum: int = 0) -> tuple[int, ...] | None:
    """Some axes of an array, from the front, or None."""
    if ndim == 0 or draw(st.integers(0, 3)) == 0:
        return None
    return tuple(sorted(draw(st.sets(st.integers(0, ndim - 1), min_size=max(1, minimum), max_size=ndim))))


@st.composite
def indices(draw: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """An index of an array whose axes are not empty: numbers, slices, new axes, and arrays that broadcast together."""
    common = draw(shapes(0, 2, 2))
    index: list[Any] = []
    for n in shape:
        kind = draw(st.sampled_from(["int", "slice", "slice", "array", "new"]))
        if kind == "new":
            index.append(None)
        if kind == "int":
            index.append(draw(st.integers(-n, n - 1)))
        elif kind == "array":
            size = common if draw(st.booleans()) else tuple(1 if m else 0 for m in common)
            index.append(draw(arrays(size, _integers(-n, n))))
        else:
            step = draw(st.sampled_from([-2, -1, 1, 2, None]))
            index.append(slice(draw(st.sampled_from([None, 0, 1, -1])), draw(st.sampled_from([None, n, -1])), step))
    return tuple(index)


def _integers(low: int, high: int) -> Domain:
    return lambda rng, shape: np.asarray(rng.integers(low, high, shape))


def draws(strategy: st.SearchStrategy[Any], count: int, seed: int = 0) -> list[Any]:
    """`count` examples of a strategy (fewer if it has not as many), the same for the same seed, outside of tests.

    >>> len(draws(st.floats(0, 1), 5))
    5
    """
    drawn: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, phases=[hypothesis.Phase.generate], database=None, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(strategy)
    def draw(example: Any) -> None:
        drawn.append(example)

    draw()
    return drawn


# ---- programs -------------------------------------------------------------------------------------------------------


@st.composite
def programs(draw: Any, smallest: int = 3, largest: int = 30, smooth: bool = True) -> Program:
    """A random program of that many operations, with arguments for it; see `testing.programs`.

    It shrinks to the fewest operations, of the simplest kind, that still fail. `smooth` leaves out what has no
    derivative of its own: stop_gradient, and numbers of float32.
    """
    length = draw(st.integers(smallest, largest))
    return program(lambda n: draw(st.integers(0, n - 1)), length, smooth)
