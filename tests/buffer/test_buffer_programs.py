"""A buffer is an ndarray: any program that fills one gives the same numbers, and its derivatives are right."""

import numpy as np
from hypothesis import given

import tinygrad_scratch as tg

from .programs import X, programs, run


@given(programs())
def test_values_are_an_ndarrays(text: str) -> None:
    expected = run(text, np.array)(X)
    np.testing.assert_array_equal(run(text, tg.numpy.array)(X), expected)
    out, _ = tg.vjp(run(text, tg.numpy.array), X)
    np.testing.assert_allclose(out, expected, rtol=1e-14, atol=1e-14)


@given(programs())
def test_derivatives_are_numerical(text: str) -> None:
    tg.testing.check_grads(run(text, tg.numpy.array), (X,), order=2)


@given(programs())
def test_vmap_is_a_loop(text: str) -> None:
    f, xs = run(text, tg.numpy.array), np.stack([X, 0.5 * X, X[::-1]])
    found = tg.vmap(f)(xs)
    np.testing.assert_allclose(found, np.stack([run(text, np.array)(x) for x in xs]), rtol=1e-13, atol=1e-13)


@given(programs())
def test_jit_is_eager(text: str) -> None:
    f = run(text, tg.numpy.array)
    compiled = tg.jit(f, backend="numpy")
    for _ in range(2):
        np.testing.assert_allclose(compiled(X), f(X), rtol=1e-13, atol=1e-13)
    g, expected = tg.jit(tg.jacrev(f), backend="numpy"), tg.jacfwd(f)(X)
    for _ in range(2):
        np.testing.assert_allclose(g(X), expected, rtol=1e-12, atol=1e-12)
