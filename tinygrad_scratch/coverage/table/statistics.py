"""Order statistics, weighted means, covariances and histograms."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...ops.quantile import POSITIONS
from ...testing.strategies import arrays, between, chosen, distinct
from ..entry import Call, Entry, calls
from .reductions import ANY, KEEP, POSITIVE, REAL, along, complex_numbers, over

METHODS = st.sampled_from(sorted(POSITIONS))
CONTINUOUS = st.sampled_from(["linear", "hazen", "weibull", "median_unbiased", "interpolated_inverted_cdf"])
COUNTS = {"complex": "counts of real numbers; of complex weights do real and imaginary part apart"}


def of_shape(*shape: int) -> Any:
    """A matrix of any numbers."""
    return arrays(shape, ANY)


def quantiles(scale: float) -> Any:
    """Calls of quantile and percentile."""
    x, q = arrays((2, 5), distinct), arrays((2,), between(0.21 * scale, 0.24 * scale))
    axis = st.sampled_from([None, 1, (0, -1)])
    level = st.sampled_from([0.3 * scale, scale, [0.1 * scale, 0.62 * scale]])
    return (
        calls(x, level, axis=axis, method=METHODS, keepdims=KEEP)
        | calls(x, q, axis=axis, method=CONTINUOUS)
        | calls(
            x, 0.3 * scale, axis=1, method="inverted_cdf", weights=arrays((2, 5), between(0.9, 1.1))
        )  # 0.3 is no sum of shares
    )


AVERAGE = calls(of_shape(2, 3), st.sampled_from([None, 0, -1]), arrays((2, 3), POSITIVE), returned=KEEP, keepdims=KEEP)
COV = (
    calls(of_shape(2, 4), rowvar=KEEP, bias=KEEP)
    | calls(of_shape(4), of_shape(4), ddof=st.sampled_from([None, 0]))
    | calls(of_shape(2, 4), fweights=np.array([1, 2, 3, 1]), aweights=arrays((4,), POSITIVE))
)
PLACES = chosen(-1.5, -0.9, -0.1, 0.2, 0.6, 1.6, 2.5)  # away from all edges
BINS = np.array([-1.03, -0.4, 0.51, 1.02])


@st.composite
def histograms(draw: Any) -> Call:
    """Calls with and without weights, of counts and of densities."""
    x = draw(arrays((3, 4), PLACES))
    options: dict[str, Any] = {"bins": draw(st.sampled_from([BINS, 3])), "range": (-1.17, 1.19)}
    if draw(st.booleans()):
        options["weights"] = draw(arrays((3, 4), chosen(0.5, 1.0, 1.75)))  # sums of them are exact in float32
    return Call((x,), {**options, "density": draw(st.booleans())})


@st.composite
def planar(draw: Any) -> Call:
    """Weighted points in the plane."""
    rows = [draw(arrays((12,), PLACES)) for _ in range(2)]
    options: dict[str, Any] = {"bins": draw(st.sampled_from([3, [BINS, 2], BINS]))}
    options |= {"range": [(-2.17, 2.19), (-1.17, 1.19)], "density": draw(st.booleans())}
    return Call((*rows,), {**options, "weights": draw(arrays((12,), POSITIVE))})


def _as_points(call: Call) -> Call:
    bins = call.kwargs["bins"]
    return Call((np.stack(call.args, 1),), {**call.kwargs, "bins": [bins, bins] if bins is BINS else bins})


ENTRIES = {
    "numpy.median": Entry(over(distinct)),
    "numpy.nanmedian": Entry(over(distinct)),
    "numpy.quantile": Entry(quantiles(1), without=REAL),
    "numpy.percentile": Entry(quantiles(100), without=REAL),
    "numpy.nanquantile": Entry(quantiles(1), without=REAL),
    "numpy.nanpercentile": Entry(quantiles(100), without=REAL),
    "numpy.average": Entry(AVERAGE | along(ANY) | calls(of_shape(2, 3), (1, 0), arrays((3, 2), POSITIVE))),
    "numpy.cov": Entry(COV, complex=calls(arrays((2, 4), complex_numbers), rowvar=KEEP, bias=KEEP)),
    "numpy.corrcoef": Entry(calls(of_shape(2, 4), rowvar=st.just(True)) | calls(of_shape(4), arrays((4,), distinct))),
    "numpy.bincount": Entry(calls([0, 2, 2, 5], of_shape(4), minlength=st.sampled_from([0, 8])), without=COUNTS),
    "numpy.histogram": Entry(histograms(), without=COUNTS),
    "numpy.histogram2d": Entry(planar(), without=COUNTS),
    "numpy.histogramdd": Entry(planar().map(_as_points), without=COUNTS),
}

WITHOUT: dict[str, str] = {
    "numpy.histogram_bin_edges": "how many bins there are depends on values",
}
