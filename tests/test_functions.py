"""NumPy's functions and methods that are compositions: called as a user does, through the same properties.

Each line is a call with NumPy's arguments; on plain arrays it gives the expected value.
"""

from typing import Any

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.ops.window import windows
from tinygrad_scratch.testing.strategies import Case, arrays, between, distinct

from . import properties

MATRIX = arrays((2, 3), between(0.3, 2))
SQUARE = arrays((3, 3), between(-2, 2))
CUBE = arrays((2, 3, 2), between(-2, 2))
SPREAD = arrays((2, 4), distinct)
VECTOR = arrays((4,), between(-2, 2))

CALLS: dict[str, tuple[Any, ...]] = {
    "mean": (lambda x: np.mean(x), CUBE),
    "mean axis": (lambda x: np.mean(x, axis=(0, -1), keepdims=True), CUBE),
    "mean where": (lambda x: np.mean(x, axis=1, where=np.array([True, False, True])[:, None]), CUBE),
    "sum where": (lambda x: np.sum(x, where=np.arange(3) > 0), MATRIX),
    "sum method": (lambda x: x.sum(1), CUBE),
    "var": (lambda x: np.var(x, axis=1, ddof=1), CUBE),
    "std": (lambda x: x.std(axis=-1, keepdims=True), SPREAD),
    "prod": (lambda x: np.prod(x), CUBE),
    "prod axis": (lambda x: np.prod(x, axis=(0, 2), keepdims=True), CUBE),
    "prod with zeros": (lambda x: np.prod(x * np.array([0.0, 1.0, 0.0]), axis=1), MATRIX),
    "max method": (lambda x: x.max(axis=1), SPREAD),
    "min": (lambda x: np.min(x), SPREAD),
    "cumsum flat": (lambda x: np.cumsum(x), CUBE),
    "argmax": (lambda x: np.argmax(x, axis=1, keepdims=True), SPREAD),
    "argmin": (lambda x: np.argmin(x), SPREAD),
    "any": (lambda x: np.any(x > 1, axis=0), MATRIX),
    "all": (lambda x: np.all(x > 1), MATRIX),
    "reduce": (lambda x: np.add.reduce(x) + np.multiply.reduce(x, axis=0), CUBE),
    "maximum reduce": (lambda x: np.maximum.reduce(x, axis=1), SPREAD),
    "accumulate": (lambda x: np.add.accumulate(x, axis=1), CUBE),
    "multiply outer": (lambda x, y: np.multiply.outer(x, y), VECTOR, MATRIX),
    "sort": (lambda x: np.sort(x, axis=0), SPREAD),
    "sort flat": (lambda x: np.sort(x, axis=None), SPREAD),
    "argsort": (lambda x: np.argsort(x), SPREAD),
    "reshape": (lambda x: np.reshape(x, (-1, 2)), CUBE),
    "reshape method": (lambda x: x.reshape(2, -1), CUBE),
    "reshape F": (lambda x: np.reshape(x, (4, 3), order="F"), CUBE),
    "ravel": (lambda x: x.ravel(), CUBE),
    "T": (lambda x: x.T, CUBE),
    "transpose": (lambda x: x.transpose(1, 0, 2), CUBE),
    "moveaxis": (lambda x: np.moveaxis(x, 0, -1), CUBE),
    "moveaxis several": (lambda x: np.moveaxis(x, (0, 1), (2, 0)), CUBE),
    "swapaxes": (lambda x: np.swapaxes(x, 0, 2), CUBE),
    "squeeze": (lambda x: np.squeeze(x[:, :1]), CUBE),
    "expand_dims": (lambda x: np.expand_dims(x, (0, 2)), MATRIX),
    "broadcast_to": (lambda x: np.broadcast_to(x, (2, 2, 3)), MATRIX),
    "broadcast_arrays": (lambda x, y: np.broadcast_arrays(x, y)[1] * x, MATRIX, arrays((3,), between(-1, 1))),
    "concatenate": (lambda x, y: np.concatenate([x, y, x], axis=1), MATRIX, MATRIX),
    "concatenate flat": (lambda x, y: np.concatenate([x, y], axis=None), MATRIX, VECTOR),
    "stack": (lambda x, y: np.stack([x, np.ones((2, 3)), y], axis=-1), MATRIX, MATRIX),
    "hstack": (lambda x, y: np.hstack([x, y]), VECTOR, VECTOR),
    "vstack": (lambda x, y: np.vstack([x, y]), VECTOR, VECTOR),
    "split": (lambda x: np.split(x, 2)[1] + np.split(x, [1, 3])[0], VECTOR.map(lambda v: v[:4])),
    "pad": (lambda x: np.pad(x, 1), MATRIX),
    "pad values": (lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=3.0), MATRIX),
    "flip": (lambda x: np.flip(x), CUBE),
    "roll": (lambda x: np.roll(x, 5), CUBE),
    "roll axes": (lambda x: np.roll(x, (1, -1), axis=(0, 1)), CUBE),
    "index": (lambda x: x[0, ..., None, 1], CUBE),
    "slice": (lambda x: x[::-1, 1:, ::2], CUBE),
    "mask": (lambda x: x[np.array([[True, False, True], [False, True, True]])], CUBE),
    "list index": (lambda x: x[[0, 1, 1], 1], CUBE),
    "separated arrays": (lambda x: x[np.array([0, 1]), :, np.array([1, 0])], CUBE),
    "take": (lambda x: np.take(x, np.array([[0, 2], [1, 1]]), axis=1), CUBE),
    "take flat": (lambda x: x.take([3, 0]), CUBE),
    "take_along_axis": (lambda x: np.take_along_axis(x, np.array([[1], [0]]), axis=1), MATRIX),
    "iteration": (lambda x: sum(row * k for k, row in enumerate(x)), MATRIX),
    "iteration over some": (lambda x: [row * row for row in x][1], CUBE),
    "unpacking": (lambda x: (lambda a, b: a * np.sin(b))(*x), MATRIX),
    "where": (lambda x, y: np.where(x > 0, x * x, y), VECTOR.map(lambda v: v + 3 * np.sign(v)), VECTOR),
    "clip": (lambda x: np.clip(x, -0.45, 0.95), SPREAD),
    "clip method": (lambda x: x.clip(max=0.95), SPREAD),
    "matmul reflected": (lambda x: np.ones((4, 2)) @ x, MATRIX),
    "dot vectors": (lambda x, y: np.dot(x, y), VECTOR, VECTOR),
    "dot cubes": (lambda x, y: np.dot(x, y), CUBE, arrays((2, 2, 3), between(-1, 1))),
    "dot number": (lambda x: np.dot(x, 3.0), VECTOR),
    "vdot": (lambda x, y: np.vdot(x, y), MATRIX, MATRIX),
    "inner": (lambda x, y: np.inner(x, y), MATRIX, MATRIX),
    "outer": (lambda x, y: np.outer(x, y), MATRIX, VECTOR),
    "tensordot": (lambda x, y: np.tensordot(x, y, axes=([1, 0], [1, 0])), CUBE, CUBE),
    "tensordot 1": (lambda x, y: np.tensordot(x, y, 1), CUBE, arrays((2, 2), between(-1, 1))),
    "trace": (lambda x: np.trace(x), SQUARE),
    "diagonal": (lambda x: np.diagonal(x, 1), SQUARE),
    "einsum": (lambda x, y: np.einsum("ij,kj->ik", x, y), MATRIX, MATRIX),
    "einsum implicit": (lambda x, y: np.einsum("ij,jk", x, y), MATRIX, SQUARE),
    "einsum dots": (lambda x, y: np.einsum("...j,j->...", x, y), CUBE, arrays((2,), between(-1, 1))),
    "einsum diagonal": (lambda x: np.einsum("ii->i", x), SQUARE),
    "einsum trace": (lambda x: np.einsum("ii", x), SQUARE),
    "power 2": (lambda x: x**2, CUBE),
    "power 3": (lambda x: x**3, CUBE),
    "power -1.5": (lambda x: x**-1.5, MATRIX),
    "rpower": (lambda x: 2.0**x, CUBE),
    "reflected": (lambda x: 1 / x - 2 * x + 3.0 - (1.5 - x) / 4, MATRIX),
    "divmod": (lambda x: divmod(x, 0.7)[1], arrays((3,), lambda rng, shape: np.array([0.2, 1.0, 1.9]))),
    "abs": (lambda x: abs(-x) + (+x), SPREAD),
    "astype": (lambda x: x.astype(np.float64) * x.astype(int).astype(float), MATRIX),
    "zeros_like": (lambda x: x + np.zeros_like(x) + np.ones_like(x), MATRIX),
    "size": (lambda x: x * np.size(x) / (np.ndim(x) + x.ndim) + np.shape(x)[0] * x.size, MATRIX),
    "atleast_1d": (lambda x: np.atleast_1d(np.sum(x)), MATRIX),
    "scipy expit": (lambda x: scipy.special.expit(x), CUBE),
    "scipy erf": (lambda x: scipy.special.erf(x), CUBE),
}


@pytest.mark.parametrize("name", sorted(CALLS))
@given(data=st.data())
def test_call(name: str, data: Any) -> None:
    f, *strategies = CALLS[name]
    case = Case(tuple(data.draw(s) for s in strategies))
    properties.value_is_numpys(f, case, f, exact=False)
    properties.derivatives_are_numerical(f, case)
    properties.modes_are_adjoint(f, case)
    properties.second_orders_agree(f, case)


@pytest.mark.parametrize("name", sorted(CALLS))
@given(data=st.data())
def test_vmap_of_call(name: str, data: Any) -> None:
    f, *strategies = CALLS[name]
    case = Case(tuple(data.draw(s) for s in strategies))
    properties.vmap_is_a_loop(f, case, [True] * len(case.args), 2, data.draw(st.integers(0, 99)))


def test_round_is_numpys_and_constant() -> None:
    x = np.array([0.31, -1.26, 7.0])
    for digits in (0, 1, -1):
        properties.value_is_numpys(
            lambda x, d=digits: np.round(x, d), Case((x,)), lambda x, d=digits: np.round(x, d), False
        )
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(np.round(x, 1) * x))(x), np.round(x, 1))


@given(arrays((2, 3), between(-3, 3)), st.sampled_from([None, 0, 1, -1]))
def test_softmax_and_logsumexp(x: np.ndarray, axis: Any) -> None:
    ours, theirs = tg.scipy.special, scipy.special
    for name in ("softmax", "log_softmax", "logsumexp"):
        f, g = getattr(ours, name), getattr(theirs, name)
        np.testing.assert_allclose(f(x, axis=axis), g(x, axis=axis), rtol=1e-13, atol=1e-13)
        tg.testing.check_grads(lambda y, f=f: f(y, axis=axis), (x,))


def test_logsumexp_at_the_edges() -> None:
    inf = np.inf
    assert tg.scipy.special.logsumexp(np.array([-inf, -inf])) == -inf
    assert tg.scipy.special.logsumexp(np.array([1000.0, 1000.0])) == 1000 + np.log(2)
    np.testing.assert_array_equal(tg.grad(tg.scipy.special.logsumexp)(np.array([-inf, 0.0])), [0, 1])
    np.testing.assert_array_equal(tg.scipy.special.softmax(np.array([[1e4, -1e4]]), axis=1), [[1, 0]])


@given(st.integers(1, 2), st.integers(1, 2), st.integers(0, 2), st.integers(1, 2), st.integers(0, 99))
def test_convolution(n: int, stride: int, padding: int, dilation: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(2, *(6, 5)[:n], 3)), rng.normal(size=(*(2, 2)[:n], 3, 4))

    def conv(x: Any, w: Any) -> Any:
        return tg.nn.functional.conv(x, w, None, (stride,) * n, padding, (dilation,) * n)

    found = conv(x, w)
    wide = np.pad(x, [(0, 0), *[(padding, padding)] * n, (0, 0)])
    for place in np.ndindex(*found.shape[1:-1]):
        cut = tuple(slice(p * stride, p * stride + dilation + 1, dilation) for p in place)
        seen = wide[(slice(None), *cut)].reshape(2, -1)
        np.testing.assert_allclose(found[(slice(None), *place)], seen @ w.reshape(-1, 4), rtol=1e-12, atol=1e-12)
    tg.testing.check_grads(conv, (x, w))


def test_pooling() -> None:
    x = np.random.default_rng(0).permutation(2 * 4 * 6 * 3).reshape(2, 4, 6, 3) / 10
    blocks = x.reshape(2, 2, 2, 3, 2, 3)
    np.testing.assert_array_equal(tg.nn.functional.max_pool(x, (2, 2)), blocks.max(axis=(2, 4)))
    np.testing.assert_allclose(tg.nn.functional.average_pool(x, (2, 2)), blocks.mean(axis=(2, 4)), rtol=1e-14)
    tg.testing.check_grads(lambda x: tg.nn.functional.max_pool(x, (3, 2), (1, 2)), (x,), order=1)
    assert windows(x, (2, 2)).shape == (2, 3, 5, 2, 2, 3)


def test_namespace_makes_arrays_of_tensors() -> None:
    tnp = tg.numpy
    x = np.array([1.0, 2.0])
    jacobian = tg.jacrev(lambda x: tnp.array([[x[0], 2.0], [x[1] ** 2, x[0] * x[1]]]))(x)
    np.testing.assert_array_equal(jacobian, [[[1, 0], [0, 0]], [[0, 4], [2, 1]]])
    assert tg.grad(lambda x: tnp.asarray(x, np.float32).sum())(x).dtype == float
    with pytest.raises(tg.errors.MissingRuleError, match="array: the argument like= is not supported"):
        tg.grad(lambda x: tnp.array([x[0], 1.0], like=x).sum())(x)
    assert tnp.sin is np.sin
    assert {"array", "sin"} <= set(dir(tnp))


# ---- cases that once failed -----------------------------------------------------------------------------------------


def test_mean_where_keeps_axes_and_dtype() -> None:
    a = np.arange(6.0).reshape(2, 3)
    for x in (a, a.astype(np.float32)):
        found = tg.vjp(lambda t: np.mean(t, axis=1, keepdims=True, where=a > 1), x)[0]
        expected = np.mean(x, axis=1, keepdims=True, where=a > 1)
        properties.same(found, expected, exact=False)


def test_small_dtypes_are_summed_and_multiplied_as_numpy_does() -> None:
    for dtype in (np.int8, np.uint8, bool):
        x = np.ones((2, 3), dtype)
        for f in (np.prod, np.sum, np.mean):
            properties.same(tg.vmap(f)(x), np.stack([f(row) for row in x]))
    half = np.full(2000, 100, np.float16)
    assert tg.vjp(np.mean, half)[0] == 100
    properties.same(tg.vjp(np.mean, half)[0], np.mean(half), exact=False)


def test_any_true_value_keeps_dims() -> None:
    x = np.arange(6.0).reshape(2, 3)
    for f in (np.sum, np.mean, np.max, np.var, np.prod, np.any, np.argmax):
        for keep in (True, 1, False, 0):
            found = tg.vmap(lambda t, f=f, keep=keep: f(t, axis=0, keepdims=keep))(x[None])
            assert found.shape == (1, *f(x, axis=0, keepdims=keep).shape)


def test_logsumexp_of_infinity_moves_with_the_infinite_part() -> None:
    with np.errstate(invalid="ignore"):
        g = tg.grad(tg.scipy.special.logsumexp)(np.array([np.inf, 1.0]))
    np.testing.assert_array_equal(g, [1, 0])


@pytest.mark.parametrize(
    "f",
    [
        lambda t: np.sum(t) ** 2, lambda t: np.sin(np.sum(t)), lambda t: np.sqrt(np.sum(t * t)), np.std,
        lambda t: np.var(t) ** 2, lambda t: np.mean((t - np.mean(t)) ** 2), lambda t: np.log(np.sum(np.exp(t))),
    ],
)  # fmt: skip
def test_hessian_of_a_function_of_a_sum(f: Any) -> None:
    x = np.array([3.0, 1.0, 2.5])
    h = tg.hessian(f)(x)
    np.testing.assert_allclose(h, tg.jacrev(tg.jacrev(f))(x), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(h, tg.jacfwd(tg.jacfwd(f))(x), rtol=1e-12, atol=1e-13)


def test_stack_of_many_parts_is_linear_in_time() -> None:
    n = 20_000  # a backward pass that is quadratic in n takes minutes
    assert tg.grad(lambda t: np.stack([t * i for i in range(n)]).sum())(1.0) == n * (n - 1) / 2


def test_questions_about_values_are_answered() -> None:
    x = np.array([1.0, 2.0])

    def f(t: Any) -> Any:
        assert np.allclose(t, x)
        assert np.array_equal(t, x)
        assert not np.array_equal(t, x[:1])
        assert np.isclose(t, x + 1e-9).all()
        assert np.isclose(t * np.inf, np.inf).all()
        return np.sum(t)

    np.testing.assert_array_equal(tg.grad(f)(x), 1)


def test_lists_are_operands_of_ufuncs_and_powers() -> None:
    x = np.array([3.0, 1.0, 2.0])
    tg.testing.check_grads(lambda t: np.sum(t ** [1.0, 2.0, 3.0] + np.arctan2(t, [1.0, 2.0, 3.0])), (x,))
    tg.testing.check_grads(lambda t: sum(divmod(2.0, t)) + np.sum(np.divmod(t, 0.7)[1]), (x + 0.2,))  # off the jumps


def test_iteration_over_rows_is_linear_in_their_number() -> None:
    x = np.ones((2000, 500))  # a whole array a row would be 16 GB
    np.testing.assert_array_equal(tg.grad(lambda t: sum(np.sum(row * row) for row in t))(x), 2 * x)
    assert tg.grad(lambda t: float(len(list(t))))(np.ones((0, 3))).shape == (0, 3)


def test_take_of_booleans_takes_the_numbers_0_and_1() -> None:
    x, m = np.array([10.0, 20.0, 30.0]), np.array([True, False, True])
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(np.take(x, m)))(x), [1, 2, 0])
    np.testing.assert_array_equal(tg.numpy.take(x, m), np.take(x, m))


def test_isclose_of_small_integers_does_not_wrap_around() -> None:
    u, v = np.array([0, 10], np.uint8), np.array([255, 12], np.uint8)
    np.testing.assert_array_equal(tg.vmap(lambda a, b: np.isclose(a, b, rtol=0.01))(u, v), np.isclose(u, v, rtol=0.01))


def test_lists_are_operands_of_products() -> None:
    x = np.arange(12.0).reshape(2, 2, 3) / 7
    tg.testing.check_grads(lambda t: np.dot(t, [[1.0], [2.0], [3.0]]) * np.inner(t, [1.0, 2.0, 3.0])[..., None], (x,))
    tg.testing.check_grads(lambda t: np.tensordot(t, [1.0, 2.0, 3.0], 1), (x,))
