"""Generated code that takes arguments apart and puts answers together: the cost floor of small models.

For one structure of arguments it is straight Python: unpack each container, check its class and length and the shape
and dtype of each leaf, call the program with the leaves, build the answer. Whatever does not fit is a `MISS`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import tree
from .captured import CELL
from .native.gate import OURS, accepts, seal, spec

MISS = object()


class _Writer:
    """Lines of code, and the objects that they mention. `native`: arrays are tested by native code, all at once."""

    def __init__(self, native: bool) -> None:
        self.native = native
        self.arrays: dict[str, Any] = {}
        self.lines: list[str] = []
        self.bound: dict[str, Any] = {"MISS": MISS, "ndarray": np.ndarray}
        self.tests: list[str] = []
        self.leaves: list[str] = []
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"a{self.count}"

    def bind(self, x: Any) -> str:
        name = f"c{len(self.bound)}"
        self.bound[name] = x
        return name

    def check(self) -> None:
        """Everything that was to be tested so far, as one condition."""
        if self.tests:
            self.lines.append(f"if {' or '.join(self.tests)}: return MISS")
            self.tests = []

    def node(self, name: str, structure: tree.Structure, leaves: Any) -> None:
        kind = structure.kind
        if kind is None:
            self.leaf(name, next(leaves))
            return
        if kind is type(None):
            self.tests.append(f"{name} is not None")
            return
        children = [self.new() for _ in structure.children]
        kind_name = kind.__name__ if kind in (list, tuple, dict) else self.bind(kind)
        self.tests.append(f"type({name}) is not {kind_name}")
        left = f"{', '.join(children)}," if children else ""
        if kind is dict:
            order = getattr(structure.aux, "order", structure.aux)
            self.tests.append(f"[*{name}] != {self.bind([*order])}")
            self.check()
            if children:
                by_key = dict(zip(structure.aux, children, strict=True))
                self.lines.append(f"{', '.join([by_key[k] for k in order])}, = {name}.values()")
        elif kind in (list, tuple) or tree.is_namedtuple(kind):
            self.tests.append(f"len({name}) != {len(children)}")
            self.check()
            if children:
                self.lines.append(f"{left} = {name}")
        else:
            self.check()
            parts = self.new()
            self.lines.append(f"{parts}, aux = {self.bind(tree.children)}({name})")
            self.tests.append(f"aux != {self.bind(structure.aux)} or len({parts}) != {len(children)}")
            self.check()
            if children:
                self.lines.append(f"{left} = {parts}")
        for child, part in zip(children, structure.children, strict=True):
            self.node(child, part, leaves)

    def leaf(self, name: str, x: Any) -> None:
        self.leaves.append(name)
        if type(x) is np.ndarray:
            self.arrays[name] = x
            if self.native:
                return
        kind = "ndarray" if type(x) is np.ndarray else self.bind(type(x))
        self.tests.append(f"type({name}) is not {kind}")
        if isinstance(x, np.ndarray):
            self.tests += [f"{name}.dtype is not {self.bind(x.dtype)}", f"{name}.shape != {x.shape}"]


class Runner:
    """Runs a program: `new()` makes a function over a workspace of its own, `spare` keeps those that are free.

    native   whether native code runs it, which then tests arguments as well
    """

    def __init__(self, new: Callable[[], Callable[..., tuple[Any, ...]]], native: bool = False) -> None:
        self.new = new
        self.native = native
        self.spare: list[Callable[..., tuple[Any, ...]]] = []

    def settled(self) -> Runner | None:
        """What runs from now on, or None while that is being found out."""
        return self

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        try:
            run = self.spare.pop()
        except IndexError:
            run = self.new()
        outs = run(*inputs)
        self.spare.append(run)
        return outs


def entry(
    args: tuple[Any, ...],
    static: Sequence[int],
    guards: Sequence[tuple[Any, Any, Any]],
    runner: Runner,
    out_structure: tree.Structure,
    donated: Sequence[int] = (),
    kept: frozenset[int] = frozenset(),
) -> Callable[[tuple[Any, ...]], Any]:
    """The function `args -> answer` for arguments like these, or MISS.

    static    which arguments are static: they must equal those of `args`
    guards    what the function captured: (container, key, value), which must still be there
    donated   which leaves the program writes into: writable, contiguous, and sharing no memory with any other leaf, nor
              with a constant of the program, whose owners are `kept`
    """
    w = _Writer(runner.native)
    for container, key, value in guards:
        place = f"{w.bind(container)}{'.cell_contents' if key is CELL else f'.get({w.bind(key)})'}"
        w.tests.append(f"{place} is not {w.bind(value)}")
    names = [w.new() for _ in args]
    w.tests.insert(0, f"len(args) != {len(args)}")
    w.check()
    if names:
        w.lines.append(f"{', '.join(names)}, = args")
    for i, (name, x) in enumerate(zip(names, args, strict=True)):
        if i in static:
            w.tests.append(f"({name} is not {w.bind(x)} and {w.bind(value_key)}({name}) != {w.bind(value_key(x))})")
        else:
            leaves, structure = tree.flatten(x)
            w.node(name, structure, iter(leaves))
    w.check()
    given = [w.leaves[i] for i in donated]
    seal = _tested_natively(w, given, kept) if w.native and w.arrays else _tested(w, given, kept)
    outs = [f"o{i}" for i in range(out_structure.num_leaves)]
    spare, new = w.bind(runner.spare), w.bind(runner.new)
    w.lines += ["try:", f"    run = {spare}.pop()", "except IndexError:", f"    run = {new}()"]
    # before the run, since what it leaves behind where it fails is of no use
    views = {leaf: w.new() for leaf in given}
    w.lines += [f"{view} = {leaf}.view()" for leaf, view in views.items()]
    w.lines += seal
    called = f"run({', '.join([views.get(n, n) for n in w.leaves])})"
    w.lines.append(f"{', '.join(outs)}, = {called}" if outs else called)
    w.lines.append(f"{spare}.append(run)")
    w.lines.append(f"return {_built(out_structure, iter(outs), w)}")
    return _function(w)


def _tested(w: _Writer, given: Sequence[str], kept: frozenset[int]) -> list[str]:
    """Tests that the memory of what is given away is free to be written; lines that make it read-only."""
    if not given:
        return []
    w.tests += [f"{leaf}.flags.num & {OURS} != {OURS}" for leaf in given]
    bases, arrays = w.new(), list(w.arrays)
    w.lines.append(f"{bases} = {', '.join([f'{n}.base' for n in arrays])},")
    w.tests.append(f"not {w.bind(OWNERS)}.issuperset(map(type, {bases}))")
    if len(arrays) > 1 or kept:
        owners = ", ".join([f"id({n} if {n}.base is None else {n}.base)" for n in arrays])
        w.tests.append(f"len({{{owners}{', *' + w.bind(kept) if kept else ''}}}) != {len(arrays) + len(kept)}")
    w.check()
    return [f"{leaf}.setflags(False)" for leaf in given]


def _tested_natively(w: _Writer, given: Sequence[str], kept: frozenset[int]) -> list[str]:
    """The same, with the classes, dtypes and shapes of all arrays, by one call of native code."""
    places = [i for i, name in enumerate(w.arrays) if name in given]
    like = w.bind(spec(list(w.arrays.values()), places, kept))
    w.bind([x.dtype for x in w.arrays.values()])  # which the specification knows by their addresses
    w.tests.append(f"not {w.bind(accepts())}({', '.join([like, *w.arrays])})")
    w.check()
    return [f"{w.bind(seal())}({', '.join(given)})"] if given else []


def owner(x: Any) -> int:
    """The identity of the array whose memory it is."""
    return id(x if x.base is None else x.base)


def value_key(x: Any) -> Any:
    """What differs whenever a program made for the value x may differ: 1, 1.0 and True do, and 0.0 and -0.0."""
    kind = type(x)
    if isinstance(x, (tuple, frozenset)):
        return kind, kind is not tuple and x, (tuple if isinstance(x, tuple) else frozenset)(map(value_key, x))
    if isinstance(x, (float, complex, np.inexact)):
        return kind, repr(x)
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return kind, x, tuple([value_key(getattr(x, field.name, None)) for field in dataclasses.fields(x)])
    return kind, x


OWNERS = frozenset([np.ndarray, type(None)])  # what may stand behind an array whose memory is NumPy's own


def _built(structure: tree.Structure, outs: Any, w: _Writer) -> str:
    kind = structure.kind
    if kind is None:
        return str(next(outs))
    parts = [_built(child, outs, w) for child in structure.children]
    if kind is list:
        return f"[{', '.join(parts)}]"
    if kind is tuple:
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    if kind is dict:
        found = dict(zip(structure.aux, parts, strict=True))
        return "{" + ", ".join(f"{w.bind(k)}: {found[k]}" for k in getattr(structure.aux, "order", structure.aux)) + "}"
    if kind is type(None):
        return "None"
    if tree.is_namedtuple(kind):
        return f"{w.bind(tuple.__new__)}({w.bind(kind)}, ({', '.join(parts)}{',' if len(parts) == 1 else ''}))"
    return f"{w.bind(tree.build)}({w.bind(structure)}, [{', '.join(parts)}])"


def _function(w: _Writer) -> Callable[[tuple[Any, ...]], Any]:
    body = "\n".join(f"        {line}" for line in w.lines)
    text = f"def bind({', '.join(w.bound)}):\n    def call(args):\n{body}\n    return call\n"
    space: dict[str, Any] = {}
    exec(compile(text, "<arguments>", "exec"), space)
    return space["bind"](**w.bound)  # type: ignore[no-any-return]
