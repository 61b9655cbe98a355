"""Files that are whole, or not there."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it takes that name in one step if the block ends without an error.

    Whoever fails, is killed, or runs twice at once thus never shows others a part of a file, nor loses the old one.
    Missing folders are made; only a process that is killed leaves its temporary file (*.part) behind. The new file has
    the mode of the old one, and a link stays a link: what it points to is replaced.
    """
    import secrets  # takes longer to import than all of this package

    path = Path(os.path.realpath(path))
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with open(part, "rb+") as file:
            os.fsync(file.fileno())  # else a crash of the machine could leave the new name with nothing in it
        if path.is_file():
            part.chmod(stat.S_IMODE(path.stat().st_mode))
        os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
