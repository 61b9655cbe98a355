"""Functions of matrices: numpy.linalg without its products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from ...core import tree
from ...testing.strategies import Domain, arrays, between
from ..entry import Entry, calls

VALUES = (2.1, 1.3, 0.7, 1.7, 2.6)


def _basis(rng: np.random.Generator, shape: tuple[int, ...], unit: complex) -> Any:
    """Orthogonal (unitary, if `unit` is i) matrices."""
    return np.linalg.qr(rng.normal(size=shape) + unit * rng.normal(size=shape))[0]


def _regular(unit: complex) -> Domain:
    """Matrices with singular values far from each other and from zero."""

    def domain(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        *lead, m, n = shape
        u, v = _basis(rng, (*lead, m, m), unit), _basis(rng, (*lead, n, n), unit)
        k = min(m, n)
        return u[..., :k] * np.array(VALUES[:k]) @ v[..., :k, :]

    return domain


def _hermitian(unit: complex, signs: tuple[int, ...]) -> Domain:
    """Hermitian matrices with such eigenvalues."""

    def domain(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        v = _basis(rng, shape, unit)
        return v * (np.array(VALUES) * signs)[: shape[-1]] @ np.conjugate(np.swapaxes(v, -1, -2))

    return domain


def _growing(unit: complex) -> Domain:
    """Numbers whose sizes, and sums of sizes along any axis, are far from each other."""

    def domain(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        x = rng.uniform(1, 1.15, shape) * (rng.choice([-1, 1], shape) + unit * rng.choice([-1, 1], shape))
        for axis, base in zip(range(-1, -len(shape) - 1, -1), (1.4, 2.1, 0.4), strict=False):
            x = x * base ** np.arange(shape[axis]).reshape(-1, *(1,) * (-1 - axis))
        return x / 2

    return domain


class Kind(NamedTuple):
    """The domains of real, or of complex numbers."""

    regular: Domain
    hermitian: Domain
    positive: Domain
    growing: Domain
    any: Domain


def _kind(unit: complex) -> Kind:
    return Kind(
        _regular(unit),
        _hermitian(unit, (1, -1, 1, -1, 1)),
        _hermitian(unit, (1, 1, 1, 1, 1)),
        _growing(unit),
        lambda rng, shape: between(-2, 2)(rng, shape) + unit * between(-2, 2)(rng, shape),
    )


def matrix_entry(build: Callable[[Kind], Any], **more: Any) -> Entry:
    """An entry whose calls are built for both kinds of numbers."""
    return Entry(build(_kind(0)), build(_kind(1j)), **more)


def of_hermitian(f: Callable[..., Any]) -> Callable[..., Any]:
    """f of the Hermitian part of its first argument."""
    return lambda x, *args, **kwargs: f((x + np.conjugate(np.swapaxes(x, -1, -2))) * 0.5, *args, **kwargs)


def _of_declared(f: Callable[..., Any]) -> Callable[..., Any]:
    """As `of_hermitian` where the call declares its matrix Hermitian."""
    return lambda x, *args, **kwargs: (of_hermitian(f) if kwargs.get("hermitian") else f)(x, *args, **kwargs)


def _complex(f: Callable[..., Any]) -> Callable[..., Any]:
    """The answers as complex numbers, which those of a Tensor are always."""
    return lambda x: tree.map(lambda part: part + 0j, f(x))


def _eigenspaces(f: Callable[..., Any]) -> Callable[..., Any]:
    """The eigenvalues, and weights of the components of each eigenvector, which its phase does not change."""

    def of(x: Any, *args: Any, **kwargs: Any) -> Any:
        w, v = f(x, *args, **kwargs)
        return w, v * np.conjugate(v[..., :1, :])

    return of


def _singular_spaces(f: Callable[..., Any]) -> Callable[..., Any]:
    """The singular values, and products of the components of each pair of vectors, which no phase changes, and
    projectors on what vectors without a value span."""

    def of(x: Any, *args: Any, **kwargs: Any) -> Any:
        found = f(x, *args, **kwargs)
        if not isinstance(found, tuple):
            return found
        u, s, vh = found
        k = s.shape[-1]
        rest = u[..., k:] @ np.conjugate(np.swapaxes(u[..., k:], -1, -2))
        rest_of_v = np.conjugate(np.swapaxes(vh[..., k:, :], -1, -2)) @ vh[..., k:, :]
        u, vh = u[..., :k], vh[..., :k, :]
        return s, u * vh[..., :, 0][..., None, :], vh * u[..., 0, :][..., None], rest, rest_of_v

    return of


def _with_residuals(f: Callable[..., Any]) -> Callable[..., Any]:
    """With zeros for the residuals that NumPy leaves out, which depends on the rank."""

    def of(a: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
        x, residuals, rank, values = f(a, b, *args, **kwargs)
        shape = b.shape[1:] or (1,)
        return x, residuals if residuals.shape == shape else np.zeros(shape, residuals.dtype), rank, values

    return of


SHAPES = st.sampled_from([(1, 1), (2, 2), (3, 3), (4, 4), (2, 3, 3), (2, 1, 2, 2), (0, 0), (0, 2, 2), (2, 0, 0)])
FULL = st.sampled_from([(1, 1), (2, 2), (3, 3), (4, 4), (2, 3, 3), (2, 1, 2, 2)])
TALL = st.sampled_from([(2, 2), (3, 2), (2, 4, 3), (3, 1)])
ANY_SHAPE = st.sampled_from([(2, 2), (3, 3), (3, 2), (2, 3), (2, 2, 3), (2, 3, 2), (1, 3), (3, 1)])
UPLO = st.sampled_from(["L", "U"])


def _regular_calls(shapes: Any, **kwargs: Any) -> Callable[[Kind], Any]:
    return lambda k: calls(arrays(shapes, k.regular), **kwargs)


def _hermitian_calls(shapes: Any, **kwargs: Any) -> Callable[[Kind], Any]:
    return lambda k: calls(arrays(shapes, k.hermitian), **kwargs)


def _vectors(k: Kind) -> Any:
    ord = st.sampled_from([None, 1, 2, 3, 2.5, 0.5, -1, 0, np.inf, -np.inf])
    return calls(arrays((2, 3, 2), k.growing), ord, st.sampled_from([0, 1, -1]), st.booleans())


def _matrices(k: Kind) -> Any:
    x = arrays(st.sampled_from([(2, 3, 2), (3, 1, 3)]), k.growing)
    ord = st.sampled_from([None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
    return calls(x, ord, st.sampled_from([(0, 1), (-1, 0), (1, 2)]), keepdims=st.booleans())


ENTRIES = {
    "numpy.linalg.solve": matrix_entry(
        lambda k: st.one_of(
            calls(arrays((3, 3), k.regular), arrays((3,), k.any)),
            calls(arrays((2, 3, 3), k.regular), arrays(st.sampled_from([(3,), (3, 2), (2, 3, 1)]), k.any)),
            calls(arrays((2, 2), k.regular), arrays(st.sampled_from([(2, 0), (3, 2, 2)]), k.any)),
        )
    ),
    "numpy.linalg.inv": matrix_entry(_regular_calls(SHAPES)),
    "numpy.linalg.det": matrix_entry(
        lambda k: st.one_of(calls(arrays(SHAPES, k.regular)), calls(arrays((3, 3), k.any)))
    ),
    "numpy.linalg.slogdet": matrix_entry(_regular_calls(SHAPES)),
    "numpy.linalg.cholesky": matrix_entry(
        lambda k: calls(arrays(SHAPES, k.positive), upper=st.booleans()), seen=of_hermitian
    ),
    "numpy.linalg.qr": matrix_entry(
        lambda k: st.one_of(
            calls(arrays(ANY_SHAPE, k.regular), st.sampled_from(["reduced", "r"])),
            calls(arrays((2, 3), k.regular), mode="complete"),
        )
    ),
    "numpy.linalg.eigh": matrix_entry(_hermitian_calls(FULL, UPLO=UPLO), seen=lambda f: of_hermitian(_eigenspaces(f))),
    "numpy.linalg.eigvalsh": matrix_entry(_hermitian_calls(SHAPES, UPLO=UPLO), seen=of_hermitian),
    "numpy.linalg.eig": matrix_entry(lambda k: calls(arrays(FULL, k.any)), seen=_complex),
    "numpy.linalg.eigvals": matrix_entry(lambda k: calls(arrays(FULL, k.any)), seen=_complex),
    "numpy.linalg.svd": matrix_entry(
        lambda k: st.one_of(
            calls(arrays(ANY_SHAPE, k.regular), full_matrices=False),
            calls(arrays(ANY_SHAPE, k.regular)),
            calls(arrays(ANY_SHAPE, k.regular), compute_uv=False),
            calls(arrays(FULL, k.hermitian), hermitian=True, compute_uv=st.booleans()),
        ),
        seen=lambda f: _of_declared(_singular_spaces(f)),
    ),
    "numpy.linalg.svdvals": matrix_entry(_regular_calls(ANY_SHAPE)),
    "numpy.linalg.pinv": matrix_entry(
        lambda k: st.one_of(
            calls(arrays(ANY_SHAPE, k.regular), st.sampled_from([None, 1e-3])),
            calls(arrays(ANY_SHAPE, k.regular), rtol=st.sampled_from([None, 1e-3])),
            calls(arrays(FULL, k.hermitian), hermitian=True),
        ),
        seen=_of_declared,
    ),
    "numpy.linalg.lstsq": matrix_entry(
        lambda k: st.one_of(
            calls(arrays((4, 2), k.regular), arrays(st.sampled_from([(4,), (4, 2)]), k.any)),
            calls(arrays((2, 3), k.regular), arrays(st.sampled_from([(2,), (2, 3)]), k.any), rcond=1e-6),
            calls(arrays((3, 3), k.regular), arrays((3,), k.any), rcond=-1),
        ),
        seen=_with_residuals,
    ),
    "numpy.linalg.norm": matrix_entry(
        lambda k: st.one_of(calls(arrays(ANY_SHAPE, k.any), keepdims=st.booleans()), _vectors(k), _matrices(k))
    ),
    "numpy.linalg.vector_norm": matrix_entry(
        lambda k: calls(
            arrays((2, 3, 2), k.growing),
            axis=st.sampled_from([None, 0, (0, 2), (2, 1, 0)]),
            keepdims=st.booleans(),
            ord=st.sampled_from([0, 1, 2, 3, 0.5, -1, np.inf, -np.inf]),
        )
    ),
    "numpy.linalg.matrix_norm": matrix_entry(
        lambda k: calls(
            arrays(st.sampled_from([(2, 3), (2, 2, 2)]), k.growing),
            keepdims=st.booleans(),
            ord=st.sampled_from(["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]),
        )
    ),
    "numpy.linalg.cond": matrix_entry(
        lambda k: st.one_of(
            calls(arrays(ANY_SHAPE, k.regular), st.sampled_from([None, 2, -2])),
            calls(arrays((3, 3), k.regular), "fro"),
        )
    ),
    "numpy.linalg.matrix_power": matrix_entry(_regular_calls(SHAPES, n=st.sampled_from([0, 1, 2, 3, 5, -1, -2]))),
    "numpy.linalg.matrix_rank": matrix_entry(
        lambda k: st.one_of(
            calls(arrays(ANY_SHAPE, k.regular), st.sampled_from([None, 1.0])),
            calls(arrays((2, 3, 3), k.regular), rtol=0.5),
            calls(arrays((2, 3, 3), k.hermitian), hermitian=True),
            calls(arrays((3,), k.any)),
        )
    ),
    "numpy.linalg.tensorsolve": matrix_entry(
        lambda k: st.one_of(
            calls(arrays((4, 4), k.regular).map(lambda x: x.reshape(2, 2, 4)), arrays((2, 2), k.any)),
            calls(arrays((4, 4), k.regular).map(lambda x: x.reshape(4, 2, 2)), arrays((2, 2), k.any), axes=(0,)),
        )
    ),
    "numpy.linalg.tensorinv": matrix_entry(
        lambda k: st.one_of(
            calls(arrays((4, 4), k.regular).map(lambda x: x.reshape(2, 2, 4))),
            calls(arrays((4, 4), k.regular).map(lambda x: x.reshape(4, 2, 2)), ind=1),
        )
    ),
}

WITHOUT: dict[str, str] = {}
