"""Samples of linear algebra: systems, inverses, determinants."""

from typing import Any

import numpy as np
import scipy.linalg
from hypothesis import strategies as st

from tinygrad_scratch.testing.strategies import Case, arrays, between, chosen

from .base import ANY, Entry

LEADS = st.sampled_from([(), (), (2,), (1,), (0,), (2, 1)])


def with_values(*values: float) -> Any:
    """A domain: matrices with these singular values (the first of them, if there are fewer), and any vectors."""

    def domain(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        *lead, m, n = shape
        u, _ = np.linalg.qr(rng.normal(size=(*lead, m, m)))
        v, _ = np.linalg.qr(rng.normal(size=(*lead, n, n)))
        k = min(m, n)
        return np.asarray(u[..., :k] * np.array(values[:k]) @ np.swapaxes(v, -1, -2)[..., :k, :])

    return domain


REGULAR = with_values(2.1, 1.3, 0.7, 1.7, 2.6)


@st.composite
def matrices(draw: Any, domain: Any, m: Any = None, n: Any = None) -> Any:
    """Matrices, or stacks of them; square unless a strategy of the number of columns is given."""
    rows = draw(st.integers(0, 4) if m is None else m)
    return draw(arrays((*draw(LEADS), rows, rows if n is None else draw(n)), domain))


@st.composite
def systems(draw: Any) -> Case:
    a = draw(matrices(REGULAR))
    lead = a.shape[:-2] if draw(st.booleans()) else draw(st.sampled_from([(), (1,)]))
    return Case((a, draw(arrays((*lead, a.shape[-1], draw(st.integers(0, 3))), ANY))))


def of(strategy: Any, **attrs: Any) -> Any:
    return strategy.map(lambda x: Case((x,), attrs))


RECTANGULAR = matrices(REGULAR, st.integers(1, 4), st.integers(1, 4))

LINALG = {
    "expm": Entry(of(matrices(between(-0.3, 0.3))), lambda x: scipy.linalg.expm(x) if x.size else x, exact=False),
    "solve": Entry(systems(), np.linalg.solve),
    "inv": Entry(of(matrices(REGULAR)), np.linalg.inv),
    "det": Entry(of(matrices(chosen(-2.0, -1.0, 0.0, 1.0, 2.0))), np.linalg.det, exact=False),  # singular ones as well
    "pinv": Entry(of(RECTANGULAR, rcond=1e-12, hermitian=False), np.linalg.pinv),
}
