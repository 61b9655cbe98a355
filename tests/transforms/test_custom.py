"""custom_vjp, custom_jvp and user primitives, under every transformation."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg

X = np.array([0.5, -1.0, 2.0])


@tg.custom_vjp
def times(p: Any, x: Any) -> Any:
    return {"y": p["w"] * x, "s": np.sum(x)}


def times_fwd(p: Any, x: Any) -> Any:
    return {"y": p["w"] * x, "s": np.sum(x)}, (p["w"], x)


def times_bwd(residuals: Any, g: Any) -> Any:
    w, x = residuals
    return {"w": 10 * np.sum(g["y"] * x)}, g["y"] * w + g["s"]  # ten times the truth, to be told apart


times.defvjp(times_fwd, times_bwd)


@tg.custom_jvp
def log1pexp(x: Any) -> Any:
    return np.log(1 + np.exp(x))


log1pexp.defjvp(lambda primals, ts: (log1pexp(*primals), ts[0] * tg.nn.sigmoid(primals[0])))


def test_plain_calls_run_the_function() -> None:
    assert times({"w": 2.0}, X)["s"] == 1.5
    assert times.__name__ == "times"
    np.testing.assert_array_equal(log1pexp(X), np.log(1 + np.exp(X)))


def test_custom_vjp_rule_is_used() -> None:
    g = tg.grad(lambda p: np.sum(times(p, X)["y"]))({"w": 2.0})
    assert g["w"] == 15
    out, back = tg.vjp(times, {"w": 2.0}, X)
    gp, gx = back({"y": np.ones(3), "s": 1.0})
    assert gp["w"] == 15
    np.testing.assert_array_equal(gx, [3, 3, 3])
    np.testing.assert_array_equal(out["y"], 2 * X)


def test_custom_vjp_nests() -> None:
    def f(w: Any) -> Any:
        return np.sum(times({"w": w}, X)["y"] ** 2)

    first = tg.grad(f)(2.0)
    np.testing.assert_allclose(first, 10 * np.sum(2 * 2.0 * X**2))
    np.testing.assert_allclose(tg.grad(tg.grad(f))(2.0), 10 * np.sum(2 * X**2))
    np.testing.assert_allclose(tg.hvp(f, (2.0,), (1.0,)), 10 * np.sum(2 * X**2))  # the rule's derivative, pushed


def test_custom_vjp_under_vmap() -> None:
    w, x = np.array([1.0, 2.0]), np.stack([X, 2 * X])

    def f(w: Any, x: Any) -> Any:
        return np.sum(times({"w": w}, x)["y"])

    loop = [tg.grad(f)(a, b) for a, b in zip(w, x, strict=True)]
    np.testing.assert_allclose(tg.vmap(tg.grad(f))(w, x), loop)
    np.testing.assert_allclose(tg.grad(lambda w: np.sum(tg.vmap(f)(w, x)))(w), loop)
    shared = tg.grad(lambda w: np.sum(tg.vmap(f, (None, 0))(w, x)))(2.0)
    np.testing.assert_allclose(shared, 10 * np.sum(x))


def test_custom_vjp_has_no_forward_mode() -> None:
    with pytest.raises(tg.errors.MissingRuleError, match=r"times has a custom_vjp.*tg.custom_jvp"):
        tg.jvp(lambda x: times({"w": 1.0}, x)["y"], (X,), (X,))


def test_custom_vjp_mistakes_are_named() -> None:
    bare = tg.custom_vjp(lambda x, y: x * y)
    with pytest.raises(tg.errors.ArgumentError, match=r"called before .*defvjp"):
        bare(1.0, 2.0)

    def rule(bwd: Any, fwd: Any = lambda x, y: (x * y, None)) -> Any:
        f = tg.custom_vjp(lambda x, y: x * y)
        f.defvjp(fwd, bwd)
        return tg.grad(lambda x: np.sum(f(x, X)))(X)

    np.testing.assert_array_equal(rule(lambda _, g: (None, g)), 0)
    np.testing.assert_array_equal(rule(lambda _, g: (g, None)), 1)
    with pytest.raises(tg.errors.ArgumentError, match="must return a tuple of 2 cotangents"):
        rule(lambda _, g: g)
    with pytest.raises(tg.errors.ShapeError, match=r"gave shape \(\) for argument 0, expected \(3,\)"):
        rule(lambda _, g: (np.sum(g), None))
    with pytest.raises(tg.errors.ArgumentError, match=r"gave structure .* for argument 0"):
        rule(lambda _, g: ([g], None))
    with pytest.raises(tg.errors.ArgumentError, match=r"fwd of .* must return .answer, residuals."):
        rule(lambda _, g: (g, None), fwd=lambda x, y: x * y)


def test_custom_jvp_serves_all_modes() -> None:
    s = 1 / (1 + np.exp(-X))
    np.testing.assert_allclose(tg.jvp(log1pexp, (X,), (np.ones(3),))[1], s)
    np.testing.assert_allclose(tg.vmap(tg.grad(log1pexp))(X), s)
    np.testing.assert_allclose(tg.grad(lambda x: np.sum(tg.vmap(log1pexp)(x)))(X), s)
    np.testing.assert_allclose(tg.hessian(lambda x: np.sum(log1pexp(x)))(X), np.diag(s * (1 - s)), atol=1e-15)
    np.testing.assert_allclose(tg.grad(tg.grad(log1pexp))(0.5), s[0] * (1 - s[0]))
    tg.testing.check_grads(log1pexp, (X,), order=3)


def test_custom_jvp_of_trees_and_constants() -> None:
    @tg.custom_jvp
    def f(p: Any, n: Any) -> Any:
        return p["a"] * n, p["a"]

    f.defjvp(lambda primals, ts: (f(*primals), (ts[0]["a"] * primals[1] * 7, ts[0]["a"])))
    (ga,) = tg.vjp(lambda p: f(p, 3), {"a": X})[1]((np.ones(3), np.zeros(3)))
    np.testing.assert_array_equal(ga["a"], np.full(3, 21))
    with pytest.raises(tg.errors.ArgumentError, match=r"called before .*defjvp"):
        tg.custom_jvp(np.sin)(1.0)
    bad = tg.custom_jvp(np.sin)
    bad.defjvp(lambda primals, ts: ts[0])
    with pytest.raises(tg.errors.ArgumentError, match=r"the rule of sin must return .out, tangent_out."):
        tg.grad(bad)(1.0)


def test_user_primitives_by_the_builders() -> None:
    softsign = tg.elementwise(
        "softsign_test", lambda x: x / (1 + np.abs(x)), lambda g, ans, x: g / (1 + np.abs(x)) ** 2
    )
    tg.testing.check_grads(softsign, (X,), order=2)
    double_flip = tg.linear(
        "double_flip_test",
        lambda x, axis: 2 * np.flip(x, axis),
        lambda g, ans, x, axis: 2 * np.flip(g, axis),
    )
    tg.testing.check_grads(lambda x: double_flip(x, axis=0), (X,))
    np.testing.assert_array_equal(
        tg.vmap(lambda x: double_flip(x, axis=0))(np.stack([X, X])), 2 * np.stack([X, X])[:, ::-1]
    )
    norm2 = tg.reduction("norm2_test", lambda x, axis, keepdims: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
                         lambda ans, x, axis: x / ans)  # fmt: skip
    tg.testing.check_grads(lambda x: norm2(x, axis=(0,), keepdims=False), (X,))
    with pytest.raises(tg.errors.ArgumentError, match="'my op' is no Python identifier"):
        tg.primitive("my op", np.sin)


def test_stop_gradient_of_trees() -> None:
    assert tg.grad(lambda x: x * tg.stop_gradient({"a": x})["a"])(3.0) == 3
    assert tg.jvp(lambda x: tg.stop_gradient(x) * 1.0, (3.0,), (1.0,))[1] == 0
    assert tg.grad(tg.grad(lambda x: tg.stop_gradient(x) * x * x))(3.0) == 6


def test_a_tensor_of_an_inner_transformation_must_be_an_argument() -> None:
    def outer(x: Any) -> Any:
        def inner(w: Any) -> Any:
            f = tg.custom_jvp(lambda x: x * w)
            f.defjvp(lambda primals, ts: (primals[0] * w, ts[0] * w))
            return f(x)

        return tg.grad(inner)(3.0)

    assert outer(2.0) == 2
    with pytest.raises(
        tg.errors.ArgumentError, match=r"uses a Tensor of an inner transformation.*pass it as an argument"
    ):
        tg.grad(outer)(2.0)


def test_residuals_that_are_no_arrays_pass_through_vmap() -> None:
    total = tg.custom_vjp(lambda x: np.sum(x))
    total.defvjp(lambda x: (np.sum(x), (x.shape, "name")), lambda r, g: (np.broadcast_to(g, r[0]),))
    x = np.ones((2, 3))
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(tg.vmap(total)(x) ** 2))(x), np.full((2, 3), 6))
    product = tg.custom_vjp(lambda x, y: x * y)
    product.defvjp(lambda x, y: (x * y, (x, y)), lambda r, g: g * r[1])
    with pytest.raises(tg.errors.ArgumentError, match="must return a tuple of 2 cotangents"):
        tg.grad(lambda x: np.sum(tg.vmap(product)(x, x)))(X)


@pytest.mark.parametrize("tangent", [lambda t: np.sum(t), lambda t: None, lambda t: (t, t)])
def test_a_tangent_unlike_its_answer_is_refused(tangent: Any) -> None:
    wrong = tg.custom_jvp(lambda x: 2 * x)
    wrong.defjvp(lambda primals, ts: (2 * primals[0], tangent(ts[0])))
    for run in (lambda: tg.jvp(wrong, (X,), (X,)), lambda: tg.grad(lambda x: np.sum(wrong(x)))(X)):
        with pytest.raises(tg.errors.ShapeError, match=r"the rule of .* gave a tangent like"):
            run()
