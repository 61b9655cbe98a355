"""Containers and leaves: how a tree comes apart, and how it is put together again."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import TreeError

Flatten = Callable[[Any], tuple[Sequence[Any], Any]]
Unflatten = Callable[[Any, list[Any]], Any]


class _Node(NamedTuple):
    """How one container class comes apart: `flatten(x) -> children, aux`, `unflatten(aux, children)`."""

    flatten: Flatten
    unflatten: Unflatten
    keys: Callable[[Any], Iterable[Any]]  # one name a child, for paths


class Structure:
    """The containers of a tree without its leaves: hashable, comparable, prints with `*` for a leaf."""

    __slots__ = ("aux", "children", "kind")

    def __init__(self, kind: type | None, aux: Any, children: tuple[Structure, ...]) -> None:
        self.kind = kind  # None: a leaf
        self.aux = aux
        self.children = children

    @property
    def num_leaves(self) -> int:
        """How many leaves a tree of this structure has."""
        return 1 if self.kind is None else sum(child.num_leaves for child in self.children)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Structure):
            return NotImplemented
        return self.kind is other.kind and self.aux == other.aux and self.children == other.children

    def __hash__(self) -> int:
        return hash((self.kind, self.aux, self.children))

    def __repr__(self) -> str:
        return repr(unflatten(self, [_Star()] * self.num_leaves))


class _Star:
    def __repr__(self) -> str:
        return "*"


LEAF = Structure(None, None, ())


def _children(x: Sequence[Any]) -> tuple[Sequence[Any], None]:
    return x, None


def _positions(x: Sequence[Any]) -> range:
    return range(len(x))


class Keys(tuple[Any, ...]):
    """The sorted keys of a dict that has them in another order: in `order`, which it gets again."""

    order: tuple[Any, ...]


def _sorted_keys(x: dict[Any, Any]) -> tuple[Any, ...]:
    names = tuple(x)
    try:
        ordered = tuple(sorted(names))
    except TypeError as error:
        raise TreeError(f"tree: the keys of a dict must sort, got {list(x)}; use keys of one kind") from error
    if ordered == names:
        return names
    keys = Keys(ordered)
    keys.order = names
    return keys


def _sorted_dict(names: tuple[Any, ...], xs: list[Any]) -> dict[Any, Any]:
    made = dict(zip(names, xs, strict=True))
    return {k: made[k] for k in names.order} if type(names) is Keys else made


def _dict_node(kind: type) -> _Node:
    keys = tuple if kind is OrderedDict else _sorted_keys

    def flatten_dict(x: dict[Any, Any]) -> tuple[Sequence[Any], Any]:
        names = keys(x)
        return [x[k] for k in names], names

    build = _sorted_dict if kind is dict else lambda names, xs: kind(zip(names, xs, strict=True))
    return _Node(flatten_dict, build, keys)


def _namedtuple_node(kind: Any) -> _Node:
    return _Node(_children, lambda _, xs: kind(*xs), lambda x: x._fields)


def _dataclass_node(kind: type) -> _Node:
    names = tuple(f.name for f in dataclasses.fields(kind))

    def rebuild(_: None, xs: Sequence[Any]) -> Any:
        made: Any = object.__new__(kind)  # as copy.copy does: __init__ may demand more than the fields
        for name, x in zip(names, xs, strict=True):
            object.__setattr__(made, name, x)
        return made

    return _Node(lambda x: ([getattr(x, n) for n in names], None), rebuild, lambda x: names)


_NODES: dict[type, _Node] = {
    list: _Node(_children, lambda _, xs: xs, _positions),
    tuple: _Node(_children, lambda _, xs: tuple(xs), _positions),
    dict: _dict_node(dict),
    OrderedDict: _dict_node(OrderedDict),
    type(None): _Node(lambda _: ((), None), lambda _, xs: None, lambda _: ()),
}
_LEAVES: set[type] = {np.ndarray, float, int, complex, bool, str}
_CHANGING: dict[type, Callable[[Any], Any]] = {}  # leaves that can be changed in place: what a tree has instead


def register(kind: type, flatten: Flatten, unflatten: Unflatten) -> None:
    """Make instances of `kind` nodes: `flatten(x) -> children, aux` (aux hashable), `unflatten(aux, children) -> x`.

    >>> import tinygrad_scratch as tg
    >>> class Pair:
    ...     def __init__(self, a, b): self.a, self.b = a, b
    >>> tg.tree.register(Pair, lambda p: ((p.a, p.b), None), lambda _, ab: Pair(*ab))
    >>> tg.tree.leaves([Pair(1, 2), 3])
    [1, 2, 3]
    """
    _NODES[kind] = _Node(flatten, unflatten, lambda x: range(len(flatten(x)[0])))


def changing(kind: type, snapshot: Callable[[Any], Any]) -> None:
    """Have trees take `snapshot(x)` in place of each x of that class, the only leaves that may be changed in place."""
    _CHANGING[kind] = snapshot


def node_of(x: Any) -> _Node | None:
    """How `x` comes apart, or None for a leaf. What is learnt of a class is kept."""
    kind = type(x)
    if kind in _LEAVES:
        return None
    node = _NODES.get(kind)
    if node is not None:
        return node
    if kind in _CHANGING:
        return None
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        _LEAVES.add(kind)
        return None
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        node = _namedtuple_node(kind)
    elif dataclasses.is_dataclass(x):
        node = _dataclass_node(kind)
    else:
        raise _Foreign(kind)
    _NODES[kind] = node
    return node


class _Foreign(Exception):
    """An object that is neither node nor leaf; becomes a TreeError once its path is known."""


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves of `tree`, left to right, and its structure. Raises TreeError for an unregistered class."""
    leaves: list[Any] = []
    try:
        return leaves, _flatten(tree, leaves)
    except _Foreign as error:
        kind = error.args[0]
        path = _path_of_first(kind, tree, ()) or ()
        raise TreeError(
            f"tree: {'/'.join(path) or 'the value itself'} is an object of class {kind.__name__}, which is neither a "
            "number, array nor registered container. Register the class with tg.tree.register, or make it a dataclass."
        ) from None


def _flatten(tree: Any, leaves: list[Any]) -> Structure:
    kind = type(tree)
    node = _NODES.get(kind) or node_of(tree)
    if node is None:
        leaves.append(_CHANGING[kind](tree) if kind in _CHANGING else tree)
        return LEAF
    children, aux = node.flatten(tree)
    parts = []
    for child in children:
        if type(child) in _LEAVES:  # as _flatten would find, without the call
            leaves.append(child)
            parts.append(LEAF)
        else:
            parts.append(_flatten(child, leaves))
    return Structure(kind, aux, tuple(parts))


def _path_of_first(kind: type, tree: Any, path: tuple[str, ...]) -> tuple[str, ...] | None:
    if type(tree) is kind:
        return path
    for key, child in items(tree) or ():
        found = _path_of_first(kind, child, (*path, str(key)))
        if found is not None:
            return found
    return None


def settled(tree: Any) -> Any:
    """`tree` with what `flatten` takes in place of leaves that can be changed; anything else as it is."""
    try:
        node = node_of(tree)
    except _Foreign:
        return tree
    if node is None:
        return _CHANGING[type(tree)](tree) if type(tree) in _CHANGING else tree
    children, aux = node.flatten(tree)
    made = [child if type(child) in _LEAVES else settled(child) for child in children]
    same = all(a is b for a, b in zip(made, children, strict=True))
    return tree if same else node.unflatten(aux, made)


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    """The tree of that structure with these leaves. Raises TreeError if their number differs."""
    rest = iter(leaves)
    try:
        tree = _unflatten(structure, rest)
    except StopIteration:
        raise TreeError(f"tree.unflatten: too few leaves for {structure}, which has {structure.num_leaves}") from None
    if next(rest, LEAF) is not LEAF:
        raise TreeError(f"tree.unflatten: too many leaves for {structure}, which has {structure.num_leaves}")
    return tree


def _unflatten(structure: Structure, rest: Iterator[Any]) -> Any:
    if structure.kind is None:
        return next(rest)
    children = [next(rest) if child is LEAF else _unflatten(child, rest) for child in structure.children]
    return _NODES[structure.kind].unflatten(structure.aux, children)


def is_namedtuple(kind: Any) -> bool:
    """Whether instances of the class come apart as a NamedTuple, not by functions given to `register`."""
    return issubclass(kind, tuple) and hasattr(kind, "_fields") and _NODES[kind].flatten is _children


def children(tree: Any) -> tuple[Sequence[Any], Any]:
    """The children of the outermost container, and what else it takes to rebuild it."""
    return _NODES[type(tree)].flatten(tree)


def items(tree: Any) -> list[tuple[Any, Any]] | None:
    """The keys and children of the outermost container, in the order of `leaves`; None for a leaf."""
    node = node_of(tree)
    return None if node is None else list(zip(node.keys(tree), node.flatten(tree)[0], strict=True))


def build(structure: Structure, children: list[Any]) -> Any:
    """The outermost container of `structure`, from its children."""
    return _NODES[structure.kind].unflatten(structure.aux, children)  # type: ignore[index]


def leaves(tree: Any) -> list[Any]:
    """The leaves of `tree`, left to right."""
    return flatten(tree)[0]


def structure(tree: Any) -> Structure:
    """The structure of `tree`."""
    return flatten(tree)[1]


def map(f: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """The tree of `f(leaf, *leaves at the same place in rest)`. All trees must have one structure."""
    try:
        return _map(f, (tree, *rest))
    except (_Mismatch, _Foreign):
        shared = structure(tree)
        for i, other in enumerate(rest):
            if structure(other) != shared:
                raise TreeError(
                    f"tree.map: tree {i + 1} has structure {structure(other)}, expected that of tree 0, {shared}"
                ) from None
        raise


class _Mismatch(Exception):
    """Trees that should have one structure differ."""


def _map(f: Callable[..., Any], trees: tuple[Any, ...]) -> Any:
    first, rest = trees[0], trees[1:]
    kind = type(first)
    node = _NODES.get(kind) or node_of(first)
    if node is None:
        for other in rest:
            if type(other) not in _LEAVES and node_of(other) is not None:
                raise _Mismatch
        return f(*trees)
    children, aux = node.flatten(first)
    columns = [children]
    for other in rest:
        if type(other) is not kind:
            raise _Mismatch
        others, other_aux = node.flatten(other)
        if len(others) != len(children) or other_aux != aux:
            raise _Mismatch
        columns.append(others)
    return node.unflatten(aux, [_map(f, xs) for xs in zip(*columns, strict=True)])
