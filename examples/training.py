"""What the classifiers of this folder share: the command line, the training loop, the closing picture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import tinygrad_scratch as tg


class History(NamedTuple):
    """One number an epoch of each kind."""

    loss: list[float]
    accuracy: list[float]
    test_loss: list[float]
    test_accuracy: list[float]


def at_least(least: int) -> Callable[[str], int]:
    """The type of an integer option."""

    def convert(text: str) -> int:
        if not text.lstrip("-").isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"got {text}, expected an integer, {least} or more")
        return int(text)

    return convert


def start(main: Callable[[], None]) -> None:
    """Run a script; what is wrong with its input is one line, not a traceback."""
    try:
        main()
    except tg.errors.TinygradError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped")


def output_folder(path: Path) -> Path:
    """The folder of --out, made before the work begins."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"--out {path}: cannot be made or is no folder ({error.strerror})")
    return path


def command_line(description: str, epochs: int) -> argparse.ArgumentParser:
    """The options that every script has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=at_least(0), default=0, help="of weights and batches (0)")
    parser.add_argument("--epochs", type=at_least(1), default=epochs, help=f"({epochs})")
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="where the picture goes (out)")
    parser.add_argument("--quick", action="store_true", help="a few seconds, for a look or a test")
    return parser


def rows(data: tg.data.Dataset) -> tg.data.Dataset:
    """The data set with one row a picture."""
    flat = [x.reshape(len(x), x[0].size) for x in (data.x_train, data.x_test)]
    return data._replace(x_train=flat[0], x_test=flat[1])


def cross_entropy(net: tg.nn.Layer) -> Callable[..., Any]:
    """The mean loss of `net` on a batch, and how many it gets right, as a function of params first."""

    def loss(params: Any, x: Any, y: Any) -> Any:
        logits = net(params, x)
        right = np.mean(np.argmax(logits, axis=-1) == y)
        return np.mean(tg.losses.softmax_cross_entropy(logits, y)), right

    return loss


def check_gradient(loss: Callable[..., Any], params: Any, x: Any, y: Any) -> None:
    """Compare the gradient of the loss with finite differences, in float64, on a few examples."""
    wide = tg.tree.map(lambda p: np.asarray(p, float), params)
    tg.testing.check_grads(lambda p: loss(p, np.asarray(x, float), y)[0], (wide,), order=1)
    print("the gradient of the loss agrees with finite differences")


def progress_bar(epochs: int) -> Any:
    """tqdm's bar over the epochs, on a terminal only."""
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise tg.errors.MissingExtraError("the examples need tqdm: pip install tinygrad_scratch[examples]") from error
    return tqdm(range(epochs), desc="training", unit="epoch", disable=None)


def fit(
    loss: Callable[..., Any], params: Any, data: tg.data.Dataset, epochs: int, batch: int, learning_rate: Any, seed: int
) -> tuple[Any, History]:
    """Adam on batches, shuffled anew in each epoch; after each, the whole test set."""
    opt = tg.optim.adam(learning_rate)
    opt_state = opt.init(params)
    loss_and_gradient = tg.value_and_grad(loss, has_aux=True)
    history = History([], [], [], [])
    progress = progress_bar(epochs)
    for epoch in progress:
        totals = []
        for x, y in tg.data.batches((data.x_train, data.y_train), batch, seed=(seed, epoch)):
            (value, right), gradient = loss_and_gradient(params, x, y)
            updates, opt_state = opt.update(gradient, opt_state, params)
            params = tg.optim.apply_updates(params, updates)
            totals.append((len(x), value, right))
        weights, values, rights = np.array(totals).T
        history.loss.append(float(np.average(values, weights=weights)))
        history.accuracy.append(float(np.average(rights, weights=weights)))
        test_value, test_right = loss(params, data.x_test, data.y_test)
        history.test_loss.append(float(test_value))
        history.test_accuracy.append(float(test_right))
        progress.set_postfix(loss=f"{history.loss[-1]:.4f}", test=f"{history.test_accuracy[-1]:.4f}", refresh=False)
    return params, history


def report(title: str, net: tg.nn.Layer, params: Any, data: tg.data.Dataset, history: History, file: Path) -> None:
    """Draw curves and test samples with predictions into `file`, and print the closing lines."""
    figure = tg.viz.new_figure(11, 8)
    figure.suptitle(title)
    above, below = figure.subfigures(2, 1, height_ratios=(2, 3))
    left, right = above.subplots(1, 2)
    tg.viz.curves(left, {"training": history.loss, "test": history.test_loss}, "cross-entropy", log=True)
    tg.viz.curves(right, {"training": history.accuracy, "test": history.test_accuracy}, "accuracy")
    side = round(data.x_test[0].size ** 0.5)
    probabilities = tg.nn.softmax(net(params, data.x_test), axis=-1)
    chosen = _right_and_wrong(probabilities, data.y_test, 18)
    images = data.x_test[chosen].reshape(-1, side, side)
    below.suptitle("test samples: prediction and confidence")
    tg.viz.samples(below, images, data.y_test[chosen], probabilities[chosen], data.names, columns=9)
    figure.savefig(file)
    print(f"picture: {file}")
    print(f"loss: {history.test_loss[-1]:.4f}")
    print(f"accuracy: {history.test_accuracy[-1]:.4f}")


def _right_and_wrong(probabilities: Any, labels: Any, count: int) -> Any:
    """The first examples, the last third of them wrongly classified ones where there are any."""
    wrong = np.flatnonzero(np.argmax(probabilities, axis=-1) != labels)[: count // 3]
    others = np.setdiff1d(np.arange(min(count, len(labels))), wrong)
    return np.concatenate([others[: count - len(wrong)], wrong])
