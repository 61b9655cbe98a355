"""The loop of training: epochs of batches through a compiled step, with a look at what was learnt after each.

Nothing in it is left to chance or to time: the order of the batches follows from the key and the epoch, and the step is
compiled by one backend, so a run that was killed and resumes from its checkpoint gives the same bits.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..compile.jit import jit
from ..core import tree
from ..core.errors import ArgumentError, DivergedError
from ..data.batches import check_count
from .bar import Bar
from .checkpoint import Checkpoint
from .feed import Feed
from .result import Epoch, Result


def fit(
    step: Callable[..., tuple[Any, dict[str, Any]]],
    state: Any,
    data: Any,
    epochs: int,
    *,
    batch_size: int = 32,
    key: Any = None,
    drop_last: bool = False,
    evaluate: Callable[..., dict[str, Any]] | None = None,
    validation: Any = None,
    monitor: str | None = None,
    maximize: bool = False,
    patience: int | None = None,
    callbacks: Sequence[Callable[[Epoch], Any]] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 1,
    progress: bool | None = None,
    backend: str | None = None,
) -> Result:
    """Train: state, logs = step(state, *batch) for each batch of each epoch. `step` is pure; it is compiled by `jit`.

    data         a tuple of arrays, taken in batches of `batch_size`, in an order that follows from `key` (without one
                 in their own); or batches, each a tuple: a list, or a function of the epoch, from 1, that gives them.
                 Arrays are not copied: who changes them in place changes what is learnt
    drop_last    whether a last batch that is shorter is left out
    validation   the same for `evaluate(state, *batch) -> logs`, after each epoch, in order, all of it
    monitor      the number that tells the best epoch, such as "val_loss": the lower the better, unless `maximize`.
                 Its state is kept in the result; after `patience` epochs without a better one training stops
    callbacks    each is called with an `Epoch` after each; training stops if one returns True. `tqdm.write` prints
                 above the bar
    checkpoint   a file (.npz or .safetensors) that holds the run after each `checkpoint_every` epochs. If it exists,
                 training goes on from there: killed at any moment and called again, it ends with the same bits. A run
                 of another program (a net, loss, optimizer or learning rate that differs) is refused
    progress     tqdm's bar: None shows it if tqdm is installed and a person is watching
    backend      of `jit`: "numba" or "numpy", by default the first if it is installed

    Logs are means over the epoch, weighted by the lengths of the batches. Raises DivergedError at the first loss that
    is not finite, with the result up to the epoch before; ArgumentError for what does not fit.
    """
    check_count("fit", "epochs", epochs)
    check_count("fit", "checkpoint_every", checkpoint_every)
    backend = _backend(backend)
    if (evaluate is None) != (validation is None):
        raise ArgumentError("fit: evaluate and validation belong together, got only one of them")
    if patience is not None:
        check_count("fit", "patience", patience)
        if monitor is None:
            raise ArgumentError('fit: patience needs monitor, the number that should get better, such as "val_loss"')
    if callable(callbacks):
        raise ArgumentError("fit: callbacks is a function, expected a list of them; write [function]")
    feed = Feed(data, batch_size, key, drop_last)
    settings = {"backend": backend, "batch_size": batch_size, "key": _plain(key), "drop_last": drop_last}
    kept = Checkpoint(checkpoint, settings)
    result = kept.restore(Result(_copied(state), {}))
    train = _Compiled(step, kept.recognise, donate_argnums=0, backend=backend)
    judge = None
    if evaluate is not None:
        judge, checked = _Compiled(evaluate, None, backend=backend), Feed(validation, batch_size, None, False)
    state = _copied(result.state)
    with Bar(progress, epochs, feed.length) as bar:
        while result.epochs < epochs and not result.stopped:
            number = result.epochs + 1
            state, logs = _epoch(train, state, feed, result, bar)
            if judge is not None:
                logs |= {f"val_{name}": value for name, value in _validate(judge, state, checked).items()}
            result = _judged(result, _copied(state), logs, number, monitor, maximize)
            answers = [call(Epoch(number, result.state, logs, result.history)) for call in callbacks]
            result = result._replace(stopped=_reason(result, number, epochs, monitor, patience, any(answers)))
            bar.shows(number, logs)
            if number % checkpoint_every == 0 or number == epochs or result.stopped:
                kept.save(result)
    return result


def _epoch(train: Any, state: Any, feed: Feed, last: Result, bar: Bar) -> tuple[Any, dict[str, float]]:
    totals, number = _Means(), last.epochs + 1
    for i, batch in enumerate(feed.batches(number)):
        answer = train(state, *batch)
        if type(answer) is not tuple or len(answer) != 2:
            raise ArgumentError(f"fit: the step gives a {type(answer).__name__}, expected a pair (state, logs)")
        state, logs = answer
        totals.add(logs, len(batch[0]))
        if not math.isfinite(totals.last):
            raise _diverged(f"the loss is {totals.last} in step {i + 1} of epoch {number}", last)
        bar.step()
    spoilt = [i for i, x in enumerate(tree.leaves(state)) if not _finite(x)]
    if spoilt and any(_finite(tree.leaves(last.state)[i]) for i in spoilt):
        raise _diverged(f"the state has numbers that are not finite after epoch {number}", last)
    return state, totals.means(f"in epoch {number}", "the data")


def _finite(x: Any) -> bool:
    return bool(np.isfinite(x).all()) if isinstance(x, (np.ndarray, np.floating, float)) else True


def _diverged(what: str, last: Result) -> DivergedError:
    return DivergedError(
        f"fit: {what}; that after epoch {last.epochs} is in error.result.state. Lower the learning rate, clip the "
        "gradients, or look at the data of this epoch",
        last,
    )


def _validate(judge: Any, state: Any, feed: Feed) -> dict[str, float]:
    totals = _Means()
    for batch in feed.batches(1):
        totals.add(judge(state, *batch), len(batch[0]))
    return totals.means("", "the validation data")


class _Compiled:
    """A function of a state and a batch, jitted. Its first call with new shapes is made twice, as the first one runs
    the function itself, which may round otherwise: then a run that resumes would not give the same bits.
    """

    def __init__(self, f: Callable[..., Any], first: Callable[..., None] | None, **options: Any) -> None:
        """`first(f, state, *batch)` is called before anything else."""
        self.f, self.first, self.compiled = f, first, jit(f, **options)
        self.seen: set[Any] = set()

    def __call__(self, state: Any, *batch: Any) -> Any:
        shapes = tuple([(np.shape(x), getattr(x, "dtype", None)) for x in batch])
        if not self.seen and self.first is not None:
            self.first(self.f, state, *batch)
        if shapes not in self.seen:
            self.compiled(_copied(state), *batch)
            self.seen.add(shapes)
        try:
            return self.compiled(state, *batch)
        except IndexError:
            self.f(state, *batch)  # says which label or index it is, as a compiled program cannot
            raise


class _Means:
    """Means of logs over batches, weighted by their lengths."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.count = 0
        self.last = 0.0  # the newest loss

    def add(self, logs: dict[str, Any], count: int) -> None:
        if not isinstance(logs, dict) or "loss" not in logs:
            raise ArgumentError(f'fit: the step logs {logs!r}, expected a dict of numbers with "loss" among them')
        try:
            for name, value in logs.items():
                self.sums[name] = self.sums.get(name, 0.0) + float(value) * count
        except TypeError as error:
            raise ArgumentError(
                f"fit: {name!r} is logged as a {type(value).__name__} of shape {np.shape(value)}, expected one number"
            ) from error
        self.count += count
        self.last = float(logs["loss"])

    def means(self, when: str, what: str) -> dict[str, float]:
        if not self.count:
            raise ArgumentError(
                f"fit: {what} gave no example {when}".rstrip()
                + "; an iterator is used up after one epoch, give a list "
                "of batches, a tuple of arrays or a function of the epoch"
            )
        return {name: total / self.count for name, total in self.sums.items()}


def _judged(
    result: Result, state: Any, logs: dict[str, float], number: int, monitor: str | None, maximize: bool
) -> Result:
    """The result with one more epoch."""
    history = result.history
    if history and history.keys() != logs.keys():
        raise ArgumentError(
            f"fit: epoch {number} logs {', '.join(logs)}, those before {', '.join(history)}; a run goes on with the "
            "metrics and the validation that it began with"
        )
    for name, value in logs.items():
        history.setdefault(name, []).append(value)
    result = result._replace(state=state)
    if monitor is None:
        return result
    if monitor not in history:
        raise ArgumentError(f"fit: monitor={monitor!r} is not among what is logged: {', '.join(history)}")
    seen = history[monitor]
    first = result.best_epoch == 0 and not math.isnan(seen[-1])  # nan is never the best
    better = first or (seen[-1] - seen[result.best_epoch - 1]) * (-1 if maximize else 1) < 0
    return result._replace(best=state, best_epoch=number) if better else result


def _reason(result: Result, number: int, epochs: int, monitor: str | None, patience: int | None, asked: bool) -> str:
    """Why training should end here, before its last epoch."""
    if number == epochs:
        return ""
    if patience is not None and number - result.best_epoch >= patience:
        return f"{monitor} did not get better for {patience} epochs"
    return "a callback asked for it" if asked else ""


def _backend(backend: str | None) -> str:
    if backend is None:
        return "numba" if find_spec("llvmlite") else "numpy"
    if backend not in ("numpy", "numba"):
        raise ArgumentError(
            f'fit: backend={backend!r}, expected "numba" or "numpy": a choice by time may differ by run'
        )
    return backend


def _copied(state: Any) -> Any:
    """The same in other memory, since a step writes into the state that it is given."""
    return tree.map(lambda x: x.copy() if hasattr(x, "copy") else x, state)


def _plain(key: Any) -> Any:
    return None if key is None else [int(word) for word in key]
