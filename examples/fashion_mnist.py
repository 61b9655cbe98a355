"""Fashion-MNIST, 60,000 pictures of clothes: 784-128-128-10, from a folder (--data) or downloaded."""

from __future__ import annotations

from pathlib import Path

import training

import tinygrad_scratch as tg

QUICK = 2000  # pictures


def main() -> None:
    """Check the gradient, train, show what came of it."""
    parser = training.command_line(__doc__, epochs=10)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder with the four published files")
    parser.add_argument(
        "--hidden", type=training.at_least(1), nargs="*", default=[128, 128], metavar="N", help="units (128 128)"
    )
    parser.add_argument("--batch", type=training.at_least(1), default=128, help="(128)")
    options = parser.parse_args()
    out = training.output_folder(options.out)
    data = training.rows(tg.data.fashion_mnist(options.data))
    if options.quick:
        data = data._replace(x_train=data.x_train[:QUICK], y_train=data.y_train[:QUICK])
    hidden = [part for n in options.hidden for part in (tg.nn.dense(n, init=tg.nn.he_normal), tg.nn.relu)]
    net = tg.nn.serial(*hidden, tg.nn.dense(10))
    params, _ = net.init(tg.random.key(options.seed), (784,))
    loss = training.cross_entropy(net)
    training.check_gradient(loss, params, data.x_train[:8], data.y_train[:8])

    epochs = 2 if options.quick else options.epochs
    schedule = tg.optim.inverse_time_decay(2e-3, 1e-3)
    params, history = training.fit(loss, params, data, epochs, options.batch, schedule, options.seed)
    title = f"Fashion-MNIST: {'-'.join(map(str, [784, *options.hidden, 10]))}, {epochs} epochs"
    training.report(title, net, params, data, history, out / "fashion_mnist.png")


if __name__ == "__main__":
    training.start(main)
