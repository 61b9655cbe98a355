"""Fashion-MNIST, 60,000 pictures of clothes: 784-128-128-10, from a folder (--data) or downloaded.

The trained net goes to fashion_mnist.npz in the folder of pictures; classify_picture.py reads it.
"""

from __future__ import annotations

from pathlib import Path

import common

import tinygrad_scratch as tg

QUICK = 2000  # pictures


def main() -> None:
    """Check the gradient, train, show what came of it, keep the net."""
    parser = common.command_line(__doc__, epochs=10)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder with the four published files")
    parser.add_argument(
        "--hidden", type=common.at_least(1), nargs="*", default=[128, 128], metavar="N", help="units (128 128)"
    )
    parser.add_argument("--batch", type=common.at_least(1), default=128, help="(128)")
    options = parser.parse_args()
    data = common.rows(tg.data.fashion_mnist(options.data))
    if options.quick:
        data = data._replace(x_train=data.x_train[:QUICK], y_train=data.y_train[:QUICK])
    hidden = [part for n in options.hidden for part in (tg.nn.dense(n, init=tg.nn.he_normal), tg.nn.relu)]
    net = tg.nn.serial(*hidden, tg.nn.dense(10))
    schedule = tg.optim.inverse_time_decay(2e-3, 1e-3)
    done, task = common.train_classifier(net, data, options, options.batch, schedule)
    tg.io.save_model(options.out / "fashion_mnist.npz", net, done.state.params)
    title = f"Fashion-MNIST: {'-'.join(map(str, [784, *options.hidden, 10]))}, {done.epochs} epochs"
    common.report_classifier(title, task, done, data, options.out / "fashion_mnist.png")


if __name__ == "__main__":
    common.start(main)
