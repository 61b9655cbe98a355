"""MNIST and Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 grey pixels in ten classes.

They come as four IDX files, gzip-compressed or unpacked:
{train,t10k}-images-idx3-ubyte[.gz] and {train,t10k}-labels-idx1-ubyte[.gz].
Checksums are those of the published files, and are compared only when we download; the user's own files are
judged by what is in them.

Sources: http://yann.lecun.com/exdb/mnist, https://github.com/zalandoresearch/fashion-mnist
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.cache import cache_folder
from ..core.errors import DataError, MissingFileError
from .download import download
from .idx import read_idx

_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

_MNIST_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_MNIST_MD5 = (
    "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "d53e105ee54ea40749a09fcbcd1e9432",
    "9fb629c4189551a2d022fa330f9573f3",
    "ec29112dd5afa0611ce80d1b7f02629c",
)
_MNIST_NAMES = tuple("0123456789")

_FASHION_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_FASHION_MD5 = (
    "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "25c81989df183df01b3e8a0aad5dffbe",
    "bef4ecab320f06d8554ea6380940ec79",
    "bb300cfdad3c16e7a12a480ee83cd310",
)
FASHION_MNIST_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


class Dataset(NamedTuple):
    """Images with their classes, for training and for the test.

    x_train, x_test   float32 in [0, 1], shape (n, height, width)
    y_train, y_test   int64, shape (n,): the class of each image
    names             the name of each class

    >>> Dataset(*np.zeros((4, 0)), names=("cat", "dog")).names[1]
    'dog'
    """

    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    names: tuple[str, ...]


def mnist(folder: str | os.PathLike[str] | None = None) -> Dataset:
    """MNIST, handwritten digits, from the four published files in `folder`.

    Without `folder` they are downloaded once (11 MB) into the user's cache folder, or the one that the environment
    variable TINYGRAD_SCRATCH_CACHE names.

    Raises MissingFileError if a file is not in `folder`, and DataError if one is damaged or cannot be downloaded.

    >>> mnist().x_train.shape  # doctest: +SKIP
    (60000, 28, 28)
    >>> mnist("no/such/folder")
    Traceback (most recent call last):
    tinygrad_scratch.core.errors.MissingFileError: ...
    """
    if folder is None:
        folder = _cached("mnist", _MNIST_URL, _MNIST_MD5)
    return load_idx_folder(folder, _MNIST_NAMES)


def fashion_mnist(folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Fashion-MNIST, articles of clothing, from the four published files in `folder`.

    Without `folder` they are downloaded once (31 MB) into the user's cache folder, or the one that the environment
    variable TINYGRAD_SCRATCH_CACHE names.

    Raises MissingFileError if a file is not in `folder`, and DataError if one is damaged or cannot be downloaded.

    >>> data = fashion_mnist()  # doctest: +SKIP
    >>> data.names[data.y_train[0]]  # doctest: +SKIP
    'Ankle boot'
    >>> fashion_mnist("no/such/folder")
    Traceback (most recent call last):
    tinygrad_scratch.core.errors.MissingFileError: ...
    """
    if folder is None:
        folder = _cached("fashion_mnist", _FASHION_URL, _FASHION_MD5)
    return load_idx_folder(folder, FASHION_MNIST_NAMES)


def load_idx_folder(folder: str | os.PathLike[str], names: Sequence[str]) -> Dataset:
    """Any data set in the four files of MNIST, with classes named `names`; label k is the class `names[k]`.

    Raises MissingFileError if a file is not in `folder`, and DataError if one is damaged, an images file is not
    uint8 of shape (n, 28, 28), a labels file is not uint8 of shape (n,), or a label has no name.

    >>> import pathlib, tempfile
    >>> images = bytes([0, 0, 8, 3,  0, 0, 0, 1,  0, 0, 0, 28,  0, 0, 0, 28]) + bytes([255] * 784)
    >>> labels = bytes([0, 0, 8, 1,  0, 0, 0, 1,  5])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for part in "train", "t10k":
    ...         _ = pathlib.Path(folder, f"{part}-images-idx3-ubyte").write_bytes(images)
    ...         _ = pathlib.Path(folder, f"{part}-labels-idx1-ubyte").write_bytes(labels)
    ...     data = load_idx_folder(folder, names=list("abcdef"))
    >>> data.x_train.shape, data.x_train.max(), data.names[data.y_train[0]]
    ((1, 28, 28), np.float32(1.0), 'f')
    """
    paths = [_find(Path(folder), name) for name in _FILES]
    x_train, y_train = _pair(paths[0], paths[1], len(names))
    x_test, y_test = _pair(paths[2], paths[3], len(names))
    return Dataset(x_train, y_train, x_test, y_test, tuple(names))


def _cached(name: str, url: str, md5s: Sequence[str]) -> Path:
    """The folder in the cache that has the four files of the data set, after downloading those it lacks."""
    folder = cache_folder() / name
    for file, md5 in zip(_FILES, md5s, strict=True):
        path = folder / f"{file}.gz"
        if not path.exists():
            download(url + path.name, path, md5)
    return folder


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    found = "has neither" if folder.is_dir() else "is no folder, so has neither"
    raise MissingFileError(
        f"load_idx_folder: {folder} {found} {name} nor {name}.gz, expected one of them; "
        "give the folder that holds the four published files"
    )


def _pair(images_path: Path, labels_path: Path, classes: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise _wrong(images_path, f"has {_kind(images)}", "uint8 of shape (n, 28, 28)")
    if not len(images):
        raise _wrong(images_path, "has no images", "at least one")
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise _wrong(labels_path, f"has {_kind(labels)}", "uint8 of shape (n,)")
    if len(labels) != len(images):
        raise _wrong(labels_path, f"has {len(labels)} labels", f"{len(images)}, the number of images in {images_path}")
    unknown = np.flatnonzero(labels >= classes)
    if unknown.size:
        i = unknown[0]
        raise _wrong(labels_path, f"has the label {labels[i]} at position {i}", f"labels from 0 to {classes - 1}")
    return np.divide(images, 255, dtype=np.float32), labels.astype(np.int64)


def _kind(array: NDArray[Any]) -> str:
    return f"{array.dtype} of shape {array.shape}"


def _wrong(path: Path, found: str, expected: str) -> DataError:
    return DataError(f"load_idx_folder: {path} {found}, expected {expected}; put the published file in its place")
