"""Complex numbers: the convention, its proof against pairs of real numbers, and every transformation."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.testing.strategies import between

BACKENDS = ("numpy", "numba")


def numbers(seed: int, *shape: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def parts(z: Any) -> np.ndarray:
    return np.stack([z.real, z.imag])


def joined(p: Any) -> Any:
    return p[0] + 1j * p[1]


Z = numbers(0, 3)
M = numbers(1, 2, 3)
REAL = np.array([0.5, -1.5, 2.0])


def mixed(z: Any, m: Any, x: Any) -> Any:
    """Holomorphic and other operations, real and complex arguments, complex values in between."""
    y = np.tanh(m @ (z * x)) / (1 + np.abs(np.sum(z)))
    return np.sum(np.abs(y) ** 3 + np.cos(y.real) * np.angle(y)) + np.vdot(z, x).imag + np.var(z)


# ---- the convention -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "z", "gradient"),
    [  # torch.autograd.grad gives the same
        (lambda z: np.abs(z) ** 2, 3 + 4j, 6 + 8j),
        (lambda z: z.real, 3 + 4j, 1),
        (lambda z: z.imag, 3 + 4j, 1j),
        (np.abs, 3 + 4j, 0.6 + 0.8j),
        (np.abs, 0j, 0),
        (np.angle, 2j, -0.5),
        (lambda z: (z**2).real, 1 + 2j, 2 - 4j),
        (lambda z: (z * (3 - 1j)).real, 1 + 2j, 3 + 1j),
        (lambda z: np.exp(z).real, 1j * np.pi / 2, -1j),
        (lambda z: np.real(np.conj(z) * 1j), 5 + 1j, 1j),
        (lambda z: (1 / z).imag, 1j, 1j),
        (lambda z: np.abs(np.log(z)) ** 2, 1j, -np.pi),
    ],
)
def test_the_gradient_is_the_steepest_ascent(f: Any, z: complex, gradient: complex) -> None:
    np.testing.assert_allclose(tg.grad(f)(z), gradient, atol=1e-15)
    np.testing.assert_allclose(tg.grad(lambda p: f(joined(p)))(parts(np.asarray(z))), parts(np.asarray(gradient + 0j)),
                               atol=1e-15)  # fmt: skip


def test_gradients_are_those_of_pairs_of_real_numbers() -> None:
    dz, dm, dx = tg.grad(mixed, (0, 1, 2))(Z, M, REAL)
    assert [g.dtype for g in (dz, dm, dx)] == [complex, complex, float]
    expected = tg.grad(lambda z, m, x: mixed(joined(z), joined(m), x), (0, 1, 2))(parts(Z), parts(M), REAL)
    for found, right in zip((parts(dz), parts(dm), dx), expected, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-13)


def test_descent_descends() -> None:
    target, z = Z * 2, Z
    for _ in range(50):
        z = z - 0.2 * tg.grad(lambda z: np.sum(np.abs(z - target) ** 2))(z)
    np.testing.assert_allclose(z, target, rtol=1e-9)


def test_vjp_is_the_adjoint_of_jvp() -> None:
    def f(z: Any, x: Any) -> Any:
        return np.sin(z) * np.conj(z) * x, np.abs(z)

    (out, size), back = tg.vjp(f, Z, REAL)
    gs = (numbers(5, 3), REAL[::-1].copy())
    ts = (numbers(6, 3), REAL * 2)
    found = back(gs)
    _, tangents = tg.jvp(f, (Z, REAL), ts)
    left = sum(np.sum((np.conj(g) * t).real) for g, t in zip(gs, tangents, strict=True))
    right = sum(np.sum((np.conj(c) * t).real) for c, t in zip(found, ts, strict=True))
    np.testing.assert_allclose(left, right, rtol=1e-13)
    assert (out.dtype, size.dtype, found[0].dtype, found[1].dtype) == (complex, float, complex, float)


def test_jvp_is_the_plain_derivative() -> None:
    np.testing.assert_allclose(tg.jvp(np.conj, (2j,), (1 + 1j,))[1], 1 - 1j)
    np.testing.assert_allclose(tg.jvp(lambda z: z * z, (2j,), (1j,))[1], -4)
    np.testing.assert_allclose(tg.jvp(np.abs, (3 + 4j,), (1j,))[1], 0.8)
    out, jvp_fn = tg.linearize(lambda z: np.exp(z) * np.conj(z), Z)
    np.testing.assert_allclose(jvp_fn(M[0]), tg.jvp(lambda z: np.exp(z) * np.conj(z), (Z,), (M[0],))[1], rtol=1e-13)
    np.testing.assert_allclose(out, np.exp(Z) * np.conj(Z))


def test_holomorphic_derivatives() -> None:
    np.testing.assert_allclose(tg.grad(np.sin, holomorphic=True)(1 + 2j), np.cos(1 + 2j))
    value, slope = tg.value_and_grad(lambda z: z**3, holomorphic=True)(2j)
    np.testing.assert_allclose([value, slope], [-8j, -12])
    for jacobian in (tg.jacrev, tg.jacfwd):
        np.testing.assert_allclose(jacobian(lambda z: M @ z**2, holomorphic=True)(Z), 2 * M * Z, rtol=1e-13)
    np.testing.assert_allclose(tg.hessian(lambda z: np.sum(z**3), holomorphic=True)(Z), np.diag(6 * Z), rtol=1e-13)


def test_jacobians_of_one_kind_of_numbers() -> None:
    rows = tg.jacrev(lambda z: parts(z**2))(Z[:1])
    np.testing.assert_allclose(rows[:, 0, 0], [2 * np.conj(Z[0]), 2j * np.conj(Z[0])])  # gradients
    np.testing.assert_allclose(tg.jacfwd(lambda x: x * Z)(REAL), np.diag(Z))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tg.grad(lambda z: z * z)(1j), "returned dtype complex128.*a real loss.*holomorphic=True.*tg.vjp"),
        (lambda: tg.grad(lambda x: x * 1j)(1.0), "returned dtype complex128.*a real loss"),
        (lambda: tg.grad(lambda x: 1j)(1.0), "returned dtype complex128.*a real loss"),
        (lambda: tg.grad(abs, holomorphic=True)(1j), "holomorphic=True the function returned dtype float64"),
        (lambda: tg.grad(np.sin, holomorphic=True)(1.0), "argument 0 is float64, but with holomorphic=True"),
        (lambda: tg.jacrev(np.sin, holomorphic=True)(REAL), "jacrev: argument 0 is float64, but with holomorphic=True"),
        (lambda: tg.jacfwd(np.sin)(Z), "jacfwd: argument 0 is complex128.*tg.jvp, or give holomorphic=True"),
        (lambda: tg.jacrev(np.sin)(Z), "jacrev: an answer of the function is complex.*holomorphic=True"),
        (lambda: tg.hessian(lambda z: np.sum(np.abs(z)))(Z), "jacfwd: argument 0 is complex128"),
        (lambda: tg.grad(lambda z: np.sum(z.astype(float)))(Z), "discard the imaginary part.*x.real"),
        (lambda: tg.grad(lambda z: np.sum(z.astype(int)))(Z), "discard the imaginary part.*x.real"),
        (lambda: tg.vjp(np.sin, REAL)[1](Z), "a cotangent is complex, its value float64"),
        (lambda: tg.jvp(np.sin, (REAL,), (Z,)), "a tangent is complex, its value float64"),
        (lambda: tg.grad(lambda z: np.real_if_close(z).real)(1j), "depends on values.*x.real"),
    ],
)
def test_bad_calls_have_their_sentences(call: Any, words: str) -> None:
    with pytest.raises((tg.errors.DtypeError, tg.errors.MissingRuleError), match=words):
        call()


def test_pythons_numbers() -> None:
    assert tg.grad(lambda p: abs(p["z"] * p["x"]) ** 2)({"z": 3 + 4j, "x": 2.0}) == {"z": 24 + 32j, "x": 100.0}


# ---- every transformation -------------------------------------------------------------------------------------------


def test_the_checker_agrees() -> None:
    tg.testing.check_grads(mixed, (Z, M, REAL))
    tg.testing.check_identities(mixed, (Z, M, REAL))
    tg.testing.check_gradient(mixed, tg.grad(mixed), (Z, M, REAL))


def test_the_checker_says_which_part_is_wrong_and_why() -> None:
    with pytest.raises(tg.errors.GradientError, match=r"element \[\d\] of shape \(3,\), imaginary part: .*conjugated"):
        tg.testing.check_gradient(lambda z: np.sum(np.abs(z) ** 3), lambda z: 3 * np.abs(z) * np.conj(z), (Z,))
    with pytest.raises(tg.errors.GradientError, match="the gradient of argument 0 is complex, and that is real"):
        tg.testing.check_gradient(lambda x: np.sum(x**2), lambda x: 2j * x, (REAL,))
    wrong = tg.elementwise("wrong_holomorphic_test", lambda z: np.exp(z), lambda g, ans, z: g * np.conj(ans))
    with pytest.raises(tg.errors.GradientError, match=r"order 1.*(real|imaginary) part"):
        tg.testing.check_grads(wrong, (Z,))


QUADRANTS = st.sampled_from([1 + 1j, 1 - 1j, -1 + 1j, -1 - 1j])
MULTIVALUED = [np.sqrt, np.log, np.log2, np.log10, np.log1p, np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh,
               np.arctanh, np.sign, np.angle, lambda z: z**0.3, lambda z: (0.3 + 1j) ** z,
               lambda z: (-2.0) ** z]  # fmt: skip


@pytest.mark.parametrize("f", MULTIVALUED)
@given(quadrant=QUADRANTS, seed=st.integers(0, 999))
def test_branches_in_each_quadrant(f: Any, quadrant: complex, seed: int) -> None:
    x, y = between(0.2, 2)(np.random.default_rng(seed), (2, 3))
    tg.testing.check_grads(f, (x * quadrant.real + 1j * y * quadrant.imag,))


def test_second_derivatives_of_a_real_loss() -> None:
    def hessian_vector(f: Any, z: Any, t: Any) -> Any:
        return tg.hvp(f, (z,), (t,))

    def loss(z: Any) -> Any:
        return np.sum(np.abs(z) ** 4 + (z**3).real)

    def of_parts(p: Any) -> Any:
        return loss(joined(p))

    t = numbers(8, 3)
    found = hessian_vector(loss, Z, t)
    np.testing.assert_allclose(parts(found), hessian_vector(of_parts, parts(Z), parts(t)), rtol=1e-12)
    reverse = tg.grad(lambda z: np.sum(np.real(np.conj(t) * tg.grad(loss)(z))))(Z)
    np.testing.assert_allclose(reverse, found, rtol=1e-12)


def test_vmap() -> None:
    rows = tg.vmap(tg.grad(lambda z: np.sum(np.abs(M @ z) ** 2)), in_axes=1)(numbers(2, 3, 4))
    loop = [tg.grad(lambda z: np.sum(np.abs(M @ z) ** 2))(z) for z in numbers(2, 3, 4).T]
    np.testing.assert_allclose(rows, loop, rtol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_jit(backend: str) -> None:
    both = tg.value_and_grad(mixed, (0, 1, 2))
    compiled = tg.jit(both, backend=backend)
    value, grads = both(Z, M, REAL)
    outside = tg.value_and_grad(tg.jit(mixed, backend=backend), (0, 1, 2))
    for run in (compiled, compiled, compiled, outside, outside):
        v, gs = run(Z, M, REAL)
        np.testing.assert_allclose(v, value, rtol=1e-13)
        for g, right in zip(gs, grads, strict=True):
            assert g.dtype == right.dtype
            np.testing.assert_allclose(g, right, rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_jit_of_large_arrays_and_python_numbers(backend: str) -> None:
    z = numbers(3, 50_000).astype(np.complex64)

    def f(z: Any, c: complex) -> Any:
        return np.exp(-(np.abs(z * c) ** 2)) * np.conj(z) / c + z.real * c.imag

    run = tg.jit(f, backend=backend)
    for _ in range(3):
        found = run(z, 1 + 2j)
        assert found.dtype == np.complex64
        np.testing.assert_allclose(found, f(z, 1 + 2j), rtol=1e-5, atol=1e-6)


def rotations(angle: Any, z: Any) -> Any:
    return tg.scan(lambda carry, x: (carry * np.exp(1j * angle) + x, np.abs(carry)), z[0], z)


@pytest.mark.parametrize("backend", BACKENDS)
def test_scan(backend: str) -> None:
    def loss(angle: Any, z: Any) -> Any:
        last, sizes = rotations(angle, z)
        return np.abs(last) ** 2 + np.sum(sizes)

    tg.testing.check_grads(loss, (0.3, Z))
    tg.testing.check_grads(tg.jit(loss, backend=backend), (0.3, Z))
    angle, z = tg.jit(tg.grad(loss, (0, 1)), backend=backend)(0.3, Z)
    right_angle, right_z = tg.grad(loss, (0, 1))(0.3, Z)
    np.testing.assert_allclose(angle, right_angle, rtol=1e-12)
    np.testing.assert_allclose(z, right_z, rtol=1e-12)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_cond(sign: float) -> None:
    def loss(s: Any, z: Any) -> Any:
        return np.sum(np.abs(tg.cond(s > 0, lambda z: z * 1j * s, lambda z: np.conj(z) ** 2, z)))

    tg.testing.check_grads(lambda z: loss(sign, z), (Z,))
    tg.testing.check_grads(lambda z: tg.jit(loss)(sign, z), (Z,))


def test_custom_vjp_sees_what_vjp_gives() -> None:
    @tg.custom_vjp
    def scaled(z: Any, x: Any) -> Any:
        return z * 1j * x

    scaled.defvjp(
        lambda z, x: tg.vjp(lambda z, x: z * 1j * x, z, x), lambda back, g: back(g)
    )  # the pullback of vjp is the rule
    tg.testing.check_grads(lambda z, x: np.abs(scaled(z, x) + z), (Z, REAL), modes=("rev",), order=1)
    rows = tg.vmap(tg.grad(lambda z, x: np.sum(np.abs(scaled(z, x) + z)), (0, 1)))(M, np.stack([REAL, REAL]))
    for k in range(2):
        for found, right in zip(
            rows, tg.grad(lambda z: np.sum(np.abs(z * 1j * REAL + z)), 0)(M[k])[None], strict=False
        ):
            np.testing.assert_allclose(found[k], right, rtol=1e-12)


def test_custom_jvp() -> None:
    @tg.custom_jvp
    def cube(z: Any) -> Any:
        return z * z * z

    cube.defjvp(lambda primals, ts: (cube(*primals), 3 * primals[0] ** 2 * ts[0]))
    tg.testing.check_grads(lambda z: np.abs(cube(z)), (Z,))


def test_a_users_operation_that_makes_real_numbers_complex() -> None:
    turn = tg.elementwise("turn_test", lambda x: np.exp(1j * x), lambda g, ans, x: g * ans * 1j)
    tg.testing.check_grads(lambda z: np.abs(turn(np.abs(z)) + 2), (Z,))


def test_debug_nans_sees_complex_numbers() -> None:
    with (
        tg.debug_nans(),
        np.errstate(all="ignore"),
        pytest.raises(tg.errors.NanError, match="log: the answer is NaN or infinite"),
    ):
        tg.grad(lambda z: np.abs(np.log(z)))(0j)


def test_optimizers() -> None:
    target = {"z": Z, "x": REAL}
    for opt in (tg.optim.sgd(0.1), tg.optim.adam(0.1), tg.optim.adagrad(0.5)):
        params: Any = {"z": Z * 0, "x": REAL * 0}
        state = opt.init(params)
        for _ in range(300):
            grads = tg.grad(lambda p: sum(np.sum(np.abs(p[k] - target[k]) ** 2) for k in p))(params)
            updates, state = opt.update(grads, state, params)
            params = tg.optim.apply_updates(params, updates)
        assert (params["z"].dtype, params["x"].dtype) == (complex, float)
        np.testing.assert_allclose(params["z"], Z, atol=1e-2)


def test_adam_steps_as_far_in_every_direction() -> None:
    opt = tg.optim.adam(0.1)
    for z in (1.0 + 0j, 1j, np.exp(1j)):
        (update,), _ = opt.update((np.asarray(z),), opt.init((np.asarray(0j),)))
        np.testing.assert_allclose(update, -0.1 * z, rtol=1e-6)


# ---- parts ----------------------------------------------------------------------------------------------------------


def inside(f: Any, x: Any = Z) -> Any:
    """f of a Tensor."""
    return tg.vjp(lambda t: (t, f(t)), x)[0][1]


def test_parts_are_numpys() -> None:
    for f in (np.real, np.imag, np.angle, lambda z: np.angle(z, deg=True), np.isreal, np.iscomplex, np.conj, np.sign,
              lambda z: z.real, lambda z: z.imag, lambda z: z.conj(), lambda z: z.conjugate()):  # fmt: skip
        for x in (Z, Z.astype(np.complex64), REAL, np.array([0j, 1 + 0j])):
            found, right = inside(f, x), f(x)
            assert found.dtype == right.dtype
            np.testing.assert_allclose(found, right, rtol=1e-6)
    assert inside(lambda z: (np.iscomplexobj(z), np.isrealobj(z))) == (True, False)
    assert inside(lambda x: (np.iscomplexobj(x), np.isrealobj(x), np.real_if_close(x) is x), REAL) == (
        False,
        True,
        True,
    )


def test_arrays_that_are_filled() -> None:
    def filled(z: Any, x: Any) -> Any:
        y = tg.numpy.zeros(4, complex)
        y[0] = z[0] * 2
        y[1:] = z * x
        y[2] += np.abs(z[1])
        y[[0, 3]] *= 1j * x[:2]
        return y

    tg.testing.check_grads(filled, (Z, REAL))

    def narrow(z: Any) -> Any:
        y = tg.numpy.zeros(3)
        y[0] = z[0]
        return y

    with pytest.raises(tg.errors.DtypeError, match=r"its imaginary part would be lost.*dtype=complex, or write x.real"):
        tg.vjp(narrow, Z)


def test_casts() -> None:
    assert inside(lambda z: z.astype(np.complex64)).dtype == np.complex64
    assert inside(lambda x: x.astype(complex), REAL).dtype == complex
    tg.testing.check_grads(lambda x: x.astype(complex) * 1j, (REAL,))
    assert tg.grad(lambda x: np.abs(x.astype(np.complex64)))(np.float32(2)).dtype == np.float32


# ---- solvers of real numbers ----------------------------------------------------------------------------------------


def test_trees_as_real_vectors() -> None:
    whole = {"a": Z.astype(np.complex64), "b": REAL, "c": 1 + 2j}
    vector, unravel = tg.tree.ravel_real(whole)
    np.testing.assert_allclose(vector, [*whole["a"].real, *whole["a"].imag, *REAL, 1, 2])
    again = unravel(vector)
    assert again["a"].dtype == np.complex64
    for key in whole:
        np.testing.assert_array_equal(again[key], whole[key])
    assert tg.tree.ravel_real(REAL)[0].shape == (3,)
    np.testing.assert_array_equal(tg.tree.ravel({"x": REAL, "z": Z})[1](np.concatenate([REAL, Z]))["x"], REAL)


def rosenbrock(p: Any) -> Any:
    return np.sum(np.abs(1 - p["z"]) ** 2) + 10 * np.sum(np.abs(p["w"] - p["z"] ** 2 * 1j) ** 2) + (p["x"] - 3) ** 2


START = {"z": np.array([0.5 + 0.5j]), "w": np.array([-1j]), "x": 0.0}


def test_minimizers() -> None:
    result = tg.optim.scipy_minimize(rosenbrock, START, method="BFGS")
    params: Any = START
    opt = tg.optim.lbfgs()
    state = opt.init(params)
    for _ in range(60):
        value, grads = tg.value_and_grad(rosenbrock)(params)
        updates, state = opt.update(grads, state, params, value=value, value_fn=rosenbrock)
        params = tg.optim.apply_updates(params, updates)
    for found in (result.x, params):
        np.testing.assert_allclose([*found["z"], *found["w"], found["x"]], [1, 1j, 3], atol=1e-4)


def test_clipping_by_the_norm() -> None:
    for opt in (tg.optim.clip_by_norm(1.0), tg.optim.clip_by_global_norm(1.0)):
        np.testing.assert_allclose(opt.update(np.array([3j, 4]), opt.init(None))[0], [0.6j, 0.8])


def newton(g: Any, x: Any) -> Any:
    for _ in range(30):
        jacobian = tg.jacfwd(lambda p: parts(g(joined(p))))(parts(x)).reshape(2 * x.size, 2 * x.size)
        x = x - joined(np.linalg.solve(jacobian, parts(g(x)).ravel()).reshape(2, -1))
    return x


def test_roots_of_complex_equations() -> None:
    square_root = tg.custom_root(lambda x, a: x * x - a, newton)
    tg.testing.check_grads(lambda a: square_root(np.array([1 + 1j, 2 - 1j]), a), (np.array([2j, 3 - 4j]),))
    mirrored = tg.custom_root(lambda x, a: x + 0.5 * np.conj(x) * a - 1, newton)  # not holomorphic
    tg.testing.check_grads(lambda a: mirrored(np.array([1 + 1j]), a), (np.array([0.3 + 0.1j]),))
    tg.testing.check_grads(lambda a: mirrored(np.array([1 + 1j]), a), (np.array([0.3]),))


def test_linear_equations() -> None:
    def solve(matvec: Any, b: Any) -> Any:
        return np.linalg.solve(np.stack([matvec(e) for e in np.eye(b.size, dtype=b.dtype)], axis=1), b)

    def x(a: Any, b: Any) -> Any:
        return tg.custom_linear_solve(lambda v: a @ v, b, solve, solve)

    a = numbers(4, 3, 3)
    np.testing.assert_allclose(x(a, Z), np.linalg.solve(a, Z))
    tg.testing.check_grads(x, (a, Z))
