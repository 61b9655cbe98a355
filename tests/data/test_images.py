"""MNIST and Fashion-MNIST from small files in their format: what is read, and what is refused."""

import gzip
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinygrad_scratch.core.errors import DataError, MissingFileError
from tinygrad_scratch.data import Dataset, fashion_mnist, images, load_idx_folder, mnist

Loader = Callable[..., Dataset]

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def idx(array: NDArray[Any], code: int = 0x08) -> bytes:
    return bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def pixels(n: int, seed: Any = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28), np.uint8)


def labels(n: int) -> NDArray[np.uint8]:
    return (np.arange(n) % 10).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """20 images for training and 5 for the test."""
    for part, n in ("train", 20), ("t10k", 5):
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(pixels(n)))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels(n)))
    return tmp_path


def pack(folder: Path, name: str) -> None:
    path = folder / name
    (folder / f"{name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()


def message_of(folder: Path, path: Path) -> str:
    with pytest.raises(DataError) as caught:
        mnist(folder)
    assert str(path) in str(caught.value)
    assert "put the published file in its place" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("packed", [(), FILES, FILES[:1]], ids=["unpacked", "packed", "mixed"])
@pytest.mark.parametrize("load", [mnist, fashion_mnist])
def test_images_from_a_folder(folder: Path, load: Loader, packed: tuple[str, ...]) -> None:
    for name in packed:
        pack(folder, name)
    data = load(str(folder))
    np.testing.assert_array_equal(data.x_train, (pixels(20) / 255).astype(np.float32), strict=True)
    np.testing.assert_array_equal(data.x_test, (pixels(5) / 255).astype(np.float32), strict=True)
    np.testing.assert_array_equal(data.y_train, labels(20).astype(np.int64), strict=True)
    np.testing.assert_array_equal(data.y_test, labels(5).astype(np.int64), strict=True)


def test_images_reach_zero_and_one_exactly(folder: Path) -> None:
    ramp = np.arange(28 * 28, dtype=np.int64).astype(np.uint8).reshape(1, 28, 28)
    (folder / FILES[2]).write_bytes(idx(np.repeat(ramp, 5, axis=0)))
    data = mnist(folder)
    assert (data.x_test.min(), data.x_test.max()) == (0.0, 1.0)


def test_images_names_of_the_classes(folder: Path) -> None:
    assert mnist(folder).names == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
    assert fashion_mnist(folder).names == (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip
    assert load_idx_folder(folder, list("abcdefghij")).names[9] == "j"


@pytest.mark.parametrize("name", FILES)
def test_images_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(MissingFileError) as caught:
        mnist(folder)
    assert f"{folder} has neither {name} nor {name}.gz, expected one of them; give the folder" in str(caught.value)


def test_images_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="is no folder"):
        fashion_mnist(tmp_path / "none")


def test_images_counts_disagree(folder: Path) -> None:
    (folder / FILES[1]).write_bytes(idx(labels(19)))
    message = message_of(folder, folder / FILES[1])
    assert f"has 19 labels, expected 20, the number of images in {folder / FILES[0]}" in message


@pytest.mark.parametrize("shape", [(20, 28, 27), (20, 32, 28), (20, 784), (20, 28, 28, 1)])
def test_images_of_another_size(folder: Path, shape: tuple[int, ...]) -> None:
    (folder / FILES[0]).write_bytes(idx(np.zeros(shape, np.uint8)))
    message = message_of(folder, folder / FILES[0])
    assert f"has uint8 of shape {shape}, expected uint8 of shape (n, 28, 28)" in message


def test_images_of_another_dtype(folder: Path) -> None:
    (folder / FILES[0]).write_bytes(idx(np.zeros((20, 28, 28), ">f4"), 0x0D))
    assert "has float32 of shape (20, 28, 28), expected uint8" in message_of(folder, folder / FILES[0])
    (folder / FILES[0]).write_bytes(idx(pixels(20)))
    (folder / FILES[1]).write_bytes(idx(np.zeros(20, ">i4"), 0x0C))
    assert "has int32 of shape (20,), expected uint8 of shape (n,)" in message_of(folder, folder / FILES[1])


def test_images_labels_with_two_axes(folder: Path) -> None:
    (folder / FILES[3]).write_bytes(idx(labels(5)[:, None]))
    assert "has uint8 of shape (5, 1), expected uint8 of shape (n,)" in message_of(folder, folder / FILES[3])


def test_images_label_out_of_range(folder: Path) -> None:
    bad = labels(5)
    bad[3] = 10
    (folder / FILES[3]).write_bytes(idx(bad))
    assert "has the label 10 at position 3, expected labels from 0 to 9" in message_of(folder, folder / FILES[3])


def test_images_damaged_file(folder: Path) -> None:
    pack(folder, FILES[0])
    path = folder / f"{FILES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"read_idx: .*train-images-idx3-ubyte\.gz cannot be read to its end"):
        mnist(folder)


@pytest.fixture
def publisher(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Path]:
    """The four files, packed, at a file:// URL that stands for both publishers; the cache is another folder."""
    for name in FILES:
        pack(folder, name)
    md5s = tuple(hashlib.md5((folder / f"{name}.gz").read_bytes()).hexdigest() for name in FILES)
    for which in "MNIST", "FASHION":
        monkeypatch.setattr(images, f"_{which}_URL", f"{folder.as_uri()}/")
        monkeypatch.setattr(images, f"_{which}_MD5", md5s)
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TINYGRAD_SCRATCH_CACHE", str(cache))
    return folder, cache


@pytest.mark.parametrize("load", [mnist, fashion_mnist])
def test_images_are_downloaded_once(publisher: tuple[Path, Path], load: Loader) -> None:
    source, cache = publisher
    first = load()
    assert sorted(path.name for path in (cache / load.__name__).iterdir()) == sorted(f"{name}.gz" for name in FILES)
    for path in source.iterdir():
        path.unlink()
    for a, b in zip(first, load(), strict=True):
        np.testing.assert_array_equal(a, b, strict=True)
    np.testing.assert_array_equal(first.y_train, labels(20))


def test_images_changed_at_the_publisher(publisher: tuple[Path, Path]) -> None:
    source, cache = publisher
    (source / f"{FILES[2]}.gz").write_bytes(gzip.compress(idx(pixels(5, seed=1))))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz has the MD5 checksum"):
        mnist()
    assert sorted(path.name for path in (cache / "mnist").iterdir()) == sorted(f"{name}.gz" for name in FILES[:2])


def test_images_download_fails_then_resumes(publisher: tuple[Path, Path]) -> None:
    source, _ = publisher
    content = (source / f"{FILES[3]}.gz").read_bytes()
    (source / f"{FILES[3]}.gz").unlink()
    with pytest.raises(DataError, match="could not be saved"):
        fashion_mnist()
    (source / f"{FILES[3]}.gz").write_bytes(content)
    assert len(fashion_mnist().y_test) == 5


def test_images_checksums_do_not_apply_to_a_folder(publisher: tuple[Path, Path]) -> None:
    source, _ = publisher
    (source / f"{FILES[2]}.gz").write_bytes(gzip.compress(idx(pixels(5, seed=1))))
    np.testing.assert_array_equal(mnist(source).x_test, (pixels(5, seed=1) / 255).astype(np.float32))
