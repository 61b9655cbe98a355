"""Linear algebra at its edges: singular matrices, equal eigenvalues, norms at zero; and what it refuses."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.coverage.entry import find
from tinygrad_scratch.coverage.table.scipy_linalg import ENTRIES

from .. import properties

LA = np.linalg
SEEDS = st.integers(0, 2**32 - 1)
X = np.arange(1.0, 7.0).reshape(2, 3)
WIDE = np.array([[1.0, 2.0, 0.0, -1.0], [0.5, -1.0, 3.0, 2.0]])
SQUARE = np.array([[2.0, 1.0], [1.0, 3.0]])


def of_values(rng: np.random.Generator, values: Any, complex_: bool = False) -> Any:
    """A matrix with these singular values, and its vectors."""
    u, v = (LA.qr(rng.normal(size=(len(values),) * 2))[0] for _ in range(2))
    return u * np.asarray(values) @ v.T, u, v


def symmetric(x: Any) -> Any:
    return (x + np.swapaxes(x, -1, -2)) / 2


# ---- determinants of any rank ----------------------------------------------------------------------------------------


def minors(x: np.ndarray) -> np.ndarray:
    """The cofactors, one determinant each."""
    n = len(x)
    every = range(n)
    return np.array(
        [
            [
                (-1) ** (i + j) * LA.det(x[np.ix_([k for k in every if k != i], [k for k in every if k != j])])
                for j in every
            ]
            for i in every
        ]
    )


@given(SEEDS, st.integers(1, 7), st.integers(0, 7))
def test_derivative_of_det_is_the_cofactors_of_any_rank(seed: int, n: int, nullity: int) -> None:
    rng = np.random.default_rng(seed)
    x, _, _ = of_values(rng, [0.0 if i < nullity else v for i, v in enumerate(rng.uniform(0.5, 2, n))])
    np.testing.assert_allclose(tg.grad(LA.det)(x), minors(x), rtol=0, atol=1e-12)
    np.testing.assert_allclose(tg.jacfwd(LA.det)(x), minors(x), rtol=0, atol=1e-12)


@given(SEEDS, st.integers(2, 6), st.integers(0, 6))
def test_second_derivative_of_det_is_the_minors_of_any_rank(seed: int, n: int, nullity: int) -> None:
    rng = np.random.default_rng(seed)
    x, _, _ = of_values(rng, [0.0 if i < nullity else v for i, v in enumerate(rng.uniform(0.5, 2, n))])
    found = tg.hessian(LA.det)(x)
    for i, k in combinations(range(n), 2):
        for j, m in combinations(range(n), 2):
            rows, columns = [r for r in range(n) if r not in (i, k)], [c for c in range(n) if c not in (j, m)]
            expected = (-1) ** (i + j + k + m) * LA.det(x[np.ix_(rows, columns)])
            np.testing.assert_allclose(found[i, j, k, m], expected, rtol=0, atol=1e-11)
            np.testing.assert_allclose(found[i, m, k, j], -expected, rtol=0, atol=1e-11)
            assert found[i, j, i, m] == pytest.approx(0, abs=1e-11)


def test_third_derivative_of_det_of_a_singular_matrix() -> None:
    x, _, _ = of_values(np.random.default_rng(0), [2.0, 1.5, 0.0, 0.0])
    first = tg.grad(LA.det)
    tg.testing.check_grads(lambda x: tg.jvp(first, (x,), (np.ones((4, 4)),))[1], (x,), order=1)


@pytest.mark.parametrize("scale", [1e-40, 1e40])
def test_derivative_of_det_of_large_and_small_numbers(scale: float) -> None:
    x = np.random.default_rng(0).normal(size=(5, 5))
    np.testing.assert_allclose(tg.grad(LA.det)(scale * x), scale**4 * minors(x), rtol=1e-10)


def test_determinants_of_zero_and_of_nothing() -> None:
    for n in range(4):
        expected = np.ones((1, 1)) if n == 1 else np.zeros((n, n))
        np.testing.assert_array_equal(tg.grad(LA.det)(np.zeros((n, n))), expected)
    stack = np.stack([np.zeros((3, 3)), np.eye(3), np.diag([1.0, 0.0, 2.0])])
    expected = np.stack([np.zeros((3, 3)), np.eye(3), np.diag([0.0, 2.0, 0.0])])
    np.testing.assert_allclose(tg.grad(lambda x: np.sum(LA.det(x)))(stack), expected, atol=1e-15)


def test_slogdet_of_a_singular_matrix_has_no_derivative() -> None:
    x = np.diag([1.0, 0.0])
    assert tg.vmap(lambda x: LA.slogdet(x).logabsdet)(x[None]) == -np.inf
    with pytest.raises(LA.LinAlgError, match=r"slogdet: the derivative needs a matrix that is not singular \(at"):
        tg.grad(lambda x: LA.slogdet(x).logabsdet)(x)


# ---- nearly singular -------------------------------------------------------------------------------------------------


@given(SEEDS)
def test_inverse_near_singularity(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, u, v = of_values(rng, [1.0, 0.5, 1e-9])
    w, t = rng.normal(size=(2, 3, 3))
    exact = (v / [1.0, 0.5, 1e-9]) @ u.T
    expected = -exact.T @ w @ exact.T
    found = tg.vjp(LA.inv, x)[1](w)[0]
    assert np.max(np.abs(found - expected)) < 1e-5 * np.max(np.abs(expected))
    pushed = tg.jvp(LA.inv, (x,), (t,))[1]
    assert np.sum(pushed * w) == pytest.approx(np.sum(found * t), rel=1e-6)


@pytest.mark.parametrize("p", [None, 1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc"])
def test_cond_of_every_norm(p: Any) -> None:
    x = np.array([[2.0, 0.3, 1.1], [-0.4, 1.7, 0.2], [0.6, -0.8, 3.1]])
    tg.testing.check_grads(lambda x: LA.cond(x, p), (x,))


def test_cond_of_a_singular_matrix_is_infinite() -> None:
    x = np.stack([np.ones((2, 2)), SQUARE])
    for p in ("fro", 1, np.inf):
        np.testing.assert_allclose(tg.vjp(lambda x, p=p: LA.cond(x, p), x)[0], LA.cond(x, p), rtol=1e-14)
        g = tg.vjp(lambda x, p=p: LA.cond(x, p), x)[1](np.ones(2))[0]
        assert np.all(g[0] == 0)
        assert np.any(g[1] != 0)


@given(SEEDS)
def test_pinv_of_constant_rank(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(4, 2)), rng.normal(size=(2, 3))
    tg.testing.check_grads(lambda a, b: LA.pinv(a @ b, rcond=1e-6), (a, b))


# ---- equal eigenvalues and singular values ---------------------------------------------------------------------------


@given(SEEDS, st.sampled_from([(1, 1, 1), (2, 2, -1), (1, 2, 2, 1, 3), (0, 0, 1), (0, 0)]))
def test_symmetric_functions_of_equal_eigenvalues(seed: int, values: Any) -> None:
    rng = np.random.default_rng(seed)
    _, q, _ = of_values(rng, values)
    a = symmetric(q * np.array(values) @ q.T)

    def of_matrix(df: Any) -> Any:
        return q * df(np.array(values, float)) @ q.T

    def close(found: Any, expected: Any) -> None:
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)

    close(tg.grad(lambda a: np.sum(LA.eigvalsh(a)))(a), np.eye(len(a)))
    close(tg.grad(lambda a: np.sum(np.sin(LA.eigvalsh(a))))(a), of_matrix(np.cos))
    close(tg.jacfwd(lambda a: np.sum(np.sin(LA.eigvalsh(a))))(a), of_matrix(np.cos))

    def trace_of_exponential(a: Any) -> Any:
        w, v = LA.eigh(a)
        return np.trace(v * np.exp(w) @ v.T)

    close(tg.grad(trace_of_exponential)(a), of_matrix(np.exp))
    close(tg.hessian(lambda a: np.sum(LA.eigvalsh(a)))(a), 0)


@given(SEEDS)
def test_projector_on_all_vectors_of_equal_eigenvalues(seed: int) -> None:
    rng = np.random.default_rng(seed)
    _, q, _ = of_values(rng, range(4))
    a = symmetric(q * np.array([1.0, 1.0, 1.0, 2.5]) @ q.T)

    def projector(a: Any) -> Any:
        v = LA.eigh(symmetric(a)).eigenvectors[:, :3]
        return v @ v.T

    tg.testing.check_grads(projector, (a,), order=1)


@given(SEEDS, st.sampled_from([(1.5, 1.5, 1.5), (2.0, 2.0, 0.5), (1.0, 1.0)]))
def test_polar_factor_and_nuclear_norm_of_equal_singular_values(seed: int, values: Any) -> None:
    a, u, v = of_values(np.random.default_rng(seed), values)

    def polar(a: Any) -> Any:
        u, _, vh = LA.svd(a)
        return u @ vh

    tg.testing.check_grads(polar, (a,), order=1)
    np.testing.assert_allclose(tg.grad(lambda a: LA.norm(a, "nuc"))(a), u @ v.T, rtol=0, atol=1e-12)
    tg.testing.check_grads(LA.pinv, (a,))
    tg.testing.check_grads(lambda a: np.sum(LA.svdvals(a) ** 2), (a,), order=1)


@given(SEEDS)
def test_norms_of_equal_singular_values_have_a_subgradient(seed: int) -> None:
    a, _, _ = of_values(np.random.default_rng(seed), (1.5, 1.5, 0.5))
    g = tg.grad(lambda a: LA.norm(a, 2))(a)
    assert np.sum(LA.svdvals(g)) == pytest.approx(1)  # of the hull of u_i v_i^T
    assert np.sum(g * a) == pytest.approx(1.5)


# ---- zero ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ord", [None, 0, 1, 2, 3, 1.5, 0.5, -1, np.inf, -np.inf])
def test_vector_norm_at_zero(ord: Any) -> None:
    np.testing.assert_array_equal(tg.grad(lambda x: LA.norm(x, ord))(np.zeros(3)), 0)
    np.testing.assert_array_equal(tg.hessian(lambda x: LA.norm(x, ord) ** 2)(np.zeros(3)), 0)
    x = np.array([3.0, 0.0, -4.0])
    g = tg.grad(lambda x: LA.norm(x, ord))(x)
    assert g[1] == 0
    assert np.all(np.isfinite(g))
    with np.errstate(divide="ignore"):
        properties.same(tg.vjp(lambda x: LA.norm(x, ord), x)[0], LA.norm(x, ord), exact=False)


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_matrix_norm_at_zero(ord: Any) -> None:
    np.testing.assert_array_equal(tg.grad(lambda x: LA.norm(x, ord, axis=(0, 1)))(np.zeros((2, 3))), 0)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, np.inf])
def test_norm_of_nothing(ord: Any) -> None:
    x = np.zeros((2, 0))
    expected = [0.0, 0.0] if ord == np.inf else LA.norm(x, ord, axis=1)
    np.testing.assert_array_equal(tg.vjp(lambda x: LA.norm(x, ord, axis=1), x)[0], expected)


# ---- Hermitian functions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "f", [LA.cholesky, lambda a: LA.cholesky(a, upper=True), LA.eigvalsh, lambda a: LA.eigh(a, "U")]
)
def test_gradients_by_hermitian_matrices_are_symmetric(f: Any) -> None:
    a = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    g = tg.grad(lambda a: np.sum(np.sin(tg.tree.leaves(f(a))[-1])))(a)
    np.testing.assert_allclose(g, g.T, rtol=0, atol=1e-15)
    assert np.max(np.abs(g)) > 0.01


def test_answers_have_numpys_names() -> None:
    a = np.diag([1.0, 2.0, 3.0])
    assert tg.grad(lambda a: LA.eigh(a).eigenvalues[1])(a)[1, 1] == 1
    assert tg.grad(lambda a: LA.qr(a).R[1, 1])(a)[1, 1] == pytest.approx(1)
    assert tg.grad(lambda a: LA.svd(a).S[0])(a)[2, 2] == pytest.approx(1)
    assert tg.grad(lambda a: LA.slogdet(a).logabsdet)(a)[1, 1] == 0.5
    for f in (LA.eigh, LA.qr, LA.svd, LA.slogdet):
        found = tg.jit(lambda a, f=f: f(a))(a)
        assert type(found).__name__ == type(f(a)).__name__
        assert found._fields == f(a)._fields


# ---- compiled --------------------------------------------------------------------------------------------------------


def everything(x: Any) -> Any:
    s = symmetric(x @ x.T) + np.eye(3)
    parts = [
        *LA.eigh(s), np.real(LA.eigvals(x)), np.abs(LA.eig(x).eigenvectors),
        *LA.qr(x), *LA.svd(x), *LA.slogdet(x), LA.det(x), LA.inv(x), LA.pinv(x), LA.cholesky(s),
        LA.solve(x, s), LA.lstsq(x, s)[0], LA.matrix_power(x, -2), LA.norm(x, 2), LA.cond(x), tg.scipy.linalg.expm(x),
        tg.scipy.linalg.sqrtm(s), tg.scipy.linalg.logm(s), tg.scipy.linalg.solve_sylvester(s, s, x),
    ]  # fmt: skip
    return sum(np.sum(np.sin(part)) for part in parts)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_compiled_programs_and_their_source(backend: str) -> None:
    x = np.random.default_rng(3).normal(size=(3, 3))
    gradient = tg.grad(everything)
    run = tg.jit(gradient, backend=backend)
    for _ in range(2):
        np.testing.assert_allclose(run(x), gradient(x), rtol=1e-12)
    properties.same_source(gradient, [x])
    rows = np.stack([x, 2 * x])
    np.testing.assert_allclose(tg.vmap(gradient)(rows), np.stack([gradient(r) for r in rows]), rtol=1e-9)


# ---- functions of matrices -------------------------------------------------------------------------------------------


@given(SEEDS, st.sampled_from([1e-3, 1.0, 30.0]))
def test_expm_is_exact_for_rotations(seed: int, angle: float) -> None:
    angle *= np.random.default_rng(seed).uniform(0.5, 1)
    x = np.array([[0, -angle], [angle, 0]])
    c, s = np.cos(angle), np.sin(angle)
    np.testing.assert_allclose(tg.scipy.linalg.expm(x), [[c, -s], [s, c]], rtol=0, atol=1e-13)
    turned = tg.jvp(lambda a: tg.scipy.linalg.expm(a * np.array([[0, -1.0], [1.0, 0]])), (angle,), (1.0,))[1]
    np.testing.assert_allclose(turned, [[-s, -c], [c, -s]], rtol=0, atol=1e-12)


def test_derivative_of_expm_in_a_large_direction() -> None:
    x = np.random.default_rng(0).normal(size=(3, 3))
    small = tg.grad(lambda x: np.sum(tg.scipy.linalg.expm(x)))(x)
    np.testing.assert_allclose(tg.grad(lambda x: 1e12 * np.sum(tg.scipy.linalg.expm(x)))(x), 1e12 * small, rtol=1e-12)
    np.testing.assert_array_equal(tg.scipy.linalg.expm(np.full((2, 2), np.nan)), np.nan)


@pytest.mark.filterwarnings("ignore:logm result may be inaccurate")
@pytest.mark.parametrize("name", sorted(ENTRIES))
@given(data=st.data())
def test_values_are_scipys(name: str, data: Any) -> None:
    entry = ENTRIES[name]
    args, kwargs = data.draw(entry.calls)
    found = entry.seen(find(name))(*args, **kwargs)
    expected = entry.seen(getattr(scipy.linalg, name.rpartition(".")[2]))(*args, **kwargs)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.max(np.abs(expected), initial=1))


@given(SEEDS, st.integers(1, 4), st.sampled_from([1e-3, 1.0, 1e3]))
def test_logarithm_of_an_exponential(seed: int, n: int, scale: float) -> None:
    x = np.random.default_rng(seed).uniform(-0.5, 0.5, (n, n))
    found = tg.scipy.linalg.logm(scale * tg.scipy.linalg.expm(x))
    np.testing.assert_allclose(found, x + np.log(scale) * np.eye(n), rtol=0, atol=1e-12)


def test_functions_at_equal_eigenvalues() -> None:
    for f in (tg.scipy.linalg.expm, tg.scipy.linalg.sqrtm, tg.scipy.linalg.logm):
        tg.testing.check_grads(f, (np.eye(3) + 0.0,))


def test_solve_assuming_a_form() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 3)), rng.normal(size=3)
    a = a @ a.T + np.eye(3)
    for assume in (None, "general", "pos", "upper triangular", "lower triangular"):
        for transposed in (False, True):
            found = tg.scipy.linalg.solve(a, b, assume_a=assume, transposed=transposed)
            np.testing.assert_allclose(
                found, scipy.linalg.solve(a, b, assume_a=assume, transposed=transposed), rtol=1e-9
            )


# ---- products --------------------------------------------------------------------------------------------------------


def test_einsum_of_lists_with_dots_and_its_path() -> None:
    x, y = np.arange(8.0).reshape(2, 2, 2), np.arange(4.0).reshape(2, 2)

    def f(x: Any, y: Any) -> Any:
        path, _ = np.einsum_path("ijk,kl->ijl", x, y)
        assert path == np.einsum_path("ijk,kl->ijl", np.ones((2, 2, 2)), np.ones((2, 2)))[0]
        return np.einsum(x, [..., 0, 1], y, [1, 2], [..., 2, 0]) + np.einsum("ijk,kl->ijl", x, y, optimize=path)

    tg.testing.check_grads(f, (x, y))
    expected = np.einsum("...ab,bc->...ca", x, y) + np.einsum("ijk,kl->ijl", x, y)
    np.testing.assert_allclose(tg.vjp(f, x, y)[0], expected)


@pytest.mark.parametrize("optimize", [True, False, "greedy", "optimal"])
def test_compiled_einsum_by_any_way_of_optimizing(optimize: Any) -> None:
    x = np.arange(6.0).reshape(2, 3)
    gradient = tg.grad(lambda x: np.sum(np.einsum("ij,kj,kl->il", x, x, x, optimize=optimize)))
    np.testing.assert_allclose(tg.jit(gradient)(x), gradient(x), rtol=1e-13)
    properties.same_source(gradient, [x])


def test_products_with_numbers_and_of_other_dtypes() -> None:
    x = np.arange(4, dtype=np.float32).reshape(2, 2)
    for f in (np.dot, np.inner, np.outer, np.kron):
        properties.same(tg.vjp(lambda x, f=f: f(x, 1.5), x)[0], f(x, 1.5))
        assert tg.grad(lambda x, f=f: np.sum(f(x, 1.5)))(x).dtype == np.float32
    properties.same(tg.vjp(lambda x: np.trace(x, dtype=np.float64), x)[0], np.trace(x, dtype=np.float64))
    assert tg.grad(lambda x: np.trace(x, dtype=np.float64))(x).dtype == np.float32


def test_multi_dot_takes_the_cheap_order() -> None:
    from tinygrad_scratch.ops.products import _cheapest

    assert _cheapest([10, 100, 5, 50])[0, 2] == 1  # (10x100 100x5) 5x50
    assert _cheapest([30, 35, 15, 5, 10, 20, 25])[0, 5] == 2  # Cormen et al., figure 15.5


# ---- refusals --------------------------------------------------------------------------------------------------------

errors = tg.errors


@pytest.mark.parametrize("unit", [0, 1j])
@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 3, 1), (3, 3)])
def test_vectors_that_complete_a_basis(shape: Any, unit: Any) -> None:
    rng = np.random.default_rng(0)
    x, w = [rng.normal(size=shape) + unit * rng.normal(size=shape) for _ in range(2)]
    m, n = shape[-2:]
    k = min(m, n)
    v = rng.normal(size=(m, m))

    def dagger(a: Any) -> Any:
        return np.conj(np.swapaxes(a, -1, -2))

    def whole(x: Any) -> Any:
        u, s, vh = LA.svd(x)
        middle = np.zeros((m, n))
        return u @ (middle + np.eye(m, k) @ (s[..., None] * np.eye(k, n))) @ vh

    def spaces(x: Any) -> Any:
        rest = LA.svd(x).U[..., k:], LA.qr(x, "complete").Q[..., k:]
        return [np.real(e @ dagger(e)) * v for e in rest]

    found, back = tg.vjp(whole, x)
    np.testing.assert_allclose(found, x, atol=1e-12)
    np.testing.assert_allclose(back(w)[0], w, atol=1e-12)
    parts = tg.vjp(LA.svd, x)[0]
    for q in (parts.U, parts.Vh, tg.vjp(lambda x: LA.qr(x, "complete").Q, x)[0]):
        np.testing.assert_allclose(dagger(q) @ q, np.broadcast_to(np.eye(q.shape[-1]), q.shape), atol=1e-12)
    tg.testing.check_grads(spaces, (x,), order=2)


def test_residuals_of_a_rank_that_is_known() -> None:
    a, b = np.ones((4, 2)), np.arange(4.0)
    assert tg.vjp(LA.lstsq, a, b)[0][1].shape == LA.lstsq(a, b)[1].shape == (0,)
    assert tg.vmap(LA.lstsq)(a[None], b[None])[1].shape == (1, 1)


@pytest.mark.filterwarnings("ignore:Matrix is singular")  # SciPy's, before our error
@pytest.mark.parametrize(
    ("f", "x", "error", "sentence"),
    [
        (LA.inv, np.ones((2, 2)), LA.LinAlgError, r"inv: Singular matrix \(at .*test_linalg.py"),
        (lambda x: LA.solve(x, x), np.ones((2, 2)), LA.LinAlgError, "solve: Singular matrix"),
        (LA.inv, X, LA.LinAlgError, "inv: Last 2 dimensions of the array must be square"),
        (LA.det, X, errors.LinearAlgebraError, "det: Last 2 dimensions of the array must be square"),
        (LA.eigh, X, LA.LinAlgError, "eigh: Last 2 dimensions"),
        (LA.cholesky, -SQUARE, LA.LinAlgError, "cholesky: Matrix is not positive definite"),
        (lambda x: LA.matrix_power(x, 2), X, LA.LinAlgError, r"matrix_power: shape \(2, 3\), expected square"),
        (lambda x: LA.qr(x).R, np.ones((3, 2)) * [1, 0], LA.LinAlgError, "qr: the derivative needs linearly"),
        (LA.cond, np.ones((2, 0)), LA.LinAlgError, r"cond: shape \(2, 0\), expected matrices that are not empty"),
        (lambda x: LA.qr(x, "raw"), X, errors.MissingRuleError, "qr: mode='raw' is not supported.*'reduced'"),
        (lambda x: LA.qr(x, "complete").Q, WIDE.T, errors.MissingRuleError, r"complete a basis \(at .*mode='reduced'"),
        (lambda x: LA.svd(x).Vh, WIDE, errors.MissingRuleError, r"complete a basis \(at .*full_matrices=False"),
        (lambda x: LA.eigh(x, "X"), SQUARE, errors.ArgumentError, "eigh: UPLO='X', expected 'L' or 'U'"),
        (lambda x: LA.pinv(x, np.ones(2)), X, errors.MissingRuleError, r"rcond= has shape \(2,\).*one number"),
        (lambda x: LA.lstsq(x, np.ones(3)), X, errors.ShapeError, r"lstsq: arguments of shape \(2, 3\) and \(3,\)"),
        (lambda x: LA.norm(x, "one"), X[0], errors.ArgumentError, "norm: ord='one', expected a number or None"),
        (lambda x: LA.norm(x, 3, (0, 1)), X, errors.ArgumentError, "norm: ord=3, expected None, 'fro', 'nuc'"),
        (lambda x: LA.norm(x, 2), np.ones((2, 2, 2)), errors.ArgumentError, "norm: 3 axes of shape .*one or two"),
        (lambda x: LA.norm(x, axis=2), X, np.exceptions.AxisError, "axis 2 is out of bounds"),
        (lambda x: LA.matrix_rank(x, 1, rtol=1), X, errors.ArgumentError, "tol= and rtol= are both given"),
        (lambda x: LA.tensorsolve(x, np.ones(2)), X, errors.ShapeError, "2 equations and 3 unknowns"),
        (lambda x: LA.tensorinv(x, 0), X, errors.ArgumentError, "tensorinv: ind=0, expected a positive number"),
        (lambda x: LA.multi_dot([x]), X, errors.ArgumentError, "multi_dot: 1 arrays, expected two or more"),
        (lambda x: LA.outer(x, x), X, errors.ShapeError, r"outer: shapes \(2, 3\) and \(2, 3\), expected two vectors"),
        (lambda x: LA.cross(x, x), X[:, :2], errors.ShapeError, "cross: vectors of lengths 2 and 2, expected 3 and 3"),
        (lambda x: np.cross(x, x), np.ones(4), errors.ShapeError, "cross: vectors of lengths 4 and 4, expected 2 or 3"),
        (lambda x: np.vecdot(x, np.ones(2)), X, errors.ShapeError, "vecdot: vectors of lengths 3 and 2"),
        (lambda x: np.vecdot(x, x, dtype=float), X, errors.MissingRuleError, "vecdot: the argument dtype= is not"),
        (lambda x: np.einsum(x), X, errors.ArgumentError, "einsum: the first argument must be the subscripts"),
        (lambda x: np.einsum("ij", x, order="F"), X, errors.MissingRuleError, "einsum: the argument order= is not"),
        (lambda x: np.diagonal(x, 0, 1, 1), X, errors.ArgumentError, "axis1 and axis2 are both 1"),
        (np.matrix_transpose, np.ones(2), errors.ShapeError, r"matrix_transpose: shape \(2,\), expected two or more"),
        (tg.scipy.linalg.expm, X, errors.ShapeError, r"expm: shape \(2, 3\), expected square matrices"),
        (tg.scipy.linalg.sqrtm, -SQUARE, LA.LinAlgError, "sqrtm: a real matrix with negative eigenvalues.*x \\+ 0j"),
        (tg.scipy.linalg.logm, np.zeros((2, 2)), LA.LinAlgError, "logm: a singular matrix has no logarithm"),
        (
            lambda x: tg.scipy.linalg.solve_triangular(x, np.ones(2), 3), SQUARE, errors.ArgumentError,
            "solve_triangular: trans=3, expected 0, 1, 2",
        ),
        (
            lambda x: tg.scipy.linalg.solve(x, np.ones(2), assume_a="banded"), SQUARE, errors.MissingRuleError,
            "solve: assume_a='banded' is not supported",
        ),
    ],
)  # fmt: skip
def test_refusals(f: Any, x: Any, error: Any, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        tg.grad(lambda x: sum(np.sum(part) for part in tg.tree.leaves(f(x))))(x)


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for name, args in {"sqrtm": (SQUARE,), "logm": (SQUARE,), "solve_sylvester": (SQUARE,) * 3}.items():
        with pytest.raises(errors.MissingExtraError, match=rf"{name} needs SciPy: pip install"):
            getattr(tg.scipy.linalg, name)(*args)
    assert tg.scipy.linalg.expm(np.zeros((1, 1))) == 1
