"""numpy.fft."""

from typing import Any

from hypothesis import strategies as st

from ...testing.strategies import arrays, between
from ..entry import Entry, calls
from .elementwise import complexes

ANY = between(-2, 2)
SHAPE: Any = st.sampled_from([(4, 5), (5, 4), (2, 3, 4), (0, 3, 4)])
NORM: Any = {"norm": st.sampled_from([None, "backward", "ortho", "forward"])}
ONE: Any = {"n": st.sampled_from([None, 1, 3, 4, 6]), "axis": st.sampled_from([-1, 1, -2]), **NORM}
PLACES: Any = st.sampled_from([{}, {"s": (3, 6), "axes": (-1, -2)}, {"s": (-1, 5), "axes": (-2, -1)}, {"axes": (-1,)}])
AXES = st.sampled_from([None, -1, (-1, -2)])
REAL = {"complex": "real numbers only"}


def one(real_only: bool = False) -> Entry:
    """A transform along one axis."""
    if real_only:
        return Entry(calls(arrays(SHAPE, ANY), **ONE), without=REAL)
    return Entry(calls(arrays(SHAPE, ANY), **ONE), calls(complexes(SHAPE), **ONE))


def several(real_only: bool = False) -> Entry:
    """A transform along several axes."""

    def drawn(x: Any) -> Any:
        return st.tuples(calls(x, **NORM), PLACES).map(
            lambda pair: pair[0]._replace(kwargs={**pair[0].kwargs, **pair[1]})
        )

    return Entry(
        drawn(arrays(SHAPE, ANY)), None if real_only else drawn(complexes(SHAPE)), without=REAL if real_only else {}
    )


ENTRIES = {
    **{f"numpy.fft.{name}": one() for name in ("fft", "ifft", "irfft", "hfft")},
    **{f"numpy.fft.{name}": one(real_only=True) for name in ("rfft", "ihfft")},
    **{f"numpy.fft.{name}": several() for name in ("fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn")},
    **{f"numpy.fft.{name}": several(real_only=True) for name in ("rfft2", "rfftn")},
    **{f"numpy.fft.{name}": Entry(calls(arrays(SHAPE, ANY), axes=AXES)) for name in ("fftshift", "ifftshift")},
}

WITHOUT: dict[str, str] = dict.fromkeys(["numpy.fft.fftfreq", "numpy.fft.rfftfreq"], "constants, made from a number")
