"""The perceptron (Rosenblatt, 1958): one neuron that fires or does not. It learns OR and AND, and never XOR.

The neuron adds up its weighted inputs and a bias to z, and fires if z > 0. The derivative of that step is 0 wherever it
has one, so gradient descent on the number of mistakes learns nothing. Rosenblatt's rule, to add rate (truth - fires) x
to the weights, is gradient descent on another cost: how far z lies on the wrong side, 0 for a row that is right.
"""

from __future__ import annotations

from typing import Any

import common
import numpy as np
from network import Network, descend, many, one_of

import tinygrad_scratch as tg

ROWS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TRUTHS = {"or": np.array([0, 1, 1, 1]), "and": np.array([0, 0, 0, 1]), "xor": np.array([0, 1, 1, 0])}
RATE = 0.1
STEP = tg.nn.step  # 1 where z > 0, else 0

WHY_NOT_XOR = """
XOR asks of the weights u, v and the bias b that
    row 0 0 does not fire:          b <= 0
    row 0 1 fires:              v + b >  0
    row 1 0 fires:          u     + b >  0
    row 1 1 does not fire:  u + v + b <= 0
The two in the middle sum to u + v + 2b > 0, the other two to u + v + 2b <= 0: no u, v and b do both. A neuron cuts the
plane in two by a straight line, and no line has 0 1 and 1 0 on one side, 0 0 and 1 1 on the other. It takes a layer
before it, whose neurons each draw a line: xor.py.
"""


def z(neuron: Network, x: Any) -> Any:
    """What the neuron adds up, (n, inputs) -> (n,)."""
    return neuron(x, output=lambda z: z)[..., 0]


def wrong_side(neuron: Network, x: Any, truth: Any) -> Any:
    """|z| for an example on which the neuron is wrong, else 0. Its gradient is (fires - truth) x: the rule."""
    summed = z(neuron, x)
    return (tg.stop_gradient(STEP(summed)) - truth) * summed


def learn(neurons: Any, truths: Any, epochs: int) -> tuple[Any, Any]:
    """All neurons at once, an update a row; and how many rows each has right after each epoch, (epochs, neurons)."""

    def row(neuron: Network, example: tuple[Any, Any]) -> tuple[Network, Any]:
        return descend(neuron, tg.grad(wrong_side)(neuron, *example), RATE), ()

    def epoch(neuron: Network) -> tuple[Network, Any]:
        neuron, _ = tg.scan(row, neuron, (ROWS, truths))
        return neuron, np.sum(STEP(z(neuron, ROWS)) == truths)

    of_all = tg.vmap(epoch)
    run = common.compiled(lambda neurons, epochs: tg.scan(lambda ns, _: of_all(ns), neurons, None, length=epochs))
    return common.run_epochs(run, neurons, epochs)


def main() -> None:
    """Learn the three functions on all seeds, and say why one of them cannot be learnt."""
    parser = common.command_line(__doc__, epochs=100)
    parser.add_argument("--seeds", type=common.at_least(1), default=40, help="how many, from --seed on (%(default)s)")
    options = parser.parse_args()

    neurons = many(options.seed, options.seeds, (2, 1))
    slope = tg.grad(lambda z: STEP(z))(0.7)
    print(f"The derivative of the step at z = 0.7 is {slope:g}: there is no slope to descend.")

    figure = tg.viz.new_figure(13, 4)
    figure.suptitle(f"what a perceptron says of all inputs, after {options.epochs} epochs (seed {options.seed})")
    figures: dict[str, int] = {}
    for axes, (name, truths) in zip(figure.subplots(1, 3), TRUTHS.items(), strict=True):
        learnt, right = learn(neurons, truths, options.epochs)
        show(axes, name, one_of(learnt, 0), truths)
        figures |= {f"{name}_fewest_right": int(right[-1].min()), f"{name}_most_right": int(right.max())}
    print(WHY_NOT_XOR)
    figure.savefig(options.out / "perceptron.png")
    common.tell(picture=options.out / "perceptron.png", seeds=options.seeds, **figures)


def show(axes: Any, name: str, neuron: Network, truths: Any) -> None:
    """The neuron as a formula, what it says of each row, and what it says of the whole plane."""
    ((w, b),) = neuron.layers
    print(f"\n{name.upper()}: fires if {w[0, 0]:+.3f} x1 {w[1, 0]:+.3f} x2 {b[0]:+.3f} > 0")
    fires = STEP(z(neuron, ROWS))
    for x, summed, says, truth in zip(ROWS, z(neuron, ROWS), fires, truths, strict=True):
        wrong = "" if says == truth else "   wrong"
        print(f"  {x[0]:g} {x[1]:g}   z = {summed:7.3f}   fires {says:g}   truth {truth}{wrong}")
    axes.set_title(f"{name.upper()}: {np.count_nonzero(fires == truths)} of 4")
    tg.viz.decision_map(axes, lambda x: STEP(z(neuron, x)), ROWS, truths, names=["0", "1"], margin=0.3)


if __name__ == "__main__":
    common.start(main)
