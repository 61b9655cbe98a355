"""SciPy's minimizers on functions of trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..compile.jit import jit as compiled
from ..core import tree
from ..core.errors import ArgumentError, MissingExtraError, ShapeError
from ..transforms.arguments import differentiable
from ..transforms.grad import value_and_grad
from ..transforms.jacobian import hessian, hvp, jacrev

WITHOUT_GRADIENT = {"nelder-mead", "powell", "cobyla", "cobyqa"}
WITH_HESSIAN = {"dogleg", "trust-exact"}
WITH_PRODUCT = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}


def scipy_minimize(
    f: Callable[..., Any],
    params: Any,
    method: str = "L-BFGS-B",
    args: tuple[Any, ...] = (),
    jit: bool = True,
    tol: float | None = None,
    options: dict[str, Any] | None = None,
    bounds: tuple[Any, Any] | None = None,
    constraints: Sequence[dict[str, Any]] = (),
) -> Any:
    """Minimize `f(params, *args)` by `scipy.optimize.minimize`: its OptimizeResult, with a tree like params as `x`.

    SciPy works in float64; f gets the dtypes of the params, any tree of floats, and so does `x`. Gradients, products
    with the Hessian and, for dogleg and trust-exact, the whole Hessian are given to the methods that use them.

    jit          whether all of these are compiled
    tol, options   SciPy's
    bounds       (lower, upper): each a number or None for all params, or a tree of such like the params, cut off at any
                 height
    constraints  dicts as SciPy has them, {"type": "eq" or "ineq", "fun": c, "args": ()}: c(params, *args) is 0, or not
                 negative, in all elements; its derivative is given too

    What a method cannot do with bounds or constraints, SciPy says in a warning. Raises MissingExtraError without SciPy,
    DtypeError for params that are not floats, ArgumentError or ShapeError for bounds and constraints that are none.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> result = tg.optim.scipy_minimize(lambda p: (p["a"] - 3) ** 2 + np.sum(p["b"] ** 2), {"a": 0.0, "b": np.ones(2)})
    >>> bool(result.success), result.x["a"].round(6), np.abs(result.x["b"]).max() < 1e-6
    (True, np.float64(3.0), np.True_)
    """
    optimize = _scipy_optimize()
    differentiable(*tree.flatten(params), "scipy_minimize", 0)
    start, unravel = tree.ravel(params)
    make: Callable[..., Any] = compiled if jit else lambda function: function
    name = method.lower() if isinstance(method, str) else ""

    def flat(x: Any, *rest: Any) -> Any:
        return f(unravel(x), *rest)

    def vector(x: Any) -> Any:
        """SciPy's vector as f takes it: a copy, since SciPy writes into its own."""
        return np.array(x, start.dtype)

    def as_float64(x: Any) -> Any:
        return np.asarray(x, np.float64)

    known: dict[str, Any] = {}
    if name in WITHOUT_GRADIENT:
        value = make(flat)
        known["fun"] = lambda x: as_float64(value(vector(x), *args))
    else:
        both = make(value_and_grad(f))

        def value_and_gradient(x: Any) -> Any:
            value, gradient = both(unravel(vector(x)), *args)
            return as_float64(value), as_float64(tree.ravel(gradient)[0])

        known.update(fun=value_and_gradient, jac=True)
    if name in WITH_PRODUCT:
        product = make(lambda x, t, *rest: hvp(lambda y: flat(y, *rest), (x,), (t,)))
        known["hessp"] = lambda x, t: as_float64(product(vector(x), vector(t), *args))
    if name in WITH_HESSIAN:
        whole = make(hessian(flat))
        known["hess"] = lambda x: as_float64(whole(vector(x), *args))

    def constraint(c: dict[str, Any]) -> Any:
        if not isinstance(c, dict) or c.get("type") not in ("eq", "ineq") or not callable(c.get("fun")):
            raise ArgumentError(
                f"scipy_minimize: constraint {c!r}, expected a dict with 'type', which is 'eq' or 'ineq', and 'fun', "
                "a function of the params"
            )

        def elements(x: Any, *rest: Any) -> Any:
            return tree.ravel(c["fun"](unravel(x), *rest))[0]

        rest = c.get("args", ())
        values, jacobian = make(elements), make(jacrev(elements))
        second = make(hessian(lambda x, v, *rest: v @ elements(x, *rest)))
        return optimize.NonlinearConstraint(
            lambda x: as_float64(values(vector(x), *rest)),
            0,
            0 if c["type"] == "eq" else np.inf,
            jac=lambda x: as_float64(jacobian(vector(x), *rest)),
            **(
                {"hess": lambda x, v: as_float64(second(vector(x), vector(v), *rest))} if name == "trust-constr" else {}
            ),
        )

    constraints = [constraints] if isinstance(constraints, dict) else constraints
    result = optimize.minimize(
        x0=as_float64(start),
        method=method,
        tol=tol,
        options=options,
        bounds=None if bounds is None else optimize.Bounds(*_bounds(bounds, params)),
        constraints=[constraint(c) for c in constraints],
        **known,
    )
    result.x = unravel(vector(result.x))
    return result


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
