"""Reductions and accumulations along axes, with and without NaN, and those of ufuncs."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...testing.strategies import Domain, arrays, between, chosen, distinct
from ..entry import Entry, calls

ANY, POSITIVE, BOOL = between(-2, 2), between(0.3, 2), chosen(False, True)
SHAPES: Any = st.sampled_from([(2, 3), (2, 1, 3)])
ROWS = st.sampled_from([None, 0, -1, 1])
AXES = st.sampled_from([None, 0, -1, (0, 1), (-1, 0)])
KEEP = st.booleans()
MASK = np.array([True, False, True])
REAL = {"complex": "real numbers only"}
ORDER = {"complex": "the answer is an order, which complex numbers have by convention only"}


def over(domain: Domain, **options: Any) -> Any:
    """Calls over axes."""
    return calls(arrays(SHAPES, domain), axis=AXES, keepdims=KEEP, **options)


def along(domain: Domain, **options: Any) -> Any:
    """Calls along one axis, or all in a row."""
    return calls(arrays(SHAPES, domain), axis=ROWS, **options)


def masked(domain: Domain, **options: Any) -> Any:
    """Calls that leave elements out."""
    return over(domain, where=st.sampled_from([True, MASK]), **options)


def complex_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers in a square of the complex plane."""
    return rng.uniform(-2, 2, shape) + 1j * rng.uniform(-2, 2, shape)


def one_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers away from zero, and one that is zero."""
    x = rng.uniform(0.5, 2, shape)
    x.reshape(-1)[:1] = 0
    return x


def empty(**options: Any) -> Any:
    """Calls on no elements."""
    return calls(arrays(st.sampled_from([(0,), (0, 2)]), ANY), axis=0, **options)


def number(low: float, high: float) -> Any:
    """A number that is differentiated."""
    return arrays((), between(low, high))


ROWS_OF_MASK = {"axis": st.sampled_from([None, -1]), "where": MASK}
MEAN = over(ANY) | calls(arrays(SHAPES, ANY), **ROWS_OF_MASK) | over(ANY, dtype="float64")
SPREAD = (
    over(distinct, ddof=0.5)
    | calls(arrays(SHAPES, distinct), correction=0.5, **ROWS_OF_MASK)
    | along(distinct, mean=number(-9, -8))
)
EXTREME = over(distinct) | masked(distinct, initial=0.03) | empty(initial=0.5)

ENTRIES = {
    "numpy.sum": Entry(over(ANY) | masked(ANY, initial=0.5) | empty()),
    "numpy.prod": Entry(over(ANY) | masked(ANY, initial=1.5) | over(one_zero) | empty()),
    "numpy.max": Entry(EXTREME),
    "numpy.amax": Entry(EXTREME),
    "numpy.min": Entry(EXTREME),
    "numpy.amin": Entry(EXTREME),
    "numpy.ptp": Entry(over(distinct)),
    "numpy.mean": Entry(MEAN, complex=over(complex_numbers)),
    "numpy.var": Entry(SPREAD),
    "numpy.std": Entry(SPREAD),
    "numpy.all": Entry(masked(BOOL) | over(ANY)),
    "numpy.any": Entry(masked(BOOL) | over(ANY)),
    "numpy.count_nonzero": Entry(over(chosen(0.0, 1.5))),
    "numpy.argmax": Entry(along(distinct, keepdims=KEEP)),
    "numpy.argmin": Entry(along(distinct, keepdims=KEEP)),
    "numpy.nansum": Entry(over(ANY) | masked(ANY, initial=0.5) | empty()),
    "numpy.nanprod": Entry(over(ANY) | masked(ANY, initial=1.5)),
    "numpy.nanmax": Entry(EXTREME),
    "numpy.nanmin": Entry(EXTREME),
    "numpy.nanmean": Entry(MEAN, complex=over(complex_numbers)),
    "numpy.nanvar": Entry(SPREAD),
    "numpy.nanstd": Entry(SPREAD),
    "numpy.nanargmax": Entry(along(distinct, keepdims=KEEP)),
    "numpy.nanargmin": Entry(along(distinct, keepdims=KEEP)),
    "numpy.cumsum": Entry(
        along(ANY) | along(ANY, dtype="float64") | empty(),
        complex=along(complex_numbers) | along(complex_numbers, dtype="complex128"),
    ),
    "numpy.cumprod": Entry(along(ANY) | along(one_zero) | empty()),
    "numpy.nancumsum": Entry(along(ANY)),
    "numpy.nancumprod": Entry(along(ANY)),
    "numpy.cumulative_sum": Entry(calls(arrays((2, 3), ANY), axis=st.sampled_from([0, -1]), include_initial=KEEP)),
    "numpy.cumulative_prod": Entry(calls(arrays((2, 3), ANY), axis=st.sampled_from([0, -1]), include_initial=KEEP)),
    "numpy.nan_to_num": Entry(calls(arrays((2, 3), ANY), nan=1.0, posinf=2.0)),
    "numpy.add.reduce": Entry(over(ANY) | masked(ANY, initial=0.5)),
    "numpy.multiply.reduce": Entry(over(ANY) | masked(ANY, initial=1.5)),
    "numpy.maximum.reduce": Entry(over(distinct)),
    "numpy.minimum.reduce": Entry(over(distinct)),
    "numpy.fmax.reduce": Entry(over(distinct) | masked(distinct, initial=0.03)),
    "numpy.fmin.reduce": Entry(over(distinct)),
    "numpy.logaddexp.reduce": Entry(over(ANY) | masked(ANY, initial=0.5), without=REAL),
    "numpy.logaddexp2.reduce": Entry(over(ANY), without=REAL),
    "numpy.hypot.reduce": Entry(over(POSITIVE) | masked(POSITIVE, initial=1.5), without=REAL),
    "numpy.subtract.reduce": Entry(calls(arrays((2, 3), ANY), axis=st.sampled_from([0, -1]), initial=0.5)),
    "numpy.divide.reduce": Entry(calls(arrays((2, 3), POSITIVE), axis=st.sampled_from([0, -1]), keepdims=KEEP)),
    "numpy.logical_and.reduce": Entry(masked(BOOL)),
    "numpy.logical_or.reduce": Entry(over(chosen(0.0, 1.5))),
    "numpy.logical_xor.reduce": Entry(over(BOOL)),
    "numpy.add.accumulate": Entry(calls(arrays((2, 3), ANY), axis=st.sampled_from([0, -1]))),
    "numpy.multiply.accumulate": Entry(calls(arrays((2, 3), ANY), axis=st.sampled_from([0, -1]))),
    "numpy.maximum.accumulate": Entry(calls(arrays((2, 3), distinct), axis=st.sampled_from([0, -1]))),
    "numpy.logaddexp.accumulate": Entry(calls(arrays((2, 5), ANY), axis=st.sampled_from([0, -1])), without=REAL),
    "numpy.subtract.accumulate": Entry(calls(arrays((2, 3), ANY), axis=st.sampled_from([0, -1]))),
    "numpy.add.reduceat": Entry(calls(arrays((2, 5), ANY), [0, 3, 1, 4], axis=st.just(1))),
    "numpy.maximum.reduceat": Entry(calls(arrays((5, 2), distinct), [0, 2, 2])),
    "numpy.subtract.outer": Entry(calls(arrays((2, 3), ANY), arrays((2,), ANY))),
    "numpy.arctan2.outer": Entry(calls(arrays((2,), POSITIVE), arrays((1, 3), POSITIVE)), without=REAL),
}

WITHOUT: dict[str, str] = dict.fromkeys(["numpy.isposinf", "numpy.isneginf", "numpy.fix"], "constant by pieces")
