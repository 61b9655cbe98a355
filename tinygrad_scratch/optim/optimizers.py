"""Optimizers made of the pieces in `scaling` and `shaping`. Each argument is checked by the piece that it goes to."""

from __future__ import annotations

from ..core.errors import ArgumentError
from .scaling import (
    scale_by_adadelta,
    scale_by_adam,
    scale_by_lion,
    scale_by_nadam,
    scale_by_radam,
    scale_by_rms,
    scale_by_rss,
    trace,
)
from .schedules import Schedule
from .shaping import add_decayed_weights
from .transform import GradientTransformation, chain, scale_by_learning_rate


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


def adagrad(learning_rate: float | Schedule, eps: float = 1e-10) -> GradientTransformation:
    """Adagrad (Duchi, Hazan and Singer, JMLR 2011): smaller steps where gradients were large so far."""
    return chain(scale_by_rss(eps), scale_by_learning_rate(learning_rate))


def rmsprop(
    learning_rate: float | Schedule,
    decay: float = 0.9,
    eps: float = 1e-8,
    centered: bool = False,
    momentum: float | None = None,
) -> GradientTransformation:
    """RMSProp (Tieleman and Hinton, 2012): g over the root of the running mean of g**2, then momentum if one is given.

    `decay` is PyTorch's alpha and Keras's rho.
    """
    step = scale_by_learning_rate(learning_rate)
    rms = scale_by_rms(decay, eps, centered)
    return chain(rms, step) if momentum is None else chain(rms, trace(momentum), step)


def adadelta(learning_rate: float | Schedule = 1.0, decay: float = 0.9, eps: float = 1e-6) -> GradientTransformation:
    """Adadelta (Zeiler, 2012): as RMSProp, with steps of the size of past ones; the paper's learning rate is 1."""
    return chain(scale_by_adadelta(decay, eps), scale_by_learning_rate(learning_rate))


def adam(
    learning_rate: float | Schedule, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> GradientTransformation:
    """Adam (Kingma and Ba, ICLR 2015): steps of about the learning rate, whatever the size of the gradient."""
    return chain(scale_by_adam(b1, b2, eps), scale_by_learning_rate(learning_rate))


def adamw(
    learning_rate: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
    pattern: str = "**",
) -> GradientTransformation:
    """Adam that also takes learning_rate * weight_decay * p from the params p whose path fits `pattern`.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019.
    """
    decay = add_decayed_weights(weight_decay, pattern)
    return chain(scale_by_adam(b1, b2, eps), decay, scale_by_learning_rate(learning_rate))


def nadam(
    learning_rate: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    momentum_decay: float = 4e-3,
) -> GradientTransformation:
    """Adam with Nesterov's look ahead (Dozat, ICLR workshop 2016)."""
    return chain(scale_by_nadam(b1, b2, eps, momentum_decay), scale_by_learning_rate(learning_rate))


def radam(
    learning_rate: float | Schedule, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> GradientTransformation:
    """Rectified Adam (Liu et al., ICLR 2020): cautious in the first steps, as with a warm-up."""
    return chain(scale_by_radam(b1, b2, eps), scale_by_learning_rate(learning_rate))


def lion(
    learning_rate: float | Schedule,
    b1: float = 0.9,
    b2: float = 0.99,
    weight_decay: float = 0.0,
    pattern: str = "**",
) -> GradientTransformation:
    """Lion (Chen et al., NeurIPS 2023): steps of +-learning_rate in each element, and the weight decay of `adamw`."""
    decay = add_decayed_weights(weight_decay, pattern)
    return chain(scale_by_lion(b1, b2), decay, scale_by_learning_rate(learning_rate))
