"""scipy_minimize: every method of SciPy's on trees, with the derivatives that it takes."""

import sys
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.core.errors import ArgumentError, DtypeError, MissingExtraError, ShapeError, TreeError
from tinygrad_scratch.optim import scipy_minimize

from .problems import PROBLEMS, cast, rosenbrock

METHODS = [
    "Nelder-Mead", "Powell", "CG", "BFGS", "Newton-CG", "L-BFGS-B", "TNC", "COBYLA", "COBYQA", "SLSQP", "trust-constr",
    "dogleg", "trust-ncg", "trust-exact", "trust-krylov",
]  # fmt: skip
START = {"x": np.array([0.8, 0.6]), "y": 0.3}


def bowl(params: Any, scale: Any = 10.0) -> Any:
    """Convex, as dogleg needs it. Its minimum, 0, is at x = (1, 1), y = -2."""
    x, y = params["x"], params["y"]
    return (1 - x[0]) ** 2 + (1 - x[0]) ** 4 + scale * (x[1] - x[0]) ** 2 + (y + 2) ** 2


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_minimum(method: str) -> None:
    result = scipy_minimize(bowl, START, method, tol=1e-8)
    assert result.fun < 1e-4
    np.testing.assert_allclose(result.x["x"], 1, atol=0.03)
    np.testing.assert_allclose(result.x["y"], -2, atol=0.03)


class Result:
    def __init__(self, x: Any) -> None:
        self.x = x


@pytest.mark.parametrize("method", METHODS)
def test_derivatives_are_given_to_those_who_use_them(method: str, monkeypatch: Any) -> None:
    import scipy.optimize

    given: dict[str, Any] = {}
    monkeypatch.setattr(scipy.optimize, "minimize", lambda **known: given.update(known) or Result(x=known["x0"]))
    scipy_minimize(bowl, START, method)
    x, t = given["x0"], np.array([0.1, 0.2, 0.3])

    def flat(v: Any) -> Any:
        return bowl({"x": v[:2], "y": v[2]})

    if given["jac"]:
        value, gradient = given["fun"](x)
        assert gradient.dtype == np.float64
        np.testing.assert_allclose(gradient, tg.grad(flat)(x))
    else:
        value = given["fun"](x)
        assert method in ("Nelder-Mead", "Powell", "COBYLA", "COBYQA")
    assert value == flat(x)
    whole = tg.hessian(flat)(x)
    if "hess" in given:
        np.testing.assert_allclose(given["hess"](x), whole)
    if "hessp" in given:
        np.testing.assert_allclose(given["hessp"](x, t), whole @ t)
    second = method.startswith(("trust", "Newton", "dogleg"))
    assert second == ("hess" in given or "hessp" in given)


@pytest.mark.parametrize("backend", ["numpy", None])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_trees_and_dtypes_stay(problem: Any, dtype: Any, backend: str | None) -> None:
    seen = set()

    def loss(params: Any) -> Any:
        seen.update(p.dtype for p in tg.tree.leaves(params))
        return problem.loss(params)

    result = scipy_minimize(loss, cast(problem.start, dtype), backend=backend)
    assert abs(result.fun - problem.minimum) < 1e-5
    assert tg.tree.structure(result.x) == tg.tree.structure(problem.start)
    assert {p.dtype for p in tg.tree.leaves(result.x)} == seen == {np.dtype(dtype)}


def test_args_are_passed_on() -> None:
    data = np.array([1.0, 2.0, 6.0])
    assert scipy_minimize(lambda m, x, p: np.sum(np.abs(x - m) ** p), np.array(0.0), args=(data, 2)).x.round(4) == 3.0
    result = scipy_minimize(bowl, START, "Newton-CG", args=(2.0,))
    np.testing.assert_allclose(result.x["x"], 1, atol=1e-3)


@pytest.mark.parametrize("method", ["L-BFGS-B", "TNC", "SLSQP", "Nelder-Mead", "trust-constr", "COBYQA"])
def test_bounds_are_kept(method: str) -> None:
    result = scipy_minimize(bowl, START, method, bounds=({"x": np.array([-1, 0.5]), "y": -1.5}, {"x": 0.9, "y": None}))
    np.testing.assert_allclose(result.x["x"], [0.9, 0.9], atol=0.02)
    np.testing.assert_allclose(result.x["y"], -1.5, atol=0.01)
    result = scipy_minimize(lambda x: np.sum((x + 1) ** 2), np.ones(2), bounds=(0, None))
    assert result.x.tolist() == [0, 0]


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr", "COBYLA", "COBYQA"])
def test_constraints_are_kept(method: str) -> None:
    """The point of the unit circle with x >= y >= 0 that is nearest to (1, 2)."""
    start = {"x": np.array(1.0, np.float32), "y": np.array(0.2, np.float32)}
    result = scipy_minimize(
        lambda p: (p["x"] - 1) ** 2 + (p["y"] - 2) ** 2, start, method,
        constraints=[
            {"type": "eq", "fun": lambda p, radius: p["x"] ** 2 + p["y"] ** 2 - radius, "args": (1.0,)},
            {"type": "ineq", "fun": lambda p: np.stack([p["x"] - p["y"], p["y"]])},
        ],
    )  # fmt: skip
    np.testing.assert_allclose([result.x["x"], result.x["y"]], np.sqrt(0.5), atol=2e-3)
    alone = scipy_minimize(lambda p: p * p, 3.0, method, constraints={"type": "ineq", "fun": lambda p: p - 1})
    np.testing.assert_allclose(alone.x, 1, atol=1e-3)


def test_what_a_method_cannot_do_is_said() -> None:
    with pytest.warns(RuntimeWarning, match="Method CG cannot handle"):
        scipy_minimize(bowl, START, "CG", bounds=(0, None))
    with pytest.warns(RuntimeWarning, match="Method BFGS cannot handle constraints"):
        scipy_minimize(bowl, START, "BFGS", constraints={"type": "ineq", "fun": lambda p: p["y"]})
    with pytest.raises(ValueError, match="Unknown solver no-such"):
        scipy_minimize(bowl, START, "no-such")


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(DtypeError, match="scipy_minimize: argument 0, leaf 'n' is int64, which has no derivative"):
        scipy_minimize(lambda p: p["n"] ** 2, {"n": np.array(2)}, "Nelder-Mead")
    with pytest.raises(ArgumentError, match=r"bounds=\[\(0, 1\)\], expected a pair \(lower, upper\)"):
        scipy_minimize(bowl, START, bounds=[(0, 1)])  # type: ignore[arg-type]
    with pytest.raises(TreeError, match="scipy_minimize: bounds"):
        scipy_minimize(bowl, START, bounds=([0, 0], None))
    with pytest.raises(ShapeError, match=r"bounds .* do not fit params of shapes \[\(2,\), \(\)\]"):
        scipy_minimize(bowl, START, bounds=({"x": np.zeros(3), "y": 0}, None))
    for constraint in {"type": "equal", "fun": np.sum}, {"type": "eq"}, np.sum:
        with pytest.raises(ArgumentError, match=r"scipy_minimize: constraint .*, expected a dict with 'type'"):
            scipy_minimize(bowl, START, constraints=[constraint])  # type: ignore[list-item]
    with pytest.raises(ShapeError, match="expected a scalar"):
        scipy_minimize(lambda x: x, np.ones(2))


def test_without_scipy(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(MissingExtraError, match=r'pip install "tinygrad_scratch\[scipy\]"'):
        scipy_minimize(rosenbrock, [1.0, 1.0])
