"""numpy.fft: theorems, transposes, and refusals. The table of coverage has the calls."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 5))
Z = X + 1j * RNG.normal(size=(3, 5))
NORMS = (None, "backward", "ortho", "forward")


def inside(f: Callable[[Any], Any], x: Any) -> Any:
    """f of a Tensor."""
    return tg.vjp(f, x)[0]


@given(n=st.integers(1, 9), norm=st.sampled_from(NORMS), seed=st.integers(0, 99))
def test_inverses(n: int, norm: Any, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=n)
    np.testing.assert_allclose(
        inside(lambda x: np.fft.irfft(np.fft.rfft(x, norm=norm), n, norm=norm), x), x, atol=1e-12
    )
    np.testing.assert_allclose(
        inside(lambda x: np.fft.hfft(np.fft.ihfft(x, norm=norm), n, norm=norm), x), x, atol=1e-12
    )
    np.testing.assert_allclose(inside(lambda x: np.fft.ifft(np.fft.fft(x, norm=norm), norm=norm), x), x, atol=1e-12)
    np.testing.assert_allclose(inside(lambda x: np.fft.ifftshift(np.fft.fftshift(x)), x), x)


def test_a_unitary_transform_keeps_lengths_and_pulls_back_by_its_inverse() -> None:
    out, back = tg.vjp(lambda z: np.fft.fftn(z, norm="ortho"), Z)
    np.testing.assert_allclose(np.linalg.norm(out), np.linalg.norm(Z))
    np.testing.assert_allclose(back(Z)[0], np.fft.ifftn(Z, norm="ortho"))


@pytest.mark.parametrize("n", [4, 5])
def test_power_spectra_of_real_signals(n: int) -> None:
    """sum |rfft(x)|^2, whose terms count once; all of them together give n |x|^2."""
    x = X[0, :n]
    times = np.array([1, 2, 1] if n == 4 else [1, 2, 2])
    gradient = tg.grad(lambda x: np.sum(times * np.abs(np.fft.rfft(x)) ** 2))(x)
    np.testing.assert_allclose(gradient, 2 * n * x)


def test_convolution_theorem() -> None:
    kernel = RNG.normal(size=5)

    def by_fft(x: Any) -> Any:
        return np.fft.irfft(np.fft.rfft(x, 9) * np.fft.rfft(kernel, 9), 9)

    np.testing.assert_allclose(by_fft(X[0]), np.convolve(X[0], kernel), atol=1e-13)
    np.testing.assert_allclose(tg.jacrev(by_fft)(X[0]), tg.jacfwd(lambda x: np.convolve(x, kernel))(X[0]), atol=1e-13)
    tg.testing.check_grads(by_fft, (X[0],))


def test_holomorphic_jacobian_is_the_matrix() -> None:
    np.testing.assert_allclose(tg.jacrev(np.fft.fft, holomorphic=True)(Z[0]), np.fft.fft(np.eye(5)), atol=1e-14)


def test_imaginary_parts_that_are_ignored_have_gradient_zero() -> None:
    gradient = tg.grad(lambda h: np.sum(np.fft.irfft(h, 4) ** 2))(Z[0, :3])
    assert gradient[0].imag == gradient[2].imag == 0 != gradient[1].imag


def test_single_precision_stays() -> None:
    for x in (X.astype(np.float32), Z.astype(np.complex64)):
        for f in (np.fft.fft, np.fft.ifft2, np.fft.irfft):
            out, back = tg.vjp(f, x)
            assert (out.dtype, back(out)[0].dtype) == (f(x).dtype, x.dtype)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_compiled_programs(backend: str) -> None:
    def loss(x: Any) -> Any:
        return np.sum(np.abs(np.fft.rfft2(x) * np.exp(-np.abs(np.fft.fftn(x, (3, 3), (0, 1))))) ** 2)

    run = tg.jit(tg.grad(loss), backend=backend)
    for _ in range(3):
        np.testing.assert_allclose(run(X), tg.grad(loss)(X), rtol=1e-10)


@pytest.mark.parametrize(
    ("f", "x", "words"),
    [
        (lambda x: np.fft.fft(x, 0), X, r"fft: 0 points along axis 1 .*expected at least 1"),
        (lambda x: np.fft.ifft(x, -1), X, r"ifft: -1 points along axis 1"),
        (lambda x: np.fft.irfft(x[:, :1]), X, r"irfft: 0 points along axis 1.*give n"),
        (lambda x: np.fft.rfft(x * 1j), X, "rfft: the argument is complex128.*use np.fft.fft"),
        (lambda x: np.fft.fft(x, norm="unit"), X, "fft: norm='unit', expected 'backward', 'ortho' or 'forward'"),
        (lambda x: np.fft.hfft(x, norm="unit"), X, "hfft: norm='unit'"),
        (lambda x: np.fft.fftn(x, (3,), (0, 1)), X, r"fftn: s=\(3,\) and axes=\(0, 1\) must have the same length"),
        (lambda x: np.fft.rfftn(x, axes=()), X, "rfftn: no axis to transform"),
        (lambda x: np.fft.fft(x, out=np.zeros((3, 5), complex)), X, "fft: the argument out= is not supported"),
        (lambda x: np.fft.fft(x), np.zeros((2, 0)), r"fft: arguments of shape \(2, 0\) do not fit"),
    ],
)
def test_bad_calls_have_their_sentences(f: Any, x: Any, words: str) -> None:
    with pytest.raises(tg.errors.TinygradError, match=words):
        inside(f, x)


def test_axes_out_of_range_are_numpys_error() -> None:
    with pytest.raises(np.exceptions.AxisError):
        inside(lambda x: np.fft.fft(x, axis=2), X)
