"""Methods and options of ufuncs: what NumPy gives, or a sentence."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]])
UFUNCS = [getattr(np, name) for name in dir(np) if isinstance(getattr(np, name), np.ufunc)]


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
def test_every_real_ufunc_takes_a_tensor(ufunc: np.ufunc) -> None:
    if ufunc is np.isnat or ufunc.signature is not None:
        return  # of dates; and products
    whole = not any(t.split("->")[0] == "d" * ufunc.nin for t in ufunc.types)
    x = np.array([1, 2, 3]) if whole else np.array([0.3, 0.5, 0.9]) + (ufunc is np.arccosh)
    args = [x, x[::-1]][: ufunc.nin] if ufunc is not np.ldexp else [x, np.array([1, 2, 3])]
    seen: list[Any] = []
    expected = ufunc(*args)
    found = tg.vmap(lambda t: seen.append(t) or ufunc(t, *[a[0] for a in args[1:]]))(args[0])
    first = ufunc(args[0], *[a[0] for a in args[1:]])
    for a, b in zip(found if ufunc.nout > 1 else [found], first if ufunc.nout > 1 else [first], strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
    assert np.shape(expected) == ((3,) if ufunc.nout == 1 else (ufunc.nout, 3))


BINARY = [np.add, np.multiply, np.maximum, np.fmin, np.logaddexp, np.hypot, np.subtract, np.divide, np.float_power]


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda u: u.__name__)
def test_methods_are_numpys_with_their_derivatives(ufunc: np.ufunc) -> None:
    x = np.array([[0.6, 1.4, 0.9, 1.7], [1.1, 0.7, 1.6, 1.2]])
    calls: list[Any] = [
        lambda t: ufunc.reduce(t), lambda t: ufunc.reduce(t, 1, keepdims=True),
        lambda t: ufunc.reduce(t, -1, initial=2.0), lambda t: ufunc.accumulate(t, axis=1),
        lambda t: ufunc.reduceat(t, [0, 2, 1], axis=1), lambda t: ufunc.outer(t, [1.2, 0.8]),
        lambda t: ufunc.outer(0.8, t),
    ]  # fmt: skip
    for f in calls:
        np.testing.assert_allclose(tg.vjp(f, x)[0], f(x), rtol=1e-13)
        tg.testing.check_grads(f, (x,))
        np.testing.assert_allclose(tg.jit(f, backend="numpy")(x), f(x), rtol=1e-13)


def test_methods_of_ufuncs_without_a_rule_or_of_another_kind() -> None:
    x = np.array([0.6, 1.4])
    tg.testing.check_grads(lambda t: np.power.outer(t, [2.0, 3.0]), (x,))
    with pytest.raises(tg.errors.MissingRuleError, match="has no rule for a Tensor"):
        tg.grad(lambda t: np.sum(np.frompyfunc(max, 2, 1).outer(t, x)))(x)
    for call in (lambda t: np.exp.reduce(t), lambda t: np.matmul.outer(t, t)):
        with pytest.raises((ValueError, TypeError)):  # NumPy's own
            tg.grad(call)(x)


def test_reductions_of_questions_and_bits() -> None:
    bools, ints = X > 0, np.array([[6, 4, 12], [3, 9, 6]])
    for ufunc in (np.logical_and, np.logical_or, np.logical_xor):
        for x in (bools, X, bools[:, :1]):
            for options in ({}, {"axis": 1}, {"axis": None}, {"axis": 1, "where": bools[:, : x.shape[1]]}):
                found = tg.vmap(lambda t, u=ufunc, o=options: u.reduce(t, **o))(x[None])[0]
                assert found.dtype == bool
                np.testing.assert_array_equal(found, ufunc.reduce(x, **options))
    for ufunc in (np.bitwise_or, np.bitwise_and, np.gcd, np.lcm):
        for name in ("reduce", "accumulate"):
            found = tg.vmap(lambda t, u=ufunc, name=name: getattr(u, name)(t))(ints[None])[0]
            np.testing.assert_array_equal(found, getattr(ufunc, name)(ints))


def test_dtype_casting_order_and_subok() -> None:
    for options in ({"dtype": np.float32}, {"casting": "no"}, {"order": "F", "subok": False}, {"where": True}):
        for f in (lambda t, o=options: np.add(t, 1.0, **o), lambda t, o=options: np.exp(t, **o)):
            found = tg.vjp(f, X)[0]
            np.testing.assert_allclose(found, f(X), rtol=1e-6)
            assert found.dtype == f(X).dtype
    whole = tg.vmap(lambda t: np.add(t, 2, dtype=np.int8))(np.arange(3, dtype=np.int8))
    assert whole.dtype == np.int8
    with pytest.raises(tg.errors.DtypeError, match=r"np.add: .*casting rule 'no'"):
        tg.grad(lambda t: np.add(t, np.float32(1), casting="no").sum())(X)
    with pytest.raises(tg.errors.DtypeError, match=r"np.add: "):
        tg.grad(lambda t: np.add(t, 1.0, dtype=np.int64).sum())(X)


REFUSED: list[Any] = [
    (lambda t: np.exp(t, where=X > 0), r"np.exp: the argument where= .*np.where\(mask, np.exp\(x\), 0\)"),
    (lambda t: np.exp(t, signature="d->d"), "np.exp: the argument signature= is not supported"),
    (lambda t: np.add.at(t, 0, 1.0), "np.add.at: a Tensor cannot be changed in place"),
    (lambda t: np.subtract.reduce(t, axis=None), "subtract.reduce: the order matters"),
    (lambda t: np.subtract.reduce(t, where=X > 0), "subtract.reduce: the argument where="),
    (lambda t: np.fmax.reduce(t, where=X > 0), "fmax.reduce: where= needs initial="),
    (lambda t: np.fmax.reduce(t[:0]), r"fmax.reduce: an array of shape \(0, 3\) has nothing to begin with"),
    (lambda t: np.add.reduceat(t, [0, 5]), r"add.reduceat: indices \[0, 5\] for an axis of length 2"),
    (lambda t: np.add.reduce(t, out=np.zeros(3)), r"a Tensor cannot be written into a plain array by out="),
]


@pytest.mark.parametrize(("f", "words"), REFUSED)
def test_what_has_no_derivative_is_refused_by_a_sentence(f: Any, words: str) -> None:
    with pytest.raises(tg.errors.TinygradError, match=words):
        tg.grad(lambda t: np.sum(f(t)))(X)


def test_empty_reductions_begin_with_the_identity() -> None:
    empty = np.zeros((0, 2))
    for ufunc in (np.add, np.multiply, np.logaddexp, np.hypot, np.logical_and):
        found = tg.vjp(lambda t, u=ufunc: u.reduce(t) * 1.0, empty)[0]
        np.testing.assert_array_equal(found, ufunc.reduce(empty))


def test_parts_of_numbers() -> None:
    x = np.array([0.0, -0.7, 3.25, 1e300, -np.inf, np.inf, 5e-324])
    for f in (np.modf, np.frexp):
        for found, expected in zip(tg.vmap(f)(x), f(x), strict=True):
            np.testing.assert_array_equal(found, expected)
            assert found.dtype == expected.dtype
    assert tg.grad(lambda t: np.frexp(t)[0])(6.0) == 1 / 8
    assert tg.grad(lambda t: np.modf(t)[0] + 5 * np.modf(t)[1])(6.3) == 1
    assert tg.vmap(lambda a, b: a << b)(np.array([1, 3]), np.array([2, 1])).tolist() == [4, 6]
    assert tg.vmap(lambda a: (16 >> a) + (a >> 1))(np.array([1, 3])).tolist() == [8, 3]
