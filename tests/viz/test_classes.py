"""Bars of one prediction, confusion matrices, weights and activations."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tinygrad_scratch import viz
from tinygrad_scratch.core.errors import ArgumentError, DataError, ShapeError
from tinygrad_scratch.viz.figure import COLOURS


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))


def test_confidences_draws_a_bar_a_class(figure: Any) -> None:
    axes = figure.subplots()
    bars = viz.confidences(axes, np.array([[0.1, 0.7, 0.2]]), ["cat", "dog", "cow"])
    assert [bar.get_width() for bar in bars] == [0.1, 0.7, 0.2]
    assert [bar.get_facecolor()[:3] == rgb(COLOURS[0]) for bar in bars] == [False, True, False]
    assert [text.get_text() for text in axes.texts] == ["10.0%", "70.0%", "20.0%"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["cat", "dog", "cow"]


def test_confidences_refuses_logits(figure: Any) -> None:
    with pytest.raises(DataError, match="confidences: probabilities holds no probabilities: it goes from -1 to 3"):
        viz.confidences(figure.subplots(), [3.0, -1.0])
    with pytest.raises(ShapeError, match=r"confidences: probabilities has shape \(2, 2\)"):
        viz.confidences(figure.subplots(), np.full((2, 2), 0.5))


def test_confusion_shows_counts_and_shares(figure: Any) -> None:
    axes = figure.subplots()
    image = viz.confusion(axes, [[1500, 500, 0], [0, 0, 0], [1, 1, 2]], ["a", "b", "c"])
    np.testing.assert_allclose(image.get_array(), [[0.75, 0.25, 0], [0, 0, 0], [0.25, 0.25, 0.5]])
    cells = {text.get_position(): (text.get_text(), text.get_color()) for text in axes.texts}
    assert cells == {
        (0, 0): ("1,500", "white"), (1, 0): ("500", "black"),
        (0, 2): ("1", "black"), (1, 2): ("1", "black"), (2, 2): ("2", "black"),
    }  # fmt: skip
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")


@pytest.mark.parametrize(
    ("matrix", "error", "sentence"),
    [
        (np.ones((2, 3)), ShapeError, r"matrix has shape \(2, 3\), expected \(classes, classes\)"),
        ([[1, -1], [0, 1]], DataError, "matrix has the number -1"),
        (np.ones((0, 0)), DataError, "matrix is empty"),
        (np.ones((2, 2)), ArgumentError, "got 3 names, expected 2"),
    ],
)
def test_confusion_refuses_what_is_no_matrix_of_counts(figure: Any, matrix: Any, error: Any, sentence: str) -> None:
    with pytest.raises(error, match=f"confusion: {sentence}"):
        viz.confusion(figure.subplots(), matrix, "abc")


def test_weights_are_white_at_zero(figure: Any) -> None:
    w = np.array([[1.0, -3.0], [0.0, 2.0]])
    image = viz.weights(figure.subplots(), w)
    np.testing.assert_array_equal(image.get_array(), w)
    assert image.get_clim() == (-3, 3)
    assert viz.weights(figure.subplots(), np.zeros((2, 2))).get_clim() == (-1, 1)


def test_weights_as_tiles_are_pictures_of_the_neurons(figure: Any) -> None:
    w = np.arange(12.0 * 5).reshape(12, 5)
    pixels = viz.weights(figure.subplots(), w, picture=(3, 4), columns=3).get_array()
    assert pixels.shape == (3 + 1 + 3, 4 + 1 + 4 + 1 + 4)
    for k in range(5):
        row, column = divmod(k, 3)
        tile = pixels[4 * row : 4 * row + 3, 5 * column : 5 * column + 4]
        np.testing.assert_array_equal(tile, w[:, k].reshape(3, 4))
    assert np.isnan(np.ma.filled(pixels, np.nan)[3]).all()


def test_weights_refuses_what_makes_no_picture(figure: Any) -> None:
    with pytest.raises(ShapeError, match="weights: w has 12 rows, expected 784 for pictures of 28 x 28"):
        viz.weights(figure.subplots(), np.ones((12, 2)), picture=(28, 28))
    with pytest.raises(ShapeError, match=r"weights: w has shape \(3,\), expected \(inputs, neurons\)"):
        viz.weights(figure.subplots(), np.ones(3))


def test_activations_have_a_panel_a_layer(figure: Any) -> None:
    x = np.array([[-1.0, 2.0], [3.0, -4.0]])
    viz.activations(figure, {"a": x, "b": np.maximum(x, 0), "c": x[0], "d": x[:, :, None, None]}, columns=3)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:4] == [
        "a\n2 neurons, 0% zeros", "b\n2 neurons, 50% zeros", "c\n1 neuron, 0% zeros", "d\n2 neurons, 0% zeros"
    ]  # fmt: skip
    assert [sum(bar.get_height() for bar in axes.patches) for axes in figure.axes] == [4, 4, 2, 4, 0, 0]


def test_activations_as_image_show_the_numbers(figure: Any) -> None:
    x = np.array([[-1.0, 2.0], [3.0, -4.0]])
    viz.activations(figure, {"a": x}, image=True)
    np.testing.assert_array_equal(figure.axes[0].get_images()[0].get_array(), x)


def test_activations_refuses_nothing_and_nan(figure: Any) -> None:
    with pytest.raises(DataError, match="activations: there are no layers"):
        viz.activations(figure, {})
    with pytest.raises(DataError, match=r"activations: layer 'a' has nan at \[0, 1\]"):
        viz.activations(figure, {"a": [[1.0, np.nan]]})
    for nothing in (np.zeros((0, 3)), np.zeros((0, 3, 2)), []):
        with pytest.raises(DataError, match="activations: layer 'a' is empty"):
            viz.activations(figure, {"a": nothing})


def test_titles_of_activations_do_not_meet() -> None:
    pytest.importorskip("matplotlib")
    figure = viz.new_figure(7, 3)
    viz.activations(figure, {f"hidden layer {k}: a name of many words": np.ones((2, 128)) for k in range(3)})
    figure.draw_without_rendering()
    titles = [axes.title.get_window_extent() for axes in figure.axes]
    assert not any(left.overlaps(right) for left, right in pairwise(titles))
    assert titles[-1].x1 <= figure.bbox.x1


@pytest.mark.parametrize("columns", [0, -1, 1.5])
def test_columns_that_make_no_sense_are_refused(figure: Any, columns: Any) -> None:
    with pytest.raises(ArgumentError, match=f"activations: columns={columns}, expected an integer of at least 1"):
        viz.activations(figure, {"a": np.ones((2, 3))}, columns=columns)
    with pytest.raises(ArgumentError, match=f"weights: columns={columns}, expected an integer of at least 1"):
        viz.weights(figure.subplots(), np.ones((4, 3)), picture=(2, 2), columns=columns)


@pytest.mark.parametrize(("classes", "written"), [(2, True), (10, True), (26, False)])
def test_counts_fit_into_their_cells(classes: int, written: bool) -> None:
    pytest.importorskip("matplotlib")
    figure = viz.new_figure(13, 4)
    axes = figure.subplots(1, 3)[0]
    viz.confusion(axes, np.full((classes, classes), 1234), [f"{k} and a long name" for k in range(classes)])
    figure.draw_without_rendering()
    cell = axes.get_window_extent().width / classes
    assert len(axes.texts) == written * classes**2
    assert all(text.get_window_extent().width < cell for text in axes.texts)


def test_many_classes_have_no_counts_and_fewer_names(figure: Any) -> None:
    axes = figure.subplots()
    viz.confusion(axes, np.eye(60))
    assert len(axes.texts) == 0
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(k) for k in range(0, 60, 3)]
    assert axes.get_yticks().tolist() == list(range(0, 60, 3))


def test_long_names_leave_room_for_the_matrix() -> None:
    pytest.importorskip("matplotlib")
    for width, columns in ((6, 1), (13, 3)):
        figure = viz.new_figure(width, 4)
        axes = np.ravel(figure.subplots(1, columns))[0]
        viz.confusion(axes, np.eye(4), [f"{k} a class with a name that has no end in sight" for k in range(4)])
        figure.draw_without_rendering()
        assert axes.get_window_extent().height > figure.bbox.height / 2
        assert axes.get_yticklabels()[0].get_text().endswith("\u2026")
