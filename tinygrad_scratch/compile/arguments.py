"""The arguments of a jitted function: what is static, what may be recorded, and how errors name it."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, DtypeError, user_line
from .weak import NUMBERS


def orders(structure: tree.Structure) -> Iterator[Any]:
    """The order of the keys of each dict in which they are not sorted, which f may see."""
    if type(structure.aux) is tree.Keys:
        yield structure.aux.order
    for child in structure.children:
        yield from orders(child)


def kind_of(x: Any, i: int, structure: tree.Structure, named: Iterable[str], what: str = "jit") -> Any:
    """What of a leaf a program is made for: shape and dtype, or the class of a Python number. DtypeError for others."""
    if type(x) in NUMBERS:
        return type(x)
    plain = not isinstance(x, np.ndarray) or type(x) in (np.ndarray, np.memmap)
    if plain and hasattr(x, "shape") and hasattr(x, "dtype") and x.dtype.kind in "biufc":
        return x.shape, x.dtype
    args, kwargs = tree.unflatten(structure, range(structure.num_leaves))
    path = tree.paths([*args, dict(zip(named, kwargs, strict=True))])[i].removeprefix(f"{len(args)}/")
    kind = type(x).__name__ if not hasattr(x, "dtype") or not plain else f"an array of {x.dtype}"
    what_to_do = (
        "Name it in static_argnums if the program is to be made for its value"
        if plain
        else "Pass np.asarray of it: what its class does beyond an array is not compiled"
    )
    raise DtypeError(f"{what}: argument {path!r} is {kind}{user_line()}, expected arrays and numbers. {what_to_do}")


def static_arguments(f: Any, argnums: Any, argnames: Any) -> tuple[frozenset[str], tuple[int, ...]]:
    """Static arguments by name and by number, each completed from the function's signature."""
    numbers = set(places(f, "static_argnums", argnums))
    names = {argnames} if isinstance(argnames, str) else set(argnames)
    if not all(isinstance(name, str) for name in names):
        raise ArgumentError(f"jit: static_argnames={argnames!r}, expected a name or a sequence of names")
    given = parameters(f)
    open_ended = not given or any(p.kind is p.VAR_KEYWORD for p in given)
    known = {p.name for p in given}
    if not open_ended and names - known:
        raise ArgumentError(f"jit: {name_of(f)} has no argument {sorted(names - known)[0]!r}, named in static_argnames")
    positional = [p.name for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names |= {positional[i] for i in numbers if i < len(positional)}
    numbers |= {i for i, name in enumerate(positional) if name in names}
    return frozenset(names), tuple(sorted(numbers))


def places(f: Any, what: str, argnums: Any) -> tuple[int, ...]:
    """The numbers of arguments, checked against the parameters of f."""
    try:
        many: Iterable[Any] = (argnums,) if hasattr(argnums, "__index__") else argnums
        numbers = tuple([operator.index(i) for i in many])
    except TypeError:
        raise ArgumentError(f"jit: {what}={argnums!r}, expected an integer or a sequence of integers") from None
    if any(i < 0 for i in numbers):
        raise ArgumentError(f"jit: {what}={argnums!r}, expected places counted from the front: 0, 1 ...")
    given = parameters(f)
    count = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in given)
    if given and not any(p.kind is p.VAR_POSITIONAL for p in given) and any(i >= count for i in numbers):
        raise ArgumentError(f"jit: {what}={argnums!r}, but {name_of(f)} has {count} positional arguments")
    return numbers


def parameters(f: Any) -> list[inspect.Parameter]:
    """The parameters of f; none where they cannot be found, as for some built-in functions."""
    try:
        return list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return []


def name_of(f: Any) -> str:
    """How errors call f."""
    return getattr(f, "__name__", type(f).__name__)


def defined_at(f: Any) -> str:
    """Where f is defined, if that is known."""
    code = getattr(getattr(f, "__wrapped__", f), "__code__", None)
    return f" (defined at {code.co_filename.rpartition('/')[2]}:{code.co_firstlineno})" if code else ""
