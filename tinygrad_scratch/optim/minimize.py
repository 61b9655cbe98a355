"""SciPy's minimizers on functions of trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..compile.jit import jit
from ..core import tree
from ..core.errors import ArgumentError, MissingExtraError, ShapeError
from ..transforms.arguments import differentiable
from ..transforms.grad import value_and_grad
from ..transforms.jacobian import hessian, hvp, jacrev

Functions = dict[str, Callable[..., Any]]
WITHOUT_GRADIENT = {"nelder-mead", "powell", "cobyla", "cobyqa"}
WITH_HESSIAN = {"dogleg", "trust-exact"}
WITH_PRODUCT = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}


def scipy_minimize(
    f: Callable[..., Any],
    params: Any,
    method: str = "L-BFGS-B",
    args: tuple[Any, ...] = (),
    backend: str | None = "auto",
    tol: float | None = None,
    options: dict[str, Any] | None = None,
    bounds: tuple[Any, Any] | None = None,
    constraints: dict[str, Any] | Sequence[dict[str, Any]] = (),
) -> Any:
    """Minimize `f(params, *args)` by `scipy.optimize.minimize`: its OptimizeResult, with a tree like params as `x`.

    SciPy works in float64; f gets the dtypes of the params, any tree of floats, and so does `x`. Gradients, products
    with the Hessian and, for dogleg and trust-exact, the whole Hessian are given to the methods that use them.

    backend       by which `jit` compiles all of these; None: not at all. "auto" picks by time, so that runs may round
                  otherwise
    tol, options  SciPy's
    bounds        (lower, upper): each a number or None for all params, or a tree of such like the params, cut off at
                  any height
    constraints   a dict as SciPy has it, or several: {"type": "eq" or "ineq", "fun": c, "args": ()} demands that
                  c(params, *args) is 0, or not negative, in all elements; its derivatives are given too

    What a method cannot do with bounds or constraints, SciPy says in a warning. Raises MissingExtraError without SciPy,
    DtypeError for params that are not floats, ArgumentError or ShapeError for bounds and constraints that are none.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> result = tg.optim.scipy_minimize(lambda p: (p["a"] - 3) ** 2 + np.sum(p["b"] ** 2), {"a": 0.0, "b": np.ones(2)})
    >>> bool(result.success), result.x["a"].round(6), np.abs(result.x["b"]).max() < 1e-6
    (True, np.float64(3.0), np.True_)
    """
    optimize = _scipy_optimize()
    differentiable(*tree.flatten(params), "scipy_minimize", 0)
    start, unravel = tree.ravel_real(params)
    name = method.lower() if isinstance(method, str) else ""

    def for_scipy(functions: Functions, rest: tuple[Any, ...]) -> Functions:
        return {
            key: _in_float64(g if backend is None else jit(g, backend=backend), start.dtype, rest)
            for key, g in functions.items()
        }

    result = optimize.minimize(
        x0=np.asarray(start, np.float64),
        method=method,
        jac=name not in WITHOUT_GRADIENT,
        tol=tol,
        options=options,
        bounds=None if bounds is None else optimize.Bounds(*_bounds(bounds, params)),
        constraints=[
            optimize.NonlinearConstraint(
                lb=0,
                ub=0 if c["type"] == "eq" else np.inf,
                **for_scipy(_constraint(c["fun"], unravel, name), c.get("args", ())),
            )
            for c in _checked(constraints)
        ],
        **for_scipy(_objective(f, unravel, name), args),
    )
    result.x = unravel(result.x.astype(start.dtype))
    return result


def _in_float64(g: Callable[..., Any], dtype: Any, rest: tuple[Any, ...]) -> Callable[..., Any]:
    """A function of vectors of that dtype as SciPy calls it; it gets copies, since SciPy writes into its vectors."""
    return lambda *xs: tree.map(lambda y: np.asarray(y, np.float64), g(*[np.array(x, dtype) for x in xs], *rest))


def _objective(f: Callable[..., Any], unravel: Callable[[Any], Any], method: str) -> Functions:
    """The function and the derivatives that the method uses, of vectors."""

    def value(x: Any, *rest: Any) -> Any:
        return f(unravel(x), *rest)

    def both(x: Any, *rest: Any) -> Any:
        y, gradient = value_and_grad(f)(unravel(x), *rest)
        return y, tree.ravel_real(gradient)[0]

    functions: Functions = {"fun": value if method in WITHOUT_GRADIENT else both}
    if method in WITH_PRODUCT:
        functions["hessp"] = lambda x, t, *rest: hvp(lambda y: value(y, *rest), (x,), (t,))
    if method in WITH_HESSIAN:
        functions["hess"] = hessian(value)
    return functions


def _constraint(c: Callable[..., Any], unravel: Callable[[Any], Any], method: str) -> Functions:
    """As `_objective`, of a constraint; v are its multipliers."""

    def elements(x: Any, *rest: Any) -> Any:
        return tree.ravel(c(unravel(x), *rest))[0]

    functions: Functions = {"fun": elements, "jac": jacrev(elements)}
    if method == "trust-constr":
        functions["hess"] = lambda x, v, *rest: hessian(lambda y: v @ elements(y, *rest))(x)
    return functions


def _checked(constraints: Any) -> Any:
    """The constraints as a sequence of dicts."""
    several = [constraints] if isinstance(constraints, dict) else constraints
    for c in several:
        if not isinstance(c, dict) or c.get("type") not in ("eq", "ineq") or not callable(c.get("fun")):
            raise ArgumentError(
                f"scipy_minimize: constraint {c!r}, expected a dict with 'type', which is 'eq' or 'ineq', and 'fun', "
                "a function of the params"
            )
    return several


def _bounds(bounds: Any, params: Any) -> list[Any]:
    """The lower and the upper bound of each element."""
    if not isinstance(bounds, tuple) or len(bounds) != 2:
        raise ArgumentError(f"scipy_minimize: bounds={bounds!r}, expected a pair (lower, upper), for example (0, None)")
    shapes = [np.shape(p) for p in tree.leaves(params)]
    made = []
    for side, missing in zip(bounds, (-np.inf, np.inf), strict=True):
        values = [missing if b is None else b for b in tree.broadcast(side, params, "scipy_minimize: bounds")]
        try:
            whole = [np.broadcast_to(b, shape).ravel() for b, shape in zip(values, shapes, strict=True)]
        except ValueError as error:
            raise ShapeError(f"scipy_minimize: bounds {side!r} do not fit params of shapes {shapes}") from error
        made.append(np.concatenate(whole))
    return made


def _scipy_optimize() -> Any:
    try:
        from scipy import optimize
    except ImportError as error:
        raise MissingExtraError('scipy_minimize needs SciPy: pip install "tinygrad_scratch[scipy]"') from error
    return optimize
