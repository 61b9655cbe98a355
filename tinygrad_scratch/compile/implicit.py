"""Implicit functions: what a solver finds is differentiated by the equation that it solves, not through its steps.

The solver is called with plain arrays: by SciPy, in a loop, anyhow. Under `vmap` it is called once a row; a recorded
program calls it each time it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from ..core import tree
from ..core.errors import ArgumentError, MissingRuleError, ShapeError, user_line
from ..core.primitive import EachArgument, Primitive, register
from ..core.trace import Traced, bind
from ..transforms.arguments import has_derivative
from ..transforms.grad import transposed
from ..transforms.jacobian import jacfwd
from ..transforms.jvp import jvp
from .program import Program, pulled, record_program
from .tracer import example


def custom_root(
    f: Callable[..., Any], solve: Callable[..., Any], tangent_solve: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """The function `root(x0, *params)`: the x near x0 with f(x, *params) = 0, as `solve` finds it.

    solve          `solve(g, x0) -> x` with g(x) = f(x, *params), on plain arrays
    tangent_solve  `tangent_solve(matvec, b) -> v` with matvec(v) = b for a linear matvec: the Jacobian of f in x, or
                   its transpose. Without it the Jacobian is made, and factored by np.linalg.solve

    x and the params are arrays or trees of them, real or complex; f has as many elements as x, and is solved for the
    real and imaginary parts of a complex x, holomorphic or not. Whatever is to have a derivative is a
    param: f must not take Tensors from around it. For a fixed point of g take f(x) = g(x) - x.
    By the implicit function theorem dx = -(df/dx)^-1 df for a change of the params, in both modes and any order; the
    derivative by x0 is zero. Raises LinAlgError where df/dx is singular.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> def newton(g, x):
    ...     for _ in range(20):
    ...         x = x - g(x) / tg.grad(g)(x)
    ...     return x
    >>> root = tg.custom_root(lambda x, a: x ** 2 - a, newton)
    >>> float(root(1.0, 4.0)), float(tg.grad(root, 1)(1.0, 4.0)), float(tg.grad(tg.grad(root, 1), 1)(1.0, 4.0))
    (2.0, 0.25, -0.03125)
    """
    equation = _Equation(f, solve, tangent_solve)

    @wraps(f)
    def root(x0: Any, *params: Any) -> Any:
        start, unravel = tree.ravel_real(tree.map(_float, x0))
        leaves, structure = tree.flatten(params)
        return unravel(bind(root_, start, *leaves, at=_At(equation, unravel, structure)))

    return root


def _float(x: Any) -> Any:
    x = x if hasattr(x, "dtype") else np.asarray(x)
    return x if has_derivative(x.dtype) else x.astype(float)


class _Equation:
    """f = 0 and how it is solved."""

    def __init__(self, f: Callable[..., Any], solve: Callable[..., Any], tangent_solve: Any) -> None:
        self.f = f
        self.solve = solve
        self.tangent_solve = tangent_solve
        self.name = getattr(f, "__name__", "f")


class _At:
    """The equation of vectors: `unravel` makes the x of such a vector, `structure` the params of their leaves."""

    def __init__(self, equation: _Equation, unravel: Callable[[Any], Any], structure: tree.Structure) -> None:
        self.equation = equation
        self.unravel = unravel
        self.structure = structure

    def __repr__(self) -> str:
        return f"<{self.equation.name} = 0>"

    def residual(self, x: Any, *leaves: Any) -> Any:
        out = tree.ravel_real(self.equation.f(self.unravel(x), *tree.unflatten(self.structure, leaves)))[0]
        if out.shape != x.shape:
            raise ShapeError(
                f"custom_root: {self.equation.name} gives {out.size} numbers for an x of {x.size}{user_line()}, "
                "expected as many equations as unknowns"
            )
        return out

    def root(self, x0: Any, *leaves: Any) -> Any:
        """The root, by the solver."""
        params = tree.unflatten(self.structure, leaves)

        def g(x: Any) -> Any:
            out = self.equation.f(x, *params)
            return out if _traced(x) else _plain(out, f"custom_root: {self.equation.name}", "as an argument of root")

        made = self.equation.solve(g, self.unravel(x0))
        found = tree.ravel_real(_plain(made, "custom_root: solve", "as an argument of root"))[0]
        if found.shape != x0.shape:
            raise ShapeError(f"custom_root: solve gave {found.size} numbers, expected {x0.size}, as x0 has")
        return found.astype(x0.dtype, copy=False)

    def inverse(self, b: Any, x: Any, leaves: Sequence[Any], backwards: bool) -> Any:
        """The Jacobian in x, or its transpose, solved for b."""

        def f(x: Any) -> Any:
            return self.residual(x, *leaves)

        tangent_solve = self.equation.tangent_solve
        if tangent_solve is None:
            jacobian = jacfwd(f)(x)
            return np.linalg.solve(jacobian.T if backwards else jacobian, b)

        def matvec(v: Any) -> Any:
            v = tree.ravel_real(v)[0]
            return self.unravel(transposed(f, x)[1](v)[0] if backwards else jvp(f, (x,), (v,))[1])

        return tree.ravel_real(custom_linear_solve(matvec, self.unravel(b), tangent_solve, tangent_solve))[0]

    def of(self, x: Any, leaves: Sequence[Any], chosen: Sequence[int]) -> Callable[..., Any]:
        """The residual as a function of some leaves."""

        def f(*some: Any) -> Any:
            full = list(leaves)
            for i, leaf in zip(chosen, some, strict=True):
                full[i] = leaf
            return self.residual(x, *full)

        return f


def _traced(x: Any) -> bool:
    return any(isinstance(leaf, Traced) for leaf in tree.leaves(x))


def _plain(made: Any, what: str, where: str) -> Any:
    if _traced(made):
        raise ArgumentError(
            f"{what} uses a Tensor of an outer transformation from around it{user_line()}; pass it {where}, or "
            "tg.stop_gradient(x) where no derivative is wanted"
        )
    return made


def _root_jvp(ts: Sequence[Any], ans: Any, x0: Any, *leaves: Any, at: _At) -> Any:
    moving = [i for i, t in enumerate(ts[1:]) if t is not None and has_derivative(leaves[i].dtype)]
    if not moving:
        return np.zeros(ans.shape, ans.dtype)
    f = at.of(ans, leaves, moving)
    change = jvp(f, tuple([leaves[i] for i in moving]), tuple([ts[i + 1] for i in moving]))[1]
    return -at.inverse(change, ans, leaves, backwards=False).astype(ans.dtype, copy=False)


def _root_vjp(wanted: Sequence[int], g: Any, ans: Any, x0: Any, *leaves: Any, at: _At) -> list[Any]:
    moving = [i - 1 for i in wanted if i and has_derivative(leaves[i - 1].dtype)]
    out, back = transposed(at.of(ans, leaves, moving), *[leaves[i] for i in moving])
    weights = -at.inverse(g, ans, leaves, backwards=True).astype(out.dtype, copy=False)
    cotangents = dict(zip(moving, back(weights), strict=True))
    args = [x0, *leaves]
    return [cotangents[i - 1] if i - 1 in cotangents else np.zeros(np.shape(args[i])) for i in wanted]


root_: Primitive = register(Primitive(
    "root", lambda x0, *leaves, at: at.root(x0, *leaves), EachArgument(_root_vjp), _root_jvp
))  # fmt: skip


# ---- linear equations
# ---------------------------------------------------------------------------------------------------


def custom_linear_solve(
    matvec: Callable[[Any], Any],
    b: Any,
    solve: Callable[..., Any],
    transpose_solve: Callable[..., Any] | None = None,
    symmetric: bool = False,
) -> Any:
    """The x with matvec(x) = b, as `solve(matvec, b)` finds it, for a linear matvec.

    transpose_solve  `transpose_solve(vecmat, b)`, likewise for the transpose of matvec; needed in reverse mode
    symmetric        matvec is its own transpose (a Hermitian one of complex numbers is not): `solve` serves for both

    b and x are arrays or trees of them, alike. matvec is recorded once, as by `jit`; it may take Tensors from around
    it, whose derivatives are found: A dx = db - dA x, in both modes and any order. solve gets plain arrays.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> from scipy.sparse.linalg import LinearOperator, cg
    >>> def conjugate_gradients(matvec, b):
    ...     return cg(LinearOperator((len(b), len(b)), matvec), b, rtol=1e-12)[0]
    >>> def x(d):
    ...     return tg.custom_linear_solve(lambda v: d * v, np.ones(2), conjugate_gradients, symmetric=True)
    >>> tg.jacrev(x)(np.array([2.0, 4.0])).round(6) + 0.0
    array([[-0.25  ,  0.    ],
           [ 0.    , -0.0625]])
    """
    leaves, structure = tree.flatten(tree.map(_float, b))
    program, captured, given = record_program(lambda *xs: matvec(tree.unflatten(structure, xs)), leaves)
    shapes = [getattr(a, "shape", ()) for a in program.graph.outputs]
    if given != structure or shapes != [x.shape for x in leaves]:
        raise ShapeError(
            f"custom_linear_solve: matvec gives {given} of shapes {shapes} for a b of {structure} of shapes "
            f"{[x.shape for x in leaves]}{user_line()}, expected the same"
        )
    system = _System(program, structure, solve, solve if symmetric else transpose_solve)
    if symmetric:
        system.turned = system
    return tree.unflatten(structure, bind(linear_solve_, *captured, *leaves, system=system))


class _System:
    """A linear map, the program of which takes what it captures and then x; and how it is solved."""

    def __init__(self, program: Program, structure: tree.Structure, solve: Any, transpose_solve: Any) -> None:
        self.program = program
        self.structure = structure
        self.solve = solve
        self.transpose_solve = transpose_solve
        self.turned: _System | None = None

    def __repr__(self) -> str:
        return f"<linear map of {len(self.program.graph.equations)} equations>"

    def split(self, args: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        """What the map captures, and the leaves of a vector."""
        count = len(args) - self.structure.num_leaves
        return args[:count], args[count:]

    def solved(self, *args: Any) -> tuple[Any, ...]:
        """x, by the solver."""
        captured, b = self.split(args)

        def matvec(x: Any) -> Any:
            return tree.unflatten(self.structure, self.program.graph.evaluate(*captured, *tree.leaves(x)))

        made = self.solve(matvec, tree.unflatten(self.structure, b))
        found = tree.leaves(_plain(made, "custom_linear_solve: solve", "to matvec"))
        if [np.shape(x) for x in found] != [np.shape(x) for x in b]:
            raise ShapeError(
                f"custom_linear_solve: solve gave shapes {[np.shape(x) for x in found]}, expected those of b, "
                f"{[np.shape(x) for x in b]}"
            )
        return tuple([np.asarray(x, y.dtype)[()] for x, y in zip(found, b, strict=True)])

    def transposed(self, args: Sequence[Any]) -> _System:
        """The system of the transposed map; `args` are examples."""
        if self.transpose_solve is None:
            raise MissingRuleError(
                f"custom_linear_solve: reverse mode solves the transposed system{user_line()}; give transpose_solve=, "
                "or symmetric=True if matvec is its own transpose"
            )
        if self.turned is None:
            count, places = len(args) - self.structure.num_leaves, range(len(args))[-self.structure.num_leaves :]

            def vecmat(*xs: Any) -> Any:
                zeros = [np.zeros(np.shape(x), x.dtype) for x in xs[count:]]
                back = pulled(self.program.graph, [*xs[:count], *zeros], places)[1]
                return back(xs[count:])[count:]

            program = record_program(vecmat, [example(a) for a in args])[0]
            self.turned = _System(program, self.structure, self.transpose_solve, self.solve)
            self.turned.turned = self
        return self.turned


def _solve_pushforward(ts: Sequence[Any], *args: Any, system: _System) -> Any:
    x = bind(linear_solve_, *args, system=system)
    (captured, b), (dots, db) = system.split(args), system.split(ts)
    change = [np.zeros(np.shape(y), y.dtype) if t is None else t for t, y in zip(db, b, strict=True)]
    moving = [i for i, t in enumerate(dots) if t is not None and has_derivative(captured[i].dtype)]

    def product(*some: Any) -> Any:
        full = list(captured)
        for i, c in zip(moving, some, strict=True):
            full[i] = c
        return system.program.graph.evaluate(*full, *x)

    if moving:
        _, moved = jvp(product, tuple([captured[i] for i in moving]), tuple([dots[i] for i in moving]))
        change = [t - m for t, m in zip(change, moved, strict=True)]
    return x, bind(linear_solve_, *captured, *change, system=system)


def _solve_pullback(wanted: Sequence[int], *args: Any, system: _System) -> Any:
    x = bind(linear_solve_, *args, system=system)
    captured, _ = system.split(args)
    places = [i for i in wanted if i < len(captured)]

    def back(gs: Sequence[Any]) -> list[Any]:
        whole = [np.zeros(y.shape, y.dtype) if g is None else g for g, y in zip(gs, x, strict=True)]
        weights = bind(linear_solve_, *captured, *whole, system=system.transposed(args))
        cotangents = pulled(system.program.graph, [*captured, *x], places)[1]([-w for w in weights])
        return [*cotangents[: len(captured)], *weights]

    return x, back


linear_solve_: Primitive = register(Primitive(
    "linear_solve",
    lambda *args, system: system.solved(*args),
    pullback=_solve_pullback,
    pushforward=_solve_pushforward,
))  # fmt: skip
