"""Trees: taken apart and put together again, and what is refused."""

import dataclasses
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg


class Point(NamedTuple):
    x: Any
    y: Any


@dataclasses.dataclass(frozen=True)
class Weights:
    w: Any
    b: Any = dataclasses.field(default=0.0, kw_only=True)


leaves = st.one_of(
    st.integers(), st.floats(allow_nan=False), st.booleans(), st.just(np.float32(1)), st.text(max_size=3)
)
trees = st.recursive(
    leaves | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.builds(Point, inner, inner)
        | st.builds(Weights, inner, b=inner)
        | st.lists(st.tuples(st.integers(), inner), max_size=2).map(OrderedDict)
    ),
    max_leaves=12,
)


@given(trees)
def test_unflatten_undoes_flatten(tree: Any) -> None:
    found, structure = tg.tree.flatten(tree)
    assert tg.tree.unflatten(structure, found) == tree
    assert structure == tg.tree.structure(tree)
    assert hash(structure) == hash(tg.tree.structure(tree))
    assert structure.num_leaves == len(found) == len(tg.tree.paths(tree))
    assert tg.tree.map(lambda x: x, tree) == tree


def test_dicts_sort_by_key_whatever_their_order() -> None:
    assert tg.tree.leaves({"b": 1, "a": 2}) == [2, 1]
    assert tg.tree.structure({"b": 1, "a": 2}) == tg.tree.structure({"a": 1, "b": 2})
    assert tg.tree.structure({"a": 1}) != tg.tree.structure({"b": 1})
    assert tg.tree.structure([1]) != tg.tree.structure((1,))


def test_paths_name_the_leaves() -> None:
    tree = {"encoder": [1, (2, None)], "point": Point(3, Weights(4, b=5))}
    assert tg.tree.paths(tree) == ["encoder/0", "encoder/1/0", "point/x", "point/y/w", "point/y/b"]
    assert repr(tg.tree.structure(tree)).startswith("{'encoder': [*, (*, None)]")


def test_foreign_object_is_refused_with_its_path() -> None:
    with pytest.raises(tg.errors.TreeError, match=r"a/1 is an object of class object.*tg\.tree\.register"):
        tg.tree.flatten({"a": [1, object()]})
    with pytest.raises(tg.errors.TreeError, match="the value itself is an object of class set"):
        tg.tree.flatten({1, 2})
    with pytest.raises(tg.errors.TreeError, match="keys of a dict must sort"):
        tg.tree.flatten({1: 1, "a": 2})
    with pytest.raises(tg.errors.TreeError):
        tg.grad(lambda p: 1.0)({"a": object()})


def test_registered_class_is_a_node() -> None:
    class Pair:
        def __init__(self, a: Any, b: Any, label: str) -> None:
            self.a, self.b, self.label = a, b, label

    tg.tree.register(Pair, lambda p: ((p.a, p.b), p.label), lambda label, ab: Pair(*ab, label))
    gradient = tg.grad(lambda p: p.a * p.b)(Pair(2.0, 3.0, "name"))
    assert (gradient.a, gradient.b, gradient.label) == (3.0, 2.0, "name")


def test_structures_must_agree() -> None:
    with pytest.raises(tg.errors.TreeError, match=r"tree 1 has structure \[\*\], expected that of tree 0, \[\*, \*\]"):
        tg.tree.map(lambda x, y: x, [1, 2], [1])
    with pytest.raises(tg.errors.TreeError, match="1 is an object of class object"):
        tg.tree.map(lambda x, y: x, [1, 2], [1, object()])
    with pytest.raises(tg.errors.TreeError, match="tree 2 has structure"):
        tg.tree.map(lambda x, y, z: x, {"a": 1}, {"a": 1}, {"b": 1})
    structure = tg.tree.structure([1, 2])
    with pytest.raises(tg.errors.TreeError, match="too few leaves"):
        tg.tree.unflatten(structure, [1])
    with pytest.raises(tg.errors.TreeError, match="too many leaves"):
        tg.tree.unflatten(structure, [1, 2, 3])


def test_broadcast_repeats_a_prefix() -> None:
    tree = {"a": [1, 2], "b": 3}
    assert tg.tree.broadcast(0, tree, "axes") == [0, 0, 0]
    assert tg.tree.broadcast({"a": None, "b": 1}, tree, "axes") == [None, None, 1]
    with pytest.raises(tg.errors.TreeError, match=r"axes: \(0, 1\) does not fit a dict"):
        tg.tree.broadcast((0, 1), tree, "axes")
    with pytest.raises(tg.errors.TreeError, match="has 1 entries, expected 2"):
        tg.tree.broadcast({"a": [0], "b": 0}, tree, "axes")
