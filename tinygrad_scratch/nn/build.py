"""A net from its name: `build(repr(net))` is `net` again, so that a file can hold a net without any code in it.

>>> import tinygrad_scratch as tg
>>> net = tg.nn.serial(tg.nn.conv2d(8, (3, 3), padding="same"), tg.nn.relu, tg.nn.dropout(0.5))
>>> tg.nn.build(repr(net))
serial(conv2d(8, (3, 3), padding='same'), relu, dropout(0.5))
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, TinygradError
from . import functional, initializers
from .layer import CONSTRUCTORS, Layer, activation


def build(text: str, names: Mapping[str, Any] | None = None) -> Layer:
    """The net that `text`, a call of functions of `tg.nn` on numbers, strings and functions, makes.

    `names`: what names mean besides those of `tg.nn` and NumPy's ufuncs, for functions of one's own. Nothing else is
    run. Raises ArgumentError for a text that is no net, or a name that stands for nothing.
    """
    if not isinstance(text, str):
        raise ArgumentError(f"build: got a {type(text).__name__}, expected a text such as 'serial(dense(8), relu)'")
    try:
        made = _value(ast.parse(text, mode="eval").body, names or {})
    except TinygradError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # NUL, or too deep for the parser
        raise ArgumentError(
            f"build: {text!r} is no expression, expected one such as 'serial(dense(8), relu)'"
        ) from error
    if not callable(made):
        raise ArgumentError(f"build: {text!r} makes no layer, expected an expression such as 'serial(dense(8), relu)'")
    return made if isinstance(made, Layer) else activation(made)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Tuple() | ast.List():
            return tuple([_value(part, names) for part in node.elts])
        case ast.Name():
            return _named(node.id, names)
        case ast.Call(func=ast.Name(id=name)):
            keys = [keyword.arg for keyword in node.keywords]
            if None not in keys and len(set(keys)) == len(keys):
                keywords = {str(keyword.arg): _value(keyword.value, names) for keyword in node.keywords}
                return _called(node, _named(name, names), [_value(part, names) for part in node.args], keywords)
            raise ArgumentError(f"build: {ast.unparse(node)!r} has ** or a keyword twice, expected each keyword once")
    raise ArgumentError(f"build: {ast.unparse(node)!r} is neither a layer, a name, a number nor a string")


def _called(node: ast.expr, f: Any, args: list[Any], keywords: dict[str, Any]) -> Any:
    try:
        return f(*args, **keywords)
    except TinygradError:
        raise
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"build: {ast.unparse(node)!r} cannot be called so ({error})") from error


def _named(name: str, names: Mapping[str, Any]) -> Any:
    """What a name stands for: a layer, where a function has the same."""
    for known in (names, CONSTRUCTORS, _public(functional), _public(initializers)):
        if name in known:
            return known[name]
    if isinstance(found := getattr(np, name, None), np.ufunc):
        return found
    raise ArgumentError(f"build: {name!r} is no layer or function of tg.nn; pass names={{{name!r}: ...}} for your own")


def _public(module: Any) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.__all__}
