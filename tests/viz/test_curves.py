"""Curves: a line a run, as given, with axes that say what is on them."""

from typing import Any

import numpy as np
import pytest

from tinygrad_scratch import viz
from tinygrad_scratch.core.errors import ArgumentError, DataError, ShapeError
from tinygrad_scratch.viz.curves import STYLES
from tinygrad_scratch.viz.figure import COLOURS


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
    figure.draw_without_rendering()
    labels = [t.get_text() for t in axes.get_yticklabels(which="both")]
    assert {"0.2", "0.5"} <= set(labels)
    assert not any("$" in label for label in labels)


def test_epochs_are_whole_numbers(figure: Any) -> None:
    axes = figure.subplots()
    viz.curves(axes, {"a": [3.0, 2.0]}, ylabel="loss")
    figure.draw_without_rendering()
    assert all(tick == int(tick) for tick in axes.get_xticks())


def test_a_single_epoch_is_seen_and_whole(figure: Any) -> None:
    axes = figure.subplots()
    (line,) = viz.curves(axes, {"a": [3.0]}, ylabel="loss")
    figure.draw_without_rendering()
    assert line.get_marker() == "o"
    assert all(tick == int(tick) for tick in axes.get_xticks())


def test_more_runs_than_colours_differ_in_style(figure: Any) -> None:
    count = len(COLOURS) + 2
    lines = viz.curves(figure.subplots(), {str(k): [float(k)] for k in range(count)}, ylabel="loss")
    assert [line.get_color() for line in lines] == [*COLOURS, *COLOURS[:2]]
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == count


def test_parts_of_a_run_share_its_colour(figure: Any) -> None:
    runs = {"relu": {"training": [2.0, 1.0], "validation": [2.5, 1.5]}, "sigmoid": [3.0, 2.0]}
    lines = viz.curves(figure.subplots(), runs, ylabel="loss")
    assert [line.get_label() for line in lines] == ["relu, training", "relu, validation", "sigmoid"]
    assert [line.get_color() for line in lines] == [COLOURS[0], COLOURS[0], COLOURS[1]]
    assert [line.get_linestyle() for line in lines] == [STYLES[0], STYLES[1], STYLES[0]]


def test_numbers_stand_at_the_x_given(figure: Any) -> None:
    long, short = viz.curves(figure.subplots(), {"a": [3.0, 2.0, 1.0], "b": [4.0]}, ylabel="loss", x=[0, 100, 200])
    assert long.get_xydata().tolist() == [[0, 3], [100, 2], [200, 1]]
    assert short.get_xydata().tolist() == [[0, 4]]


@pytest.mark.parametrize("numbers", [[0.31, 0.3], [0.9, 0.2], [1.0, 1e-12], [0.0, 0.0], [np.nan, 1.0], []])
def test_log_scale_always_has_labels(figure: Any, numbers: list[float]) -> None:
    axes = figure.subplots()
    viz.curves(axes, {"a": numbers}, ylabel="loss", log=True)
    figure.draw_without_rendering()
    low, high = axes.get_ylim()
    assert sum(low <= tick <= high for tick in axes.get_yticks()) >= 2


def test_legend_covers_neither_lines_nor_title(figure: Any) -> None:
    axes = figure.subplots()
    axes.set_title("a title")
    viz.curves(axes, {"training": [1.0, 0.5], "validation": [1.1, 0.6]}, ylabel="loss")
    figure.draw_without_rendering()
    legend = axes.get_legend().get_window_extent()
    assert not legend.overlaps(axes.get_window_extent().padded(-1))
    assert not legend.overlaps(axes.title.get_window_extent())
    assert legend.x1 <= figure.bbox.x1


@pytest.mark.parametrize("numbers", [[[1.0, 2.0]], 3.0, [1.0, 2.0, 3.0]])
def test_numbers_that_do_not_fit_are_refused(figure: Any, numbers: Any) -> None:
    with pytest.raises(ShapeError, match=r"curves: run 'a' has numbers of shape .* and x of shape"):
        viz.curves(figure.subplots(), {"a": numbers}, ylabel="loss", x=[1, 2])


def test_no_runs_are_refused(figure: Any) -> None:
    with pytest.raises(DataError, match="curves: there are no runs"):
        viz.curves(figure.subplots(), {}, ylabel="loss")


def test_runs_that_are_no_mapping_are_refused(figure: Any) -> None:
    with pytest.raises(ArgumentError, match="curves: runs is of type list, expected a mapping of names to numbers"):
        viz.curves(figure.subplots(), [1, 2], ylabel="loss")  # type: ignore[arg-type]


def test_a_zero_is_a_gap_of_a_logarithmic_axis(figure: Any) -> None:
    axes = figure.subplots()
    (line,) = viz.curves(axes, {"a": [1, 0.5, 0, 0.25, 0.2]}, ylabel="loss", log=True)
    drawn = line.get_transform().transform_path(line.get_path()).vertices
    assert np.isfinite(drawn).all(axis=1).tolist() == [True, True, False, True, True]
    assert line.get_marker() == "None"


@pytest.mark.parametrize(
    ("numbers", "log", "alone"),
    [
        ([1, np.nan, 0.7, np.nan, 0.5], False, [0, 2, 4]),
        ([1, 0.9, np.inf, 0.5], False, [3]),
        ([1, 0, 0.7, 0.6], True, [0]),
        ([0, 1, 0], True, [1]),
    ],
)
def test_a_number_alone_is_a_dot(figure: Any, numbers: list[float], log: bool, alone: list[int]) -> None:
    (line,) = viz.curves(figure.subplots(), {"a": numbers}, ylabel="loss", log=log)
    assert (line.get_marker(), line.get_markevery()) == ("o", alone)


def test_every_run_is_in_the_legend(figure: Any) -> None:
    axes = figure.subplots()
    viz.curves(axes, {"_a": [1.0, 2.0], "b": [2.0, 1.0]}, ylabel="loss")
    assert [text.get_text().strip() for text in axes.get_legend().get_texts()] == ["_a", "b"]


@pytest.mark.parametrize("rows", [1, 2])
def test_a_long_legend_stays_in_the_figure(figure: Any, rows: int) -> None:
    for axes in np.ravel(figure.subplots(rows, 1)):
        viz.curves(axes, {f"run {k}": [1.0, k] for k in range(20)}, ylabel="loss")
    figure.draw_without_rendering()
    for axes in figure.axes:
        legend = axes.get_legend().get_window_extent()
        assert figure.bbox.y0 <= legend.y0
        assert legend.x1 <= figure.bbox.x1
        assert axes.get_window_extent().width > figure.bbox.width / 4
