"""Fashion-MNIST by a small convolutional net, in minutes on one core: two layers that look at 3 x 3 pixels at a time.

A convolution looks for the same few patterns in every place, so that what it learns in one holds in all. The learning
rate goes through one cycle, up and then down to nothing, with which few epochs suffice.

    python examples/fashion_cnn.py --checkpoint out/run.npz    # Ctrl-C, and the same again goes on where it was
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import common
from fashion_mnist import clothes, command_line

import tinygrad_scratch as tg

BATCH = 128


def network(pool: Any, activation: Any) -> tg.nn.Layer:
    """From rows of 784 pixels, as all nets of these pictures, to ten scores."""

    def block(channels: int) -> tg.nn.Layer:
        """Patterns of 3 x 3 pixels, one answer for each 2 x 2 places, on one scale over the batch."""
        patterns = tg.nn.conv2d(channels, 3, padding="same", bias=False, init=tg.nn.he_normal)
        return tg.nn.serial(patterns, pool(2), tg.nn.batch_norm(), activation)

    return tg.nn.serial(
        tg.nn.reshape(28, 28, 1), block(16), block(32), tg.nn.flatten,
        tg.nn.dense(128, init=tg.nn.he_normal), activation, tg.nn.dense(10),
    )  # fmt: skip


def main() -> None:
    """Check the gradient, train, show what came of it, keep the net."""
    parser = command_line(__doc__, epochs=5)
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="keep the run here; the same call goes on")
    options = parser.parse_args()
    data, net = clothes(options), network(tg.nn.max_pool, tg.nn.relu)
    tg.nn.summary(net, (784,))
    epochs = 2 if options.quick else options.epochs
    schedule = tg.optim.one_cycle(5e-3, epochs * tg.data.num_batches(len(data.x_train), BATCH))
    smooth = network(tg.nn.average_pool, tg.nn.softplus)
    done, task = common.train_classifier(net, data, options, BATCH, schedule, smooth, options.checkpoint)
    tg.io.save_model(options.out / "fashion_cnn.npz", net, done.state.params, done.state.net_state)
    title = f"Fashion-MNIST by convolutions with 16 and 32 channels, {done.epochs} epochs"
    common.report_classifier(title, task, done, data, options.out / "fashion_cnn.png")


if __name__ == "__main__":
    common.start(main)
