"""The tape: the interpreter of reverse mode.

It is a list of entries in order of execution. Each value on it has a slot, a number that only grows. The backward pass
walks the entries in reverse and keeps one cotangent a slot, so there is no recursion and no sorting.

Operations, their static arguments and the entries stand in three lists, so that an entry is a tuple of arrays and
numbers alone: the garbage collector stops looking at such tuples, and a tape of a million operations does not slow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from ..core.errors import TinygradError
from ..core.primitive import EachArgument, Primitive
from ..core.trace import NO_ATTRS, Trace, Traced, evaluate, misfit
from ..ops.families import unbroadcast
from ..tensor import Tensor, tensor
from .arguments import moves
from .chosen import Chosen

# which argument is active (an int; a tuple if several are), its slot (a tuple of slots), slot of the answer, answer,
# arguments
Entry = tuple[Any, Any, Any, Any, tuple[Any, ...]]


class Tape(Trace):
    """Records what is done to the values that are to be differentiated. A Tensor of it has its slot as `note`."""

    name = "grad"

    def __init__(self, inputs: Sequence[Any]) -> None:
        Trace.__init__(self)
        self.prims: list[Any] = []  # primitives and segments
        self.attrs: list[dict[str, Any]] = []
        self.entries: list[Entry] = []
        self.inputs = [tensor(x, self, i) for i, x in enumerate(inputs)]
        self.size = len(inputs)  # slots given out
        self.selects = False  # whether an operation has been recorded that leaves elements out
        self.thinned = 0  # how many running functions have their part of the tape thinned afterwards

    def process(self, prim: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        which: Any
        slot: Any
        values: tuple[Any, ...]
        if self.hook is not None:
            prim = self.hook(prim)
        count = len(args)
        if count == 2:  # the two usual cases are spelt out for speed
            x, y = args
            if type(x) is Tensor and x.trace is self:
                if type(y) is Tensor and y.trace is self:
                    which, slot, x, y = (0, 1), (x.note, y.note), x.value, y.value
                else:
                    which, slot, x = 0, x.note, x.value
            else:
                which, slot, y = 1, y.note, y.value
            values = (x, y)
            plain = not (isinstance(x, Traced) or isinstance(y, Traced))
        elif count == 1:
            x = args[0]
            which, slot, x = 0, x.note, x.value
            values = (x,)
            plain = not isinstance(x, Traced)
        else:
            which = tuple([i for i, a in enumerate(args) if type(a) is Tensor and a.trace is self])
            slot = tuple([args[i].note for i in which])
            values = tuple([a.value if type(a) is Tensor and a.trace is self else a for a in args])
            plain = False
            self.selects = self.selects or prim.selects
        if plain and prim.usual:
            try:
                ans = prim.impl(*values, **attrs) if attrs else prim.impl(*values)
            except TinygradError:
                raise
            except (ValueError, IndexError) as error:
                raise misfit(prim, values, error) from error
        elif prim.pullback is not None:
            return self._record_whole(prim, which, slot, values, attrs)
        else:
            ans = evaluate(prim, values, attrs)
            if prim.constant:
                return ans
        out = self.size
        self.size = out + 1
        self.prims.append(prim)
        self.attrs.append(attrs)
        self.entries.append((which, slot, out, ans, values))
        made = Tensor()
        made.value, made.trace, made.note = ans, self, out
        return made

    def _record_whole(
        self, prim: Primitive, which: Any, slot: Any, values: tuple[Any, ...], attrs: dict[str, Any]
    ) -> Any:
        """Record an operation with several answers; its cotangents come from one call, `back`."""
        answers, back = prim.pullback((which,) if type(which) is int else which, *values, **attrs)  # type: ignore[misc]
        out = tuple(range(self.size, self.size + len(answers)))
        self.size += len(answers)
        self.prims.append(prim)
        self.attrs.append(attrs)
        self.entries.append((which, slot, out, back, values if self.thinned else ()))
        return tuple([tensor(a, self, i) if moves(a) else a for a, i in zip(answers, out, strict=True)])

    def thin(self, start: int) -> None:
        """Make one entry of those since entry `start`, without the values between them; `Segment` says how."""
        if start == len(self.entries):
            return
        segment = Segment(self.prims[start:], self.attrs[start:], self.entries[start:])
        del self.prims[start:], self.attrs[start:], self.entries[start:]
        which, out = tuple(range(len(segment.border))), tuple(range(segment.first, self.size))
        self.prims.append(segment)
        self.attrs.append(NO_ATTRS)
        self.entries.append((which, tuple(segment.border), out, segment.back, ()))

    def backward(self, seeds: dict[int, Any], keep: bool, masks: dict[int, Any] | None = None) -> list[Any]:
        """The cotangents of the inputs, given those of some answers (by slot); `masks` are for `Chosen`.

        Without `keep` the tape is given back as it is walked.
        """
        count = len(self.inputs)
        cotangents: list[Any] = [None] * self.size
        for slot, seed in seeds.items():
            cotangents[slot] = seed
        own: set[int] = set()  # the slots whose cotangent is an array that nothing else has
        chosen = Chosen(masks or {}) if self.selects or masks else None
        prims, all_attrs, entries = self.prims, self.attrs, self.entries
        if keep:
            prims, all_attrs, entries = prims.copy(), all_attrs.copy(), entries.copy()
        else:
            self.inputs = []  # which know the tape: a circle, which would keep them in memory
        while entries:
            prim = prims.pop()
            attrs = all_attrs.pop()
            entry = entries.pop()
            which, slot, out, ans, values = entry
            if type(out) is tuple:
                if chosen is not None and type(prim) is Segment:
                    ans = partial(ans, masks=chosen.masks)
                added = _backward_whole(which, slot, out, ans, cotangents)
                if chosen is not None:
                    chosen.forget(added)
                continue
            g = cotangents[out]
            if g is None:
                continue
            cotangents[out] = None
            if type(which) is int:
                if prim.adds is not None and chosen is None and _own(cotangents, own, slot, g, values):
                    prim.adds(cotangents[slot], g, ans, *values, **attrs)
                    continue
                rule = prim.vjps[which]
                if rule is None:
                    continue
                if attrs:
                    part = rule(g, ans, *values, **attrs)
                elif len(values) == 1:
                    part = rule(g, ans, values[0])
                elif len(values) == 2:
                    part = rule(g, ans, values[0], values[1])
                else:
                    part = rule(g, ans, *values)
                known = cotangents[slot]
                if chosen is not None:
                    part = chosen.passed(prim, attrs, entry, which, slot, g, part, known is None)
                if prim.broadcasts and (part.shape != values[which].shape or part.dtype is not values[which].dtype):
                    part = unbroadcast(part, values[which])
                cotangents[slot] = part if known is None else known + part
                continue
            if type(prim.vjps) is EachArgument:
                parts = prim.vjps.rule(which, g, ans, *values, **attrs)
                for i, s, part in zip(which, slot, parts, strict=True):
                    if chosen is not None:
                        part = chosen.passed(prim, attrs, entry, i, s, g, part, cotangents[s] is None)
                    _add(cotangents, s, part)
                continue
            for i, s in zip(which, slot, strict=True):
                rule = prim.vjps[i]
                if rule is not None:
                    part = rule(g, ans, *values, **attrs)
                    if chosen is not None:
                        part = chosen.passed(prim, attrs, entry, i, s, g, part, cotangents[s] is None)
                    part = unbroadcast(part, values[i]) if prim.broadcasts else part
                    _add(cotangents, s, part)
        return cotangents[:count]


def _own(cotangents: list[Any], own: set[int], slot: int, g: Any, values: tuple[Any, ...]) -> bool:
    """Make the cotangent of a slot an array that can be added to in place, where all is plain."""
    known, x = cotangents[slot], values[0]
    if any(isinstance(a, Traced) for a in (g, known, *values)) or g.dtype != x.dtype or not x.shape:
        return False
    if slot not in own:
        zero = np.zeros(x.shape, x.dtype)
        cotangents[slot] = zero if known is None else known + zero
        own.add(slot)
    return True


def _add(cotangents: list[Any], slot: int, part: Any) -> None:
    known = cotangents[slot]
    cotangents[slot] = part if known is None else known + part


def _backward_whole(
    which: Any, slot: Any, outs: tuple[int, ...], back: Callable[..., Any], cotangents: list[Any]
) -> list[int]:
    """Add what `back` gives to the cotangents of the arguments; the slots of those that have got more."""
    gs = [cotangents[out] for out in outs]
    cotangents[outs[0] : outs[-1] + 1] = [None] * len(outs)
    if all(g is None for g in gs):
        return []
    parts = back(gs)
    pairs = [(which, slot)] if type(which) is int else zip(which, slot, strict=True)
    added = [(s, parts[i]) for i, s in pairs if parts[i] is not None]
    for s, part in added:
        _add(cotangents, s, part)
    return [s for s, _ in added]


class Segment:
    """A part of a tape that has been thinned: its operations and, of the values, only those that they take from
    before, the `border`. For the backward pass they are done again, on a tape of their own.

    An operation may be a segment itself, which was thinned earlier; done again, it is thinned again.
    """

    def __init__(self, prims: Sequence[Any], attrs: Sequence[dict[str, Any]], entries: Sequence[Entry]) -> None:
        first = entries[0][2]
        self.first = first if type(first) is int else first[0]  # slot of the first answer
        self.border: dict[int, Any] = {}  # slot -> value
        self.needed: set[int] = set()  # the slots whose values its operations take
        self.steps = []
        for prim, attr, (which, slot, out, _, values) in zip(prims, attrs, entries, strict=True):
            places, slots = ((which,), (slot,)) if type(which) is int else (which, slot)
            args = list(values)
            if type(prim) is Segment:
                args, prim.border = list(prim.border.values()), {}  # now it gets them from outside
            self.needed.update(slots)
            for i, s in zip(places, slots, strict=True):
                if s < self.first:
                    self.border[s] = args[i]
                args[i] = None
            self.steps.append((prim, attr, places, slots, out, args))

    def back(self, gs: Sequence[Any], masks: dict[int, Any] | None = None) -> list[Any]:
        """The cotangents of the border from those of the answers. `masks` are by the slots of the old tape."""
        tape = Tape(list(self.border.values()))
        slots = self.replay(tape, dict(zip(self.border, tape.inputs, strict=True)), set())
        seeds = {slots[self.first + i]: g for i, g in enumerate(gs) if g is not None}
        known = {slots[s]: mask for s, mask in (masks or {}).items() if s in slots}
        return tape.backward(seeds, False, known)

    def replay(self, tape: Tape, values: dict[int, Tensor], outside: set[int]) -> dict[int, int]:
        """Do the operations on `tape`. `values` takes the slots of the border to its Tensors; those that are made are
        added if they are needed here or `outside`. Returns the new slots by the old ones.
        """
        needed = self.needed | outside
        made: dict[int, int] = {}
        for prim, attrs, places, slots, out, args in self.steps:
            if type(prim) is Segment:
                inside = {s: values[s] for s in slots}
                with thinning(tape):
                    made.update(prim.replay(tape, inside, needed))
                values.update({s: x for s, x in inside.items() if s in needed})
                continue
            full = list(args)
            for i, s in zip(places, slots, strict=True):
                full[i] = values[s]
            answers = tape.process(prim, tuple(full), attrs)
            for s, x in zip(out, answers, strict=True) if type(out) is tuple else ((out, answers),):
                if type(x) is Tensor and x.trace is tape:
                    values[s], made[s] = x, x.note
        return made


@contextmanager
def thinning(tape: Tape) -> Iterator[None]:
    """Context manager: what is recorded on the tape inside of it is thinned when it ends."""
    start = len(tape.entries)
    tape.thinned += 1
    try:
        yield
    finally:
        tape.thinned -= 1
        tape.thin(start)
