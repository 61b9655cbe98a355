"""The plan: in which memory each value of a program lives.

A value is an input, a view of another value, an output (new at each call, or in the memory of a donated input), or
lives in a block of a workspace. A block is used again once the values in it are dead; an operation on elements may
write over an argument that dies with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .fusion import Cluster, elementwise, is_view, kind, writes
from .graph import Equation, Graph, Var

ALIGNMENT = 64


class Plan:
    """Where values live.

    root       Var -> the Var whose memory it views (itself, where it has memory of its own)
    block      Var -> number of its block in the workspace
    sizes      bytes of each block
    donated    output Var -> the input whose memory it takes
    fresh      outputs that are written into memory of their own, made at each call
    inner      Vars that live only inside their cluster: what runs it keeps them in cache or in registers

    With `every`, each value has a place, also that of an operation that cannot write into memory that it is given: its
    answer is copied. Outputs without axes are then in blocks as well. `partners` says for a donated input which output
    alone may take its memory, by their numbers.
    """

    def __init__(
        self,
        graph: Graph,
        steps: Sequence[Cluster],
        donate: Sequence[int],
        inner: set[Var],
        every: bool = False,
        partners: dict[int, int] | None = None,
    ) -> None:
        self.graph = graph
        self.every = every
        self.steps = steps
        self.inner = inner
        self.root = _roots(graph, steps)
        self.last = self._last_uses()
        self.donated = self._pair_donated(donate, partners)
        made = [(v, eq) for step in steps for eq in step.equations for v in eq.outputs]
        self.fresh = {
            v
            for v, eq in made
            if v in self._outputs and v not in self.donated and self._placed(v, eq) and v.shape != ()
        }
        self.block: dict[Var, int] = {}
        self.sizes: list[int] = []
        self._assign()

    @property
    def total(self) -> int:
        """The size of the workspace."""
        return sum(map(_aligned, self.sizes))

    def add_block(self, v: Var) -> None:
        """Give a value a block of its own."""
        self.block[v] = len(self.sizes)
        self.sizes.append(nbytes(v))

    def scratch(self, size: int) -> int:
        """Where further memory of that size begins."""
        self.sizes.append(size)
        return self.total - _aligned(size)

    def offset(self, v: Var) -> int:
        """Where the block of a value begins."""
        return sum(map(_aligned, self.sizes[: self.block[v]]))

    def _placed(self, v: Var, eq: Equation) -> bool:
        """Whether the plan says where the answer goes."""
        return self.root[v] is v and not v.weak and (self.every or writes(eq))

    def _last_uses(self) -> dict[Var, int]:
        last: dict[Var, int] = {}
        for k, step in enumerate(self.steps):
            for v in step.inputs():
                last[self.root[v]] = k
            for eq in step.equations:
                for v in eq.outputs:
                    last.setdefault(self.root[v], k)
        self._outputs = {a for a in self.graph.outputs if type(a) is Var}
        for v in self._outputs:
            last[self.root[v]] = len(self.steps)
        return last

    def _pair_donated(self, donate: Sequence[int], partners: dict[int, int] | None) -> dict[Var, Var]:
        """Each donated input, in order, goes to the first output like it that is made once the input is dead."""
        place = {v: k for k, step in enumerate(self.steps) for eq in step.equations for v in eq.outputs}
        maker = {v: eq for step in self.steps for eq in step.equations for v in eq.outputs}
        outputs = [v for v in dict.fromkeys(self.graph.outputs) if type(v) is Var and v in place]
        free = [v for v in outputs if self._placed(v, maker[v])]
        pairs: dict[Var, Var] = {}
        for i in donate:
            x = self.graph.inputs[i]
            if x.weak or x in self._outputs:
                continue
            for v in free if partners is None else [v for v in free if v is self.graph.outputs[partners[i]]]:
                if (v.shape, v.dtype) == (x.shape, x.dtype) and self._dead(x, v, place[v], maker[v]):
                    pairs[v] = x
                    free.remove(v)
                    break
        return pairs

    def _dead(self, x: Var, out: Var, k: int, maker: Equation) -> bool:
        """Whether `out`, made in step k, may be written over x."""
        last = self.last.get(x, -1)
        return last < k or (last == k and self._may_overwrite(self.steps[k], x, maker))

    def _may_overwrite(self, step: Cluster, x: Var, maker: Equation) -> bool:
        """Whether the equation may write over x, which dies in this step: only elements at the same place may be read,
        and none of them after that.
        """
        position = step.equations.index(maker)
        readers = [eq for eq in step.equations if any(self.root[v] is x for v in eq.vars())]
        if not elementwise(maker) or any(step.equations.index(eq) > position for eq in readers):
            return False
        for eq in readers:
            for i, v in enumerate(eq.inputs):
                if type(v) is Var and self.root[v] is x:
                    same_place = v is x and v.shape == maker.outputs[0].shape and elementwise(eq)
                    if not same_place or (eq is maker and kind(eq) == "where" and i != 2):
                        return False
        return True

    def _assign(self) -> None:
        free: list[int] = []
        end: dict[int, int] = {}  # block -> the last step in which its value is needed
        ending: dict[int, list[int]] = {}
        for k, step in enumerate(self.steps):
            for eq in step.equations:
                for v in eq.outputs:
                    if v in self.inner or v in self.fresh or v in self.donated or not self._placed(v, eq):
                        continue
                    taken = self._in_place(step, k, eq, v)
                    b = self._take(free, v) if taken is None else taken
                    self.block[v] = b
                    end[b] = self.last[v]
                    ending.setdefault(self.last[v], []).append(b)
            free += [b for b in dict.fromkeys(ending.pop(k, [])) if end[b] == k]  # a block may have had several values

    def _in_place(self, step: Cluster, k: int, eq: Equation, v: Var) -> int | None:
        """The block of an argument that dies here and may be written over."""
        for x in eq.vars():
            same = (x.shape, x.dtype) == (v.shape, v.dtype) and x in self.block
            if same and self.last[x] == k and self._may_overwrite(step, x, eq):
                return self.block[x]
        return None

    def _take(self, free: list[int], v: Var) -> int:
        size = nbytes(v)
        fitting = [b for b in free if size <= self.sizes[b] <= 2 * size + 256]
        if fitting:
            best = min(fitting, key=lambda b: self.sizes[b])
            free.remove(best)
            return best
        self.sizes.append(size)
        return len(self.sizes) - 1


def size(v: Var) -> int:
    """Elements of a value."""
    return math.prod(v.shape)


def nbytes(v: Var) -> int:
    """Bytes of a value."""
    return size(v) * v.dtype.itemsize


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _roots(graph: Graph, steps: Sequence[Cluster]) -> dict[Var, Var]:
    root = {v: v for v in (*graph.inputs, *graph.constants)}
    for step in steps:
        for eq in step.equations:
            first = eq.inputs[0] if eq.inputs else None
            for v in eq.outputs:
                root[v] = root[first] if is_view(eq) and type(first) is Var and not first.weak else v
    return root
