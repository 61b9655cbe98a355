"""Learning rates as functions of the step, which counts from 0 and may be traced."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.errors import ArgumentError
from . import checks

Schedule = Callable[[Any], Any]


def rate(value: float | Schedule, step: Any) -> Any:
    """The value at that step of a schedule, or of a number, which is the same at each."""
    return value(step) if callable(value) else value


def inverse_time_decay(init_value: float, decay: float) -> Schedule:
    """init_value / (1 + decay * step).

    >>> inverse_time_decay(0.1, 0.5)(2)
    0.05
    """
    checks.not_negative("inverse_time_decay", init_value=init_value, decay=decay)
    return lambda step: init_value / (1 + decay * step)


def step_decay(init_value: float, factor: float, every: int) -> Schedule:
    """init_value * factor ** floor(step / every): multiplied by `factor` every so many steps.

    >>> [step_decay(0.5, 0.5, every=2)(step) for step in range(5)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """
    checks.not_negative("step_decay", init_value=init_value, factor=factor)
    checks.count("step_decay", every=every)
    return lambda step: init_value * float(factor) ** (step // every)


def exponential_decay(init_value: float, factor: float, every: int = 1) -> Schedule:
    """init_value * factor ** (step / every): as `step_decay`, without stairs.

    >>> exponential_decay(0.5, 0.25, every=2)(1)
    0.25
    """
    checks.not_negative("exponential_decay", init_value=init_value, factor=factor)
    checks.count("exponential_decay", every=every)
    return lambda step: init_value * float(factor) ** (step / every)


def linear(init_value: float, end_value: float, steps: int) -> Schedule:
    """From init_value at step 0 in a straight line to end_value at step `steps`, and that from then on.

    >>> [float(linear(1.0, 0.0, steps=4)(step)) for step in (0, 1, 4, 9)]
    [1.0, 0.75, 0.0, 0.0]
    """
    checks.not_negative("linear", init_value=init_value, end_value=end_value)
    checks.count("linear", steps=steps)
    return lambda step: init_value + (end_value - init_value) * _progress(step, steps)


def cosine_decay(init_value: float, steps: int, alpha: float = 0.0) -> Schedule:
    """From init_value at step 0 along half a cosine to alpha * init_value at step `steps`, and that from then on.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, without restarts.

    >>> [round(float(cosine_decay(1.0, steps=4)(step)), 6) for step in (0, 1, 2, 4, 9)]
    [1.0, 0.853553, 0.5, 0.0, 0.0]
    """
    checks.not_negative("cosine_decay", init_value=init_value, alpha=alpha)
    checks.count("cosine_decay", steps=steps)
    return lambda step: _cosine(init_value, alpha * init_value, _progress(step, steps))


def warm_up(value: float | Schedule, steps: int) -> Schedule:
    """A number or schedule, in the first steps times 1/steps, 2/steps, ... so that it is whole at step `steps` - 1.

    Source: Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017, section 2.2.

    >>> [float(warm_up(0.4, steps=4)(step)) for step in (0, 1, 3, 4)]
    [0.1, 0.2, 0.4, 0.4]
    """
    checks.count("warm_up", steps=steps)
    return lambda step: rate(value, step) * _progress(step + 1, steps)


def join(schedules: Sequence[float | Schedule], boundaries: Sequence[int]) -> Schedule:
    """The first schedule, from step boundaries[0] on the second, and so on, each counting from 0 where it begins.

    Raises ArgumentError unless there is one schedule more than boundaries, and these grow.

    >>> schedule = join([linear(0.0, 1.0, steps=2), step_decay(1.0, 0.5, every=1)], boundaries=[2])
    >>> [float(schedule(step)) for step in range(5)]
    [0.0, 0.5, 1.0, 0.5, 0.25]
    """
    starts = [0, *boundaries]
    if len(schedules) != len(starts) or any(a >= b for a, b in pairwise(starts)):
        raise ArgumentError(
            f"join: {len(schedules)} schedules with boundaries {list(boundaries)}, expected as many schedules as "
            "boundaries and one more, and boundaries above 0 that grow"
        )

    def joined(step: Any) -> Any:
        value = rate(schedules[0], step)
        for schedule, start in zip(schedules[1:], boundaries, strict=True):
            value = np.where(step < start, value, rate(schedule, np.maximum(step - start, 0)))
        return value

    return joined


def one_cycle(
    max_value: float, steps: int, pct_start: float = 0.3, div_factor: float = 25.0, final_div_factor: float = 1e4
) -> Schedule:
    """One cycle of `steps` steps: along half a cosine up to max_value and along another down to almost nothing.

    It begins with max_value / div_factor, is at its top in step pct_start * steps - 1, and ends, in step steps - 1,
    with the first value / final_div_factor. As PyTorch's OneCycleLR; after the end it stays.
    Source: Smith and Topin, Super-convergence: very fast training of neural networks using large learning rates, 2018.

    >>> schedule = one_cycle(1.0, steps=10)
    >>> [round(float(schedule(step)), 4) for step in (0, 1, 2, 9)]
    [0.04, 0.52, 1.0, 0.0]
    """
    checks.not_negative("one_cycle", max_value=max_value)
    checks.count("one_cycle", steps=steps)
    checks.positive("one_cycle", div_factor=div_factor, final_div_factor=final_div_factor)
    top = pct_start * steps - 1
    if not 0 < top < steps - 1:
        raise ArgumentError(
            f"one_cycle: pct_start={pct_start!r} of steps={steps!r} leaves no step to rise or none to fall, "
            "expected 1 < pct_start * steps < steps"
        )
    first = max_value / div_factor

    def schedule(step: Any) -> Any:
        rise = _cosine(first, max_value, _progress(step, top))
        fall = _cosine(max_value, first / final_div_factor, _progress(np.maximum(step - top, 0), steps - 1 - top))
        return np.where(step <= top, rise, fall)

    return schedule


def _progress(step: Any, steps: float) -> Any:
    """How much of `steps` is done: 0 to 1."""
    return np.minimum(step / steps, 1)


def _cosine(start: float, end: float, progress: Any) -> Any:
    return end + (start - end) * 0.5 * (1 + np.cos(math.pi * progress))
