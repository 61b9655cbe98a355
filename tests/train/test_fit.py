"""The loop of training: what it computes, when it stops, and that a killed run goes on as if nothing had happened."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.core.errors import ArgumentError, DivergedError
from tinygrad_scratch.train.bar import Bar

KEY = tg.random.key(0)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3)).astype(np.float32)
Y = (X @ np.array([[1.0], [-2.0], [0.5]], np.float32)).astype(np.float32)


def linear(optimizer: Any = None, **more: Any) -> tg.train.Task:
    return tg.train.supervised(tg.nn.dense(1), tg.losses.squared_error, optimizer or tg.optim.sgd(0.1), **more)


def same(a: Any, b: Any) -> bool:
    pairs = zip(tg.tree.leaves(a), tg.tree.leaves(b), strict=True)
    return all(np.asarray(x).tobytes() == np.asarray(y).tobytes() for x, y in pairs)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_fit_is_the_loop_by_hand(backend: str) -> None:
    if backend == "numba":
        pytest.importorskip("llvmlite")
    task = linear(tg.optim.adam(0.05), metrics={"error": tg.losses.absolute_error})
    start = task.init(KEY, (3,))
    before = tg.tree.map(np.copy, start)
    done = tg.train.fit(task.step, start, (X, Y), 3, batch_size=20, key=tg.random.key(1), backend=backend)
    assert same(start, before)

    state, losses = start, []
    for epoch in (1, 2, 3):
        total = 0.0
        for x, y in tg.data.batches((X, Y), 20, tg.random.fold_in(tg.random.key(1), epoch)):
            state, logs = task.step(state, x, y)
            total += float(logs["loss"]) * len(x)
        losses.append(total / 50)
    np.testing.assert_allclose(done.history["loss"], losses, rtol=1e-5)
    assert list(done.history) == ["loss", "error"]
    for a, b in zip(tg.tree.leaves(done.state), tg.tree.leaves(state), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert done.state.step == 9
    assert done.epochs == 3


def test_it_learns_with_dropout_batch_norm_penalty_and_weights() -> None:
    net = tg.nn.serial(tg.nn.dense(32), tg.nn.batch_norm(), tg.nn.relu, tg.nn.dropout(0.2), tg.nn.dense(3))
    x = RNG.normal(size=(300, 2)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)

    def decay(params: Any) -> Any:
        return 1e-4 * tg.losses.l2(params, "*/w")

    task = tg.train.supervised(
        net,
        tg.losses.softmax_cross_entropy,
        tg.optim.adam(0.01),
        metrics={"accuracy": tg.metrics.accuracy},
        penalty=decay,
    )
    state = task.init(KEY, (2,))
    weights = np.where(y == 2, 0.0, 1.0).astype(np.float32)  # the third class does not count
    done = tg.train.fit(
        task.step,
        state,
        (x, y, weights),
        60,
        batch_size=64,
        key=KEY,
        evaluate=task.evaluate,
        validation=(x, y, weights),
    )
    assert list(done.history) == ["loss", "accuracy", "penalty", "val_loss", "val_accuracy", "val_penalty"]
    found = np.argmax(task.predict(done.state, x), axis=-1)
    assert np.mean(found[y != 2] == y[y != 2]) > 0.9
    assert not np.any(found == 2)
    assert np.any(done.state.net_state[1]["mean"] != state.net_state[1]["mean"])


def test_batches_from_a_list_and_from_a_function_of_the_epoch() -> None:
    task = linear()
    state = task.init(KEY, (3,))
    parts = [(X[:30], Y[:30]), [X[30:], Y[30:]]]
    seen = []

    def of(epoch: int) -> Iterator[Any]:
        seen.append(epoch)
        yield from parts

    expected = tg.train.fit(task.step, state, (X, Y), 2, batch_size=30)
    assert same(
        tg.train.fit(task.step, state, parts, 2).state.params["w"],
        tg.train.fit(task.step, state, of, 2).state.params["w"],
    )
    assert seen == [1, 2]
    assert expected.epochs == 2
    ahead = tg.train.fit(task.step, state, lambda epoch: tg.data.prefetch(of(epoch)), 2)
    assert same(ahead.state, tg.train.fit(task.step, state, parts, 2).state)


def test_the_best_epoch_is_kept_and_patience_ends() -> None:
    """A learning rate that grows: the loss falls, then rises."""
    task = linear(tg.optim.sgd(lambda step: 0.02 * 1.5**step))
    state = task.init(KEY, (3,))
    options: dict[str, Any] = {"batch_size": 50, "evaluate": task.evaluate, "validation": (X, Y), "monitor": "val_loss"}
    done = tg.train.fit(task.step, state, (X, Y), 40, patience=3, **options)
    losses = done.history["val_loss"]
    assert done.best_epoch == int(np.argmin(losses)) + 1 == done.epochs - 3 < 37
    assert done.stopped == "val_loss did not get better for 3 epochs"
    assert float(task.evaluate(done.best, X, Y)["loss"]) == pytest.approx(min(losses), rel=1e-5)
    worst = tg.train.fit(task.step, state, (X, Y), done.epochs, maximize=True, **options)
    assert worst.best_epoch == int(np.argmax(losses)) + 1


def test_callbacks_see_each_epoch_and_may_stop() -> None:
    task, seen = linear(), []

    def watch(epoch: tg.train.Epoch) -> bool:
        seen.append((epoch.number, epoch.state, dict(epoch.logs), len(epoch.history["loss"])))
        return epoch.number == 3

    done = tg.train.fit(task.step, task.init(KEY, (3,)), (X, Y), 10, callbacks=[watch])
    assert [n for n, *_ in seen] == [1, 2, 3] == [n for *_, n in seen]
    assert done.stopped == "a callback asked for it"
    assert not same(seen[0][1], seen[1][1])  # each epoch's state is its own
    assert same(seen[2][1], done.state)


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path, ending: str) -> None:
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    task = linear(tg.optim.adam(0.05))
    state = task.init(KEY, (3,))
    options: dict[str, Any] = {
        "batch_size": 8, "key": KEY, "evaluate": task.evaluate, "validation": (X, Y), "monitor": "val_loss",
    }  # fmt: skip
    whole = tg.train.fit(task.step, state, (X, Y), 7, **options)
    options["checkpoint"] = tmp_path / f"run{ending}"
    for epochs in (2, 3, 7, 7):
        part = tg.train.fit(task.step, state, (X, Y), epochs, **options)
        assert part.epochs == epochs
    assert same(part, whole)
    assert part.history == whole.history
    assert os.listdir(tmp_path) == [f"run{ending}"]


SCRIPT = """
import sys, numpy as np, tinygrad_scratch as tg
x, y = tg.data.spiral(samples=60, classes=3)
net = tg.nn.serial(tg.nn.dense(16), tg.nn.relu, tg.nn.dropout(0.1), tg.nn.dense(3))
task = tg.train.supervised(net, tg.losses.softmax_cross_entropy, tg.optim.adam(0.01))
done = tg.train.fit(task.step, task.init(tg.random.key(0), (2,)), (x, y), 150, batch_size=16, key=tg.random.key(1),
                    evaluate=task.evaluate, validation=(x, y), monitor="val_loss", checkpoint=sys.argv[1])
tg.io.save(sys.argv[2], tuple(done)[:4], metadata=done.epochs)
"""


def test_killed_at_any_moment_the_run_ends_the_same(tmp_path: Path) -> None:
    def start(checkpoint: str, out: str) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": str(Path(tg.__file__).parent.parent)}
        files = [str(tmp_path / checkpoint), str(tmp_path / out)]
        return subprocess.Popen([sys.executable, "-c", SCRIPT, *files], env=environment)

    assert start("a.npz", "whole.npz").wait() == 0
    rng, kills = np.random.default_rng(0), 0
    while not (tmp_path / "killed.npz").exists():
        process = start("b.npz", "killed.npz")
        deadline = time.monotonic() + 20
        done = tg.io.load_metadata(tmp_path / "b.npz")["epochs"] if (tmp_path / "b.npz").exists() else 0
        while process.poll() is None and kills < 4:
            now = tg.io.load_metadata(tmp_path / "b.npz")["epochs"] if (tmp_path / "b.npz").exists() else 0
            if now > done or time.monotonic() > deadline:
                time.sleep(rng.uniform(0, 0.05))
                process.send_signal(signal.SIGKILL)
                kills += 1
                break
        assert process.wait() in (0, -signal.SIGKILL)
    assert kills >= 2
    whole, killed = (np.load(tmp_path / f"{name}.npz") for name in ("whole", "killed"))
    assert whole.files == killed.files
    assert len(whole.files) > 10
    assert all(np.asarray(whole[name]).tobytes() == np.asarray(killed[name]).tobytes() for name in whole.files)


def test_a_loss_that_is_not_finite_ends_the_run() -> None:
    task = linear(tg.optim.sgd(lambda step: np.where(step < 4, 0.1, 1e30)))
    with pytest.raises(
        DivergedError, match=r"the loss is (nan|inf) in step \d of epoch 3; .* after epoch 2 is in"
    ) as caught:
        tg.train.fit(task.step, task.init(KEY, (3,)), (X, Y), 9, batch_size=25)
    last: Any = caught.value.result
    assert last.epochs == 2
    assert np.all(np.isfinite(last.state.params["w"]))


def test_a_state_that_is_not_finite_is_not_kept() -> None:
    """The last step of an epoch spoils the weights, and no loss has seen it yet."""
    task = linear(tg.optim.sgd(lambda step: np.where(step == 3, np.inf, 0.1)))
    with pytest.raises(DivergedError, match=r"the state has numbers that are not finite after epoch 2") as caught:
        tg.train.fit(task.step, task.init(KEY, (3,)), (X, Y), 9, batch_size=25)
    last: Any = caught.value.result
    assert last.epochs == 1
    assert np.all(np.isfinite(last.state.params["w"]))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("wrong", [-1, 3])
def test_a_label_out_of_range_is_named_in_whatever_batch_it_is(backend: str, wrong: int) -> None:
    if backend == "numba":
        pytest.importorskip("llvmlite")
    task = tg.train.supervised(tg.nn.dense(3), tg.losses.softmax_cross_entropy, tg.optim.sgd(0.1))
    labels = np.zeros(50, int)
    labels[45] = wrong
    with pytest.raises(ArgumentError, match=rf"label {wrong} is out of range, expected 0 to 2"):
        tg.train.fit(task.step, task.init(KEY, (3,)), (X, labels), 2, batch_size=10, backend=backend)


def test_checkpoints_of_something_else_are_refused(tmp_path: Path) -> None:
    task, file = linear(), tmp_path / "run.npz"
    state = task.init(KEY, (3,))
    tg.train.fit(task.step, state, (X, Y), 1, checkpoint=file)
    with pytest.raises(ArgumentError, match=r"run\.npz holds a run with batch_size=32, got 16; call fit as before"):
        tg.train.fit(task.step, state, (X, Y), 2, batch_size=16, checkpoint=file)
    other = tg.train.supervised(tg.nn.dense(2), tg.losses.squared_error, tg.optim.sgd(0.1))
    with pytest.raises(tg.errors.DataError, match=r"at 'state/params/b' the file has .* \(1,\), like= has .* \(2,\)"):
        tg.train.fit(other.step, other.init(KEY, (3,)), (X, np.hstack([Y, Y])), 2, checkpoint=file)
    tg.io.save(file, state.params)
    with pytest.raises(ArgumentError, match=r"holds a tree, but no run of fit"):
        tg.train.fit(task.step, state, (X, Y), 2, checkpoint=file)
    file.write_bytes(b"nothing")
    with pytest.raises(tg.errors.DataError, match=r"run\.npz is damaged or no file of tg\.io\.save"):
        tg.train.fit(task.step, state, (X, Y), 2, checkpoint=file)


TASK = linear()
STATE = TASK.init(KEY, (3,))
BAD: list[tuple[Any, str]] = [
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 0), "fit: epochs=0, expected an integer of at least 1"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y[:4]), 1), r"the lengths \[50, 4\], expected one length"),
    (lambda: tg.train.fit(TASK.step, STATE, (X[:0], Y[:0]), 1), "the data gave no example in epoch 1"),
    (lambda: tg.train.fit(TASK.step, STATE, iter([(X, Y)]), 2), "gave no example in epoch 2; an iterator is used up"),
    (lambda: tg.train.fit(TASK.step, STATE, [(X, Y)], 2, key=KEY), "key and drop_last are for a tuple of arrays"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, patience=3), "patience needs monitor"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, monitor="loss", patience=0), "patience=0, expected an integer"),
    (lambda: tg.train.fit(TASK.step, STATE, X, 2), "data is a ndarray, expected a tuple of arrays such as"),
    (lambda: tg.train.fit(TASK.step, STATE, None, 2), "data is a NoneType, expected a tuple"),
    (lambda: tg.train.fit(TASK.step, STATE, {"x": X}, 2), "data is a dict, expected a tuple"),
    (lambda: tg.train.fit(TASK.step, STATE, [X, Y], 2), "a batch is a ndarray, expected a tuple of arrays"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, key=3), r"a key is an array of 2 uint64"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, callbacks=print), r"callbacks is a function, .* \[function\]"),
    (lambda: tg.train.fit(lambda s, x, y: s, STATE, (X, Y), 2), r"the step gives a TrainState, expected a pair"),
    (lambda: tg.train.fit(lambda s, x, y: (s, {"loss": y}), STATE, (X, Y), 2), "'loss' is logged as .* one number"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y, X[:, :1]), 2), r"weights of shape \(32, 1\), expected \(32,\)"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, checkpoint="run.ckpt"), r"run\.ckpt ends in '\.ckpt'"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, monitor="acc"), "monitor='acc' is not among .*: loss"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, validation=(X, Y)), "evaluate and validation belong together"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y), 2, backend="auto"), "backend='auto', expected \"numba\" or"),
    (lambda: tg.train.fit(lambda s, x, y: (s, 3.0), STATE, (X, Y), 2), "logs 3.0, expected a dict of numbers"),
    (lambda: tg.train.fit(TASK.step, STATE, (X[:, :2], Y), 1), r"dense: input of shape \(32, 2\) does not fit"),
    (lambda: tg.train.fit(TASK.step, STATE, (X, Y[:, 0]), 1), "predictions have shape .* and targets"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "sentence"), BAD, ids=[sentence[:25] for _, sentence in BAD])
def test_bad_use_is_a_sentence(f: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        f()


def test_the_bar_tells_epoch_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    tg.train.fit(TASK.step, STATE, (X, Y), 3, batch_size=25, progress=True)
    said = capsys.readouterr().err
    assert re.search(r"epoch 3/3 loss=[\d.]+: 100%\|.*\| 6/6 \[", said)
    tg.train.fit(TASK.step, STATE, (X, Y), 3)
    assert capsys.readouterr().err == ""


def test_nan_is_never_the_best() -> None:
    def evaluate(state: Any, x: Any) -> Any:
        return {"loss": np.where(state < 6, np.nan, 1 / np.maximum(state, 1))}

    def step(state: Any, x: Any) -> Any:
        return state + 1, {"loss": np.float64(1)}

    data = (np.zeros((4, 1)),)
    options: dict[str, Any] = {"batch_size": 2, "evaluate": evaluate, "validation": data, "monitor": "val_loss"}
    done = tg.train.fit(step, np.float64(0), data, 6, **options)
    assert (done.best_epoch, done.best) == (6, 12)
    nothing = tg.train.fit(step, np.float64(0), data, 2, **options)
    assert (nothing.best_epoch, nothing.best) == (0, None)


def test_another_program_does_not_go_on_with_a_run(tmp_path: Path) -> None:
    file = tmp_path / "run.npz"
    tg.train.fit(TASK.step, STATE, (X, Y), 1, checkpoint=file)
    other = linear(tg.optim.sgd(0.2))
    with pytest.raises(
        ArgumentError, match=r"run\.npz holds a run of another program: the net, the loss, the optimizer"
    ):
        tg.train.fit(other.step, other.init(KEY, (3,)), (X, Y), 2, checkpoint=file)
    with pytest.raises(ArgumentError, match=r"epoch 2 logs loss, val_loss, those before loss; a run goes on with the"):
        tg.train.fit(TASK.step, STATE, (X, Y), 2, checkpoint=file, evaluate=TASK.evaluate, validation=(X, Y))
    assert tg.train.fit(TASK.step, STATE, (X, Y), 2, checkpoint=file).epochs == 2


def test_a_short_last_batch_can_be_left_out() -> None:
    net = tg.nn.serial(tg.nn.batch_norm(), tg.nn.dense(1))
    task = tg.train.supervised(net, tg.losses.squared_error, tg.optim.sgd(0.1))
    state = task.init(KEY, (3,))
    with pytest.raises(tg.errors.ShapeError, match="training needs 2 or more values a channel"):
        tg.train.fit(task.step, state, (X, Y), 1, batch_size=49)
    assert tg.train.fit(task.step, state, (X, Y), 2, batch_size=49, drop_last=True).state.step == 2


def test_weighted_metrics_are_weighted_means() -> None:
    task = tg.train.supervised(
        tg.nn.dense(1), tg.losses.squared_error, tg.optim.sgd(0.0), metrics={"error": tg.losses.absolute_error}
    )
    state, weights = task.init(KEY, (3,)), np.linspace(0, 3, 50).astype(np.float32)
    logs = task.evaluate(state, X, Y, weights)
    outputs = task.predict(state, X)
    np.testing.assert_allclose(logs["error"], np.average(np.abs(outputs - Y)[:, 0], weights=weights), rtol=1e-5)
    np.testing.assert_allclose(logs["loss"], np.mean(weights * np.square(outputs - Y)[:, 0]), rtol=1e-5)
    assert float(task.evaluate(state, X, Y, 0 * weights)["error"]) == 0


def test_the_bar_learns_how_many_steps_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    tg.train.fit(TASK.step, STATE, lambda epoch: [(X, Y)] * 21, 2, progress=True)
    last = capsys.readouterr().err.split("\r")[-1]
    assert re.fullmatch(r"epoch 2/2 loss=[\d.]+: 100%\|.*\| 42/42 \[.*\]\n", last)


NUMBERS = {"loss": 0.12345, "accuracy": 0.98765, "val_loss": 0.23456, "val_accuracy": 0.87654}


@pytest.mark.parametrize(
    ("width", "wanted"),
    [
        (140, ["loss=0.1235", "val_loss=0.2346", "accuracy=0.9877", "val_accuracy=0.8765"]),
        (100, ["loss=0.1235", "val_loss=0.2346", "accuracy=0.9877"]),
        (79, ["loss=0.1235", "val_loss=0.2346", "accuracy=0.9877"]),
        (40, ["loss=0.1235"]),
        (10, []),
    ],
)
def test_the_bar_has_the_numbers_that_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int, wanted: list[str]
) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setattr("tqdm.std._screen_shape_wrapper", lambda: lambda _: (width, 24))
    with Bar(True, 20, 300) as bar:
        bar.bar.update(3000)
        bar.shows(10, NUMBERS)
    last = capsys.readouterr().err.split("\r")[-1].rstrip("\n")
    assert re.findall(r"\w+=[\d.]+", last) == wanted
    assert len(last) <= width
    assert width < 40 or len(last.split("|")[1]) >= 4
