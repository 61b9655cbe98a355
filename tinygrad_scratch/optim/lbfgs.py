"""L-BFGS: directions from the last changes of the gradient, and a line search along each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..compile.control import scan, while_loop
from ..core import tree
from ..core.errors import ArgumentError
from ..transforms.grad import value_and_grad
from . import checks
from .transform import GradientTransformation, require_params, require_state


class LbfgsState(NamedTuple):
    """What L-BFGS remembers, the params being one vector (`tg.tree.ravel`), the newest of a history last.

    The number of updates made and the length of the last step, in directions; the params and the gradient before it;
    changes of the params s, changes of the gradient y, and 1 / (s @ y), which is 0 for what does not count.
    """

    step: Any
    learning_rate: Any
    params: Any
    gradient: Any
    moves: Any
    turns: Any
    scales: Any


def lbfgs(memory: int = 10, max_evaluations: int = 30) -> GradientTransformation:
    """L-BFGS with a line search, for functions without noise: `update(grads, state, params, value=, value_fn=)`.

    `value_fn(params)` is the function that is minimized, and `value` what it gives for `params` (it is computed if it
    is not given). A step takes at most `max_evaluations` of function and gradient. A search that finds no lower value
    gives updates of zero, and the next one starts from the gradient.

    Raises ArgumentError without params or value_fn.
    Sources: Nocedal and Wright, Numerical optimization, 2nd ed., algorithm 7.4; the line search is that of Lewis and
    Overton, Nonsmooth optimization via quasi-Newton methods, Mathematical Programming 141, 2013, algorithm 2.6.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> f = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> opt, x = tg.optim.lbfgs(), np.array([-1.2, 1.0])
    >>> state = opt.init(x)
    >>> for _ in range(40):
    ...     value, grads = tg.value_and_grad(f)(x)
    ...     updates, state = opt.update(grads, state, x, value=value, value_fn=f)
    ...     x = tg.optim.apply_updates(x, updates)
    >>> x.round(6)
    array([1., 1.])
    """
    checks.count("lbfgs", memory=memory, max_evaluations=max_evaluations)

    def init(params: Any) -> Any:
        x = tree.ravel_real(params)[0]
        zero, pairs = np.zeros((), x.dtype), np.zeros((memory, *x.shape), x.dtype)
        return LbfgsState(0, zero, x, np.zeros_like(x), pairs, pairs.copy(), np.zeros(memory, x.dtype))

    def update(
        grads: Any, state: Any, params: Any = None, value: Any = None, value_fn: Any = None, **extra: Any
    ) -> tuple[Any, Any]:
        require_state("lbfgs", LbfgsState, state)
        require_params("lbfgs", params)
        if value_fn is None:
            raise ArgumentError(
                "lbfgs: value_fn=None, but the line search needs the function that is minimized; call "
                "update(grads, state, params, value=value, value_fn=f) with value = f(params)"
            )
        x, unravel = tree.ravel_real(params)
        g = tree.ravel_real(tree.map(lambda p, g: g, params, grads))[0].astype(x.dtype)
        moves, turns, scales = _remember(state, x - state.params, g - state.gradient)
        start = value_fn(params) if value is None else value

        def along(t: Any) -> tuple[Any, Any]:
            value, grads = value_and_grad(value_fn)(unravel(x + t * direction))
            return value, tree.ravel_real(grads)[0] @ direction

        steepest = -g / np.maximum(np.sqrt(g @ g), 1)
        direction = _direction(g, steepest, moves, turns, scales)
        direction = np.where(direction @ g < 0, direction, steepest)
        t = _weak_wolfe(along, start, direction @ g, max_evaluations)
        found = t > 0
        updates = np.where(found, t * direction, 0)  # a gradient that is not finite moves nothing
        return unravel(updates), LbfgsState(state.step + 1, t, x, g, moves, turns, np.where(found, scales, 0))

    return GradientTransformation(init, update)


def _remember(state: LbfgsState, s: Any, y: Any) -> tuple[Any, Any, Any]:
    """The histories with one more change, if the function curves upwards along it by more than rounding."""
    curvature = s @ y
    curved = curvature > np.finfo(s.dtype).eps * np.abs(s @ state.gradient)
    weight = 1 / np.where(curved, curvature, 1)
    olds, news = (state.moves, state.turns, state.scales), (s, y, weight)
    return tuple(  # type: ignore[return-value]
        [np.where(curved, np.concatenate([old[1:], new[None]]), old) for old, new in zip(olds, news, strict=True)]
    )


def _direction(g: Any, steepest: Any, moves: Any, turns: Any, scales: Any) -> Any:
    """-H g by the two loops of Nocedal, with H0 = s @ y / y @ y of the newest pair; `steepest` without any."""

    def back(q: Any, pair: Any) -> Any:
        s, y, scale = pair
        part = scale * (s @ q)
        return q - part * y, part

    def forth(q: Any, pair: Any) -> Any:
        s, y, scale, part = pair
        return q + (part - scale * (y @ q)) * s, None

    q, parts = scan(back, g, (moves[::-1], turns[::-1], scales[::-1]))
    known = scales[-1] > 0
    q = q / np.where(known, scales[-1] * (turns[-1] @ turns[-1]), 1)
    q, _ = scan(forth, q, (moves, turns, scales, parts[::-1]))
    return np.where(known, -q, steepest)


def _weak_wolfe(along: Callable[[Any], tuple[Any, Any]], value: Any, slope: Any, max_evaluations: int) -> Any:
    """A t that fulfils the weak Wolfe conditions; else the largest t found that lowers the value; else 0.

    `along(t)` gives value and slope there, `value` and `slope` are those at 0. The step is doubled until it is too long
    and then halved between one too short and one too long. Values count as equal that differ by rounding.
    """
    eps = np.finfo(slope.dtype).eps

    def search(c: Any) -> Any:
        t, short, long, _, tries = c
        there, rise = along(t)
        low = there <= value + 1e-4 * t * slope + eps * np.abs(value)  # not so for NaN
        short, long = np.where(low, t, short), np.where(low, long, t)
        following = np.where(np.isinf(long), 2 * t, (short + long) / 2)
        return following, short, long, np.logical_and(low, rise >= 0.9 * slope), tries + 1

    zero = 0 * slope  # under vmap one a row
    init = (zero + 1, zero, zero + np.inf, np.False_, 0)
    with np.errstate(all="ignore"):  # a step that is too long may lead anywhere
        return while_loop(lambda c: np.logical_and(np.logical_not(c[3]), c[4] < max_evaluations), search, init)[1]
