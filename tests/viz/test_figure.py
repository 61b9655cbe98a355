"""Figures, their colours, and what is checked before anything is drawn."""

import sys
from typing import Any

import numpy as np
import pytest

from tinygrad_scratch.core.errors import ArgumentError, DataError, DtypeError, MissingExtraError, ShapeError
from tinygrad_scratch.viz.checks import numbers, which_class
from tinygrad_scratch.viz.decisions import mixed
from tinygrad_scratch.viz.figure import COLOURS, class_colours, new_figure


def test_figures_have_the_size_asked_for() -> None:
    pytest.importorskip("matplotlib")
    assert new_figure(4, 3).get_size_inches().tolist() == [4, 3]


def test_missing_matplotlib_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"viz needs matplotlib: pip install tinygrad_scratch\[viz\]"):
        new_figure(4, 3)


@pytest.mark.parametrize("classes", [1, 2, 6, 7, 40])
def test_each_class_has_a_colour_of_its_own(classes: int) -> None:
    pytest.importorskip("matplotlib")
    colours = class_colours(classes)
    assert len({tuple(c) for c in colours}) == classes
    assert classes > len(COLOURS) or colours == list(COLOURS[:classes])


def test_numbers_are_given_back_as_they_are() -> None:
    x = np.ones((2, 3), np.float32)
    assert numbers("f", "x", x, "(n,)", "(n, 3)") is x


@pytest.mark.parametrize(
    ("value", "error", "sentence"),
    [
        ([[1.0]], ShapeError, r"f: x has shape \(1, 1\), expected \(n,\) or \(n, 2\)"),
        ([[1.0], [1.0, 2.0]], ShapeError, r"f: x is no array \(.*\), expected \(n,\) or \(n, 2\)"),
        (np.empty((0, 2)), DataError, r"f: x is empty, of shape \(0, 2\), expected data"),
        ([1.0, np.inf, np.nan], DataError, r"f: x has inf at \[1\], expected finite numbers"),
        (["a"], DtypeError, "f: x has dtype <U1, expected real numbers"),
        ([1j], DtypeError, "f: x has dtype complex128, expected real numbers"),
    ],
)
def test_other_numbers_are_refused(value: Any, error: Any, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        numbers("f", "x", value, "(n,)", "(n, 2)")


@pytest.mark.parametrize("y", [[0, 2, 1], [[0], [2], [1]], [0.0, 2.0, 1.0], np.eye(3)[[0, 2, 1]]])
def test_classes_come_in_several_forms(y: Any) -> None:
    assert which_class("f", y, 3, 3).tolist() == [0, 2, 1]


def test_classes_are_whole_numbers() -> None:
    with pytest.raises(DataError, match=r"f: y has numbers such as 0.5, expected 0 to 2"):
        which_class("f", [0, 0.5, 1], 3, 3)


@pytest.mark.parametrize("sizes", [(-1, 3), (4, 0), (4, float("inf")), (4, 3, 0)])
def test_sizes_that_make_no_sense_are_refused(sizes: Any) -> None:
    with pytest.raises(ArgumentError, match=r"new_figure: (width|height|dpi)=.*, expected a number above 0"):
        new_figure(*sizes)


def test_twelve_colours_are_told_apart_behind_the_points() -> None:
    pytest.importorskip("matplotlib")
    shown = mixed(np.eye(12), class_colours(12))
    apart = np.abs(shown[:, None] - shown).sum(axis=-1) + 9 * np.eye(12)
    assert apart.min() == apart[:6, :6].min()  # none are closer than two of the safe ones
