"""Samples of the Fourier transforms."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_scratch.testing.strategies import Case, arrays, shapes

from .base import ANY, Entry

NORMS = st.sampled_from([None, "backward", "ortho", "forward"])


@st.composite
def transforms(draw: Any) -> Case:
    x = draw(arrays(shapes(1, 5, 3, 1), ANY))
    axis = tuple(draw(st.lists(st.integers(0, x.ndim - 1), min_size=1, max_size=2, unique=True)))
    return Case((x,), {"axis": axis, "inverse": draw(st.booleans()), "norm": draw(NORMS)})


@st.composite
def real_transforms(draw: Any, back: bool) -> Case:
    n, axis = draw(st.integers(1, 6)), draw(st.integers(0, 2))
    shape = list(draw(shapes(1, 3, 3, 3)))
    shape[axis] = n // 2 + 1 if back else n
    attrs = {"axis": axis, "norm": draw(NORMS)}
    return Case((draw(arrays(tuple(shape), ANY)),), {**attrs, "n": n} if back else attrs)


def reference(x: Any, axis: Any, inverse: bool, norm: Any) -> Any:
    for i in axis:
        x = (np.fft.ifft if inverse else np.fft.fft)(x, axis=i, norm=norm)
    return x


FFT = {
    "fft": Entry(transforms(), reference, exact=False),
    "rfft": Entry(
        real_transforms(back=False), lambda x, axis, norm: np.fft.fft(x, axis=axis, norm=norm).take(
            range(x.shape[axis] // 2 + 1), axis), exact=False, complex=False,
    ),
    "irfft": Entry(real_transforms(back=True), np.fft.irfft, exact=False),
}  # fmt: skip
