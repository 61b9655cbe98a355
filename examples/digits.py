"""The 1,797 handwritten digits that scikit-learn carries, read by a small net: 64-64-32-10."""

from __future__ import annotations

import common

import tinygrad_scratch as tg


def main() -> None:
    """Check the gradient, train, show what came of it."""
    options = common.command_line(__doc__, epochs=40).parse_args()
    data = common.rows(tg.data.digits(seed=options.seed))
    hidden = [part for n in (64, 32) for part in (tg.nn.dense(n, init=tg.nn.he_normal), tg.nn.relu)]
    net = tg.nn.serial(*hidden, tg.nn.dense(10))
    schedule = tg.optim.inverse_time_decay(3e-3, 2e-3)
    done, task = common.train_classifier(net, data, options, 32, schedule)
    title = f"scikit-learn's digits: 64-64-32-10, {done.epochs} epochs"
    common.report_classifier(title, task, done, data, options.out / "digits.png")


if __name__ == "__main__":
    common.start(main)
