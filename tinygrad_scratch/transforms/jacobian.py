"""Compositions of vjp, jvp and vmap: linearize, Jacobians, Hessians."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import DtypeError
from .arguments import differentiable, has_derivative, normal, replace, require_all, select
from .grad import grad, transposed, vjp
from .jvp import jvp
from .vmap import vmap


def linearize(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """`f(*primals)` and the linear function `jvp_fn(*tangents) -> J t`, which does not run f again.

    J t is the transpose of the transpose: the vjp of `vjp_fn`, which is linear, taken at zero.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> out, jvp_fn = tg.linearize(lambda x: x ** 2, np.array([1.0, 2.0]))
    >>> jvp_fn(np.array([1.0, 1.0])), jvp_fn(np.array([0.0, 1.0]))
    (array([2., 4.]), array([0., 4.]))
    """
    out, vjp_fn = vjp(f, *primals)
    zero = tree.map(_zero, out)
    _, transposed = vjp(vjp_fn, zero)

    def jvp_fn(*tangents: Any) -> Any:
        return transposed(tangents)[0]

    return out, jvp_fn


def _zero(x: Any) -> Any:
    dtype = getattr(x, "dtype", np.dtype(float))
    return np.zeros(np.shape(x), dtype if has_derivative(dtype) else float)


def jacrev(f: Callable[..., Any], argnums: int | Sequence[int] = 0, holomorphic: bool = False) -> Callable[..., Any]:
    """The Jacobian of `f`, one backward pass an element of the answer, batched.

    A tree like the answer, of trees like the argument, of arrays of shape (*answer, *argument). By complex arguments
    its rows are gradients, and the answers must be real, unless f is `holomorphic`, when it is that of f'(z).

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.jacrev(lambda x: np.cumsum(x) ** 2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [6., 6.]])
    """
    argnums = normal(argnums, "jacrev")

    @wraps(f)
    def jacobian_(*args: Any, **kwargs: Any) -> Any:
        chosen = select(args, argnums, "jacrev")
        leaves, structure = tree.flatten(chosen)
        values = differentiable(leaves, structure, "jacrev", argnums)
        if holomorphic:
            require_all("c", values, structure, "jacrev", argnums)
        out, vjp_fn = (transposed if holomorphic else vjp)(lambda x: f(*replace(args, argnums, x), **kwargs), chosen)
        outs, out_structure = tree.flatten(out)
        outs = [np.asarray(o) if isinstance(o, (float, int, complex)) else o for o in outs]
        if not holomorphic and any(o.dtype.kind == "c" for o in outs):
            raise DtypeError(
                "jacrev: an answer of the function is complex. Return its real and imaginary parts, give "
                "holomorphic=True if the function is, or use tg.vjp"
            )
        rows = vmap(lambda g: vjp_fn(g)[0])(tree.unflatten(out_structure, _basis(outs)))
        shapes = [np.shape(o) for o in outs]

        def part(start: int, shape: tuple[int, ...]) -> Any:
            stop = start + math.prod(shape)
            return tree.map(lambda r: r[start:stop].reshape(shape + r.shape[1:]), rows)

        return tree.unflatten(out_structure, [part(a, s) for a, s in zip(_starts(shapes), shapes, strict=True)])

    return jacobian_


def jacfwd(f: Callable[..., Any], argnums: int | Sequence[int] = 0, holomorphic: bool = False) -> Callable[..., Any]:
    """The Jacobian of `f`, one forward pass an element of the argument, batched. Same answer as `jacrev`.

    The arguments must be real, unless f is `holomorphic`; the answer may be complex.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.jacfwd(lambda t: np.stack([np.exp(t), np.sin(t)]))(0.0)
    array([1., 1.])
    """
    argnums = normal(argnums, "jacfwd")

    @wraps(f)
    def jacobian_(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = tree.flatten(select(args, argnums, "jacfwd"))
        values = differentiable(leaves, structure, "jacfwd", argnums)
        require_all("c" if holomorphic else "f", values, structure, "jacfwd", argnums)
        chosen = tree.unflatten(structure, values)

        def push(t: Any) -> Any:
            return jvp(lambda x: f(*replace(args, argnums, x), **kwargs), (chosen,), (t,))[1]

        columns = vmap(push, out_axes=-1)(tree.unflatten(structure, _basis(values)))
        shapes = [x.shape for x in values]

        def parts(column: Any) -> Any:
            cut = [column[..., a : a + math.prod(s)] for a, s in zip(_starts(shapes), shapes, strict=True)]
            return tree.unflatten(structure, [c.reshape(c.shape[:-1] + s) for c, s in zip(cut, shapes, strict=True)])

        return tree.map(parts, columns)

    return jacobian_


def _starts(shapes: Sequence[tuple[int, ...]]) -> list[int]:
    starts = [0]
    for shape in shapes:
        starts.append(starts[-1] + math.prod(shape))
    return starts[:-1]


def _basis(leaves: Sequence[Any]) -> list[Any]:
    """The unit vectors of the space of all leaves: each leaf with one more axis in front, that counts them."""
    shapes = [np.shape(x) for x in leaves]
    total = sum(math.prod(s) for s in shapes)
    made = []
    for x, start, shape in zip(leaves, _starts(shapes), shapes, strict=True):
        block = np.eye(total, math.prod(shape), -start, dtype=x.dtype)
        made.append(block.reshape(total, *shape))
    return made


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, holomorphic: bool = False) -> Callable[..., Any]:
    """The second derivatives of a function with a scalar answer: forward over reverse.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.hessian(lambda x: x[0] * x[1] ** 2)(np.array([1.0, 3.0]))
    array([[0., 6.],
           [6., 2.]])
    """
    return jacfwd(jacrev(f, argnums, holomorphic), argnums, holomorphic)


def hvp(f: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """Hessian times vector, H t, without the Hessian: forward over reverse (Pearlmutter, Neural Computation 6, 1994).

    `primals` and `tangents` are tuples as for `jvp`. Returns a tree like the primal, or a tuple of them.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> tg.hvp(lambda x: np.sum(x ** 3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.5]),))
    array([6., 6.])
    """
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]
