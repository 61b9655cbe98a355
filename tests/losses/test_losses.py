"""What holds for every loss: values by a plain formula or SciPy, derivatives, dtypes, transformations, shapes."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from scipy.spatial import distance

import tinygrad_scratch as tg
from tinygrad_scratch import losses
from tinygrad_scratch.core.errors import DtypeError, ShapeError

RNG = np.random.default_rng(0)
P, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3))
UNIT = special.expit(P)
LOG_ROWS, ROWS = special.log_softmax(P, -1), special.softmax(P, -1)
SOFT = special.softmax(Y, -1)
BITS = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0], [1, 0, 1]])
COUNTS = np.array([[1, 0, 3], [2, 1, 1], [0, 0, 0], [9, 2, 1], [0, 4, 1]])
CLASSES = np.array([2, 0, 1, 1, 2])
ONE_HOT = np.eye(3)[CLASSES]
WEIGHTS = np.array([0.5, 2.0, 3.0])


class Case(NamedTuple):
    """A loss, its predictions and targets, and what one row of each costs."""

    loss: Callable[..., Any]
    predictions: Any
    targets: Any
    formula: Callable[[Any, Any], Any]


def bernoulli(p: Any, y: Any, w0: float = 1, w1: float = 1) -> Any:
    """Binary cross-entropy of probabilities."""
    return np.mean(-w1 * special.xlogy(y, p) - w0 * special.xlogy(1 - y, 1 - p))


def focal(z: Any, y: Any, gamma: float, one: float, zero: float) -> Any:
    """As Lin et al. write it."""
    p = special.expit(z)
    p_t, a_t = np.where(y == 1, p, 1 - p), np.where(y == 1, one, zero)
    return np.mean(-a_t * (1 - p_t) ** gamma * np.log(p_t))


def entropy(p: Any, y: Any, w: Any = 1) -> Any:
    """Cross-entropy of a row of probabilities and a label, or a row of labels."""
    return -np.sum(w * (y if np.ndim(y) else np.eye(3)[y]) * np.log(p))


def crammer_singer(z: Any, y: int) -> float:
    """How far the best other class is ahead of the label less 1."""
    return max(0.0, 1 + max(z[j] for j in range(3) if j != y) - z[y])


SIGMOID, BINARY, SOFTMAX, CATEGORICAL = (
    losses.sigmoid_cross_entropy,
    losses.binary_cross_entropy,
    losses.softmax_cross_entropy,
    losses.categorical_cross_entropy,
)
PAIR = WEIGHTS[:2]
CASES = {
    "squared_error": Case(losses.squared_error, P, Y, lambda p, y: np.mean((p - y) ** 2)),
    "sum_of_squares": Case(losses.sum_of_squares, P, Y, lambda p, y: sum((p - y) ** 2)),
    "absolute_error": Case(losses.absolute_error, P, Y, lambda p, y: np.mean(abs(p - y))),
    "huber": Case(losses.huber, P, Y, lambda p, y: np.mean(special.huber(1, p - y))),
    "huber of 0.3": Case(partial(losses.huber, delta=0.3), P, Y, lambda p, y: np.mean(special.huber(0.3, p - y))),
    "log_cosh": Case(losses.log_cosh, P, Y, lambda p, y: np.mean(np.log(np.cosh(p - y)))),
    "quantile of 0.1": Case(
        partial(losses.quantile, q=0.1), P, Y, lambda p, y: np.mean(np.where(y > p, 0.1 * (y - p), 0.9 * (p - y)))
    ),
    "cosine_distance": Case(losses.cosine_distance, P, Y, distance.cosine),
    "poisson": Case(
        losses.poisson, P, COUNTS, lambda r, k: np.mean(-stats.poisson.logpmf(k, np.exp(r)) - special.gammaln(k + 1))
    ),
    "gaussian_nll": Case(
        lambda p, y: losses.gaussian_nll(p, y, np.exp(p)),
        P,
        Y,
        lambda p, y: -np.mean(stats.norm.logpdf(y, p, np.exp(p / 2))),
    ),
    "sigmoid_cross_entropy": Case(SIGMOID, P, BITS, lambda z, y: bernoulli(special.expit(z), y)),
    "sigmoid_cross_entropy, smooth": Case(
        partial(SIGMOID, label_smoothing=0.2), P, BITS, lambda z, y: bernoulli(special.expit(z), 0.8 * y + 0.1)
    ),
    "sigmoid_cross_entropy, weighed": Case(
        partial(SIGMOID, class_weights=PAIR), P, BITS, lambda z, y: bernoulli(special.expit(z), y, *PAIR)
    ),
    "binary_cross_entropy": Case(BINARY, UNIT, BITS, bernoulli),
    "binary_cross_entropy, both": Case(
        partial(BINARY, label_smoothing=0.2, class_weights=[0.5, 2.0]),
        UNIT,
        BITS,
        lambda p, y: bernoulli(p, 0.8 * y + 0.1, *PAIR),
    ),
    "focal": Case(losses.focal, P, BITS, partial(focal, gamma=2, one=1, zero=1)),
    "focal of 0.5, 0.25": Case(
        partial(losses.focal, gamma=0.5, alpha=0.25), P, BITS, partial(focal, gamma=0.5, one=0.25, zero=0.75)
    ),
    "hinge": Case(losses.hinge, P, BITS, lambda z, y: np.mean(np.maximum(0, 1 - np.where(y, 1, -1) * z))),
    "softmax_cross_entropy": Case(SOFTMAX, P, CLASSES, lambda z, y: entropy(special.softmax(z), y)),
    "softmax_cross_entropy of one-hot": Case(SOFTMAX, P, ONE_HOT, lambda z, y: entropy(special.softmax(z), y)),
    "softmax_cross_entropy of rows": Case(SOFTMAX, P, SOFT, lambda z, y: entropy(special.softmax(z), y)),
    "softmax_cross_entropy, smooth": Case(
        partial(SOFTMAX, label_smoothing=0.3),
        P,
        CLASSES,
        lambda z, y: entropy(special.softmax(z), 0.7 * np.eye(3)[y] + 0.1),
    ),
    "softmax_cross_entropy, weighed": Case(
        partial(SOFTMAX, class_weights=WEIGHTS), P, CLASSES, lambda z, y: entropy(special.softmax(z), y, WEIGHTS)
    ),
    "categorical_cross_entropy": Case(CATEGORICAL, ROWS, CLASSES, entropy),
    "categorical_cross_entropy of rows, both": Case(
        partial(CATEGORICAL, label_smoothing=0.3, class_weights=WEIGHTS),
        ROWS,
        SOFT,
        lambda p, y: entropy(p, 0.7 * y + 0.1, WEIGHTS),
    ),
    "multiclass_hinge": Case(losses.multiclass_hinge, P, CLASSES, crammer_singer),
    "kl_divergence": Case(losses.kl_divergence, LOG_ROWS, SOFT, lambda q, y: sum(special.rel_entr(y, np.exp(q)))),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


@cases
def test_values_are_those_of_the_formula(case: Case) -> None:
    expected = [case.formula(p, y) for p, y in zip(case.predictions, case.targets, strict=True)]
    np.testing.assert_allclose(case.loss(case.predictions, case.targets), expected, rtol=1e-12)


def free(x: Any) -> Any:
    """A function from all numbers to those that `x` is of: the checker takes steps out of [0, 1]."""
    return tg.scipy.special.expit if any(x is one for one in (UNIT, ROWS, SOFT)) else lambda x: x


@cases
def test_derivatives_of_losses(case: Case) -> None:
    inside = free(case.predictions)
    tg.testing.check_grads(lambda z: case.loss(inside(z), case.targets), (P,))


FLOATS = {name: case for name, case in CASES.items() if case.targets is Y or case.targets is SOFT}


@pytest.mark.parametrize("case", FLOATS.values(), ids=list(FLOATS))
def test_derivatives_with_respect_to_targets(case: Case) -> None:
    inside = free(case.targets)
    tg.testing.check_grads(lambda y: case.loss(case.predictions, inside(y)), (Y,))


def dtypes_of(targets: Any) -> list[Any]:
    """In which dtypes the targets can be given."""
    if targets is BITS or targets is ONE_HOT:
        return [np.float32, np.int64, np.uint8, bool]
    return [np.float32] if targets.dtype.kind == "f" else [np.int64, np.uint8]


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name, case in CASES.items() for dtype in dtypes_of(case.targets)]
)
def test_float32_stays_float32(name: str, dtype: Any) -> None:
    case = CASES[name]
    predictions, targets = case.predictions.astype(np.float32), case.targets.astype(dtype)
    value, gradient = tg.value_and_grad(lambda p: np.mean(case.loss(p, targets)))(predictions)
    assert case.loss(predictions, targets).dtype == value.dtype == gradient.dtype == np.float32


@cases
def test_vmap_is_a_loop(case: Case) -> None:
    stacked = np.stack([case.predictions, case.predictions[::-1]])
    gradient = tg.grad(lambda p, y: np.sum(case.loss(p, y)))
    for f in (case.loss, gradient):
        found = tg.vmap(f, (0, None))(stacked, case.targets)
        np.testing.assert_allclose(found, [f(p, case.targets) for p in stacked], rtol=1e-12, atol=1e-15)
        alone = tg.vmap(lambda p, y, f=f: f(p[None], y[None])[0])(case.predictions, case.targets)
        np.testing.assert_allclose(alone, f(case.predictions, case.targets), rtol=1e-12, atol=1e-15)


@cases
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_jit_is_eager(case: Case, backend: str) -> None:
    f = tg.value_and_grad(lambda p, y: np.sum(case.loss(p, y)))
    for found, expected in zip(
        tg.jit(f, backend=backend)(case.predictions, case.targets), f(case.predictions, case.targets), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@cases
def test_jit_under_other_transformations(case: Case) -> None:
    """Whose recording runs on values that the loss must not refuse."""
    inside = tg.jit(lambda p, y: np.sum(case.loss(p, y)), backend="numpy")
    expected = np.sum(case.loss(case.predictions, case.targets))
    stacked = np.stack([case.predictions] * 2)
    np.testing.assert_allclose(tg.vmap(inside, (0, None))(stacked, case.targets), [expected] * 2)
    np.testing.assert_allclose(
        tg.vmap(tg.vmap(inside), (None, 0))(stacked, np.broadcast_to(case.targets, (2, 2, *case.targets.shape))),
        np.full((2, 2), expected),
    )
    np.testing.assert_allclose(
        tg.grad(inside)(case.predictions, case.targets),
        tg.grad(lambda p: np.sum(case.loss(p, case.targets)))(case.predictions),
        atol=1e-15,
    )


@cases
def test_empty_batch_has_no_losses(case: Case) -> None:
    assert case.loss(case.predictions[:0], case.targets[:0]).shape == (0,)


@cases
def test_lists_are_arrays(case: Case) -> None:
    found = case.loss(case.predictions.tolist(), case.targets.tolist())
    np.testing.assert_allclose(found, case.loss(case.predictions, case.targets), rtol=1e-12)


@cases
def test_complex_predictions_are_refused(case: Case) -> None:
    with pytest.raises(DtypeError, match=r"\w+: got an array of complex128, expected real numbers \(at "):
        case.loss(case.predictions + 0j, case.targets)


OF_EACH: dict[str, Any] = {
    **{name: CASES[name].loss for name in ["squared_error", "sum_of_squares", "absolute_error", "huber", "log_cosh"]},
    "quantile": partial(losses.quantile, q=0.3),
    "poisson": losses.poisson,
    "gaussian_nll": lambda p, y: losses.gaussian_nll(p, y, np.ones(np.shape(p))),
    "sigmoid_cross_entropy": SIGMOID,
    "binary_cross_entropy": BINARY,
    "focal": losses.focal,
    "hinge": losses.hinge,
}


@given(st.sampled_from(list(OF_EACH)), st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple))
def test_one_value_an_example(name: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    predictions, targets = rng.uniform(size=shape), rng.integers(0, 2, shape)
    loss = OF_EACH[name]
    found = loss(predictions, targets)
    assert found.shape == shape[:1]
    alone = [loss(predictions[i : i + 1], targets[i : i + 1])[0] for i in range(shape[0])]
    np.testing.assert_allclose(found, alone, rtol=1e-12)


@pytest.mark.parametrize("name", [*OF_EACH, "cosine_distance", "kl_divergence"])
def test_shapes_are_never_broadcast(name: str) -> None:
    loss = OF_EACH.get(name) or getattr(losses, name)
    sentence = rf"{name}: predictions have shape \(5, 1\) and targets \(5,\); they must be the same"
    with pytest.raises(ShapeError, match=sentence):
        loss(np.zeros((5, 1)), np.zeros(5))


OF_ROWS = {name: case for name, case in CASES.items() if case.targets is CLASSES}


@pytest.mark.parametrize("case", OF_ROWS.values(), ids=list(OF_ROWS))
def test_more_axes_of_examples_than_one(case: Case) -> None:
    predictions, targets = RNG.permuted(np.stack([case.predictions] * 2)), RNG.integers(0, 3, (2, 5))
    predictions = special.softmax(predictions, -1)
    expected = case.loss(predictions.reshape(10, 3), targets.reshape(10)).reshape(2, 5)
    np.testing.assert_allclose(case.loss(predictions, targets), expected, rtol=1e-12)


def test_errors_of_losses_name_the_users_line() -> None:
    with pytest.raises(ShapeError, match=r"at test_losses\.py:\d+: losses\.squared_error\(P, Y\[1:\]\)"):
        losses.squared_error(P, Y[1:])
