"""XOR by backprop: a 2-2-1 net learns it row by row, on 40 seeds at once to see how often it does.

XOR (either, but not both) is what no single neuron can say; perceptron.py shows why. Two hidden neurons suffice, if
gradient descent finds their weights. With the rows in turn (--in-turn) more than one seed in four ends where two rows
look the same to the net, and it answers 1/2 to both. So each update takes the row on which the net is most wrong, four
of them an epoch; then more than nine seeds in ten learn XOR.
"""

from __future__ import annotations

from typing import Any

import common
import numpy as np
from network import Network, descend, many, one_of

import tinygrad_scratch as tg

ROWS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TRUTH = np.array([[0.0], [1.0], [1.0], [0.0]])
RATE = 0.5
ERROR = 0.1  # of the worst row, at most, in a net that has solved it


def cost(net: Network, x: Any, truth: Any) -> Any:
    """How wrong the net is on an example: the squared error."""
    return np.sum((net(x) - truth) ** 2)


def by_hand(net: Network, x: Any, truth: Any) -> Network:
    """The gradient of the cost by the chain rule, from the last layer to the first: what tg.grad does for us.

    delta is the derivative by what each neuron of a layer sums up. The derivative of the sigmoid is a (1 - a).
    """
    *before, a = net.values(x)
    delta = 2 * (a - truth) * a * (1 - a)
    layers = []
    for (w, _), a in zip(net.layers[::-1], before[::-1], strict=True):
        layers.append((np.outer(a, delta), delta))
        delta = (w @ delta) * a * (1 - a)
    return Network(tuple(layers[::-1]))


def epoch(net: Network, in_turn: bool) -> tuple[Network, Any]:
    """Four updates, a row each, in turn or the worst; the mean of what they cost before."""

    def update(net: Network, k: Any) -> tuple[Network, Any]:
        if not in_turn:
            k = np.argmax(np.abs(net(ROWS) - TRUTH))
        row = tg.numpy.take(ROWS, k, axis=0), tg.numpy.take(TRUTH, k, axis=0)
        value, slopes = tg.value_and_grad(cost)(net, *row)
        return descend(net, slopes, RATE), value

    net, costs = tg.scan(update, net, np.arange(len(ROWS)))
    return net, np.mean(costs)


def training(in_turn: bool) -> Any:
    """`nets, costs = run(nets, epochs)`: all nets at once, in one compiled loop; costs (epochs, nets)."""
    of_all = tg.vmap(lambda net: epoch(net, in_turn))
    return common.compiled(lambda nets, epochs: tg.scan(lambda nets, _: of_all(nets), nets, None, length=epochs))


def worst_errors(nets: Any) -> Any:
    """How far each net is off in its worst row."""
    return np.max(np.abs(tg.vmap(lambda net: net(ROWS))(nets) - TRUTH), axis=(1, 2))


def main() -> None:
    """Train the nets of all seeds, count those that have learnt it, and show the first of them."""
    parser = common.command_line(__doc__, epochs=20_000)
    parser.add_argument("--seeds", type=common.at_least(1), default=40, help="how many, from --seed on (%(default)s)")
    parser.add_argument("--in-turn", action="store_true", help="take the rows in their order, not the worst first")
    options = parser.parse_args()
    epochs, seeds = options.epochs, options.seeds
    if options.quick:
        epochs, seeds = min(epochs, 2000), min(seeds, 8)

    nets = many(options.seed, seeds, (2, 2, 1))
    net = one_of(nets, 0)
    common.check_gradient(lambda net: cost(net, ROWS, TRUTH), net)
    error = max(difference(tg.grad(cost)(net, *row), by_hand(net, *row)) for row in zip(ROWS, TRUTH, strict=True))

    nets, costs = common.run_epochs(training(options.in_turn), nets, epochs)
    solved = worst_errors(nets) < ERROR
    shown = int(np.argmax(solved))
    net = one_of(nets, shown)
    print(f"the net {net} of seed {options.seed + shown}")
    common.print_epochs("cost", costs[:, shown], every=100)
    print("\n inputs   truth   prediction   step")
    for x, truth, says in zip(ROWS, TRUTH[:, 0], net(ROWS)[:, 0], strict=True):
        print(f"  {x[0]:g}  {x[1]:g}     {truth:g}        {says:.4f}       {says > 0.5:d}")

    file = options.out / "xor.png"
    draw_picture(file, net, costs, solved)
    common.tell(
        picture=file, gradient_error=error, worst_error=worst_errors(nets)[shown],
        seeds=seeds, seeds_solved=np.count_nonzero(solved),
    )  # fmt: skip


def difference(one: Network, other: Network) -> float:
    """The largest difference of two nets in any number."""
    return float(np.max(np.abs(tg.tree.ravel(one)[0] - tg.tree.ravel(other)[0])))


def draw_picture(file: Any, net: Network, costs: Any, solved: Any) -> None:
    """The cost of each net by epoch, and what the first net says of the whole plane."""
    figure = tg.viz.new_figure(12, 4.5)
    left, right = figure.subplots(1, 2)
    left.set_title(f"{len(solved)} seeds, {np.count_nonzero(solved)} of which solve XOR")
    for name, chosen in (("solved", solved), ("not solved", ~solved)):
        if chosen.any():
            colour = "#0072B2" if name == "solved" else "#D55E00"
            left.plot(costs[:, chosen], color=colour, alpha=0.3, linewidth=0.8)
            left.plot([], [], color=colour, label=name)
    left.set(xlabel="epoch", ylabel="squared error of the rows that were taken", yscale="log")
    left.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")
    right.set_title(f"what the net {net} says of all inputs")
    tg.viz.decision_map(right, net, ROWS, TRUTH[:, 0].astype(int), names=["0", "1"], margin=0.3)
    figure.savefig(file)


if __name__ == "__main__":
    common.start(main)
