"""That a compiled function is its original: values to rounding, dtypes, shapes, structure, the kinds of numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.compile import numpy_executor, threads

BACKENDS = ["numpy", "numba"]
Call = tuple[tuple[Any, ...], dict[str, Any]]


def by_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays are run as large ones are: in blocks of three elements, over two threads."""
    monkeypatch.setattr(numpy_executor, "LARGE", 4)
    monkeypatch.setattr(numpy_executor, "SMALLEST", 3)
    monkeypatch.setattr(numpy_executor, "CACHE", 1)
    monkeypatch.setattr(threads, "WORTH", 4)
    monkeypatch.setattr(threads, "_count", None)
    tg.set_num_threads(2)


def call(*args: Any, **kwargs: Any) -> Call:
    """One call, as `agrees` takes them."""
    return args, kwargs


def same_leaf(found: Any, expected: Any, ulps: float = 200, narrow: bool = False) -> None:
    """An array for an array; what has no axes is a number of NumPy's, or of Python's where eager gives one."""
    if isinstance(expected, np.ndarray) and expected.ndim == 0:
        expected = expected[()]
    both_numpys = isinstance(found, np.generic) and isinstance(expected, np.generic)
    assert type(found) is type(expected) or both_numpys
    if not isinstance(expected, (np.ndarray, np.generic)):
        assert found == expected or (found != found and expected != expected)
        return
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    if expected.dtype.kind in "fc":
        eps = ulps * np.finfo(np.float32 if narrow else expected.dtype).eps
        np.testing.assert_allclose(found, expected, rtol=eps, atol=eps)
    else:
        np.testing.assert_array_equal(found, expected)


def same_tree(found: Any, expected: Any, ulps: float = 200, narrow: bool = False) -> None:
    """`narrow`: what is in float64 comes from float32 by way of other operations."""
    left, structure = tg.tree.flatten(found)
    right, expected_structure = tg.tree.flatten(expected)
    assert structure == expected_structure
    for a, b in zip(left, right, strict=True):
        same_leaf(a, b, ulps, narrow)


def agrees(f: Callable[..., Any], backend: str, *calls: Call, ulps: float = 200, **options: Any) -> Any:
    """The compiled function, after each call has been compared three times, one call after the other."""
    compiled = tg.jit(f, backend=backend, **options)
    for _ in range(3):
        for args, kwargs in calls:
            same_tree(compiled(*args, **kwargs), f(*args, **kwargs), ulps)
    return compiled
