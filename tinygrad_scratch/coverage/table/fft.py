"""numpy.fft."""

from typing import Any

from hypothesis import strategies as st

from ...testing.strategies import arrays, between, complex_numbers
from ..entry import Entry, calls

ANY = between(-2, 2)
SHAPE: Any = st.sampled_from([(4, 5), (5, 4), (2, 3, 4), (0, 3, 4)])
FULL: Any = st.sampled_from([(4, 5), (5, 4), (2, 3, 4)])
NORM = st.sampled_from([None, "backward", "ortho", "forward"])
LENGTH, AXIS = st.sampled_from([None, 1, 3, 4, 6]), st.sampled_from([-1, 1, -2])
REAL = {"complex": "real numbers only"}


def one(made: Any) -> Any:
    """Calls of a transform along one axis."""
    return calls(made(SHAPE), n=LENGTH, axis=AXIS, norm=NORM)


def several(made: Any) -> Any:
    """Calls of a transform along several axes."""
    return (
        calls(made(FULL), norm=NORM)
        | calls(made(SHAPE), axes=st.sampled_from([(-1,), (-1, -2), (1, -1)]), norm=NORM)
        | calls(made(SHAPE), s=st.sampled_from([(3, 6), (-1, 5)]), axes=(-1, -2), norm=NORM)
    )


def real(shape: Any) -> Any:
    """Arrays of real numbers."""
    return arrays(shape, ANY)


def complex_(shape: Any) -> Any:
    """Arrays of complex numbers."""
    return arrays(shape, complex_numbers(ANY))


ENTRIES = {
    **{f"numpy.fft.{name}": Entry(one(real), one(complex_)) for name in ("fft", "ifft", "irfft", "hfft")},
    **{f"numpy.fft.{name}": Entry(one(real), without=REAL) for name in ("rfft", "ihfft")},
    **{
        f"numpy.fft.{name}": Entry(several(real), several(complex_))
        for name in ("fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn")
    },
    **{f"numpy.fft.{name}": Entry(several(real), without=REAL) for name in ("rfft2", "rfftn")},
    **{
        f"numpy.fft.{name}": Entry(calls(real(SHAPE), axes=st.sampled_from([None, -1, (-1, -2)])))
        for name in ("fftshift", "ifftshift")
    },
}

WITHOUT: dict[str, str] = dict.fromkeys(["numpy.fft.fftfreq", "numpy.fft.rfftfreq"], "constants, made from a number")
