"""A graph as NumPy code that stands alone: what one would have written by hand.

The graph is simplified first. Every equation is a line, with shape and dtype behind it; the bodies of loops and
branches are functions inside.
"""

from __future__ import annotations

import itertools
import keyword
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ...core.errors import ArgumentError, MissingRuleError
from ..branch import cond_, while_
from ..fusion import kind, several
from ..graph import Equation, Graph, Var, literal
from ..scan import scan_
from .listing import Listing, Unwritable, value_text
from .literals import array, dtype_text, new, number, plain
from .prepared import prepared

WIDTH = 120
RESERVED = {"np", "i", "abs", "float", "range", "reversed", "slice", "tuple", *keyword.kwlist}
LOWER, UPPER = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without what looks like a digit; i counts rounds


def source(graph: Graph, name: str, arguments: Sequence[str], answers: Sequence[str]) -> str:
    """The program as the text of a module with the function `name`; arguments and answers have these names, if any."""
    if not name.isidentifier() or name in RESERVED:
        raise ArgumentError(f"source: name={name!r}, expected a name for the function, such as 'f'")
    return _Writer(name).text(prepared(graph), name, arguments, answers)


class _Writer:
    def __init__(self, name: str) -> None:
        self.listing = Listing()
        self.constants: dict[str, str] = {}  # text -> name
        self.taken = {name, *RESERVED}
        self.names: dict[Any, str] = {}  # of the function that is being written
        self.lower, self.upper = _words(LOWER), _words(UPPER)

    def text(self, graph: Graph, name: str, arguments: Sequence[str], answers: Sequence[str]) -> str:
        self._enter_functions(graph)
        self.taken |= self.listing.names
        body = self.function(name, graph, arguments, answers)
        constants = [_wrapped(f"{n} = {text}") for text, n in self.constants.items()]
        return "\n".join([*self.listing.lines(), *([""] if constants else []), *constants, "", "", *body, ""])

    def _enter_functions(self, graph: Graph) -> None:
        for eq in graph.equations:
            for inner in eq.attrs.values():
                if isinstance(inner, Graph):
                    self._enter_functions(inner)
            f = _called(eq)
            if f is not None:
                try:
                    self.listing.add(f)
                    value_text(tuple(eq.attrs.values()))
                except Unwritable as why:
                    raise MissingRuleError(
                        f"source: the operation {eq.prim.name} has no text that stands alone: {why}. Compute it "
                        "outside and pass what it gives as an argument, or, if it is yours, make it of a function of "
                        "arrays that is defined with def in a module"
                    ) from why

    # ---- names ----------------------------------------------------------------------------------------------------

    def word(self, wish: str) -> str:
        """A name that is not taken, like the one that is wished for."""
        names = itertools.chain([wish], (f"{wish}_{n}" for n in itertools.count(2)))
        word = next(n for n in names if n not in self.taken)
        self.taken.add(word)
        return word

    def letter(self, letters: Iterator[str]) -> str:
        word = next(n for n in letters if n not in self.taken)
        self.taken.add(word)
        return word

    def name(self, a: Any) -> str:
        """How a value is called; a number with its dtype."""
        if type(a) is not Var:
            return f"{dtype_text(plain(a).dtype)}({number(a)})" if isinstance(a, np.generic) else literal(a)
        if a not in self.names:
            self.names[a] = self.letter(self.lower)
        return self.names[a]

    def listed(self, values: Sequence[Any]) -> str:
        return ", ".join(map(self.name, values))

    # ---- functions --------------------------------------------------------------------------------------------------

    def function(
        self, name: str, graph: Graph, arguments: Sequence[str] = (), answers: Sequence[str] = ()
    ) -> list[str]:
        """The graph as a function."""
        around, self.names = self.names, {}
        for v, wish in itertools.zip_longest(graph.inputs, arguments, fillvalue=""):
            self.names[v] = self.word(wish) if wish else self.letter(self.lower)
        for v, x in graph.constants.items():
            text = array(x)
            if text not in self.constants:
                self.constants[text] = self.letter(self.upper)
            self.names[v] = self.constants[text]
        told = "  ".join(f"{self.names[v]}:\0{v}" for v in graph.inputs)
        lines = textwrap.wrap(told, WIDTH - 6, initial_indent="# ", subsequent_indent="# ", break_long_words=False)
        lines = [line.replace("\0", " ") for line in lines]
        for eq in graph.equations:
            made = self.statement(eq)
            lines += ["", *made] if made[0].startswith("def ") and lines else made
        lines += self.returned(graph, answers)
        head = _wrapped(f"def {name}({self.listed(graph.inputs)}):")
        self.names = around
        return [*head.splitlines(), *[f"    {line}" if line else "" for line in lines]]

    def returned(self, graph: Graph, answers: Sequence[str]) -> list[str]:
        texts = [f"{self.name(a)}.copy()" if a in graph.constants else self.name(a) for a in graph.outputs]
        if len(texts) < 2 or not any(answers):
            return [f"return {', '.join(texts) or '()'}"]
        return ["return (", *[f"    {text},  # {path}" for text, path in zip(texts, answers, strict=True)], ")"]

    def statement(self, eq: Equation) -> list[str]:
        """The lines of an equation."""
        if eq.prim is scan_:
            return self.scan(eq)
        if eq.prim is while_:
            return self.while_loop(eq)
        if eq.prim is cond_:
            return self.cond(eq)
        emit, out, args = eq.prim.emit, eq.outputs[0], self.arguments(eq)
        text = self.expression(eq, args)
        if not text:
            assert emit is not None
            assert emit.into is not None
            first, *rest = emit.into(self.name(out), *args, **eq.attrs).split("; ")
            zeros = first == f"{self.name(out)}.fill(0)"
            made = new("zeros" if zeros else "empty", out.shape, out.dtype)
            return [f"{self.name(out)} = {made}", *([] if zeros else [first]), *rest]
        left = self.listed(eq.outputs)
        return [f"{f'({left},)' if several(eq) and len(eq.outputs) == 1 else left} = {text}  # {_told(eq.outputs)}"]

    def expression(self, eq: Equation, args: Sequence[str]) -> str:
        emit, first = eq.prim.emit, eq.inputs[0] if eq.inputs else None
        if emit is None:
            attrs = [f"{k}={value_text(v)}" for k, v in eq.attrs.items()]
            return f"{eq.prim.impl.__name__}({', '.join([*args, *attrs])})"
        if kind(eq) == "cast" and type(first) is Var and first.weak:
            return f"{dtype_text(eq.outputs[0].dtype)}({args[0]})"
        if emit.symbol and not eq.outputs[0].weak and not any(_is_strong(a) for a in eq.inputs):
            return f"np.{eq.prim.impl.__name__}({', '.join(args)})"  # Python's operator would give a Python number
        return emit.text(*args, **eq.attrs)

    def arguments(self, eq: Equation) -> list[str]:
        """The arguments, numbers without a dtype where NumPy's promotion makes the same of them."""
        numbers = [a for a in eq.inputs if isinstance(a, np.generic)]
        others = [a.dtype.type(0).item() if a.weak else a.dtype for a in eq.vars()]
        same = (
            kind(eq) in ("ufunc", "where")
            and any(not v.weak for v in eq.vars())
            and np.result_type(*others, *[plain(a).item() for a in numbers])
            == np.result_type(*others, *[a.dtype for a in numbers])
        )
        return [number(a) if same and isinstance(a, np.generic) else self.name(a) for a in eq.inputs]

    # ---- loops and branches -----------------------------------------------------------------------------------------

    def scan(self, eq: Equation) -> list[str]:
        how, body = eq.attrs["how"], self.word("body")
        lines = [*self.function(body, eq.attrs["body"]), ""]
        fixed, start, rows = eq.inputs[: how.consts], eq.inputs[how.consts : how.fixed], eq.inputs[how.fixed :]
        carry, ys = eq.outputs[: how.carries], eq.outputs[how.carries :]
        if carry:
            lines.append(f"{self.listed(carry)} = {self.listed(start)}  # {_told(carry)}")
        lines += [f"{self.name(y)} = {new('empty', y.shape, y.dtype)}" for y in ys]
        count = [f"i + {how.start}" if how.start else "i"] if how.start is not None else []
        args = [*map(self.name, [*fixed, *carry]), *count, *[f"{self.name(r)}[i]" for r in rows]]
        left = [*map(self.name, carry), *[f"{self.name(y)}[i]" for y in ys]]
        rounds = f"range({how.length})"
        lines.append(f"for i in {f'reversed({rounds})' if how.reverse else rounds}:")
        lines.append(f"    {', '.join(left)} = {body}({', '.join(args)})")
        return lines

    def while_loop(self, eq: Equation) -> list[str]:
        a, b = eq.attrs["consts"]
        body, test = self.word("body"), self.word("test")
        lines = [*self.function(body, eq.attrs["body"]), "", *self.function(test, eq.attrs["test"]), ""]
        carry = self.listed(eq.outputs)
        lines.append(f"{carry} = {self.listed(eq.inputs[a + b :])}  # {_told(eq.outputs)}")
        lines.append(f"while {test}({self.listed([*eq.inputs[a : a + b], *eq.outputs])}):")
        lines.append(f"    {carry} = {body}({self.listed([*eq.inputs[:a], *eq.outputs])})")
        return lines

    def cond(self, eq: Equation) -> list[str]:
        count = eq.attrs["consts"][0]
        yes, no = self.word("if_true"), self.word("if_false")
        lines = [*self.function(yes, eq.attrs["true"]), "", *self.function(no, eq.attrs["false"]), ""]
        pred, *rest = eq.inputs
        left = self.listed(eq.outputs)
        lines += [f"if {self.name(pred)}:", f"    {left} = {yes}({self.listed(rest[:count])})  # {_told(eq.outputs)}"]
        lines += ["else:", f"    {left} = {no}({self.listed(rest[count:])})"]
        return lines


def _called(eq: Equation) -> Callable[..., Any] | None:
    """The function that the program calls for an equation, where it is none of NumPy's."""
    if eq.prim in (scan_, while_, cond_):
        return None
    return eq.prim.impl if eq.prim.emit is None else eq.prim.emit.function


def _is_strong(a: Any) -> bool:
    return not a.weak if type(a) is Var else isinstance(a, np.generic)


def _words(letters: str) -> Iterator[str]:
    for n in itertools.count(1):
        yield from map("".join, itertools.product(letters, repeat=n))


def _told(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values))


def _wrapped(line: str) -> str:
    """A line with brackets, in lines that are not too long."""
    return textwrap.fill(line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
