"""What cannot be compiled is refused in a sentence with the user's line and a way out; and what jit refuses to take."""

import builtins
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

from .agreement import BACKENDS, same_tree

X = np.linspace(-2, 2, 12).reshape(3, 4)
errors = tg.errors
counter = 0


def if_on_a_value(x: Any) -> Any:
    if x.sum() > 0:
        return x
    return -x


def mask(x: Any) -> Any:
    return x[x > 0]


def stored(x: Any) -> Any:
    global kept
    kept = x * 2
    return x


WAY_OUT = r"Use np.where or tg.cond instead of if.*static_argnums"
REFUSED = {
    "if": (if_on_a_value, X, errors.ConcreteError, r"bool\(\) of a value under jit .*if x.sum\(\) > 0.*" + WAY_OUT),
    "while": (lambda n: [n for _ in iter(lambda: n > 0, False)], 3.0, errors.ConcreteError, r"bool\(\).*" + WAY_OUT),
    "float": (lambda x: float(x.sum()), X, errors.ConcreteError, r"float\(\) of a value under jit.*" + WAY_OUT),
    "int": (lambda x: int(x.sum()), X, errors.ConcreteError, r"int\(\) of a value under jit.*" + WAY_OUT),
    "range": (lambda n: sum(range(n)), 3, errors.ConcreteError, r"an index of a value under jit.*tg.fori_loop"),
    "shape": (lambda n: np.ones(n), 3, errors.ConcreteError, r"an index of a value under jit.*static_argnums"),
    "slice": (lambda n: X[:n] * n, 2, errors.ConcreteError, r"an index of a value under jit.*static_argnums"),
    "item": (lambda x: x[0, 0].item(), X, errors.ConcreteError, r"item\(\) of a value under jit"),
    "round": (lambda n: round(n), 2.5, errors.ConcreteError, r"round\(\) of a value under jit"),
    "power": (lambda n: 2**n * X, 3, errors.ConcreteError, r"an integer to the power.*\(at.*2.0\*\*n.*static_argnums"),
    "mask": (mask, X, errors.MissingRuleError, r"mask gives a shape that depends on values .*x\[x > 0\].*np.where"),
    "nonzero": (lambda x: np.where(x > 0), X, errors.MissingRuleError, r"shape that depends on values"),
    "item assignment": (
        lambda x: x.__setitem__(0, 1),
        X,
        errors.AssignmentError,
        r"cannot be changed in place.*y.copy\(\) first",
    ),
    "into an array": (lambda x: np.copyto(np.ones((3, 4)), x), X, errors.TinygradError, r"has no rule|plain array"),
    "np.random": (lambda x: x + np.random.rand(4), X, errors.ArgumentError, r"draws from np.random.*tg.random"),
    "np.random again": (lambda x: x[0, 0] + np.random.rand(312), X, errors.ArgumentError, r"draws from np.random"),
    "a string": (
        lambda x: (x, "text"),
        X,
        errors.DtypeError,
        r"returned str in \(\*, \*\), expected arrays.*defined at",
    ),
    "an object": (lambda x: {"a": object()}, X, errors.TreeError, r"a is an object of class object"),
    "a set": (lambda x: {x.shape}, X, errors.TreeError, r"class set"),
    "unknown function": (
        lambda x: np.packbits(x),
        X,
        errors.MissingRuleError,
        r"packbits has no rule .*\(at",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_in_the_function(what: str) -> None:
    f, x, error, sentence = REFUSED[what]
    run = tg.jit(f)
    for _ in range(2):
        with pytest.raises(error, match=sentence) as caught:
            run(x)
        assert "test_refusals.py" in str(caught.value) or "(at" not in sentence


def test_a_value_kept_beyond_the_call() -> None:
    run = tg.jit(stored)
    run(X)
    with pytest.raises(errors.EndedError, match=r"used after its transformation had ended \(at test_refusals.py.*kept"):
        kept + 1  # type: ignore[name-defined]


def test_printing_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    def f(x: Any, n: Any) -> Any:
        builtins.print(x * 2, f"{x} {n} {x:.2f}", len(x), x.ndim, x.dtype)
        return x * n

    run = tg.jit(f)
    for _ in range(3):
        run(X, 2.0)
    shown = capsys.readouterr().out
    assert shown == "Tensor(float64[3, 4], jit) Tensor(float64[3, 4], jit) Tensor(float64[], jit) " \
                    "Tensor(float64[3, 4], jit) 3 2 float64\n"  # fmt: skip


def test_side_effects_happen_once() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append(x.shape)
        return x

    run = tg.jit(f)
    for _ in range(3):
        run(X)
    assert seen == [(3, 4)]


ARGUMENTS = {
    "text": ("text", r"argument '0' is str .*static_argnums"),
    "in a tree": ({"a": [1.0, "b"]}, r"argument '0/a/1' is str"),
    "objects": (np.array([None, 1]), r"is an array of object"),
    "strings": (np.array(["a"]), r"is an array of <U1"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), r"is an array of datetime64\[D\]"),
    "records": (np.zeros(2, [("a", float)]), r"is an array of "),
    "masked": (np.ma.masked_array([1.0, 2.0], [True, False]), r"is MaskedArray.*Pass np.asarray"),
}


@pytest.mark.parametrize("what", ARGUMENTS)
def test_arguments(what: str) -> None:
    x, sentence = ARGUMENTS[what]
    with pytest.raises(errors.DtypeError, match=r"jit: .*" + sentence):
        tg.jit(lambda x, **named: x)(x)
    with pytest.raises(errors.DtypeError, match=r"argument 'named/?"):
        tg.jit(lambda x, **named: x)(X, named=x)
    with pytest.raises(errors.TreeError, match="class set"):
        tg.jit(lambda x: x)({1})


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_matrices_are_not_arrays() -> None:
    with pytest.raises(errors.DtypeError, match="argument '1' is matrix"):
        tg.jit(lambda x, y: x * y)(1.0, np.matrix([[1.0, 2.0], [3.0, 4.0]]))


def test_options() -> None:
    def refused(sentence: str, f: Any = if_on_a_value, **options: Any) -> None:
        with pytest.raises(errors.ArgumentError, match=sentence):
            tg.jit(f, **options)

    refused("jit: expected a function, got int", 3)
    refused("backend='cuda', expected one of 'auto', 'numpy', 'numba'", backend="cuda")
    refused("static_argnums='x', expected an integer", static_argnums="x")
    refused("static_argnums=-1, expected places counted from the front", static_argnums=-1)
    refused("static_argnums=1.5, expected an integer", static_argnums=1.5)
    refused("static_argnums=3, but if_on_a_value has 1 positional", static_argnums=3)
    refused("has no argument 'y', named in static_argnames", static_argnames="y")
    refused(r"static_argnames=\[0\], expected a name", static_argnames=[0])
    tg.jit(lambda *xs: xs, static_argnums=3, donate_argnums=4)
    tg.jit(lambda **named: 1, static_argnames="anything")
    with pytest.raises(errors.ArgumentError, match=r"static argument 1 of <lambda> is list, .*\(at.*a tuple instead"):
        tg.jit(lambda x, n: x, static_argnums=1)(X, [1])
    with pytest.raises(errors.ArgumentError, match="static argument 'n' of <lambda> is ndarray"):
        tg.jit(lambda x, n: x, static_argnums=1)(X, n=X)


@pytest.mark.parametrize("backend", BACKENDS)
def test_errors_of_the_user_pass_and_leave_the_function_usable(backend: str) -> None:
    def f(x: Any, fail: bool) -> Any:
        if fail:
            raise KeyError("mine")
        return x @ np.ones((4, 2))

    run = tg.jit(f, backend=backend, static_argnums=1)
    for _ in range(3):
        with pytest.raises(KeyError, match="mine"):
            run(X, True)
        with pytest.raises(errors.ShapeError, match=r"matmul: arguments of shape .*\(at test_refusals"):
            run(X.T, False)
        same_tree(run(X, False), X @ np.ones((4, 2)))


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_index_out_of_range_when_the_program_runs(backend: str) -> None:
    cases = [(lambda x, i: x[i], (3, -4)), (lambda x, i: tg.grad(lambda x: np.sum(x[i] ** 2))(x), (3, -4)),
             (lambda x, i: x[:, i, None], (4, -5)), (lambda x, i: tg.numpy.take(x[:0], i, axis=0), (0,))]  # fmt: skip
    for f, wrong in cases:
        run = tg.jit(f, backend=backend)
        for index in (lambda k: np.array([k, 0]), lambda k: np.array([0, k], np.int8), lambda k: k):
            if len(wrong) != 1:
                for _ in range(2):
                    run(X, index(1))
            for k in wrong:
                with pytest.raises(IndexError):
                    run(X, index(k))
            if len(wrong) != 1:
                same_tree(run(X, index(2)), f(X, index(2)))


def test_without_llvmlite() -> None:
    code = """
import sys
sys.modules["llvmlite"] = None
import numpy as np, tinygrad_scratch as tg
for backend in ("numpy", "auto"):
    f = tg.jit(lambda x: np.sin(x) + 1, backend=backend)
    assert f(0.0) == f(0.0) == f(0.0) == 1
f = tg.jit(lambda x: np.sin(x) + 1, backend="numba")
for _ in range(2):
    try:
        f(np.ones(3)), f(np.ones(3))
    except tg.errors.MissingExtraError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    sentence = re.escape('needs numba; install it with: pip install "tinygrad_scratch[jit]"')
    assert len(re.findall(sentence, done.stdout)) == 2
