"""Small data sets that need no download: scikit-learn's digits, and points drawn by a formula.

Those that are drawn give x, float32 of shape (n, inputs), and y: for classes int64 of shape (n,), class after class,
else float32 of shape (n, 1). The same `seed` gives the same points; a tuple, such as (seed, 1), is
a seed too, for others to validate with. They raise ArgumentError if a count is below 1, noise is negative or not
finite, or for a bad `seed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ArgumentError, MissingExtraError
from .batches import check_count, generator
from .images import Dataset

Seed = int | Sequence[int]
Classes = tuple[NDArray[np.float32], NDArray[np.int64]]
Numbers = tuple[NDArray[np.float32], NDArray[np.float32]]


def digits(test_fraction: float = 0.2, seed: int = 0) -> Dataset:
    """The 1,797 handwritten digits of scikit-learn, shuffled, the given fraction of them (rounded down) for the test.

    Images are float32 in [0, 1] of shape (n, 8, 8), labels int64 of shape (n,); the same `seed` gives the same order.
    Source: UCI, Optical Recognition of Handwritten Digits, its test set.

    Raises MissingExtraError without scikit-learn; ArgumentError unless 0 <= test_fraction < 1, or for a bad `seed`.

    >>> data = digits(test_fraction=0.25)
    >>> data.x_train.shape, data.x_test.shape
    ((1348, 8, 8), (449, 8, 8))
    """
    if not 0 <= test_fraction < 1:
        raise ArgumentError(f"digits: test_fraction={test_fraction!r}, expected 0 <= test_fraction < 1; try 0.2")
    rng = generator("digits", seed)
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise MissingExtraError(
            "digits: scikit-learn is not installed, expected it to hold the images; "
            "pip install tinygrad_scratch[examples]"
        ) from error
    bunch = load_digits()
    order = rng.permutation(len(bunch.images))
    x, y = (bunch.images[order] / 16).astype(np.float32), bunch.target[order].astype(np.int64)
    cut = len(x) - int(test_fraction * len(x))
    return Dataset(x[:cut], y[:cut], x[cut:], y[cut:], tuple("0123456789"))


def spiral(samples: int = 100, classes: int = 3, noise: float = 0.2, seed: Seed = 0) -> Classes:
    """Points in the plane, `samples` of each class along an arm of a spiral of its own.

    Class k has the radius r from 0 to 1, the angle t from 4k to 4(k+1) plus noise * N(0, 1), and its points at
    (r sin 2.5t, r cos 2.5t).
    Source: A. Karpathy, CS231n, as used in 'Neural Networks from Scratch' (Kinsley and Kukieła).

    >>> x, y = spiral(samples=2, classes=2, noise=0.0)
    >>> x[1::2], y
    (array([[-0.5440211 , -0.8390715 ],
            [ 0.9129453 ,  0.40808207]], dtype=float32), array([0, 0, 1, 1]))
    """
    rng = _checked("spiral", seed, noise, samples=samples, classes=classes)
    radius = np.tile(np.linspace(0, 1, samples), classes)
    y = np.repeat(np.arange(classes, dtype=np.int64), samples)
    angle = 4 * (y + radius) + noise * rng.standard_normal(len(y))
    x = radius[:, None] * np.stack([np.sin(2.5 * angle), np.cos(2.5 * angle)], axis=1)
    return x.astype(np.float32), y


def blobs(samples: int = 100, classes: int = 3, noise: float = 0.1, seed: Seed = 0) -> Classes:
    """Points in the plane, `samples` of each class in a blob of its own: class k about (k / classes, 1/2).

    Each coordinate is off by noise * N(0, 1). The blobs lie beside each other, so that vertical lines part them.

    >>> x, y = blobs(samples=2, classes=2, noise=0.0)
    >>> x.tolist(), y.tolist()
    ([[0.0, 0.5], [0.0, 0.5], [0.5, 0.5], [0.5, 0.5]], [0, 0, 1, 1])
    """
    rng = _checked("blobs", seed, noise, samples=samples, classes=classes)
    y = np.repeat(np.arange(classes, dtype=np.int64), samples)
    middles = np.stack([y / classes, np.full(len(y), 0.5)], axis=1)
    return (middles + noise * rng.standard_normal(middles.shape)).astype(np.float32), y


def sine(samples: int = 1000, noise: float = 0.0, seed: Seed = 0) -> Numbers:
    """One wave: y = sin(2 pi x) + noise * N(0, 1) at `samples` places x, evenly from 0 to 1.

    >>> x, y = sine(samples=5)
    >>> x.ravel(), y.ravel().round(3) + 0
    (array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32), array([ 0.,  1.,  0., -1.,  0.], dtype=float32))
    """
    rng = _checked("sine", seed, noise, samples=samples)
    x = np.linspace(0, 1, samples)[:, None]
    return _noisy(x, np.sin(2 * np.pi * x), noise, rng)


def surface(samples: int = 1000, noise: float = 0.1, radius: float = 3.0, seed: Seed = 0) -> Numbers:
    """A saddle with folds: z = sin(x1 x2) + noise * N(0, 1) at points that fill the disc of that radius evenly.

    No prediction has a mean squared error below noise**2, but by chance.

    >>> x, z = surface(samples=500, noise=0.0, radius=2)
    >>> x.shape, z.shape, bool(np.hypot(*x.T).max() <= 2)
    ((500, 2), (500, 1), True)
    """
    rng = _checked("surface", seed, noise, samples=samples)
    if not 0 < radius < np.inf:
        raise ArgumentError(f"surface: radius={radius!r}, expected a finite number above 0; try 3")
    distance, angle = radius * np.sqrt(rng.random(samples)), 2 * np.pi * rng.random(samples)
    x = np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1)
    return _noisy(x, np.sin(x[:, :1] * x[:, 1:]), noise, rng)


def plane(samples: int = 1000, noise: float = 0.1, seed: Seed = 0) -> Numbers:
    """z = x1 - x2 / 2 + noise * N(0, 1) at points of the square from -1 to 1: what a layer without activation fits.

    >>> x, z = plane(samples=3, noise=0.0)
    >>> bool(np.allclose(z[:, 0], x @ [1, -0.5]))
    True
    """
    rng = _checked("plane", seed, noise, samples=samples)
    x = rng.uniform(-1, 1, (samples, 2))
    return _noisy(x, x[:, :1] - x[:, 1:] / 2, noise, rng)


def wave(samples: int = 1000, noise: float = 0.1, seed: Seed = 0) -> Numbers:
    """z = sin(pi (x1 + x2)) + noise * N(0, 1) at points of the square from -1 to 1: a wave along its diagonal.

    >>> x, z = wave(samples=3, noise=0.0)
    >>> bool(np.allclose(z[:, 0], np.sin(np.pi * x.sum(axis=1)), atol=1e-5))
    True
    """
    rng = _checked("wave", seed, noise, samples=samples)
    x = rng.uniform(-1, 1, (samples, 2))
    return _noisy(x, np.sin(np.pi * x.sum(axis=1, keepdims=True)), noise, rng)


def _checked(operation: str, seed: Seed, noise: float, **counts: int) -> np.random.Generator:
    """The generator for `seed`, once all that these functions are given makes sense."""
    for name, count in counts.items():
        check_count(operation, name, count)
    if not 0 <= noise < np.inf:
        raise ArgumentError(f"{operation}: noise={noise!r}, expected a finite number of at least 0; try 0.1")
    return generator(operation, seed)


def _noisy(x: NDArray[Any], y: NDArray[Any], noise: float, rng: np.random.Generator) -> Numbers:
    return x.astype(np.float32), (y + noise * rng.standard_normal(y.shape)).astype(np.float32)
