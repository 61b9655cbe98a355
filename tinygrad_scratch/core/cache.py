"""Where files are kept that can be made or fetched again."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The folder for downloads and compiled programs: TINYGRAD_SCRATCH_CACHE if set, else `tinygrad_scratch` in the
    user's cache folder.

    That is XDG_CACHE_HOME if set, else the platform's: ~/.cache, on macOS ~/Library/Caches, on Windows LOCALAPPDATA.
    The folder need not exist.

    >>> from unittest.mock import patch
    >>> with patch.dict("os.environ", TINYGRAD_SCRATCH_CACHE="data"):
    ...     cache_folder().name
    'data'
    """
    if own := os.environ.get("TINYGRAD_SCRATCH_CACHE"):
        return Path(own).expanduser()
    usual = Path.home() / ".cache"
    if sys.platform == "darwin":
        usual = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        usual = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_CACHE_HOME") or usual) / "tinygrad_scratch"
