"""Programs as scientists write them: plain NumPy, and nothing of this package in it."""

from collections.abc import Callable
from typing import Any

import numpy as np

# ---- ordinary differential equations


def lotka_volterra(y: Any, t: Any, p: Any) -> Any:
    """Hares and lynxes: growth, predation, growth by prey, death."""
    a, b, c, d = p
    hares, lynxes = y
    return np.stack([a * hares - b * hares * lynxes, c * hares * lynxes - d * lynxes])


def rk4(f: Callable[..., Any], y: Any, times: Any, p: Any) -> Any:
    """The classical Runge-Kutta method of fourth order: a row a time."""
    rows = [y]
    for t, h in zip(times[:-1], np.diff(times), strict=True):
        k1 = f(y, t, p)
        k2 = f(y + h / 2 * k1, t + h / 2, p)
        k3 = f(y + h / 2 * k2, t + h / 2, p)
        k4 = f(y + h * k3, t + h, p)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        rows.append(y)
    return np.stack(rows)


def bogacki_shampine(f: Callable[..., Any], y: Any, t: float, end: float, p: Any, tolerance: float = 1e-8) -> Any:
    """Third order with an error estimate of second order, which chooses the steps (Appl. Math. Lett. 2, 1989)."""
    h, k1, steps = 0.01, f(y, t, p), 0
    while t < end:
        h = min(h, end - t)
        k2 = f(y + h / 2 * k1, t + h / 2, p)
        k3 = f(y + 3 / 4 * h * k2, t + 3 / 4 * h, p)
        new = y + h * (2 / 9 * k1 + 1 / 3 * k2 + 4 / 9 * k3)
        k4 = f(new, t + h, p)
        error = np.max(np.abs(h * (-5 / 72 * k1 + 1 / 12 * k2 + 1 / 9 * k3 - 1 / 8 * k4)))
        if error <= tolerance:
            t, y, k1, steps = t + h, new, k4, steps + 1
        small = error < tolerance / 8
        h = h * 2 if small else h if error <= tolerance else h / 2
    return y, steps


# ---- estimation


def kalman_log_likelihood(observed: Any, a: Any, c: Any, q: Any, r: Any) -> Any:
    """Of the states x' = A x + N(0, Q), seen as y = C x + N(0, R), from x = N(0, 1) on."""
    mean, cov = np.zeros(len(a)), np.eye(len(a))
    total = 0.0
    for y in observed:
        mean, cov = a @ mean, a @ cov @ a.T + q
        innovation = y - c @ mean
        s = c @ cov @ c.T + r
        gain = np.linalg.solve(s, c @ cov).T
        mean, cov = mean + gain @ innovation, cov - gain @ c @ cov
        _, logdet = np.linalg.slogdet(2 * np.pi * s)
        total -= 0.5 * (innovation @ np.linalg.solve(s, innovation) + logdet)
    return total


def kalman_as_one_gaussian(observed: Any, a: Any, c: Any, q: Any, r: Any) -> Any:
    """The same from the covariance of all observations together."""
    count, width = observed.shape
    powers = [np.linalg.matrix_power(a, k) for k in range(count)]
    states = [a @ np.eye(len(a)) @ a.T + q]
    for _ in range(count - 1):
        states.append(a @ states[-1] @ a.T + q)
    blocks = [
        [
            c @ (powers[i - j] @ states[j] if i >= j else states[i] @ powers[j - i].T) @ c.T + (i == j) * r
            for j in range(count)
        ]
        for i in range(count)
    ]
    whole = np.block(blocks)
    y = observed.reshape(count * width)
    return -0.5 * (y @ np.linalg.inv(whole) @ y + np.log(np.linalg.det(2 * np.pi * whole)))


def squared_exponential(x: Any, z: Any, scale: Any, length: Any) -> Any:
    """A Gaussian process's covariance."""
    return scale**2 * np.exp(-0.5 * ((x[:, None] - z[None, :]) / length) ** 2)


def gp_negative_log_likelihood(p: Any, x: Any, y: Any) -> Any:
    """Of y under a Gaussian process; Rasmussen and Williams, Gaussian Processes for Machine Learning, algorithm 2.1."""
    scale, length, noise = np.exp(p)
    cov = squared_exponential(x, x, scale, length) + noise**2 * np.eye(len(x))
    factor = np.linalg.cholesky(cov)
    weights = np.linalg.solve(factor.T, np.linalg.solve(factor, y))
    return 0.5 * y @ weights + np.sum(np.log(np.diag(factor))) + 0.5 * len(x) * np.log(2 * np.pi)


def norm_logpdf(x: Any, loc: Any, scale: Any) -> Any:
    """SciPy's formula."""
    z = (x - loc) / scale
    return -(z**2) / 2 - np.log(np.sqrt(2 * np.pi)) - np.log(scale)


def t_density_mixture(x: Any, weights: Any, centres: Any, widths: Any) -> Any:
    """The log of a mixture of Cauchy densities."""
    z = (x[..., None] - centres) / widths
    return np.log(np.sum(weights / (np.pi * widths * (1 + z**2)), axis=-1))


# ---- physics


def energy_of_bodies(x: Any, masses: Any, softening: float = 1e-3) -> Any:
    """Newton's, of n points in space."""
    apart = x[:, None, :] - x[None, :, :]
    distance = np.sqrt(np.sum(apart**2, axis=-1) + softening**2)
    i, j = np.triu_indices(len(x), 1)
    return -np.sum(masses[i] * masses[j] / distance[i, j])


def leapfrog(x: Any, v: Any, masses: Any, force: Callable[..., Any], h: float, steps: int) -> Any:
    """Positions and velocities after some steps."""
    for _ in range(steps):
        v = v + h / 2 * force(x, masses) / masses[:, None]
        x = x + h * v
        v = v + h / 2 * force(x, masses) / masses[:, None]
    return x, v


def heat(u: Any, conductivity: Any, steps: int, h: float = 0.2) -> Any:
    """Explicit steps of u' = div(k grad u) on a square whose edge stays as it is."""
    for _ in range(steps):
        down = conductivity[:-1] * np.diff(u, axis=0)
        right = conductivity[:, :-1] * np.diff(u, axis=1)
        inside = np.diff(down, axis=0)[:, 1:-1] + np.diff(right, axis=1)[1:-1]
        u = u + h * np.pad(inside, 1)
    return u


# ---- learning to learn


def ridge_by_descent(rate: Any, penalty: Any, x: Any, y: Any, gradient: Callable[..., Any], steps: int) -> Any:
    """Weights after some steps of gradient descent."""
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        w = w - np.exp(rate) * gradient(w, penalty, x, y)
    return w


def ridge(w: Any, penalty: Any, x: Any, y: Any) -> Any:
    """Mean squared error and a penalty."""
    return np.mean((x @ w - y) ** 2) + np.exp(penalty) * np.sum(w**2)
