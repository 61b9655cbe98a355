"""Trees: arrays in nested containers, so that a function of weights can take them as they are.

A node is a dict (leaves sorted by key), OrderedDict (in its order), list, tuple, NamedTuple, dataclass, None, or a
class given to `register`. A leaf is a number, a string or anything with a `shape` and a `dtype`. All else is refused
by its path.

>>> from tinygrad_scratch import tree
>>> leaves, structure = tree.flatten({"w": 1.0, "layers": [2.0, (3.0, None)]})
>>> leaves
[2.0, 3.0, 1.0]
>>> tree.unflatten(structure, [10 * x for x in leaves])
{'w': 10.0, 'layers': [20.0, (30.0, None)]}
>>> tree.map(lambda x, y: x + y, {"a": 1}, {"a": 2})
{'a': 3}
"""

from .nodes import (
    Keys,
    Structure,
    build,
    children,
    flatten,
    is_namedtuple,
    items,
    leaves,
    map,
    register,
    settled,
    structure,
    unflatten,
)
from .paths import broadcast, match, paths
from .vector import ravel, ravel_real

__all__ = [
    "Keys",
    "Structure",
    "broadcast",
    "build",
    "children",
    "flatten",
    "is_namedtuple",
    "items",
    "leaves",
    "map",
    "match",
    "paths",
    "ravel",
    "ravel_real",
    "register",
    "settled",
    "structure",
    "unflatten",
]
