"""Sampled functions, convolution and polynomials at their edges, and sentences."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

V = np.array([0.5, -1.0, 2.0, 1.5])


def test_interpolation_at_knots_outside_and_at_infinity() -> None:
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([1.0, 3.0, -1.0])
    x = np.array([-np.inf, -1.0, 0.0, 0.5, 1.0, 3.0, 4.0, np.inf])
    for options in ({}, {"left": -5.0, "right": 6.0}):
        f = lambda *a, o=options: np.interp(*a, **o)  # noqa: E731
        out, back = tg.vjp(f, x, xp, fp)
        np.testing.assert_array_equal(out, np.interp(x, xp, fp, **options))
        assert all(np.all(np.isfinite(g)) for g in back(np.ones(8)))
    np.testing.assert_array_equal(tg.grad(lambda t: np.sum(np.interp(t, xp, fp)))(x), [0, 0, 2, 2, -2, -2, 0, 0])
    with np.errstate(invalid="ignore"):
        assert np.isnan(tg.vjp(lambda t: np.interp(t, xp, fp), np.array([np.nan]))[0])
    with pytest.raises(tg.errors.ShapeError, match=r"interp: xp of shape \(3,\) and fp of \(2,\)"):
        tg.grad(lambda t: np.interp(t, xp, fp[:2]))(0.5)
    with pytest.raises(tg.errors.ArgumentError, match="interp: period=0"):
        tg.grad(lambda t: np.interp(t, xp, fp, period=0))(0.5)


def test_unwrap_of_integers_and_of_half_periods() -> None:
    for p, options in [
        (np.array([0, 2, 4, 0, 3]), {"period": 4}),
        (np.array([0, 3, 1, 4]), {"period": 5}),
        (np.array([0.0, np.pi, 0.0, 3 * np.pi]), {}),
        (V, {"discont": 0.1, "period": 0.7}),
    ]:
        found = tg.vmap(lambda t, o=options: np.unwrap(t, **o))(p[None])[0]
        np.testing.assert_allclose(found, np.unwrap(p, **options), rtol=1e-14, atol=1e-14)
        assert found.dtype == np.unwrap(p, **options).dtype


REFUSED: list[Any] = [
    (lambda t: np.gradient(t, edge_order=3), tg.errors.ArgumentError, "gradient: edge_order=3, expected 1 or 2"),
    (lambda t: np.gradient(t[:1]), tg.errors.ShapeError, r"gradient: axis 0 of shape \(1,\) is too short"),
    (lambda t: np.gradient(t, V[:2]), tg.errors.ShapeError, r"gradient: coordinates of shape \(2,\)"),
    (lambda t: np.gradient(t, 1.0, 2.0), tg.errors.ArgumentError, "gradient: 2 spacings for 1 axes"),
    (lambda t: np.convolve(t, t[:0]), tg.errors.ShapeError, r"convolve: shapes \(4,\) and \(0,\)"),
    (lambda t: np.correlate(t, t, "half"), tg.errors.ArgumentError, "correlate: mode='half', expected one of 'full'"),
    (lambda t: np.polyder(t, -1), tg.errors.ArgumentError, "polyder: m=-1 must not be negative"),
    (lambda t: np.polyint(t, 3, [1.0, 2.0]), tg.errors.ArgumentError, "polyint: 2 constants for m=3"),
    (lambda t: np.vander(t[None]), tg.errors.ShapeError, r"vander: expected a row, got shape \(1, 4\)"),
    (lambda t: np.poly(t.reshape(2, 2)), tg.errors.ShapeError, "poly: expected a row of zeros"),
]


@pytest.mark.parametrize(("f", "error", "words"), REFUSED)
def test_misfits_are_sentences(f: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        tg.grad(lambda t: np.sum(f(t)))(V)


def test_every_length_of_convolution_is_numpys() -> None:
    rng = np.random.default_rng(0)
    for n in range(1, 6):
        for m in range(1, 6):
            a, v = rng.normal(size=n), rng.normal(size=m)
            for mode in ("full", "same", "valid"):
                for f in (np.convolve, np.correlate):
                    found = tg.vjp(lambda a, v, f=f, mode=mode: f(a, v, mode), a, v)[0]
                    np.testing.assert_allclose(found, f(a, v, mode), rtol=1e-13, atol=1e-13)


def test_lists_of_tensors_are_rows() -> None:
    f = lambda a, b: np.trapezoid(V * a, [0.0, a, a + b, 4.0])  # noqa: E731
    tg.testing.check_grads(f, (0.5, 1.5))
    tg.testing.check_grads(lambda x, a, b: np.interp(x, [0.0, a, 3.0], [b, 1.0, a * b]), (1.3, 0.5, 1.5))
