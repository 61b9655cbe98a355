"""What a sample is, and how most are drawn."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from tinygrad_scratch.testing.strategies import (
    LAYOUTS,
    Case,
    arrays,
    away_from_zero,
    axes,
    between,
    broadcastable,
    chosen,
    shapes,
    with_layout,
)


class Entry(NamedTuple):
    cases: Any  # a strategy of Case
    reference: Callable[..., Any]
    exact: bool = True  # equal to the reference to the last bit
    differentiable: bool = True  # False: its derivative is zero by definition, whatever its values do
    complex: bool = True  # whether floats may be complex, the samples with imaginary parts of any sign


def each(reference: Callable[..., Any], *domains: Any, exact: bool = True) -> Entry:
    takes_complex = not isinstance(reference, np.ufunc) or any("D" in loop for loop in reference.types)
    return Entry(broadcastable(*domains), reference, exact, complex=takes_complex)


ANY_SIGN = away_from_zero()
ANY, POSITIVE, UNIT = between(-2, 2), between(0.2, 2), between(-0.8, 0.8)
BOOL, INT = chosen(False, True), chosen(0, 1, 2, 3)


def over_axes(domain: Any, nonempty: bool = False, **attrs: Any) -> Any:
    @st.composite
    def cases(draw: Any) -> Case:
        x = draw(arrays(shapes(1 if nonempty else 0), domain))
        more = {name: draw(values) for name, values in attrs.items()}
        return Case((x,), {"axis": draw(axes(x.ndim)), **more})

    return cases()


KEEP = {"keepdims": st.booleans()}


@st.composite
def along_axis(draw: Any, domain: Any, nonempty: bool = False) -> Case:
    x = draw(arrays(shapes(1 if nonempty else 0, 3, 3, 1), domain))
    return Case((x,), {"axis": draw(st.integers(0, x.ndim - 1))})


@st.composite
def complexified(draw: Any, cases: Any) -> Case:
    """Cases with an imaginary part added to some of the float arguments, at least one where there are any."""
    case = draw(cases)
    floats = [i for i, a in enumerate(case.args) if a.dtype.kind == "f"]
    which = draw(st.sets(st.sampled_from(floats), min_size=1)) if floats else ()
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    layout = draw(st.sampled_from(LAYOUTS))
    args = [
        with_layout(np.asarray(a + 1j * ANY_SIGN(rng, a.shape)), layout) if i in which else a
        for i, a in enumerate(case.args)
    ]
    return case._replace(args=tuple(args))


@st.composite
def with_attr(draw: Any, xs: Any, **attrs: Any) -> Case:
    return Case((draw(xs),), {name: draw(values) for name, values in attrs.items()})
