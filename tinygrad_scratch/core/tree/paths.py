"""The leaves of a tree by name: their paths, and what belongs to those that a pattern or a prefix means."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from ..errors import ArgumentError, TreeError
from .nodes import Structure, flatten, items, leaves, node_of, unflatten


def paths(tree: Any) -> list[str]:
    """One name a leaf, the keys that lead to it joined by "/", in the order of `leaves`.

    >>> import tinygrad_scratch as tg
    >>> tg.tree.paths({"encoder": [1, 2], "bias": 3})
    ['bias', 'encoder/0', 'encoder/1']
    """
    named = items(tree)
    if named is None:
        return [""]
    return [f"{key}/{path}" if path else str(key) for key, child in named for path in paths(child)]


def match(tree: Any, pattern: str) -> Any:
    """A tree of bools: whether the path of the leaf (see `paths`) fits the pattern.

    Between slashes `*` stands for any characters, `?` for one, `[ab]` for one of these; `**` stands for any number of
    keys, none as well. Raises ArgumentError, which lists the paths, if no leaf of the tree fits.

    >>> import tinygrad_scratch as tg
    >>> tg.tree.match({"encoder": [{"w": 1, "b": 2}], "w": 3}, "**/w")
    {'encoder': [{'w': True, 'b': False}], 'w': True}
    """
    if not isinstance(pattern, str):
        raise ArgumentError(f'tree.match: pattern={pattern!r}, expected a string such as "encoder/**"')
    structure = flatten(tree)[1]
    return unflatten(structure, _matches(structure, pattern))


@lru_cache
def _matches(structure: Structure, pattern: str) -> list[bool]:
    names = paths(unflatten(structure, range(structure.num_leaves)))
    found = [_fits(name.split("/"), pattern.split("/")) for name in names]
    if names and not any(found):
        raise ArgumentError(f"tree.match: {pattern!r} fits none of the paths of the tree, which are {', '.join(names)}")
    return found


def _fits(keys: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not keys
    if pattern[0] == "**":
        return any(_fits(keys[i:], pattern[1:]) for i in range(len(keys) + 1))
    return bool(keys) and fnmatchcase(keys[0], pattern[0]) and _fits(keys[1:], pattern[1:])


def broadcast(prefix: Any, tree: Any, what: str) -> list[Any]:
    """One value of `prefix` a leaf of `tree`: `prefix` is like `tree`, cut off at any height by a leaf or None."""
    if prefix is None or node_of(prefix) is None:
        return [prefix] * len(leaves(tree))
    node = node_of(tree)
    if node is None or type(prefix) is not type(tree):
        raise TreeError(f"{what}: {prefix!r} does not fit a {type(tree).__name__}; give one value, or a tree like it")
    parts, part_keys = node.flatten(prefix)
    children, keys = node.flatten(tree)
    if len(parts) != len(children) or part_keys != keys:
        raise TreeError(
            f"{what}: {prefix!r} has {len(parts)} entries, expected {len(children)}, one an entry of the value"
        )
    pairs = zip(parts, children, strict=True)
    return [x for part, child in pairs for x in broadcast(part, child, what)]
