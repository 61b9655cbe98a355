"""Samples of the operations that give an array with other elements."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_scratch.testing.strategies import Case, arrays

from .base import ANY, Entry
from .structural import _joined, _marked, indexings


@st.composite
def writings(draw: Any) -> Case:
    x, index, chosen_arrays = draw(indexings())
    v = draw(arrays(np.shape(x[_joined(index, chosen_arrays)]), ANY))
    return Case((x, v, *chosen_arrays), {"index": _marked(index)})


def written(x: np.ndarray, v: np.ndarray, *chosen_arrays: np.ndarray, index: Any) -> np.ndarray:
    out = x.astype(np.result_type(x, v))
    out[_joined(index, chosen_arrays)] = v
    return out


UPDATE = {"setitem": Entry(writings(), written, complex=False)}
