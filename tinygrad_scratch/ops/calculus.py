"""Derivatives, integrals and interpolation of sampled functions: gradient, trapezoid, unwrap, interp."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import implements
from .arguments import all_axes, as_array, one_axis, part, require_differences
from .select import take
from .values import seen


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """NumPy's `gradient`: second-order differences inside, of first or second order (`edge_order`) at the ends.

    The spacing, a number or the coordinates of the samples, may be given once or once an axis. With coordinates

        f'(x_i) = (a^2 (f_{i+1} - f_i) + b^2 (f_i - f_{i-1})) / (a b (a + b)),  a = x_i - x_{i-1},  b = x_{i+1} - x_i
    """
    f = as_array(f)
    require_differences("gradient", f, *varargs)
    over = all_axes(axis, f.ndim)
    if edge_order not in (1, 2):
        raise ArgumentError(f"gradient: edge_order={edge_order}, expected 1 or 2")
    f = f.astype(float) if f.dtype.kind in "biu" else f
    for i in over:
        if f.shape[i] < edge_order + 1:
            raise ShapeError(
                f"gradient: axis {i} of shape {f.shape} is too short; edge_order={edge_order} needs "
                f"{edge_order + 1} elements{user_line()}"
            )
    steps = [_steps(h, f.shape[i]) for h, i in zip(_one_each(varargs, len(over)), over, strict=True)]
    slopes = [_slope(f, h, i, edge_order) for h, i in zip(steps, over, strict=True)]
    return slopes[0] if len(over) == 1 else tuple(slopes)


def _one_each(spacings: tuple[Any, ...], count: int) -> list[Any]:
    if len(spacings) not in (0, 1, count):
        raise ArgumentError(f"gradient: {len(spacings)} spacings for {count} axes; give none, one, or one an axis")
    if not spacings:
        return [1.0] * count
    return list(spacings) if len(spacings) == count else [spacings[0]] * count


def _steps(h: Any, n: int) -> Any:
    """The distances of n samples, from one distance or from their coordinates."""
    if np.ndim(h) == 0:
        return h * np.ones(n - 1)
    x = as_array(h)
    if x.shape != (n,):
        raise ShapeError(f"gradient: coordinates of shape {x.shape} for an axis of length {n}")
    return np.diff(x)


def _slope(f: Any, h: Any, axis: int, edge_order: int) -> Any:
    h = np.reshape(h, (-1, *(1,) * (f.ndim - 1 - axis)))
    steep = np.diff(f, axis=axis) / h
    first, last = steep[part(axis, slice(None, 1))], steep[part(axis, slice(-1, None))]
    earlier, later = steep[part(axis, slice(None, -1))], steep[part(axis, slice(1, None))]
    inner = (h[:-1] * later + h[1:] * earlier) / (h[:-1] + h[1:])
    if edge_order == 2:  # the parabola through three points
        first = first + (first - later[part(axis, slice(None, 1))]) * h[:1] / (h[:1] + h[1:2])
        last = last + (last - earlier[part(axis, slice(-1, None))]) * h[-1:] / (h[-1:] + h[-2:-1])
    return np.concatenate([first, inner, last], axis).astype(f.dtype, copy=False)


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """NumPy's `trapezoid`: sum((x_{i+1} - x_i) (y_{i+1} + y_i) / 2) along `axis`."""
    y = as_array(y)
    axis = one_axis(axis, y.ndim)
    if x is not None:
        x = as_array(x)
        dx = np.diff(x, axis=axis) if x.ndim > 1 else np.reshape(np.diff(x), (-1, *(1,) * (y.ndim - 1 - axis)))
    return np.sum(dx * (y[part(axis, slice(1, None))] + y[part(axis, slice(-1))]) / 2.0, axis=axis)


@implements(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """NumPy's `unwrap`: p plus whole periods, so that no step is longer than half of one. The periods are constant."""
    p = as_array(p)
    axis = one_axis(axis, p.ndim)
    step = np.diff(p, axis=axis)
    whole = p.dtype.kind in "iu" and isinstance(period, int)
    half: Any = period // 2 if whole else period / 2
    wrapped = np.mod(step + half, period) - half
    if not (whole and period % 2):  # a step of half a period may go either way: it keeps its sign
        wrapped = np.where(np.logical_and(np.equal(wrapped, -half), np.greater(step, 0)), half, wrapped)
    limit = period / 2 if discont is None else discont
    periods = np.rint((wrapped - step) / period) * period
    periods = np.where(np.less(np.abs(step), limit), 0, periods).astype(np.result_type(step, period))
    return np.concatenate([p[part(axis, slice(1))], p[part(axis, slice(1, None))] + np.cumsum(periods, axis)], axis)


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """NumPy's `interp`: the value at x of the line through the points (xp, fp), differentiable by all three."""
    x, xp, fp = [as_array(v) for v in (x, xp, fp)]
    if xp.ndim != 1 or xp.shape != fp.shape or not len(xp):
        raise ShapeError(f"interp: xp of shape {xp.shape} and fp of {fp.shape} must be two rows of one length, not 0")
    x, xp = x.astype(float), xp.astype(float)
    fp = fp.astype(np.result_type(fp.dtype, float))
    if period is not None:
        if seen(np.equal(period, 0)):
            raise ArgumentError("interp: period=0; give a period or leave it out")
        left = right = None
        x, xp, fp = _one_period(x, xp, fp, np.abs(period))
    outside_left, outside_right = np.less(x, xp[0]), np.greater(x, xp[-1])
    ans = fp[0] + 0 * x if len(xp) == 1 else _on_lines(x, xp, fp, np.logical_or(outside_left, outside_right))
    ans = np.where(outside_left, fp[0] if left is None else left, ans)
    return np.where(outside_right, fp[-1] if right is None else right, ans)


def _on_lines(x: Any, xp: Any, fp: Any, outside: Any) -> Any:
    i = np.clip(np.searchsorted(xp, x, "right") - 1, 0, len(xp) - 2)
    x0, x1, f0, f1 = (take(v, k) for v in (xp, fp) for k in (i, i + 1))
    x = np.where(outside, x0, x)  # an infinite x would leave a NaN behind
    width = x1 - x0
    return f0 + (x - x0) * ((f1 - f0) / np.where(np.equal(width, 0), 1, width))


def _one_period(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """All in one period, the points in order, with the last before the first and the first after the last."""
    x, xp = np.mod(x, period), np.mod(xp, period)
    order = np.argsort(xp)
    xp, fp = take(xp, order), take(fp, order)
    xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
    return x, xp, np.concatenate([fp[-1:], fp, fp[:1]])
