"""The native functions at every edge of the numbers: what NumPy gives, to a few units in the last place."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.compile.native.functions import UFUNCS

from .agreement import agrees, call

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own, of overflow, 1 / 0 and so on

INTEGERS = "bhiqBHIQ"
MATHEMATICS = sorted(name for name in UFUNCS if hasattr(np, name) and not name.startswith(("bitwise", "invert")))
SIGN_OF_ZERO_IS_ANY = {"fmax", "fmin", "maximum", "minimum"}  # of 0.0 and -0.0 NumPy's loops give either
CANCELS = {"logaddexp"}  # near a sum of 1 the answer is what is left of a cancellation, in NumPy as well


def compiled(ufunc: np.ufunc, *args: Any) -> Any:
    run = tg.jit(ufunc, backend="numba")
    run(*args)
    return run(*args)


def pairs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.meshgrid(values, values)
    return left.ravel(), right.ravel()


def edges(dtype: Any) -> np.ndarray:
    limits = np.finfo(dtype)
    one_sided = [
        0.0, 0.5, 1, 2, 2.5, 3, 7.3, 20, 40, 44, 50, 88, 88.7, 88.73, 89, 103, 104, 110, 700, 709.7, 709.79, 710, 745,
        746, 750, 1e10, 1e22, 1e-3, 1e-8, 1e-10, 1e-17, 1e-20, np.pi, np.inf, 1 - limits.epsneg, 1 + limits.eps,
        limits.max, limits.tiny, limits.tiny / 3, limits.smallest_subnormal,
    ]  # fmt: skip
    values = np.array(one_sided, np.float64 if dtype == np.float64 else np.float32).astype(dtype)
    return np.concatenate([values, -values, np.array([np.nan], dtype)])


def ordinary(dtype: Any, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    wide = 10.0 ** rng.uniform(-45, 38, 1000) * rng.choice([-1, 1], 1000)
    return np.concatenate([
        rng.normal(size=1000), rng.uniform(-750, 750, 1000), 1e-3 * rng.normal(size=1000), wide,
        1 + 1e-4 * rng.normal(size=1000), rng.uniform(0.3, 3, 1000), rng.uniform(-20, 20, 1000),
    ]).astype(dtype)  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", MATHEMATICS)
def test_floats(name: str, dtype: Any) -> None:
    ufunc = getattr(np, name)
    special, usual = edges(dtype), ordinary(dtype, 0)
    args: Any = (np.concatenate([special, usual]),)
    if ufunc.nin == 2:
        args = tuple(np.concatenate(ab) for ab in zip(pairs(special), (usual, ordinary(dtype, 1)), strict=True))
    found, numpys = compiled(ufunc, *args), ufunc(*args)
    assert found.dtype == numpys.dtype
    if numpys.dtype.kind != "f":
        np.testing.assert_array_equal(found, numpys)
        return
    wider = [x.astype(np.float64 if dtype == np.float32 else np.longdouble) for x in args]
    exact = ufunc(*wider).astype(dtype) if name not in ("remainder", "floor_divide", "fmod") else numpys
    finite = np.isfinite(found) & np.isfinite(exact)
    np.testing.assert_array_equal(found[~finite], numpys[~finite])
    if name not in SIGN_OF_ZERO_IS_ANY:
        zero = (numpys == 0) & (found == 0)
        np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(numpys[zero]))
    size = np.abs(exact if name not in CANCELS else np.fmax(exact, np.fmax(*np.abs(args))))[finite]
    off = np.abs(found[finite].astype(np.longdouble) - exact[finite].astype(np.longdouble))
    assert np.max(off / np.spacing(np.minimum(size, np.finfo(dtype).max))) <= 4


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod", "divide", "add", "multiply", "less", "maximum"])
def test_integers_and_their_limits(name: str, dtype: str) -> None:
    # on most CPUs the division of the least integer by -1, and any by 0, ends the process
    limits = np.iinfo(dtype)
    some = [limits.min, limits.max, limits.max - 1, 0, 1, 2, 7] + ([-1, -2, -7] if limits.min else [])
    args = pairs(np.array(some, dtype))
    found, expected = compiled(getattr(np, name), *args), getattr(np, name)(*args)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", ["reciprocal", "negative", "absolute", "sign", "square", "invert", "floor"])
def test_one_integer(name: str, dtype: str) -> None:
    limits = np.iinfo(dtype)
    x = np.array([limits.min, limits.max, 0, 1, 3], dtype)
    found, expected = compiled(getattr(np, name), x), getattr(np, name)(x)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(name for name in UFUNCS if hasattr(np, name)))
def test_every_dtype(name: str) -> None:
    ufunc = getattr(np, name)
    arrays = [
        np.array(values, dtype)
        for dtype, values in [
            *[(c, [5, 3, 0, 2]) for c in INTEGERS], *[(c, [5, -7, 0, 2]) for c in "bl"],
            ("?", [True, False, True, True]), ("e", [0.5, 1, 2, 0]), ("f", [0.5, -1.5, np.inf, np.nan]),
            ("d", [0.25, 0.0, -np.inf, 2]),
        ]
    ]  # fmt: skip
    calls = [args for x in arrays if _takes(ufunc, args := (x, x[::-1].copy())[: ufunc.nin])]
    agrees(lambda calls: [ufunc(*args) for args in calls], "numba", call(calls), ulps=64)


def _takes(ufunc: np.ufunc, args: Any) -> bool:
    try:
        ufunc(*args)
    except (TypeError, ValueError):  # no such dtypes; integers to negative powers
        return False
    return True


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", "bB")
@pytest.mark.parametrize("n", [-1000, -200, -1, 0, 127, 128, 200, 300, 2**70])
def test_integers_compared_with_python_integers_beyond_their_dtype(n: int, dtype: str, backend: str) -> None:
    x = np.array([0, 1, 127], dtype)
    for compare in (np.less, np.greater_equal, np.equal, np.not_equal):
        for f, args in ((lambda x, c=compare: c(x, n), (x,)), (compare, (x, n))):
            run = tg.jit(f, backend=backend)
            for _ in range(2):
                np.testing.assert_array_equal(run(*args), compare(x, n))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_signed_and_an_unsigned_integer_are_compared_by_value(backend: str) -> None:
    run = tg.jit(np.less, backend=backend)
    for _ in range(2):
        assert run(np.array([-1, 5]), np.array([1, 2], np.uint64)).tolist() == [True, False]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [*INTEGERS, "?", "e", "f", "d"])
def test_one_over_an_integer_is_a_quotient(dtype: str, backend: str) -> None:
    x = np.array([1, 2, 3]).astype(dtype)
    run = tg.jit(lambda x: 1 / x, backend=backend)
    for _ in range(2):
        found = run(x)
        assert found.dtype == (1 / x).dtype
        np.testing.assert_array_equal(found, 1 / x)
    np.testing.assert_array_equal(tg.vmap(lambda n: 1 / n)(x), 1 / x)


@pytest.mark.parametrize("source", ["f", "d"])
@pytest.mark.parametrize("dtype", "bhiqBHI")
def test_floats_wrap_round_in_integers_as_numpys_do(dtype: str, source: str) -> None:
    x = np.arange(-40000, 40000, 7.3).astype(source)
    run = tg.jit(lambda x: (x * 2).astype(dtype), backend="numba")
    run(x)
    np.testing.assert_array_equal(run(x), (x * 2).astype(dtype))
