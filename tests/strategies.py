"""Hypothesis strategies of arrays: every kind of shape and layout, values from a domain.

Only shapes, layouts and a seed are drawn; the values come from the seed, which is fast and shrinks to simple shapes.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

Domain = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


class Case(NamedTuple):
    """One call of an operation: `op(*args, **attrs)`."""

    args: tuple[Any, ...]
    attrs: Any = MappingProxyType({})


def between(low: float, high: float) -> Domain:
    return lambda rng, shape: rng.uniform(low, high, shape)


def away_from_zero(high: float = 2.0) -> Domain:
    return lambda rng, shape: rng.uniform(0.2, high, shape) * rng.choice([-1.0, 1.0], shape)


def chosen(*values: Any) -> Domain:
    return lambda rng, shape: rng.choice(np.asarray(values), shape)


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values that differ by at least 0.2, for operations with a kink where values tie."""
    n = int(np.prod(shape))
    return ((rng.permutation(n) + rng.uniform(0.2, 0.6, n) - n / 2) / 2).reshape(shape)


WIDE = away_from_zero()
LAYOUTS = ("C", "F", "reversed", "strided", "transposed")


def with_layout(x: np.ndarray, layout: str) -> np.ndarray:
    """An equal array, laid out in memory as named."""
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


shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
full_shapes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@st.composite
def arrays(draw: Any, shape: Any = shapes, domain: Domain = WIDE) -> np.ndarray:
    """One array; `shape` is a shape or a strategy of shapes."""
    shape = shape if isinstance(shape, tuple) else draw(shape)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return with_layout(np.asarray(domain(rng, shape)), draw(st.sampled_from(LAYOUTS)))


@st.composite
def broadcastable(draw: Any, *domains: Domain) -> Case:
    """One array a domain, of shapes that broadcast together."""
    whole = draw(shapes)
    args = []
    for domain in domains:
        shape = tuple(1 if n != 0 and draw(st.integers(0, 3)) == 0 else n for n in whole)
        args.append(draw(arrays(shape[draw(st.integers(0, len(shape))) if draw(st.booleans()) else 0 :], domain)))
    return Case(tuple(args))


@st.composite
def axis_of(draw: Any, ndim: int, minimum: int = 0) -> tuple[int, ...] | None:
    """Some axes of an array, from the front, or None."""
    if ndim == 0 or draw(st.integers(0, 3)) == 0:
        return None
    return tuple(sorted(draw(st.sets(st.integers(0, ndim - 1), min_size=max(1, minimum), max_size=ndim))))
