"""tg.numpy: NumPy's namespace, with Tensors wherever they stand."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import errors
from tinygrad_scratch import numpy as tnp

X, V = np.arange(6.0).reshape(2, 3) + 0.5, np.array([1.0, 2.0, 3.0])


def test_it_has_every_name_of_numpy() -> None:
    for name in dir(np):
        if not name.startswith("_"):
            assert name in dir(tnp)
            assert callable(getattr(tnp, name)) or not callable(getattr(np, name))
    assert tnp.sin is np.sin
    assert tnp.sum is tnp.sum
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = tnp.no_such_name


def test_plain_arrays_are_numpys_affair() -> None:
    np.testing.assert_array_equal(tnp.take([4.0, 5.0], [1, 0]), [5, 4])
    assert tnp.asarray(X) is X
    assert tnp.array([1, 2], ndmin=2, dtype=np.float32).dtype == np.float32
    masked = np.ma.array([1.0], mask=[True])
    assert tnp.asanyarray(masked) is masked
    assert tnp.require(X, requirements="F").flags.f_contiguous
    np.testing.assert_array_equal(tnp.fromiter(range(5), int, 3), [0, 1, 2])
    np.testing.assert_array_equal(tnp.r_[1:4, 0, V], np.r_[1:4, 0, V])


SEEN: dict[str, Any] = {
    "indices": lambda c: np.sum(tnp.take(X, tnp.array([[0, 2], [1, 1]]), axis=1)) * c,
    "constant_values": lambda c: tnp.pad(V, 1, constant_values=c),
    "default": lambda c: tnp.select([V > 1.5], [V], default=c),
    "fill_value": lambda c: tnp.full_like(V, c),
    "a list": lambda c: tnp.sum([c, 2 * c, 1.0]),
    "a list of lists": lambda c: tnp.transpose([[c, 1.0], [2.0, c * c]]),
    "a list before": lambda c: tnp.pad([1.0, 2.0], 2, mode="linear_ramp", end_values=c),
    "a captured one": lambda c: tnp.piecewise(V, [V > 1.5], [lambda v: c * v, lambda v: v]),
    "along an axis": lambda c: tnp.apply_along_axis(lambda row: row * c, 1, X),
    "r_": lambda c: tnp.r_[c, 1:3, V, c * c],
    "r_ with a directive": lambda c: tnp.r_["0,2", c * V, V],
    "c_": lambda c: tnp.c_[c * V, V, 1:4],
    "vectorize": lambda c: tnp.vectorize(lambda v: v * c if v > 1.5 else v + 1)(V),
    "fromiter": lambda c: tnp.fromiter((c * k for k in range(4)), float),
    "fromfunction": lambda c: tnp.fromfunction(lambda i, j: i + c * j, (2, 3)),
}


@pytest.mark.parametrize("name", sorted(SEEN))
def test_tensors_are_seen(name: str) -> None:
    f, c = SEEN[name], np.array(0.7)
    np.testing.assert_array_equal(tg.vjp(f, c)[0], f(c))
    assert tg.vjp(f, c)[0].dtype == f(c).dtype
    tg.testing.check_grads(f, (c,))


SINGLE = V.astype(np.float32)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("r_", (V, 1, 2.5)), ("r_", ("-1", X, X)), ("r_", ("0,3,1", V, V)), ("r_", ("1,2", V, X[0])),
        ("r_", (np.float32(1), SINGLE, 2)), ("r_", (V, slice(0, 1, 3j))), ("c_", (V, X.T)), ("c_", (SINGLE, SINGLE)),
    ],
)  # fmt: skip
def test_what_numpy_puts_together_is_the_same(name: str, key: tuple[Any, ...]) -> None:
    def joined(*xs: Any) -> Any:
        rest = iter(xs)
        return getattr(tnp, name)[tuple(next(rest) if isinstance(x, np.ndarray) else x for x in key)]

    found, expected = tg.vjp(joined, *[x for x in key if isinstance(x, np.ndarray)])[0], getattr(np, name)[key]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype


def test_vectorize() -> None:
    def pair(a: Any, b: Any, scale: float = 1.0) -> Any:
        return (a * b * scale, a + b) if a > 1 else (0.0 * a, b)

    ours, numpys = tnp.vectorize(pair, excluded={"scale"}), np.vectorize(pair, excluded={"scale"})
    np.testing.assert_array_equal(ours(X, V, scale=3.0), numpys(X, V, scale=3.0))
    np.testing.assert_array_equal(ours(X, b=2.0), numpys(X, b=2.0))
    tg.testing.check_grads(lambda x, v: ours(x, v, scale=3.0), (X + 0.3, V))
    dot = tnp.vectorize(np.dot, signature="(n),(n)->()")
    np.testing.assert_array_equal(dot(X, V), X @ V)
    tg.testing.check_grads(dot, (X, V))
    step = tnp.vectorize(lambda v: 0 if v < 2 else v * v, otypes=[float])
    np.testing.assert_array_equal(tg.grad(lambda v: np.sum(step(v)))(V), [0, 4, 6])

    @tnp.vectorize(otypes=[float])
    def doubled(v: Any) -> Any:
        """Twice."""
        return 2 * v

    assert doubled(V[:0]).shape == (0,)
    np.testing.assert_array_equal(tg.jit(doubled)(V), 2 * V)
    with pytest.raises(errors.ArgumentError, match="no element to call the function with, and no otypes"):
        ours(X[:0], 1.0)
    with pytest.raises(errors.ArgumentError, match="1 arguments for the signature"):
        dot(X)


def test_constructors_refuse() -> None:
    with pytest.raises(errors.ArgumentError, match="asarray_chkfinite: the array holds NaN or infinity"):
        tg.grad(lambda x: tnp.asarray_chkfinite([x, np.inf]).sum())(1.0)
    with pytest.raises(errors.MissingRuleError, match="array: the argument like="):
        tg.grad(lambda x: tnp.array([x], like=V).sum())(1.0)
    for make in (np.array, np.asarray, np.full_like, np.arange, lambda t: np.vectorize(abs)(t), lambda t: np.r_[t, 1]):
        with pytest.raises((errors.AssignmentError, TypeError)):
            tg.grad(lambda x, make=make: make([x, x]).sum())(1.0)


def test_arrays_that_are_being_filled_are_arguments_like_others() -> None:
    def f(x: Any) -> Any:
        y, total = tnp.zeros((2, 3)), tnp.zeros(3)
        y[0], y[1] = x, x**2
        tnp.sum(y, axis=0, out=total)
        y[1] = 0.0
        padded = tnp.pad(tnp.take(y, [0, 0], axis=0), 1, constant_values=y[0, 0])
        return tnp.concatenate([total, padded.reshape(-1), tnp.r_[y[0], 1.0], tnp.roll([y[0], x], 1, axis=0)[0]])

    np.testing.assert_array_equal(tg.vjp(f, V)[0], f(V))
    tg.testing.check_grads(f, (V,))
