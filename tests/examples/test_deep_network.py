"""The deep net and the autoencoder: the scripts as a user runs them, and backprop by hand, right and as published."""

from pathlib import Path

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from benchmarks import handwritten

from .running import is_picture, module, script

CHECKED = "the gradient of the loss agrees with finite differences"
SIZES = st.lists(st.integers(1, 8), max_size=4)


def test_deep_network_shows_itself(tmp_path: Path) -> None:
    said, text = script("examples/deep_network.py", "--quick", "--out", str(tmp_path))
    assert CHECKED in text
    assert (said["discs"], said["edges"]) == ("52", "416")
    assert float(said["gradient_error"]) <= 1e-10 < 1e-3 < float(said["published_gradient_error"])
    assert {"seeds_solved", "adam_seeds_solved"} <= said.keys()
    assert is_picture(said["picture"])
    assert Path(said["film"]).read_bytes().startswith(b"GIF89a")


def test_adam_solves_xor_with_a_small_net() -> None:
    deep = module("deep_network")
    net, adam = deep.build([8, 1]), deep.METHODS["Adam"][0]
    params = tg.vmap(lambda key: net.init(key, (3,))[0])(tg.random.split(tg.random.key(0), 3))
    steps = deep.many_steps(deep.descent(lambda p: np.sum((net(p, deep.ROWS) - deep.TRUTH) ** 2), adam))
    (params, _), costs = steps((params, tg.vmap(adam.init)(params)), 500)
    assert costs.shape == (500, 3)
    assert deep.is_solved(tg.vmap(lambda p: net(p, deep.ROWS))(params)).all()


@given(SIZES, st.integers(0, 2**32))
@example([1], 13190)
def test_deep_network_by_hand(hidden: list[int], seed: int) -> None:
    """The script's backprop by hand is the engine's gradient, and that of the benchmarks."""
    deep = module("deep_network")
    net = deep.build([*hidden, 1])
    params, _ = net.init(tg.random.key(seed), (3,))
    weights = tg.tree.leaves(params)
    ours = tg.grad(lambda p: np.sum((net(p, deep.ROWS) - deep.TRUTH) ** 2))(params)
    by_hand = deep.by_hand(weights, deep.right_slope)
    assert deep.largest_difference(tg.tree.leaves(ours), by_hand) <= 1e-10
    assert deep.largest_difference(handwritten.sigmoid_net(weights, deep.ROWS, deep.TRUTH)[1], by_hand) <= 1e-10
    published = deep.by_hand(weights, deep.published_slope)
    assert deep.largest_difference(by_hand, published) > 1e-6  # where a is near 0.66 both slopes are alike
    theirs = handwritten.sigmoid_net_as_published(weights, deep.ROWS, deep.TRUTH)[1]
    assert deep.largest_difference(theirs, published) <= 1e-10


def test_solved_is_close_in_the_mean_and_in_every_row() -> None:
    deep = module("deep_network")
    off = np.array([[0.0, 0, 0, 0], [0.04, 0.04, 0, 0], [0.06, 0, 0, 0], [0.04, 0.04, 0.04, 0.04]])[..., None]
    assert deep.is_solved(deep.TRUTH + off).tolist() == [True, True, False, False]


def test_autoencoder_shows_itself(tmp_path: Path) -> None:
    said, text = script("examples/autoencoder.py", "--quick", "--out", str(tmp_path))
    assert CHECKED in text
    assert {"one_hot_mse", "bars_mse"} <= said.keys()
    assert is_picture(said["picture"])
    assert Path(said["film"]).read_bytes().startswith(b"GIF89a")
    assert text.count("#### #### #### ####") == 1  # the full picture, with its code


def test_bars_are_rows_or_columns_each_once() -> None:
    pictures = module("autoencoder").bars().reshape(-1, 4, 4)
    assert len(np.unique(pictures, axis=0)) == len(pictures) == 30
    rows, columns = (np.all(pictures == pictures.take([0], axis), axis=(1, 2)) for axis in (2, 1))
    assert np.all(rows | columns)
    assert np.sum(rows & columns) == 2
