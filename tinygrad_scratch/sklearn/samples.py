"""What `fit` makes of samples: weights that are checked, equal samples taken together, some held back."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_array

from .. import random
from ..core.errors import ArgumentError, ShapeError

Samples = tuple[Any, Any, Any]  # x, targets, weights


def checked_weights(estimator: str, sample_weight: Any, n: int) -> Any:
    """One weight a sample, (n,), none negative and not all zero."""
    if sample_weight is None:
        return np.ones(n)
    weights = check_array(sample_weight, dtype=np.float64, ensure_2d=False, input_name="sample_weight")
    if weights.shape != (n,):
        raise ShapeError(f"{estimator}: sample_weight has shape {weights.shape}, expected ({n},), one weight a sample")
    if (weights < 0).any():
        raise ArgumentError(f"{estimator}: sample_weight has {weights.min():g} in it, expected no weight below 0")
    if not weights.any():
        raise ArgumentError(f"{estimator}: every sample_weight is zero, expected a sample that counts")
    return weights


def distinct(x: Any, targets: Any, weights: Any) -> Samples:
    """Each different sample once, in the order of their bytes, with the sum of its weights; the mean of these is 1."""
    columns = [np.ascontiguousarray(part).reshape(len(x), -1).view(np.uint8) for part in (x, targets)]
    rows = np.concatenate(columns, axis=1)
    whole = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, group = np.unique(whole, return_index=True, return_inverse=True)
    sums = np.bincount(group, weights)
    return x[first], targets[first], (sums / sums.mean()).astype(np.float32)


def held_back(estimator: str, key: Any, samples: Samples, fraction: float) -> tuple[Samples, Samples]:
    """The samples to train on, and that fraction of them to validate with, spread evenly over the targets."""
    targets, n = samples[1], len(samples[1])
    if n < 2:
        raise ArgumentError(f"{estimator}: early_stopping holds samples back, got 1 sample, expected 2 different ones")
    order = random.permutation(key, n)
    order = order[np.argsort(targets.reshape(n, -1)[order, 0], kind="stable")]
    count = min(max(1, round(fraction * n)), n - 1)
    places = ((np.arange(count) + 0.5) * n / count).astype(int)
    return _picked(samples, np.delete(order, places)), _picked(samples, order[places])


def _picked(samples: Samples, places: Any) -> Samples:
    x, targets, weights = samples
    return x[places], targets[places], weights[places]
