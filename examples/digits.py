"""The 1,797 handwritten digits that scikit-learn carries, read by a small net: 64-64-32-10."""

from __future__ import annotations

import training

import tinygrad_scratch as tg


def main() -> None:
    """Check the gradient, train, show what came of it."""
    options = training.command_line(__doc__, epochs=40).parse_args()
    out = training.output_folder(options.out)
    data = tg.data.digits(seed=options.seed)
    data = training.rows(data)
    hidden = [part for n in (64, 32) for part in (tg.nn.dense(n, init=tg.nn.he_normal), tg.nn.relu)]
    net = tg.nn.serial(*hidden, tg.nn.dense(10))
    params, _ = net.init(tg.random.key(options.seed), (64,))
    loss = training.cross_entropy(net)
    training.check_gradient(loss, params, data.x_train[:8], data.y_train[:8])

    epochs = 2 if options.quick else options.epochs
    schedule = tg.optim.inverse_time_decay(3e-3, 2e-3)
    params, history = training.fit(loss, params, data, epochs, 32, schedule, options.seed)
    title = f"scikit-learn's digits: 64-64-32-10, {epochs} epochs"
    training.report(title, net, params, data, history, out / "digits.png")


if __name__ == "__main__":
    training.start(main)
