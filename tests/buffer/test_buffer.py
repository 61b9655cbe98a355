"""Buffers at the doors: how they leave, what they refuse, and what filling one in a loop costs."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import numpy as tnp
from tinygrad_scratch.buffer import Buffer

X = np.array([0.5, -1.25, 0.75, 1.5])


def filled(x: Any) -> Any:
    """x[0], x[0]**2, x[1]**2 ...: ordinary NumPy code."""
    y = np.empty_like(x)
    y[1:] = x[:-1] ** 2
    y[0] = x[0]
    return y


def expected_jacobian(x: Any = X) -> Any:
    return np.diag(2 * x[:-1], -1) + np.diag([1.0, 0, 0, 0])


# ---- programs that people write -----------------------------------------------------------------------------------


def runge_kutta(k: Any) -> Any:
    """The classical method for an oscillator y'' = -k y; the states fill an array."""

    def slope(y: Any) -> Any:
        return np.stack([y[1], -k * y[0]])

    n, h = 20, 0.1
    y = tnp.zeros((n + 1, 2))
    y[0] = [1.0, k]
    for i in range(n):
        a = slope(y[i])
        b = slope(y[i] + h / 2 * a)
        c = slope(y[i] + h / 2 * b)
        d = slope(y[i] + h * c)
        y[i + 1] = y[i] + h / 6 * (a + 2 * b + 2 * c + d)
    return y


def heat(u: Any) -> Any:
    """Three steps of the heat equation, by a stencil."""
    for _ in range(3):
        out = np.zeros_like(u)
        out[1:-1] = u[2:] - 2 * u[1:-1] + u[:-2]
        u = u + 0.1 * out
    return u


def recurrence(x: Any, a: Any) -> Any:
    y = tnp.zeros(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = y[i - 1] * a + x[i]
    return y


def gauss_seidel(u: Any) -> Any:
    u = u.copy()
    for _ in range(2):
        for i in range(1, len(u) - 1):
            u[i] = (u[i - 1] + u[i + 1]) / 2
    return u


def cholesky(m: Any) -> Any:
    """The factor of m m^T + 1, element by element."""
    a = m @ m.T + np.eye(3)
    low = tnp.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1):
            rest = a[i, j] - low[i, :j] @ low[j, :j]
            low[i, j] = np.sqrt(rest) if i == j else rest / low[j, j]
    return low


def histogram(x: Any) -> Any:
    total = tnp.zeros(3)
    np.add.at(total, [0, 2, 0, 1], np.sin(x))
    total[total > 0] *= 2.0
    total -= x[0]
    return total


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (runge_kutta, (2.0,)),
        (heat, (np.array([0.1, 0.5, -1.0, 2.0, 0.3]),)),
        (recurrence, (X, 0.5)),
        (gauss_seidel, (X,)),
        (cholesky, (np.array([[1.0, 0.5, 0.2], [0.3, 1.5, -0.4], [0.1, 0.7, 1.2]]),)),
        (histogram, (X,)),
    ],
)
def test_programs_that_fill_arrays(f: Any, args: Any) -> None:
    tg.testing.check_grads(f, args, order=2)
    expected = tg.vjp(f, *args)[0]
    np.testing.assert_array_equal(np.asarray(f(*args)), expected)
    batch = tg.vmap(f)(*[np.stack([a, 2.0 * np.asarray(a)]) for a in args]) if f is not histogram else [expected]
    np.testing.assert_allclose(batch[0], expected, rtol=1e-14)
    if f is not histogram:  # the mask there depends on values
        compiled = tg.jit(f)
        for _ in range(2):
            np.testing.assert_allclose(compiled(*args), expected, rtol=1e-13)


def test_cholesky_by_hand_is_numpys() -> None:
    m = np.array([[1.0, 0.5, 0.2], [0.3, 1.5, -0.4], [0.1, 0.7, 1.2]])
    np.testing.assert_allclose(cholesky(m), np.linalg.cholesky(m @ m.T + np.eye(3)), rtol=1e-14)


@pytest.mark.parametrize(("shape", "row"), [((40,), 0), ((40, 3), 0), ((3, 40), 1), ((40, 2, 2), 0)])
def test_a_loop_over_rows_is_linear(shape: tuple[int, ...], row: int) -> None:
    """The numbers that a recorded loop computes grow as its length, not as its square."""

    def work(n: int) -> int:
        dims = tuple(n if i == row else m for i, m in enumerate(shape))

        def loop(a: Any) -> Any:
            y = tnp.ones(dims)
            for i in range(1, n):
                at = (slice(None),) * row
                y[(*at, i)] = y[(*at, i - 1)] * a
                y[(*at, i)] += 1.0
            return y

        graph = tg.make_graph(tg.grad(lambda a: np.sum(loop(a) ** 2)))(0.5)
        return sum(int(np.prod(v.shape)) for eq in graph.equations for v in eq.outputs)

    assert work(80) < 2.5 * work(40)


# ---- doors ----------------------------------------------------------------------------------------------------------


def test_answers_that_are_buffers() -> None:
    expected = filled(X)
    assert type(expected) is np.ndarray  # plain NumPy, on a plain array
    np.testing.assert_array_equal(tg.jacrev(filled)(X), expected_jacobian())
    np.testing.assert_array_equal(tg.jacfwd(filled)(X), expected_jacobian())
    out, back = tg.vjp(filled, X)
    assert type(out) is np.ndarray
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(back(np.ones(4))[0], expected_jacobian().sum(0))
    out, tangent = tg.jvp(filled, (X,), (np.ones(4),))
    assert type(out) is type(tangent) is np.ndarray
    for f in (tg.jit(filled), tg.vmap(filled), tg.vmap(tg.jit(filled))):
        xs = X if isinstance(f, type(tg.jit(filled))) else np.stack([X, X])
        found = f(xs)
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(np.atleast_2d(found)[0], expected)


def test_auxiliary_answers_are_settled_before_the_end() -> None:
    def f(x: Any) -> Any:
        y = tnp.zeros(4)
        y[0] = x[0]  # still pending when f returns
        return y[0] * x[1], {"y": y, "plain": tnp.ones(2)}

    (value, aux), g = tg.value_and_grad(f, has_aux=True)(X)
    assert value == X[0] * X[1]
    assert [type(a) for a in tg.tree.leaves(aux)] == [np.ndarray, np.ndarray]
    np.testing.assert_array_equal(aux["y"], [0.5, 0, 0, 0])
    np.testing.assert_array_equal(g, [X[1], X[0], 0, 0])
    aux["plain"][0] = 3.0  # the caller's own


def test_a_scalar_buffer_is_an_answer() -> None:
    def f(x: Any) -> Any:
        total = tnp.zeros(())
        total[()] = x[0]
        total[...] += x[1] ** 2
        total += 1.0
        return total

    value, g = tg.value_and_grad(f)(X)
    assert value == X[0] + X[1] ** 2 + 1
    np.testing.assert_array_equal(g, [1, 2 * X[1], 0, 0])


def test_arguments_that_are_buffers() -> None:
    b = tnp.array(X)
    np.testing.assert_array_equal(tg.grad(lambda x: np.sum(x * x))(b), 2 * X)
    np.testing.assert_array_equal(tg.jit(lambda x: x + 1, donate_argnums=0)(b), X + 1)
    np.testing.assert_array_equal(tg.vmap(lambda x: x + 1)(b), X + 1)
    b[0] = 7.0  # what was donated was a copy
    assert b[0] == 7


def test_custom_rules_may_fill_arrays() -> None:
    square = tg.custom_vjp(lambda x: filled(x))

    def bwd(x: Any, g: Any) -> Any:
        out = np.zeros_like(g)
        out[:-1] = 2 * x[:-1] * g[1:]
        out[0] += g[0]
        return (out,)

    square.defvjp(lambda x: (filled(x), x), bwd)
    found = tg.jacrev(square)(X)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected_jacobian())


def test_bodies_of_loops_may_fill_arrays() -> None:
    def body(carry: Any, x: Any) -> Any:
        new = carry.copy()
        new[1:] = carry[:-1] * x
        new[0] = x
        return new, new

    def f(xs: Any) -> Any:
        return tg.scan(body, np.zeros(3) * xs[0], xs)

    eager, recorded = f(X), tg.jit(f)(X)
    for a, b in zip(eager, recorded, strict=True):
        np.testing.assert_allclose(a, b)
    np.testing.assert_array_equal(eager[1][:, 0], X)
    np.testing.assert_allclose(tg.jit(tg.jacrev(lambda xs: f(xs)[0]))(X), tg.jacfwd(lambda xs: f(xs)[0])(X))


def test_rows_of_a_scan_are_what_they_were() -> None:
    def body(y: Any, i: Any) -> Any:
        y[i] = 1.0
        return y, y

    np.testing.assert_array_equal(tg.scan(body, tnp.zeros(3), np.arange(3))[1], np.tri(3))


def test_a_batched_value_does_not_leave_vmap() -> None:
    outside = tnp.zeros(3)

    def f(x: Any) -> Any:
        outside[0] = x
        return x

    tg.vmap(f)(X)
    with pytest.raises(tg.errors.EndedError, match="after its transformation had ended"):
        outside + 1.0


# ---- a content that NumPy knows -----------------------------------------------------------------------------------


def test_a_plain_buffer_is_an_array() -> None:
    b = tnp.array(X)
    assert (float(b[0]), int(b[3]), f"{b[0]:.1f}", len(b), b.item(2)) == (0.5, 1, "0.5", 4, 0.75)
    assert str(b) == str(X)
    assert repr(b) == f"Buffer({X!r})"
    assert b.tolist() == list(b) == X.tolist()
    assert type(b[0]) is np.float64
    assert type(b * 2) is type(np.cumsum(b)) is np.ndarray
    assert np.max(b, initial=9.0) == 9.0  # what Tensors do not take
    assert b.nonzero()[0].tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(np.linalg.qr(tnp.eye(2))[0], np.eye(2))
    assert type(pickle.loads(pickle.dumps(b))) is np.ndarray
    twin = copy.deepcopy(b)
    twin[0] = 9.0
    assert b[0] == 0.5
    assert [b > 0.6 for b in b][2]


def test_what_numpy_is_given_is_read_only_and_stays() -> None:
    b = tnp.zeros(3)
    seen, part = np.asarray(b), np.asarray(b[1:2])
    b[:] = 1.0
    np.testing.assert_array_equal(seen, 0)
    for x in (seen, part, b.flat):
        with pytest.raises(ValueError, match="read-only"):
            x[0] = 2.0
    own = np.array(b)
    own[0] = 5.0
    assert b[0] == 1.0


def test_tapes_keep_what_they_saw() -> None:
    def f(x: Any) -> Any:
        w = tnp.ones((4, 4))
        whole, row, turned = np.sum(x * w), np.sum(x * w[0]), np.sum(x * w.T)
        w *= 5.0
        w[0] = 7.0
        return whole + row + turned + np.sum(x * w[0])

    np.testing.assert_array_equal(tg.grad(f)(X), [4 + 1 + 4 + 7] * 4)


@pytest.mark.parametrize("order", [lambda y: y.sort(axis=0), lambda y: y.T.sort(), lambda y: y.partition(1, axis=0)])
def test_order_in_place(order: Any) -> None:
    def f(x: Any) -> Any:
        y = tnp.zeros((4, 2))
        y[:, 0] = x
        y[:, 1] = -2 * x
        order(y)
        return y

    expected = np.stack([X, -2 * X], 1)
    order(expected)
    np.testing.assert_array_equal(f(X), expected)
    np.testing.assert_array_equal(tg.vjp(f, X)[0], expected)
    tg.testing.check_grads(f, (X,), order=2)


def test_trees_take_what_a_buffer_is_now() -> None:
    b = tnp.zeros(2)
    leaves, structure = tg.tree.flatten({"a": b, "b": [b, 1.0]})
    b[0] = 1.0
    assert [np.sum(x) for x in leaves] == [0, 0, 1]
    assert tg.tree.unflatten(structure, leaves)["a"].tolist() == [0, 0]
    settled = tg.tree.settled((b, [2.0], object))
    assert type(settled[0]) is np.ndarray
    kept = {"x": [1.0, np.ones(2)]}
    assert tg.tree.settled(kept) is kept


def test_dtypes_are_the_buffers() -> None:
    y = tnp.zeros(4, np.float32)

    def f(x: Any) -> Any:
        y = tnp.zeros(4, np.float32)
        y[:] = x
        y += x
        return y

    out, back = tg.vjp(f, X)
    assert out.dtype == np.float32
    assert back(np.ones(4, np.float32))[0].dtype == X.dtype
    assert tnp.zeros(2, int).astype(float).dtype == float
    assert type(y.astype(float)) is Buffer


# ---- the functional form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "ufunc"),
    [
        ("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply), ("divide", np.divide),
        ("power", np.power), ("max", np.maximum), ("min", np.minimum),
    ],
)  # fmt: skip
@pytest.mark.parametrize("index", [[1, 3, 1, 1], slice(1, 3), 2, np.array([True, False, True, False]), ...])
def test_at_is_ufunc_at(name: str, ufunc: Any, index: Any) -> None:
    x = np.abs(X)
    v = np.array([1.5, 0.4, 2.1, 0.7])[: np.size(x[index])].reshape(np.shape(x[index]))
    expected = x.copy()
    ufunc.at(expected, index, v)
    np.testing.assert_allclose(getattr(tnp.at(x)[index], name)(v), expected, rtol=1e-15)
    tg.testing.check_grads(lambda x, v: getattr(tnp.at(x)[index], name)(v), (x, v), order=2)


def test_at_sets_gets_and_applies() -> None:
    np.testing.assert_array_equal(tnp.at(X)[1:].set(2.0), [0.5, 2, 2, 2])
    np.testing.assert_array_equal(tnp.at(X)[[0, 0]].set([1.0, 9.0]), [9, -1.25, 0.75, 1.5])
    np.testing.assert_array_equal(tnp.at(X)[1].get(), -1.25)
    np.testing.assert_array_equal(tnp.at(X)[:2].apply(np.square), [0.25, 1.5625, 0.75, 1.5])
    np.testing.assert_array_equal(tg.vmap(lambda x, i: tnp.at(X)[i].set(x))(np.ones(2), np.array([0, 3]))[1], [
        0.5, -1.25, 0.75, 1.0])  # fmt: skip
    tg.testing.check_grads(lambda x: tnp.at(x)[[2, 0, 2]].set(x[:3] ** 2), (X,), order=2)


def test_masks_in_recorded_programs() -> None:
    def f(x: Any) -> Any:
        y = x.copy()
        y[y > 0.6] = 0.0
        return y.at[x < 0].multiply(3.0)

    expected = np.where(X < 0, 3 * X, np.where(X > 0.6, 0, X))
    np.testing.assert_array_equal(tg.jit(f)(X), expected)
    np.testing.assert_array_equal(tg.vmap(f)(np.stack([X, X]))[1], expected)
    with pytest.raises(tg.errors.MissingRuleError, match=r"depends on values.*np.where\(mask, value, x\)"):
        tg.jit(lambda x: x.at[x > 0].set(np.ones(3)))(X)


# ---- refusals -------------------------------------------------------------------------------------------------------


def element(x: Any) -> None:
    y = np.zeros(3)
    y[0] = x[0]


def rows(x: Any) -> None:
    y = np.zeros(4)
    y[:] = x


def augmented(x: Any) -> None:
    y = np.zeros(4)
    y += x


def immutable(x: Any) -> None:
    y = x * 2
    y[0] = 1.0


def integers(x: Any) -> None:
    y = tnp.zeros(4, int)
    y[0] = x[0]


def integers_in_place(x: Any) -> None:
    y = tnp.zeros(4, int)
    y += x


def misfit(x: Any) -> None:
    y = tnp.zeros(4)
    y[:3] = x


def misfit_in_place(x: Any) -> None:
    y = tnp.zeros(4)
    y += np.ones((2, 4)) * x


def outside(x: Any) -> None:
    y = tnp.zeros(4)
    y[4] = x[0]


def read_only(x: Any) -> None:
    np.broadcast_to(tnp.zeros(4), (2, 4))[0] = x


def read_only_diagonal(x: Any) -> None:
    np.diagonal(tnp.eye(4))[:] = x


PLAIN = r"into a plain array or another Tensor .*test_buffer.py:\d+: .*tg.numpy.zeros in place of np.zeros"
ERRORS = tg.errors


@pytest.mark.parametrize(
    ("f", "error", "words"),
    [
        (element, ERRORS.AssignmentError, r"y\[i\] = t: .*" + PLAIN),
        (rows, ERRORS.AssignmentError, r"y\[i\] = t: .*" + PLAIN),
        (augmented, ERRORS.AssignmentError, "an in-place operator.*" + PLAIN),
        (lambda x: np.copyto(np.zeros(4), x), ERRORS.AssignmentError, "np.copyto: .*" + PLAIN),
        (lambda x: np.add.at(np.zeros(4), [0], x[:1]), ERRORS.AssignmentError, "np.add.at: .*" + PLAIN),
        (lambda x: np.add(x, x, out=np.zeros(4)), ERRORS.AssignmentError, "np.add: out=.*" + PLAIN),
        (immutable, ERRORS.AssignmentError, r"y\[i\] = t: .*y\[0\] = 1.0.*write y = y.copy\(\) first"),
        (integers, ERRORS.DtypeError, r"float64 value cannot .* array of int64 .*y\[0\] = x\[0\].*dtype=float"),
        (integers_in_place, ERRORS.DtypeError, r"float64 value cannot be written into an array of int64 .*y \+= x"),
        (misfit, ERRORS.ShapeError, r"a value of shape \(4,\) does not fit into shape \(3,\).*y\[:3\] = x"),
        (misfit_in_place, ERRORS.ShapeError, r"a value of shape \(2, 4\) does not fit into shape \(4,\)"),
        (outside, IndexError, "index 4 is out of bounds for axis 0 with size 4"),
        (read_only, ValueError, "assignment destination is read-only"),
        (read_only_diagonal, ValueError, "assignment destination is read-only"),
        (lambda x: tnp.zeros(3).resize(4), ERRORS.AssignmentError, "resize: .*np.resize gives a copy"),
        (lambda x: np.fill_diagonal(tnp.zeros(3), x), ValueError, "diagonal"),
        (lambda x: float(tnp.at(tnp.zeros(3))[0].set(x[0])[0]), ERRORS.ConcreteError, r"float\(\) on a Tensor"),
        (lambda x: np.put(tnp.zeros(3), [0], x, mode="odd"), ERRORS.ArgumentError, "put: mode='odd'"),
    ],
)
def test_refusals(f: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        tg.grad(f)(X)


def test_repeated_indices_that_are_not_known() -> None:
    with pytest.raises(tg.errors.MissingRuleError, match=r"multiply.at: .* twice.*only add and subtract"):
        tg.vmap(lambda i: tnp.at(X)[i].multiply(2.0))(np.array([[0, 0], [1, 2]]))
