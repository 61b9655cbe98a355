"""Scripts that classify pictures, the options that all scripts share, and the benchmark, run as a user runs them."""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
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


def test_fashion_mnist_reads_a_folder(tmp_path: Path) -> None:
    """On files it makes itself: ten classes, each one bright row."""
    rng = np.random.default_rng(0)
    for part, n in (("train", 600), ("t10k", 200)):
        labels = rng.integers(0, 10, n).astype(np.uint8)
        images = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
        images[np.arange(n), 2 * labels] = 255
        for name, array in ((f"{part}-images-idx3-ubyte", images), (f"{part}-labels-idx1-ubyte", labels)):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(header + array.tobytes()))
    arguments = ["--data", str(tmp_path), "--out", str(tmp_path), "--epochs", "6", "--hidden", "32"]
    said, text = script("examples/fashion_mnist.py", *arguments)
    assert CHECKED in text
    assert float(said["accuracy"]) > 0.9
    assert is_picture(said["picture"])
    assert float(script("examples/fashion_mnist.py", *arguments, "--quick")[0]["accuracy"]) > 0.1


def test_missing_data_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("tqdm")
    done = run("examples/fashion_mnist.py", "--data", str(tmp_path))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "has neither train-images-idx3-ubyte nor" in done.stderr


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
