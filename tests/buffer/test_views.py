"""Views of buffers: what is kept sees later writes as NumPy's does, and what is written to it is written through."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

X = np.array([0.5, -0.3, 0.7, -0.2, -1.0])

READ: dict[str, Callable[..., Any]] = {
    "diag": lambda y, m: np.diag(y[:, :3]),
    "linalg.diagonal": lambda y, m: np.linalg.diagonal(y),
    "diagonal": lambda y, m: np.diagonal(y, 1),
    "einsum": lambda y, m: np.einsum("ij->ji", y),
    "linalg.matrix_transpose": lambda y, m: np.linalg.matrix_transpose(y),
    "array without copy": lambda y, m: m.array(y, copy=None),
    "astype without copy": lambda y, m: np.astype(y, float, copy=False),
    "real": lambda y, m: y.real,
    "reshape": lambda y, m: np.reshape(y, (5, 3)),
    "row": lambda y, m: y[1],
    "a copy": lambda y, m: y.copy(),
}
WRITTEN = [
    name for name in READ if name not in ("diag", "linalg.diagonal", "diagonal", "einsum", "astype without copy")
]


def kept(view: Any, m: Any) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        y = m.zeros((3, 5))
        y[0], y[1], y[2] = x, x**2, x + 1
        seen = view(y, m)
        y[0] = 3 * x
        y[1, 1] = x[0]
        y[0, 0] *= 2
        return seen * 1.0

    return f


def written(view: Any, m: Any) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        y = m.zeros((3, 5))
        y[0], y[1], y[2] = x, x**2, x + 1
        view(y, m)[...] = 5 * x[0]
        return y * 1.0

    return f


@pytest.mark.parametrize("name", READ)
def test_views_see_later_writes(name: str) -> None:
    out, _ = tg.jvp(kept(READ[name], tg.numpy), (X,), (X,))
    np.testing.assert_array_equal(out, kept(READ[name], np)(X))


@pytest.mark.parametrize("name", WRITTEN)
def test_views_are_written_through(name: str) -> None:
    out, _ = tg.jvp(written(READ[name], tg.numpy), (X,), (X,))
    np.testing.assert_array_equal(out, written(READ[name], np)(X))


def parts(m: Any) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        y = m.zeros(5, dtype=complex)
        first, second = y.real, y.imag
        y[:] = x * (1 + 2j)
        second[1:3] = x[0] ** 2
        first += x
        return first * 1.0, second * 1.0, y * 1.0

    return f


def test_parts_of_complex_numbers_are_views() -> None:
    found, expected = tg.jvp(parts(tg.numpy), (X,), (X,))[0], parts(np)(X)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-15)
    tg.testing.check_grads(parts(tg.numpy), (X,))


def test_place_with_an_unknown_mask_is_refused() -> None:
    def f(x: Any) -> Any:
        y = tg.numpy.zeros(5)
        np.place(y, x < 0, x[:2])
        return y

    for run, x in ((tg.jit(f), X), (tg.vmap(f), X[None])):
        with pytest.raises(tg.errors.MissingRuleError, match=r"place: which value .* np.putmask"):
            run(x)
