"""A net of dense layers, from nothing: the numbers that it is made of, and what it makes of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import tinygrad_scratch as tg

Activation = Callable[[Any], Any]


class Network(NamedTuple):
    """A pair (weights, biases) a layer: a weight for each input of each neuron, (inputs, neurons), and its bias.

    A NamedTuple of arrays is a tree, so that `tg.grad` takes a net as it is: the gradient is a net again, with the
    derivative by each number in its place.
    """

    layers: tuple[tuple[Any, Any], ...]

    @classmethod
    def drawn(cls, key: Any, sizes: Sequence[int]) -> Network:
        """A net of layers of these sizes, the inputs first, all its numbers drawn from N(0, 1)."""
        layers = []
        for k, (inputs, neurons) in enumerate(pairwise(sizes)):
            for_weights, for_biases = tg.random.split(tg.random.fold_in(key, k))
            layers.append((tg.random.normal(for_weights, (inputs, neurons)), tg.random.normal(for_biases, (neurons,))))
        return cls(tuple(layers))

    def values(self, x: Any, hidden: Activation = tg.nn.sigmoid, output: Activation = tg.nn.sigmoid) -> list[Any]:
        """What every neuron says, layer by layer, the inputs first: each layer is f(x w + b)."""
        said = [x]
        for w, b in self.layers:
            f = output if len(said) == len(self.layers) else hidden
            said.append(f(said[-1] @ w + b))
        return said

    def __call__(self, x: Any, hidden: Activation = tg.nn.sigmoid, output: Activation = tg.nn.sigmoid) -> Any:
        """What the neurons of the last layer say."""
        return self.values(x, hidden, output)[-1]

    def __repr__(self) -> str:
        """The sizes of the layers, as in 2-2-1."""
        return "-".join(str(n) for n in (len(self.layers[0][0]), *(len(b) for _, b in self.layers)))


def descend(net: Any, slopes: Any, rate: float) -> Any:
    """A step downhill: each number less `rate` times the derivative by it."""
    return tg.tree.map(lambda number, slope: number - rate * slope, net, slopes)


def many(seed: int, count: int, sizes: Sequence[int]) -> Network:
    """A net for each seed from `seed` on, to be trained at once by `tg.vmap`: a net whose arrays have one more axis."""
    keys = np.stack([tg.random.key(seed + k) for k in range(count)])
    return tg.vmap(lambda key: Network.drawn(key, sizes))(keys)


def one_of(nets: Network, k: int) -> Network:
    """Number k of many."""
    return tg.tree.map(lambda numbers: numbers[k], nets)
