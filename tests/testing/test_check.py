"""The checker: what is wrong fails, what is right passes, and what cannot be told is no pass."""

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_gradient, check_grads
from tinygrad_scratch.testing.programs import program

RNG = np.random.default_rng(0)
Wrong = tg.errors.GradientError
Undecided = tg.errors.UndecidedError


def fails(words: str) -> Any:
    return pytest.raises(Wrong, match=words)


def undecided(words: str) -> Any:
    return pytest.raises(Undecided, match=words)


def squares(x: Any) -> Any:
    return np.sum(x * x)


# ---- what other checkers are fooled by ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [10, 1000, 1_000_000])
def test_a_zero_gradient_in_float32_fails_at_any_size(size: int) -> None:
    x = RNG.normal(size=size).astype(np.float32)
    with fails("found -?0, expected .* The gradient is zero"):
        check_gradient(squares, np.zeros_like, (x,))


@pytest.mark.parametrize("value", [1e-20, 1e-7, 1.0, 1e6])
@pytest.mark.parametrize("f", [squares, lambda x: np.sum(x), lambda x: 3 + np.sum(x), lambda x: np.sum(np.log(x))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_factor_2_fails_whatever_the_values(value: float, f: Any, dtype: Any) -> None:
    x = np.array([1.0, 2, 3], dtype) * dtype(value)
    check_gradient(f, tg.grad(f), (x,))
    with fails("0.3 digits agree. The gradient is (2|1.9999|2.0000).* times"):
        check_gradient(f, lambda x: 2 * tg.grad(f)(x), (x,))


@pytest.mark.parametrize("off", [1e-3, 1e-6, 1e-8])
def test_a_small_relative_error_fails(off: float) -> None:
    x = RNG.normal(size=5)
    with fails("digits agree"):
        check_gradient(lambda x: np.sum(np.sin(x)), lambda x: np.cos(x) * (1 + off), (x,))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_element_of_ten_thousand_that_is_off_by_a_hundredth_is_named(dtype: Any) -> None:
    x = RNG.normal(size=10_000).astype(dtype)

    def gradient(x: Any) -> Any:
        g = 2 * x
        g[1234] *= 1.01
        return g

    with fails(r"argument 0, element \[1234\] of shape .* 2.0 digits agree. Of 16 elements looked at, 1 is wrong"):
        check_gradient(squares, gradient, (x,))


def test_a_small_leaf_does_not_hide_behind_a_large_one() -> None:
    def f(p: Any) -> Any:
        return np.sum(p["large"] ** 2) + np.sum(p["small"] ** 2)

    p = {"large": RNG.normal(size=1000) * 100, "small": RNG.normal(size=3) / 100}
    check_grads(f, (p,))
    with fails("leaf 'small'"):
        check_gradient(f, lambda p: {"large": 2 * p["large"], "small": 2.02 * p["small"]}, (p,))


def test_a_small_answer_does_not_hide_behind_a_large_one() -> None:
    right = tg.elementwise("right_small_test", lambda x: 1e-6 * x, lambda g, ans, x: 1e-6 * g)
    wrong = tg.elementwise("wrong_small_test", lambda x: 1e-6 * x, lambda g, ans, x: 1.01e-6 * g)
    for mode in ("rev", "fwd"):
        check_grads(lambda x: (1e6 * np.sin(x), right(x)), (RNG.normal(size=3),), modes=(mode,))
        with fails("digits agree"):
            check_grads(lambda x: (1e6 * np.sin(x), wrong(x)), (RNG.normal(size=3),), modes=(mode,))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sin_at_a_million_passes(dtype: Any) -> None:
    check_grads(np.sin, (dtype(1e6),))
    check_grads(np.sin, (np.array([1e6, 1.0, 1e-6], dtype),))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (tg.nn.relu, 0.0),
        (np.abs, 0.0),
        (np.max, np.array([1.0, 1.0, 0.0])),
        (lambda x: np.max(x, axis=0), np.ones((3, 2))),
        (lambda x: np.clip(x, 0, 1), np.array([0.0, 1.0, 0.5])),
        (lambda x: np.sum(tg.nn.relu(x) * np.arange(5.0)), np.zeros(5)),
        (lambda x: np.max(x[:2]) - 2 * np.sum(tg.nn.relu(x[2:])), np.zeros(5)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_right_derivatives_at_kinks_pass(f: Any, x: Any, dtype: Any) -> None:
    report = check_grads(f, (np.asarray(x, dtype)[()],))
    assert report.notes == ["order 2 was not checked: there is a kink at the arguments"]


def test_at_a_kink_the_derivative_must_lie_between_those_of_the_sides() -> None:
    for slope, right in ((-1.01, False), (-1.0, True), (0.3, True), (1.0, True), (1.01, False)):
        if right:
            check_gradient(np.abs, lambda x, slope=slope: slope, (0.0,))
        else:
            with fails("the derivative by argument 0: found"):
                check_gradient(np.abs, lambda x, slope=slope: slope, (0.0,))


def test_a_kink_hides_nothing_of_the_elements_beside_it() -> None:
    x = RNG.normal(size=50)
    x[[3, 17]] = 0

    def gradient(x: Any) -> Any:
        g = np.sign(x)
        g[20] *= 1.001
        return g

    check_gradient(lambda x: np.sum(np.abs(x)), np.sign, (x,))
    with fails(r"element \[20\]"):
        check_gradient(lambda x: np.sum(np.abs(x)), gradient, (x,))


def test_a_function_that_computes_in_float32_is_checked_to_its_digits() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.sin(x.astype(np.float32)), dtype=np.float32)

    x = np.array([0.3, 0.7])
    assert 2 < check_gradient(f, np.cos, (x,)).digits < 7
    with fails("digits agree"):
        check_gradient(f, lambda x: 1.01 * np.cos(x), (x,))


def test_a_rule_that_is_wrong_in_float32_alone_fails() -> None:
    half = tg.custom_vjp(lambda x: x * x)
    half.defvjp(lambda x: (x * x, x), lambda x, g: (g * x * (2 if x.dtype == float else 3),))
    check_grads(half, (1.5,), modes=("rev",), order=1)
    with fails("for arguments of float32 the derivative by .* argument 0 is 1.5 times that for float64"):
        check_grads(half, (np.float32(1.5),), modes=("rev",), order=1)


def test_a_rule_that_is_wrong_in_float64_alone_fails() -> None:
    half = tg.custom_vjp(lambda x: x * x)
    half.defvjp(lambda x: (x * x, x), lambda x, g: (g * x * (2 + 2e-6 * (x.dtype == float)),))
    with fails("digits agree"):
        check_grads(half, (1.5,), modes=("rev",), order=1)


def detached(x: Any) -> Any:
    return np.random.normal(size=x.shape)


X5 = np.linspace(0.1, 0.9, 5) * np.pi / 3


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (detached, "the gradient, order 1, is not deterministic: asked for twice"),
        (lambda x: np.where(x == X5, -2 * x, 2 * x), "changes by up to .* between neighbours"),
        (lambda x: (2 * x).astype(np.float32).astype(float), "changes by up to .* became float32"),
        (lambda x: np.round(2 * x, 5), "digits agree|changes by up to"),
        (lambda x: 2 * x + 1e-9 * np.sin(1e20 * x), "changes by up to"),
    ],
)
def test_a_rough_gradient_is_no_pass(gradient: Any, words: str) -> None:
    with fails(words):
        check_gradient(squares, gradient, (X5,))


@pytest.mark.parametrize("wrong", [lambda x: 0 * x, np.ones_like, lambda x: 0.3 * np.ones_like(x)])
@pytest.mark.parametrize("rows", [False, True])
def test_shares_of_a_maximum_must_add_up(wrong: Any, rows: bool) -> None:
    x = np.ones(4)
    if not rows:
        check_gradient(np.max, lambda x: x / 4, (x,))
        with fails("elements that are equal"):
            check_gradient(np.max, wrong, (x,))
        return
    m = RNG.normal(size=(5, 4))
    m[2] = m[2, 0]

    def shares(m: Any, tied: Any) -> Any:
        hit = (m == m.max(1, keepdims=True)).astype(float)
        hit[2] = tied
        return hit

    check_gradient(lambda m: np.sum(np.max(m, 1)), lambda m: shares(m, 0.25), (m,))
    with fails("elements that are equal"):
        check_gradient(lambda m: np.sum(np.max(m, 1)), lambda m: shares(m, wrong(m[2])), (m,))


@pytest.mark.parametrize("slope", [7.0, 37.0, -5.0])
def test_a_wrong_slope_at_a_kink_away_from_zero_fails(slope: float) -> None:
    def clipped(x: Any) -> Any:
        return np.sum(np.clip(x, -1, 1))

    check_gradient(clipped, lambda x: np.where(np.abs(x) == 1, 0.5, 1), (np.array([1.0, 0.3]),))
    with fails("to 1, the slopes of the two sides of a kink|derivative"):
        check_gradient(clipped, lambda x: np.where(np.abs(x) == 1, slope, 1), (np.array([1.0, 0.3]),))


def test_what_rounding_hides_is_undecided() -> None:
    def hidden(x: Any) -> Any:
        return 1e16 + np.sum(x * x)

    with undecided("f does not move by more than its rounding, which hides its slope"):
        check_gradient(hidden, lambda x: 10 * x, (X5,))
    check_gradient(lambda x: np.sum(0 * x) + 1e16, lambda x: 0 * x, (X5,))


def test_at_a_nearly_singular_matrix_wrong_is_never_right() -> None:
    hilbert = 1 / (np.arange(8)[:, None] + np.arange(8) + 1.0)

    def solved(a: Any) -> Any:
        return np.sum(np.linalg.solve(a, np.ones(8)) ** 2)

    check_gradient(solved, tg.grad(solved), (hilbert,))
    for factor in (2, -1, 0):
        with fails("cannot tell|digits agree"):
            check_gradient(solved, lambda a, factor=factor: factor * tg.grad(solved)(a), (hilbert,))


def tanh2(x: Any) -> Any:
    a = np.tanh(x)
    return 2 * a * (1 - a * a)


@pytest.mark.parametrize("n", [10, 35, 1000])
@pytest.mark.parametrize(
    ("dtype", "factor"), [(np.float16, 0), (np.float16, -1), (np.float16, 1.1), (np.float32, 1.01), (np.float32, 0)]
)
def test_wrong_in_the_dtype_of_the_arguments_alone_fails(n: int, dtype: Any, factor: float) -> None:
    x = np.random.default_rng(n).normal(size=n).astype(dtype)
    check_gradient(lambda x: np.sum(np.tanh(x) ** 2), tanh2, (x,))
    with fails(f"for arguments of {np.dtype(dtype)} the derivative"):
        check_gradient(
            lambda x: np.sum(np.tanh(x) ** 2), lambda x: tanh2(x) * dtype(factor if x.dtype == dtype else 1), (x,)
        )


def test_overflow_in_the_dtype_of_the_arguments_is_told() -> None:
    with undecided("f gave inf at the answer"):
        check_grads(squares, (np.array([1e25], np.float32),))


def test_custom_rules_keep_the_value_of_f() -> None:
    h = tg.custom_jvp(lambda x: np.sin(x))
    h.defjvp(lambda p, t: (np.cos(p[0]), t[0] * np.cos(p[0])))
    with fails("gives another value of f than f itself"):
        check_grads(h, (X5,))
    k = tg.custom_vjp(lambda x: np.sin(x))
    k.defvjp(lambda x: (np.cos(x), x), lambda x, g: (g * np.cos(x),))
    with fails("reverse mode gives another value of f than f itself"):
        check_grads(k, (X5,), modes=("rev",))


def test_rules_must_differentiate_and_keep_the_cotangent() -> None:
    c = tg.custom_vjp(lambda x: np.sin(x))
    c.defvjp(lambda x: (np.sin(x), x), lambda x, g: (tg.stop_gradient(g) * np.cos(x),))
    with fails("order 2: the derivative by the cotangent"):
        check_grads(c, (X5,), modes=("rev",))
    d = tg.custom_vjp(lambda x: x * 1.0)
    d.defvjp(lambda x: (x * 1.0, ()), lambda _, g: (np.clip(g, -1, 1),))
    with fails("is not linear: for 1024 times the cotangent"):
        check_grads(d, (X5,), modes=("rev",))


def test_containers_that_f_changes_are_told() -> None:
    def f(d: Any) -> Any:
        d["more"] = 1.0
        return np.sum(d["a"])

    with undecided("adds to or takes from a container"):
        check_grads(f, ({"a": X5},))


# ---- right ----------------------------------------------------------------------------------------------------------


def test_right_functions_pass() -> None:
    check_grads(lambda p: (np.sin(p["a"]) @ p["b"], p["b"]), ({"a": np.ones((2, 3)), "b": np.ones(3)},), order=3)
    check_grads(np.sin, (np.float32(0.5),))
    check_grads(lambda x: np.sum(x**2), (np.zeros(0),))
    check_grads(lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))), (np.arange(4.0),))  # constant, to rounding
    check_grads(lambda x: [x, {"y": 2.0}], (1.5,))


@pytest.mark.parametrize("k", [62, 1139, 1786, 2256])
def test_programs_that_were_once_false_alarms_pass(k: int) -> None:
    rng = np.random.default_rng((3, k))
    made = program(lambda n: int(rng.integers(n)), 3 + k % 28)
    with np.errstate(all="ignore"):
        check_grads(made, made.args, order=1)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.log, np.array([1e-8, 1.0])),
        (lambda x: 1 / x, np.array([1e-8, 1.0])),
        (np.arctanh, np.array([1 - 1e-8])),
        (lambda x: np.sin(1e6 * x), np.random.default_rng(0).normal(size=4)),
        (lambda x: np.sin(1e6 * x), np.random.default_rng(2).normal(size=4)),
    ],
)
def test_features_smaller_than_the_first_step_are_no_false_alarm(f: Any, x: Any) -> None:
    check_grads(f, (x,), order=1)


@pytest.mark.parametrize("seed", range(20))
def test_saturated_softmax_is_no_false_alarm(seed: int) -> None:
    def f(z: Any) -> Any:
        e = np.exp(z - np.max(z))
        return np.sum(e / np.sum(e) * np.arange(5))

    with contextlib.suppress(Undecided):  # what rounding has flattened, nobody can tell
        check_grads(f, (np.random.default_rng(seed).normal(size=5) * 30,), seed=seed)


def test_large_networks_are_checked_in_all_their_weights() -> None:
    p = {"w": RNG.normal(size=(200, 50)) / 14, "b": np.zeros(50), "v": RNG.normal(size=(50, 3))}
    x = RNG.random((16, 200))

    def loss(p: Any) -> Any:
        return np.mean(tg.losses.softmax_cross_entropy(tg.nn.relu(x @ p["w"] + p["b"]) @ p["v"], np.arange(16) % 3))

    report = check_grads(loss, (p,))
    assert report.digits > 4
    assert not report.notes


@given(st.integers(0, 10**6), st.floats(-300, 300))
def test_no_false_alarm_and_no_miss_at_any_scale(seed: int, exponent: float) -> None:
    rng = np.random.default_rng(seed)
    scale = 10.0 ** (exponent / 10)
    x, w = rng.normal(size=4) * scale, rng.normal(size=4)

    def f(x: Any) -> Any:
        return np.sum(np.sin(x / scale * w)) * scale

    check_gradient(f, lambda x: np.cos(x / scale * w) * w, (x,))
    with fails("digits agree"):
        check_gradient(f, lambda x: np.cos(x / scale * w) * w * (1 + 1e-6), (x,))


# ---- wrong, and where and why ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "words"), [("rev", "reverse mode, order 1"), ("fwd", "forward mode, order 1")])
def test_wrong_rules_fail_in_their_mode(mode: str, words: str) -> None:
    wrong = tg.Primitive(
        "wrong", np.sin, [lambda g, ans, x: g * np.cos(x) * 1.000001], lambda ts, ans, x: ts[0] * np.cos(x) * 1.000001
    )
    with fails(words) as error:
        check_grads(wrong, (np.array([0.5, 1.0]),), modes=(mode,))
    assert isinstance(error.value, AssertionError)
    assert not isinstance(error.value, Undecided)


def test_dropped_gradient_of_one_argument_fails() -> None:
    half = tg.custom_vjp(lambda x, y: x * y)
    half.defvjp(lambda x, y: (x * y, y), lambda y, g: (g * y, None))
    with fails("reverse mode, order 1: the derivative by argument 1: found 0"):
        check_grads(half, (2.0, 3.0), modes=("rev",))


X, W = RNG.normal(size=(6, 4)), {"w": RNG.normal(size=(4, 4)), "b": RNG.normal(size=4), "c": RNG.normal(size=4)}


def layer(p: Any, x: Any) -> Any:
    return np.sum(np.tanh(x @ p["w"] + p["b"]) ** 2 * np.exp(p["c"]))


RIGHT = tg.grad(layer)(W, X)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"w": -RIGHT["w"]}, r"leaf 'w', element \[\d, \d\] of shape \(4, 4\): .* The sign is wrong"),
        ({"w": RIGHT["w"].T}, "right when its last two axes are swapped: look for a missing transpose"),
        ({"b": RIGHT["c"]}, "leaf 'b'.* The numbers are those of argument 0, leaf 'c'"),
        (
            {"b": RIGHT["b"] / 6},
            "times what it should be: look for a factor 6, the length of an axis: a mean for a sum",
        ),
        ({"b": RIGHT["b"] * 3}, "The gradient is 3 times what it should be: look for a factor"),
        ({"b": RIGHT["b"][::-1]}, "It is right when it is reversed"),
        ({"c": 0 * RIGHT["c"]}, "The gradient is zero"),
        ({"c": RIGHT["c"].astype(np.float32).astype(float)}, "About seven digits agree: look for a lost dtype"),
        ({"c": RIGHT["c"] * np.nan}, "found nan.* The gradient is not finite"),
        (
            {"b": np.ones((6, 4))},
            r"leaf 'b' has shape \(6, 4\), expected \(4,\): a sum over the axes along which it was",
        ),
    ],
)
def test_failures_guess_the_cause(change: Any, words: str) -> None:
    check_gradient(layer, lambda p, x: RIGHT, (W, X))
    with fails(words):
        check_gradient(layer, lambda p, x: {**RIGHT, **change}, (W, X))


# ---- bad input ------------------------------------------------------------------------------------------------------


def spoils(x: Any) -> Any:
    x *= 2
    return np.sum(x)


class Counter:
    def __init__(self) -> None:
        self.n = 0.0

    def __call__(self, x: Any) -> Any:
        self.n += 1
        return x * self.n


def broken(x: Any) -> Any:
    raise KeyError("weights")


@pytest.mark.parametrize(
    ("f", "x", "words"),
    [
        (Counter(), 1.0, "f is not deterministic: two answers at the same arguments differ by"),
        (lambda x: 3, 1.0, "the answer of f is int64, which has no derivative"),
        (lambda x: np.argmax(x), np.ones(3), "the answer of f is int64, which has no derivative"),
        (lambda x: None, 1.0, "f returned None"),
        (lambda x: "high", 1.0, "the answer of f is 'high'"),
        (lambda x: (), 1.0, "which holds no array"),
        (lambda x: object(), 1.0, "f returned what is no tree of arrays"),
        (lambda x: {"a": x, "n": 3}, 1.0, "leaf 'n' of the answer of f is int64"),
        (spoils, np.ones(3), "f changes its argument 0 in place"),
        (broken, 1.0, "f raised KeyError at the arguments: 'weights'"),
        (lambda x: x * np.nan, 1.0, "f gave nan at the answer"),
        (np.log, np.array([1.0, 0.0]), r"f gave -inf at the answer, element \[1\] of shape \(2,\)"),
        (np.sqrt, 0.0, "finite at the arguments, but not near them on both sides"),
        (np.floor, 1.0, "f jumps at the arguments"),
        (np.sin, np.inf, "inf at argument 0, so there is nothing to check"),
        (lambda x: x * (1 + 1e-3 * np.sin(1e20 * x)), 1.0, "cannot tell whether the derivative by argument 0 is right"),
        (lambda x: np.nonzero(x > 0.999)[0] * x[x > 0.999], np.ones(3), "its shape depends on values|raised"),
    ],
)
def test_bad_functions_are_never_a_pass(f: Any, x: Any, words: str) -> None:
    with undecided(words), np.errstate(all="ignore"):
        check_grads(f, (x,))
    with undecided(words + "|expected one"), np.errstate(all="ignore"):
        check_gradient(f, lambda x: x, (x,))


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (broken, "the gradient raised KeyError"),
        (lambda p: [p["a"], p["b"]], "the gradient has the structure"),
        (lambda p: {"a": p["a"]}, "the gradient has the structure"),
        (lambda p: {"a": None, "b": p["b"]}, "the gradient has the structure"),
        (lambda p: p["a"].fill(0), "the gradient changes its argument 0, leaf 'a' in place"),
        (lambda p: {"a": "high", "b": p["b"]}, "leaf 'a' is 'high'"),
    ],
)
def test_bad_gradients_are_never_a_pass(gradient: Any, words: str) -> None:
    with fails(words):
        check_gradient(lambda p: np.sum(p["a"] * p["b"]), gradient, ({"a": np.ones(2), "b": np.ones(2)},))


def test_a_function_without_a_rule_is_undecided() -> None:
    with undecided("reverse mode of f raised MissingRuleError"):
        check_grads(lambda x: np.linalg.qr(x, "raw")[0], (np.eye(2),))


def test_bad_requests() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="modes 'rev' or 'fwd'"):
        check_grads(np.sin, (1.0,), modes=("backwards",))
    with pytest.raises(tg.errors.ArgumentError, match="order must be 1 or more"):
        check_grads(np.sin, (1.0,), order=0)
    with pytest.raises(tg.errors.DtypeError, match="check_grads: argument 0 is int"):
        check_grads(np.sin, (1,))
    with pytest.raises(tg.errors.DtypeError, match="check_gradient: argument 1 is int"):
        check_gradient(lambda x, y: x * y, np.sin, (1.0, 2), argnums=(0, 1))


def test_gradients_of_chosen_arguments() -> None:
    def f(labels: Any, w: Any, x: Any) -> Any:
        return np.sum((x @ w - labels) ** 2)

    args = np.arange(3), np.array([0.5, 1.5]), np.ones((3, 2))
    check_gradient(f, tg.grad(f, 1), args, argnums=1)
    check_gradient(f, tg.grad(f, (1, 2)), args, argnums=(1, 2))
    with fails("the derivative by argument 2"):
        check_gradient(f, lambda *a: (tg.grad(f, 1)(*a), 2 * tg.grad(f, 2)(*a)), args, argnums=(1, 2))


def test_the_report_says_what_was_done() -> None:
    report = check_grads(lambda x: np.sum(np.sin(x)), (np.ones(3),))
    assert report.digits > 8
    assert report.comparisons > 10
    assert report.references["complex step"] >= 3
    assert str(report).startswith(f"right: {report.digits:.1f} digits agree; {report.comparisons} numbers compared")
