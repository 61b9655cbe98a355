"""The functions that a written program calls, as text, with the imports, numbers and helpers that they need."""

from __future__ import annotations

import ast
import inspect
import math
import sys
import textwrap
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from .literals import dtype_text

OURS = __name__.partition(".")[0]
IMPORTED = {*sys.stdlib_module_names, "numpy", "scipy"} - {"__main__"}  # what a program may import


class Unwritable(Exception):
    """Why a function has no text that stands alone."""


class Listing:
    """Functions that call each other, in an order of definition."""

    def __init__(self) -> None:
        self.imports = {"import numpy as np"}
        self.values: dict[str, str] = {}  # numbers of modules
        self.functions: dict[str, str] = {}
        self._known: dict[str, Any] = {"np": np}

    @property
    def names(self) -> set[str]:
        """All names that it defines."""
        return set(self._known)

    def lines(self) -> Iterator[str]:
        """The head of the program."""
        yield from sorted(self.imports, key=lambda line: (line.startswith("from"), line))
        if self.values:
            yield from ("", *[f"{name} = {text}" for name, text in self.values.items()])
        for text in self.functions.values():
            yield from ("", "", *text.splitlines())

    def add(self, f: Any) -> str:
        """Enter a function, and give its name; raises Unwritable."""
        name = getattr(f, "__name__", "")
        if not name.isidentifier():
            raise Unwritable("it is no function with a name" if name != "<lambda>" else "it is a lambda")
        self._value(name, f)
        return name

    def _value(self, name: str, x: Any) -> None:
        """Enter what stands for a name of a module."""
        if self._known.setdefault(name, x) is not x:
            raise Unwritable(f"two different things in it are called {name}")
        if name in self.values or name in self.functions or x is np:
            return
        module, own_name = getattr(x, "__module__", None) or "", getattr(x, "__name__", name)
        renamed = f" as {name}" if own_name != name else ""
        if isinstance(x, ModuleType):
            if own_name.partition(".")[0] == OURS:
                raise Unwritable(f"it uses the module {own_name}")
            self.imports.add(f"import {own_name}{renamed}")
        elif type(x) in (bool, int, float, str, tuple):
            self.values[name] = value_text(x)
        elif module.partition(".")[0] in IMPORTED and getattr(sys.modules[module], own_name, None) is x:
            self.imports.add(f"from {module} import {own_name}{renamed}")
        elif isinstance(x, FunctionType):
            self._function(x)
        else:
            raise Unwritable(f"it uses {name}, a {type(x).__name__}")

    def _function(self, f: FunctionType) -> None:
        if f.__code__.co_freevars:
            raise Unwritable(f"{f.__name__} uses names from a function around it: {', '.join(f.__code__.co_freevars)}")
        if hasattr(f, "__wrapped__"):
            raise Unwritable(f"{f.__name__} is decorated")
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(f))).body
        except (OSError, SyntaxError, ValueError) as error:
            raise Unwritable(f"the text of {f.__name__} cannot be found") from error
        if not isinstance(tree, ast.FunctionDef):
            raise Unwritable(f"{f.__name__} is a lambda")
        tree = _Bare().visit(tree)
        self.functions[f.__name__] = ""  # it may call itself
        for name in dict.fromkeys(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)):
            if name in f.__globals__ and name not in f.__code__.co_varnames:
                self._value(name, f.__globals__[name])
        del self.functions[f.__name__]
        self.functions[f.__name__] = ast.unparse(tree)


class _Bare(ast.NodeTransformer):
    """Takes off annotations, which name types that are not there, and decorators."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list, node.returns = [], None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        made = ast.Assign([node.target], node.value, lineno=node.lineno) if node.value else None
        return made and self.generic_visit(made)


def value_text(x: Any) -> str:
    """A static value as Python text; raises Unwritable."""
    if isinstance(x, tuple):
        return f"({', '.join(map(value_text, x))}{',' if len(x) == 1 else ''})"
    if isinstance(x, float) and not math.isfinite(x):
        return f"float('{x}')"
    if isinstance(x, np.dtype):
        return dtype_text(x)
    if isinstance(x, np.integer):
        return repr(int(x))
    if x is None or type(x) in (bool, int, float, str, slice):
        return repr(x)
    raise Unwritable(f"it is given a {type(x).__name__} that has no text")
