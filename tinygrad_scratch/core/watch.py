"""NaN watch: while it is on, the first operation that gives NaN or infinity is reported where it happens."""

from __future__ import annotations

import contextvars
import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .errors import NanError, user_line

active = 0  # how many watches are on, in all threads
_lock = threading.Lock()
_mine: contextvars.ContextVar[bool] = contextvars.ContextVar("watching", default=False)


@contextmanager
def debug_nans() -> Iterator[None]:
    """Context manager: raise NanError at the first operation, forward or backward, that gives NaN, or
    infinity from finite arguments.

    It sees the operations of transformations (grad, jvp, vmap ...) that start inside it, in this thread. The error
    names the operation, the user's line and the arguments.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> with tg.debug_nans(), np.errstate(all="ignore"):
    ...     tg.grad(lambda x: np.sqrt(x - 1))(1.0)
    Traceback (most recent call last):
        ...
    tinygrad_scratch.core.errors.NanError: sqrt: its derivative in the backward pass is NaN or infinite ...
    """
    global active
    token = _mine.set(True)
    with _lock:
        active += 1
    try:
        yield
    finally:
        with _lock:
            active -= 1
        _mine.reset(token)


def watched(prim: Any) -> Any:
    """`prim` with a look at what it and each of its rules gives; itself if this thread does not watch."""
    if not _mine.get():
        return prim
    line = user_line()

    def checked(rule: Any, what: str, looked_at: Any = lambda ans: ans) -> Any:
        def check(*args: Any, **attrs: Any) -> Any:
            made = rule(*args, **attrs)
            ans = looked_at(made)
            answers = _arrays([ans])
            if any(_holds(np.isnan, x) for x in answers) or (
                any(_holds(np.isinf, x) for x in answers) and not any(_holds(np.isinf, x) for x in _arrays(args))
            ):
                shown = ", ".join([np.array2string(np.asarray(a), threshold=6, edgeitems=2) for a in _arrays(args)])
                raise NanError(f"{prim.name}: {what} is NaN or infinite{line}; computed from {shown}")
            return made

        return check

    made = copy.copy(prim)
    made.adds = None  # the rule is looked at instead
    made.impl = checked(prim.impl, "the answer")
    if prim.batch is not None:
        made.batch = checked(prim.batch, "the answer")
    if prim.jvp is not None:
        made.jvp = checked(prim.jvp, "its tangent")
    backward = "its derivative in the backward pass"
    if prim.pullback is not None:
        forward = checked(prim.pullback, "the answer", lambda made: made[0])

        def pullback(*args: Any, **attrs: Any) -> Any:
            answers, back = forward(*args, **attrs)
            return answers, checked(back, backward)

        made.pullback = pullback
    if prim.pushforward is not None:
        made.pushforward = checked(prim.pushforward, "the answer or its tangent")
    if isinstance(prim.vjps, list):
        made.vjps = [rule and checked(rule, backward) for rule in prim.vjps]
    else:
        made.vjps = type(prim.vjps)(checked(prim.vjps.rule, backward))
    return made


def _arrays(xs: Any) -> list[Any]:
    """The plain arrays and numbers among `xs` and the tuples and lists in it."""
    found = []
    for x in xs:
        if isinstance(x, (tuple, list)):
            found += _arrays(x)
        elif isinstance(x, (np.ndarray, np.generic, float, int, complex)) and not isinstance(x, (bool, np.bool_)):
            found.append(x)
    return found


def _holds(test: Any, x: Any) -> bool:
    return np.asarray(x).dtype.kind in "fc" and bool(np.any(test(x)))
