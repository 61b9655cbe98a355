"""Grids of pictures."""

from typing import Any

import numpy as np
import pytest

from tinygrad_scratch import viz
from tinygrad_scratch.core.errors import ArgumentError, DataError, ShapeError
from tinygrad_scratch.viz.figure import COLOURS

NAMES = ("cat", "dog", "cow")
IMAGES = np.arange(5 * 4 * 3.0).reshape(5, 4, 3)
LABELS = np.array([0, 1, 2, 0, 1])
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.1, 0.9, 0.0], [0.7, 0.0, 0.3], [0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])


def shown(figure: Any) -> list[Any]:
    return [axes.get_images()[0].get_array() for axes in figure.axes if axes.get_images()]


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


@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 4, 3, 1), (5, 4, 3, 3)])
def test_samples_takes_grey_and_colours(figure: Any, shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).random(shape)
    viz.samples(figure, images, LABELS, PROBABILITIES, NAMES)
    np.testing.assert_array_equal(shown(figure), images[..., 0] if shape[-1] == 1 else images)


def test_samples_without_labels_knows_no_wrong(figure: Any) -> None:
    viz.samples(figure, IMAGES, None, PROBABILITIES)
    titles = [axes.get_title() for axes in figure.axes][:5]
    assert titles == ["0 (80%)", "1 (90%)", "0 (70%)", "1 (50%)", "1 (100%)"]


def test_samples_takes_one_hot_labels(figure: Any) -> None:
    viz.samples(figure, IMAGES, np.eye(3)[LABELS], PROBABILITIES, NAMES)
    assert [axes.get_title() for axes in figure.axes][2] == "cat (70%)\nis cow"


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"images": IMAGES[0]}, ShapeError, r"images has shape \(4, 3\), expected \(n, height, width\) or"),
        ({"images": IMAGES[:0]}, DataError, "images is empty"),
        ({"images": np.where(IMAGES == 7, np.nan, IMAGES)}, DataError, r"images has nan at \[0, 2, 1\]"),
        ({"labels": LABELS[:4]}, ShapeError, "labels have shape"),
        ({"labels": LABELS + 1}, ArgumentError, "label 3 is out of range"),
        ({"probabilities": PROBABILITIES[:4]}, ShapeError, r"has shape \(4, 3\), expected \(5, classes\)"),
        ({"probabilities": 3 * PROBABILITIES}, DataError, "probabilities .* tg.nn.softmax makes them from logits"),
        ({"names": ["cat"]}, ArgumentError, "got 1 names, expected 3, one a class"),
    ],
)
def test_samples_refuses_what_does_not_fit(figure: Any, change: Any, error: Any, sentence: str) -> None:
    given = {"images": IMAGES, "labels": LABELS, "probabilities": PROBABILITIES, "names": NAMES}
    with pytest.raises(error, match=f"samples: .*{sentence}"):
        viz.samples(figure, **(given | change))


def test_pairs_stand_above_each_other(figure: Any) -> None:
    viz.pairs(figure, IMAGES, -IMAGES, titles="abcde", columns=3)
    rows = [IMAGES[:3], -IMAGES[:3], IMAGES[3:], -IMAGES[3:]]
    np.testing.assert_array_equal(shown(figure), np.concatenate(rows))
    assert [axes.get_title() for axes in figure.axes if axes.get_title()] == list("abcde")
    assert [axes.get_ylabel() for axes in figure.axes if axes.get_ylabel()] == ["input", "output"] * 2


def test_pairs_have_one_scale(figure: Any) -> None:
    viz.pairs(figure, IMAGES, 0.5 * IMAGES)
    scales = {axes.get_images()[0].get_clim() for axes in figure.axes}
    assert scales == {(IMAGES.min(), IMAGES.max())}


def test_pairs_refuses_what_does_not_fit(figure: Any) -> None:
    with pytest.raises(ShapeError, match=r"pairs: inputs have shape \(5, 4, 3\) and outputs \(4, 4, 3\)"):
        viz.pairs(figure, IMAGES, IMAGES[:4])
    with pytest.raises(ShapeError, match="pairs: got 2 titles for 5 pairs"):
        viz.pairs(figure, IMAGES, IMAGES, titles="ab")


@pytest.mark.parametrize("columns", [0, -2])
def test_columns_that_make_no_sense_are_refused(figure: Any, columns: int) -> None:
    with pytest.raises(ArgumentError, match=f"samples: columns={columns}, expected an integer of at least 1"):
        viz.samples(figure, IMAGES, LABELS, PROBABILITIES, columns=columns)
    with pytest.raises(ArgumentError, match=f"pairs: columns={columns}, expected an integer of at least 1"):
        viz.pairs(figure, IMAGES, IMAGES, columns=columns)
