"""Fashion-MNIST by two nets, on small files in its format; and pictures of one's own."""

from pathlib import Path

import numpy as np
import pytest

import tinygrad_scratch as tg

from .running import is_picture, module, run, script

CHECKED = "the gradient of the loss agrees with finite differences"


def test_dense_net_reads_a_folder(clothes: Path, tmp_path: Path) -> None:
    options = ["--data", str(clothes), "--out", str(tmp_path), "--epochs", "8", "--hidden", "32"]
    said, text = script("examples/fashion_mnist.py", *options)
    assert CHECKED in text
    assert float(said["accuracy"]) > 0.9
    assert is_picture(said["picture"])
    assert is_picture(said["inside"])


def test_missing_data_is_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("tqdm")
    done = run("examples/fashion_mnist.py", "--data", str(tmp_path))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "has neither train-images-idx3-ubyte nor" in done.stderr


def test_cnn_goes_on_from_its_checkpoint(clothes: Path, tmp_path: Path) -> None:
    options = ["--quick", "--data", str(clothes), "--out", str(tmp_path), "--checkpoint", str(tmp_path / "run.npz")]
    said, text = script("examples/fashion_cnn.py", *options)
    assert CHECKED in text
    assert float(said["accuracy"]) > 0.2
    assert is_picture(said["picture"])
    model = tg.io.load_model(tmp_path / "fashion_cnn.npz")
    data = tg.data.fashion_mnist(clothes)
    scores = model(data.x_test.reshape(-1, 784))
    assert f"{tg.metrics.accuracy(scores, data.y_test):.3f}" == f"{float(said['accuracy']):.3f}"
    told = tg.io.load_metadata(tmp_path / "run.npz")
    assert told["epochs"] == 2
    assert script("examples/fashion_cnn.py", *options)[0] == said


def test_pictures_of_ones_own(clothes: Path, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    options = ["--quick", "--data", str(clothes), "--out", str(tmp_path)]
    said, text = script("examples/classify_picture.py", *options)
    samples = module("classify_picture").SAMPLES
    assert "there is no net yet, so one is trained first" in text
    assert float(said["confidence_sum"]) == pytest.approx(1, abs=1e-4)
    assert len(said["labels"].split(", ")) == len(samples)
    assert is_picture(said["picture"])
    assert all(tg.data.picture(tmp_path / f"{name}.png").max() == 1 for name in samples)

    page = np.full((300, 500, 3), (250, 240, 230), np.uint8)
    page[40:280, 200:320] = (120, 20, 20)
    image.fromarray(page).save(tmp_path / "my photograph.jpg")
    said, text = script("examples/classify_picture.py", *options, str(tmp_path / "my photograph.jpg"))
    assert "trained" not in text
    assert said["labels"] in tg.data.FASHION_MNIST_NAMES
    (confidences,) = (line.rsplit(": ", 1)[1] for line in text.splitlines() if "photograph.jpg:" in line)
    assert sum(float(part.split()[-1].rstrip("%")) for part in confidences.split(", ")) == pytest.approx(100, abs=0.5)


def test_what_is_no_picture_is_one_sentence_before_any_work(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    (tmp_path / "boot.png").write_text("a boot")
    done = run("examples/classify_picture.py", "--out", str(tmp_path), str(tmp_path / "boot.png"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "is no picture" in done.stderr
