"""Code that knows nothing of this package differentiates as it stands."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
import scipy.stats

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_grads

from . import foreign

RNG = np.random.default_rng(0)
RATES, START = np.array([1.1, 0.4, 0.1, 0.4]), np.array([10.0, 5.0])


ROSEN = """
import numpy as np, tinygrad_scratch as tg
from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod
rng = np.random.default_rng(0)
for n in (2, 3, 10):
    x, v = rng.normal(size=(2, n))
    tg.testing.check_grads(rosen, (x,), order=2)
    same = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-9)
    same(tg.grad(rosen)(x), rosen_der(x))
    same(tg.hessian(rosen)(x), rosen_hess(x))
    same(tg.jacrev(rosen_der)(x), rosen_hess(x))
    same(tg.hvp(rosen, (x,), (v,)), rosen_hess_prod(x, v))
    same(tg.vmap(tg.grad(rosen))(np.stack([x, v])), np.stack([rosen_der(x), rosen_der(v)]))
    compiled = tg.jit(tg.grad(rosen))
    same([compiled(x), compiled(x)], [rosen_der(x)] * 2)
print("right")
"""


def test_rosen_of_scipy() -> None:
    """SciPy's own functions ask a Tensor for its namespace if they are told to before they are imported."""
    environment = {**os.environ, "SCIPY_ARRAY_API": "1", "PYTHONPATH": str(Path(tg.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", ROSEN], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "right\n", done.stderr


def test_log_densities() -> None:
    x, loc, scale = RNG.normal(size=5), 0.3, 1.7
    np.testing.assert_allclose(foreign.norm_logpdf(x, loc, scale), scipy.stats.norm.logpdf(x, loc, scale))
    z = (x - loc) / scale
    by_hand = -z / scale, z / scale, (z**2 - 1) / scale
    for k, expected in enumerate(by_hand):
        found = tg.jacrev(foreign.norm_logpdf, k)(x, loc, scale)
        np.testing.assert_allclose(np.diag(found) if k == 0 else found, expected, rtol=1e-12)
    args = x, np.array([0.2, 0.5, 0.3]), np.array([-1.0, 0, 2]), np.array([0.5, 1, 2])
    check_grads(foreign.t_density_mixture, args, order=2)


def test_runge_kutta() -> None:
    times = np.linspace(0, 2, 21)
    check_grads(lambda y, p: foreign.rk4(foreign.lotka_volterra, y, times, p), (START, RATES), order=2)

    def decay(y: Any, t: Any, p: Any) -> Any:
        return -p * y

    np.testing.assert_allclose(  # y = exp(-p t), so dy/dp = -t exp(-p t)
        tg.jacfwd(lambda p: foreign.rk4(decay, np.ones(1), times, p)[-1, 0])(0.7), -2 * np.exp(-1.4), rtol=1e-6
    )
    tol = {"rtol": 1e-10}
    by_jit = tg.jit(tg.jacrev(lambda p: foreign.rk4(foreign.lotka_volterra, START, times, p)[-1]))(RATES)
    light = tg.checkpoint(lambda p: foreign.rk4(foreign.lotka_volterra, START, times, p)[-1])
    np.testing.assert_allclose(by_jit, tg.jacfwd(light)(RATES), **tol)
    np.testing.assert_allclose(by_jit, tg.jacrev(light)(RATES), **tol)


def test_adaptive_runge_kutta() -> None:
    """The steps depend on the values; the derivative is that of the steps taken, near that of the solution."""

    def end(y: Any, p: Any) -> Any:
        return foreign.bogacki_shampine(foreign.lotka_volterra, y, 0.0, 1.0, p)[0]

    assert foreign.bogacki_shampine(foreign.lotka_volterra, START, 0.0, 1.0, RATES)[1] > 20
    times = np.linspace(0, 1, 401)
    for argnums in (0, 1):
        fine = tg.jacfwd(lambda y, p: foreign.rk4(foreign.lotka_volterra, y, times, p)[-1], argnums)(START, RATES)
        np.testing.assert_allclose(tg.jacrev(end, argnums)(START, RATES), fine, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(tg.jacfwd(end, argnums)(START, RATES), fine, rtol=1e-5, atol=1e-5)
    check_grads(lambda y: foreign.bogacki_shampine(foreign.lotka_volterra, y, 0.0, 0.1, RATES, 1.0)[0], (START,))


def test_kalman_filter() -> None:
    a, c = np.array([[1.0, 0.1], [-0.2, 0.9]]), np.array([[1.0, 0.3]])
    q, r = np.diag([0.1, 0.2]), np.array([[0.5]])
    observed = RNG.normal(size=(6, 1))
    args = observed, a, c, q, r
    value = foreign.kalman_log_likelihood(*args)
    np.testing.assert_allclose(value, foreign.kalman_as_one_gaussian(*args), rtol=1e-12)
    check_grads(foreign.kalman_log_likelihood, args, order=2)
    for k in range(5):
        found, expected = (
            tg.grad(f, k)(*args) for f in (foreign.kalman_log_likelihood, foreign.kalman_as_one_gaussian)
        )
        if k > 2:  # of a covariance, the two differ where it is changed out of symmetry
            found, expected = found + found.T, expected + expected.T
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_gaussian_process() -> None:
    x = np.sort(RNG.uniform(-3, 3, 12))
    y = np.sin(x) + 0.1 * RNG.normal(size=12)
    p = np.log([1.2, 0.8, 0.2])
    scale, length, noise = np.exp(p)
    cov = foreign.squared_exponential(x, x, scale, length) + noise**2 * np.eye(12)
    value = foreign.gp_negative_log_likelihood(p, x, y)
    np.testing.assert_allclose(value, -scipy.stats.multivariate_normal(np.zeros(12), cov).logpdf(y))
    check_grads(foreign.gp_negative_log_likelihood, (p, x, y), order=2)
    weights = np.linalg.solve(cov, y)  # by the book, (5.9): tr((K^-1 - w w^T) dK) / 2
    slope = 0.5 * np.trace((np.linalg.inv(cov) - np.outer(weights, weights)) @ (2 * noise**2 * np.eye(12)))
    np.testing.assert_allclose(tg.grad(foreign.gp_negative_log_likelihood)(p, x, y)[2], slope, rtol=1e-10)
    both = tg.value_and_grad(foreign.gp_negative_log_likelihood)
    found = scipy.optimize.minimize(lambda p: both(p, x, y), p, jac=True, method="BFGS")
    assert np.max(np.abs(found.jac)) < 1e-4


def test_descent_through_descent() -> None:
    """The slope of the loss that is reached, by learning rate and penalty."""
    x = RNG.normal(size=(20, 4))
    y = x @ np.array([1.0, -2, 0.5, 0]) + 0.1 * RNG.normal(size=20)

    def reached(h: Any) -> Any:
        w = foreign.ridge_by_descent(h[0], h[1], x[:10], y[:10], tg.grad(foreign.ridge), 15)
        return np.mean((x[10:] @ w - y[10:]) ** 2)

    h = np.log([0.05, 0.1])
    check_grads(reached, (h,), order=2)
    np.testing.assert_allclose(tg.jit(tg.grad(reached))(h), tg.grad(reached)(h), rtol=1e-10)

    def at_the_end(penalty: Any) -> Any:
        """The weights that endless descent comes to."""
        root = tg.custom_root(tg.grad(foreign.ridge), lambda g, w: scipy.optimize.root(g, w, tol=1e-13).x)
        return root(np.zeros(4), penalty, x, y)

    def exactly(penalty: Any) -> Any:
        return np.linalg.solve(x.T @ x / 20 + np.exp(penalty) * np.eye(4), x.T @ y / 20)

    np.testing.assert_allclose(tg.jacrev(at_the_end)(-1.0), tg.jacfwd(exactly)(-1.0), rtol=1e-9)


def test_bodies() -> None:
    x, masses = RNG.normal(size=(4, 3)), np.array([1.0, 2, 0.5, 1])
    check_grads(foreign.energy_of_bodies, (x, masses), order=2)

    def force(x: Any, masses: Any) -> Any:
        return -tg.grad(foreign.energy_of_bodies)(x, masses)

    apart = x[:, None] - x[None]
    cubes = (np.sum(apart**2, -1) + 1e-6) ** 1.5
    by_newton = -np.sum(masses[:, None, None] * masses[None, :, None] * apart / cubes[..., None], axis=1)
    np.testing.assert_allclose(force(x, masses), by_newton, rtol=1e-9, atol=1e-9)
    v = RNG.normal(size=(4, 3))
    check_grads(lambda v: foreign.leapfrog(x, v, masses, force, 0.01, 3)[0], (v,))


def test_heat() -> None:
    u, k = RNG.uniform(size=(5, 6)), RNG.uniform(0.5, 1, size=(5, 6))
    check_grads(lambda u, k: foreign.heat(u, k, 4), (u, k), order=2)
    level = tg.jacrev(lambda u: foreign.heat(u, np.ones((5, 6)), 1))(u)
    np.testing.assert_allclose(level[2, 3, 2, 3], 1 - 4 * 0.2)
    np.testing.assert_allclose([level[2, 3, 1, 3], level[2, 3, 2, 4], level[0, 0, 0, 0]], [0.2, 0.2, 1])
