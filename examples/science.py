"""Two pieces of a scientist's code, in NumPy alone, that learn as they stand.

Hares and lynxes, counted with errors: the four rates of their equations come from the gradient through a Runge-Kutta
solver, how well they are known from the Hessian through it. And a Gaussian process, which learns from points how high
and how long the waves between them are, and how noisy the points.
"""

from __future__ import annotations

from typing import Any

import common
import numpy as np

import tinygrad_scratch as tg

RATES = np.array([1.0, 0.1, 0.05, 0.8])  # hares are born, are eaten, feed lynxes; lynxes die
FIRST = np.array([20.0, 6.0])
ERROR = 0.1  # of a count, relative
TIMES = np.linspace(0, 16, 161)
COUNTED = slice(None, None, 8)
COLOURS = ("#0072B2", "#D55E00")

# ---- the scientist's code
# ------------------------------------------------------------------------------------------------------


def growth(animals: Any, rates: Any) -> Any:
    """Lotka and Volterra's."""
    born, eaten, fed, die = rates
    hares, lynxes = animals
    return np.stack([born * hares - eaten * hares * lynxes, fed * hares * lynxes - die * lynxes])


def solve(animals: Any, rates: Any) -> Any:
    """How many there are at TIMES, by the classical Runge-Kutta method."""
    rows = [animals]
    for h in np.diff(TIMES):
        k1 = growth(animals, rates)
        k2 = growth(animals + h / 2 * k1, rates)
        k3 = growth(animals + h / 2 * k2, rates)
        k4 = growth(animals + h * k3, rates)
        animals = animals + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        rows.append(animals)
    return np.stack(rows)


def misfit(log_rates: Any, counts: Any) -> Any:
    """Minus the log-likelihood of the counts, up to a constant."""
    numbers = solve(FIRST, np.exp(log_rates))[COUNTED]
    return 0.5 * np.sum(((np.log(counts) - np.log(numbers)) / ERROR) ** 2)


def covariance(x: Any, z: Any, height: Any, length: Any) -> Any:
    """Of waves."""
    return height**2 * np.exp(-0.5 * ((x[:, None] - z[None, :]) / length) ** 2)


def surprise(p: Any, x: Any, y: Any) -> Any:
    """Minus the log-likelihood of the points."""
    height, length, noise = np.exp(p)
    factor = np.linalg.cholesky(covariance(x, x, height, length) + noise**2 * np.eye(len(x)))
    z = np.linalg.solve(factor, y)
    return 0.5 * z @ z + np.sum(np.log(np.diag(factor))) + 0.5 * len(x) * np.log(2 * np.pi)


def predict(p: Any, x: Any, y: Any, at: Any) -> tuple[Any, Any]:
    """Mean and standard deviation of the wave elsewhere."""
    height, length, noise = np.exp(p)
    inverse = np.linalg.inv(covariance(x, x, height, length) + noise**2 * np.eye(len(x)))
    across = covariance(at, x, height, length)
    return across @ inverse @ y, np.sqrt(height**2 - np.sum((across @ inverse) * across, axis=1))


# ---- what it learns
# ------------------------------------------------------------------------------------------------------------


def main() -> None:
    """Make data, check the gradients, fit, draw."""
    options = common.command_line(__doc__, epochs=100).parse_args()
    rng = np.random.default_rng(options.seed)
    figure = tg.viz.new_figure(12, 8)
    above, below = figure.subplots(2, 2)
    animals = fit_rates(rng, options, above)
    waves = fit_waves(rng, options, below)
    file = options.out / "science.png"
    figure.savefig(file)
    common.tell(picture=file, **animals, **waves)


def fit_rates(rng: Any, options: Any, panels: Any) -> dict[str, Any]:
    """The animals: before and after."""
    counts = solve(FIRST, RATES)[COUNTED]
    counts = counts * np.exp(ERROR * rng.normal(size=counts.shape))
    start = np.log(RATES) + np.array([0.2, -0.2, 0.2, -0.2])
    common.check_gradient(lambda p: misfit(p, counts), start)
    found = descend(misfit, start, counts, options=options)
    errors = np.sqrt(np.diag(np.linalg.inv(tg.hessian(misfit)(found, counts))))
    off = np.abs(found - np.log(RATES))
    for name, rate, error, true in zip(("born", "eaten", "fed", "die"), np.exp(found), errors, RATES, strict=True):
        print(f"{name:<6} {rate:.4f} +- {rate * error:.4f}, truly {true}")
    for axes, p, title in zip(panels, (start, found), ("a guess of the rates", "the rates that fit"), strict=True):
        numbers = solve(FIRST, np.exp(p))
        for k, name in enumerate(("hares", "lynxes")):
            axes.plot(TIMES, numbers[:, k], color=COLOURS[k], label=name)
            axes.plot(TIMES[COUNTED], counts[:, k], "o", color=COLOURS[k], markersize=4)
        axes.set(title=f"{title}: misfit {misfit(p, counts):.4g}", xlabel="time", ylim=(0, 1.5 * counts.max()))
    panels[1].legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")
    return {"largest_error_of_rates": float(off.max()), "rates_within_three_errors": int(np.sum(off < 3 * errors))}


def fit_waves(rng: Any, options: Any, panels: Any) -> dict[str, Any]:
    """The Gaussian process: before and after."""
    x = np.sort(np.concatenate([rng.uniform(0, 5, 18), rng.uniform(7, 10, 12)]))
    y = np.sin(1.5 * x) + 0.15 * rng.normal(size=x.size)
    start = np.log([0.5, 0.2, 0.5])
    common.check_gradient(lambda p: surprise(p, x, y), start)
    found = descend(surprise, start, x, y, options=options)
    at = np.linspace(-0.5, 10.5, 400)
    for axes, p in zip(panels, (start, found), strict=True):
        mean, deviation = predict(p, x, y, at)
        axes.fill_between(at, mean - 2 * deviation, mean + 2 * deviation, color=COLOURS[0], alpha=0.2, linewidth=0)
        axes.plot(at, mean, color=COLOURS[0], label="mean, and two deviations")
        axes.plot(at, np.sin(1.5 * at), "--", color="black", linewidth=1, label="truth")
        axes.plot(x, y, "o", color=COLOURS[1], markersize=4, label="points")
        height, length, noise = np.exp(p)
        learnt = f"height {height:.2g}, length {length:.2g}, noise {noise:.2g}"
        axes.set(title=f"{learnt}: surprise {surprise(p, x, y):.4g}", xlabel="x", ylim=(-2, 2))
    panels[1].legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")
    mean, deviation = predict(found, x, y, at)
    covered = np.mean(np.abs(np.sin(1.5 * at) - mean) < 2 * deviation)
    return {"noise": float(np.exp(found[2])), "covered": float(covered)}


def descend(f: Any, start: Any, *data: Any, options: Any) -> Any:
    """SciPy's BFGS on the gradient."""
    result = tg.optim.scipy_minimize(
        f, start, "BFGS", args=data, backend=None, options={"maxiter": 3 if options.quick else options.epochs}
    )
    print(f"{f.__name__} {f(start, *data):.4g}, after {result.nit} steps {result.fun:.4g}")
    return result.x


if __name__ == "__main__":
    common.start(main)
