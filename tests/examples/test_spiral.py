"""The spiral and the regressions, as a user runs them."""

from pathlib import Path

import numpy as np
import pytest

import tinygrad_scratch as tg

from .running import is_picture, module, run, script

CHECKED = "the gradient of the loss agrees with finite differences"


def is_film(path: str) -> bool:
    return Path(path).read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize("classes", ["3", "2"])
def test_spiral_shows_itself(classes: str, tmp_path: Path) -> None:
    said, text = script("examples/spiral.py", "--quick", "--classes", classes, "--out", str(tmp_path))
    assert CHECKED in text
    assert {"loss", "mean_loss", "penalty"} <= said.keys()
    assert 0 < float(said["accuracy"]) < 1
    assert 0 < float(said["mean_accuracy"]) < 1
    assert is_picture(said["picture"])
    assert is_film(said["film"])


def test_regression_shows_itself(tmp_path: Path) -> None:
    film = tmp_path / "own.gif"
    said, text = script("examples/regression.py", "--quick", "--film", str(film), "--out", str(tmp_path))
    assert text.count(CHECKED) == 2
    assert float(said["sine_mse"]) < 0.5
    assert float(said["surface_mse"]) < 0.5
    assert is_picture(said["picture"])
    assert [Path(said[f"{name}_film"]).name for name in ("sine", "surface")] == ["own_sine.gif", "own_surface.gif"]
    assert is_film(said["sine_film"])
    assert is_film(said["surface_film"])


def test_two_classes_have_one_output_that_says_which() -> None:
    model = module("spiral").classifier(2)
    x, y = model.points(0, samples=50)
    state = model.task.init(tg.random.key(0), (2,))
    logits = model.task.predict(state, x)
    assert logits.shape == (100,)
    assert model.task.evaluate(state, x, y)["accuracy"] == np.mean((logits > 0) == y)


def test_film_or_window_but_not_both() -> None:
    done = run("examples/spiral.py", "--live", "--film", "spiral.gif")
    assert done.returncode == 2
    assert "not allowed with argument" in done.stderr
