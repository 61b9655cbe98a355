"""Reverse mode: value_and_grad, grad and vjp, on the tape.

Complex numbers. A complex number counts as two real ones, and the gradient of a real loss is its steepest ascent:
grad(lambda z: abs(z)**2) is 2 z, and z - rate * grad descends, as in PyTorch. So `vjp` is the adjoint of `jvp` under
Re(conj(a) b), and `jvp` the plain derivative, linear over the real numbers. Where a function is holomorphic, its
derivative is one complex number: holomorphic=True gives f'(z), for a complex answer of complex arguments.

Inside, nothing is conjugated: rules are transposes under Re(a b), so that those of real mathematics hold as they stand
(g f'(x), g @ y.T). The conjugates stand here, at the door, for cotangents that go in and come out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import DtypeError, ShapeError
from ..core.trace import Traced, bind, run
from ..ops.arithmetic import conj
from ..ops.arithmetic import stop_gradient as stop_gradient_
from ..ops.families import in_dtype
from ..tensor import Tensor
from .arguments import cotangents_like, differentiable, has_derivative, normal, replace, require_all, select, strip
from .tape import Tape


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False
) -> Callable[..., Any]:
    """The function `(*args) -> (f(*args), gradient)`, for f with a scalar answer.

    argnums   which argument the gradient is for (a tree like it), or several (a tuple of such trees)
    has_aux   f returns (answer, aux); the new function returns ((answer, aux), gradient)
    holomorphic  f is a holomorphic function of complex numbers; instead of the gradient comes its derivative

    By a complex argument z the gradient is the direction of steepest ascent, dL/dRe(z) + 1j dL/dIm(z). Raises
    ShapeError if f's answer is no scalar, DtypeError if it is not real or an argument is not made of floats. Plain
    arrays that f uses are not copied: do not change them in place while f runs.
    Source: reverse mode as in Griewank and Walther, Evaluating Derivatives, 2nd ed., section 3.2.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> value, (dw, db) = tg.value_and_grad(lambda w, b, x: np.sum((x @ w + b) ** 2), argnums=(0, 1))(
    ...     np.array([1.0, 2.0]), 0.5, np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> float(value), dw, float(db)
    (8.5, array([3., 5.]), 8.0)
    """
    argnums = normal(argnums, "grad")
    kind = "c" if holomorphic else "f"  # of the answer

    @wraps(f)
    def with_gradient(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = tree.flatten(select(args, argnums, "grad"))
        values = differentiable(leaves, structure, "grad", argnums)
        if holomorphic:
            require_all("c", values, structure, "grad", argnums)
        tape = Tape(values)
        out = run(tape, f, replace(args, argnums, tree.unflatten(structure, tape.inputs)), kwargs)
        if has_aux:
            out, aux = _pair(out)
        if type(out) is not Tensor or out.value.shape != () or out.value.dtype.kind != kind:
            _require_scalar(out, holomorphic)
        if type(out) is Tensor and out.trace is tape:
            out, seed = out.value, out.note
            cotangents = tape.backward({seed: _one(out.dtype.char)}, keep=False)
        else:  # does not depend on these arguments
            cotangents = [None] * len(values)
        gradient = tree.unflatten(structure, finish(cotangents, values, not holomorphic))
        return ((out, strip(aux, tape)) if has_aux else out), gradient

    return with_gradient


def grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False
) -> Callable[..., Any]:
    """The gradient of a function with a scalar answer: `(*args) -> gradient`, or `(gradient, aux)` with has_aux.

    As `value_and_grad`, without the value.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> bool(tg.grad(tg.grad(np.sin))(1.0) == -np.sin(1.0))
    True
    >>> tg.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 3.0})
    {'a': np.float64(3.0), 'b': np.float64(2.0)}
    >>> tg.grad(lambda z: abs(z) ** 2)(3 + 4j), tg.grad(lambda z: z ** 2, holomorphic=True)(3 + 4j)
    (np.complex128(6+8j), np.complex128(6+8j))
    """
    both = value_and_grad(f, argnums, has_aux, holomorphic)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, g = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return gradient


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """`f(*primals)` and the function that pulls a cotangent of it back: `out, vjp_fn`, or `out, vjp_fn, aux`.

    `vjp_fn(g)` takes a tree like `out` and returns a tuple with one tree a primal: g^T J, of complex numbers the
    adjoint under Re(conj(a) b). It may be called many times. The primals, and plain arrays that f used, must not be
    changed in place before that.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> out, vjp_fn = tg.vjp(lambda x: x ** 2, np.array([1.0, 2.0, 3.0]))
    >>> vjp_fn(np.array([1.0, 0.0, 1.0]))
    (array([2., 0., 6.]),)
    """
    return _pulled(f, primals, has_aux, door=True)


def transposed(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """`vjp` for the rules inside: the transpose, without the conjugates at the door."""
    return _pulled(f, primals, has_aux, door=False)


def _pulled(f: Callable[..., Any], primals: tuple[Any, ...], has_aux: bool, door: bool) -> Any:
    leaves, structure = tree.flatten(primals)
    values = differentiable(leaves, structure, "vjp", tuple(range(len(primals))))
    tape = Tape(values)
    out = run(tape, f, tree.unflatten(structure, tape.inputs), {})
    if has_aux:
        out, aux = _pair(out)
    outs, out_structure = tree.flatten(out)
    answers = [o.copy() if type(o) is np.ndarray else o for o in strip(outs, tape)]  # rules hold the originals

    def vjp_fn(g: Any) -> tuple[Any, ...]:
        gs = cotangents_like(g, answers, out_structure)
        if door:
            gs = [conj(part) for part in gs]
        seeds: dict[int, Any] = {}
        for o, part in zip(outs, gs, strict=True):
            if type(o) is Tensor and o.trace is tape:
                seeds[o.note] = seeds[o.note] + part if o.note in seeds else part
        cotangents = tape.backward(seeds, keep=True)
        return tree.unflatten(structure, finish(cotangents, values, door, gs))  # type: ignore[no-any-return]

    answer = tree.unflatten(out_structure, answers)
    return (answer, vjp_fn, strip(aux, tape)) if has_aux else (answer, vjp_fn)


@cache
def _one(char: str) -> Any:
    """The number 1 in a dtype."""
    return np.dtype(char).type(1)


def finish(cotangents: Sequence[Any], values: Sequence[Any], door: bool, others: Sequence[Any] = ()) -> list[Any]:
    """The cotangents of the inputs, as arrays that the caller may keep and change: no views, none given twice. At the
    door they are conjugated.
    """
    made: list[Any] = []
    taken = set(map(id, others)) if others else set()
    for g, x in zip(cotangents, values, strict=True):
        if g is None:
            g = np.zeros(x.shape, x.dtype)
        elif isinstance(g, Traced):
            g = g.snapshot()  # of a rule that filled an array
        if g.shape != x.shape:
            raise ShapeError(
                f"grad: a rule gave a cotangent of shape {g.shape} for an input of shape {x.shape}; mend that rule"
            )
        if g.dtype is not x.dtype:
            g = in_dtype(g, x)
        if door and g.dtype.kind == "c":
            g = np.conjugate(g)
        elif type(g) is np.ndarray:
            if g.base is not None or id(g) in taken:
                g = g.copy()
            taken.add(id(g))
        made.append(g)
    return made


def stop_gradient(x: Any) -> Any:
    """`x` (any tree) as a constant: its derivative is zero in every transformation that differentiates.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> float(tg.grad(lambda x: x * tg.stop_gradient(x))(3.0))
    3.0
    """
    return tree.map(lambda leaf: bind(stop_gradient_, leaf), x)


def _pair(out: Any) -> tuple[Any, Any]:
    if not isinstance(out, tuple) or len(out) != 2:
        got = f"{len(out)} values" if isinstance(out, tuple) else type(out).__name__
        raise DtypeError(f"grad: with has_aux=True the function must return (answer, aux), got {got}")
    return out


def _require_scalar(out: Any, holomorphic: bool) -> None:
    out = np.asarray(out) if isinstance(out, (float, complex)) else out
    shape = getattr(out, "shape", None)
    if shape is None:
        raise DtypeError(f"grad: the function returned {type(out).__name__}, expected a float scalar")
    if shape != ():
        raise ShapeError(
            f"grad: the function returned shape {shape}, expected a scalar (). Reduce it, for example by np.sum, "
            "or use tg.jacrev for all its derivatives."
        )
    if holomorphic and out.dtype.kind != "c":
        raise DtypeError(f"grad: with holomorphic=True the function returned dtype {out.dtype}, expected a complex one")
    if out.dtype.kind == "c" and not holomorphic:
        raise DtypeError(
            f"grad: the function returned dtype {out.dtype}, and no complex number is larger than another: return a "
            "real loss, such as its .real or abs, give holomorphic=True for the derivative f'(z), or use tg.vjp"
        )
    if not has_derivative(out.dtype):
        raise DtypeError(
            f"grad: the function returned dtype {out.dtype}, expected a real float: its derivative is not defined"
        )
