"""Optimizers made of the pieces in `transform`."""

from __future__ import annotations

from ..core.errors import ArgumentError
from .schedules import Schedule
from .transform import GradientTransformation, chain, scale_by_adam, scale_by_learning_rate, trace


def sgd(
    learning_rate: float | Schedule, momentum: float | None = None, nesterov: bool = False
) -> GradientTransformation:
    """Gradient descent, with momentum v = g + momentum * v where one is given.

    Raises ArgumentError for nesterov=True without momentum.
    """
    if nesterov and momentum is None:
        raise ArgumentError("sgd: nesterov=True needs momentum, for example momentum=0.9")
    step = scale_by_learning_rate(learning_rate)
    return chain(step) if momentum is None else chain(trace(momentum, nesterov), step)


def adam(
    learning_rate: float | Schedule, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> GradientTransformation:
    """Adam (Kingma and Ba, ICLR 2015): steps of about the learning rate, whatever the size of the gradient."""
    return chain(scale_by_adam(b1, b2, eps), scale_by_learning_rate(learning_rate))
