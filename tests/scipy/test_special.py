"""scipy.special on Tensors and tg.scipy.special: what the coverage table does not say."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.testing.strategies import arrays, away_from_zero, between

special = pytest.importorskip("scipy.special")
ours = tg.scipy.special


def derivative(f: Any, order: int) -> Any:
    """The derivative of that order of a function of elements."""
    if order == 0:
        return f
    return lambda x: tg.jvp(derivative(f, order - 1), (x,), (np.ones_like(x),))[1]


@given(arrays((3,), between(0.5, 5)))
def test_higher_orders_are_known_formulas(x: np.ndarray) -> None:
    np.testing.assert_allclose(derivative(special.gammaln, 4)(x), special.polygamma(3, x), rtol=1e-13)
    np.testing.assert_allclose(derivative(special.j0, 4)(x), special.jvp(0, x, 4), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        derivative(lambda t: special.airy(t)[0], 3)(x), special.airy(x)[0] + x * special.airy(x)[1]
    )
    np.testing.assert_allclose(derivative(special.sici, 2)(x)[0], (x * np.cos(x) - np.sin(x)) / x**2, atol=1e-13)
    np.testing.assert_allclose(
        derivative(lambda t: special.expn(1, t), 2)(x), np.exp(-x) * (1 / x + 1 / x**2), rtol=1e-13
    )
    np.testing.assert_allclose(derivative(lambda t: special.kv(0.5, t), 1)(x), derivative(_half, 1)(x), rtol=1e-13)
    np.testing.assert_allclose(derivative(lambda t: special.spence(t), 1)(x + 1), -np.log1p(x) / x, rtol=1e-13)


def _half(x: Any) -> Any:
    return np.sqrt(np.pi / (2 * x)) * np.exp(-x)  # K of order 1/2


@pytest.mark.parametrize(
    ("f", "x", "slopes"),
    [
        (special.rgamma, 0.0, (1.0, 2 * np.euler_gamma)),
        (special.rgamma, -1.0, (-1.0, 2 - 2 * np.euler_gamma)),
        (special.rgamma, -2.0, (2.0, 4 * np.euler_gamma - 6)),
        (special.ellipk, 0.0, (np.pi / 8, 9 * np.pi / 64)),
        (special.ellipe, 0.0, (-np.pi / 8, -3 * np.pi / 64)),
        (special.exprel, 0.0, (1 / 2, 1 / 3)),
        (lambda power: special.boxcox(np.e, power), 0.0, (1 / 2, 1 / 3)),
        (special.spence, 1.0, (-1.0, 1 / 2)),
        (lambda x: special.sici(x)[0], 1e-12, (1.0, 0.0)),
        (lambda x: special.sici(x)[0], -1.0, (np.sin(1), np.sin(1) - np.cos(1))),
        (special.bei, 0.0, (0.0, 1 / 2)),
        (special.ber, 0.0, (0.0, 0.0)),
        (special.i1, 0.0, (1 / 2, 0.0)),
        (special.j1, 0.0, (1 / 2, 0.0)),
        (np.i0, 0.0, (0.0, 1 / 2)),
        (lambda x: special.agm(x, 1.0), 1.0, (1 / 2, -1 / 8)),
        (lambda y: special.xlogy(0.0, y), 0.0, (0.0, 0.0)),
        (lambda y: special.rel_entr(0.0, y), 0.0, (0.0, 0.0)),
        (lambda y: special.kl_div(0.0, y), 0.5, (1.0, 0.0)),
        (special.erfcx, 31.0, (-5.861719430369727e-04, 3.7758730130647462e-05)),
        (special.erfcx, 1e6, (-1e-12 / np.sqrt(np.pi), 2e-18 / np.sqrt(np.pi))),
        (special.dawsn, -1e6, (-5e-13, -1e-18)),
        (special.log_ndtr, -1e5, (1e5 + 1e-5, -1 + 1e-10)),
        (special.log_ndtr, 50.0, (0.0, 0.0)),
        (special.log_expit, 1e3, (0.0, 0.0)),
    ],
)
def test_removable_singularities_and_tails(f: Any, x: float, slopes: tuple[float, float]) -> None:
    for order, slope in enumerate(slopes, 1):
        tolerance = 1e-11
        np.testing.assert_allclose(derivative(f, order)(np.array(x)), slope, rtol=tolerance, atol=tolerance)
        reverse = tg.grad(lambda t, n=order: derivative(f, n - 1)(t))(np.array(x))
        np.testing.assert_allclose(reverse, slope, rtol=tolerance, atol=tolerance)


@given(
    st.sampled_from(["spherical_jn", "spherical_yn", "spherical_in"]),
    st.integers(0, 4),
    arrays((3,), away_from_zero(5)),
)
def test_spherical_derivatives_are_scipys(name: str, n: int, z: np.ndarray) -> None:
    expected = getattr(special, name)(n, z, derivative=True)
    np.testing.assert_allclose(getattr(ours, name)(n, z, derivative=True), expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(derivative(lambda t: getattr(ours, name)(n, t), 1)(z), expected, rtol=1e-11, atol=1e-12)


POLYNOMIALS = {"jacobi": (0.5, 1.0), "legendre": (), "gegenbauer": (0.5,), "chebyt": (), "chebyu": (), "chebyc": (),
    "chebys": (), "sh_legendre": (), "sh_chebyt": (), "sh_chebyu": (), "sh_jacobi": (2.0, 1.5), "laguerre": (),
    "genlaguerre": (0.5,), "hermite": (), "hermitenorm": ()}  # fmt: skip


@pytest.mark.parametrize("name", POLYNOMIALS)
@given(st.integers(0, 4), st.integers(1, 5), arrays((3,), between(0.1, 0.9)))
def test_polynomials_are_differentiated_to_any_order(name: str, n: int, order: int, x: np.ndarray) -> None:
    f, exact = getattr(special, f"eval_{name}"), getattr(special, name)(n, *POLYNOMIALS[name])
    expected = np.polynomial.Polynomial(exact.coef[::-1]).deriv(order)(x)
    found = derivative(lambda t: f(n, *POLYNOMIALS[name], t), order)(x)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    if not name.startswith("hermite"):  # SciPy has those of whole degrees only
        tg.testing.check_grads(lambda t: f(n + 0.4, *POLYNOMIALS[name], t), (x,))


def test_parameters_without_a_rule_say_so() -> None:
    with pytest.raises(tg.errors.MissingRuleError, match="jv: no closed form is known for the derivative by the order"):
        tg.grad(lambda v: special.jv(v, 1.0))(0.5)
    with pytest.raises(
        tg.errors.MissingRuleError, match=r"gammainc: .* by a; give a as a constant, tg.stop_gradient\(a\)"
    ):
        tg.jvp(lambda a: special.gammainc(a, 1.0), (0.5,), (1.0,))
    with pytest.raises(tg.errors.MissingRuleError, match="zeta: no closed form is known for the derivative by x"):
        tg.grad(lambda x: special.zeta(x, 1.0))(2.5)
    with pytest.raises(tg.errors.MissingRuleError, match="smirnov has no rule for a Tensor"):
        tg.grad(lambda x: special.smirnov(3, x))(0.5)
    with pytest.raises(tg.errors.MissingRuleError, match="comb: the argument exact= is not supported"):
        tg.grad(lambda k: ours.comb(4, k, exact=True))(2.0)
    assert tg.grad(lambda v: special.jv(tg.stop_gradient(v), v))(0.5) == special.jvp(0.5, 0.5)


def test_lists_and_methods_of_ufuncs() -> None:
    x = np.array([0.5, 1.5])
    np.testing.assert_allclose(tg.jacfwd(lambda t: special.jv([[0], [1]], t).sum(1))(x)[0], -special.j1(x))
    outer = tg.grad(lambda t: np.sum(special.beta.outer(t, [1.0, 2.0])))(x)
    np.testing.assert_allclose(outer, tg.grad(lambda t: np.sum(special.beta(t[:, None], [1.0, 2.0])))(x))
    with pytest.raises(tg.errors.AssignmentError, match=r"gammaln: .* a Tensor cannot be written into a plain array"):
        tg.grad(lambda t: special.gammaln(t, out=np.zeros(2)).sum())(x)


def test_the_written_program_calls_scipy() -> None:
    source = tg.make_graph(tg.grad(lambda x: np.sum(special.gammaln(x))))(np.array([1.0, 2.0])).source("written")
    module: dict[str, Any] = {}
    exec(source, module)
    np.testing.assert_array_equal(module["written"](np.array([1.0, 2.0])), special.psi([1.0, 2.0]))
    assert "tinygrad" not in source


def test_logsumexp_at_its_edges() -> None:
    inf, one = np.inf, np.array([1.0, 0.0])
    assert ours.logsumexp(np.array([1e4, 1e4]), b=np.array([3.0, -1.0])) == 1e4 + np.log(2)
    assert np.isnan(ours.logsumexp(np.array([0.0, 1.0]), b=np.array([1.0, -1.0])))
    assert ours.logsumexp(np.zeros((2, 0)), axis=1, b=1.0).tolist() == [-inf, -inf]
    assert ours.logsumexp(np.zeros((2, 0)), axis=1).tolist() == [-inf, -inf]
    for a in ([0.0, 1e4], [0.0, inf], [-inf, -inf]):
        found = ours.logsumexp(np.array(a), b=one, return_sign=True)
        np.testing.assert_array_equal(found, special.logsumexp(np.array(a), b=one, return_sign=True))
        assert tg.grad(lambda t: ours.logsumexp(t, b=one))(np.array(a)).tolist() == [float(a[0] == 0), 0]
    assert tg.grad(lambda b: ours.logsumexp(np.zeros(2), b=b))(one).tolist() == [1, 1]


def test_counts_outside_of_their_range_are_zero_with_derivative_zero() -> None:
    k = np.array([-1.0, 2.0, 6.0])
    for f, theirs in ((ours.comb, special.comb), (ours.perm, special.perm)):
        np.testing.assert_allclose(f(5, k), theirs(5, k))
        assert np.flatnonzero(tg.grad(lambda t, f=f: np.sum(f(5.0, t)))(k)).tolist() == [1]
    assert tg.grad(ours.factorial)(-1.5) == 0
    assert np.isnan(ours.multigammaln(np.array([0.4]), 2))


def test_zeta_of_one_argument_has_no_derivative() -> None:
    x = np.array([2.0, 3.5])
    for transform in (tg.vmap, tg.jit):
        np.testing.assert_allclose(transform(special.zeta)(x), special.zeta(x))
    with pytest.raises(tg.errors.MissingRuleError, match="zeta: no closed form is known for the derivative by x"):
        tg.grad(special.zeta)(2.5)


def test_other_names_are_scipys() -> None:
    assert ours.gammaln is special.gammaln
    with pytest.raises(AttributeError, match="no_such_function"):
        ours.no_such_function  # noqa: B018


def test_without_scipy_the_error_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['scipy'] = sys.modules['scipy.special'] = None\n"
        "import numpy as np, tinygrad_scratch as tg\n"
        "assert tg.grad(tg.scipy.stats.norm.logpdf)(1.0) == -1\n"
        "assert abs(tg.grad(np.i0)(1.0) - 0.5651591039924850) < 1e-15\n"
        "for f in (tg.scipy.stats.norm.cdf, lambda x: tg.scipy.special.gammaln(x)):\n"
        "    try: tg.grad(f)(1.0)\n"
        "    except tg.errors.MissingExtraError as error: print(error)\n"
    )
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines == [
        'ndtr needs SciPy: pip install "tinygrad_scratch[scipy]"',
        'scipy.special.gammaln needs SciPy: pip install "tinygrad_scratch[scipy]"',
    ]
