"""What a function captures: the arrays and numbers that it reads from around it instead of from its arguments.

They are constants of the recorded program. So that it is never used when one of them has been replaced, each is
watched: a cell of a closure, or a global name, that held it. An array that is changed in place is not noticed.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

Guard = tuple[Any, Any, Any]  # container, key (None: a cell), the object that must be there

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_VALUES = (np.ndarray, np.generic, bool, int, float, str, type(None), tuple)


def captured(f: Callable[..., Any]) -> list[Guard]:
    """The guards of `f` and of the functions that it captures."""
    guards: dict[tuple[int, Any], Guard] = {}
    for container, key, value in _reached(f, set()):
        guards[id(container), key] = (container, key, value)
    return list(guards.values())


def _reached(f: Any, seen: set[int]) -> Iterator[Guard]:
    if id(f) in seen:
        return
    seen.add(id(f))
    if isinstance(f, functools.partial):
        for part in (f.func, *f.args, *f.keywords.values()):
            yield from _reached(part, seen)
    elif isinstance(f, MethodType):
        yield from _attributes(f.__self__, seen)
        yield from _reached(f.__func__, seen)
    elif isinstance(f, FunctionType):
        yield from _of_function(f, seen)
    elif isinstance(getattr(f, "__wrapped__", None), FunctionType):
        yield from _reached(f.__wrapped__, seen)
    elif callable(f) and not isinstance(f, type):
        yield from _attributes(f, seen)


def _of_function(f: FunctionType, seen: set[int]) -> Iterator[Guard]:
    ours = f.__code__.co_filename.startswith(_PACKAGE)  # whose closures never change
    for cell in f.__closure__ or ():
        for guard in _place(cell, None, _content(cell), seen):
            if not ours or guard[0] is not cell:
                yield guard
    if not ours:
        for name in _names(f.__code__):
            if name in f.__globals__:
                yield from _place(f.__globals__, name, f.__globals__[name], seen)


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function and those defined in it may read from the module."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _attributes(x: Any, seen: set[int]) -> Iterator[Guard]:
    """The values that an object holds, such as the weights of a model whose method is compiled."""
    if id(x) not in seen and type(x).__module__.partition(".")[0] not in ("numpy", "builtins"):
        seen.add(id(x))
        for name, value in getattr(x, "__dict__", {}).items():
            yield from _place(x.__dict__, name, value, seen)


def _place(container: Any, key: Any, value: Any, seen: set[int]) -> Iterator[Guard]:
    if isinstance(value, _VALUES):
        yield container, key, value
    elif isinstance(value, dict) and not (isinstance(container, dict) and str(key).startswith("__")):
        yield container, key, value
        if len(value) < 100 and id(value) not in seen:
            seen.add(id(value))
            for k, v in list(value.items()):
                yield from _place(value, k, v, seen)
    elif isinstance(value, (FunctionType, functools.partial, MethodType)) or hasattr(value, "__wrapped__"):
        yield container, key, value
        yield from _reached(value, seen)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet assigned
        return _UNSET


class _Unset:
    pass


_UNSET = _Unset()
