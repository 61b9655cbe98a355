"""Reverse mode: what it returns, what it refuses, nesting, long tapes, threads."""

import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg

X = np.array([1.0, 2.0, 3.0])


def test_third_derivatives_are_closed_forms() -> None:
    third = {
        np.tanh: lambda x: -2 * (1 - np.tanh(x) ** 2) * (1 - 3 * np.tanh(x) ** 2),
        np.sin: lambda x: -np.cos(x),
        np.exp: np.exp,
        np.log: lambda x: 2 / x**3,
        (lambda x: x**5): lambda x: 60 * x**2,
        (lambda x: 1 / x): lambda x: -6 / x**4,
        tg.nn.sigmoid: lambda x: (lambda s: s * (1 - s) * (1 - 6 * s + 6 * s * s))(1 / (1 + np.exp(-x))),
        np.arctan: lambda x: (6 * x**2 - 2) / (1 + x**2) ** 3,
    }
    for f, closed in third.items():
        found = tg.grad(tg.grad(tg.grad(f)))(0.3)
        assert abs(found - closed(0.3)) <= 1e-12 * max(1, abs(closed(0.3)))


def test_argnums_one_several_negative() -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return x * y**2 + z

    assert tg.grad(f)(2.0, 3.0, 1.0) == 9
    assert tg.grad(f, argnums=-2)(2.0, 3.0, 1.0) == 12
    assert tg.grad(f, argnums=(1, 0))(2.0, 3.0, 1.0) == (12, 9)
    assert tg.grad(f, argnums=[2])(2.0, 3.0, 1.0) == (1,)
    assert tg.grad(f, argnums=np.int64(1))(2.0, 3.0, 1.0) == 12
    with pytest.raises(tg.errors.ArgumentError, match=r"argnums=\(0, 0\) names an argument twice"):
        tg.grad(f, argnums=(0, 0))
    with pytest.raises(tg.errors.ArgumentError, match="argnums='x', expected an integer"):
        tg.grad(f, argnums="x")
    with pytest.raises(tg.errors.ArgumentError, match="argnums=3, but the function was called with 3"):
        tg.grad(f, argnums=3)(1.0, 1.0, 1.0)


def test_aux_comes_along_without_tensors() -> None:
    def f(x: Any, scale: Any = 1.0) -> Any:
        return scale * np.sum(x * x), {"x": x, "twice": [2 * x, None], "name": "f"}

    (value, aux), gradient = tg.value_and_grad(f, has_aux=True)(X, scale=2.0)
    assert value == 28
    assert type(aux["twice"][0]) is np.ndarray
    assert aux["name"] == "f"
    np.testing.assert_array_equal(gradient, 4 * X)
    np.testing.assert_array_equal(tg.grad(f, has_aux=True)(X)[0], 2 * X)
    assert len(tg.vjp(f, X, has_aux=True)) == 3
    with pytest.raises(tg.errors.DtypeError, match=r"must return .answer, aux., got Tensor"):
        tg.grad(np.sum, has_aux=True)(X)


def test_any_tree_is_an_argument() -> None:
    params = {"layers": [(X, 2.0), (X, np.float32(3))], "none": None}
    gradient = tg.grad(lambda p: sum(np.sum(w) * b for w, b in p["layers"]))(params)
    assert tg.tree.structure(gradient) == tg.tree.structure(params)
    np.testing.assert_array_equal(gradient["layers"][1][0], [3, 3, 3])
    assert gradient["layers"][1][1].dtype == np.float32


def test_bad_arguments_and_answers_have_their_sentences() -> None:
    with pytest.raises(tg.errors.ShapeError, match=r"shape \(3,\), expected a scalar.*tg.jacrev"):
        tg.grad(np.sin)(X)
    with pytest.raises(tg.errors.DtypeError, match=r"argument 0 is int64, which has no derivative.*astype"):
        tg.grad(np.sum)(np.arange(3))
    with pytest.raises(TypeError, match="argument 1, leaf 'a/0' is int, which has no derivative"):
        tg.grad(lambda x, p: x, argnums=(0, 1))(1.0, {"a": [3]})
    with pytest.raises(tg.errors.DtypeError, match="argument 0 is str"):
        tg.grad(lambda z: 1.0)("x")
    with pytest.raises(tg.errors.DtypeError, match="returned NoneType"):
        tg.grad(lambda x: None)(1.0)
    with pytest.raises(tg.errors.DtypeError, match="returned dtype int64"):
        tg.grad(np.argmax)(X)


def test_independent_answer_has_zero_gradient() -> None:
    np.testing.assert_array_equal(tg.grad(lambda x: 2.0)(X), 0)
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(np.floor(x)))(X), 0)
    _out, back = tg.vjp(lambda x: np.ones(2), X)
    np.testing.assert_array_equal(back(np.ones(2))[0], 0)


def test_tensor_that_outlives_its_transformation_is_refused() -> None:
    kept: list[Any] = []
    for run in (tg.grad(lambda x: kept.append(x) or np.sum(x)), tg.vmap(lambda x: kept.append(x) or x)):
        run(X)
    tg.jvp(lambda x: kept.append(x) or x, (X,), (X,))
    for tensor in kept:
        with pytest.raises(tg.errors.EndedError, match=r"sin: a Tensor was used after .*np.sin\(tensor\)"):
            np.sin(tensor)
        with pytest.raises(RuntimeError, match="add"):
            tensor + 1


def test_failure_inside_leaves_nothing_behind() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        tg.grad(broken)(1.0)
    assert tg.grad(np.sin)(0.0) == 1


def test_gradients_are_the_callers_own() -> None:
    x, y = np.ones(3), np.ones(3)
    gx, gy = tg.grad(lambda x, y: np.sum(x + y), argnums=(0, 1))(x, y)
    gx *= 5
    assert gy.tolist() == [1, 1, 1]
    g = tg.grad(np.sum)(np.ones((2, 2)))
    g[0, 0] = 7
    assert g.tolist() == [[7, 1], [1, 1]]
    ct = np.ones(3)
    (back,) = tg.vjp(lambda x: x, x)[1](ct)
    back[0] = 9
    assert ct[0] == 1


def test_vjp_function_may_be_called_again() -> None:
    _out, back = tg.vjp(lambda p: (p["a"] * p["b"], p["a"]), {"a": X, "b": 2.0})
    for scale in (1.0, 3.0):
        (g,) = back((np.full(3, scale), np.zeros(3)))
        np.testing.assert_array_equal(g["a"], np.full(3, 2 * scale))
        assert g["b"] == 6 * scale
    with pytest.raises(tg.errors.ShapeError, match=r"a cotangent has shape \(2,\), expected \(3,\)"):
        back((np.ones(2), np.ones(3)))
    with pytest.raises(tg.errors.ArgumentError, match="the cotangent has structure"):
        back(np.ones(3))


def test_the_answer_of_vjp_may_be_changed() -> None:
    out, back = tg.vjp(np.exp, X)
    out *= 0
    np.testing.assert_array_equal(back(np.ones(3))[0], np.exp(X))


def test_one_value_used_twice_in_the_answer() -> None:
    _, back = tg.vjp(lambda x: (x, x), 2.0)
    assert back((1.0, 10.0)) == (11,)


def test_mixed_dtypes_come_back_as_they_went() -> None:
    a, b = np.ones((2, 2), np.float32), np.ones((2, 2))
    ga, gb = tg.grad(lambda a, b: np.sum(np.tanh(a @ b) * a), argnums=(0, 1))(a, b)
    assert (ga.dtype, gb.dtype) == (np.float32, np.float64)
    half = np.ones(3, np.float16)
    assert tg.grad(lambda x: np.sum(x * 2 + 1))(half).dtype == np.float16
    assert tg.value_and_grad(lambda x: np.mean((x - 1) ** 2 / 2))(X.astype(np.float32))[0].dtype == np.float32


@given(st.lists(st.sampled_from(["grad", "jvp", "vmap"]), min_size=1, max_size=4))
def test_transformations_nest_in_any_order(names: list[str]) -> None:
    """Each takes x -> f(x) on numbers to its derivative, or leaves it as it is, in its own way."""
    ways = {
        "grad": lambda f: tg.grad(f),
        "jvp": lambda f: lambda x: tg.jvp(f, (x,), (1.0,))[1],
        "vmap": lambda f: lambda x: tg.vmap(f)(np.stack([x, x + 1.0]))[0],
    }
    derivatives = [
        lambda x: np.sin(x) * x,
        lambda x: np.cos(x) * x + np.sin(x),
        lambda x: -np.sin(x) * x + 2 * np.cos(x),
        lambda x: -np.cos(x) * x - 3 * np.sin(x),
        lambda x: np.sin(x) * x - 4 * np.cos(x),
    ]
    f: Any = derivatives[0]
    for name in names:
        f = ways[name](f)
    order = sum(name != "vmap" for name in names)
    np.testing.assert_allclose(f(0.7), derivatives[order](0.7), rtol=1e-13)


def test_perturbations_are_not_confused() -> None:
    assert tg.grad(lambda x: x * tg.grad(lambda y: x + y)(1.0))(1.0) == 1
    assert tg.jvp(lambda x: x * tg.jvp(lambda y: x * y, (2.0,), (1.0,))[1], (3.0,), (1.0,))[1] == 6
    assert tg.grad(lambda x: x * tg.jvp(lambda y: x * y, (2.0,), (1.0,))[1])(3.0) == 6
    constant = tg.grad(lambda x: tg.grad(lambda y: x**2)(1.0) + x)(5.0)  # the inner gradient is 0
    assert constant == 1
    assert tg.grad(lambda x: tg.vmap(lambda y: x * y)(X).sum())(2.0) == 6


def test_values_of_outer_transformations_pass_through_a_kept_vjp() -> None:
    def f(x: Any) -> Any:
        _, back = tg.vjp(lambda y: x * y**2, 3.0)
        return back(x)[0]  # 2 * x * y * x

    assert tg.grad(f)(2.0) == 24


def test_million_operations_need_no_recursion_and_give_memory_back() -> None:
    def chain(n: int) -> Any:
        def f(x: Any) -> Any:
            y = x
            for _ in range(n // 2):
                y = y * 0.999999 + x
            return np.sum(y)

        return tg.grad(f)(np.ones(2))

    found = chain(1_000_000)
    r = 0.999999
    np.testing.assert_allclose(found, r**500_000 + (1 - r**500_000) / (1 - r), rtol=1e-9)
    chain(1000)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    chain(100_000)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before > 3e7
    assert after - before < 1e6  # the interpreter's free lists


def test_tape_is_given_back_while_it_is_walked() -> None:
    tapes: list[Any] = []
    left: list[int] = []

    def rule(g: Any, ans: Any, x: Any) -> Any:
        left.append(len(tapes[0].entries))
        return g

    probe = tg.Primitive("probe", lambda x: x + 0.0, [rule])

    def f(x: Any) -> Any:
        tapes.append(x.trace)
        return probe(probe(probe(x)))

    tg.grad(f)(1.0)
    assert left == [2, 1, 0]


def test_threads_do_not_see_each_other() -> None:
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(3, 3)) for _ in range(8)]
    w = rng.normal(size=(3, 3))

    def work(x: Any) -> Any:
        return tg.hessian(lambda w: np.sum(np.tanh(x @ w) ** 2))(w)

    expected = [work(x) for x in inputs]
    found: dict[tuple[int, int], Any] = {}
    start = threading.Barrier(len(inputs))

    def run(k: int) -> None:
        start.wait()
        for repeat in range(5):
            found[k, repeat] = work(inputs[k])

    threads = [threading.Thread(target=run, args=(k,)) for k in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    for (k, _), hessian in found.items():
        np.testing.assert_array_equal(hessian, expected[k])


def test_wrong_shape_from_a_users_rule_is_named() -> None:
    bad = tg.Primitive("bad", lambda x: x.sum(), [lambda g, ans, x: g])
    with pytest.raises(
        tg.errors.ShapeError, match=r"a rule gave a cotangent of shape \(\) for an input of shape \(3,\)"
    ):
        tg.grad(bad)(X)
    no_forward = tg.Primitive("no_forward", lambda x: x * 2, [lambda g, ans, x: 2 * g])
    with pytest.raises(tg.errors.MissingRuleError, match="no_forward has no jvp"):
        tg.jvp(no_forward, (X,), (X,))
    reason = tg.Primitive("closed", lambda x: x * 2, [tg.undefined("closed: has no derivative because we say so")])
    with pytest.raises(tg.errors.MissingRuleError, match="because we say so"):
        tg.grad(lambda x: np.sum(reason(x)))(X)


@pytest.mark.parametrize("at", [lambda i: i, lambda i: slice(i, i + 2), lambda i: np.array([i, i, 0])])
def test_parts_taken_one_by_one_add_up(at: Any) -> None:
    def f(x: Any) -> Any:
        total = np.sum(x) * x[0]
        for i in range(3):
            total = total + (i + 1) * np.sum(x[at(i)] ** 2) * np.sum(x)
        return total

    tg.testing.check_grads(f, (np.array([0.5, -1.0, 2.0, 0.25]),), order=2)
    assert tg.grad(f)(np.ones(4, np.float32)).dtype == np.float32
    cotangent = np.ones(3)
    tg.vjp(lambda x: (x * 1.0)[:], np.ones(3))[1](cotangent)
    np.testing.assert_array_equal(cotangent, 1)


def test_a_loop_over_elements_makes_no_array_for_each() -> None:
    n = 2000

    def f(x: Any) -> Any:
        total = x[0]
        for i in range(1, n):
            total = total + x[i] * x[i - 1]
        return total

    f_back = tg.vjp(f, np.ones(n))[1]
    made = 0
    zeros = np.zeros

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal made
        made += 1
        return zeros(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "zeros", counted)
        (g,) = f_back(np.float64(1))
    assert made < 10
    np.testing.assert_array_equal(g, [2, *[2] * (n - 2), 1])


def first_of_three(h: Any, v: Any) -> Any:
    """h of v by a scan over the rows, whose answer has three parts."""
    return np.sum(tg.scan(lambda total, row: (total + h(row), (row, row > 0)), 0.0, v)[0])


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    "use",
    [
        lambda h, v: h(v), lambda h, v: tg.jit(h)(v), lambda h, v: tg.checkpoint(h)(v), first_of_three,
        lambda h, v: tg.cond(np.sum(v) > -100, h, np.sum, v), lambda h, v: sum(h(row) for row in v),
        lambda h, v: h(tg.fori_loop(0, 1, lambda i, c: 1 * c, v)), lambda h, v: h(np.linalg.qr(np.diag(v))[1]),
    ],
    ids=["itself", "jit", "checkpoint", "scan", "cond", "rows", "fori_loop", "qr"],
)  # fmt: skip
def test_what_where_leaves_out_counts_where_something_else_takes_it(use: Any, before: bool) -> None:
    x, mask = np.array([0.1, 1.0, -1.0]), np.array([False, True, False])

    def h(u: Any) -> Any:
        return np.sum(u * u)

    def loss(x: Any) -> Any:
        v = np.exp(x) - 1
        if before:
            return use(h, v) + np.sum(np.where(mask, v, -1.0))
        chosen = np.sum(np.where(mask, v, -1.0))
        return chosen + use(h, v)

    expected = (2 * (np.exp(x) - 1) + mask) * np.exp(x)
    for gradient in (tg.grad(loss), tg.grad(tg.jit(loss)), tg.jit(tg.grad(loss))):
        for _ in range(2):
            np.testing.assert_allclose(gradient(x), expected, rtol=1e-12)


def test_integers_that_a_loop_gives_have_no_derivative() -> None:
    x = np.array([1.0, -2.0])

    def f(x: Any) -> Any:
        (_, n), positive = tg.scan(lambda c, row: ((c[0] * row, c[1] + 1), row > 0), (x, 0), x)
        return np.sum(x * np.abs(positive)) * n**3

    for gradient in (tg.grad(f), tg.grad(tg.jit(f)), tg.jit(tg.grad(f))):
        for _ in range(2):
            np.testing.assert_array_equal(gradient(x), [8.0, 0.0])
    assert tg.jvp(tg.jit(f), (x,), (x,))[1] == 8
