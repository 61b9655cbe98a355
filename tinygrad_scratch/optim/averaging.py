"""Means over steps: of gradients, before an update is made, and of the weights, after it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..compile.control import cond
from ..core import tree
from . import checks
from .transform import GradientTransformation, in_dtype_of, require_params, require_state


class AccumulateState(NamedTuple):
    """How many gradients have been gathered, their sum, and the state of the optimizer inside."""

    count: Any
    total: Any
    inner: Any


def accumulate(opt: GradientTransformation, every: int) -> GradientTransformation:
    """`opt` on the mean of `every` gradients, as if they had been one batch; the updates in between are zero.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> opt = tg.optim.accumulate(tg.optim.sgd(0.5), every=2)
    >>> first, state = opt.update(np.array([1.0]), opt.init(np.zeros(1)))
    >>> second, state = opt.update(np.array([3.0]), state)
    >>> first, second
    (array([0.]), array([-1.]))
    """
    checks.count("accumulate", every=every)

    def init(params: Any) -> Any:
        return AccumulateState(0, tree.map(np.zeros_like, params), opt.init(params))

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("accumulate", AccumulateState, state)
        total = tree.map(lambda g, s: s + g, grads, state.total)
        nothing = tree.map(np.zeros_like, total)

        def step() -> Any:
            updates, inner = opt.update(tree.map(lambda s: s / every, total), state.inner, params, **extra)
            return updates, nothing, inner

        count = (state.count + 1) % every
        updates, total, inner = cond(count == 0, step, lambda: (nothing, total, state.inner))
        return updates, AccumulateState(count, total, inner)

    return GradientTransformation(init, update)


class AverageState(NamedTuple):
    """The running mean of the weights."""

    average: Any


def average_weights(decay: float) -> GradientTransformation:
    """Passes the updates on, and keeps the running mean of the weights, a = decay * a + (1 - decay) * (params + u).

    It stands last in a chain and begins with the first params; `read(state, "average")` gives the mean. Raises
    ArgumentError without params. Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging,
    SIAM J. Control and Optimization 30, 1992, with weights that decay.
    """
    checks.fraction("average_weights", decay=decay)

    def mean(a: Any, p: Any, u: Any) -> Any:
        return in_dtype_of(a, decay * a + (1 - decay) * (p + u))

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("average_weights", AverageState, state)
        require_params("average_weights", params)
        return grads, AverageState(tree.map(mean, state.average, params, grads))

    return GradientTransformation(lambda params: AverageState(tree.map(np.copy, params)), update)
