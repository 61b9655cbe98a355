"""Random numbers as functions of explicit keys: the same key, the same numbers, in any order and in any thread.

A key is an array of two uint64, the key of a counter-based generator (Philox 4x64: Salmon et al., Parallel random
numbers: as easy as 1, 2, 3, SC 2011). Drawing counts from zero; `split` and `fold_in` read far-off parts of the same
stream, so numbers and new keys never meet. Use each key once: split it for more.

>>> import tinygrad_scratch as tg
>>> key, other = tg.random.split(tg.random.key(0))
>>> tg.random.normal(key, (2,)).shape
(2,)
>>> bool((tg.random.uniform(key, (3,)) == tg.random.uniform(key, (3,))).all())
True
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .core.errors import ArgumentError, ShapeError, TinygradError, user_line
from .core.primitive import Primitive, register
from .core.trace import Traced, bind
from .ops.select import take

_DRAW, _SPLIT, _FOLD = 0, 1, 2  # the highest word of the counter


def _stream(key: Any, word: int, purpose: int) -> np.random.Philox:
    return np.random.Philox(key=key, counter=np.array([word, 0, 0, purpose], np.uint64))


def _sample(key: Any, method: str, arguments: tuple[Any, ...], dtype: Any = None) -> Any:
    """What that method of NumPy's generator gives, in the dtype if one is named."""
    generator = np.random.Generator(_stream(key, 0, _DRAW))
    x = _truncated(generator, *arguments) if method == "truncated" else getattr(generator, method)(*arguments)
    return x if dtype is None else np.asarray(x).astype(dtype)


def _truncated(generator: np.random.Generator, low: float, high: float, shape: Any) -> Any:
    """Standard normal numbers, each drawn again until it lies between."""
    x = np.asarray(generator.standard_normal(shape))
    while (outside := (x < low) | (x > high)).any():
        x[outside] = generator.standard_normal(np.count_nonzero(outside))
    return x


def _split_key(key: Any, num: int) -> Any:
    return _stream(key, 0, _SPLIT).random_raw(2 * num).reshape(num, 2)


def _fold_key(key: Any, data: Any) -> Any:
    return _stream(key, int(data), _FOLD).random_raw(2)


# constant to every derivative; vmap over keys draws key by key
_random = register(Primitive("random", _sample))
_split = register(Primitive("random_split", _split_key))
_fold_in = register(Primitive("random_fold_in", _fold_key))


def _checked(what: str, key: Any) -> Any:
    shape, dtype = np.shape(key), getattr(key, "dtype", type(key).__name__)
    if shape != (2,) or dtype != np.uint64:
        raise ArgumentError(
            f"random.{what}: a key is an array of 2 uint64, got shape {shape} and dtype {dtype}{user_line()}; "
            "make one with tg.random.key(seed), and unpack what tg.random.split gives"
        )
    return key


def _draw(what: str, key: Any, method: str, *arguments: Any, dtype: Any = None) -> Any:
    try:
        return bind(_random, _checked(what, key), method=method, arguments=arguments, dtype=dtype)
    except (ShapeError, TypeError) as error:
        said = error.__cause__ if isinstance(error, ShapeError) else error
        if said is None or isinstance(said, TinygradError):
            raise
        raise ArgumentError(f"random.{what}: NumPy's generator says: {said}{user_line()}") from said


def key(seed: int) -> Any:
    """The key for a seed, any non-negative integer."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ArgumentError(f"random.key: the seed must be a non-negative integer, got {seed!r}{user_line()}")
    return np.random.SeedSequence(int(seed)).generate_state(2, np.uint64)


def split(key: Any, num: int = 2) -> Any:
    """`num` new keys, an array of shape (num, 2); take them apart by unpacking or indexing."""
    if num < 0:
        raise ArgumentError(f"random.split: num={num}, expected 0 new keys or more{user_line()}")
    return bind(_split, _checked("split", key), num=num)


def fold_in(key: Any, data: Any) -> Any:
    """A new key from `key` and a number from 0 to 2**64 - 1, such as the step of a loop, one of `tg.fori_loop` too."""
    traced: Any = data if isinstance(data, Traced) else None
    if traced is not None and traced.shape == () and traced.dtype.kind in "iu":
        return bind(_fold_in, _checked("fold_in", key), traced)
    number = operator.index(data) if hasattr(data, "__index__") and traced is None else -1
    if not 0 <= number < 2**64:
        raise ArgumentError(f"random.fold_in: data={data!r}, expected an integer from 0 to 2**64 - 1{user_line()}")
    return bind(_fold_in, _checked("fold_in", key), np.uint64(number))


def normal(key: Any, shape: Any = (), dtype: Any = float) -> Any:
    """Standard normal numbers of that shape and float dtype."""
    dtype = _float("normal", dtype)
    return _draw_floats("normal", key, "standard_normal", shape, dtype)


def truncated_normal(key: Any, shape: Any = (), dtype: Any = float, low: float = -2.0, high: float = 2.0) -> Any:
    """Standard normal numbers between `low` and `high`: each is drawn again until it lies there."""
    if not high - low > 0.01 or low > 4 or high < -4:
        raise ArgumentError(
            f"random.truncated_normal: low={low} to high={high} is too rare to draw from, expected an interval that "
            f"reaches into -4 to 4 and is longer than 0.01{user_line()}"
        )
    return _draw(
        "truncated_normal", key, "truncated", low, high, _shape(shape), dtype=_float("truncated_normal", dtype)
    )


def uniform(key: Any, shape: Any = (), dtype: Any = float, minval: Any = 0.0, maxval: Any = 1.0) -> Any:
    """Numbers uniform in [minval, maxval), which may be arrays and are differentiated through.

    As in NumPy, rounding may give maxval itself.
    """
    dtype = _float("uniform", dtype)
    x = _draw_floats("uniform", key, "random", shape, dtype) * (maxval - minval) + minval
    return x if x.dtype == dtype else x.astype(dtype)


def bernoulli(key: Any, p: Any = 0.5, shape: Any = None) -> Any:
    """Booleans, true with probability `p`; of the shape of `p` unless one is given."""
    if not isinstance(p, Traced) and not np.all(np.logical_and(np.greater_equal(p, 0), np.less_equal(p, 1))):
        raise ArgumentError(f"random.bernoulli: p={p!r}, expected probabilities from 0 to 1{user_line()}")
    return np.less(uniform(key, np.shape(p) if shape is None else shape), p)


def randint(key: Any, shape: Any, minval: int, maxval: int, dtype: Any = int) -> Any:
    """Integers uniform in minval, ..., maxval - 1."""
    if minval >= maxval:
        raise ArgumentError(f"random.randint: minval={minval} must be below maxval={maxval}{user_line()}")
    return _draw("randint", key, "integers", minval, maxval, _shape(shape), np.dtype(dtype))


def permutation(key: Any, x: Any) -> Any:
    """The integers below x in random order, or the rows of an array x."""
    n = x if isinstance(x, (int, np.integer)) else x.shape[0]
    order = _draw("permutation", key, "permutation", n)
    return order if isinstance(x, (int, np.integer)) else take(x, order, axis=0)


def choice(key: Any, a: Any, shape: Any = (), replace: bool = True, p: Any = None) -> Any:
    """Elements of an array along its first axis, or of range(a), with equal probabilities or `p`."""
    n = a if isinstance(a, (int, np.integer)) else a.shape[0]
    weights = p if p is None else tuple(np.asarray(p).tolist())
    index = _draw("choice", key, "choice", n, _shape(shape), replace, weights)
    return index if isinstance(a, (int, np.integer)) else take(a, index, axis=0)


def _draw_floats(what: str, key: Any, method: str, shape: Any, dtype: Any) -> Any:
    """float32 and float64 are drawn as such; other floats are rounded from float64."""
    if dtype in (np.float32, np.float64):
        return _draw(what, key, method, _shape(shape), dtype)
    return _draw(what, key, method, _shape(shape), dtype=dtype)


def _shape(shape: Any) -> Any:
    return tuple(shape) if isinstance(shape, list) else shape


def _float(what: str, dtype: Any) -> Any:
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise ArgumentError(f"random.{what}: dtype must be a float, got {dtype}{user_line()}")
    return dtype
