"""What must hold for every operation, as functions of one call; they raise AssertionError where it does not.

`op` is a primitive or any function of arrays, `case` a call of it. All inputs are read-only, so whoever writes into one
is found out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_scratch as tg
from tinygrad_scratch.testing.strategies import Case

Op = Callable[..., Any]


def frozen(case: Case) -> Case:
    """The same call on read-only copies, in the layout of the originals."""
    args = []
    for a in case.args:
        copy = np.asarray(a).view()
        copy.flags.writeable = False
        args.append(copy)
    return Case(tuple(args), case.attrs)


def split(op: Op, case: Case) -> tuple[Op, list[Any]]:
    """`op` as a function of its float arguments alone, and those."""
    places = [i for i, a in enumerate(case.args) if smooth(a)]

    def of_floats(*xs: Any) -> Any:
        full = list(case.args)
        for i, x in zip(places, xs, strict=True):
            full[i] = x
        return op(*full, **case.attrs)

    return of_floats, [case.args[i] for i in places]


def directions(xs: list[Any], seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)

    def numbers(x: Any) -> Any:
        return rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1, 1], x.shape)

    return [np.asarray(numbers(x) + (1j * numbers(x) if x.dtype.kind == "c" else 0)).astype(x.dtype) for x in xs]


def pairs(w: Any, x: Any) -> Any:
    """Re(conj(w) x)."""
    return np.real(np.conj(w) * x) if w.dtype.kind == "c" else w * x


def smooth(out: Any) -> bool:
    return bool(np.asarray(out).dtype.kind in "fc")


def same(found: Any, expected: Any, exact: bool = True) -> None:
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    if exact:
        np.testing.assert_array_equal(found, expected)
    else:
        eps = np.finfo(expected.dtype).eps if smooth(expected) else 0
        np.testing.assert_allclose(found, expected, rtol=100 * eps, atol=100 * eps)


def value_is_numpys(op: Op, case: Case, reference: Op, exact: bool) -> None:
    """On arrays, and through the tape and forward mode, the value is what NumPy gives."""
    case = frozen(case)
    expected = reference(*case.args, **case.attrs)
    same(op(*case.args, **case.attrs), expected, exact)
    f, xs = split(op, case)
    if xs:
        same(tg.vjp(f, *xs)[0], expected, exact)
        same(tg.jvp(f, xs, directions(xs, 0))[0], expected, exact)


def derivatives_are_numerical(op: Op, case: Case, order: int = 2) -> None:
    """Both modes agree with finite differences, and so do theirs (second order)."""
    f, xs = split(op, frozen(case))
    if not xs:
        return
    if smooth(f(*xs)):
        tg.testing.check_grads(f, xs, order=order)
    else:
        _, tangent = tg.jvp(f, xs, directions(xs, 0))
        assert not np.any(tangent)


def modes_are_adjoint(op: Op, case: Case) -> None:
    """<w, J v> = <J^T w, v>, to rounding."""
    f, xs = split(op, frozen(case))
    if not xs or not smooth(f(*xs)):
        return
    vs = directions(xs, 1)
    out, back = tg.vjp(f, *xs)
    (w,) = directions([np.asarray(out)], 2)
    tangent, cotangents = tg.jvp(f, xs, vs)[1], back(w)
    left = pairs(w, tangent)
    right = [pairs(v, a) for a, v in zip(cotangents, vs, strict=True)]
    # of complex numbers the parts of a product may cancel, and are rounded for what they are
    size = np.sum(np.abs(w * tangent)) + sum(np.sum(np.abs(v * a)) for a, v in zip(cotangents, vs, strict=True))
    assert abs(np.sum(left) - sum(np.sum(r) for r in right)) <= 100 * np.finfo(float).eps * size


def second_orders_agree(op: Op, case: Case) -> None:
    """Forward over forward, forward over reverse and reverse over forward agree; linearize gives the tangent."""
    f, xs = split(op, frozen(case))
    if not xs or not smooth(f(*xs)):
        return
    us, vs = directions(xs, 3), directions(xs, 4)
    out, jvp_fn = tg.linearize(f, *xs)
    (w,) = directions([np.asarray(out)], 5)

    def first(*ys: Any) -> Any:
        return np.sum(pairs(w, tg.jvp(f, ys, vs)[1]))

    def first_reverse(*ys: Any) -> Any:
        return sum(np.sum(pairs(v, a)) for a, v in zip(tg.vjp(f, *ys)[1](w), vs, strict=True))

    forward_forward = tg.jvp(first, xs, us)[1]
    forward_reverse = tg.jvp(first_reverse, xs, us)[1]
    parts = [pairs(u, a) for a, u in zip(tg.vjp(first, *xs)[1](np.float64(1)), us, strict=True)]
    size = 1 + sum(np.sum(np.abs(p)) for p in parts)
    np.testing.assert_allclose(forward_forward, sum(np.sum(p) for p in parts), rtol=0, atol=1e-11 * size)
    np.testing.assert_allclose(forward_reverse, sum(np.sum(p) for p in parts), rtol=0, atol=1e-11 * size)
    np.testing.assert_allclose(jvp_fn(*vs), tg.jvp(f, xs, vs)[1], rtol=1e-12, atol=1e-12)


def vmap_is_a_loop(op: Op, case: Case, batched: list[bool], size: int, axis_seed: int) -> None:
    """vmap over any choice of arguments and axes equals the loop, and so does its gradient."""
    rng = np.random.default_rng(axis_seed)
    rows = [[_shuffled(a, rng) if b else a for a, b in zip(case.args, batched, strict=True)] for _ in range(size)]
    axes = [int(rng.integers(0, a.ndim + 1)) if b else None for a, b in zip(case.args, batched, strict=True)]
    stacked = [
        a if axis is None else np.stack([row[i] for row in rows], axis)
        for i, (a, axis) in enumerate(zip(case.args, axes, strict=True))
    ]
    stacked = list(frozen(Case(tuple(stacked))).args)
    found = tg.vmap(lambda *xs: op(*xs, **case.attrs), tuple(axes))(*stacked)
    loop = np.stack([op(*row, **case.attrs) for row in rows])
    same(found, loop, exact=not smooth(loop))
    if smooth(loop) and all(map(smooth, case.args)):
        w = np.asarray(directions([loop[0]], 6)[0])

        def gradient(*xs: Any) -> Any:
            return tg.vjp(lambda *ys: op(*ys, **case.attrs), *xs)[1](w)

        grads = tg.vmap(gradient, tuple(axes))(*stacked)
        for i, g in enumerate(grads):
            np.testing.assert_allclose(g, np.stack([gradient(*row)[i] for row in rows]), rtol=1e-12, atol=1e-12)


def _shuffled(a: Any, rng: np.random.Generator) -> Any:
    return rng.permutation(a.ravel()).reshape(a.shape)


def jit_is_eager(op: Op, case: Case, backend: str) -> None:
    """Compiled, on the first call, the second and the third, the value is eager's; so are both derivatives."""
    _, xs = split(op, frozen(case))
    constants = [a for a in frozen(case).args if not smooth(a)]

    def of_all(floats: Any, others: Any) -> Any:
        rest, more = iter(floats), iter(others)
        return op(*[next(rest) if smooth(a) else next(more) for a in case.args], **case.attrs)

    expected = of_all(xs, constants)
    compiled = tg.jit(of_all, backend=backend)
    for _ in range(3):
        same(compiled(xs, constants), expected, exact=False)
    if not xs or not smooth(expected):
        return
    (w,) = directions([np.asarray(expected)], 7)
    vs = directions(xs, 8)

    def pulled_back(floats: Any, others: Any) -> Any:
        return tg.vjp(lambda ys: of_all(ys, others), floats)[1](w)[0]

    def pushed(floats: Any, others: Any) -> Any:
        return tg.jvp(lambda ys: of_all(ys, others), (floats,), (vs,))

    for g in (pulled_back, pushed):
        expected = tg.tree.leaves(g(xs, constants))
        inside = tg.jit(g, backend=backend)
        for _ in range(2):
            for found, right in zip(tg.tree.leaves(inside(xs, constants)), expected, strict=True):
                same(found, right, exact=False)
    backwards = tg.vjp(lambda ys: compiled(ys, constants), xs)[1](w)[0]
    for found, right in zip(backwards, pulled_back(xs, constants), strict=True):
        same(found, right, exact=False)
    tangent = tg.jvp(lambda ys: compiled(ys, constants), (xs,), (vs,))[1]
    same(tangent, pushed(xs, constants)[1], exact=False)


def source_is_eager(op: Op, case: Case) -> None:
    """The written program, and those of both derivatives, give eager's numbers."""
    case = frozen(case)
    f, xs = split(op, case)
    same_source(lambda *args: op(*args, **case.attrs), case.args)
    if not xs or not smooth(f(*xs)):
        return
    (w,) = directions([np.asarray(f(*xs))], 9)
    same_source(lambda w, *ys: tg.vjp(f, *ys)[1](w), [w, *xs])
    same_source(lambda vs, *ys: tg.jvp(f, ys, vs), [directions(xs, 10), *xs])


def same_source(f: Op, args: Any) -> None:
    """The text of f's graph, run on `args`, gives what f gives."""
    module: dict[str, Any] = {}
    exec(tg.make_graph(f)(*args).source("written"), module)
    expected, leaves = tg.tree.leaves(f(*args)), tg.tree.leaves(args)
    with np.errstate(all="ignore"):
        found = module["written"](*leaves)
    for a, b in zip(found if isinstance(found, tuple) else (found,), expected, strict=True):
        same(a, b, exact=False)


def dtypes_are_kept(op: Op, case: Case, reference: Op) -> None:
    """float32 in: NumPy's dtype out, float32 gradients and tangents in the dtype of the answer."""
    to = {"f": np.float32, "c": np.complex64}
    narrow = Case(tuple(a.astype(to.get(a.dtype.kind, a.dtype)) for a in case.args), case.attrs)
    f, xs = split(op, frozen(narrow))
    expected = np.asarray(reference(*narrow.args, **narrow.attrs)).dtype
    assert np.asarray(f(*xs)).dtype == expected
    if not xs or expected.kind not in "fc":
        return
    out, back = tg.vjp(f, *xs)
    assert out.dtype == expected
    for x, g in zip(xs, back(np.ones(out.shape, out.dtype)), strict=True):
        assert (g.dtype, g.shape) == (x.dtype, x.shape)
    _, tangent = tg.jvp(f, xs, xs)
    assert (tangent.dtype, tangent.shape) == (expected, out.shape)
    mixed = [x.astype(np.result_type(x, float)) if i % 2 else x for i, x in enumerate(xs)]
    out, back = tg.vjp(f, *mixed)
    for x, g in zip(mixed, back(np.ones(out.shape, out.dtype)), strict=True):
        assert (g.dtype, g.shape) == (x.dtype, x.shape)
