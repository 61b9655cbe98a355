"""The sample sets: shapes, dtypes, values against an independent source, and refused arguments."""

import math
import sys
from typing import Any

import numpy as np
import pytest

from tinygrad_scratch.core.errors import ArgumentError, MissingExtraError
from tinygrad_scratch.data import blobs, digits, plane, sine, spiral, surface, wave


def test_digits_shapes_dtypes_and_range() -> None:
    pytest.importorskip("sklearn")
    data = digits()
    assert data.x_train.shape == (1438, 8, 8)
    assert data.x_test.shape == (359, 8, 8)
    assert data.y_train.shape == (1438,)
    assert data.y_test.shape == (359,)
    for x in data.x_train, data.x_test:
        assert x.dtype == np.float32
        assert (x.min(), x.max()) == (0.0, 1.0)
    assert data.y_train.dtype == data.y_test.dtype == np.int64
    assert data.names == tuple(str(k) for k in range(10))


def test_digits_are_all_of_scikit_learn_with_their_labels() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    data, source = digits(), datasets.load_digits()
    x = np.concatenate([data.x_train, data.x_test]).reshape(1797, 64) * 16
    y = np.concatenate([data.y_train, data.y_test])
    ours, theirs = np.column_stack([x, y]), np.column_stack([source.data, source.target])
    assert not np.array_equal(ours, theirs)
    np.testing.assert_array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])


def test_digits_follow_the_seed() -> None:
    pytest.importorskip("sklearn")
    np.testing.assert_array_equal(digits(seed=3).x_train, digits(seed=3).x_train)
    assert not np.array_equal(digits(seed=3).x_train, digits(seed=4).x_train)


@pytest.mark.parametrize(("fraction", "test"), [(0, 0), (0.5, 898), (0.9999, 1796)])
def test_digits_test_fraction(fraction: float, test: int) -> None:
    pytest.importorskip("sklearn")
    data = digits(test_fraction=fraction)
    assert (len(data.y_train), len(data.y_test)) == (1797 - test, test)


@pytest.mark.parametrize("fraction", [-0.1, 1, 1.5, math.nan])
def test_digits_refuse_bad_fraction(fraction: float) -> None:
    with pytest.raises(ArgumentError, match=rf"digits: test_fraction={fraction}, expected 0 <= test_fraction < 1"):
        digits(test_fraction=fraction)


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_samples_refuse_bad_seed(seed: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"digits: seed={seed}, expected an integer of at least 0"):
        digits(seed=seed)
    with pytest.raises(ArgumentError, match=rf"spiral: seed={seed}, expected an integer of at least 0"):
        spiral(seed=seed)


def test_digits_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingExtraError, match=r"pip install tinygrad_scratch\[examples\]"):
        digits()


def test_spiral_without_noise_is_the_formula() -> None:
    x, y = spiral(samples=5, classes=3, noise=0)
    assert x.dtype == np.float32
    assert y.dtype == np.int64
    assert x.shape == (15, 2)
    assert y.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    for i, (a, b) in enumerate(x.tolist()):
        k, radius = i // 5, i % 5 / 4
        angle = 4 * k + 4 * radius
        assert a == pytest.approx(radius * math.sin(2.5 * angle), abs=1e-6)
        assert b == pytest.approx(radius * math.cos(2.5 * angle), abs=1e-6)


def test_spiral_noise_turns_points_and_keeps_radii() -> None:
    (x, y), (clean, _) = spiral(samples=500, noise=0.2, seed=1), spiral(samples=500, noise=0)
    np.testing.assert_allclose(np.hypot(*x.T), np.tile(np.linspace(0, 1, 500), 3), atol=1e-6)
    far = np.hypot(*clean.T) > 0.01
    x, clean = x[far].astype(np.float64), clean[far].astype(np.float64)
    turn = np.arctan2(x[:, 0], x[:, 1]) - np.arctan2(clean[:, 0], clean[:, 1])
    turn = (turn + np.pi) % (2 * np.pi) - np.pi
    assert np.std(turn) / 2.5 == pytest.approx(0.2, rel=0.1)
    assert np.bincount(y).tolist() == [500] * 3


def test_spiral_follows_the_seed() -> None:
    np.testing.assert_array_equal(spiral(seed=3)[0], spiral(seed=3)[0])
    assert not np.array_equal(spiral(seed=3)[0], spiral(seed=4)[0])


def test_spiral_of_one_point() -> None:
    x, y = spiral(samples=1, classes=1)
    assert x.tolist() == [[0.0, 0.0]]
    assert y.tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 0}, "samples=0, expected an integer of at least 1"),
        ({"samples": 2.5}, "samples=2.5, expected an integer of at least 1"),
        ({"classes": -1}, "classes=-1, expected an integer of at least 1"),
        ({"noise": -0.1}, "noise=-0.1, expected a finite number of at least 0"),
        ({"noise": math.nan}, "noise=nan, expected a finite number of at least 0"),
        ({"noise": math.inf}, "noise=inf, expected a finite number of at least 0"),
    ],
)
def test_spiral_refuses_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"spiral: {message}"):
        spiral(**arguments)


@pytest.mark.parametrize("make", [blobs, plane, sine, surface, wave])
def test_drawn_samples_follow_the_seed(make: Any) -> None:
    x, y = make(noise=0.1, seed=3)
    assert x.dtype == np.float32
    assert y.dtype == (np.int64 if make is blobs else np.float32)
    points, same, others = (np.column_stack(make(noise=0.1, seed=seed)) for seed in (3, 3, (3, 1)))
    np.testing.assert_array_equal(points, same)
    assert points.shape == others.shape
    assert not np.array_equal(points, others)


def test_blobs_lie_beside_each_other() -> None:
    x, y = blobs(samples=4000, classes=4, noise=0.05, seed=1)
    for k in range(4):
        mine = x[y == k]
        np.testing.assert_allclose(mine.mean(axis=0), [k / 4, 0.5], atol=0.004)
        np.testing.assert_allclose(mine.std(axis=0), 0.05, rtol=0.05)


@pytest.mark.parametrize(
    ("make", "inside", "formula"),
    [
        (sine, lambda x: (x >= 0) & (x <= 1), lambda x: math.sin(2 * math.pi * x)),
        (surface, lambda x: np.hypot(*x.T) <= 3 + 1e-6, lambda a, b: math.sin(a * b)),
        (plane, lambda x: np.abs(x) <= 1, lambda a, b: a - b / 2),
        (wave, lambda x: np.abs(x) <= 1, lambda a, b: math.sin(math.pi * (a + b))),
    ],
)
def test_numbers_are_the_formula_and_noise(make: Any, inside: Any, formula: Any) -> None:
    x, y = make(samples=300, noise=0.0, seed=2)
    assert (x.shape[0], y.shape) == (300, (300, 1))
    assert np.all(inside(x))
    np.testing.assert_allclose(y[:, 0], [formula(*row) for row in x.tolist()], atol=1e-5)
    x, y = make(samples=20_000, noise=0.3, seed=2)
    off = y[:, 0] - [formula(*row) for row in x.tolist()]
    assert np.mean(off) == pytest.approx(0, abs=0.01)
    assert np.std(off) == pytest.approx(0.3, rel=0.03)


def test_surface_fills_the_disc_evenly() -> None:
    x, _ = surface(samples=20_000, radius=2.0, seed=3)
    assert np.mean(np.hypot(*x.T) < 1) == pytest.approx(0.25, abs=0.01)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=0.03)


@pytest.mark.parametrize("make", [blobs, plane, sine, surface, wave])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 0}, "samples=0, expected an integer of at least 1"),
        ({"noise": math.nan}, "noise=nan, expected a finite number of at least 0"),
        ({"seed": -1}, "seed=-1, expected an integer of at least 0"),
    ],
)
def test_drawn_samples_refuse_bad_arguments(make: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"{make.__name__}: {message}"):
        make(**arguments)


@pytest.mark.parametrize("radius", [0, -1.0, math.inf, math.nan])
def test_surface_refuses_bad_radius(radius: float) -> None:
    with pytest.raises(ArgumentError, match=f"surface: radius={radius}, expected a finite number above 0"):
        surface(radius=radius)


def test_blobs_refuse_bad_classes() -> None:
    with pytest.raises(ArgumentError, match="blobs: classes=0, expected an integer of at least 1"):
        blobs(classes=0)
