"""The Tensor as a user meets it: an ndarray's behaviour, and clear refusals where that would lose a derivative."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
import scipy.sparse
import scipy.special

import tinygrad_scratch as tg

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])


def inside(f: Any, x: Any = X) -> Any:
    """Run f on a Tensor and give back what it returned."""
    out: list[Any] = []
    tg.grad(lambda x: out.append(f(x)) or np.sum(x))(x)
    return out[0]


def test_properties_are_an_ndarrays() -> None:
    seen = inside(lambda t: (t.shape, t.ndim, t.size, t.dtype, len(t), t.T.shape, t.mT.shape, t.real is t))
    assert seen == ((2, 3), 2, 6, X.dtype, 2, (3, 2), (3, 2), True)
    assert inside(lambda t: t.imag).tolist() == np.zeros((2, 3)).tolist()
    assert inside(lambda t: [row.shape for row in t]) == [(3,), (3,)]
    assert inside(lambda t: (t.astype(float, copy=False) is t, np.iscomplexobj(t))) == (True, False)
    assert inside(lambda t: np.result_type(t, np.float32)) == np.dtype(float)


def test_repr_shows_value_and_interpreter() -> None:
    assert inside(repr, np.array([1.0, 2.0])) == "Tensor(array([1., 2.]), grad)"
    nested: list[str] = []
    tg.vmap(tg.grad(lambda x: nested.append(repr(x)) or x * x))(np.array([1.0, 2.0]))
    assert nested == ["Tensor(Tensor(array([1., 2.]), vmap(2)), grad)"]
    assert inside(lambda t: f"{t[0, 0]:.2f} {t[0, 0]}") == "1.00 Tensor(np.float64(1.0), grad)"


def test_comparisons_steer_control_flow() -> None:
    def f(x: Any) -> Any:
        while x < 10:
            x = x * 2 if x > 3 else x * 3
        return x

    assert tg.grad(f)(1.0) == 18  # x * 3 * 3 * 2
    assert inside(lambda t: (t > 0).tolist()) == (X > 0).tolist()  # a plain array: it has no derivative
    assert inside(lambda t: bool(np.any(t == 4.0))) is True
    assert inside(lambda t: [10, 20, 30, 40, 50][int(t[1, 1])]) == 50
    assert inside(lambda t: X[t.argmax() // 3].tolist()) == X[1].tolist()


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x + y, lambda x, y: y + x, lambda x, y: x - y, lambda x, y: y - x, lambda x, y: x * y,
        lambda x, y: y / x, lambda x, y: x / y, lambda x, y: x // y, lambda x, y: y % x, lambda x, y: x @ y.T,
        lambda x, y: y.T @ x, lambda x, y: np.maximum(y, x), lambda x, y: np.arctan2(y, x), lambda x, y: abs(x) ** y,
    ],
)  # fmt: skip
def test_operators_mix_with_arrays_on_both_sides(f: Any) -> None:
    y = np.array([[2.0, 1.5, -1.25], [0.75, 3.0, 2.5]])
    found = inside(lambda t: f(t, y))  # floor division is piecewise constant: a plain array
    np.testing.assert_array_equal(getattr(found, "value", found), f(X, y))


def test_lists_and_scalars_are_operands() -> None:
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(x * [1.0, 2.0, 3.0]))(X), [[1, 2, 3]] * 2)
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(np.float64(2) * x + x * np.int64(3)))(X), np.full((2, 3), 5))
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum([1.0, 2.0] @ x))(X), [[1] * 3, [2] * 3])


def test_one_over_x_is_the_quotient_to_the_last_bit() -> None:
    x = np.random.default_rng(0).normal(size=10_000)
    np.testing.assert_array_equal(inside(lambda t: 1 / t, x).value, 1 / x)
    np.testing.assert_array_equal(inside(lambda t: t**2, x).value, x**2)


def test_function_without_rule_names_itself() -> None:
    with pytest.raises(
        tg.errors.MissingRuleError, match=r"numpy.packbits has no rule .*test_tensor.py:\d+.*tg.primitive"
    ):
        inside(lambda t: np.packbits(t))
    with pytest.raises(NotImplementedError, match=r"np.isnat has no rule"):
        inside(np.isnat)
    with pytest.raises(tg.errors.MissingRuleError, match=r"smirnov has no rule"):
        inside(lambda t: scipy.special.smirnov(3, t))


def test_options_that_are_not_supported_are_refused_by_name() -> None:
    for call, name in [
        (lambda t: np.sum(t, out=np.zeros(())), "sum: the argument out="),
        (lambda t: np.argsort(t, order="x"), "argsort: the argument order="),
        (lambda t: np.add(t, t, where=X > 0), "np.add: the argument where="),
        (lambda t: np.pad(t, 1, mode=lambda *_: None), "pad: a function as mode="),
        (lambda t: np.take(t, 0, out=X), "take: the argument out="),
    ]:
        with pytest.raises(tg.errors.MissingRuleError, match=name):
            inside(call)


def test_writing_into_an_array_is_refused_with_the_line() -> None:
    y = np.zeros(3)

    def element(t: Any) -> None:
        y[0] = t[0, 0]

    def row(t: Any) -> None:
        y[:] = t[0]

    with pytest.raises(
        tg.errors.AssignmentError, match=r"test_tensor.py:\d+: y\[0\] = t\[0, 0\].*tg.numpy.zeros in pl"
    ):
        inside(element)
    with pytest.raises(
        tg.errors.AssignmentError, match=r"test_tensor.py:\d+: y\[:\] = t\[0\].*tg.numpy.zeros in place"
    ):
        inside(row)
    with pytest.raises(tg.errors.AssignmentError, match=r"tinygrad_scratch.numpy.array"):
        inside(lambda t: np.array([t[0, 0], t[0, 1]]))
    with pytest.raises(tg.errors.AssignmentError, match=r"out= or an in-place operator"):
        inside(lambda t: np.add(X, t, out=np.zeros((2, 3))))
    np.testing.assert_array_equal(y, 0)


def test_a_tensor_is_never_changed_in_place() -> None:
    def augmented(x: Any) -> Any:
        y = x
        y += 1.0
        y *= x
        return np.sum(y)

    np.testing.assert_array_equal(tg.grad(augmented)(X), 2 * X + 1)
    with pytest.raises(tg.errors.AssignmentError, match=r"y\[i\] = t: .*write y = y.copy\(\) first"):
        inside(lambda t: t.__setitem__(0, 1.0))
    with pytest.raises(tg.errors.AssignmentError, match=r"np.multiply.at: .* into a plain array or another Tensor"):
        inside(lambda t: np.multiply.at(t, 0, 1.0))
    with pytest.raises(tg.errors.AssignmentError, match=r"np.sort\(x\) gives a sorted copy"):
        inside(lambda t: t.sort())


@pytest.mark.parametrize("ask", [float, complex, math.sin, lambda t: t.item(), lambda t: t.tolist()])
def test_bare_numbers_are_refused(ask: Any) -> None:
    with pytest.raises(tg.errors.ConcreteError, match=r"would lose its derivative.*stop_gradient"):
        inside(lambda t: ask(t[0, 0]))


def test_stop_gradient_gives_the_bare_value() -> None:
    assert inside(lambda t: float(tg.stop_gradient(t)[0, 1])) == -2.0
    assert inside(lambda t: np.asarray(tg.stop_gradient(t)).shape) == (2, 3)


def test_odd_uses_have_their_own_errors() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        inside(hash)
    with pytest.raises(tg.errors.DtypeError, match="len"):
        inside(lambda t: len(t[0, 0]))
    with pytest.raises(tg.errors.DtypeError, match="cannot serve as an index"):
        inside(lambda t: [1, 2][t[0, 0]])
    with pytest.raises(tg.errors.IndexingError, match="3 indices for shape"):
        inside(lambda t: t[0, 0, 0])
    with pytest.raises(tg.errors.IndexingError, match="one Ellipsis"):
        inside(lambda t: t[..., ...])
    with pytest.raises(tg.errors.IndexingError, match=r"mask of shape \(3,\) does not fit"):
        inside(lambda t: t[np.array([True, False, True])])
    with pytest.raises(tg.errors.IndexingError, match="integers or booleans, got float64"):
        inside(lambda t: t[np.array([1.0])])
    with pytest.raises(IndexError, match="out of bounds"):
        inside(lambda t: t[5])
    with pytest.raises(np.exceptions.AxisError):
        inside(lambda t: np.sum(t, axis=7))


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda t: t @ np.ones((5, 2)), r"matmul: arguments of shape \(2, 3\) and \(5, 2\) do not fit"),
        (lambda t: t + np.ones(4), r"add: arguments of shape \(2, 3\) and \(4,\) do not fit"),
        (lambda t: np.concatenate([t, np.ones((2, 2))]), r"concatenate: arguments of shape \(2, 3\) and \(2, 2\)"),
        (lambda t: t.reshape(5), r"reshape: arguments of shape \(2, 3\) do not fit"),
        (
            lambda t: np.tensordot(t, np.ones((4, 2)), 1),
            r"tensordot: axes \(1,\) of shape \(2, 3\) and \(0,\) of \(4, 2\)",
        ),
        (lambda t: np.einsum("ijk->i", t), r"einsum: 'ijk' of 'ijk->i' does not fit an operand of shape \(2, 3\)"),
        (lambda t: np.einsum("ij,jk", t), r"einsum: 'ij,jk' names 2 operands, got 1"),
        (lambda t: np.stack([t, t[0]]), r"stack: all arrays must have one shape, got \[\(2, 3\), \(3,\)\]"),
        (lambda t: np.split(t, 4), "split: 2 elements do not divide into 4"),
        (lambda t: np.squeeze(t, 0), r"squeeze: axis 0 of shape \(2, 3\) has length 2"),
        (lambda t: np.transpose(t, (0, 0)), r"transpose: axes=\(0, 0\) is no permutation"),
    ],
)
def test_misfits_name_operation_and_shapes(f: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        inside(f)
    assert isinstance(error.value, tg.errors.TinygradError)


def test_copies_keep_the_derivative_and_pickles_are_refused() -> None:
    np.testing.assert_array_equal(tg.grad(lambda t: np.sum(copy.deepcopy(t) * copy.copy(t)))(X), 2 * X)
    with pytest.raises(tg.errors.ConcreteError, match="pickling on a Tensor would lose"):
        inside(pickle.dumps)


def test_indices_may_be_reused() -> None:
    index = np.array([0, 1])

    def f(t: Any) -> Any:
        total = t[index].sum()
        index[:] = 1
        return total

    np.testing.assert_array_equal(tg.grad(f)(np.ones(3)), [1, 1, 0])


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: np.ma.array([1.0, 2.0], mask=[0, 1]), "MaskedArray"),
        (lambda: np.matrix("1 2"), "matrix"),
        (lambda: scipy.sparse.csr_array(np.eye(2)), "csr_array"),
    ],
)
def test_other_classes_of_arrays_are_refused_by_name(make: Any, name: str) -> None:
    other = make()
    for f in (lambda t: t * other, lambda t: np.multiply(t, other), lambda t: t @ other):
        with pytest.raises(tg.errors.DtypeError, match=f"does not compute with .*{name}.* plain array"):
            inside(f)


def test_tuples_are_operands_as_lists_are() -> None:
    np.testing.assert_array_equal(tg.grad(lambda x: x @ (1, 2) + np.sum((3.0, 4.0) * x))(np.ones(2)), [4, 6])


def test_a_function_of_scipys_names_the_way_out() -> None:
    with pytest.raises(tg.errors.AssignmentError, match=r"test_tensor.py:\d+.*tg.scipy.special.*SCIPY_ARRAY_API"):
        inside(lambda t: scipy.special.logsumexp(t))
