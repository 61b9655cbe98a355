"""Random numbers: what keys promise, the distributions, the transformations, and refused arguments."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import random
from tinygrad_scratch.core.errors import ArgumentError

KEY = random.key(0)
N = 20_000  # the standard error of a mean is then 0.7% of the standard deviation

# each draws a few numbers of a key
DRAWS = {
    "normal": lambda key: random.normal(key, (4,)),
    "normal32": lambda key: random.normal(key, (4,), np.float32),
    "uniform": lambda key: random.uniform(key, (4,), minval=-1.0),
    "bernoulli": lambda key: random.bernoulli(key, 0.5, (64,)),
    "randint": lambda key: random.randint(key, (8,), 0, 1000),
    "permutation": lambda key: random.permutation(key, 20),
    "permutation of rows": lambda key: random.permutation(key, np.arange(20.0).reshape(10, 2)),
    "choice": lambda key: random.choice(key, 1000, (8,), replace=False),
    "choice of rows": lambda key: random.choice(key, np.arange(200.0).reshape(100, 2), (8,)),
    "split": lambda key: random.split(key, 3),
    "fold_in": lambda key: random.fold_in(key, 7),
}
draws = pytest.mark.parametrize("draw", DRAWS.values(), ids=list(DRAWS))


@draws
def test_same_key_same_numbers(draw: Any) -> None:
    first = draw(random.key(5))
    random.normal(random.key(6), (100,))  # what others draw does not matter
    np.testing.assert_array_equal(draw(random.key(5)), first)


@draws
def test_other_key_other_numbers(draw: Any) -> None:
    found = [draw(random.key(seed)).tobytes() for seed in range(5)]
    assert len(set(found)) == 5


@draws
def test_drawing_leaves_the_key_alone(draw: Any) -> None:
    key = random.key(3)
    before = key.copy()
    draw(key)
    np.testing.assert_array_equal(key, before)


@draws
def test_threads_draw_the_same_numbers(draw: Any) -> None:
    keys = list(random.split(KEY, 40))
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(draw, keys))
    np.testing.assert_array_equal(found, [draw(key) for key in keys])


@draws
def test_vmap_over_keys_is_a_loop(draw: Any) -> None:
    keys = random.split(KEY, 5)
    np.testing.assert_array_equal(tg.vmap(draw)(keys), [draw(key) for key in keys])


def test_numbers_of_this_release_are_those_of_the_first() -> None:
    assert KEY.tolist() == [15793235383387715774, 12390638538380655177]
    assert random.split(KEY)[1].tolist() == [12885069150845639902, 6370427667298282036]
    assert random.fold_in(KEY, 1).tolist() == [10675930629149780774, 13317226160598217056]
    assert random.randint(KEY, (6,), 0, 100).tolist() == [13, 1, 93, 25, 38, 47]
    assert random.permutation(KEY, 6).tolist() == [4, 0, 3, 5, 2, 1]
    assert random.choice(KEY, 10, (4,), replace=False).tolist() == [0, 8, 2, 7]
    assert random.bernoulli(KEY, 0.5, (8,)).tolist() == [True, True, True, True, False, True, False, True]
    for found, pinned in [
        (random.uniform(KEY, (2,)), [0.014067035665647709, 0.2577672456246177]),
        (random.uniform(KEY, (2,), np.float32), [0.13562291860580444, 0.014066994190216064]),
        (random.normal(KEY, (2,)), [-0.2059740286292238, -0.12884495093462758]),
        (random.normal(KEY, (2,), np.float32), [-0.24822916090488434, -0.02676701545715332]),
    ]:
        np.testing.assert_allclose(found, pinned, rtol=4 * np.finfo(found.dtype).eps)


@given(st.integers(0, 2**200), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_keys_made_from_a_key_all_differ(seed: int, one: int, other: int) -> None:
    key = random.key(seed)
    made = [key, *random.split(key, 5), *(random.fold_in(key, data) for data in {one, other})]
    assert len({k.tobytes() for k in made}) == len(made)


@pytest.mark.parametrize("data", [0, 2**53, 2**63 - 2, 2**63 - 1, 2**63, 2**64 - 2])
def test_neighbours_fold_in_to_different_keys(data: int) -> None:
    assert random.fold_in(KEY, data).tolist() != random.fold_in(KEY, data + 1).tolist()


def test_fold_in_takes_numpy_integers() -> None:
    np.testing.assert_array_equal(random.fold_in(KEY, np.int32(3)), random.fold_in(KEY, 3))


def test_keys_of_split_and_fold_in_draw_uncorrelated_numbers() -> None:
    first, second = random.split(KEY)
    keys = [KEY, first, second, *random.split(first), random.fold_in(KEY, 0), random.fold_in(first, 0), random.key(1)]
    correlations = np.corrcoef([random.normal(key, (N,)) for key in keys])
    assert np.max(np.abs(correlations - np.eye(len(keys)))) < 4 / np.sqrt(N)


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_have_shape_and_dtype(shape: tuple[int, ...], dtype: Any) -> None:
    for draw in random.normal, random.uniform:
        found = draw(KEY, shape, dtype)
        assert (found.shape, found.dtype) == (shape, dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_normal_is_normal(dtype: Any) -> None:
    stats = pytest.importorskip("scipy.stats")
    x = random.normal(KEY, (N,), dtype).astype(float)
    assert abs(x.mean()) < 4 / np.sqrt(N)
    assert abs(x.var() - 1) < 4 * np.sqrt(2 / N)
    assert stats.kstest(x, "norm").pvalue > 1e-3


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_uniform_is_uniform_between_its_ends(dtype: Any) -> None:
    stats = pytest.importorskip("scipy.stats")
    x = random.uniform(KEY, (N,), dtype, -1, 3).astype(float)
    assert x.min() >= -1
    assert x.max() <= 3
    assert abs(x.mean() - 1) < 4 * np.sqrt(16 / 12 / N)
    assert stats.kstest(x, stats.uniform(-1, 4).cdf).pvalue > 1e-3


def test_uniform_keeps_the_dtype_asked_for_whatever_the_ends() -> None:
    assert random.uniform(KEY, (2,), np.float32, np.zeros(2), np.float64(2)).dtype == np.float32


def test_uniform_between_arrays() -> None:
    low = np.array([0.0, 100.0])
    x = random.uniform(KEY, (50, 2), minval=low, maxval=low + 1)
    assert np.all((x >= low) & (x < low + 1))


def test_uniform_differentiates_through_its_ends() -> None:
    u = random.uniform(KEY, (5,))
    low, high = tg.grad(lambda a, b: np.sum(random.uniform(KEY, (5,), minval=a, maxval=b)), (0, 1))(-1.0, 2.0)
    np.testing.assert_allclose([low, high], [np.sum(1 - u), np.sum(u)])


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_bernoulli_is_true_with_probability_p(p: float) -> None:
    x = random.bernoulli(KEY, p, (N,))
    assert x.dtype == bool
    assert abs(x.mean() - p) <= 4 * np.sqrt(p * (1 - p) / N)


def test_bernoulli_has_the_shape_of_p() -> None:
    p = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    np.testing.assert_array_equal(random.bernoulli(KEY, p), p == 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_randint_draws_each_integer_equally_often(dtype: Any) -> None:
    stats = pytest.importorskip("scipy.stats")
    x = random.randint(KEY, (N,), 3, 13, dtype)
    assert x.dtype == dtype
    values, counts = np.unique(x, return_counts=True)
    assert values.tolist() == list(range(3, 13))
    assert stats.chisquare(counts).pvalue > 1e-3


def test_choice_follows_p() -> None:
    stats = pytest.importorskip("scipy.stats")
    p = np.array([0.5, 0.0, 0.3, 0.2])
    counts = np.bincount(random.choice(KEY, 4, (N,), p=p), minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[p > 0], N * p[p > 0]).pvalue > 1e-3


@given(st.integers(0, 2**32), st.integers(1, 30), st.data())
def test_choice_without_replacement_repeats_nothing(seed: int, n: int, data: Any) -> None:
    a = np.arange(n) * 10
    found = random.choice(random.key(seed), a, (data.draw(st.integers(0, n)),), replace=False)
    assert len(set(found.tolist())) == len(found)
    assert set(found.tolist()) <= set(a.tolist())


@given(st.integers(0, 2**32), st.integers(0, 50))
def test_permutation_holds_each_integer_once(seed: int, n: int) -> None:
    assert sorted(random.permutation(random.key(seed), n).tolist()) == list(range(n))


def test_permutation_moves_whole_rows_and_as_the_integers() -> None:
    x = np.arange(30).reshape(10, 3)
    np.testing.assert_array_equal(random.permutation(KEY, x), x[random.permutation(KEY, 10)])


def test_permutation_puts_each_element_everywhere_equally_often() -> None:
    stats = pytest.importorskip("scipy.stats")
    orders = tg.vmap(lambda key: random.permutation(key, 4))(random.split(KEY, 2000))
    counts = [np.bincount(column, minlength=4) for column in orders.T]
    assert stats.chisquare(np.ravel(counts)).pvalue > 1e-3


def test_permutation_differentiates_through_the_rows() -> None:
    weights = np.arange(5.0)
    found = tg.grad(lambda x: np.sum(random.permutation(KEY, x) * weights))(np.ones(5))
    np.testing.assert_array_equal(found[random.permutation(KEY, 5)], weights)


NO_KEY = r"a key is an array of 2 uint64, got shape .* and dtype .*make one with tg\.random\.key"


@pytest.mark.parametrize("bad", [0, [1, 2], None, np.ones(2), np.zeros(3, np.uint64), random.split(KEY)], ids=repr)
@draws
def test_what_is_no_key_is_refused(draw: Any, bad: Any) -> None:
    with pytest.raises(ArgumentError, match=NO_KEY):
        draw(bad)


@pytest.mark.parametrize("seed", [-1, 1.0, True, "0", None])
def test_what_is_no_seed_is_refused(seed: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"random\.key: the seed must be a non-negative integer, got {seed!r}"):
        random.key(seed)


@pytest.mark.parametrize("dtype", [int, bool, complex])
@pytest.mark.parametrize("name", ["normal", "uniform"])
def test_dtypes_that_are_no_floats_are_refused(name: str, dtype: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"random\.{name}: dtype must be a float, got {np.dtype(dtype)}"):
        getattr(random, name)(KEY, (2,), dtype)


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: random.randint(KEY, (2,), 5, 5), r"random\.randint: minval=5 must be below maxval=5"),
        (lambda: random.randint(KEY, (2,), 0, 300, np.uint8), r"random\.randint: .*out of bounds"),
        (lambda: random.randint(KEY, (2,), 0, 3, float), r"random\.randint: .*float64"),
        (lambda: random.choice(KEY, 3, (4,), replace=False), r"random\.choice: .*larger sample than population"),
        (lambda: random.choice(KEY, 2, (4,), p=[0.5, 0.1]), r"random\.choice: .*[Pp]robabilities do not sum to 1"),
        (lambda: random.normal(KEY, (-1,)), r"random\.normal: .*negative dimensions"),
        (lambda: random.split(KEY, -1), r"random\.split: num=-1, expected 0 new keys or more"),
        (lambda: random.fold_in(KEY, -1), r"random\.fold_in: data=-1, expected an integer from 0"),
        (lambda: random.fold_in(KEY, 2**64), r"random\.fold_in: data=18446744073709551616, expected an integer from 0"),
        (lambda: random.fold_in(KEY, 0.5), r"random\.fold_in: data=0\.5, expected an integer from 0"),
    ],
)
def test_bad_arguments_are_refused_with_the_name_of_the_function(draw: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        draw()


def test_truncated_normal_lies_between() -> None:
    x = random.truncated_normal(KEY, (20_000,), np.float32, -1.0, 2.0)
    assert x.dtype == np.float32
    assert -1 <= x.min() < -0.99
    assert 1.95 < x.max() <= 2
    mean = (np.exp(-0.5) - np.exp(-2)) / np.sqrt(2 * np.pi) / 0.8185946
    assert abs(x.mean() - mean) < 0.02
    np.testing.assert_array_equal(
        tg.jit(lambda k: random.truncated_normal(k, (3,)))(KEY), random.truncated_normal(KEY, (3,))
    )
    with pytest.raises(ArgumentError, match=r"truncated_normal: low=5\.0 to high=6\.0 is too rare to draw from"):
        random.truncated_normal(KEY, (3,), float, 5.0, 6.0)
