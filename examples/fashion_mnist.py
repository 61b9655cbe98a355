"""Fashion-MNIST, 60,000 pictures of clothes: 784-128-128-10, from a folder (--data) or downloaded.

The trained net goes to fashion_mnist.npz in the folder of pictures; classify_picture.py reads it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import common
import numpy as np

import tinygrad_scratch as tg

MODEL = "fashion_mnist.npz"
QUICK = 2000  # pictures


def command_line(description: str | None, epochs: int) -> argparse.ArgumentParser:
    """The options of every script about these pictures."""
    parser = common.command_line(description, epochs)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder with the four published files")
    return parser


def clothes(options: Any) -> tg.data.Dataset:
    """The pictures, 784 pixels a row; fewer to learn from with --quick."""
    data = common.rows(tg.data.fashion_mnist(options.data))
    few = QUICK if options.quick else None
    return data._replace(x_train=data.x_train[:few], y_train=data.y_train[:few])


def learn(options: Any, hidden: tuple[int, ...] = (128, 128), batch: int = 128) -> None:
    """Check the gradient, train, keep the net, show what came of it."""
    data = clothes(options)
    layers = [part for n in hidden for part in (tg.nn.dense(n, init=tg.nn.he_normal), tg.nn.relu)]
    net = tg.nn.serial(*layers, tg.nn.dense(10))
    schedule = tg.optim.inverse_time_decay(2e-3, 1e-3)
    done, task = common.train_classifier(net, data, options, batch, schedule)
    tg.io.save_model(options.out / MODEL, net, done.state.params)
    title = f"Fashion-MNIST: {'-'.join(map(str, [784, *hidden, 10]))}, {done.epochs} epochs"
    probabilities = common.report_classifier(title, task, done, data, options.out / "fashion_mnist.png")
    draw_inside(options.out / "fashion_mnist_inside.png", done.state.params[0]["w"], probabilities, data)


def draw_inside(file: Path, first: Any, probabilities: Any, data: tg.data.Dataset) -> None:
    """What the net takes for what, and what neurons of its first layer look for."""
    figure = tg.viz.new_figure(12, 6)
    left, right = figure.subplots(1, 2, width_ratios=(6, 5))
    left.set_title(f"what is taken for what, of {len(data.y_test):,} test pictures")
    counts = tg.metrics.confusion_matrix(data.y_test, np.argmax(probabilities, axis=-1), len(data.names))
    tg.viz.confusion(left, counts, data.names)
    right.set_title("what 20 neurons of the first layer look for")
    strongest = np.argsort(-np.linalg.norm(first, axis=0))[:20]
    tg.viz.weights(right, first[:, strongest], picture=(28, 28), columns=4)
    figure.savefig(file)
    common.tell(inside=file)


def main() -> None:
    """Train the net that the options ask for."""
    parser = command_line(__doc__, epochs=10)
    parser.add_argument(
        "--hidden", type=common.at_least(1), nargs="*", default=[128, 128], metavar="N", help="units (128 128)"
    )
    parser.add_argument("--batch", type=common.at_least(1), default=128, help="(128)")
    options = parser.parse_args()
    learn(options, tuple(options.hidden), options.batch)


if __name__ == "__main__":
    common.start(main)
