"""save, load, load_metadata."""

from __future__ import annotations

import json
import os
import reprlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..core import tree as trees
from ..core.errors import ArgumentError, ConcreteError, DataError, DtypeError, MissingFileError, TinygradError
from ..core.files import replacing
from ..core.trace import Traced
from .form import describe, fill, restore
from .formats import FORMATS, Format

_NAME, _VERSION = "tinygrad_scratch.tree", 1

File = str | os.PathLike[str]


def save(file: File, tree: Any, metadata: Any = None) -> None:
    """Write a tree, with `metadata` (whatever JSON holds) beside it, as `.safetensors` or `.npz`.

    All of it is written, or the old file stays: a process that is killed on the way leaves at most a file *.part.
    Arrays keep every bit, their shape and dtype, in the machine's byte order. Missing folders are made; the mode of
    the old file is kept, a link stays one, and "~" is the home.

    Raises ArgumentError for another ending, metadata that JSON does not hold, a tree that is too deep or a part of
    itself, or keys that are neither strings nor integers; DtypeError for an array that the format has no room for;
    ConcreteError for a Tensor; TreeError for an object that is no tree; DataError if the file cannot be written;
    MissingExtraError for `.safetensors` without safetensors.
    """
    path, form = _format("save", file)
    text, arrays = _described(tree, _checked(metadata))
    plain = {name: _plain(name, x, path.suffix, form) for name, x in arrays.items()}
    try:
        with replacing(path) as part:
            form.write(part, plain, text)
    except OSError as error:
        raise DataError(f"save: {path} could not be written ({error}); check the folder and the disk") from error


def load(file: File, like: Any = None) -> Any:
    """The tree in a file of `save`. Its arrays are writable and the caller's own.

    `like` is a tree of the same structure, shapes and dtypes; the answer has its containers and the file's leaves.
    Without it the tree is made of dict, OrderedDict, list and tuple. What a registered class keeps besides its
    children comes from `like`.

    Raises MissingFileError if there is no file; DataError if it is damaged, foreign, of another version, or differs
    from `like`, with the first path at which it does; ArgumentError for another ending, or if it needs `like` and has
    none.
    """
    if like is not None:
        trees.flatten(like)
    path, form = _format("load", file)
    with _reading("load", path):
        arrays, text = form.read(path, False)
        saved = _header("load", path, text)["tree"]
        return restore(saved, arrays) if like is None else fill(like, saved, arrays, path)


def load_metadata(file: File) -> Any:
    """The metadata that `save` was given, None without; no array is read. Raises as `load` does."""
    path, form = _format("load_metadata", file)
    with _reading("load_metadata", path):
        return _header("load_metadata", path, form.read(path, True)[1])["metadata"]


def _format(what: str, file: File) -> tuple[Path, Format]:
    if not isinstance(file, (str, os.PathLike)) or "\0" in os.fspath(file):
        raise ArgumentError(f"{what}: file={file!r} is no name of a file, expected a string or a pathlib.Path")
    path = Path(os.path.expanduser(file))
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise ArgumentError(f"{what}: {path} ends in {path.suffix!r}, expected one of {', '.join(FORMATS)}")
    return path, FORMATS[ending]


def _described(tree: Any, metadata: Any) -> tuple[str, dict[str, Any]]:
    """The text that stands beside the arrays of a tree, and these by name."""
    arrays: dict[str, Any] = {}
    try:
        trees.flatten(tree)  # refuses what is no tree
        header = {"format": _NAME, "version": _VERSION, "tree": describe(tree, arrays), "metadata": metadata}
        return json.dumps(header), arrays
    except RecursionError as error:
        raise ArgumentError("save: the tree is too deep, or is a part of itself; make it flatter") from error


def _checked(metadata: Any) -> Any:
    try:
        same = json.loads(json.dumps(metadata, allow_nan=False)) == metadata
    except (TypeError, ValueError, RecursionError):
        same = False
    if not same:
        raise ArgumentError(
            f"save: metadata={reprlib.repr(metadata)} is not JSON; "
            "expected None, numbers, strings, lists, dicts with string keys"
        )
    return metadata


def _plain(name: str, x: Any, ending: str, form: Format) -> Any:
    """A plain array, as it is written."""
    if isinstance(x, Traced):
        raise ConcreteError(
            f"save: {name!r} is a Tensor inside of a transformation; return it first and save it outside"
        )
    x = np.asarray(x)
    x = x.astype(x.dtype.newbyteorder("="), order="C", copy=False)
    if not form.takes(x.dtype):
        advice = "save it as .npz" if FORMATS[".npz"].takes(x.dtype) else "convert it to numbers"
        raise DtypeError(f"save: {name!r} is an array of {x.dtype}, which {ending} has no room for; {advice}")
    return x


@contextmanager
def _reading(what: str, path: Path) -> Iterator[None]:
    if path.is_dir():
        raise DataError(f"{what}: {path} is a folder, expected a file of tg.io.save")
    try:
        yield
    except TinygradError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingFileError(f"{what}: {path} does not exist; check the path") from error
    except Exception as error:  # whatever the bytes are, they are not ours
        raise DataError(
            f"{what}: {path} is damaged or no file of tg.io.save ({type(error).__name__}: {error})"
        ) from error


def _header(what: str, path: Path, text: str) -> Any:
    header = json.loads(text)
    if header["format"] != _NAME or header["version"] != _VERSION:
        raise DataError(
            f"{what}: {path} is {header['format']!r} of version {header['version']}, "
            f"expected {_NAME!r} of version {_VERSION}; it was written by another version of this package"
        )
    return header
