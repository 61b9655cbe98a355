"""Loops and branches as operations: `scan`, `fori_loop`, `while_loop`, `cond`.

Outside of `jit` they are what they look like in Python, and every transformation sees the operations inside. While a
program is recorded, body and branches are recorded once, as programs of their own; what they capture from around them
becomes an argument. Their derivatives are again such operations: reverse mode of a scan is a scan that runs backwards.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, ShapeError, user_line
from ..core.primitive import Emit, Primitive, register
from ..core.trace import Traced, bind
from .branch import cond_, while_
from .graph import PYTHON_ALONE, Var
from .program import record_program
from .scan import Shape, scan_
from .tracer import GraphTrace, example, recording
from .weak import NUMBERS

# ---- what the user calls
# ----------------------------------------------------------------------------------------------


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any, length: int | None = None, reverse: bool = False
) -> tuple[Any, Any]:
    """`carry, y = f(carry, x)` for each x along the first axis of `xs`: the last carry, and the ys stacked.

    `init` and `xs` are trees; the carry keeps the structure, shapes and dtypes of `init`. With xs=None, `length` says
    how often, and f gets None. With `reverse`, it begins at the last x; each y stands where its x does.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.scan(lambda total, x: (total + x, total), 0.0, np.array([1.0, 2.0, 3.0]))
    (np.float64(6.0), array([0., 1., 3.]))
    """
    leaves = tree.leaves(xs)
    lengths = {np.shape(x)[0] if np.ndim(x) else None for x in leaves} | ({length} if length is not None else set())
    if len(lengths) != 1 or None in lengths:
        raise ShapeError(
            f"scan: the first axes of xs have lengths {sorted(map(str, lengths))}{user_line()}, expected one length, "
            "for all of them and for length= where it is given"
        )
    (n,) = lengths
    assert n is not None
    if not recording() and n > 0:
        return _by_python(f, init, [tree.map(lambda x, i=i: x[i], xs) for i in range(n)], reverse)
    return _loop(f, init, xs, n, None, reverse)


def fori_loop(lower: Any, upper: Any, body: Callable[[Any, Any], Any], init: Any) -> Any:
    """`value = body(i, value)` for i = lower, ..., upper - 1, from `init`, a tree.

    Bounds that are known when a program is recorded make a scan, with derivatives in both modes; bounds that are not
    make a `while_loop`, which has forward mode only.

    >>> import tinygrad_scratch as tg
    >>> tg.fori_loop(0, 10, lambda i, total: total + i, 0)
    45
    """
    if any(isinstance(b, Traced) and not b.trace.concrete for b in (lower, upper)):
        return while_loop(lambda c: c[0] < upper, lambda c: (c[0] + 1, body(c[0], c[1])), (lower, init))[1]
    lower, upper = _bound("lower", lower), _bound("upper", upper)
    if not recording():
        for i in range(lower, upper):
            init = body(i, init)
        return init
    return _loop(lambda c, i: (body(i, c), ()), init, (), max(upper - lower, 0), lower)[0]


def _bound(name: str, b: Any) -> int:
    try:
        return int(b) if isinstance(b, Traced) else operator.index(b)  # type: ignore[call-overload]
    except TypeError:
        raise ArgumentError(f"fori_loop: {name}={b!r}{user_line()}, expected an integer") from None


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    """`value = body_fun(value)` as long as `cond_fun(value)` holds, from `init_val`, a tree.

    Reverse mode works where the loop runs in Python; a recorded loop has forward mode, since its length is not known.

    >>> import tinygrad_scratch as tg
    >>> tg.while_loop(lambda x: x < 100, lambda x: 2 * x, 1)
    128
    """
    if not _needs_recording(init_val):
        while cond_fun(init_val):
            init_val = body_fun(init_val)
        return init_val
    leaves, structure = tree.flatten(init_val)
    leaves, numbers = _settled(lambda *xs: body_fun(tree.unflatten(structure, xs)), leaves, [])

    def with_numbers(f: Callable[[Any], Any]) -> Callable[..., Any]:
        return lambda *xs: f(tree.unflatten(structure, as_numbers(xs, numbers)))

    body, captured, out_structure = record_program(with_numbers(body_fun), leaves)
    _same_carry("while_loop", structure, leaves, out_structure, body.graph.outputs)
    test, tested, _ = record_program(with_numbers(cond_fun), leaves)
    if [(_shape(a), _dtype(a).kind) for a in test.graph.outputs] != [((), "b")]:
        raise ArgumentError(f"while_loop: cond_fun must return one boolean, got {test.graph.outputs}{user_line()}")
    outs = bind(while_, *captured, *tested, *leaves, body=body, test=test, consts=(len(captured), len(tested)))
    return tree.unflatten(structure, as_numbers(outs, numbers))


def cond(pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any) -> Any:
    """`true_fun(*operands)` where `pred`, a boolean, holds, else `false_fun(*operands)`: trees of the same kind.

    Only the branch that is taken runs; under vmap over `pred` both do.

    >>> import tinygrad_scratch as tg
    >>> tg.cond(True, lambda x: x + 1, lambda x: x - 1, 10)
    11
    """
    if np.shape(pred) != ():
        raise ShapeError(
            f"cond: pred has shape {np.shape(pred)}{user_line()}, expected (); np.where chooses by element"
        )
    if not isinstance(pred, Traced) or not _needs_recording(pred):
        return (true_fun if pred else false_fun)(*operands)
    leaves, structure = tree.flatten(operands)
    leaves = [_array(x) for x in leaves]
    programs, captured, shapes = [], [], []
    for f in (true_fun, false_fun):
        program, consts, out_structure = record_program(lambda *xs, f=f: f(*tree.unflatten(structure, xs)), leaves)
        programs.append(program)
        captured.append(consts)
        shapes.append((out_structure, [(_shape(a), _dtype(a)) for a in program.graph.outputs]))
    if shapes[0] != shapes[1]:
        raise ArgumentError(
            f"cond: the branches differ{user_line()}: true_fun gives {_told(*shapes[0])}, false_fun {_told(*shapes[1])}"
        )
    counts = (len(captured[0]), len(captured[1]))
    outs = bind(
        cond_, _array(pred), *captured[0], *captured[1], *leaves,
        true=programs[0], false=programs[1], consts=counts,
    )  # fmt: skip
    numbers = [a and b for a, b in zip(programs[0].weak, programs[1].weak, strict=True)]
    return tree.unflatten(shapes[0][0], as_numbers(outs, numbers))


def _by_python(
    f: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Sequence[Any], reverse: bool
) -> tuple[Any, Any]:
    order = -1 if reverse else 1
    ys = []
    for x in xs[::order]:
        out = f(carry, x)
        if not isinstance(out, tuple) or len(out) != 2:
            raise ArgumentError(f"scan: f must return (carry, y), got {type(out).__name__}{user_line()}")
        carry, y = out
        ys.append(tree.settled(y))
    return carry, tree.map(_stacked, *ys[::order])


def _stacked(*rows: Any) -> Any:
    """The rows as one array; among others, numbers of Python's take their dtype."""
    others = [x for x in rows if type(x) not in NUMBERS]
    if others and len(others) < len(rows):
        dtype = np.result_type(*[x.dtype for x in others], *[x for x in rows if type(x) in NUMBERS])
        rows = tuple([np.asarray(x, dtype) if type(x) in NUMBERS else x for x in rows])
    return np.stack(rows)


def _needs_recording(x: Any) -> bool:
    """Whether control depends on values that stand for others: in a recorded program, or one a row of a batch."""
    if recording():
        return True
    leaves = [leaf for leaf in tree.leaves(x) if isinstance(leaf, Traced)]
    while leaves:
        if any(leaf.trace.hidden for leaf in leaves):
            return True
        leaves = [leaf.value for leaf in leaves if isinstance(leaf.value, Traced)]
    return False


# ---- recording bodies
# ---------------------------------------------------------------------------------------------------


def _loop(
    f: Callable[[Any, Any], Any], init: Any, xs: Any, n: int, start: int | None, reverse: bool = False
) -> tuple[Any, Any]:
    """The scan as an operation. With `start`, x is the number of the round, counted from there."""
    carries, structure = tree.flatten(init)
    rows, xs_structure = tree.flatten(xs)
    firsts = (
        [start] if start is not None else [x[0] if n else np.zeros(x.shape[1:], x.dtype) for x in map(_array, rows)]
    )

    def body(*leaves: Any) -> Any:
        carry = tree.unflatten(structure, as_numbers(leaves[: len(carries)], numbers))
        rest = leaves[len(carries) :]
        out = f(carry, rest[0] if start is not None else tree.unflatten(xs_structure, rest))
        if not isinstance(out, tuple) or len(out) != 2:
            raise ArgumentError(f"scan: f must return (carry, y), got {type(out).__name__}{user_line()}")
        return out

    numbers: list[bool] = []
    carries, numbers = _settled(body, carries, firsts)
    program, captured, out_structure = record_program(body, [*carries, *firsts])
    kept, given = out_structure.children
    what = "scan" if start is None else "fori_loop"
    _same_carry(what, structure, carries, kept, program.graph.outputs[: len(carries)])
    how = Shape(len(captured), len(carries), n, start, reverse)
    outs = bind(scan_, *captured, *carries, *map(_array, rows), body=program, how=how)
    last = as_numbers(outs[: len(carries)], numbers)
    return tree.unflatten(structure, last), tree.unflatten(given, outs[len(carries) :])


def _settled(body: Callable[..., Any], carries: Sequence[Any], firsts: Sequence[Any]) -> tuple[list[Any], list[bool]]:
    """The first carry, Python numbers in the dtypes that the body gives back, and which of them stay Python's."""
    if not any(_is_number(c) for c in carries):
        return list(carries), [False] * len(carries)
    made = [_array(c) for c in carries]
    program = record_program(body, [*carries, *firsts])[0]
    outputs = program.graph.outputs[: len(made)]
    settled = [m.astype(_dtype(o)) if _is_number(c) else m for c, m, o in zip(carries, made, outputs, strict=True)]
    return settled, [_is_number(c) and w for c, w in zip(carries, program.weak, strict=False)]


def as_numbers(xs: Sequence[Any], which: Sequence[bool]) -> list[Any]:
    """The values, some of them as numbers of Python's."""
    return [_number(x) if is_number else x for x, is_number in itertools.zip_longest(xs, which, fillvalue=False)]


def _number(x: Any) -> Any:
    """What has come from numbers of Python's alone has no derivative; for a batch of them there is no number."""
    while isinstance(x, Traced) and not x.trace.hidden and not isinstance(x.trace, GraphTrace):
        x = x.value
    if isinstance(x, Traced):
        return x.trace.by_python(number, (x,)) if isinstance(x.trace, GraphTrace) else x
    return x.item() if hasattr(x, "item") else x


number: Primitive = register(Primitive("number", np.frompyfunc(_number, 1, 1), emit=Emit(
    lambda x: f"{x}.item()", kind="ufunc", symbol="number"
)))  # fmt: skip
PYTHON_ALONE["number"] = _number


def _is_number(x: Any) -> bool:
    return type(x) in NUMBERS or getattr(x, "weak", False)


def _array(x: Any) -> Any:
    """An array or number of NumPy's, or a Tensor for one."""
    if type(x) in NUMBERS:
        return np.asarray(x)[()]
    return np.positive(x) if getattr(x, "weak", False) and x.dtype.kind != "b" else x


def _shape(a: Any) -> tuple[int, ...]:
    return a.shape if type(a) is Var else ()


def _dtype(a: Any) -> np.dtype[Any]:
    return a.dtype if type(a) is Var else np.result_type(a)


def _same_carry(
    what: str, structure: tree.Structure, carries: Sequence[Any], kept: Any, outputs: Sequence[Any]
) -> None:
    before = [(np.shape(example(c)), np.result_type(example(c))) for c in carries]
    after = [(_shape(a), _dtype(a)) for a in outputs]
    if structure != kept or before != after:
        raise ArgumentError(
            f"{what}: the body turns a carry {_told(structure, before)} into {_told(kept, after)}{user_line()}; "
            "structure, shapes and dtypes must stay"
        )


def _told(structure: Any, avals: Sequence[tuple[Any, Any]]) -> str:
    return f"{structure} of {', '.join(f'{dtype}{list(shape)}' for shape, dtype in avals)}"
