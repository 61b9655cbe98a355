"""The pieces that scale gradients by what they remember of past ones. g is a gradient, t the step, from 1."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..core import tree
from ..ops.arithmetic import squared_size
from . import checks
from .transform import GradientTransformation, in_dtype_of, require_state


def _zeros(params: Any) -> Any:
    return tree.map(np.zeros_like, params)


def _mean(decay: float, grads: Any, mean: Any) -> Any:
    """The running mean of g."""
    return tree.map(lambda g, m: decay * m + (1 - decay) * g, grads, mean)


def _square(decay: float, grads: Any, square: Any) -> Any:
    """The running mean of |g|**2."""
    return tree.map(lambda g, v: decay * v + (1 - decay) * squared_size(g), grads, square)


class TraceState(NamedTuple):
    """The decaying sum of past gradients."""

    velocity: Any


def trace(decay: float, nesterov: bool = False) -> GradientTransformation:
    """Momentum: v = g + decay * v; the update is v, or g + decay * v with Nesterov's look ahead.

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
    """
    checks.not_negative("trace", decay=decay)

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("trace", TraceState, state)
        velocity = tree.map(lambda g, v: g + decay * v, grads, state.velocity)
        updates = tree.map(lambda g, v: g + decay * v, grads, velocity) if nesterov else velocity
        return updates, TraceState(velocity)

    return GradientTransformation(lambda params: TraceState(_zeros(params)), update)


class RssState(NamedTuple):
    """The sum of g**2."""

    total: Any


def scale_by_rss(eps: float = 1e-10) -> GradientTransformation:
    """g / (sqrt(s) + eps) with s the sum of all g**2 so far.

    Source: Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic optimization,
    JMLR 12, 2011.
    """
    checks.not_negative("scale_by_rss", eps=eps)

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_rss", RssState, state)
        total = tree.map(lambda g, s: s + squared_size(g), grads, state.total)
        return tree.map(lambda g, s: g / (np.sqrt(s) + eps), grads, total), RssState(total)

    return GradientTransformation(lambda params: RssState(_zeros(params)), update)


class RmsState(NamedTuple):
    """The running means of g**2 and, where it is centered, of g; else ()."""

    square: Any
    mean: Any


def scale_by_rms(decay: float = 0.9, eps: float = 1e-8, centered: bool = False) -> GradientTransformation:
    """g / (sqrt(v) + eps) with v the running mean of g**2, less the square of that of g where it is centered.

    Source: Tieleman and Hinton, Lecture 6.5, Neural networks for machine learning, 2012; centered: Graves, Generating
    sequences with recurrent neural networks, 2013.
    """
    checks.fraction("scale_by_rms", decay=decay)
    checks.not_negative("scale_by_rms", eps=eps)

    def init(params: Any) -> Any:
        return RmsState(_zeros(params), _zeros(params) if centered else ())

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_rms", RmsState, state)
        square = _square(decay, grads, state.square)
        mean = _mean(decay, grads, state.mean) if centered else ()
        variance = tree.map(lambda v, m: np.maximum(v - squared_size(m), 0), square, mean) if centered else square
        return tree.map(lambda g, v: g / (np.sqrt(v) + eps), grads, variance), RmsState(square, mean)

    return GradientTransformation(init, update)


class AdadeltaState(NamedTuple):
    """The running means of g**2 and of the square of the updates."""

    square: Any
    change: Any


def scale_by_adadelta(decay: float = 0.9, eps: float = 1e-6) -> GradientTransformation:
    """u = g sqrt(d + eps) / sqrt(v + eps) with v, d the running means of g**2 and of the past u**2.

    Source: Zeiler, ADADELTA: an adaptive learning rate method, 2012, algorithm 1.
    """
    checks.fraction("scale_by_adadelta", decay=decay)
    checks.not_negative("scale_by_adadelta", eps=eps)

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_adadelta", AdadeltaState, state)
        square = _square(decay, grads, state.square)
        updates = tree.map(lambda g, v, d: g * (np.sqrt(d + eps) / np.sqrt(v + eps)), grads, square, state.change)
        return updates, AdadeltaState(square, _square(decay, updates, state.change))

    return GradientTransformation(lambda params: AdadeltaState(_zeros(params), _zeros(params)), update)


class AdamState(NamedTuple):
    """The number of updates made, and the running means of g and of g**2."""

    step: Any
    mean: Any
    square: Any


def _adam_init(params: Any) -> Any:
    return AdamState(0, _zeros(params), _zeros(params))


def scale_by_adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> GradientTransformation:
    """m / (sqrt(v) + eps) with m, v the running means of g, g**2, freed of their bias towards zero.

    Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """
    checks.fraction("scale_by_adam", b1=b1, b2=b2)
    checks.not_negative("scale_by_adam", eps=eps)

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_adam", AdamState, state)
        step = state.step + 1
        mean, square = _mean(b1, grads, state.mean), _square(b2, grads, state.square)
        root = (1 - b2**step) ** 0.5  # the bias of v leaves the root, as the paper advises: one product an element less
        ratio, floor = root / (1 - b1**step), eps * root
        updates = tree.map(lambda m, v: in_dtype_of(m, ratio) * m / (np.sqrt(v) + in_dtype_of(m, floor)), mean, square)
        return updates, AdamState(step, mean, square)

    return GradientTransformation(_adam_init, update)


class NadamState(NamedTuple):
    """The number of updates made, the product of all momenta so far, and the running means of g and of g**2."""

    step: Any
    product: Any
    mean: Any
    square: Any


def scale_by_nadam(
    b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, momentum_decay: float = 4e-3
) -> GradientTransformation:
    """Adam with Nesterov's look ahead, m = mu' m / (1 - P mu') + (1 - mu) g / (1 - P) in place of m / (1 - b1**t).

    mu = b1 (1 - 0.96**(t momentum_decay) / 2) is the momentum of the step, which grows towards b1, mu' that of the
    next, and P the product of all mu so far.
    Source: Dozat, Incorporating Nesterov momentum into Adam, ICLR workshop 2016, algorithm 2, with the mu of its
    section on experiments, as PyTorch.
    """
    checks.fraction("scale_by_nadam", b1=b1, b2=b2)
    checks.not_negative("scale_by_nadam", eps=eps, momentum_decay=momentum_decay)

    def momentum(step: Any) -> Any:
        return b1 * (1 - 0.5 * 0.96 ** (step * momentum_decay))

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_nadam", NadamState, state)
        step = state.step + 1
        now, following = momentum(step), momentum(step + 1)
        product = state.product * now
        mean, square = _mean(b1, grads, state.mean), _square(b2, grads, state.square)
        root = (1 - b2**step) ** 0.5
        of_mean, of_grad = root * following / (1 - product * following), root * (1 - now) / (1 - product)
        floor = eps * root

        def step_of(g: Any, m: Any, v: Any) -> Any:
            a, b, least = (in_dtype_of(m, x) for x in (of_mean, of_grad, floor))
            return (a * m + b * g) / (np.sqrt(v) + least)

        updates = tree.map(step_of, grads, mean, square)
        return updates, NadamState(step, product, mean, square)

    return GradientTransformation(lambda params: NadamState(0, 1.0, _zeros(params), _zeros(params)), update)


def scale_by_radam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> GradientTransformation:
    """Adam times r as soon as its variance is tractable (rho > 5), before that momentum alone, m / (1 - b1**t).

    rho = R - 2 t b2**t / (1 - b2**t) with R = 2 / (1 - b2) - 1, and
    r = sqrt((rho - 4) (rho - 2) R / ((R - 4) (R - 2) rho)). As in PyTorch, eps is added to the root of v before the
    bias is taken away. Raises ArgumentError unless b2 > 2/3, which makes rho grow beyond 5.
    Source: Liu et al., On the variance of the adaptive learning rate and beyond, ICLR 2020, algorithm 2.
    """
    checks.fraction("scale_by_radam", b1=b1, b2=b2)
    checks.not_negative("scale_by_radam", eps=eps)
    checks.require("scale_by_radam", {"b2": b2}, lambda x: x > 2 / 3, "more than 2/3, for rho to grow beyond 5")
    limit = 2 / (1 - b2) - 1

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_radam", AdamState, state)
        step = state.step + 1
        mean, square = _mean(b1, grads, state.mean), _square(b2, grads, state.square)
        bias1, bias2 = 1 - b1**step, 1 - b2**step
        rho = limit - 2 * step * b2**step / bias2
        # abs: negative only where it is not used
        ratio = abs((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho) * bias2) ** 0.5

        def step_of(m: Any, v: Any) -> Any:
            r = in_dtype_of(m, ratio)
            return m / in_dtype_of(m, bias1) * np.where(rho > 5, r / (np.sqrt(v) + eps), 1.0)

        updates = tree.map(step_of, mean, square)
        return updates, AdamState(step, mean, square)

    return GradientTransformation(_adam_init, update)


class LionState(NamedTuple):
    """The running mean of g."""

    mean: Any


def scale_by_lion(b1: float = 0.9, b2: float = 0.99) -> GradientTransformation:
    """sign(b1 m + (1 - b1) g), and only then m = b2 m + (1 - b2) g.

    Source: Chen et al., Symbolic discovery of optimization algorithms, NeurIPS 2023, algorithm 2.
    """
    checks.fraction("scale_by_lion", b1=b1, b2=b2)

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_lion", LionState, state)
        updates = tree.map(np.sign, _mean(b1, grads, state.mean))
        return updates, LionState(_mean(b2, grads, state.mean))

    return GradientTransformation(lambda params: LionState(_zeros(params)), update)
