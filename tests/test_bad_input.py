"""What no function can take: each is refused by a sentence with the operation and the user's line."""

import inspect
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.special

import tinygrad_scratch as tg
from tinygrad_scratch.core.errors import TinygradError
from tinygrad_scratch.coverage.entry import find
from tinygrad_scratch.coverage.table import ENTRIES

LA = np.linalg
X = np.arange(1.0, 7.0).reshape(2, 3)
HERE = r"\(at test_bad_input\.py:\d+: "
WAYS: dict[str, Callable[..., Any]] = {
    "grad": lambda f, x: tg.vjp(f, x)[0],
    "jvp": lambda f, x: tg.jvp(f, (x,), (x,)),
    "vmap": lambda f, x: tg.vmap(f)(np.stack([x, x])),
    "jit": lambda f, x: tg.jit(f, backend="numpy")(x),
}


def of_one_array(name: str, *options: str) -> bool:
    """Whether a function takes one array, and one of these options."""
    try:
        parameters = inspect.signature(find(name)).parameters.values()
    except ValueError:
        return False
    needed = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD and p.name not in options]
    return len(needed) == 1 and any(p.name in options for p in parameters)


ALONG = [name for name in sorted(ENTRIES) if name.startswith("numpy.") and of_one_array(name, "axis")]


def refused(kind: type[Exception], words: str, f: Callable[[Any], Any], x: Any, ways: Any = WAYS) -> None:
    for way in ways:
        with pytest.raises(kind, match=words) as error:
            WAYS[way](f, x)
        assert isinstance(error.value, TinygradError)
        assert re.search(HERE, str(error.value))


# ---- axes -------------------------------------------------------------------------------------------------------


def test_there_are_functions_along_an_axis() -> None:
    assert len(ALONG) > 70


@pytest.mark.parametrize("name", ALONG)
def test_an_axis_out_of_range(name: str) -> None:
    f = find(name)
    x = [X, X] if name.rsplit(".", 1)[1] in ("concatenate", "concat", "stack") else None
    bare = name.removesuffix(".reduce").removesuffix(".accumulate").rsplit(".", 1)[1]
    refused(np.exceptions.AxisError, f"^{bare[:4]}", lambda t: f(t if x is None else [t, t], axis=7), X)


def test_the_error_is_numpys_with_operation_and_line() -> None:
    with pytest.raises(tg.errors.AxisError) as error:
        tg.grad(lambda x: x.sum(axis=7))(X)
    assert (error.value.axis, error.value.ndim) == (7, 2)
    assert re.match(rf"sum {HERE}tg\.grad\(lambda x: x\.sum\(axis=7\)\)\(X\)\): axis 7 is out of", str(error.value))
    with pytest.raises(IndexError):
        tg.grad(lambda x: np.sum(np.fft.fft(x, axis=3)).real)(X)


# ---- what is no number ------------------------------------------------------------------------------------------

OBJECTS = np.array([Fraction(1, 3)] * 3)
STRINGS = np.array(["a", "b", "c"])
NO_NUMBERS = [Fraction(1, 3), Decimal("0.3"), "a", None, {1.0}, OBJECTS, STRINGS, [Fraction(1, 3)] * 3, STRINGS[0]]
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.matmul, operator.lt]
TWO = {
    "add": np.add,
    "maximum": np.maximum,
    "hypot": np.hypot,
    "dot": np.dot,
    "outer": np.outer,
    "where": lambda a, b: np.where(a > 1, a, b),
    "concatenate": lambda a, b: np.concatenate([a, [b, b]] if np.ndim(b) else [a, [[b, b, b]]]),
    "xlogy": scipy.special.xlogy,
}


@pytest.mark.parametrize("other", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("f", OPERATORS)
def test_operators(f: Any, other: Any) -> None:
    refused(tg.errors.DtypeError, ".", lambda t: f(t, other), X)


@pytest.mark.parametrize("other", [Decimal("0.3"), "a", None, OBJECTS, STRINGS], ids=repr)
@pytest.mark.parametrize("f", [op for op in OPERATORS if op is not operator.pow])
def test_operators_from_the_right(f: Any, other: Any) -> None:
    refused(tg.errors.DtypeError, ".", lambda t: f(other, t), X)


@pytest.mark.parametrize("other", [x for x in NO_NUMBERS if x is not None], ids=repr)
@pytest.mark.parametrize("name", TWO)
def test_functions(name: str, other: Any) -> None:
    refused(tg.errors.DtypeError, ".", lambda t: TWO[name](t, other), X)


@pytest.mark.parametrize("mask", [STRINGS, OBJECTS, np.ones(3)])
def test_masks(mask: Any) -> None:
    refused(tg.errors.DtypeError, ".", lambda t: np.sum(t, where=mask), X)


@pytest.mark.parametrize("dtype", [object, str, "datetime64[s]"])
def test_a_tensor_holds_numbers(dtype: Any) -> None:
    refused(tg.errors.DtypeError, "^astype: a Tensor holds numbers, it cannot become", lambda t: t.astype(dtype), X)


def test_integers_have_no_derivative() -> None:
    for x in (np.arange(3), 3, np.array([True]), STRINGS, OBJECTS):
        for transform in (tg.grad, tg.value_and_grad, tg.jacfwd, tg.jacrev, tg.hessian):
            with pytest.raises(tg.errors.DtypeError, match=r"argument 0 is .*, which has no derivative\. Pass floats"):
                transform(np.sum)(x)


# ---- matrices ---------------------------------------------------------------------------------------------------

SQUARE: dict[str, Callable[[Any], Any]] = {
    "inv": LA.inv,
    "det": LA.det,
    "slogdet": LA.slogdet,
    "cholesky": LA.cholesky,
    "eig": LA.eig,
    "eigh": LA.eigh,
    "eigvals": LA.eigvals,
    "eigvalsh": LA.eigvalsh,
    "matrix_power": lambda a: LA.matrix_power(a, 3),
    "solve": lambda a: LA.solve(a, np.ones(2)),
}


@pytest.mark.parametrize("name", SQUARE)
def test_a_matrix_that_is_not_square(name: str) -> None:
    refused(np.linalg.LinAlgError, name[:3], SQUARE[name], X)


@pytest.mark.parametrize("name", ["inv", "solve", "cholesky"])
def test_a_singular_matrix(name: str) -> None:
    refused(np.linalg.LinAlgError, name, SQUARE[name], np.zeros((2, 2)))


# ---- what depends on values, and what a Tensor has not ------------------------------------------------------------

BY_VALUE: dict[str, Callable[[Any], Any]] = {
    "nonzero": np.nonzero,
    "unique": np.unique,
    "mask": lambda x: x[x > 2],
    "extract": lambda x: np.extract(x > 2, x),
    "delete": lambda x: np.delete(x, x[0] > 2, 1),
    "repeat": lambda x: np.repeat(x, x[0].astype(int), 1),
    "trim_zeros": lambda x: np.trim_zeros(x[0]),
    "zeros": lambda x: np.zeros(x[0, 0].astype(int)),
    "reshape": lambda x: np.reshape(x, (x[0, 1].astype(int), 3)),
    "linspace": lambda x: np.linspace(0, 1, x[0, 1].astype(int)),
    "if": lambda x: 1 if x[0, 0] > 0 else 2,
}


@pytest.mark.parametrize("name", BY_VALUE)
def test_shapes_that_depend_on_values(name: str) -> None:
    refused((tg.errors.MissingRuleError, tg.errors.ConcreteError), ".", BY_VALUE[name], X, ("vmap", "jit"))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["flat", "tobytes", "view", "strides", "data", "flags"])
def test_an_array_has_it_and_a_tensor_has_not(name: str) -> None:
    refused(tg.errors.MissingMethodError, f"^{name}: an array has it, a Tensor has not", lambda t: getattr(t, name), X)
    assert not tg.jit(lambda x: hasattr(x, name))(X)
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        tg.grad(lambda x: x.nosuch)(X)


# ---- what is not ours to explain ----------------------------------------------------------------------------------


def raising(error: Exception) -> Callable[..., Any]:
    def f(*args: Any) -> Any:
        raise error

    return f


@pytest.mark.parametrize(
    "f",
    [
        lambda error: raising(error),
        lambda error: lambda x: np.apply_along_axis(raising(error), 0, x),
        lambda error: lambda x: tg.scan(raising(error), x, np.arange(3)),
        lambda error: tg.jit(raising(error)),
        lambda error: tg.vmap(tg.grad(raising(error))),
    ],
)
@pytest.mark.parametrize("kind", [ValueError, TypeError, IndexError, KeyError])
def test_what_the_users_function_raises_is_theirs(f: Any, kind: Any) -> None:
    error = kind("theirs")
    with pytest.raises(kind) as caught:
        tg.grad(f(error))(X)
    assert caught.value is error


def test_what_numpy_raises_of_plain_arrays_is_numpys() -> None:
    with pytest.raises(np.exceptions.AxisError) as caught:
        tg.grad(lambda x: x.sum() + np.sum(X, axis=7))(X)
    assert not isinstance(caught.value, TinygradError)
