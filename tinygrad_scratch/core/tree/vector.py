"""A tree as one vector."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np

from ..errors import DtypeError, ShapeError
from .nodes import flatten, unflatten
from .paths import paths


def ravel(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    """All elements of all leaves as one array without gaps, and the function that makes a tree of such an array again.

    The array has the dtype that NumPy's `result_type` gives for the leaves; `unravel` gives each leaf back its shape
    and dtype. Raises DtypeError for a leaf that is no number, and `unravel` ShapeError for an array of another shape.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> vector, unravel = tg.tree.ravel({"w": np.ones((2, 2)), "b": np.zeros(1)})
    >>> vector
    array([0., 1., 1., 1., 1.])
    >>> unravel(2 * vector)["w"]
    array([[2., 2.],
           [2., 2.]])
    """
    leaves, structure = flatten(tree)
    arrays = [x if hasattr(x, "dtype") else np.asarray(x) for x in leaves]
    foreign = [i for i, x in enumerate(arrays) if x.dtype.kind not in "biufc"]
    if foreign:
        path, kind = paths(tree)[foreign[0]], arrays[foreign[0]].dtype
        raise DtypeError(f"tree.ravel: leaf {path!r} is {kind}, expected numbers; take it out of the tree")
    shapes, dtypes = [np.shape(x) for x in arrays], [x.dtype for x in arrays]
    ends = list(accumulate([math.prod(shape) for shape in shapes], initial=0))

    def unravel(vector: Any) -> Any:
        if np.shape(vector) != (ends[-1],):
            raise ShapeError(f"unravel: the array has shape {np.shape(vector)}, expected {(ends[-1],)}, as ravel gave")
        parts = [vector[a:b].reshape(shape) for a, b, shape in zip(ends[:-1], ends[1:], shapes, strict=True)]
        return unflatten(structure, [_of_kind(p, d).astype(d, copy=False) for p, d in zip(parts, dtypes, strict=True)])

    if not arrays:
        return np.zeros(0), unravel
    dtype = np.result_type(*[getattr(x, "dtype", x) for x in leaves])
    return np.concatenate([np.ravel(x) for x in arrays], dtype=dtype), unravel


def _of_kind(x: Any, dtype: np.dtype[Any]) -> Any:
    """`x` without its imaginary part, if the dtype has none."""
    return x.real if x.dtype.kind == "c" and dtype.kind != "c" else x


def ravel_real(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    """`ravel`, with each complex leaf as its real and its imaginary part: what solvers of real numbers take."""
    leaves, structure = flatten(tree)
    if not any(np.iscomplexobj(x) for x in leaves):
        return ravel(tree)
    vector, unravel = ravel([[x.real, x.imag] if np.iscomplexobj(x) else x for x in leaves])

    def joined(vector: Any) -> Any:
        parts = unravel(vector)
        return unflatten(structure, [p[0] + 1j * p[1] if type(p) is list else p for p in parts])

    return vector, joined
