"""Interpreters and `bind`, the one door through which every operation goes.

A *primitive* says what an operation is; an *interpreter* (a `Trace`) says what to do with it:
record it on a tape, push a tangent along, add a batch axis. A `Traced` value belongs to one
trace and wraps a value of the interpreter below. `bind` hands an operation to the topmost
interpreter among its arguments, which unwraps its own values, computes its part with plain
NumPy and hands the rest down. With no interpreter left, the operation is evaluated.

Levels come from one counter that only grows: a transformation that starts later stands above
those that are already running, so nested transformations are never confused, and threads need
no state of their own: which transformations run is known for those alone that look at the tapes of others.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from . import tree, watch
from .errors import EndedError, IndexingError, LinearAlgebraError, ShapeError, TinygradError, user_line
from .explain import explained

Primitive = Any  # the record in `primitive`, which stands above this module
_levels = itertools.count(1)
NO_ATTRS: dict[str, Any] = {}  # shared by all calls without static arguments; never changed


class Traced:
    """A value seen by an interpreter: `value` from the level below, `trace`, and `note`, what the trace adds to it."""

    __slots__ = ("note", "trace", "value")
    value: Any
    trace: Trace
    note: Any

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the value."""
        return self.value.dtype  # type: ignore[no-any-return]

    def snapshot(self) -> Any:
        """The value as it is now: itself, unless it is of a class whose values can be changed in place."""
        return self


class Trace:
    """A running transformation. Subclasses say what `process` does and how many axes stay hidden."""

    name = "trace"
    hidden = 0  # how many leading axes of a value the user's function does not see
    concrete = True  # whether a value may be shown: it is what the program computes, not an example
    refused: TinygradError | None = None  # the last error for a value that the program asked for

    def __init__(self) -> None:
        self.level = next(_levels)
        self.hook: Callable[[Primitive], Primitive] | None = None  # sees each operation first: NaN watch, end

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """Interpret `prim` on `args`, some of which are values of this trace."""
        raise NotImplementedError

    def require_value(self, x: Traced, asked_by: str) -> Any:
        """The value for control flow (`if`, `int()`), or an error where one Tensor stands for many values."""
        return x.value


def bind(prim: Primitive, *args: Any, **attrs: Any) -> Any:
    """Apply `prim`: by the topmost interpreter among `args`, or on plain arrays."""
    return evaluate(prim, args, attrs)


def evaluate(prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """`bind`, for callers that hold the arguments as a tuple. Names operation and shapes where NumPy refuses them."""
    top = None
    for a in args:
        if isinstance(a, Traced):
            trace = a.trace
            if top is None or trace.level > top.level:
                top = trace
    if top is not None:
        return top.process(prim, args, attrs)
    try:
        return prim.impl(*args, **attrs)
    except TinygradError:
        raise
    except (ValueError, IndexError) as error:
        raise misfit(prim, args, error) from error


def misfit(prim: Primitive, args: tuple[Any, ...], error: Exception) -> TinygradError:
    """The error for arguments that NumPy refused."""
    if isinstance(error, IndexError):
        return IndexingError(f"{prim.name}: {error}{user_line()}")
    if isinstance(error, np.linalg.LinAlgError):
        return LinearAlgebraError(f"{prim.name}: {error}{user_line()}")
    shapes = " and ".join([str(np.shape(a)) for a in args])
    return ShapeError(f"{prim.name}: arguments of shape {shapes} do not fit{user_line()}: {error}")


class _Running(threading.local):
    """The transformations that are running in this thread, the outermost first."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []


_running = _Running()


def running() -> tuple[Trace, ...]:
    """The transformations that are running in this thread, the outermost first."""
    return tuple(_running.traces)


def run(trace: Trace, f: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """The user's function under `trace`, which ends with it; of arrays in its answer that may change, the present."""
    if watch.active:
        trace.hook = watch.Watch()
    _running.traces.append(trace)
    try:
        return tree.settled(f(*args, **kwargs))
    except TinygradError:
        raise
    except (ValueError, TypeError, IndexError) as error:
        if isinstance(error, ValueError) and isinstance(error.__cause__, TinygradError):
            raise error.__cause__ from None  # y[i] = t: NumPy puts a sentence before ours
        if trace.refused and type(error) is TypeError and f", {trace.name})" in str(error):
            raise trace.refused from None  # np.ones(n): NumPy puts a sentence in the place of ours
        told = explained(error)
        if told is None:
            raise
        raise told from error
    finally:
        _running.traces.pop()
        trace.hook = _refuse_ended


def _refuse_ended(prim: Primitive) -> Primitive:
    raise EndedError(
        f"{prim.name}: a Tensor was used after its transformation had ended{user_line()}. A Tensor lives only while "
        "that runs: return it from the function instead of storing it outside, or store tg.stop_gradient(x)."
    )
