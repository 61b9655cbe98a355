"""Fourier transforms: numpy.fft. Three operations, each linear; all else is padding, order and conjugates.

The complex transform is a symmetric matrix, so it is its own transpose. The real transform and its inverse, between n
real numbers and the n // 2 + 1 complex ones of half a spectrum, are transposes of each other up to conjugates and to
how often each term of the half counts in the whole: once at 0 and n / 2, else twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import Emit, Primitive, implements
from ..core.trace import bind
from .arguments import axes as normal_axes
from .arguments import one_axis, refuse
from .arithmetic import conj
from .families import Axes, in_dtype, linear

SWAPPED = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _emit(name: Callable[[dict[str, Any]], str]) -> Emit:
    def text(x: str, **attrs: Any) -> str:
        return f"np.fft.{name(attrs)}({', '.join([x, *[f'{k}={v!r}' for k, v in attrs.items() if v is not None]])})"

    return Emit(text, lambda out, x, **attrs: f"{text(x, **attrs)[:-1]}, out={out})")


def _name(attrs: dict[str, Any]) -> str:
    attrs["axes"] = attrs.pop("axis")
    return "ifftn" if attrs.pop("inverse") else "fftn"


def _fft(x: Any, axis: Axes, inverse: bool, norm: Any) -> Any:
    return (np.fft.ifftn if inverse else np.fft.fftn)(x, axes=axis, norm=norm)


fft_: Primitive = linear("fft", _fft, lambda g, ans, x, **attrs: in_dtype(bind(fft_, g, **attrs), x), emit=_emit(_name))


def _times(n: int, axis: int, spectrum: Any) -> Any:
    """How often each term of half a spectrum counts."""
    times = np.full(n // 2 + 1, 2, np.finfo(spectrum.dtype).dtype)
    times[0] = 1
    times[(n + 1) // 2 :] = 1
    return times.reshape(-1, *(1,) * (spectrum.ndim - axis - 1))


def _rfft_transpose(g: Any, ans: Any, x: Any, axis: int, norm: str | None) -> Any:
    n = x.shape[axis]
    return in_dtype(bind(irfft_, conj(g) / _times(n, axis, ans), axis=axis, n=n, norm=SWAPPED[norm]), x)


def _irfft_transpose(g: Any, ans: Any, x: Any, axis: int, n: int, norm: str | None) -> Any:
    spectrum = bind(rfft_, g, axis=axis, norm=SWAPPED[norm])
    return in_dtype(conj(spectrum) * _times(n, axis, spectrum), x)


rfft_ = linear(
    "rfft",
    lambda x, axis, norm: np.fft.rfft(x, axis=axis, norm=norm),
    _rfft_transpose,
    emit=_emit(lambda attrs: "rfft"),
)
irfft_ = linear(
    "irfft",
    lambda x, axis, n, norm: np.fft.irfft(x, n, axis, norm),
    _irfft_transpose,
    emit=_emit(lambda attrs: "irfft"),
)


def _resized(a: Any, n: int | None, axis: int, function: str) -> Any:
    """`a` cropped or padded with zeros to length n along an axis."""
    length = a.shape[axis]
    if n is None or n == length:
        return a
    if n < 1:
        raise ShapeError(f"{function}: {n} points along axis {axis}{user_line()}, expected at least 1")
    if n < length:
        return a[(*(slice(None),) * axis, slice(0, n))]
    return np.pad(a, [(0, n - length if i == axis else 0) for i in range(a.ndim)])


def _places(
    function: str, a: Any, s: Any, axes: Any, out: Any, norm: Any, least: int = 0
) -> tuple[Sequence[Any], Sequence[int]]:
    """Lengths (None: that of the array) and axes of a transform, as in NumPy; `s` may be the one length n."""
    refuse(function, out=out)
    if norm not in SWAPPED:
        raise ArgumentError(f"{function}: norm={norm!r}, expected 'backward', 'ortho' or 'forward'")
    if axes is None:
        axes = range(a.ndim)[-len(s) :] if s is not None and len(s) else range(a.ndim) if s is None else ()
    axes = [one_axis(i, a.ndim) for i in axes]
    lengths: list[Any]
    if s is None:
        lengths = [None] * len(axes)
    else:
        lengths = [s] if isinstance(s, (int, np.integer)) else [None if n in (None, -1) else n for n in s]
    if len(lengths) != len(axes):
        raise ArgumentError(f"{function}: s={s} and axes={tuple(axes)} must have the same length")
    if len(axes) < least:
        raise ArgumentError(f"{function}: no axis to transform, expected at least one")
    return lengths, axes


def _complex(function: str, inverse: bool, a: Any, s: Any, axes: Any, norm: Any, out: Any) -> Any:
    lengths, over = _places(function, a, s, axes, out, norm)
    for n, axis in zip(lengths, over, strict=True):
        a = _resized(a, n, axis, function)
    return bind(fft_, a, axis=tuple(over), inverse=inverse, norm=norm) if over else a


def _real(function: str, a: Any, s: Any, axes: Any, norm: Any, out: Any) -> Any:
    if a.dtype.kind == "c":
        raise ArgumentError(
            f"{function}: the argument is {a.dtype}{user_line()}, expected real numbers; use np.fft.fft"
        )
    lengths, over = _places(function, a, s, axes, out, norm, least=1)
    half = bind(rfft_, _resized(a, lengths[-1], over[-1], function), axis=over[-1], norm=norm)
    rest = [n or a.shape[i] for n, i in zip(lengths[:-1], over, strict=False)]
    return _complex(function, False, half, rest, over[:-1], norm, None)


def _inverse_real(function: str, a: Any, s: Any, axes: Any, norm: Any, out: Any) -> Any:
    lengths, over = _places(function, a, s, axes, out, norm, least=1)
    a = _complex(function, True, a, [n or -1 for n in lengths[:-1]], over[:-1], norm, None)
    n = 2 * (a.shape[over[-1]] - 1) if lengths[-1] is None else lengths[-1]
    if n < 1:
        raise ShapeError(f"{function}: {n} points along axis {over[-1]}{user_line()}, expected at least 1; give n")
    return bind(irfft_, _resized(a, n // 2 + 1, over[-1], function), axis=over[-1], n=n, norm=norm)


@implements(np.fft.fft)
def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `fft`: sum of a[j] exp(-2 pi i j k / n)."""
    return _complex("fft", False, a, n, (axis,), norm, out)


@implements(np.fft.ifft)
def ifft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `ifft`: sum of a[k] exp(2 pi i j k / n) / n."""
    return _complex("ifft", True, a, n, (axis,), norm, out)


@implements(np.fft.rfft)
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `rfft`: the first n // 2 + 1 terms of `fft` of real numbers."""
    return _real("rfft", a, n, (axis,), norm, out)


@implements(np.fft.irfft)
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `irfft`: the n real numbers with these terms; imaginary parts of the terms 0 and n / 2 are ignored."""
    return _inverse_real("irfft", a, n, (axis,), norm, out)


@implements(np.fft.hfft)
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `hfft`: the real spectrum of a signal with Hermitian symmetry."""
    return _inverse_real("hfft", conj(a), n, (axis,), SWAPPED.get(norm, norm), out)


@implements(np.fft.ihfft)
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `ihfft`: the inverse of `hfft`."""
    return conj(_real("ihfft", a, n, (axis,), SWAPPED.get(norm, norm), out))


@implements(np.fft.fftn)
def fftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `fftn`: `fft` along several axes."""
    return _complex("fftn", False, a, s, axes, norm, out)


@implements(np.fft.ifftn)
def ifftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `ifftn`: `ifft` along several axes."""
    return _complex("ifftn", True, a, s, axes, norm, out)


@implements(np.fft.rfftn)
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `rfftn`: `rfft` along the last axis, `fft` along the others."""
    return _real("rfftn", a, s, axes, norm, out)


@implements(np.fft.irfftn)
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `irfftn`: the inverse of `rfftn`."""
    return _inverse_real("irfftn", a, s, axes, norm, out)


@implements(np.fft.fft2)
def fft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `fft2`: `fftn` along two axes."""
    return _complex("fft2", False, a, s, axes, norm, out)


@implements(np.fft.ifft2)
def ifft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `ifft2`: `ifftn` along two axes."""
    return _complex("ifft2", True, a, s, axes, norm, out)


@implements(np.fft.rfft2)
def rfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `rfft2`: `rfftn` along two axes."""
    return _real("rfft2", a, s, axes, norm, out)


@implements(np.fft.irfft2)
def irfft2(a: Any, s: Any = None, axes: Any = (-2, -1), norm: str | None = None, out: Any = None) -> Any:
    """NumPy's `irfft2`: `irfftn` along two axes."""
    return _inverse_real("irfft2", a, s, axes, norm, out)


def _shifted(x: Any, axes: Any, shift: Callable[[int], int]) -> Any:
    over = range(x.ndim) if axes is None else normal_axes(axes, x.ndim) or ()
    return np.roll(x, [shift(x.shape[i]) for i in over], tuple(over)) if over else x


@implements(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    """NumPy's `fftshift`: the frequency 0 moves to the middle."""
    return _shifted(x, axes, lambda n: n // 2)


@implements(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """NumPy's `ifftshift`: the inverse of `fftshift`."""
    return _shifted(x, axes, lambda n: -(n // 2))
