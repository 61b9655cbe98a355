"""tg.scipy.stats: values are SciPy's, in the tails and outside of the support as well, where derivatives are 0."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.testing.strategies import arrays, between

stats = pytest.importorskip("scipy.stats")
ours = tg.scipy.stats

SHAPES: dict[str, tuple[Any, ...]] = {  # valid, at the edge of that, not valid
    "norm": ((),),
    "t": ((2.5,), (1.0,), (300.0,), (-1.0,)),
    "cauchy": ((),),
    "laplace": ((),),
    "logistic": ((),),
    "gumbel_r": ((),),
    "vonmises": ((2.0,), (0.0,), (500.0,), (-1.0,)),
    "expon": ((),),
    "gamma": ((0.5,), (1.0,), (3.2,), (0.0,)),
    "chi2": ((1.0,), (2.0,), (5.5,), (-1.0,)),
    "weibull_min": ((0.5,), (1.0,), (2.5,), (-1.0,)),
    "lognorm": ((0.5,), (2.0,), (0.0,)),
    "pareto": ((0.5,), (3.0,), (-1.0,)),
    "uniform": ((),),
    "beta": ((0.5, 0.5), (1.0, 1.0), (2.0, 3.0), (-1.0, 1.0)),
    "truncnorm": ((-1.0, 2.0), (3.0, 5.0), (-9.0, -4.0), (-np.inf, 1.0), (0.0, np.inf), (2.0, 1.0)),
}
COUNTS: dict[str, tuple[Any, ...]] = {
    "poisson": ((2.0,), (0.0,), (-1.0,)),
    "bernoulli": ((0.3,), (0.0,), (1.0,), (1.5,)),
    "binom": ((5, 0.3), (5, 0.0), (5, 1.0), (0, 0.3), (2.5, 0.3), (5, -0.1)),
    "geom": ((0.3,), (1.0,), (0.0,)),
    "nbinom": ((2.5, 0.3), (3.0, 1.0), (3.0, 0.0), (-1.0, 0.3)),
}
METHODS = ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf")
TAILS = st.sampled_from([-np.inf, -1e5, -60.0, -8.0, 0.0, 1e-300, 1.0, 8.0, 40.0, 1e5, np.inf, np.nan])
X = st.lists(st.one_of(TAILS, st.floats(-4, 4)), min_size=1, max_size=4).map(np.array)


def same(found: Any, expected: Any) -> None:
    """Equal to rounding; or not worse: SciPy's logarithm of a density that has underflown is -inf."""
    better = np.isneginf(expected) & np.isfinite(found) & (found < -700)
    np.testing.assert_allclose(np.where(better, expected, found), expected, rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize("name", SHAPES)
@given(x=X, data=st.data())
def test_values_are_scipys(name: str, x: np.ndarray, data: Any) -> None:
    shapes = data.draw(st.sampled_from(SHAPES[name]))
    where = data.draw(st.sampled_from([{}, {"loc": 0.3, "scale": 2.0}, {"loc": -1.0, "scale": -1.0}]))
    method = data.draw(st.sampled_from(METHODS[:2] if name == "vonmises" else METHODS))
    with np.errstate(all="ignore"):
        expected = getattr(getattr(stats, name), method)(x, *shapes, **where)
        same(getattr(getattr(ours, name), method)(x, *shapes, **where), expected)
        found = tg.vjp(lambda *args: getattr(getattr(ours, name), method)(*args, **where), x, *shapes)[0]
        same(found, expected)


@pytest.mark.parametrize("name", COUNTS)
@given(data=st.data())
def test_probabilities_are_scipys(name: str, data: Any) -> None:
    k = np.array([-1, 0, 1, 2, 5, 2.5, 1e5, np.inf, np.nan])
    shapes, loc = data.draw(st.sampled_from(COUNTS[name])), data.draw(st.integers(-1, 1))
    with np.errstate(all="ignore"):
        for method in ("logpmf", "pmf"):
            expected = getattr(getattr(stats, name), method)(k, *shapes, loc)
            same(getattr(getattr(ours, name), method)(k, *shapes, loc), expected)


@pytest.mark.parametrize("name", SHAPES)
def test_outside_of_the_support_derivatives_are_zero(name: str) -> None:
    shapes = SHAPES[name][0]
    low, high = getattr(stats, name).support(*shapes)
    for x in (-30.0, 30.0):
        for method in METHODS:
            f = getattr(getattr(ours, name), method)
            if low <= x <= high or (name == "vonmises" and method not in METHODS[:2]):
                continue
            for arguments in ((x, *shapes), (x, *shapes, 0.1, 1.5)):
                grads = tg.grad(f, (0, *range(len(shapes) + 1, len(arguments))))(*arguments)
                assert not np.any(grads), (method, x)


@pytest.mark.parametrize("name", SHAPES)
def test_single_precision_is_kept(name: str) -> None:
    x = np.float32([0.3, 0.6]) + np.float32(name == "pareto")
    for method in METHODS[:2] if name == "vonmises" else METHODS:
        f = getattr(getattr(ours, name), method)
        out, back = tg.vjp(lambda x, loc, f=f: f(x, *SHAPES[name][0], loc=loc), x, np.float32(0.0))
        assert {out.dtype, *[g.dtype for g in back(out)]} == {np.dtype(np.float32)}


def test_numbers_of_python_take_the_dtype_of_the_others() -> None:
    for x, dtype in ((np.float32([0.3]), np.float32), (np.array([1, 2]), float), (0.3, float)):
        for loc, expected in ((0.5, dtype), (1, dtype), (np.float64(0.5), float)):
            for run in (ours.norm.logpdf, tg.jit(ours.norm.logpdf)):
                assert run(x, loc, 2).dtype == expected


def test_arguments_are_those_of_a_function() -> None:
    assert (
        ours.gamma.logpdf(1.5, 2, 0.5) == ours.gamma.logpdf(1.5, a=2, loc=0.5) == ours.gamma.logpdf(x=1.5, a=2, loc=0.5)
    )
    with pytest.raises(TypeError, match="missing a required argument: 'a'"):
        ours.gamma.logpdf(1.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'sigma'"):
        ours.norm.logpdf(1.0, sigma=2.0)
    with pytest.raises(tg.errors.MissingRuleError, match="cdf: there is no closed form of it for this family"):
        ours.vonmises.cdf(0.1, 2.0)
    np.testing.assert_allclose(ours.norm.logpdf([0.5, 1.0], [0.0, 1.0]), stats.norm.logpdf([0.5, 1.0], [0.0, 1.0]))


@given(arrays((4, 3), between(0.1, 1)), arrays((3,), between(0.5, 3)))
def test_dirichlet(x: np.ndarray, alpha: np.ndarray) -> None:
    x = (x / x.sum(axis=1, keepdims=True)).T
    expected = stats.dirichlet.logpdf(x, alpha)
    np.testing.assert_allclose(ours.dirichlet.logpdf(x, alpha), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours.dirichlet.pdf(x[:2], alpha), np.exp(expected), rtol=1e-11)
    tg.testing.check_grads(ours.dirichlet.logpdf, (x[:2], alpha))
    assert np.isnan(ours.dirichlet.logpdf(x, -alpha)).all()
    with pytest.raises(
        tg.errors.ShapeError, match=r"dirichlet: x has shape \(1, 4\) and alpha \(3,\).*expected \(n, ...\)"
    ):
        ours.dirichlet.logpdf(x[:1], alpha)


@given(arrays((2, 4, 3), between(-2, 2)), arrays((3,), between(-1, 1)), arrays((3, 3), between(-1, 1)))
def test_multivariate_normal(x: np.ndarray, mean: np.ndarray, root: np.ndarray) -> None:
    cov = root @ root.T + np.eye(3)
    normal, theirs = ours.multivariate_normal, stats.multivariate_normal
    for args in (
        (x, mean, cov),
        (x[0, 0], mean, cov),
        (x, mean, np.diag(cov)),
        (x, mean, 2.0),
        (x, None, cov),
        (x[0, 0],),
    ):
        np.testing.assert_allclose(normal.logpdf(*args), theirs.logpdf(*args), rtol=1e-11, atol=1e-12)
        assert np.shape(normal.pdf(*args)) == np.shape(theirs.pdf(*args))
    tg.testing.check_grads(lambda x, m, r: normal.logpdf(x, m, r @ r.T + np.eye(3)), (x, mean, root))


def test_multivariate_normal_refuses() -> None:
    normal = ours.multivariate_normal
    with pytest.raises(np.linalg.LinAlgError):
        tg.grad(lambda c: normal.logpdf(np.ones(2), np.zeros(2), c))(np.array([[1.0, 2.0], [2.0, 1.0]]))
    with pytest.raises(tg.errors.ShapeError, match=r"multivariate_normal: x has shape \(3,\).*expected \(..., 2\)"):
        normal.logpdf(np.ones(3), np.zeros(2), np.eye(2))
    with pytest.raises(
        tg.errors.ShapeError, match=r"mean has shape \(3,\) and cov \(2, 2\).*expected \(d,\) and \(d, d\)"
    ):
        normal.logpdf(np.ones(2), np.zeros(3), np.eye(2))
    with pytest.raises(tg.errors.MissingRuleError, match="multivariate_normal: the argument allow_singular="):
        normal.logpdf(np.ones(2), np.zeros(2), np.eye(2), allow_singular=True)
