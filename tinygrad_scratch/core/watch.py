"""NaN watch: while it is on, the first operation that gives NaN or infinity is reported where it happens."""

from __future__ import annotations

import contextvars
import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from .errors import NanError, user_line

active = 0  # how many watches are on, in all threads
CHAIN = 4  # operations told of those that led to a bad value
_lock = threading.Lock()
_mine: contextvars.ContextVar[str] = contextvars.ContextVar("watching", default="")  # what is looked for


@contextmanager
def debug_nans(infs: bool = True) -> Iterator[None]:
    """Context manager: raise NanError at the first operation, forward or backward, that gives NaN or (with `infs`)
    infinity from finite arguments.

    It sees the operations of transformations (grad, jvp, vmap, jit ...) that start inside it, in this thread; compiled
    functions run operation by operation. The error names the operation, the user's line, the arguments, and the
    operations that made them. In the backward pass, the line is that of the operation whose derivative is taken.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> with tg.debug_nans(), np.errstate(all="ignore"):
    ...     tg.grad(lambda x: np.log(np.cos(x) - 1))(0.0)
    Traceback (most recent call last):
        ...
    tinygrad_scratch.core.errors.NanError: log: the answer is NaN or infinite ...; computed from 0.
      0. is of subtract ...; computed from 1. and 1
      1. is of cos ...; computed from 0.
    """
    global active
    token = _mine.set("NaN or infinite" if infs else "NaN")
    with _lock:
        active += 1
    try:
        yield
    finally:
        with _lock:
            active -= 1
        _mine.reset(token)


def watching() -> bool:
    """Whether this thread watches."""
    return active > 0 and bool(_mine.get())


class Made(NamedTuple):
    """A value, the operation and line that made it, and what of."""

    value: Any
    by: str
    args: list[Any]


class Watch:
    """Sees the operations of one transformation; called with a primitive, it gives one that looks at what it does."""

    def __init__(self) -> None:
        self.made: dict[int, Made] = {}

    def __call__(self, prim: Any) -> Any:
        """`prim` with a look at what it and each of its rules gives; itself if this thread does not watch."""
        if not watching():
            return prim
        line = user_line()

        def checked(rule: Any, what: str, looked_at: Callable[[Any], Any] = lambda ans: ans) -> Any:
            def check(*args: Any, **attrs: Any) -> Any:
                made = rule(*args, **attrs)
                self.look([looked_at(made)], args, prim.name, what, line)
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

    def look(self, answers: list[Any], args: Any, name: str, what: str, line: str) -> None:
        """Remember what was made, or raise NanError."""
        found, of = _arrays(answers), _arrays(args)
        sought = _mine.get()
        if any(_holds(np.isnan, x) for x in found) or (
            sought != "NaN" and any(_holds(np.isinf, x) for x in found) and not any(_holds(np.isinf, x) for x in of)
        ):
            raise NanError(f"{name}: {what} is {sought}{line}; computed from {_shown(of)}{self.chain(of)}")
        by = f"{name}{line}" if what == "the answer" else f"{name}, {what}{line}"
        self.made.update({id(x): Made(x, by, of) for x in found if id(x) not in self.made})

    def chain(self, args: list[Any]) -> str:
        """The operations that led to the arguments, the last ones first."""
        lines: list[str] = []
        told: set[int] = set()
        while args and len(lines) < CHAIN:
            x, *args = args
            if id(x) in self.made and id(x) not in told:
                told.add(id(x))
                _, by, of = self.made[id(x)]
                lines.append(f"\n  {_shown([x])} is of {by}; computed from {_shown(of)}")
                args = [*args, *of]
        return "".join(lines)


def _shown(xs: list[Any]) -> str:
    return " and ".join([np.array2string(np.asarray(x), threshold=6, edgeitems=2) for x in xs])


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
