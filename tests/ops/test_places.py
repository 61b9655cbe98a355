"""Padding, joining, cutting, editing and choosing: what is refused, and what the table of coverage cannot say."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import errors
from tinygrad_scratch.testing.strategies import arrays, distinct, shapes

X, V = np.arange(6.0).reshape(2, 3) + 0.5, np.array([1.0, 2.0, 3.0])


def on_tensor(f: Any, x: np.ndarray = X) -> Any:
    """The value of f of a Tensor."""
    return tg.vjp(f, x)[0]


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "pad: a function": (lambda t: np.pad(t, 1, lambda *_: None), errors.MissingRuleError, "a function as mode= fills"),
    "pad: a mode": (lambda t: np.pad(t, 1, "mirror"), errors.ArgumentError, "mode='mirror', expected one of"),
    "pad: an option": (
        lambda t: np.pad(t, 1, "edge", end_values=1), errors.ArgumentError, "mode='edge' takes no end_values="
    ),
    "pad: a kind": (
        lambda t: np.pad(t, 1, "reflect", reflect_type="both"), errors.ArgumentError, "reflect_type='both', expected"
    ),
    "pad: a half": (lambda t: np.pad(t, 0.5), errors.DtypeError, "pad_width must hold integers, got float64"),
    "pad: negative": (lambda t: np.pad(t, -1), errors.ArgumentError, "pad_width=-1 holds a negative number"),
    "pad: nothing": (lambda t: np.pad(t[:0], 1, "edge"), errors.ArgumentError, "nothing to pad the empty axis 0 with"),
    "stack": (lambda t: np.stack([t, t[0]]), errors.ArgumentError, r"stack: all arrays must have one shape, got \["),
    "concatenate: casting": (
        lambda t: np.concatenate([t, t], dtype=int), errors.DtypeError, "float64 becomes no int64 by casting="
    ),
    "concatenate: shapes": (lambda t: np.concatenate([t, t[:, :1]]), errors.ShapeError, "concatenate: arguments of"),
    "concatenate: out": (lambda t: np.concatenate([t, t], out=X), errors.MissingRuleError, "the argument out="),
    "block: a tuple": (lambda t: np.block([t, (t,)]), errors.DtypeError, "must stand in lists, got a tuple"),
    "block: uneven": (lambda t: np.block([[t], t]), errors.ArgumentError, "a list is nested unevenly"),
    "block: empty": (lambda t: np.block([[t], []]), errors.ArgumentError, "a list is empty|nested unevenly"),
    "split": (lambda t: np.split(t, 4), errors.ArgumentError, "2 elements do not divide into 4 equal parts"),
    "array_split": (lambda t: np.array_split(t, 0), errors.ArgumentError, "got 0 sections, expected 1 or more"),
    "dsplit": (lambda t: np.dsplit(t, 1), errors.ShapeError, r"dsplit: an array of shape \(2, 3\) has fewer than 3"),
    "fliplr": (lambda t: np.fliplr(t[0]), errors.ShapeError, r"fliplr: an array of shape \(3,\) has no axis 1"),
    "rot90": (lambda t: np.rot90(t, axes=(0, -2)), errors.ArgumentError, "name one axis twice"),
    "diag": (lambda t: np.diag(t[None]), errors.ShapeError, r"expected a vector or a matrix, got shape \(1, 2, 3\)"),
    "tril": (lambda t: np.tril(t[0, 0]), errors.ShapeError, "expected one axis or more"),
    "take: a mode": (lambda t: np.take(t, 0, mode="round"), errors.ArgumentError, "mode='round', expected 'raise'"),
    "take: outside": (lambda t: np.take(t, 6), errors.IndexingError, "out of bounds"),
    "take: empty": (lambda t: np.take(t[:0], 0, mode="wrap"), errors.IndexingError, "taken from an empty axis"),
    "take_along_axis": (lambda t: np.take_along_axis(t, np.array([0]), 1), errors.IndexingError, "need 2 axes"),
    "choose: outside": (lambda t: np.choose([2], [t[0], t[1]]), errors.ArgumentError, "a number is outside 0 to 1"),
    "choose: negative": (lambda t: np.choose([-1], [t[0], t[1]]), errors.ArgumentError, "a number is outside 0 to 1"),
    "choose: floats": (lambda t: np.choose(t, [t, t]), errors.DtypeError, "must hold integers, got float64"),
    "compress": (lambda t: np.compress([[True]], t), errors.ShapeError, r"must be a vector, got shape \(1, 1\)"),
    "select: lengths": (lambda t: np.select([t > 1], [t, t]), errors.ArgumentError, "1 conditions and 2 choices"),
    "select: numbers": (lambda t: np.select([t], [t]), errors.DtypeError, "must be booleans, got float64"),
    "piecewise": (lambda t: np.piecewise(t, [t > 1], [1, 2, 3]), errors.ArgumentError, "1 conditions and 3 functions"),
    "piecewise: shape": (lambda t: np.piecewise(t, [X[0] > 1], [1, 2]), errors.ShapeError, "a condition of shape"),
    "clip: bounds twice": (lambda t: np.clip(t, 1, 2, max=3), errors.ArgumentError, "give the bounds as a_min"),
    "clip: dtype": (lambda t: np.clip(t, 1, 2, dtype=int), errors.DtypeError, "float64 becomes no int64"),
    "clip: casting": (lambda t: np.clip(t, 1, 2, casting="no"), errors.MissingRuleError, "the argument casting="),
    "where": (lambda t: np.where(t > 1, t), errors.ArgumentError, "give both x and y, or none of them"),
    "meshgrid": (lambda t: np.meshgrid(t, indexing="yx"), errors.ArgumentError, "indexing='yx', expected 'xy' or 'ij'"),
    "ix_": (lambda t: np.ix_(t), errors.ShapeError, r"expected vectors, got shape \(2, 3\)"),
    "linspace": (lambda t: np.linspace(t, t, -1), errors.ArgumentError, "num=-1, expected 0 or more"),
    "geomspace": (lambda t: np.geomspace(0 * t, t), errors.ArgumentError, "no end that is zero"),
    "trim_zeros": (lambda t: np.trim_zeros(t, "x"), errors.ArgumentError, "trim='x', expected 'f', 'b' or 'fb'"),
    "apply_along_axis": (lambda t: np.apply_along_axis(np.sum, 0, t[:, :0]), errors.ShapeError, "no vector along axis"),
    "apply_over_axes": (
        lambda t: np.apply_over_axes(lambda a, axis: a.sum(), t, [0]), errors.ShapeError, "made an array of 1 axes"
    ),
    "copyto": (lambda t: np.copyto(X, t), errors.AssignmentError, "np.copyto: .*another Tensor"),
    "copyto a Tensor": (lambda t: np.copyto(t, X), errors.AssignmentError, "np.copyto: .*another Tensor"),
    "fill_diagonal": (lambda t: np.fill_diagonal(t, 0), errors.AssignmentError, "np.fill_diagonal: .*another Tensor"),
    "put": (lambda t: np.put(t, 0, 1), errors.AssignmentError, "np.put: .*another Tensor"),
    "put_along_axis": (
        lambda t: np.put_along_axis(t, np.array([[0]]), 1, 1), errors.AssignmentError, "put_along_axis: .*another"
    ),
    "place": (lambda t: np.place(t, t > 1, [0]), errors.AssignmentError, "np.place: .*another Tensor"),
    "putmask": (lambda t: np.putmask(t, t > 1, 0), errors.AssignmentError, "np.putmask: .*another Tensor"),
    "resize method": (lambda t: t.resize(2), errors.AssignmentError, "np.resize.x, shape. gives a new array"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_bad_input(name: str) -> None:
    f, kind, sentence = REFUSED[name]
    with pytest.raises(kind, match=sentence):
        on_tensor(f)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: np.nonzero(t), lambda t: np.where(t > 1), lambda t: np.argwhere(t), lambda t: np.flatnonzero(t),
        lambda t: np.trim_zeros(t), lambda t: np.extract(t > 1, t), lambda t: np.compress(t > 1, t),
        lambda t: np.repeat(t, t > 1), lambda t: np.delete(t, t > 1), lambda t: np.insert(t, t > 1, 0),
    ],
)  # fmt: skip
def test_shapes_that_depend_on_values(f: Any) -> None:
    for way in (tg.grad(lambda t: (f(t), np.sum(t))[1]), lambda x: tg.jvp(f, (x,), (x,))):
        way(V)
    np.testing.assert_equal(tg.linearize(f, V)[0], f(V))
    for unknown in (tg.jit(f), tg.vmap(f)):
        with pytest.raises(errors.MissingRuleError, match="gives a shape that depends on values"):
            unknown(np.stack([V, V]) if unknown.__name__ == "vmap" else V)


def test_trim_zeros() -> None:
    x = np.array([0.0, 0, 1, 0, 2, 0])
    for trim in ("fb", "f", "B"):
        np.testing.assert_array_equal(on_tensor(lambda t, trim=trim: np.trim_zeros(t, trim), x), np.trim_zeros(x, trim))
    np.testing.assert_array_equal(tg.grad(lambda t: np.sum(np.trim_zeros(t) * [1.0, 2.0, 3.0]))(x), [0, 0, 1, 2, 3, 0])
    assert on_tensor(np.trim_zeros, np.zeros(3)).shape == (0,)


@given(arrays(shapes(2, 5, 2, 1), distinct), st.integers(0, 20), st.integers(0, 20), st.data())
def test_reflections_far_beyond_the_array(x: np.ndarray, low: int, high: int, data: Any) -> None:
    mode = data.draw(st.sampled_from(["reflect", "symmetric"]))
    f = lambda t: np.pad(t, (low, high), mode, reflect_type="odd")  # noqa: E731
    np.testing.assert_allclose(on_tensor(f, x), f(x), rtol=1e-12, atol=1e-12)


def test_padding_leaves_infinities_where_they_are() -> None:
    x = np.array([1.0, np.inf, 2.0, 3.0])
    for mode in ("constant", "edge", "wrap", "reflect", "linear_ramp"):
        np.testing.assert_array_equal(on_tensor(lambda t, mode=mode: np.pad(t, 1, mode), x), np.pad(x, 1, mode))


def test_values_to_pad_with_are_differentiated() -> None:
    def f(c: Any, e: Any) -> Any:
        padded = tg.numpy.pad(V, 2, constant_values=c) + tg.numpy.pad(V, 2, "linear_ramp", end_values=e)
        return np.sum(np.sin(padded))

    tg.testing.check_grads(f, (np.array(0.3), np.array([0.1, 0.7])))


def test_numbers_of_places_that_are_tensors() -> None:
    shifts, rows = np.array([1, -2]), np.stack([V, 2 * V])
    found = tg.vmap(np.roll)(rows, shifts)
    np.testing.assert_array_equal(found, [np.roll(V, 1), 2 * np.roll(V, -2)])
    np.testing.assert_array_equal(tg.jit(lambda x, s: np.roll(x, s, (0, 1)))(X, shifts), np.roll(X, shifts, (0, 1)))
    found = tg.vmap(lambda k: np.choose(k, [1.0, 2.5]))(np.array([[0, 1], [1, 1]]))
    np.testing.assert_array_equal(found, [[1, 2.5], [2.5, 2.5]])
    places = np.array([[0, 5], [3, 4]])
    for order in ("C", "F"):
        found = tg.vmap(lambda i, order=order: np.unravel_index(i, (2, 3), order))(places)
        np.testing.assert_array_equal(found, np.unravel_index(places, (2, 3), order))
        back = tg.vmap(lambda i, j, order=order: np.ravel_multi_index((i, j), (2, 3), order=order))(*found)
        np.testing.assert_array_equal(back, places)
    found = tg.vmap(lambda i: np.ravel_multi_index((i, i), (2, 3), mode=("wrap", "clip")))(places)
    np.testing.assert_array_equal(found, np.ravel_multi_index((places, places), (2, 3), mode=("wrap", "clip")))
    with pytest.raises(errors.ArgumentError, match="unravel_index: a number is outside 0 to 5"):
        tg.vmap(lambda i: np.unravel_index(i, (2, 3)))(places + 3)


def test_pieces_see_their_own_elements_alone() -> None:
    x = np.array([-4.0, 1.0, 4.0])
    roots = lambda t: np.sum(np.piecewise(t, [t > 0], [np.sqrt, lambda v: v * v.mean()]))  # noqa: E731
    np.testing.assert_array_equal(tg.grad(roots)(x), [-8, 0.5, 0.25])
    sqrt_or_zero = lambda t: np.sum(np.piecewise(t, [t > 0], [np.sqrt]))  # noqa: E731
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(tg.jit(tg.grad(sqrt_or_zero))(x), [0, 0.5, 0.25])
        np.testing.assert_array_equal(tg.vmap(tg.grad(sqrt_or_zero))(np.stack([x, x]))[1], [0, 0.5, 0.25])
    with np.errstate(all="ignore"):  # no element is inside
        np.testing.assert_array_equal(tg.jit(tg.grad(sqrt_or_zero))(-x * x), 0)
        np.testing.assert_array_equal(tg.jit(tg.hessian(sqrt_or_zero))(-x * x), 0)


def test_questions_about_shape_and_dtype() -> None:
    def f(t: Any) -> Any:
        assert (np.shape(t), np.ndim(t), np.size(t), np.size(t, 1), np.size(t, (0, 1))) == ((2, 3), 2, 6, 3, 6)
        assert (np.isrealobj(t), np.iscomplexobj(t)) == (True, False)
        assert np.can_cast(t, complex)
        assert not np.can_cast(t, int)
        assert np.common_type(t, X.astype(np.float32)) is np.float64
        assert np.result_type(t, np.float32) == np.dtype(float)
        assert t.itemsize == 8
        for like in (np.zeros_like, np.ones_like, np.empty_like):
            assert like(t, np.int8, shape=(4,)).dtype == np.int8
            assert like(t).shape == (2, 3)
        np.testing.assert_array_equal(np.tril_indices_from(t, 1), np.tril_indices_from(X, 1))
        np.testing.assert_array_equal(np.triu_indices_from(t), np.triu_indices_from(X))
        np.testing.assert_array_equal(np.diag_indices_from(t[:, :2]), np.diag_indices(2))
        np.testing.assert_array_equal(np.full_like(t, 3), np.full_like(X, 3))
        assert bool(np.array_equiv(t[0], [[0.5, 1.5, 2.5]]))
        assert not np.array_equiv(t, X[:, :2])
        return np.sum(np.copy(t, "F"))

    np.testing.assert_array_equal(tg.grad(f)(X), 1)


def test_methods() -> None:
    f = lambda t: (t.repeat(2, 1), t.nonzero(), t.compress([True, False], 0), t.flatten("F"), t.take([[0]], 1))  # noqa: E731
    np.testing.assert_equal(on_tensor(f), f(X))
    np.testing.assert_array_equal(tg.vmap(lambda k: k.choose([V, 2 * V]))(np.array([[1], [0]])), [2 * V, V])


def test_tensors_may_stand_in_lists_in_lists() -> None:
    f = lambda t: np.hstack([[t[0], 1.0], [[2.0, 3.0][0], t[1]], t])  # noqa: E731
    np.testing.assert_array_equal(tg.jacfwd(f)(V)[:, 0], [1, 0, 0, 0, 1, 0, 0])
    np.testing.assert_array_equal(on_tensor(lambda t: np.append(t, [t[0], 5.0]), V), [1, 2, 3, 1, 5])


@pytest.mark.parametrize(
    "f",
    [
        lambda x, n: np.select([x > 2], [x], default=n), lambda x, n: np.linspace(x, n, 4),
        lambda x, n: np.choose([0, 1, 0], [x, n]), lambda x, n: np.clip(x, n, 2), lambda x, n: np.append(x, n),
        lambda x, n: tg.numpy.pad(x, 1, constant_values=n), lambda x, n: tg.numpy.r_[x, n],
        lambda x, n: np.insert(x, 1, n), lambda x, n: np.piecewise(x, [x > 2], [n, 1]),
    ],
)  # fmt: skip
def test_python_numbers_have_the_dtype_that_numpy_gives_them(f: Any) -> None:
    x = V.astype(np.float32)
    expected = f(x, 1.5)
    for found in (on_tensor(lambda t: f(t, 1.5), x), tg.jit(f)(x, 1.5), tg.jit(lambda x: f(x, 1.5))(x)):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
