"""The columns of the matrix: what must hold of one call of a function. Each raises where it does not.

A call is seen as a function of its float and complex arrays alone, whose answer is the list of the arrays in what the
function returns. Inputs are read-only, so a function that writes into one is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..compile.jit import jit
from ..core import tree
from ..core.errors import GradientError
from ..testing import check_grads
from ..transforms.grad import vjp
from ..transforms.jvp import jvp
from ..transforms.vmap import vmap
from .entry import Call, Entry, find, made_complex, mapped

Array = np.ndarray[Any, Any]
F = Callable[..., list[Any]]
ROUNDINGS = 1000  # of the largest element: two ways to compute the same


class Bound:
    """A call as a function of its inexact arrays: `bound(*bound.arrays)` is the list of what it answers.

    places   which leaves of the call are these arrays, where it is known
    """

    def __init__(self, function: Callable[..., Any], call: Call, places: Sequence[int] | None = None) -> None:
        self.function = function
        self.call = mapped(_frozen, call)
        self.leaves: list[Any] = []
        mapped(self.leaves.append, self.call)
        inexact = [i for i, x in enumerate(self.leaves) if _inexact(x)]
        self.places = inexact if places is None else places
        self.arrays = [self.leaves[i] for i in self.places]

    def __call__(self, *arrays: Any) -> list[Any]:
        leaves = list(self.leaves)
        for i, x in zip(self.places, arrays, strict=True):
            leaves[i] = x
        rest = iter(leaves)
        args, kwargs = mapped(lambda _: next(rest), self.call)
        return tree.leaves(self.function(*args, **kwargs))

    def smooth(self) -> F | None:
        """The same, of the answers that are floats or complex; None if none is."""
        kinds = [np.asarray(x).dtype.kind in "fc" for x in self(*self.arrays)]
        return (lambda *xs: [x for x, keep in zip(self(*xs), kinds, strict=True) if keep]) if any(kinds) else None


def _inexact(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def _frozen(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return x
    x = x.view()
    x.flags.writeable = False
    return x


def value(entry: Entry, name: str, call: Call) -> None:
    """What Tensors give is what NumPy gives: numbers, shapes and dtypes."""
    expected = Bound(entry.seen(find(entry.reference or name)), call)
    wanted = expected(*expected.arrays)
    f = Bound(entry.seen(find(name)), call)
    _same(f(*f.arrays), wanted, "on arrays")
    if f.arrays:
        _same(vjp(f, *f.arrays)[0], wanted, "on Tensors of grad")
        _same(jvp(f, f.arrays, f.arrays)[0], wanted, "on Tensors of jvp")


def reverse(entry: Entry, name: str, call: Call) -> None:
    """Reverse mode is what differences say."""
    _first_order(entry, name, call, "rev")


def forward(entry: Entry, name: str, call: Call) -> None:
    """Forward mode is what differences say."""
    _first_order(entry, name, call, "fwd")


def _first_order(entry: Entry, name: str, call: Call, mode: str) -> None:
    bound = Bound(entry.seen(find(name)), call)
    if not bound.arrays:
        return
    f = bound.smooth()
    if f is not None:
        check_grads(f, bound.arrays, order=1, modes=(mode,))
    elif any(np.any(t) for t in jvp(bound, bound.arrays, bound.arrays)[1]):
        raise GradientError("the answer is constant by pieces, and its derivative is not zero")


def second(entry: Entry, name: str, call: Call) -> None:
    """The derivatives of the gradient are what differences of it say, in both modes."""
    bound = Bound(entry.seen(find(name)), call)
    f = bound.smooth() if bound.arrays else None
    if f is not None:
        gs = _weights(f(*bound.arrays))
        check_grads(lambda *xs: vjp(f, *xs)[1](gs), bound.arrays, order=1)


def batched(entry: Entry, name: str, call: Call) -> None:
    """vmap is the loop, of the value and of the gradient, whichever axes the batch has."""
    bound = Bound(entry.seen(find(name)), call)
    if not bound.arrays:
        return
    rows = [bound.arrays, [x * (1 + 2.0**-6) for x in bound.arrays]]
    rng = np.random.default_rng([x.size for x in bound.arrays])
    axes = [int(rng.integers(0, x.ndim + 1)) if rng.random() < 0.8 else None for x in bound.arrays]
    axes = axes if any(a is not None for a in axes) else [0] * len(axes)
    for f in _with_gradient(bound):
        stacked = [x if a is None else np.stack([x, y], a) for x, y, a in zip(*rows, axes, strict=True)]
        mixed = [x if a is None else y for x, y, a in zip(*rows, axes, strict=True)]
        loop = zip(f(*bound.arrays), f(*mixed), strict=True)
        _same(vmap(f, tuple(axes))(*stacked), [np.stack(pair) for pair in loop], f"vmap over axes {axes}")


def jitted(entry: Entry, name: str, call: Call) -> None:
    """A compiled program gives eager's numbers, of the value and of the gradient."""
    bound = Bound(entry.seen(find(name)), call)
    for f in _with_gradient(bound):
        run = jit(f, backend="numpy")
        for time in ("first", "second"):
            _same(run(*bound.arrays), f(*bound.arrays), f"the {time} call of jit")


def single(entry: Entry, name: str, call: Call) -> None:
    """Single precision in, NumPy's dtypes out, and gradients in single precision."""
    narrow = mapped(_narrowed, call)
    reference, f = Bound(entry.seen(find(entry.reference or name)), narrow), Bound(entry.seen(find(name)), narrow)
    if not f.arrays:
        return
    wanted = reference(*reference.arrays)
    out, back = vjp(f, *f.arrays)
    _same(out, wanted, "in single precision")
    for x, g in zip(f.arrays, back(_weights(out)), strict=True):
        _require_like(g, x, "the gradient in single precision")
    for a, t in zip(out, jvp(f, f.arrays, f.arrays)[1], strict=True):
        _require_like(t, a, "the tangent in single precision")


def of_complex(entry: Entry, name: str, call: Call) -> None:
    """All of this for complex arrays."""
    for column, check in COLUMNS.items():
        if column != "complex" and column not in entry.without:
            check(entry, name, call)


COLUMNS: dict[str, Callable[[Entry, str, Call], None]] = {
    "value": value,
    "reverse": reverse,
    "forward": forward,
    "second": second,
    "vmap": batched,
    "jit": jitted,
    "float32": single,
    "complex": of_complex,
}


def strategy(entry: Entry, column: str) -> Any:
    """What the calls of a column are drawn from."""
    if column != "complex":
        return entry.calls
    return entry.calls.map(made_complex) if entry.complex is None else entry.complex


def _narrowed(x: Any) -> Any:
    if not _inexact(x):
        return x
    return x.astype(np.float32 if x.dtype.kind == "f" else np.complex64)


def _with_gradient(bound: Bound) -> list[F]:
    """The function, and its gradient if it has one."""
    f = bound.smooth() if bound.arrays else None
    if f is None:
        return [bound]
    gs = _weights(f(*bound.arrays))
    return [bound, lambda *xs: list(vjp(f, *xs)[1](gs))]


def _weights(answers: Sequence[Any]) -> list[Any]:
    """A cotangent: numbers between 1/2 and 3/2 of either sign, zero for what has no derivative."""
    rng = np.random.default_rng(1)
    weights = []
    for a in answers:
        a = np.asarray(a)
        w = rng.uniform(0.5, 1.5, a.shape) * rng.choice([-1, 1], a.shape)
        w = w + 1j * rng.uniform(0.5, 1.5, a.shape) if a.dtype.kind == "c" else w
        weights.append(np.asarray(w).astype(a.dtype) if a.dtype.kind in "fc" else np.zeros(a.shape, a.dtype))
    return weights


def _same(found: Sequence[Any], expected: Sequence[Any], where: str) -> None:
    if len(found) != len(expected):
        raise AssertionError(f"{where}: {len(found)} arrays, expected {len(expected)}")
    for a, b in zip(found, expected, strict=True):
        _require_like(a, b, where)
        a, b = np.asarray(a), np.asarray(b)
        if b.dtype.kind not in "fc":
            np.testing.assert_array_equal(a, b, where)
            continue
        size = np.max(np.abs(b), initial=0, where=np.isfinite(b))
        np.testing.assert_allclose(a, b, rtol=0, atol=ROUNDINGS * float(np.finfo(b.dtype).eps * size), err_msg=where)


def _require_like(found: Any, expected: Any, where: str) -> None:
    a, b = np.asarray(found), np.asarray(expected)
    if (a.shape, a.dtype) != (b.shape, b.dtype):
        raise AssertionError(f"{where}: {a.dtype}{list(a.shape)}, expected {b.dtype}{list(b.shape)}")
