"""The drawing of a net: every neuron, every edge, the sign of every change."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch import viz
from tinygrad_scratch.core.errors import ArgumentError, DataError, ShapeError
from tinygrad_scratch.viz.network import CHANGES, RADIUS

DEEP = [3, 8, 16, 8, 8, 8, 1]


def random_weights(sizes: list[int], seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in pairwise(sizes)]


def flat(weights: list[Any]) -> Any:
    return np.concatenate([w.ravel() for w in weights])


def axes_of(width: float = 6, height: float = 4) -> Any:
    pytest.importorskip("matplotlib")
    return viz.new_figure(width, height).subplots()


def colours_of(picture: viz.Network) -> list[str]:
    from matplotlib.colors import to_hex

    return [to_hex(colour) for colour in picture.edges.get_colors()]


@pytest.mark.parametrize("weights", [DEEP, random_weights(DEEP)])
def test_every_neuron_and_edge_is_drawn(weights: Any) -> None:
    picture = viz.network(axes_of(), weights)
    assert len(picture.neurons.get_offsets()) == sum(DEEP) == 52
    assert len(picture.edges.get_segments()) == sum(a * b for a, b in pairwise(DEEP)) == 416


def test_columns_go_from_left_to_right_and_are_centred() -> None:
    places = viz.network(axes_of(), DEEP).neurons.get_offsets()
    for k, size in enumerate(DEEP):
        column = places[places[:, 0] == k]
        assert len(column) == size
        assert np.all(np.diff(column[:, 1]) == -1)
        assert column[:, 1].sum() == 0


def test_edges_join_neurons_in_the_order_of_the_weights() -> None:
    picture = viz.network(axes_of(), [2, 3, 1])
    places = np.asarray(picture.neurons.get_offsets())
    left, middle, right = places[:2], places[2:5], places[5:]
    wanted = [(a, b) for a in left for b in middle] + [(a, b) for a in middle for b in right]
    np.testing.assert_array_equal(picture.edges.get_segments(), wanted)


def test_params_of_layers_are_weights() -> None:
    net = tg.nn.serial(tg.nn.dense(4), tg.nn.tanh, tg.nn.dense(2))
    params, _ = net.init(tg.random.key(0), (3,))
    picture = viz.network(axes_of(), params)
    assert len(picture.edges.get_segments()) == 3 * 4 + 4 * 2


@given(st.sampled_from(["signs", "safe"]), st.integers(0, 1000), st.sampled_from([np.float32, np.float64]))
def test_colours_are_the_signs_of_the_changes(colours: str, seed: int, dtype: Any) -> None:
    rng = np.random.default_rng(seed)
    before = [w.astype(dtype) for w in random_weights([3, 5, 2], seed)]
    signs = [rng.integers(-1, 2, w.shape) for w in before]
    after = [np.nextafter(w, w + s.astype(dtype)) for w, s in zip(before, signs, strict=True)]  # the smallest change
    picture = viz.network(axes_of(), before, colours=colours)
    picture.update(after, before)
    names = [c.lower() for c in CHANGES[colours]]
    assert colours_of(picture) == [names[s] for s in flat(signs)]


def test_green_grew_and_red_shrank() -> None:
    picture = viz.network(axes_of(), [np.zeros((1, 3))])
    picture.update([np.array([[1.0, -1.0, 0.0]])])
    assert [max("rgb", key=dict(zip("rgb", c, strict=False)).get) for c in picture.edges.get_colors()[:2]] == ["g", "r"]
    assert len(set(picture.edges.get_colors()[2][:3])) == 1


def test_without_previous_changes_are_since_the_last_call() -> None:
    first, second, third = ([np.array([[float(k)]])] for k in (1, 3, 2))
    picture = viz.network(axes_of(), first)
    same, grew, shrank = CHANGES["signs"]
    assert colours_of(picture) == [same]
    picture.update(second)
    assert colours_of(picture) == [grew]
    picture.update(third)
    assert colours_of(picture) == [shrank]


def test_width_and_opacity_go_by_size() -> None:
    weights = random_weights([4, 6, 2])
    picture = viz.network(axes_of(), weights)
    order = np.argsort(np.abs(flat(weights)))
    assert np.all(np.diff(np.array(picture.edges.get_linewidths())[order]) > 0)
    opacity = picture.edges.get_colors()[order, 3]
    assert np.all(np.diff(opacity) > 0)
    assert opacity[-1] == 1


def test_weights_of_zero_are_drawn() -> None:
    picture = viz.network(axes_of(), [np.zeros((2, 2))])
    assert np.all(picture.edges.get_colors()[:, 3] > 0)


def test_wide_layers_are_abbreviated_and_say_so() -> None:
    axes = axes_of()
    weights = random_weights([784, 20, 10])
    picture = viz.network(axes, weights, widest=8)
    assert len(picture.neurons.get_offsets()) == 8 + 8 + 8
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "input\n784, 8 drawn", "hidden 1\n20, 8 drawn", "output\n10, 8 drawn"
    ]  # fmt: skip
    assert [text.get_text() for text in axes.texts] == ["\u22ee"] * 3
    changed = [w.copy() for w in weights]
    changed[0][780, 19] += 1  # the fourth from the end, and the last
    picture.update(changed, weights)
    assert np.flatnonzero([c == CHANGES["signs"][1] for c in colours_of(picture)]).tolist() == [4 * 8 + 7]


@pytest.mark.parametrize("widest", [2, 7, 16])
def test_abbreviated_columns_are_inside_the_axes(widest: int) -> None:
    axes = axes_of()
    places = viz.network(axes, [100, 5], widest=widest).neurons.get_offsets()
    low, high = axes.get_ylim()
    assert low < places[:, 1].min() < places[:, 1].max() < high
    column = places[places[:, 0] == 0][:, 1]
    gap = np.argmax(-np.diff(column))
    assert column[gap] == -column[gap + 1] > 1  # the dots are in its middle


def test_names_stand_beside_the_neurons() -> None:
    axes = axes_of()
    viz.network(axes, [2, 3, 1], layers=["in", "middle", "out"], inputs=["x", "y"], outputs=["z"])
    assert [text.get_text() for text in axes.texts] == ["x", "y", "z"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["in\n2", "middle\n3", "out\n1"]


@pytest.mark.parametrize("sizes", [[3, 6, 2], [3, 1, 2], [3, 16, 16, 16, 16, 16, 2]])
def test_names_keep_clear_of_the_discs(sizes: list[int]) -> None:
    pytest.importorskip("matplotlib")
    figure = viz.new_figure(8, 4)
    axes = figure.subplots(1, 2)[0]
    picture = viz.network(axes, sizes, inputs=["x", "y", "z"], outputs=["cat", "dog"])
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    centres = axes.transData.transform(picture.neurons.get_offsets())
    radius = RADIUS * axes.get_window_extent().height / np.ptp(axes.get_ylim())
    assert all(0 < x - box.x1 - radius < 10 for box, x in zip(boxes[:3], centres[:3, 0], strict=True))
    assert all(0 < box.x0 - x - radius < 10 for box, x in zip(boxes[3:], centres[-2:, 0], strict=True))
    assert all(figure.bbox.x0 <= box.x0 for box in boxes)


def test_names_of_layers_do_not_meet() -> None:
    pytest.importorskip("matplotlib")
    figure = viz.new_figure(8, 4)
    axes = figure.subplots(1, 2)[0]
    viz.network(axes, [3, 60, 4, 2], layers=["input", "relu", "a long layer name", "tanh"])
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
    assert not any(left.overlaps(right) for left, right in pairwise(boxes))


def test_legend_tells_the_colours_once() -> None:
    axes = axes_of()
    picture = viz.network(axes, random_weights([2, 2]))
    assert axes.get_legend() is None
    picture.update(random_weights([2, 2], seed=1))
    legend = axes.get_legend()
    picture.update(random_weights([2, 2], seed=2))
    assert axes.get_legend() is legend
    assert [t.get_text() for t in legend.get_texts()][:3] == ["weight grew", "weight shrank", "unchanged"]


@pytest.mark.parametrize(
    ("weights", "options", "error", "sentence"),
    [
        ([np.ones((2, 3)), np.ones((4, 1))], {}, ShapeError, r"matrix 0 has shape \(2, 3\) and matrix 1 \(4, 1\)"),
        ([np.ones(3)], {}, ShapeError, "there are no matrices"),
        ([], {}, ShapeError, "there are no matrices"),
        ([np.full((2, 2), np.nan)], {}, DataError, r"matrix 0 has nan at \[0, 0\]"),
        ([3], {}, ArgumentError, r"the sizes are \[3\], expected two or more"),
        ([3, 0], {}, ArgumentError, r"the sizes are \[3, 0\], expected two or more, each at least 1"),
        ([3, 1], {"colours": "bright"}, ArgumentError, "colours='bright', expected one of 'signs', 'safe'"),
        ([3, 1], {"widest": 1}, ArgumentError, "widest=1, expected an integer of at least 2"),
        ([3, 1], {"inputs": ["x"]}, ArgumentError, "got 1 names of inputs, expected 3"),
        ([3, 1], {"outputs": "ab"}, ArgumentError, "got 2 names of outputs, expected 1"),
        ([3, 1], {"layers": ["a"]}, ArgumentError, "got 1 names of layers, expected 2"),
    ],
)
def test_what_makes_no_net_is_refused(weights: Any, options: Any, error: Any, sentence: str) -> None:
    with pytest.raises(error, match=f"network: {sentence}"):
        viz.network(axes_of(), weights, **options)


def test_weights_of_another_net_are_refused() -> None:
    picture = viz.network(axes_of(), [2, 3, 1])
    with pytest.raises(ShapeError, match=r"have shapes \[\(2, 3\)\], expected \[\(2, 3\), \(3, 1\)\], as they were"):
        picture.update([np.ones((2, 3))])
