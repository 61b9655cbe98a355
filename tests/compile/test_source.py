"""Programs written out: they run where the package cannot be imported, and give eager's numbers."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tests.properties import same, same_source

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(8, 3)).astype(np.float32), np.array([0, 3, 1, 2, 2, 0, 1, 3])
NET = tg.nn.serial(tg.nn.dense(5), tg.nn.sigmoid, tg.nn.dense(4))
PARAMS = tg.tree.map(lambda p: p.astype(np.float32), NET.init(tg.random.key(0), (3,))[0])
OPTIMIZER = tg.optim.adam(1e-2)

ALONE = """
import sys, pickle
sys.modules["tinygrad_scratch"] = None
module = {}
text, leaves = pickle.load(sys.stdin.buffer)
exec(text, module)
sys.stdout.buffer.write(pickle.dumps(module["f"](*leaves)))
"""


def alone(text: str, leaves: Any) -> Any:
    """What the program gives in a process without the package."""
    import pickle

    sent = pickle.dumps((text, leaves))
    run = subprocess.run([sys.executable, "-W", "error", "-c", ALONE], input=sent, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return pickle.loads(run.stdout)


def sigmoid_loss(params: Any, x: Any) -> Any:
    return np.mean(tg.nn.sigmoid(NET(params, x)) ** 2)


def classifier_loss(params: Any, x: Any) -> Any:
    return np.mean(tg.losses.softmax_cross_entropy(NET(params, x), LABELS))


def rnn(w: Any, xs: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = np.tanh(w @ h + x)
        return h, h * h

    h, ys = tg.scan(step, np.zeros(3), xs)
    return np.sum(ys) + np.sum(h)


def adam_step(params: Any, state: Any, x: Any) -> Any:
    updates, state = OPTIMIZER.update(tg.grad(classifier_loss)(params, x), state, params)
    return tg.optim.apply_updates(params, updates), state


def convolved(w: Any, x: Any) -> Any:
    return np.sum(tg.nn.functional.conv(x, w) ** 2)


def dropped(key: Any, x: Any) -> Any:
    first, second = tg.random.split(key)
    return tg.nn.functional.dropout(x, first, 0.5) + tg.random.normal(second, (3,), np.float16)


def count_up(x: Any) -> Any:
    return tg.while_loop(lambda c: np.sum(c) < 10.0, lambda c: c * x + 1, x)


def either(x: Any, p: Any) -> Any:
    return np.sum(tg.cond(p > 0, lambda x: x * 2, lambda x: (x + x) * x, x))


def powers(x: Any) -> Any:
    return tg.fori_loop(2, 5, lambda i, y: y * x + i, x)


PROGRAMS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "sigmoid net": (tg.value_and_grad(sigmoid_loss), (PARAMS, X)),
    "classifier": (tg.value_and_grad(classifier_loss), (PARAMS, X)),
    "rnn": (rnn, (np.eye(3), np.asarray(X, float))),
    "gradient of rnn": (tg.grad(rnn, (0, 1)), (np.eye(3), np.asarray(X, float))),
    "adam": (adam_step, (PARAMS, OPTIMIZER.init(PARAMS), X)),
    "windows": (tg.grad(convolved, (0, 1)), (np.ones((2, 1, 2)), np.ones((1, 5, 1)))),
    "random": (dropped, (tg.random.key(0), np.ones(3))),
    "while": (count_up, (np.ones(3),)),
    "tangent of while": (lambda x: tg.jvp(count_up, (x,), (x,)), (np.ones(3),)),
    "cond, true": (tg.grad(either), (np.array([1.0, 2.0]), 1.0)),
    "cond, false": (tg.grad(either), (np.array([1.0, 2.0]), -1.0)),
    "counted loop": (tg.grad(powers), (2.0,)),
    "no rounds": (lambda x: tg.fori_loop(5, 2, lambda i, y: y + 1, x), (np.ones(2),)),
    "several losses of one program": (tg.jit(lambda x: [x, x, 1.0]), (np.ones(2),)),
    "nothing": (lambda x: (), (np.ones(2),)),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_alone(name: str) -> None:
    f, args = PROGRAMS[name]
    text = tg.make_graph(f)(*args).source()
    assert "tinygrad_scratch" not in text
    with np.errstate(all="raise"):
        found = alone(text, tg.tree.leaves(args))
    for a, b in zip(found if isinstance(found, tuple) else (found,), tg.tree.leaves(f(*args)), strict=True):
        same(a, b, exact=False)


def test_the_classic() -> None:
    def loss(w: Any, x: Any, y: Any) -> Any:
        return np.mean((np.tanh(x @ w) - y) ** 2)

    text = tg.make_graph(tg.grad(loss))(np.zeros(3), np.zeros((8, 3)), np.zeros(8)).source()
    assert text.splitlines()[:8] == [
        "import numpy as np",
        "",
        "",
        "def f(w, x, y):",
        "    # w: float64[3]  x: float64[8,3]  y: float64[8]",
        "    a = x @ w  # float64[8]",
        "    b = np.tanh(a)  # float64[8]",
        "    c = b - y  # float64[8]",
    ]


# ---- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "args", "kwargs", "head"),
    [
        (lambda params, x: params["w"] * x, ({"w": 1.0}, 2.0), {}, "def f(params_w, x):"),
        (lambda layers: layers[0]["w"] * layers[1], ([{"w": 1.0}, 2.0],), {}, "def f(layers_0_w, layers_1):"),
        (lambda *xs: xs[0] * xs[1], (1.0, 2.0), {}, "def f(xs_0, xs_1):"),
        (lambda x, *, y, **more: x * y * more["z"], (1.0,), {"z": 2.0, "y": 3.0}, "def f(x, y, z):"),
        (lambda np, f, abs: np * f * abs, (1.0, 2.0, 3.0), {}, "def f(np_2, f_2, abs_2):"),
        (lambda x_0, x: x_0 * x[0], (1.0, [2.0]), {}, "def f(x_0, x_0_2):"),
        (lambda p: p["a b"] * p["lambda"], ({"a b": 1.0, "lambda": 1.0},), {}, "def f(p_a_b, p_lambda):"),
        (lambda a, b: (a + b) * b, (1.0, 2.0), {}, "def f(a, b):"),
        (lambda i: tg.fori_loop(0, 3, lambda k, x: x * i + k, i), (np.ones(2),), {}, "def f(i_2):"),
    ],
)
def test_arguments_are_called_as_in_the_function(f: Any, args: Any, kwargs: Any, head: str) -> None:
    text = tg.make_graph(f)(*args, **kwargs).source()
    assert head in text
    module: dict[str, Any] = {}
    exec(text, module)
    same(module["f"](*tg.tree.leaves((args, kwargs))), f(*args, **kwargs))


def test_name_of_the_function() -> None:
    graph = tg.make_graph(lambda x: 2 * x)(1.0)
    assert "def double(x):" in graph.source("double")
    for bad in ("", "2x", "np", "lambda"):
        with pytest.raises(tg.errors.ArgumentError, match="expected a name"):
            graph.source(bad)


def test_many_values_have_names_of_their_own() -> None:
    def f(x: Any) -> Any:
        for _ in range(700):
            x = np.sin(x)
        return x

    same_source(f, [np.ones(2)])


# ---- numbers and constants ------------------------------------------------------------------------------------------

F32 = np.float32


@pytest.mark.parametrize(
    ("f", "args", "text"),
    [
        (lambda x: x * 0.1, (np.ones(2, F32),), "x * 0.1"),
        (lambda x: x * 0.1, (np.ones(2),), "x * 0.1"),
        (lambda x: x * F32(0.1), (np.ones(2, F32),), "x * 0.1"),
        (lambda x: x * np.float64(0.1), (np.ones(2, F32),), "x * np.float64(0.1)"),
        (lambda x: x * 0.5, (np.ones(2, int),), "x * 0.5"),
        (lambda x: x * F32(0.5), (np.ones(2, np.int8),), "x * np.float32(0.5)"),
        (lambda x: x + np.int8(-3), (np.ones(2, np.int8),), "x + (-3)"),
        (lambda x: np.where(x > 0, x, F32(0)), (np.ones(2, F32),), "np.where(a, x, 0.0)"),
        (lambda x: np.where(x > 0, F32(1), F32(0)), (np.ones(2),), "np.where(a, np.float32(1.0), np.float32(0.0))"),
        (lambda x: np.maximum(x, -np.inf), (np.ones(2),), "np.maximum(x, -np.inf)"),
        (lambda s, x: s * x, (0.1, np.ones(2, F32)), "np.float32(s)"),
        (lambda s: np.add(s, 1.0), (0.1,), "s + np.float64(1.0)"),
        (lambda s: s + 1.0, (0.1,), "s + 1.0"),
        (lambda x: np.float32(2.5), (np.ones(2),), "return np.float32(2.5)"),
        (lambda x: x[1], (np.ones((3, 2)),), "x[1]"),
        (lambda x: np.reshape(x, -1), (np.ones((3, 2)),), "x.reshape(6)"),
    ],
)  # fmt: skip
def test_numbers_are_plain_where_that_gives_the_same(f: Any, args: Any, text: str) -> None:
    assert text in tg.make_graph(f)(*args).source()
    same_source(f, args)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.array([0.1, 0.2], F32), "np.array([0.1, 0.2], np.float32)"),
        (np.array([[1.5], [-np.inf]]), "np.array([[1.5], [-np.inf]])"),
        (np.array([0.0, -0.0]), "np.array([0.0, -0.0])"),
        (np.array([np.nan, 1e-300]), "np.array([np.nan, 1e-300])"),
        (np.array([7, 255], np.uint8), "np.array([7, 255], np.uint8)"),
        (np.array([True, False]), "np.array([True, False])"),
        (np.arange(10_000), "np.arange(10000)"),
        (np.arange(3, 9, dtype=np.int32).reshape(2, 3), "np.arange(3, 9, dtype=np.int32).reshape((2, 3))"),
        (np.ones(10_000, F32), "np.ones(10000, np.float32)"),
        (np.full((2, 2), -0.0), "np.full((2, 2), -0.0)"),
        (np.zeros((0, 2)), "np.zeros((0, 2))"),
        (np.array(3.0), "3.0"),
        (np.array([1, 2], ">i4"), "np.array([1, 2], np.dtype('>i4'))"),
        (RNG.normal(size=(64, 64)), None),
        (RNG.normal(size=(64, 64)).astype(F32), None),
        (RNG.normal(size=(64, 64)).astype(np.float16), None),
        (np.array([1 + 2j, complex(-0.0, np.inf)]), None),
        (np.full(3, 0.1 - 2j, np.complex64), "np.full((3,), complex(0.1, -2.0), np.complex64)"),
    ],
)
def test_constants_are_given_back(x: Any, text: str | None) -> None:
    from tinygrad_scratch.compile.show.literals import array

    made = array(x)
    assert text is None or text in made
    found = eval(made, {"np": np})
    assert (found.dtype, found.shape, found.tobytes()) == (x.dtype, x.shape, x.tobytes())


def test_large_constants_are_refused() -> None:
    x = RNG.normal(size=(5000,))
    with pytest.raises(tg.errors.ArgumentError, match=r"float64\[5000\].*pass it as an argument"):
        tg.make_graph(lambda y: y @ x)(x).source()


@pytest.mark.parametrize("dtype", [np.longdouble, np.clongdouble])
def test_constants_of_more_digits_than_pythons_numbers_are_refused(dtype: Any) -> None:
    graph = tg.make_graph(lambda y: np.add(y, np.ones(2, dtype)))(np.ones(2))
    with pytest.raises(tg.errors.ArgumentError, match=r"a constant of .* cannot be written"):
        graph.source()


def test_a_constant_that_is_returned_is_not_shared() -> None:
    module: dict[str, Any] = {}
    exec(tg.make_graph(lambda x: np.arange(3.0))(1.0).source(), module)
    module["f"](1.0)[0] = 7
    np.testing.assert_array_equal(module["f"](1.0), np.arange(3.0))


# ---- functions of one's own -----------------------------------------------------------------------------------------

SCALE = 2.0


def _helper(x: Any) -> Any:
    return SCALE * x


def _with_helper(x: np.ndarray, power: int = 2) -> np.ndarray:
    y: np.ndarray = np.asarray(_helper(x)).copy()  # in place, so that it cannot be recorded
    y **= power
    return y


def _closure(scale: float) -> Any:
    def scaled(x: Any) -> Any:
        out = np.array(x, float)
        out *= scale
        return out

    return scaled


def _uses_the_package(x: Any) -> Any:
    return np.array(tg.tree.leaves(np.asarray(x, float))[0])


def test_functions_bring_helpers_and_numbers_along() -> None:
    op = tg.primitive("squared_in_place_test", _with_helper)
    text = tg.make_graph(lambda x: op(x, power=3))(np.ones(2)).source()
    assert "SCALE = 2.0" in text
    assert "def _helper(x):" in text
    assert "_with_helper(x, power=3)" in text
    np.testing.assert_array_equal(alone(text, [np.array([1.0, 2.0])]), [8.0, 64.0])


@pytest.mark.parametrize(
    ("impl", "why"),
    [
        (lambda x: np.array(x, float), "it is a lambda"),
        (_closure(2.0), "scaled uses names from a function around it: scale"),
        (_uses_the_package, "it uses the module tinygrad_scratch"),
    ],
)
def test_what_has_no_text_is_refused_by_name(impl: Any, why: str) -> None:
    op = tg.primitive("untold_test", impl)
    graph = tg.make_graph(lambda x: op(x))(np.eye(2))
    with pytest.raises(tg.errors.MissingRuleError, match=rf"source: the operation untold_test .*{why}.*as an argument"):
        graph.source()


def test_static_arguments_without_text_are_refused() -> None:
    op = tg.primitive("sampled_test", _with_helper)
    graph = tg.make_graph(lambda x: op(x, power=np.array(3)))(np.ones(2))
    with pytest.raises(tg.errors.MissingRuleError, match=r"sampled_test .*it is given a ndarray"):
        graph.source()


def test_a_custom_rule_is_written_as_what_it_computes() -> None:
    @tg.custom_vjp
    def doubled(x: Any) -> Any:
        return x + x

    doubled.defvjp(lambda x: (x + x, ()), lambda _, g: (3 * g,))
    same_source(lambda x: doubled(x) * x, [np.ones(2)])
    same_source(tg.grad(lambda x: np.sum(doubled(x))), [np.ones(2)])
