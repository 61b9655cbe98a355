"""What a neuron is: from plain numbers to a layer, a batch, and a net that can be told what to answer."""

from __future__ import annotations

from typing import Any

import common
import numpy as np
from network import Network, descend

import tinygrad_scratch as tg

INPUTS = [1, 2, 3, 2.5]
WEIGHTS = [[0.2, 0.8, -0.5, 1], [0.5, -0.91, 0.26, -0.5], [-0.26, -0.27, 0.17, 0.87]]  # a row a neuron
BIASES = [2, 3, 0.5]
BATCH = np.array([INPUTS, [2, 5, -1, 2], [-1.5, 2.7, 3.3, -0.8]])  # three examples
WEIGHTS_2 = np.array([[0.1, -0.14, 0.5], [-0.5, 0.12, -0.33], [-0.44, 0.73, -0.13]])  # of the layer on top
BIASES_2 = np.array([-1, 2, -0.5])
WANTED = np.array([BATCH.sum(axis=1), BATCH.max(axis=1)]).T  # what the net at the end is to answer
RATE = 0.02


def neuron(inputs: list[float], weights: list[float], bias: float) -> float:
    """Each input times its weight, all of them and the bias added up."""
    return sum(x * w for x, w in zip(inputs, weights, strict=True)) + bias


def layer(inputs: list[float]) -> list[float]:
    """Three neurons that see the same inputs."""
    return [neuron(inputs, weights, bias) for weights, bias in zip(WEIGHTS, BIASES, strict=True)]


def two_layers() -> Network:
    """The layer, and another on top. The weights stand as (inputs, neurons), so that a batch goes in on the left."""
    return Network(((np.array(WEIGHTS).T, np.array(BIASES)), (WEIGHTS_2.T, BIASES_2)))


def linear(z: Any) -> Any:
    """The activation that is none."""
    return z


def answer(net: Network, x: Any) -> Any:
    """Neurons that bend what they add up (tanh), and two on top that do not."""
    return net(x, hidden=np.tanh, output=linear)


def cost(net: Network) -> Any:
    """How far the answers are from what is wanted: the mean squared error."""
    return np.mean((answer(net, BATCH) - WANTED) ** 2)


def train(net: Network, epochs: int) -> tuple[Network, Any]:
    """Steps downhill on the whole batch; the cost before each."""

    def step(net: Network, _: Any) -> tuple[Network, Any]:
        value, slopes = tg.value_and_grad(cost)(net)
        return descend(net, slopes, RATE), value

    return tg.scan(step, net, None, length=epochs)


def main() -> None:
    """Print each stage, and draw the last."""
    options = common.command_line(__doc__, epochs=2000).parse_args()

    print("1. A neuron adds up its inputs, each times a weight, and a bias:")
    terms = " + ".join(f"{x:g}*{w:g}" for x, w in zip(INPUTS, WEIGHTS[0], strict=True))
    print(f"   {terms} + {BIASES[0]} = {neuron(INPUTS, WEIGHTS[0], BIASES[0]):g}")

    outputs = layer(INPUTS)
    print(f"\n2. A layer is several neurons on the same inputs: {[round(y, 12) for y in outputs]}")
    print(f"   As a product of a matrix and a vector, W x + b: {np.array(WEIGHTS) @ INPUTS + BIASES}")

    below, above = two_layers().values(BATCH, hidden=linear, output=linear)[1:]
    print("\n3. A batch of three examples, one a row, goes through the layer as one product, X W + b:")
    print(below)
    print("   and what comes out is what the next layer sees:")
    print(above)

    net = Network.drawn(tg.random.key(options.seed), (4, 5, 2))
    print(f"\n4. A net of any sizes, {net}, drawn at random, answers at random:")
    print(answer(net, BATCH))

    print(f"\n5. It is to tell the sum of its inputs, and the largest:\n{WANTED}")
    common.check_gradient(cost, net)
    epochs = min(options.epochs, 200) if options.quick else options.epochs
    before = net
    net, costs = common.run_epochs(common.compiled(train), net, epochs)
    common.print_epochs("cost", costs, every=max(1, epochs // 10))
    print(answer(net, BATCH))

    file = options.out / "neuron.png"
    draw_picture(file, before, net, costs)
    common.tell(picture=file, outputs=" ".join(f"{y:g}" for y in outputs), cost=costs[-1])


def draw_picture(file: Any, before: Network, net: Network, costs: Any) -> None:
    """The net, with what training did to each weight, and the cost by epoch."""
    figure = tg.viz.new_figure(13, 4.5)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    left.set_title(f"the net {net}: what training did to its weights")
    outputs = ["sum", "largest"]
    drawing = tg.viz.network(left, net, inputs=[f"x{k}" for k in range(1, 5)], outputs=outputs, colours="safe")
    drawing.update(net, previous=before)
    right.set_title("it learns the sum and the largest of its inputs")
    tg.viz.curves(right, {"cost": costs}, "mean squared error", log=True)
    figure.savefig(file)


if __name__ == "__main__":
    common.start(main)
