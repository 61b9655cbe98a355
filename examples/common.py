"""What the scripts of this folder share: the command line, the closing lines, how a classifier of pictures reports."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_scratch as tg


def command_line(description: str | None, epochs: int) -> argparse.ArgumentParser:
    """The options that every script has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=at_least(0), default=0, help="of all that is random (%(default)s)")
    parser.add_argument("--epochs", type=at_least(1), default=epochs, help=f"({epochs})")
    parser.add_argument("--out", type=folder, default="out", metavar="DIR", help="where pictures go (out)")
    parser.add_argument("--quick", action="store_true", help="a few seconds, for a look or a test")
    return parser


def at_least(least: int) -> Callable[[str], int]:
    """The type of an integer option."""

    def convert(text: str) -> int:
        if not text.lstrip("-").isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"got {text}, expected an integer, {least} or more")
        return int(text)

    return convert


def folder(text: str) -> Path:
    """The type of --out: a folder, which is made before the work begins."""
    try:
        Path(text).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be made or is no folder ({error.strerror})") from error
    return Path(text)


def start(main: Callable[[], None]) -> None:
    """Run a script; what is wrong with its input is one line, not a traceback."""
    try:
        main()
    except tg.errors.TinygradError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")


def tell(**figures: Any) -> None:
    """The closing lines, `name: value`; numbers with four digits."""
    for name, value in figures.items():
        print(f"{name}: {value:.4g}" if isinstance(value, (float, np.floating)) else f"{name}: {value}")


def compiled(run: Callable[[Any, int], tuple[Any, Any]]) -> Any:
    """`jit` of `state, logs = run(state, epochs)`, always by one backend, so that a seed gives the same each time."""
    return tg.jit(run, static_argnums=1, backend="numba" if find_spec("numba") else "numpy")


def run_epochs(run: Any, state: Any, epochs: int, size: int = 100) -> tuple[Any, Any]:
    """`state, logs = run(state, n)`, compiled, for n = `size` epochs at a time, with a progress bar; all logs, joined.

    For steps of a microsecond, which are too short for a call from Python each.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise tg.errors.MissingExtraError("the scripts need tqdm: pip install tinygrad_scratch[examples]") from error
    logs = []
    with tqdm(total=epochs, unit="epoch", disable=None) as bar:
        for done in range(0, epochs, size):
            n = min(size, epochs - done)
            state, log = run(state, n)
            logs.append(log)
            bar.update(n)
    return state, np.concatenate(logs)


def print_epochs(name: str, numbers: Any, every: int) -> None:
    """The number of epoch 1, of every `every`th and of the last."""
    for epoch, number in enumerate(numbers, 1):
        if epoch == 1 or epoch % every == 0 or epoch == len(numbers):
            print(f"epoch {epoch:>6,}   {name} {number:.4g}")


def check_gradient(loss: Callable[[Any], Any], params: Any) -> None:
    """Compare the gradient of a loss of params with finite differences, in float64."""
    wide = tg.tree.map(lambda p: np.asarray(p, float), params)
    tg.testing.check_grads(loss, (wide,), order=1)
    print("the gradient of the loss agrees with finite differences")


def train_classifier(
    net: tg.nn.Layer,
    data: tg.data.Dataset,
    options: Any,
    batch: int,
    learning_rate: Any,
    smooth: tg.nn.Layer | None = None,
    checkpoint: Path | None = None,
) -> Any:
    """Check the gradient of the mean cross-entropy, then train with Adam, looking at the test set after each epoch.

    The check is made on `smooth` where the net has too many kinks for finite differences.
    """
    task = tg.train.supervised(
        net, tg.losses.softmax_cross_entropy, tg.optim.adam(learning_rate), metrics={"accuracy": tg.metrics.accuracy}
    )
    key, order = tg.random.split(tg.random.key(options.seed))
    x, y = data.x_train[:8].astype(float), data.y_train[:8]
    checked = smooth or net
    params, net_state = checked.init(key, x.shape[1:])
    check_gradient(lambda p: np.mean(tg.losses.softmax_cross_entropy(checked.apply(p, net_state, x)[0], y)), params)
    done = tg.train.fit(
        task.step, task.init(key, x.shape[1:]), (data.x_train, data.y_train), 2 if options.quick else options.epochs,
        batch_size=batch, key=order,
        evaluate=task.evaluate, validation=(data.x_test, data.y_test), checkpoint=checkpoint,
    )  # fmt: skip
    return done, task


def report_classifier(title: str, task: Any, done: Any, data: tg.data.Dataset, file: Path) -> Any:
    """Draw curves and test samples with predictions into `file`, and print the closing lines.

    The answer is what the net says of the test set: a row of probabilities a picture.
    """
    history = done.history
    figure = tg.viz.new_figure(11, 8)
    figure.suptitle(title)
    above, below = figure.subfigures(2, 1, height_ratios=(2, 3))
    left, right = above.subplots(1, 2)
    tg.viz.curves(left, {"training": history["loss"], "test": history["val_loss"]}, "cross-entropy", log=True)
    tg.viz.curves(right, {"training": history["accuracy"], "test": history["val_accuracy"]}, "accuracy")
    side = round(data.x_test[0].size ** 0.5)
    parts = [tg.nn.softmax(task.predict(done.state, x)) for (x,) in tg.data.batches((data.x_test,), 500)]
    probabilities = np.concatenate(parts)
    chosen = _right_and_wrong(probabilities, data.y_test, 18)
    images = data.x_test[chosen].reshape(-1, side, side)
    below.suptitle("test samples: prediction and confidence")
    tg.viz.samples(below, images, data.y_test[chosen], probabilities[chosen], data.names, columns=9)
    figure.savefig(file)
    tell(picture=file, loss=history["val_loss"][-1], accuracy=history["val_accuracy"][-1])
    return probabilities


def rows(data: tg.data.Dataset) -> tg.data.Dataset:
    """The data set with one row a picture."""
    flat = [x.reshape(len(x), x[0].size) for x in (data.x_train, data.x_test)]
    return data._replace(x_train=flat[0], x_test=flat[1])


def _right_and_wrong(probabilities: Any, labels: Any, count: int) -> Any:
    """The first examples, the last third of them wrongly classified ones where there are any."""
    wrong = np.flatnonzero(np.argmax(probabilities, axis=-1) != labels)[: count // 3]
    others = np.setdiff1d(np.arange(min(count, len(labels))), wrong)
    return np.concatenate([others[: count - len(wrong)], wrong])
