"""The contract of optimizers, and how their pieces are joined.

An optimizer, and each piece of one, is a pair of pure functions. `init(params)` gives its state: tuples and NamedTuples
of numbers and of trees like params, so a tree itself. `update(grads, state, params=None, **extra)` gives the updates,
to be added to the params, and the new state. Pieces that need the params say so; extra keywords are for those that know
them (`value` and `value_fn` of `lbfgs`), all others pass them over.

Weight decay, clipping and freezing are pieces as well: `chain(clip_by_global_norm(1.0), adam(1e-3))`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, ShapeError
from ..core.trace import Traced
from . import checks
from .schedules import Schedule, rate


class GradientTransformation(NamedTuple):
    """`init(params) -> state` and `update(grads, state, params=None, **extra) -> updates, state`."""

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]


def apply_updates(params: Any, updates: Any) -> Any:
    """params + updates, leaf by leaf, in the dtypes of the params. Raises ShapeError where their shapes differ."""
    return tree.map(_add, params, updates)


def _add(p: Any, u: Any) -> Any:
    if np.shape(u) != np.shape(p):
        raise ShapeError(f"apply_updates: an update of shape {np.shape(u)} does not fit params of shape {np.shape(p)}")
    return in_dtype_of(p, p + u)


def in_dtype_of(x: Any, new: Any) -> Any:
    """`new` in the dtype of `x`. A number of NumPy's (of a schedule, say) would turn float32 into float64."""
    dtype, found = getattr(x, "dtype", None), getattr(new, "dtype", None)
    fits = found is None or dtype is None or found == dtype or getattr(new, "weak", False)
    return new if fits else new.astype(dtype)


def chain(*parts: GradientTransformation) -> GradientTransformation:
    """The parts one after the other; the state is a tuple with one entry a part. Extra keywords go to each part."""
    given: tuple[Any, ...] = parts
    for i, part in enumerate(given):
        if not isinstance(part, GradientTransformation):
            said = getattr(part, "__name__", repr(part))
            raise ArgumentError(
                f"chain: part {i} is {said}, expected what an optimizer's call gives, such as adam(1e-3)"
            )

    def init(params: Any) -> Any:
        return tuple([part.init(params) for part in parts])

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        if len(state) != len(parts):
            raise ArgumentError(f"chain: the state has {len(state)} entries, expected {len(parts)}, one a part")
        new = []
        for part, s in zip(parts, state, strict=True):
            grads, s = part.update(grads, s, params, **extra)
            new.append(s)
        return grads, tuple(new)

    return GradientTransformation(init, update)


def stateless(f: Callable[[Any, Any], Any]) -> GradientTransformation:
    """The piece `updates = f(grads, params)`, which remembers nothing: its state is ()."""
    return GradientTransformation(
        lambda params: (), lambda grads, state, params=None, **extra: (f(grads, params), state)
    )


def scale(factor: float) -> GradientTransformation:
    """factor * g."""
    return stateless(lambda grads, params: tree.map(lambda g: factor * g, grads))


class LearningRateState(NamedTuple):
    """The number of updates made, and the learning rate of the last one."""

    step: Any
    learning_rate: Any


def scale_by_learning_rate(learning_rate: float | Schedule) -> GradientTransformation:
    """-lr * g; lr is a number or a schedule, `step -> lr`, of the step that counts from 0.

    Raises ArgumentError for a number that is negative or not finite.
    """
    if not callable(learning_rate):
        checks.not_negative("scale_by_learning_rate", learning_rate=learning_rate)

    def init(params: Any) -> Any:
        return LearningRateState(0, rate(learning_rate, 0))

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        require_state("scale_by_learning_rate", LearningRateState, state)
        lr = rate(learning_rate, state.step)
        return tree.map(lambda g: in_dtype_of(g, -lr) * g, grads), LearningRateState(state.step + 1, lr)

    return GradientTransformation(init, update)


def require_state(what: str, kind: type, state: Any) -> None:
    """ArgumentError unless the state is of that class."""
    if type(state) is not kind:
        raise ArgumentError(
            f"{what}: the state is of class {type(state).__name__}, expected {kind.__name__}: a state belongs to the "
            "optimizer whose init made it"
        )


def require_params(what: str, params: Any) -> None:
    """ArgumentError if update was called without params."""
    if params is None:
        raise ArgumentError(f"{what}: params=None, but it needs them; call update(grads, state, params)")


def read(state: Any, name: str) -> Any:
    """The field of that name in the state of an optimizer, however deep it is.

    Raises ArgumentError, which lists the names there are, if there is none, or if there are several that differ. Values
    that are being traced cannot be compared: of them it is the last.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> opt = tg.optim.adam(tg.optim.linear(0.5, 0.1, steps=10))
    >>> _, state = opt.update(np.ones(2), opt.init(np.ones(2)))
    >>> int(tg.optim.read(state, "step")), float(tg.optim.read(state, "learning_rate"))
    (1, 0.5)
    """
    fields = _fields(state)
    found = [value for field, value in fields if field == name]
    if not found:
        there = ", ".join(dict.fromkeys(field for field, _ in fields)) or "none"
        raise ArgumentError(f"read: the state has no field {name!r}; there are: {there}")
    if not all(_same(found[0], other) for other in found[1:]):
        raise ArgumentError(
            f"read: {len(found)} fields of the state are named {name!r} and differ; take the part of the state that "
            "is meant, for example read(state[0], ...)"
        )
    return found[-1]


def _fields(state: Any) -> list[tuple[str, Any]]:
    """The fields of all NamedTuples in the state, with their names."""
    if not isinstance(state, tuple):
        return []
    here = list(zip(state._fields, state, strict=True)) if hasattr(state, "_fields") else []
    return here + [field for child in state for field in _fields(child)]


def _same(a: Any, b: Any) -> bool:
    (xs, one), (ys, other) = tree.flatten(a), tree.flatten(b)
    pairs = zip(xs, ys, strict=False)
    return one == other and all(
        isinstance(x, Traced) or isinstance(y, Traced) or np.array_equal(x, y) for x, y in pairs
    )
