"""scikit-learn's own checks of the estimators, what they add to them, and that they learn."""

import contextlib
import functools
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import SkipTest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.core.errors import ArgumentError, DivergedError, ShapeError

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from tinygrad_scratch.sklearn import NetworkClassifier, NetworkRegressor
from tinygrad_scratch.sklearn.samples import distinct, held_back

QUICK: dict[str, Any] = {"backend": "numpy", "random_state": 0, "learning_rate": 0.03}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.where(X[:, 0] > 0, "yes", "no")


def small(kind: Any = NetworkClassifier, **more: Any) -> Any:
    return kind((8,), **{**QUICK, "max_iter": 5, **more})


CHECKED = {**QUICK, "hidden_layer_sizes": (16,), "max_iter": 40}


ESTIMATORS = {
    "classifier": NetworkClassifier(**CHECKED),
    "regressor": NetworkRegressor(**CHECKED),
    "early stopping": NetworkClassifier(**CHECKED, early_stopping=True, dropout=0.1),
}
CHECKS = [
    pytest.param(*case, id=f"{name}-{getattr(case[1], 'func', case[1]).__name__}-{i}")
    for name, estimator in ESTIMATORS.items()
    for i, case in enumerate(estimator_checks_generator(estimator))
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_scikit_learns_checks(estimator: Any, check: Any) -> None:
    """Those that scikit-learn passes over, for want of pandas or of SciPy's switch for other arrays, pass there too."""
    with contextlib.suppress(SkipTest):
        check(estimator)


# ---- learning -------------------------------------------------------------------------------------------------------


def test_it_learns_digits() -> None:
    data = tg.data.digits()
    x, x_test = (images.reshape(len(images), -1) for images in (data.x_train, data.x_test))
    model = NetworkClassifier((64,), learning_rate=0.01, max_iter=30, random_state=0).fit(x, data.y_train)
    assert model.score(x_test, data.y_test) >= 0.95
    assert len(model.loss_curve_) == model.n_iter_ == 30
    assert model.loss_curve_ == model.history_["loss"]
    assert model.loss_curve_[-1] < 0.1 < model.loss_curve_[0]


def test_it_fits_a_sine() -> None:
    x = np.linspace(-1, 1, 200)[:, None]
    y = np.sin(3 * x[:, 0])
    fresh = NetworkRegressor((32, 32), "tanh", **{**QUICK, "learning_rate": 0.01}, max_iter=100, batch_size=50)
    assert clone(fresh).fit(x, y).score(x, y) > 0.99
    both = np.stack([y, -y], axis=1)
    assert fresh.fit(x, both).predict(x).shape == (200, 2)
    assert fresh.score(x, both) > 0.99


def test_a_net_of_ones_own_with_state_and_axes() -> None:
    """A convolution, and the running statistics of a batch norm in the predictions."""
    convolution = tg.nn.serial(tg.nn.conv2d(4, (3, 3)), tg.nn.batch_norm(), tg.nn.relu)
    net = tg.nn.serial(tg.nn.reshape(8, 8, 1), convolution, tg.nn.flatten, tg.nn.dropout(0.1), tg.nn.dense(10))
    data = tg.data.digits()
    x, y = data.x_train[:300].reshape(300, -1), data.y_train[:300]
    model = NetworkClassifier(net=net, **QUICK, max_iter=8, batch_size=50).fit(x, y)
    assert model.score(x, y) > 0.9
    assert model.net_ is net
    assert np.any(model.net_state_[1][1]["mean"] != 0)
    again = pickle.loads(pickle.dumps(model))
    assert repr(again.net_) == repr(again.net) == repr(net)
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))


def test_a_net_of_integers() -> None:
    x = RNG.integers(0, 5, (200, 2))
    y = x[:, 0] == x[:, 1]
    net = tg.nn.serial(tg.nn.embedding(5, 8), tg.nn.flatten, tg.nn.dense(16), tg.nn.relu, tg.nn.dense(2))
    assert NetworkClassifier(net=net, **QUICK, max_iter=150).fit(x, y).score(x, y) == 1


def test_a_pipeline_a_search_and_cross_validation() -> None:
    scaled = make_pipeline(StandardScaler(), small(max_iter=20))
    grid = {"networkclassifier__hidden_layer_sizes": [(4,), (8, 4)], "networkclassifier__activation": ["tanh", "elu"]}
    search = GridSearchCV(scaled, grid, cv=2).fit(100 * X + 50, Y)
    assert search.best_score_ > 0.8
    assert set(search.predict(100 * X + 50)) == {"yes", "no"}
    target = TransformedTargetRegressor(small(NetworkRegressor, max_iter=40), transformer=StandardScaler())
    assert cross_val_score(target, X, 1000 * X[:, 0] + 500, cv=2).mean() > 0.9


# ---- what is the same -----------------------------------------------------------------------------------------------


def weights(model: Any) -> bytes:
    return b"".join(w.tobytes() for w in tg.tree.leaves(model.params_))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_one_random_state_gives_one_net(backend: str) -> None:
    if backend == "numba":
        pytest.importorskip("llvmlite")
    options: dict[str, Any] = {"dropout": 0.2, "batch_size": 25, "backend": backend}
    model = small(**options).fit(X, Y)
    assert weights(clone(model).fit(X, Y)) == weights(model)
    assert weights(small(**options, random_state=np.random.RandomState(0)).fit(X, Y)) == weights(model)
    assert weights(small(**{**options, "random_state": 1}).fit(X, Y)) != weights(model)
    assert {w.dtype for w in tg.tree.leaves(model.params_)} == {np.dtype(np.float32)}


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12).filter(any), st.randoms(use_true_random=False))
def test_a_weight_is_the_sample_so_many_times(counts: list[int], random: Any) -> None:
    x, y = X[:12].astype(np.float32), RNG.integers(0, 3, 12)
    repeated = np.repeat(np.arange(12), counts)
    shuffled = random.sample(range(12), 12)
    seen = [i for i in shuffled if counts[i]]
    expected = distinct(x[repeated], y[repeated], np.ones(len(repeated)))
    for found, wanted in zip(distinct(x[seen], y[seen], 3.0 * np.array(counts)[seen]), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert len(expected[0]) == np.count_nonzero(counts)


def test_a_weight_of_zero_leaves_out_and_scale_does_not_matter() -> None:
    sample_weight = np.arange(60) % 3
    seen = sample_weight > 0
    model = small(batch_size=16, early_stopping=True).fit(X, Y, sample_weight)
    for x, y, w in [
        (X[seen], Y[seen], sample_weight[seen]),
        (X.repeat(sample_weight, axis=0), Y.repeat(sample_weight), None),
        (X[::-1], Y[::-1], 4 * sample_weight[::-1]),
    ]:
        assert weights(small(batch_size=16, early_stopping=True).fit(x, y, w)) == weights(model)
    assert weights(small(batch_size=16, early_stopping=True).fit(X, Y)) != weights(model)
    assert list(small().fit(X, Y, Y == "yes").classes_) == ["yes"]


@given(st.integers(2, 40), st.floats(0.01, 0.99), st.integers(0, 100))
def test_what_is_held_back(n: int, fraction: float, seed: int) -> None:
    samples = (np.arange(n)[:, None], np.arange(n) % 3, np.ones(n))
    train, held = held_back("it", tg.random.key(seed), samples, fraction)
    assert sorted([*train[0][:, 0], *held[0][:, 0]]) == list(range(n))
    assert len(held[0]) == np.clip(round(fraction * n), 1, n - 1)
    for label in range(3):
        share = np.sum(samples[1] == label) * len(held[0]) / n
        assert abs(np.sum(held[1] == label) - share) <= 1
        assert np.all(held[0][held[1] == label] % 3 == label)


def test_early_stopping_takes_the_best_weights() -> None:
    noise = RNG.integers(0, 2, 60)
    model = small(max_iter=300, early_stopping=True, validation_fraction=0.3, n_iter_no_change=5).fit(X, noise)
    losses = model.history_["val_loss"]
    assert model.n_iter_ == len(losses) == np.argmin(losses) + 1 + 5 < 300
    best = small(max_iter=int(np.argmin(losses)) + 1, early_stopping=True, validation_fraction=0.3).fit(X, noise)
    assert weights(best) == weights(model)


def test_probabilities_and_decisions_belong_together() -> None:
    model = small().fit(X, Y)
    p = model.predict_proba(X)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), p)
    np.testing.assert_allclose(1 / (1 + np.exp(-model.decision_function(X))), p[:, 1])
    assert small().fit(X, np.arange(60) % 4).decision_function(X).shape == (60, 4)


def test_alpha_is_the_weight_of_the_squares() -> None:
    model = small(alpha=0.5, max_iter=1, batch_size=60).fit(X, Y)
    start = small(alpha=0.5, max_iter=1, batch_size=60, learning_rate=1e-12).fit(X, Y)
    squares = sum(np.sum(w**2) for w in tg.tree.leaves(start.params_) if w.ndim == 2)
    np.testing.assert_allclose(model.history_["penalty"], 0.5 * squares, rtol=1e-5)
    assert "penalty" not in small(alpha=0).fit(X, Y).history_


@pytest.mark.parametrize(
    "options",
    [
        {"activation": np.tanh},
        {"activation": "identity", "hidden_layer_sizes": (4, 3)},
        {"activation": "logistic", "hidden_layer_sizes": 4},
        {"hidden_layer_sizes": (), "optimizer": functools.partial(tg.optim.sgd, momentum=0.9)},
        {"optimizer": "adamw", "dropout": 0.5},
    ],
)
def test_fitted_estimators_pickle(options: dict[str, Any]) -> None:
    model = clone(small()).set_params(**options)
    model.fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    assert repr(again.net_) == repr(model.net_)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert weights(again.fit(X, Y)) == weights(model)


def test_a_fresh_process_predicts_the_same(tmp_path: Path) -> None:
    model = small(NetworkRegressor).fit(X, X[:, :2])
    (tmp_path / "model.pkl").write_bytes(pickle.dumps((model, X)))
    code = (
        "import pickle, sys; model, x = pickle.load(open(sys.argv[1], 'rb')); "
        "sys.stdout.write(model.predict(x).tobytes().hex())"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "model.pkl")]
    found = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(tg.__file__).parents[1]).stdout
    assert found == model.predict(X).tobytes().hex()


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"activation": "rely"}, r"NetworkClassifier: activation='rely', expected the name of one in tg.nn, such as"),
        ({"activation": None}, r"activation=None, expected the name of one"),
        ({"optimizer": "sdg"}, r"optimizer='sdg', expected one of adadelta, .*, sgd, or a function of the learning"),
        ({"max_iter": 0}, r"NetworkClassifier: max_iter=0, expected an integer of at least 1"),
        ({"batch_size": 1.5}, r"batch_size=1.5, expected an integer"),
        ({"alpha": -1.0}, r"NetworkClassifier: alpha must be finite and at least 0, got -1.0"),
        ({"validation_fraction": 1.0}, r"validation_fraction must lie between 0 and 1, got 1.0"),
        ({"net": "relu"}, r"net is a str, expected a Layer, such as tg.nn.serial"),
        ({"hidden_layer_sizes": (4, 0)}, r"dense: units must be an integer, 1 or more, got 0"),
        ({"dropout": 1.5}, r"dropout: .*1.5"),
        ({"backend": "auto"}, r'backend=.auto., expected "numba" or "numpy"'),
    ],
)
def test_parameters_that_do_not_fit(options: dict[str, Any], sentence: str) -> None:
    model = clone(small()).set_params(**options)
    with pytest.raises(ArgumentError, match=sentence):
        model.fit(X, Y)


def test_samples_and_nets_that_do_not_fit() -> None:
    with pytest.raises(
        ShapeError, match=r"net=dense\(3\) makes \(3,\) of a sample of \(3,\), expected \(2,\): one num"
    ):
        small(net=tg.nn.dense(3)).fit(X, Y)
    with pytest.raises(ShapeError, match=r"sample_weight has shape \(2,\), expected \(60,\), one weight a sample"):
        small().fit(X, Y, np.ones(2))
    with pytest.raises(ArgumentError, match="sample_weight has -1 in it, expected no weight below 0"):
        small().fit(X, Y, np.linspace(-1, 1, 60))
    with pytest.raises(ArgumentError, match="every sample_weight is zero, expected a sample that counts"):
        small().fit(X, Y, np.zeros(60))
    with pytest.raises(ArgumentError, match="early_stopping holds samples back, got 1 sample, expected 2"):
        small(early_stopping=True).fit(X[:1], Y[:1])
    with pytest.raises(ValueError, match="Input X contains NaN"):
        small().fit(np.where(X > 2, np.nan, X), Y)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="Input X contains infinity or a value too large"):
        small().fit(1e200 * X, Y)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="Input y contains infinity or a value too large"):
        small(NetworkRegressor).fit(X, 1e200 * X[:, 0])
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="fit: the loss is"):
        small(NetworkRegressor, optimizer="sgd", learning_rate=1e3, max_iter=50).fit(100 * X, X[:, 0])


def test_a_net_that_its_name_does_not_make_is_not_pickled() -> None:
    model = small(net=tg.nn.serial(tg.nn.dense(2), lambda x: 2 * x)).fit(X, Y)
    with pytest.raises(ArgumentError, match="a net with a function of one's own cannot be pickled, got serial"):
        pickle.dumps(model)


def test_verbose_shows_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    small().fit(X, Y)
    assert capsys.readouterr().err == ""
    small(verbose=True).fit(X, Y)
    assert "epoch 5/5" in capsys.readouterr().err


def test_without_scikit_learn() -> None:
    code = (
        "import sys; sys.modules['sklearn'] = None; import tinygrad_scratch as tg\n"
        "try: tg.sklearn\n"
        "except tg.errors.MissingExtraError as error: print(error)"
    )
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(tg.__file__).parents[1]).stdout
    assert said == 'tg.sklearn needs scikit-learn 1.6 or newer: pip install "tinygrad_scratch[sklearn]"\n'
    with pytest.raises(AttributeError, match="module 'tinygrad_scratch' has no attribute 'sklern'"):
        tg.sklern  # type: ignore[attr-defined] # noqa: B018
