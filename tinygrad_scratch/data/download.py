"""Download into a file that either is whole and has the right checksum, or is not there.

The bytes go to a temporary file beside the target, are checked, and take the final name in one step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from ..core.errors import DataError
from ..core.files import replacing

_CHUNK = 1 << 16
_TIMEOUT = 60.0
_ADVICE = "or fetch the file yourself and pass its folder as folder="


def download(url: str, path: str | os.PathLike[str], md5: str) -> None:
    """Save what `url` gives as the file `path`, if its MD5 checksum (hexadecimal digits) is `md5`.

    Missing folders are made; an existing file is replaced. Shows a progress bar if tqdm is installed.

    Raises DataError if the URL cannot be read, the file cannot be written, or the checksum differs.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     source, copy = pathlib.Path(folder, "source"), pathlib.Path(folder, "copy")
    ...     _ = source.write_bytes(b"hello")
    ...     download(source.as_uri(), copy, md5="5d41402abc4b2a76b9719d911017c592")
    ...     copy.read_bytes()
    b'hello'
    """
    from http.client import HTTPException  # here and below: these take longer to import than all of this package

    path = Path(path)
    try:
        with replacing(path) as part:
            found = _fetch(url, part)
            if found != md5.lower():
                raise DataError(
                    f"download: {url} has the MD5 checksum {found}, expected {md5}; "
                    f"it was cut short or changed, try again, {_ADVICE}"
                )
    except DataError:
        raise
    except (OSError, HTTPException, ValueError) as error:  # ValueError: no URL at all, or a damaged header
        raise DataError(
            f"download: {url} could not be saved as {path} ({error}), expected a readable URL and a writable folder; "
            f"check the network and the disk and try again, {_ADVICE}"
        ) from error


def _fetch(url: str, part: Path) -> str:
    """Write what `url` gives to the new file `part`; its MD5."""
    import hashlib
    import urllib.request

    digest = hashlib.md5(usedforsecurity=False)
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as response, open(part, "xb") as file:
        size = response.headers.get("Content-Length")
        with _progress(url.rsplit("/", 1)[-1], None if size is None else int(size)) as advance:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                advance(len(chunk))
    return digest.hexdigest()


@contextmanager
def _progress(title: str, size: int | None) -> Iterator[Callable[[int], object]]:
    """A function to be told of each number of bytes that came."""
    if find_spec("tqdm") is None:
        yield lambda count: None
        return
    from tqdm import tqdm

    with tqdm(desc=title, total=size, unit="B", unit_scale=True) as bar:
        yield bar.update
