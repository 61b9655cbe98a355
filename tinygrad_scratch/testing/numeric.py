"""Numerical derivatives with an estimate of their own error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

EPS = float(np.finfo(float).eps)
SHRINK = 2.0  # from one step to the next
STEPS = 22


def directional_derivative(f: Callable[[float], float], scale: float = 1.0, noise: float = 0.0) -> tuple[float, float]:
    """f'(0) of a function of one number, and an estimate of the error.

    Central differences with steps `scale / 10 / 2**k`, extrapolated to zero (Ridders, Advances in Engineering Software
    4, 1982). Each column of the table removes one more power of h^2; the entry that differs least from its neighbours
    wins. Its error is that difference and the noise of f over the step. Infinite if no entry is finite. `noise` is what
    the caller knows of it, beyond what `noise_level` sees.

    >>> import math
    >>> value, error = directional_derivative(lambda t: math.sin(1 + t))
    >>> abs(value - math.cos(1)) < 1e-10 and error < 1e-9
    True
    """
    noise = max(noise, noise_level(f, scale))
    h = scale / 10
    best, best_error = float("nan"), float("inf")
    above: list[float] = []
    for _ in range(STEPS):
        plus, minus = float(f(h)), float(f(-h))
        row = [(plus - minus) / (2 * h)]
        rounding = (2 * noise + EPS * (abs(plus) + abs(minus))) / h
        factor = SHRINK**2
        for k, coarse in enumerate(above):
            row.append(row[k] + (row[k] - coarse) / (factor - 1))
            factor *= SHRINK**2
            error = max(abs(row[k + 1] - row[k]), abs(row[k + 1] - coarse)) + rounding
            if error < best_error:
                best, best_error = row[k + 1], error
        above = row
        h /= SHRINK
    return (best, best_error + 2 * EPS * abs(best)) if best_error < float("inf") else (best, best_error)


def noise_level(f: Callable[[float], float], scale: float = 1.0) -> float:
    """The size of the rounding in f near 0, from fourth differences of values that lie close together.

    There a smooth function is a straight line, so what the differences leave is noise, whatever its origin: the answer,
    a cancellation inside, or the rounding of the argument (More and Wild, SIAM J. Sci. Comput. 33, 2011).

    >>> 1e-17 < noise_level(lambda t: 1 + t) < 1e-15
    True
    """
    noise = 0.0
    for step in (1.2345e-7, 0.8367e-7):  # two, so that no step fits the grid of the floating-point numbers by chance
        values = np.array([float(f(k * step * scale)) for k in range(-5, 6)])
        with np.errstate(invalid="ignore"):  # f may be infinite here
            left = np.max(np.abs(np.diff(values, 4))) / 8  # 8: the root of 1 + 16 + 36 + 16 + 1
        noise = max(noise, float(left + EPS * np.max(np.abs(values))))
    return noise
