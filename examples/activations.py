"""Does it matter how a neuron fires? Five inputs, the same net and the same start, with ReLU and with the sigmoid.

The net is to tell of five bits whether the first and the last are both 1: the target is (1, 0) if so, else (0, 1). It
sees 22 of the 32 cases, one after the other, with an update after each. The hidden layers are ReLU or sigmoid, the
output is ReLU in both. NumPy's legacy seed 51 and the order of the updates repeat a published run, number for number.

A net has six arrays of numbers. The published run updates each before it takes the gradient by the next, so that the
six gradients of a case belong to six nets; --one-pass takes all at once, by one backward pass, as it should be.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import common
import numpy as np
from network import Network, descend

import tinygrad_scratch as tg

PATTERNS = """
    00000 00001 00011 00111 01111 11110 11100 11000 10000 10010 10110 11010 01011 00101
    10111 11011 10101 10001 11001 11101 11111 10011
"""
BITS = PATTERNS.split()
CASES = np.array([[float(bit) for bit in bits] for bits in BITS])
TARGETS = np.array([[1.0, 0.0] if bits[0] == bits[-1] == "1" else [0.0, 1.0] for bits in BITS])
ACTIVATIONS = {"relu": tg.nn.relu, "sigmoid": tg.nn.sigmoid}
PUBLISHED = 0.017  # seconds an epoch
AFTER = (250, 2300, 10_000, 20_000)  # epochs


def start(seed: int, hidden: list[int]) -> Network:
    """Weights and biases from [0, 1), layer by layer, the weights first: as the published run draws them."""
    rng = np.random.RandomState(seed)
    return Network(tuple((rng.rand(m, n), rng.rand(n)) for m, n in pairwise([5, *hidden, 2])))


def residual(net: Network, x: Any, target: Any, hidden: Any) -> Any:
    """How wrong the net is on a case: the sum of the squares."""
    return np.sum((net(x, hidden, tg.nn.relu) - target) ** 2)


def one_after_the_other(net: Network, x: Any, target: Any, hidden: Any, rate: float) -> Network:
    """Update weights, biases, weights ... in turn, each by a gradient of the net as it is by then."""
    arrays, structure = tg.tree.flatten(net)
    for k in range(len(arrays)):

        def of_one(array: Any, k: int = k) -> Any:
            return residual(tg.tree.unflatten(structure, [*arrays[:k], array, *arrays[k + 1 :]]), x, target, hidden)

        arrays[k] = arrays[k] - rate * tg.grad(of_one)(arrays[k])
    return tg.tree.unflatten(structure, arrays)


def one_pass(net: Network, x: Any, target: Any, hidden: Any, rate: float) -> Network:
    """Update all of them by the gradient of one net."""
    return descend(net, tg.grad(residual)(net, x, target, hidden), rate)


def training(update: Callable[..., Network], hidden: Any, rate: float) -> Callable[[Network, int], tuple[Network, Any]]:
    """`net, residuals = train(net, epochs)`, compiled: an update a case; the residual of the last after each epoch."""

    def case(net: Network, example: tuple[Any, Any]) -> tuple[Network, Any]:
        return update(net, *example, hidden, rate), ()

    def epoch(net: Network, _: Any) -> tuple[Network, Any]:
        net, _ = tg.scan(case, net, (CASES, TARGETS))
        return net, residual(net, CASES[-1], TARGETS[-1], hidden)

    return common.compiled(lambda net, epochs: tg.scan(epoch, net, None, length=epochs))


def main() -> None:
    """Train with each activation, print the tables, draw both curves."""
    options = parse()
    curves: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    for name in ACTIVATIONS if options.activation == "both" else [options.activation]:
        curves[name], found = study(name, options)
        figures |= {f"{name}_{figure}": value for figure, value in found.items()}
    slowest = max(value for figure, value in figures.items() if figure.endswith("microseconds_an_epoch"))
    file = options.out / "activations.png"
    draw_picture(file, curves, options)
    common.tell(picture=file, **figures, times_faster=1e6 * PUBLISHED / slowest)


def study(name: str, options: Any) -> tuple[Any, dict[str, Any]]:
    """Train with one activation and print what the net says; the residuals by epoch, and figures."""
    hidden = ACTIVATIONS[name]
    net = start(options.seed, options.hidden)
    epochs = min(250, options.epochs) if options.quick else options.epochs
    print(f"\n{name}: {net}, rate {options.lr:g}, {epochs:,} epochs")
    common.check_gradient(lambda net: residual(net, CASES[-1], TARGETS[-1], hidden), net)
    train = training(one_pass if options.one_pass else one_after_the_other, hidden, options.lr)
    trained, residuals = common.run_epochs(train, net, epochs, size=250)
    right = print_cases(trained, hidden)
    if options.values:
        print_values(trained, hidden)
    figures = {str(n): residuals[n - 1] for n in AFTER if n <= epochs}
    microseconds = 1e6 * duration(lambda: train(net, 250)) / 250
    return residuals, {**figures, "right": right, "microseconds_an_epoch": microseconds}


def parse() -> Any:
    """The command line."""
    parser = common.command_line(__doc__, epochs=20_000)
    parser.set_defaults(seed=51)
    parser.add_argument("--lr", type=rate, default=0.001, metavar="RATE", help="learning rate (%(default)s)")
    parser.add_argument(
        "--hidden", type=common.at_least(1), nargs="*", default=[4, 3], metavar="N", help="neurons (4 3)"
    )
    parser.add_argument("--activation", choices=[*ACTIVATIONS, "both"], default="both", help="of the hidden layers")
    parser.add_argument("--one-pass", action="store_true", help="one backward pass a case, not six gradients in turn")
    parser.add_argument("--values", action="store_true", help="print what every neuron says of the last case")
    options = parser.parse_args()
    if options.seed >= 2**32:
        parser.error(f"argument --seed: got {options.seed}, expected less than 2**32, as NumPy's legacy seeds are")
    return options


def rate(text: str) -> float:
    """The type of --lr."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < np.inf:
        raise argparse.ArgumentTypeError(f"got {text}, expected a positive number")
    return number


def duration(call: Callable[[], Any]) -> float:
    """The seconds that a call takes, the best of three."""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times)


def print_cases(net: Network, hidden: Any) -> int:
    """The table of the cases; how many are right, which they are if the larger output is that of the target."""
    outputs = net(CASES, hidden, tg.nn.relu)
    hits = np.argmax(outputs, axis=1) == np.argmax(TARGETS, axis=1)
    print("case    target   prediction")
    for bits, target, says, hit in zip(BITS, TARGETS, outputs, hits, strict=True):
        print(f"{bits}   {target[0]:.0f} {target[1]:.0f}      {says[0]:.4f} {says[1]:.4f}{'' if hit else '   wrong'}")
    return int(np.count_nonzero(hits))


def print_values(net: Network, hidden: Any) -> None:
    """A forward pass of the last case, neuron by neuron."""
    print(f"every neuron for {BITS[-1]}:")
    said = net.values(CASES[-1], hidden, tg.nn.relu)
    names = ["input", *(f"hidden {k}" for k in range(1, len(said) - 1)), "output"]
    for name, values in zip(names, said, strict=True):
        print(f"  {name:<9} {'  '.join(f'{v:.6f}' for v in values)}")


def draw_picture(file: Any, curves: dict[str, Any], options: Any) -> None:
    """The residual of the last case by epoch, a curve for each activation."""
    figure = tg.viz.new_figure(9, 5)
    axes = figure.subplots()
    axes.set_title(
        f"{start(0, options.hidden)}, learning rate {options.lr:g}, seed {options.seed}: by the hidden layers"
    )
    tg.viz.curves(axes, curves, f"squared residual of case {BITS[-1]}", log=True)
    figure.savefig(file)


if __name__ == "__main__":
    common.start(main)
