"""The pieces that keep gradients in bounds, draw weights towards zero and hold weights fast."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core import tree
from ..ops.arithmetic import squared_size
from . import checks
from .transform import GradientTransformation, in_dtype_of, require_params, stateless


def clip(max_abs: float) -> GradientTransformation:
    """Each element of g cut off at -max_abs and max_abs."""
    checks.positive("clip", max_abs=max_abs)
    return stateless(lambda grads, params: tree.map(lambda g: np.clip(g, -max_abs, max_abs), grads))


def clip_by_norm(max_norm: float) -> GradientTransformation:
    """Each leaf, where its Euclidean norm is above max_norm, scaled down to that norm."""
    checks.positive("clip_by_norm", max_norm=max_norm)

    def shorten(g: Any) -> Any:
        return _shortening(np.sum(squared_size(g)), max_norm) * g

    return stateless(lambda grads, params: tree.map(shorten, grads))


def clip_by_global_norm(max_norm: float) -> GradientTransformation:
    """All leaves together, where their Euclidean norm is above max_norm, scaled down to that norm.

    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, ICML 2013.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> opt = tg.optim.clip_by_global_norm(1.0)
    >>> opt.update({"a": np.array([3.0]), "b": np.array([4.0])}, opt.init(None))[0]
    {'a': array([0.6]), 'b': array([0.8])}
    """
    checks.positive("clip_by_global_norm", max_norm=max_norm)

    def shorten(grads: Any, params: Any) -> Any:
        factor = _shortening(sum([np.sum(squared_size(g)) for g in tree.leaves(grads)]), max_norm)
        return tree.map(lambda g: in_dtype_of(g, factor) * g, grads)

    return stateless(shorten)


def _shortening(squares: Any, max_norm: float) -> Any:
    """min(1, max_norm / norm), from norm**2: exactly 1 up to max_norm, and with a derivative at 0."""
    return max_norm / np.sqrt(np.maximum(squares, max_norm * max_norm))


def add_decayed_weights(weight_decay: float, pattern: str = "**") -> GradientTransformation:
    """g + weight_decay * p for params whose path fits `pattern` (see `tg.tree.match`), "**/w" say; g for the others.

    Before an optimizer it is an L2 penalty of weight_decay / 2, as PyTorch's argument of that name; after the scaling
    and before the learning rate it is the decoupled weight decay of `adamw`. Raises ArgumentError without params.
    """
    checks.not_negative("add_decayed_weights", weight_decay=weight_decay)

    def decay(grads: Any, params: Any) -> Any:
        require_params("add_decayed_weights", params)
        chosen = tree.match(params, pattern)
        return tree.map(lambda g, p, fits: g + weight_decay * p if fits else g, grads, params, chosen)

    return stateless(decay)


def freeze(pattern: str) -> GradientTransformation:
    """Updates of exactly zero for leaves whose path fits `pattern` (see `tg.tree.match`): `freeze("encoder/**")`.

    It stands last in a chain, so that no weight decay moves them.
    """

    def hold(grads: Any, params: Any) -> Any:
        return tree.map(lambda g, frozen: np.zeros_like(g) if frozen else g, grads, tree.match(grads, pattern))

    return stateless(hold)
