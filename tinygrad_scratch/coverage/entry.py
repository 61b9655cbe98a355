"""An entry of the table: a function by name, and calls of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from ..core.errors import ArgumentError

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Call(NamedTuple):
    """One call, `function(*args, **kwargs)`; float and complex arrays in these trees are what is differentiated."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = NOTHING


class Entry(NamedTuple):
    """What a function is checked on.

    calls      a strategy of Call, away from kinks; float64 arrays
    complex    a strategy of Call with complex arrays; None: `calls`, with an imaginary part added to each float array
    reference  the name of the function that says what is right; "": the function itself, on plain arrays
    without    columns that do not apply, each with its reason in one line
    seen       `seen(f)` is checked in place of the function f, where f is defined on some arrays alone (Hermitian
               matrices) or has an answer that is not determined (a vector up to a factor)
    """

    calls: Any
    complex: Any = None
    reference: str = ""
    without: Mapping[str, str] = NOTHING
    seen: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda f: f


def calls(*args: Any, **kwargs: Any) -> Any:
    """A strategy of Call from strategies (or plain values) of its arguments."""
    positional = st.tuples(*[_drawn(a) for a in args])
    named = st.fixed_dictionaries({name: _drawn(value) for name, value in kwargs.items()})
    return st.builds(Call, positional, named)


def listed(*parts: Any) -> Any:
    """A strategy of lists of what these strategies (or plain values) give."""
    return st.tuples(*[_drawn(part) for part in parts]).map(list)


def _drawn(value: Any) -> Any:
    return value if isinstance(value, st.SearchStrategy) else st.just(value)


def mapped(f: Callable[[Any], Any], tree: Any) -> Any:
    """`f` of each leaf of a call, or of a part of it; functions, slices and dtypes are leaves as well."""
    if isinstance(tree, Call):
        return Call(mapped(f, tuple(tree.args)), mapped(f, dict(tree.kwargs)))
    if isinstance(tree, dict):
        return {name: mapped(f, part) for name, part in tree.items()}
    return type(tree)([mapped(f, part) for part in tree]) if isinstance(tree, (list, tuple)) else f(tree)


def made_complex(call: Call) -> Any:
    """The call with an imaginary part added to each float array."""

    def with_imaginary_part(x: Any) -> Any:
        if x is float or x is np.float64:  # the dtype that a call asks for
            return complex
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            return x
        return np.asarray(x + (0.5j * np.roll(x, 1) if x.ndim else 0.3j))

    return mapped(with_imaginary_part, call)


def find(name: str) -> Callable[..., Any]:
    """The function of that dotted name, such as "numpy.linalg.solve"."""
    parts = name.split(".")
    for k in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:k]))
        except ModuleNotFoundError:
            continue
        for part in parts[k:]:
            found = getattr(found, part)
        return found  # type: ignore[no-any-return]
    raise ArgumentError(f"coverage: there is no module for {name!r}")
