"""Decision maps, fits and surfaces: what a model says over its data."""

from typing import Any

import numpy as np
import pytest

from tinygrad_scratch import viz
from tinygrad_scratch.core.errors import ArgumentError, DataError, ShapeError
from tinygrad_scratch.viz.decisions import STRENGTH
from tinygrad_scratch.viz.figure import COLOURS

X = np.random.default_rng(0).uniform(-1, 1, (30, 2)).astype(np.float32)
THREE = np.arange(30) % 3


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def thirds(x: Any) -> Any:
    return np.full((len(x), 3), 1 / 3)


def test_map_has_the_colour_of_the_class_where_it_is_certain(figure: Any) -> None:
    image = viz.decision_map(figure.subplots(), lambda x: (x[:, 0] > 0) * 1.0, X, X[:, 0] > 0, resolution=10)
    left, right = (1 - STRENGTH * (1 - np.array(rgb(c))) for c in COLOURS[:2])
    pixels = image.get_array()
    np.testing.assert_allclose(pixels[:, :5], np.broadcast_to(left, (10, 5, 3)))
    np.testing.assert_allclose(pixels[:, 5:], np.broadcast_to(right, (10, 5, 3)))


def test_map_mixes_colours_by_probability(figure: Any) -> None:
    image = viz.decision_map(figure.subplots(), thirds, X, THREE, resolution=4)
    mean = np.mean([rgb(c) for c in COLOURS[:3]], axis=0)
    np.testing.assert_allclose(image.get_array(), np.broadcast_to(1 - STRENGTH * (1 - mean), (4, 4, 3)))


def test_map_goes_up_and_right(figure: Any) -> None:
    image = viz.decision_map(figure.subplots(), lambda x: (x[:, 1] > 0.9) * 1.0, X, THREE > 3, resolution=10)
    pixels = image.get_array()
    assert image.origin == "lower"
    assert not np.allclose(pixels[-1], pixels[0])


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_map_takes_a_sigmoid_in_two_shapes(figure: Any, shape: tuple[int, ...]) -> None:
    one, other = figure.subplots(1, 2)
    half = viz.decision_map(one, lambda x: np.full(len(x), 0.25).reshape(shape), X, THREE > 0, resolution=3)
    pair = viz.decision_map(other, lambda x: np.tile([0.75, 0.25], (len(x), 1)), X, THREE > 0, resolution=3)
    np.testing.assert_array_equal(half.get_array(), pair.get_array())


def test_map_draws_all_points_in_the_colours_of_the_legend(figure: Any) -> None:
    axes = figure.subplots()
    viz.decision_map(axes, thirds, X, THREE, ["a", "b", "c"])
    for k, points in enumerate(axes.collections):
        np.testing.assert_array_equal(points.get_offsets(), X[k == THREE])
        assert tuple(points.get_facecolor()[0, :3]) == rgb(COLOURS[k])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b", "c"]


def test_predict_gets_the_dtype_and_the_rectangle_of_the_points(figure: Any) -> None:
    seen: list[Any] = []
    viz.decision_map(figure.subplots(), lambda x: seen.append(x) or thirds(x), X, THREE, resolution=5, margin=0)
    (grid,) = seen
    assert grid.dtype == X.dtype
    assert grid.shape == (25, 2)
    np.testing.assert_array_equal([grid.min(0), grid.max(0)], [X.min(0), X.max(0)])


def test_map_has_its_pixels_around_the_points_of_the_grid(figure: Any) -> None:
    corners = np.array([[0.0, 0.0], [4.0, 8.0]])
    image = viz.decision_map(figure.subplots(), thirds, corners, [0, 1], resolution=5, margin=0)
    assert image.get_extent() == [-0.5, 4.5, -1, 9]


@pytest.mark.parametrize(
    ("predict", "x", "y", "error", "sentence"),
    [
        (thirds, X[:, :1], THREE, ShapeError, r"x has shape \(30, 1\), expected \(n, 2\)"),
        (thirds, X[:0], THREE[:0], DataError, "x is empty"),
        (thirds, X, THREE[:5], ShapeError, "labels have shape"),
        (thirds, X, THREE + 1, ArgumentError, "label 3 is out of range"),
        (lambda x: 3 * x, X, THREE, DataError, "the output of predict holds no probabilities: .* tg.nn.softmax"),
        (
            lambda x: x[:4],
            X,
            THREE,
            ShapeError,
            r"the output of predict has shape \(4, 2\), expected \(22500, classes",
        ),
        (lambda x: thirds(x) * np.nan, X, THREE, DataError, "the output of predict has nan at"),
    ],
)
def test_map_refuses_what_does_not_fit(figure: Any, predict: Any, x: Any, y: Any, error: Any, sentence: str) -> None:
    with pytest.raises(error, match=f"decision_map: {sentence}"):
        viz.decision_map(figure.subplots(), predict, x, y)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_fit_draws_the_curve_over_the_data(figure: Any, shape: tuple[int, ...]) -> None:
    axes = figure.subplots()
    x = np.linspace(0, 3, 20, dtype=np.float32).reshape(shape)
    seen: list[Any] = []
    curve = viz.fit_1d(axes, lambda x: seen.append(x) or x**2, x, np.sin(x), resolution=7)
    assert seen[0].ndim == x.ndim
    assert seen[0].dtype == np.float32
    line = np.linspace(0, 3, 7, dtype=np.float32)
    np.testing.assert_array_equal(curve.get_xydata(), np.stack([line, line**2], axis=1))
    points = axes.get_lines()[0].get_xydata()
    np.testing.assert_array_equal(points, np.stack([x, np.sin(x)], axis=-1).reshape(-1, 2))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["data", "prediction"]


@pytest.mark.parametrize(
    ("predict", "x", "y", "error", "sentence"),
    [
        (np.sin, np.ones((3, 2)), np.ones(3), ShapeError, r"x has shape \(3, 2\), expected \(n,\) or \(n, 1\)"),
        (np.sin, np.arange(3), np.ones(4), ShapeError, "x has 3 rows and y 4"),
        (np.sin, [], [], DataError, "x is empty"),
        (np.sin, [1.0, np.nan], [1.0, 2.0], DataError, r"x has nan at \[1\]"),
        (
            lambda x: x[:3],
            np.arange(3),
            np.ones(3),
            ShapeError,
            r"the output of predict has shape \(3,\), expected \(400,\)",
        ),
        (lambda x: x * np.inf, [1, 2], [1, 2], DataError, r"the output of predict has inf"),
    ],
)
def test_fit_refuses_what_does_not_fit(figure: Any, predict: Any, x: Any, y: Any, error: Any, sentence: str) -> None:
    with pytest.raises(error, match=f"fit_1d: {sentence}"):
        viz.fit_1d(figure.subplots(), predict, x, y)


def test_surface_stands_over_the_points(figure: Any) -> None:
    axes = figure.add_subplot(projection="3d")
    y = X[:, 0] * X[:, 1]
    drawn = viz.surface(axes, lambda x: x.sum(axis=1, keepdims=True), X, y, resolution=6)
    figure.draw_without_rendering()
    assert len(drawn.get_paths()) == 25
    points = axes.collections[1]
    assert len(points.get_offsets()) == len(X)
    low, high = axes.get_zlim()
    assert low < y.min() < y.max() < high
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["prediction", "data"]


def test_surface_needs_three_axes(figure: Any) -> None:
    with pytest.raises(ArgumentError, match=r"surface: axes are flat, .*figure.add_subplot\(projection='3d'\)"):
        viz.surface(figure.subplots(), np.sum, X, X[:, 0])


def test_axes_of_a_surface_have_the_names_given(figure: Any) -> None:
    for names in ({}, {"xlabel": "age", "ylabel": "height", "zlabel": "weight"}):
        figure.clear()
        axes = figure.add_subplot(projection="3d")
        viz.surface(axes, lambda x: x[:, 0], X, X[:, 0], resolution=3, **names)
        wanted = list(names.values()) or ["x1", "x2", "y"]
        assert [axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel()] == wanted


def test_more_classes_than_safe_colours_differ_in_marks(figure: Any) -> None:
    for classes, marks in ((6, 1), (12, 5)):
        axes = figure.subplots()
        viz.decision_map(axes, lambda x, n=classes: np.full((len(x), n), 1 / n), X, np.arange(30) % classes)
        assert len({scatter.get_paths()[0].vertices.tobytes() for scatter in axes.collections}) == marks
        figure.clear()


@pytest.mark.parametrize("resolution", [1, 0, -1, 2.5])
def test_resolutions_that_make_no_sense_are_refused(figure: Any, resolution: Any) -> None:
    sentence = f"resolution={resolution}, expected an integer of at least 2"
    with pytest.raises(ArgumentError, match=f"decision_map: {sentence}"):
        viz.decision_map(figure.subplots(), np.sum, X, THREE, resolution=resolution)
    with pytest.raises(ArgumentError, match=f"fit_1d: {sentence}"):
        viz.fit_1d(figure.subplots(), np.sin, X[:, 0], X[:, 0], resolution=resolution)
    with pytest.raises(ArgumentError, match=f"surface: {sentence}"):
        viz.surface(figure.add_subplot(projection="3d"), np.sum, X, X[:, 0], resolution=resolution)
