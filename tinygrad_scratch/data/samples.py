"""Small data sets that need no download: scikit-learn's digits, and points on a spiral."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.errors import ArgumentError, MissingExtraError
from .batches import check_count, generator
from .images import Dataset


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


def spiral(
    samples: int = 100, classes: int = 3, noise: float = 0.2, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Points in the plane, `samples` of each class along an arm of a spiral of its own.

    Class k has the radius r from 0 to 1, the angle t from 4k to 4(k+1) plus noise * N(0, 1), and its points at
    (r sin 2.5t, r cos 2.5t). Returns x, float32 of shape (samples * classes, 2), and y, int64 of shape
    (samples * classes,): class after class, not shuffled.
    Source: A. Karpathy, CS231n, as used in 'Neural Networks from Scratch' (Kinsley and Kukieła).

    Raises ArgumentError if samples or classes is below 1, noise is negative or not finite, or for a bad `seed`.

    >>> x, y = spiral(samples=2, classes=2, noise=0.0)
    >>> x[1::2], y
    (array([[-0.5440211 , -0.8390715 ],
            [ 0.9129453 ,  0.40808207]], dtype=float32), array([0, 0, 1, 1]))
    """
    check_count("spiral", "samples", samples)
    check_count("spiral", "classes", classes)
    if not 0 <= noise < np.inf:
        raise ArgumentError(f"spiral: noise={noise!r}, expected a finite number of at least 0; try 0.2")
    radius = np.tile(np.linspace(0, 1, samples), classes)
    y = np.repeat(np.arange(classes, dtype=np.int64), samples)
    angle = 4 * (y + radius) + noise * generator("spiral", seed).standard_normal(len(y))
    x = radius[:, None] * np.stack([np.sin(2.5 * angle), np.cos(2.5 * angle)], axis=1)
    return x.astype(np.float32), y
