"""What a function captures: the arrays and numbers that it reads from around it instead of from its arguments.

They are constants of the recorded program. So that it is never used when one of them has been replaced, each place is
watched that held one: a cell of a closure, a global name, an item of a list or dict, an attribute. An array that is
changed in place is not noticed.
"""

from __future__ import annotations

import functools
import operator
import os
import sys
from collections.abc import Callable, Sequence
from types import CellType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

Guard = tuple[Any, Any, Any]  # container, key, the object that must be there
CELL = object()  # the key where the container is a cell of a closure

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NUMBERS = (np.ndarray, np.generic, bool, int, float, complex, str, type(None))
_VALUES = (*_NUMBERS, tuple)
_CALLED = (
    "__call__",
    "__matmul__",
    "__add__",
    "__mul__",
    "__getitem__",
    "__iter__",
)  # methods that have no name in code
_SETTINGS = {"__main__", "types", "argparse"}  # modules with classes that only hold values: SimpleNamespace, Namespace
MANY = 100  # items of a list or dict that are looked into


class Watch:
    """Something to check that is not in one place: stands for itself as long as `holds()`."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self.holds = holds

    def get(self, key: Any) -> Any:
        return self if self.holds() else None


class _Attributes:
    """The attributes of an object that are not in its `__dict__`: of its class, or in slots."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def get(self, key: str) -> Any:
        return getattr(self.x, key, None)


def captured(f: Callable[..., Any], static: Sequence[Any] = ()) -> list[Guard]:
    """The guards of `f`, of the functions and objects that it captures, and of the values of its static arguments."""
    search = _Search()
    search.todo = [(f, frozenset()), *[(x, frozenset()) for x in static]]
    while search.todo:
        search.inside(*search.todo.pop())
    return list(search.guards.values())


class _Search:
    """Goes through everything that a function reaches; `todo` has what is to be looked into, with the names that the
    code which has it mentions.
    """

    def __init__(self) -> None:
        self.guards: dict[tuple[int, Any], Guard] = {}
        self.seen: set[Any] = set()
        self.todo: list[tuple[Any, frozenset[str]]] = []

    def new(self, what: Any) -> bool:
        """Whether something has not been looked at yet."""
        return what not in self.seen and not self.seen.add(what)  # type: ignore[func-returns-value]

    def place(self, container: Any, key: Any, value: Any, names: frozenset[str]) -> None:
        """What is in a place, and inside of that; modules and classes stay where they are."""
        if not isinstance(value, (type, ModuleType)):
            self.guards[id(container), key] = (container, key, value)
        self.todo.append((value, names))

    def watch(self, holds: Callable[[], bool]) -> None:
        watch = Watch(holds)
        self.guards[id(watch), None] = (watch, "", watch)

    def inside(self, x: Any, names: frozenset[str]) -> None:
        """What may be exchanged inside of a value: items, attributes, and what functions read in their turn."""
        if isinstance(x, _NUMBERS):
            return
        if isinstance(x, (ModuleType, type)):
            self.namespace(x, names)
        elif not self.new(id(x)):
            return
        elif isinstance(x, FunctionType):
            self.function(x)
        elif isinstance(x, functools.partial):
            self.todo += [(part, frozenset()) for part in (x.func, *x.args, *x.keywords.values())]
        elif isinstance(x, MethodType):
            self.todo += [(x.__func__, frozenset()), (x.__self__, _names(x.__func__))]
        elif isinstance(x, (staticmethod, classmethod)):
            self.todo.append((x.__func__, names))
        elif hasattr(x, "__wrapped__"):
            self.todo += [(getattr(x, part, None), frozenset()) for part in ("__wrapped__", "fwd", "bwd")]
        elif isinstance(x, dict):
            if len(x) < MANY:
                self.watch(functools.partial(_has_keys, x, [*x]))
                for k, v in list(x.items()):
                    self.place(x, k, v, names)
        elif isinstance(x, (list, tuple)):
            if isinstance(x, list):
                self.watch(functools.partial(_has_items, x, [*x]))
            self.todo += [(item, names) for item in x[:MANY]]
        else:
            self.attributes(x, names)

    def function(self, f: FunctionType) -> None:
        ours = f.__code__.co_filename.startswith(_PACKAGE)  # whose closures never change
        names = _names(f)
        for cell in f.__closure__ or ():
            if ours:
                self.todo.append((_content(cell), names))
            else:
                self.place(cell, CELL, _content(cell), names)
        self.todo += [(x, names) for x in (*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values())]
        if not ours:
            for name in names & f.__globals__.keys():
                self.place(f.__globals__, name, f.__globals__[name], names)

    def namespace(self, x: Any, names: frozenset[str]) -> None:
        """Of a module or class, what is mentioned."""
        if not _foreign(x.__name__ if isinstance(x, ModuleType) else x.__module__):
            for name in names & vars(x).keys():
                if self.new((id(x), name)):
                    self.place(vars(x), name, vars(x)[name], names)

    def attributes(self, x: Any, names: frozenset[str]) -> None:
        """The values that an object holds, such as the weights of a model whose method is compiled, and what those of
        its methods read that may be called.
        """
        kind = type(x)
        if _foreign(kind.__module__):
            return
        own = getattr(x, "__dict__", {})
        for name, value in list(own.items()):
            self.place(own, name, value, names)
        rest = _Attributes(x)
        for base in kind.__mro__[:-1]:
            for name, value in list(vars(base).items()):
                if isinstance(value, MemberDescriptorType) and hasattr(x, name):
                    self.place(rest, name, getattr(x, name), names)
                elif isinstance(value, (FunctionType, staticmethod, classmethod, property)):
                    if name in names or name in _CALLED:
                        self.todo.append((value.fget if isinstance(value, property) else value, names))
                elif isinstance(value, _VALUES) and not name.startswith("__") and name not in own:
                    self.place(rest, name, getattr(x, name, None), names)


def _has_keys(x: dict[Any, Any], keys: list[Any]) -> bool:
    return [*x] == keys


def _has_items(x: list[Any], items: list[Any]) -> bool:
    return len(x) == len(items) and all(map(operator.is_, x, items))


def _names(f: Any) -> frozenset[str]:
    """The names that a function and those defined in it may read from the module, and as attributes."""
    return _names_in(getattr(f, "__code__", None))


@functools.lru_cache(1 << 12)
def _names_in(code: CodeType | None) -> frozenset[str]:
    names: set[str] = set()
    todo: list[Any] = [code]
    while todo:
        code = todo.pop()
        if isinstance(code, CodeType):
            names.update(code.co_names)
            todo += code.co_consts
    return frozenset(names)


@functools.cache
def _foreign(module: str | None) -> bool:
    """Whether a class or module is of a library, whose attributes nobody exchanges."""
    package = (module or "").partition(".")[0]
    return package in ("numpy", "scipy", "tinygrad_scratch") or package in sys.stdlib_module_names - _SETTINGS


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet assigned
        return _UNSET


class _Unset:
    pass


_UNSET = _Unset()
