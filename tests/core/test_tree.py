"""Trees: taken apart and put together again, and what is refused."""

import dataclasses
import warnings
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

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


def test_items_are_the_outermost_container() -> None:
    assert tg.tree.items({"b": [1], "a": 2}) == [("a", 2), ("b", [1])]
    assert tg.tree.items(Point(1, (2, 3))) == [("x", 1), ("y", (2, 3))]
    assert tg.tree.items([]) == tg.tree.items(None) == []
    assert tg.tree.items(np.ones(2)) is None


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


def test_patterns_match_paths() -> None:
    tree = {"encoder": [{"w": 1, "b": 2}, {"w": 3}], "w": 4, "head": {"w2": 5}}
    paths = tg.tree.paths(tree)

    def fits(pattern: str) -> set[str]:
        return {p for p, fit in zip(paths, tg.tree.leaves(tg.tree.match(tree, pattern)), strict=True) if fit}

    assert fits("**") == fits("**/**") == set(paths)
    assert fits("*") == {"w"}
    assert fits("encoder/**") == {"encoder/0/w", "encoder/0/b", "encoder/1/w"}
    assert fits("**/w") == {"encoder/0/w", "encoder/1/w", "w"}
    assert fits("*/*/w") == fits("encoder/*/w") == fits("e*r/[01]/w") == {"encoder/0/w", "encoder/1/w"}
    assert fits("**/0/**") == {"encoder/0/w", "encoder/0/b"}
    assert fits("**/w?") == fits("head/**/w2") == {"head/w2"}
    assert tg.tree.structure(tg.tree.match(tree, "w")) == tg.tree.structure(tree)
    assert tg.tree.match(1.0, "**") is tg.tree.match(1.0, "*") is True
    assert tg.tree.match({}, "w") == {}
    with pytest.raises(tg.errors.ArgumentError, match=r"tree.match: 'W' fits none of the paths .*, which are a, b/0"):
        tg.tree.match({"a": 1, "b": [2]}, "W")


LEAVES = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int8, np.bool_, np.complex128]),
    hnp.array_shapes(min_dims=0, min_side=0),
)


@given(
    st.recursive(
        LEAVES | st.floats(width=32), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner)
    )
)
def test_ravel_and_back(tree: Any) -> None:
    vector, unravel = tg.tree.ravel(tree)
    leaves = tg.tree.leaves(tree)
    assert vector.shape == (sum(np.size(x) for x in leaves),)
    assert vector.dtype == (np.result_type(*leaves) if leaves else float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the imaginary parts that real leaves leave behind
        back = unravel(vector)
    assert tg.tree.structure(back) == tg.tree.structure(tree)
    for x, y in zip(leaves, tg.tree.leaves(back), strict=True):
        assert (np.shape(x), getattr(x, "dtype", float)) == (y.shape, y.dtype)
        np.testing.assert_equal(y, x)


def test_ravel_is_transformed() -> None:
    tree = {"a": np.array([[1.0, 2.0]]), "b": np.array(3.0)}
    tg.testing.check_grads(lambda tree: np.sum(np.sin(tg.tree.ravel(tree)[0])), (tree,))
    vector, unravel = tg.tree.ravel(tree)
    tg.testing.check_grads(lambda v: np.sum(unravel(v)["a"] ** 2) * unravel(v)["b"], (vector,))
    found = tg.jit(lambda tree: tg.tree.ravel(tree)[1](2 * tg.tree.ravel(tree)[0]))(tree)
    np.testing.assert_equal(found, {"a": [[2.0, 4.0]], "b": 6.0})
    rows = tg.vmap(lambda tree: tg.tree.ravel(tree)[0])({"a": np.ones((3, 1, 2)), "b": np.zeros(3)})
    np.testing.assert_equal(rows, [[1, 1, 0]] * 3)


def test_ravel_refuses() -> None:
    with pytest.raises(tg.errors.DtypeError, match=r"tree\.ravel: leaf 'a/1' is <U4, expected numbers"):
        tg.tree.ravel({"a": [1.0, "name"]})
    with pytest.raises(tg.errors.ShapeError, match=r"unravel: the array has shape \(2,\), expected \(3,\)"):
        tg.tree.ravel(np.ones(3))[1](np.ones(2))


def test_broadcast_repeats_a_prefix() -> None:
    tree = {"a": [1, 2], "b": 3}
    assert tg.tree.broadcast(0, tree, "axes") == [0, 0, 0]
    assert tg.tree.broadcast({"a": None, "b": 1}, tree, "axes") == [None, None, 1]
    with pytest.raises(tg.errors.TreeError, match=r"axes: \(0, 1\) does not fit a dict"):
        tg.tree.broadcast((0, 1), tree, "axes")
    with pytest.raises(tg.errors.TreeError, match="has 1 entries, expected 2"):
        tg.tree.broadcast({"a": [0], "b": 0}, tree, "axes")
