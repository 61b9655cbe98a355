"""Pictures: they hold what they were given."""

import sys
from typing import Any

import numpy as np
import pytest

from tinygrad_scratch import viz
from tinygrad_scratch.core.errors import MissingExtraError
from tinygrad_scratch.viz.figure import COLOURS, new_figure

NAMES = ("cat", "dog", "cow")
IMAGES = np.arange(5 * 4 * 3.0).reshape(5, 4, 3)
LABELS = np.array([0, 1, 2, 0, 1])
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.1, 0.9, 0.0], [0.7, 0.0, 0.3], [0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])


@pytest.fixture
def figure() -> Any:
    pytest.importorskip("matplotlib")
    return new_figure(4, 3)


def test_figures_have_the_size_asked_for(figure: Any) -> None:
    assert figure.get_size_inches().tolist() == [4, 3]


def test_curves_draws_one_line_a_run(figure: Any) -> None:
    axes = figure.subplots()
    viz.curves(axes, {"train": [3.0, 2.0, 1.0], "test": [4.0, 3.5]}, ylabel="loss")
    first, second = axes.get_lines()
    assert first.get_xydata().tolist() == [[1, 3], [2, 2], [3, 1]]
    assert second.get_xydata().tolist() == [[1, 4], [2, 3.5]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["train", "test"]


def test_curves_names_its_axes(figure: Any) -> None:
    one, other = figure.subplots(1, 2)
    viz.curves(one, {"a": [1.0]}, ylabel="loss")
    viz.curves(other, {"a": [1.0]}, ylabel="error", xlabel="step")
    assert [(a.get_xlabel(), a.get_ylabel()) for a in (one, other)] == [("epoch", "loss"), ("step", "error")]


@pytest.mark.parametrize(("log", "scale"), [(False, "linear"), (True, "log")])
def test_curves_has_a_log_scale_on_request(figure: Any, log: bool, scale: str) -> None:
    axes = figure.subplots()
    viz.curves(axes, {"a": [0.3, 0.2]}, ylabel="loss", log=log)
    assert axes.get_yscale() == scale


def test_log_scale_is_labelled_with_plain_numbers(figure: Any) -> None:
    axes = figure.subplots()
    viz.curves(axes, {"a": [0.5, 0.2]}, ylabel="loss", log=True)
    figure.canvas.draw()
    labels = [t.get_text() for t in axes.get_yticklabels(which="both")]
    assert {"0.2", "0.5"} <= set(labels)
    assert not any("$" in label for label in labels)


def test_epochs_are_whole_numbers(figure: Any) -> None:
    axes = figure.subplots()
    viz.curves(axes, {"a": [3.0, 2.0]}, ylabel="loss")
    figure.canvas.draw()
    assert all(tick == int(tick) for tick in axes.get_xticks())


def test_more_runs_than_colours_are_all_drawn(figure: Any) -> None:
    axes = figure.subplots()
    viz.curves(axes, {str(k): [float(k)] for k in range(len(COLOURS) + 2)}, ylabel="loss")
    colours = [line.get_color() for line in axes.get_lines()]
    assert colours == [*COLOURS, *COLOURS[:2]]


def test_samples_shows_each_image(figure: Any) -> None:
    viz.samples(figure, IMAGES, LABELS, PROBABILITIES, NAMES, columns=3)
    shown = [axes.get_images()[0].get_array() for axes in figure.axes if axes.get_images()]
    np.testing.assert_array_equal(shown, IMAGES)


def test_samples_leaves_unused_cells_empty(figure: Any) -> None:
    viz.samples(figure, IMAGES, LABELS, PROBABILITIES, NAMES, columns=3)
    assert len(figure.axes) == 6
    unused = figure.axes[5]
    assert unused.get_title() == ""
    assert not unused.get_images()
    assert not any(axes.axison for axes in figure.axes)


def test_samples_says_prediction_and_confidence(figure: Any) -> None:
    viz.samples(figure, IMAGES, LABELS, PROBABILITIES, NAMES)
    assert [axes.get_title() for axes in figure.axes][:5] == [
        "cat (80%)", "dog (90%)", "cat (70%)\nis cow", "dog (50%)\nis cat", "dog (100%)"
    ]  # fmt: skip


def test_samples_colours_what_is_wrong(figure: Any) -> None:
    viz.samples(figure, IMAGES, LABELS, PROBABILITIES, NAMES)
    colours = [axes.title.get_color() for axes in figure.axes][:5]
    assert colours == ["black", "black", COLOURS[1], COLOURS[1], "black"]


def test_samples_and_curves_share_a_figure(figure: Any, tmp_path: Any) -> None:
    left, right = figure.subfigures(1, 2)
    viz.curves(left.subplots(), {"a": [1.0, 0.5]}, ylabel="loss")
    viz.samples(right, IMAGES, LABELS, PROBABILITIES, NAMES, columns=2)
    figure.savefig(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes()[1:4] == b"PNG"
    assert [len(left.axes), len(right.axes)] == [1, 6]


def test_missing_matplotlib_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"viz needs matplotlib: pip install tinygrad_scratch\[viz\]"):
        new_figure(4, 3)
