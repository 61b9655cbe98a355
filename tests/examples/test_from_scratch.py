"""Neuron, perceptron, XOR, ReLU against sigmoid, the six steps: the scripts as a user runs them, and their formulas."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from benchmarks import handwritten

from .running import is_picture, module, script

CHECKED = "the gradient of the loss agrees with finite differences"
SIZES = st.lists(st.integers(1, 5), min_size=2, max_size=5)
SEEDS = st.integers(0, 2**32)


def quick(name: str, folder: Path, *more: str) -> tuple[dict[str, str], str]:
    said, text = script(f"examples/{name}.py", "--quick", "--out", str(folder), *more)
    assert is_picture(said["picture"])
    return said, text


def case(sizes: list[int], seed: int) -> tuple[Any, Any, Any]:
    """A net, an input and a target."""
    net = module("network").Network.drawn(tg.random.key(seed), sizes)
    rng = np.random.default_rng(seed)
    return net, rng.standard_normal(sizes[0]), rng.random(sizes[-1])


def close(one: Any, other: Any, tolerance: float = 1e-10) -> bool:
    pairs = zip(tg.tree.leaves(one), tg.tree.leaves(other), strict=True)
    return all(np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=0, atol=tolerance) for a, b in pairs)


# ---- one neuron, a layer, a net ------------------------------------------------------------------------------------


def test_a_neuron_by_plain_numbers(tmp_path: Path) -> None:
    said, text = quick("neuron", tmp_path)
    assert said["outputs"] == "4.8 1.21 2.385"
    assert float(said["cost"]) < 1
    assert CHECKED in text
    assert "4-5-2" in text


def test_two_layers_are_one_on_the_other() -> None:
    neuron = module("neuron")
    found = neuron.two_layers()(neuron.BATCH, neuron.linear, neuron.linear)
    for x, ys in zip(neuron.BATCH, found, strict=True):
        below = neuron.layer(x)
        for weights, bias, y in zip(neuron.WEIGHTS_2, neuron.BIASES_2, ys, strict=True):
            assert np.isclose(neuron.neuron(below, weights, bias), y, rtol=0, atol=1e-12)
    assert neuron.layer(neuron.INPUTS) == pytest.approx([4.8, 1.21, 2.385], abs=1e-12)


@given(sizes=SIZES, seed=SEEDS)
def test_a_network_says_its_sizes_and_differentiates_as_a_whole(sizes: list[int], seed: int) -> None:
    net, x, truth = case(sizes, seed)
    assert repr(net) == "-".join(map(str, sizes))
    assert [len(v) for v in net.values(x)] == sizes
    joined = [np.vstack([w, b]) for w, b in net.layers]  # the bias as the weight of an input that is 1
    cost, slopes = handwritten.one_sample(joined, x, truth)
    value, found = tg.value_and_grad(module("xor").cost)(net, x, truth)
    assert np.isclose(value, cost, rtol=1e-12)
    assert close([np.vstack(layer) for layer in found.layers], slopes)


# ---- perceptron and XOR --------------------------------------------------------------------------------------------


def test_a_perceptron_learns_or_and_and_but_not_xor(tmp_path: Path) -> None:
    said, text = quick("perceptron", tmp_path)
    assert said["seeds"] == "40"
    assert said["or_fewest_right"] == said["and_fewest_right"] == "4"
    assert said["xor_most_right"] == "3"
    assert "no u, v and b do both" in text


@given(seed=SEEDS, truth=st.sampled_from([0, 1]))
def test_the_rule_of_the_perceptron_is_a_gradient(seed: int, truth: int) -> None:
    perceptron = module("perceptron")
    neuron, x, _ = case([2, 1], seed)
    ((w, b),) = neuron.layers
    wrong = float(x @ w[:, 0] + b[0] > 0) - truth
    slopes = tg.grad(perceptron.wrong_side)(neuron, x, truth)
    assert close(slopes, [wrong * x[:, None], np.array([wrong])], 1e-15)


def test_xor_is_learnt_by_most_seeds(tmp_path: Path) -> None:
    said, text = quick("xor", tmp_path)
    assert float(said["gradient_error"]) <= 1e-10
    assert int(said["seeds_solved"]) >= 4
    assert said["seeds"] == "8"
    assert "net 2-2-1" in text
    assert CHECKED in text
    assert [line.split()[1] for line in text.splitlines() if line.startswith("epoch")][:3] == ["1", "100", "200"]


@given(sizes=SIZES, seed=SEEDS)
def test_backprop_by_hand_is_the_gradient(sizes: list[int], seed: int) -> None:
    xor = module("xor")
    net, x, truth = case(sizes, seed)
    assert close(xor.by_hand(net, x, truth), tg.grad(xor.cost)(net, x, truth))


def test_an_epoch_takes_the_worst_row_or_each_in_turn() -> None:
    xor = module("xor")
    net, _, _ = case([2, 2, 1], 3)
    for in_turn in (True, False):
        expected = net
        for k in range(4):
            row = k if in_turn else int(np.argmax(np.abs(expected(xor.ROWS) - xor.TRUTH)))
            slopes = xor.by_hand(expected, xor.ROWS[row], xor.TRUTH[row])
            expected = tg.tree.map(lambda p, s: p - 0.5 * s, expected, slopes)
        assert close(xor.epoch(net, in_turn)[0], expected)


# ---- ReLU against sigmoid ------------------------------------------------------------------------------------------


def test_relu_and_sigmoid_begin_as_published(tmp_path: Path) -> None:
    said, text = quick("activations", tmp_path, "--values")
    assert float(said["relu_250"]) == pytest.approx(0.393, rel=0.02)
    assert float(said["sigmoid_250"]) == pytest.approx(0.763, rel=0.02)
    rows = [line for line in text.splitlines() if line[:5].isdigit()]
    assert len(rows) == 44
    assert rows[0].split()[:3] == ["00000", "0", "1"]
    assert rows[21].split()[:3] == ["10011", "1", "0"]
    assert len([line for line in text.splitlines() if line.startswith(("  input", "  hidden", "  output"))]) == 8
    assert float(said["times_faster"]) > 0
    assert CHECKED in text


@pytest.mark.parametrize("name", ["relu", "sigmoid"])
def test_the_six_gradients_are_taken_one_after_the_other(name: str) -> None:
    activations = module("activations")
    net = activations.start(51, [4, 3])
    x, target = activations.CASES[16], activations.TARGETS[16]
    expected = [p.copy() for p in tg.tree.leaves(net)]
    whole = [p - 0.1 * s for p, s in zip(expected, six(expected, x, target, name), strict=True)]
    for k in range(6):
        expected[k] = expected[k] - 0.1 * six(expected, x, target, name)[k]
    update = activations.ACTIVATIONS[name], 0.1
    assert close(activations.one_after_the_other(net, x, target, *update), expected, 1e-12)
    assert close(activations.one_pass(net, x, target, *update), whole, 1e-12)
    assert not close(whole, expected, 1e-4)


def six(arrays: list[Any], x: Any, target: Any, name: str) -> list[Any]:
    """The gradient by each of W1, b1, W2, b2, W3, b3, written by hand."""
    said = [x]
    for k in range(3):
        z = said[-1] @ arrays[2 * k] + arrays[2 * k + 1]
        said.append(np.maximum(z, 0) if name == "relu" or k == 2 else 1 / (1 + np.exp(-z)))
    slopes: list[Any] = []
    by_answer = 2 * (said[3] - target)
    for k in (2, 1, 0):
        a = said[k + 1]
        delta = by_answer * ((a > 0) if name == "relu" or k == 2 else a * (1 - a))
        slopes = [np.outer(said[k], delta), delta, *slopes]
        by_answer = arrays[2 * k] @ delta
    return slopes


def test_options_of_activations(tmp_path: Path) -> None:
    options = ["--one-pass", "--activation", "relu", "--hidden", "6", "--lr", "0.01", "--seed", "3"]
    said, text = quick("activations", tmp_path, *options)
    assert "relu: 5-6-2, rate 0.01, 250 epochs" in text
    assert not any(name.startswith("sigmoid") for name in said)


# ---- the six steps -------------------------------------------------------------------------------------------------


def test_the_six_steps(tmp_path: Path) -> None:
    said, text = quick("tutorial", tmp_path)
    heads = [line for line, below in zip(text.splitlines(), text.splitlines()[1:], strict=False) if set(below) == {"="}]
    assert [head[0] for head in heads] == list("123456")
    for word in (
        "neuron", "layer", "weight", "vector", "activation function", "forward propagation", "back propagation",
        "cost function", "gradient descent",
    ):  # fmt: skip
        assert word.upper() in text.replace("\n", " "), word
    assert float(said["gradient_error"]) <= 1e-10
    assert float(said["logistic_gradient_error"]) <= 1e-12
    assert float(said["descent_over_lbfgs"]) > 1
    assert CHECKED in text


@given(hidden=st.lists(st.integers(1, 5), max_size=3), seed=SEEDS)
def test_blame_by_hand_is_that_of_the_engine(hidden: list[int], seed: int) -> None:
    tutorial = module("tutorial")
    rng = np.random.default_rng(seed)
    sizes = [2, *hidden, 1]
    thetas = [rng.standard_normal((m + 1, n)) for m, n in pairwise(sizes)]
    x, y = tutorial.plants(tg.random.key(seed), 7)
    deltas = tutorial.blame_by_hand(thetas, x, y)
    assert close(tutorial.blame(thetas, x, y), deltas)
    activations, _ = tutorial.forward(thetas, x)
    slopes = [tutorial.with_one(a).T @ delta for a, delta in zip(activations, deltas, strict=False)]
    assert close(tg.grad(tutorial.cost)(thetas, x, y), slopes)
    assert tutorial.logistic_gradient_error(x, y) <= 1e-12
