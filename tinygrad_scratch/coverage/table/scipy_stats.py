"""scipy.stats: densities and distribution functions, by x and all parameters, under `tg.scipy.stats`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from ...testing.strategies import arrays, away_from_zero, between, broadcastable, chosen
from ..entry import Call, Entry, calls

NEITHER = {
    "complex": "densities are of real numbers",
    "float32": "SciPy's are of double precision always; ours keep single precision, as a test of its own says",
}

X, LOC, POSITIVE, UNIT, WHOLE = (
    away_from_zero(),
    between(-0.1, 0.1),
    between(0.5, 2),
    between(0.1, 0.9),
    chosen(0, 1, 2, 3),
)
DENSITY, DISTRIBUTION = ("logpdf", "pdf"), ("cdf", "sf", "logcdf", "logsf")


@st.composite
def _standard(draw: Any, *domains: Any, constants: Mapping[str, Any] = MappingProxyType({})) -> Call:
    """x and the shape parameters by position, loc and scale by position, by name or left out."""
    *args, loc, scale = draw(broadcastable(*domains, LOC, POSITIVE)).args
    how = draw(st.sampled_from(["position", "name", "neither"])) if not constants else "name"
    named = {"loc": loc, "scale": scale} if how == "name" else {}
    return Call((*args, *([loc, scale] if how == "position" else [])), {**named, **constants})


def _family(name: str, *domains: Any, methods: Any = (*DENSITY, *DISTRIBUTION), **constants: Any) -> dict[str, Entry]:
    drawn = _standard(*domains, constants=constants)
    return _entries(name, dict.fromkeys(methods, drawn))


def _entries(name: str, methods: Mapping[str, Any]) -> dict[str, Entry]:
    return {
        f"tinygrad_scratch.scipy.stats.{name}.{method}": Entry(
            drawn, reference=f"scipy.stats.{name}.{method}", without=NEITHER
        )
        for method, drawn in methods.items()
    }


def _discrete(name: str, k: Any, *args: Any) -> dict[str, Entry]:
    return _entries(name, dict.fromkeys(("logpmf", "pmf"), calls(arrays((2, 3), k), *args)))


VECTORS, COVARIANCE = arrays((2, 3), X), st.just([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 1.5]])
SHARES = between(0.1, 0.4)

ENTRIES = {
    **_family("norm", X),
    **_family("t", X, POSITIVE, methods=DENSITY),
    **_family("t", X, methods=DISTRIBUTION, df=2.5),
    **_family("cauchy", X),
    **_family("laplace", X),
    **_family("logistic", X),
    **_family("gumbel_r", X),
    **_family("vonmises", X, POSITIVE, methods=DENSITY),
    **_family("expon", POSITIVE),
    **_family("gamma", POSITIVE, POSITIVE, methods=DENSITY),
    **_family("gamma", POSITIVE, methods=DISTRIBUTION, a=1.5),
    **_family("chi2", POSITIVE, POSITIVE, methods=DENSITY),
    **_family("chi2", POSITIVE, methods=DISTRIBUTION, df=3),
    **_family("weibull_min", POSITIVE, POSITIVE),
    **_family("lognorm", POSITIVE, POSITIVE),
    **_family("pareto", between(3, 5), POSITIVE),
    **_family("uniform", between(0.15, 0.35)),
    **_family("beta", between(0.15, 0.35), POSITIVE, POSITIVE, methods=DENSITY),
    **_family("beta", between(0.15, 0.35), methods=DISTRIBUTION, a=1.5, b=3),
    **_family("truncnorm", between(-0.3, 0.3), between(-2, -1), between(1, 2)),
    **_discrete("poisson", WHOLE, arrays((3,), POSITIVE)),
    **_discrete("bernoulli", chosen(0, 1), arrays((3,), UNIT)),
    **_discrete("binom", WHOLE, arrays((3,), chosen(4, 5)), arrays((2, 1), UNIT)),
    **_discrete("geom", chosen(1, 2, 3), arrays((3,), UNIT)),
    **_discrete("nbinom", WHOLE, arrays((3,), POSITIVE), arrays((2, 1), UNIT)),
    **_entries("multivariate_normal", dict.fromkeys(DENSITY, calls(VECTORS, arrays((3,), X), COVARIANCE))),
    **_entries("dirichlet", dict.fromkeys(DENSITY, calls(arrays((2, 4), SHARES), arrays((3,), POSITIVE)))),
}  # fmt: skip

WITHOUT: dict[str, str] = {}
