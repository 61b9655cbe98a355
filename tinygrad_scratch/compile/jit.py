"""`jit`: record a function once for each kind of arguments, then run the compiled program."""

from __future__ import annotations

import ctypes
import functools
import sys
import threading
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any

import numpy as np

from ..core import tree, watch
from ..core.errors import ArgumentError, DtypeError, TreeError, user_line
from ..core.trace import Traced
from ..transforms.plain import one_by_one
from .arguments import defined_at, kind_of, name_of, orders, places, static_arguments
from .captured import CELL, Watch, captured
from .executor import BACKENDS
from .graph import Graph, Uncompilable
from .program import Program
from .rewrite import live
from .show.recording import Recording, argument_names
from .signature import MISS, OWNERS, Runner, entry, owner, value_key
from .tracer import GraphTrace, bare, example, recorded_run
from .weak import NUMBERS


def jit(
    f: Callable[..., Any],
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
    donate_argnums: int | Sequence[int] = (),
    backend: str = "auto",
) -> Jitted:
    """`f` compiled: the first call records what it does to its arguments, later calls run that as one program.

    Arguments and answer are trees of arrays and numbers. There is one program for each structure, shape and dtype of
    the arguments; a Python number stays a Python number, whatever its value. Results equal those of f to rounding.

    static_argnums, static_argnames   arguments whose values, which must hash, are part of the program: a change
                      compiles again. What steers `if` or a shape must be static
    donate_argnums    arguments whose arrays the program may write its answers into. They are read-only afterwards, and
                      calling with them again is an error
    backend           "numpy": NumPy calls over memory that is planned ahead. "numba": native code, by the compiler
                      under numba (pip install "tinygrad_scratch[jit]"). "auto": whichever is measured to be faster

    What f does besides computing, such as printing, happens while it is recorded only; draws from np.random are
    refused: use tg.random with a key argument. What f captures is constant: the program is recorded anew when a name,
    an item or an attribute gets another object (at every call, if f itself sees to that), but not when an array is
    changed in place. Floating-point warnings and the checks of values (labels in range, say) belong to the recording.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> step = tg.jit(lambda w, g: w - 0.1 * g)
    >>> step(np.array([1.0, 2.0]), np.array([10.0, 10.0]))
    array([0., 1.])
    """
    return Jitted(f, static_argnums, static_argnames, donate_argnums, backend)


def make_graph(f: Callable[..., Any]) -> Callable[..., Recording]:
    """The function `(*args) -> graph` that records f on these arguments: prints as a short program, `.source()` gives
    it as NumPy code, `.draw()` and `.dot()` as a picture.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.make_graph(lambda x, y: np.sin(x) * y)(np.ones(3), 2.0)
    graph(a: float64[3], b: float):
        c: float64[3] = sin(a)
        d: float64[3] = multiply(c, b)
        return d
    """

    def graph(*args: Any, **kwargs: Any) -> Recording:
        leaves, structure = _flattened("make_graph", f, args, kwargs)
        for i, x in enumerate(leaves):
            kind_of(x, i, structure, kwargs, "make_graph")

        def rebuilt(xs: Any) -> Any:
            positional, keywords = tree.unflatten(structure, xs)
            return positional, dict(zip(kwargs, keywords, strict=True))

        made, out, _ = _record(f, leaves, rebuilt)
        answers = tree.paths(tree.unflatten(out, [0] * out.num_leaves))
        return Recording(live(made), argument_names(f, args, kwargs), answers)

    return graph


class _Entry:
    """One program of a jitted function: for one structure, shapes, dtypes and static values."""

    def __init__(self, graph: Graph, out_structure: tree.Structure, guards: Any, backend: str) -> None:
        self.graph = graph
        self.backend = backend
        self.out_structure = out_structure
        self.guards = guards
        self.kept = frozenset(map(owner, graph.constants.values()))
        self.fast: dict[Any, Callable[[Any], Any]] = {}

    @functools.cached_property
    def program(self) -> Program:
        """The program, made when it is first needed: the first call has its answer already."""
        return Program(live(self.graph), self.backend)

    def holds(self) -> bool:
        """Whether what the function captured is still in its place."""
        for container, key, value in self.guards:
            if (container.cell_contents if key is CELL else container.get(key)) is not value:
                return False
        return True


class Jitted:
    """What `jit` returns: called like the function."""

    def __init__(self, f: Any, static_argnums: Any, static_argnames: Any, donate_argnums: Any, backend: str) -> None:
        if not callable(f):
            raise ArgumentError(f"jit: expected a function, got {type(f).__name__}")
        if backend not in BACKENDS:
            raise ArgumentError(f"jit: backend={backend!r}, expected one of {', '.join(map(repr, BACKENDS))}")
        functools.update_wrapper(self, f)
        self.f = f
        self.backend = backend
        self.options = (static_argnums, static_argnames, donate_argnums, backend)
        self.static_names, self.static = static_arguments(f, static_argnums, static_argnames)
        self.donated = places(f, "donate_argnums", donate_argnums)
        if set(self.donated) & set(self.static):
            raise ArgumentError("jit: an argument cannot be both static and donated")
        self._entries: dict[Any, _Entry] = {}
        self._fast: tuple[Callable[[Any], Any], ...] = ()
        self._lock = threading.RLock()

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        """A copy, or what another process reads, compiles anew; where f can be found by its name, so can this."""
        found: Any = sys.modules.get(getattr(self, "__module__", None) or "")
        for part in getattr(self, "__qualname__", "").split("."):
            found = getattr(found, part, None)
        return self.__qualname__ if found is self else (Jitted, (self.f, *self.options))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if watch.active and watch.watching():
            return one_by_one(self.f, args, kwargs, {*self.static, *self.static_names})
        if not kwargs:
            for fast in self._fast:
                answer = fast(args)
                if answer is not MISS:
                    return answer
        return self._slow(args, kwargs)

    # ---- the general way ------------------------------------------------------------------------------------------

    def _slow(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        dynamic = [() if i in self.static else a for i, a in enumerate(args)]
        named = {k: v for k, v in kwargs.items() if k not in self.static_names}
        leaves, structure = _flattened("jit", self.f, dynamic, named)
        statics = self._static_values(args, kwargs)
        examples = [example(x) for x in leaves]
        kinds = tuple([kind_of(x, i, structure, named) for i, x in enumerate(examples)])
        key = (structure, tuple(orders(structure)), tuple(named), kinds, statics)
        traced = any(isinstance(x, Traced) for x in leaves)

        def rebuilt(xs: Any) -> Any:
            positional, keywords = tree.unflatten(structure, xs)
            full = [a if i in self.static else x for i, (a, x) in enumerate(zip(args, positional, strict=True))]
            given = dict(zip(named, keywords, strict=True))
            return full, {k: given.get(k, v) for k, v in kwargs.items()}

        if not traced:
            self._refuse_used(dynamic)
        with self._lock:
            known = self._entries.get(key)
            if known is None or not known.holds():
                try:
                    known, answer = self._new(key, examples, rebuilt, args, kwargs)
                except Uncompilable:
                    return self.f(*args, **kwargs)
                if not traced:
                    self._give_away(dynamic)
                    return answer
        if traced:
            return tree.unflatten(known.out_structure, known.program.apply(leaves))
        return self._compiled(args, kwargs, known, leaves)

    def _new(
        self, key: Any, examples: list[Any], rebuilt: Callable[[Any], Any], args: Any, kwargs: Any
    ) -> tuple[_Entry, Any]:
        static = [v for _, v in self._static_arguments(args, kwargs)]
        guards = captured(self.f, static)
        graph, out_structure, answer = _record(self.f, examples, rebuilt)
        guards = [g for g in guards if not isinstance(g[0], Watch) or g[0].holds()]  # f may append to a list
        made = _Entry(graph, out_structure, guards, self.backend)
        self._entries[key] = made
        self._fast = ()
        return made, answer

    def _compiled(self, args: tuple[Any, ...], kwargs: dict[str, Any], known: _Entry, leaves: list[Any]) -> Any:
        """Run the program; the next call like this goes by code made for it."""
        donated = self._donated_leaves(args, kwargs)
        runner = known.program.runner(tuple(donated))
        settled = runner.settled()
        if not kwargs and settled is not None:
            kinds = tuple([(type(x), id(getattr(x, "dtype", None))) for x in leaves])
            with self._lock:
                if kinds not in known.fast:
                    known.fast[kinds] = entry(
                        args, self.static, known.guards, settled, known.out_structure, donated, known.kept
                    )
                fast = known.fast[kinds]
                if fast not in self._fast:
                    self._fast = (fast, *self._fast[: FAST - 1])
        outs = _donating(runner, leaves, donated, known.kept) if donated else runner(*leaves)
        return tree.unflatten(known.out_structure, outs)

    # ---- arguments ------------------------------------------------------------------------------------------------

    def _static_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[Any, Any]]:
        found: list[tuple[Any, Any]] = [(i, args[i]) for i in self.static if i < len(args)]
        return found + [(k, v) for k, v in kwargs.items() if k in self.static_names]

    def _static_values(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        found = self._static_arguments(args, kwargs)
        for place, value in found:
            try:
                hash(value)
            except TypeError:
                raise ArgumentError(
                    f"jit: the static argument {place!r} of {name_of(self.f)} is {type(value).__name__}, which does "
                    f"not hash{user_line()}. Pass arrays as ordinary arguments, and a tuple instead of a list"
                ) from None
        return tuple([(place, value_key(value)) for place, value in found])

    def _donated_leaves(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[int]:
        """The numbers of the leaves that are given away."""
        numbers, count = [], 0
        for i, a in enumerate(args):
            if i in self.static:
                continue
            leaves = tree.leaves(a)
            if i in self.donated:
                numbers += [count + k for k, x in enumerate(leaves) if type(x) is np.ndarray and x.ndim]
            count += len(leaves)
        return numbers

    def _refuse_used(self, args: Sequence[Any]) -> None:
        for i in self.donated:
            if i < len(args):
                for path, x in zip(tree.paths(args[i]), tree.leaves(args[i]), strict=True):
                    if isinstance(x, np.ndarray) and x.ndim and not x.flags.writeable:
                        where = f"argument {i}" + (f", leaf {path!r}" if path else "")
                        raise ArgumentError(
                            f"jit: {where} of {name_of(self.f)} is to be donated, but it is read-only{user_line()}: it "
                            "was donated before, or is not yours to give. Use what the last call returned, or a copy"
                        )

    def _give_away(self, args: Sequence[Any]) -> None:
        for i in self.donated:
            for x in tree.leaves(args[i]) if i < len(args) else ():
                if type(x) is np.ndarray and x.ndim:
                    x.flags.writeable = False


def _donating(runner: Runner, leaves: list[Any], donated: list[int], kept: frozenset[int]) -> tuple[Any, ...]:
    """Run a program that writes into its arguments; where their memory may not be written, into copies."""
    given = [x for x in leaves if isinstance(x, np.ndarray)]
    alone = len(set(map(owner, given))) == len(given) and all(type(x.base) in OWNERS for x in given)
    arrays = list(leaves)
    for i in donated:
        x = leaves[i]
        free = alone and x.flags.c_contiguous and owner(x) not in kept
        arrays[i] = x.view() if free else x.copy()
    for i in donated:
        leaves[i].setflags(False)
    return runner(*arrays)


def _flattened(what: str, f: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[list[Any], tree.Structure]:
    """The leaves and structure of the arguments; what is in them and cannot be is told with the argument's name."""
    try:
        return tree.flatten((args, [*kwargs.values()]))  # a dict would lose the order of the keywords
    except TreeError:
        for place, x in (*enumerate(args), *kwargs.items()):
            try:
                tree.flatten(x)
            except TreeError as error:
                way_out = " Or name the argument in static_argnums." if what == "jit" else ""
                raise TreeError(f"{what}: argument {place} of {name_of(f)}{user_line()}: {error}{way_out}") from None
        raise


def _record(f: Any, examples: Sequence[Any], rebuilt: Callable[[Any], Any]) -> tuple[Graph, tree.Structure, Any]:
    """The graph of f, the structure of its answer, and the answer."""
    trace = GraphTrace()
    before = _random_state()
    args, kwargs = rebuilt([trace.input(x) for x in examples])
    out = recorded_run(trace, f, args, kwargs)
    if _random_state() != before:
        raise ArgumentError(
            f"jit: {name_of(f)}{defined_at(f)} draws from np.random{user_line()}, which happens only while it is "
            "recorded, so every call would get the same numbers. Give it a key and draw with tg.random, or pass the "
            "numbers as an argument"
        )
    try:
        outs, structure = tree.flatten(out)
    except TreeError as error:
        raise TreeError(f"jit: what {name_of(f)} returned{defined_at(f)}: {error}") from None
    for x in outs:
        if not isinstance(x, (Traced, np.ndarray, np.generic, *NUMBERS)):
            raise DtypeError(
                f"jit: {name_of(f)} returned {type(x).__name__} in {structure}, expected arrays and "
                f"numbers{defined_at(f)}"
            )
    graph = trace.finish(outs)
    others = {id(x) for x in (*examples, *graph.constants.values())}
    return graph, structure, tree.unflatten(structure, [_detached(bare(x, trace), others) for x in outs])


def _random_state() -> Any:
    """The state of NumPy's global generator."""
    generator = np.random.get_bit_generator()  # type: ignore[attr-defined]
    if isinstance(generator, np.random.MT19937):
        # asking for its state in Python takes longer than recording a small program: 624 words and the position
        return ctypes.string_at(generator.ctypes.state_address, 4 * 625)
    return repr(generator.state)


def _detached(x: Any, others: set[int]) -> Any:
    """An array of the caller's own: a copy of one that is a view, an argument, a constant, or there already."""
    if not isinstance(x, np.ndarray):
        return x
    if x.ndim == 0:
        return x[()]
    if x.base is not None or id(x) in others:
        return x.copy()
    others.add(id(x))
    return x


FAST = 8  # kinds of arguments whose way in is code of their own
