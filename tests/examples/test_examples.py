"""The digits, the options that all scripts share, and the benchmark, run as a user runs them."""

import json
from pathlib import Path

import pytest

from .running import is_picture, run, script

CHECKED = "the gradient of the loss agrees with finite differences"


def test_digits_reads_handwriting(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    said, text = script("examples/digits.py", "--out", str(tmp_path))
    assert CHECKED in text
    assert float(said["accuracy"]) >= 0.97
    assert float(said["loss"]) < 0.2
    assert is_picture(said["picture"])


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [("--epochs", "0", "expected an integer, 1 or more"), ("--seed", "-1", "expected an integer, 0 or more")],
)
def test_bad_options_are_refused_before_training(option: str, value: str, words: str) -> None:
    done = run("examples/digits.py", option, value)
    assert done.returncode == 2
    assert words in done.stderr


def test_out_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    (tmp_path / "file").write_text("")
    done = run("examples/digits.py", "--out", str(tmp_path / "file"))
    assert done.returncode == 2
    assert "cannot be made or is no folder" in done.stderr


def test_benchmark_prints_and_writes_the_table(tmp_path: Path) -> None:
    file = tmp_path / "eager.json"
    done = run("-m", "benchmarks", "eager", "--seconds", "0.05", "--json", str(file))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 8
    assert lines[1].startswith("2-8-1 sigmoid")
    figures = json.loads(file.read_text())
    assert len(figures["rows"]) == 5
    assert all(row["eager"]["ratio"] > 0 and row["hand"]["ratio"] == 1 for row in figures["rows"])
    assert figures["setting"]["OPENBLAS_NUM_THREADS"] == "1"
