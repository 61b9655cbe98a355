"""`r_` and `c_`, of arrays, numbers and Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.arguments import as_array, holds_tensor, in_common_dtype


class Concatenator:
    """NumPy's `r_` or `c_`. NumPy itself puts together the positions of the elements, which are taken then."""

    def __init__(self, numpys: Any) -> None:
        self._numpys = numpys

    def __getitem__(self, key: Any) -> Any:
        if not holds_tensor(key):
            return self._numpys[key]
        parts = [np.r_[x] if isinstance(x, slice) else x for x in (key if isinstance(key, tuple) else (key,))]
        elements = in_common_dtype([part for part in parts if not isinstance(part, str)])
        starts = np.cumsum([0, *[x.size for x in elements]]).tolist()
        positions = iter([_positions(x, start) for x, start in zip(elements, starts, strict=False)])
        places = self._numpys[tuple([part if isinstance(part, str) else next(positions) for part in parts])]
        return np.take(np.concatenate([x.reshape(-1) for x in elements]), np.asarray(places))


def _positions(x: Any, start: int) -> Any:
    """Where the elements of `x` stand among all; a number's is a number."""
    return start + np.arange(x.size).reshape(x.shape) if as_array(x).ndim else start


r_ = Concatenator(np.r_)
c_ = Concatenator(np.c_)
