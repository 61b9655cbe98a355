"""The structure of a tree as JSON, its *form*, and back. The arrays stand apart, by name.

null, true, 1, "text", 0.5                        themselves; {"float": "nan"}, {"complex": [0.0, 1.0]}
{"array": name}, {"scalar": name}                 an array, and a number of NumPy's
{"list": [form, ...]}, {"tuple": [form, ...]}
{"dict": [[key, form], ...]}, {"OrderedDict": ...}    in the order of the dict
{"object": [class, [[key, form], ...]]}           a NamedTuple, dataclass or registered class
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, DataError

Arrays = dict[str, Any]
Path = tuple[Any, ...]

_SEQUENCES: dict[str, Any] = {"list": list, "tuple": tuple}
_DICTS: dict[str, Any] = {"dict": dict, "OrderedDict": OrderedDict}
_UNSAFE = re.compile(r"[%/\\\x00-\x1f\x7f\ud800-\udfff]")
RESERVED = "__metadata__"  # safetensors has its own use for this name


def name_of(path: Path) -> str:
    """The keys joined by "/"; what could be taken for something else is percent-encoded. No two paths share a name."""
    name = "/".join([_UNSAFE.sub(_encoded, str(key)) for key in path])
    return f"%5F{name[1:]}" if name == RESERVED else name


def _encoded(match: re.Match[str]) -> str:
    return "".join([f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass")])


def describe(x: Any, arrays: Arrays, path: Path = ()) -> Any:
    """The form of a tree. Its arrays are added to `arrays`, by name."""
    kind = type(x)
    if x is None or kind in (bool, int, str) or (kind is float and math.isfinite(x)):
        return x
    if kind is float:
        return {"float": repr(x)}
    if kind is complex:
        return {"complex": [describe(x.real, arrays), describe(x.imag, arrays)]}
    items = list(x.items()) if kind is dict else tree.items(x)  # a dict keeps its order
    if items is None:
        name = name_of(path)
        while name in arrays:  # an OrderedDict may have the keys 1 and "1"
            name += "%"
        arrays[name] = x
        return {"scalar" if isinstance(x, np.generic) else "array": name}
    forms = [[key, describe(child, arrays, (*path, key))] for key, child in items]
    if kind in _SEQUENCES.values():
        return {kind.__name__: [form for _, form in forms]}
    if kind not in _DICTS.values():
        return {"object": [kind.__name__, [[str(key), form] for key, form in forms]]}
    forms = [[key.item() if isinstance(key, np.generic) else key, form] for key, form in forms]
    for key, _ in forms:
        if type(key) not in (str, int, bool):
            raise ArgumentError(
                f"save: the dict at {name_of(path)!r} has the key {key!r}, expected strings or integers as keys"
            )
    return {kind.__name__: forms}


def restore(form: Any, arrays: Arrays, path: Path = ()) -> Any:
    """The tree of a form. Raises ArgumentError if it holds an object of a class."""
    if not isinstance(form, dict):
        return form
    ((kind, content),) = form.items()
    if kind == "array":
        return arrays[content]
    if kind == "scalar":
        return arrays[content][()]
    if kind == "float":
        return float(content)
    if kind == "complex":
        real, imag = [restore(part, arrays) for part in content]
        return complex(real, imag)
    if kind == "object":
        raise ArgumentError(
            f"load: {name_of(path) or 'the tree'} is an object of class {content[0]}, which is not in the file; "
            "give a tree of the same structure as like="
        )
    parts = [(key, restore(part, arrays, (*path, key))) for key, part in _parts(kind, content)]
    return _DICTS[kind](parts) if kind in _DICTS else _SEQUENCES[kind]([part for _, part in parts])


def fill(like: Any, form: Any, arrays: Arrays, file: Any) -> Any:
    """The tree of a form in the containers of `like`. Raises DataError, with the file, where they differ first."""
    examples: Arrays = {}
    wanted = describe(like, examples)
    try:
        return tree.unflatten(tree.structure(like), _fitting(form, arrays, wanted, examples, ()))
    except DataError as error:
        raise DataError(f"load: {file} is another tree: {error}; give a tree of the same structure") from None


def _fitting(form: Any, arrays: Arrays, wanted: Any, examples: Arrays, path: Path) -> list[Any]:
    """The leaves of a form, in the order of `tree.leaves`."""
    found, expected = _outline(form, arrays), _outline(wanted, examples)
    if found != expected:
        place = f"at {name_of(path)!r} " if path else ""
        raise DataError(f"{place}the file has {found}, like= has {expected}")
    if form is None:
        return []
    if not _is_container(form):
        return [restore(form, arrays)]
    ((kind, content),), ((_, other),) = form.items(), wanted.items()
    pairs = zip(_sorted_parts(kind, content), _sorted_parts(kind, other), strict=True)
    return [leaf for (key, a), (_, b) in pairs for leaf in _fitting(a, arrays, b, examples, (*path, key))]


def _outline(form: Any, arrays: Arrays) -> str:
    """What stands at one place, without its parts, as text."""
    if not isinstance(form, dict):
        return "None" if form is None else f"a Python {type(form).__name__}"
    ((kind, content),) = form.items()
    if kind in ("array", "scalar"):
        x = arrays[content]
        return f"an array of {x.dtype.newbyteorder('=')}, shape {x.shape}"
    if not _is_container(form):
        return f"a Python {kind}"
    if kind in _SEQUENCES:
        return f"a {kind} of length {len(content)}"
    title = content[0] if kind == "object" else kind
    return f"a {title} with the keys {[key for key, _ in _sorted_parts(kind, content)]}"


def _is_container(form: Any) -> bool:
    return isinstance(form, dict) and not form.keys() & {"array", "scalar", "float", "complex"}


def _parts(kind: str, content: Any) -> list[tuple[Any, Any]]:
    """The keys and forms of a container."""
    if kind == "object":
        content = content[1]
    return list(enumerate(content)) if kind in _SEQUENCES else [(key, form) for key, form in content]


def _sorted_parts(kind: str, content: Any) -> list[tuple[Any, Any]]:
    """As `_parts`, in the order of `tree.leaves`."""
    parts = _parts(kind, content)
    return sorted(parts, key=lambda part: part[0]) if kind == "dict" else parts
