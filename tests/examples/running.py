"""Scripts run as a user runs them, and imported as they import each other."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def script(*arguments: str) -> tuple[dict[str, str], str]:
    """Run it; the closing lines `name: value`, and all that it printed."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("tqdm")
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line), done.stdout


def module(name: str) -> Any:
    """A script as a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "examples")
        return importlib.import_module(name)


def is_picture(path: str) -> bool:
    return Path(path).read_bytes().startswith(b"\x89PNG") and Path(path).stat().st_size > 20_000
