"""The machine code on disk: found again, made again where it is damaged, and not needed."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.compile.native import load

from .agreement import same_tree

CODE = """
import sys
import numpy as np, tinygrad_scratch as tg
from tinygrad_scratch.compile.native.load import Compiler
made = []
original = Compiler.machine_code
Compiler.machine_code = lambda self, text: made.append(text) or original(self, text)
f = tg.jit(lambda x: np.exp(x) * {factor}, backend="numba")
for _ in range(3):
    assert np.allclose(f(np.arange(4.0)), np.exp(np.arange(4.0)) * {factor})
print(len(made))
"""


def process(folder: Any, factor: float = 2.0) -> "subprocess.Popen[str]":
    env = {**os.environ, "TINYGRAD_SCRATCH_CACHE": str(folder)}
    code = CODE.format(factor=factor)
    return subprocess.Popen([sys.executable, "-W", "error", "-c", code], env=env, stdout=-1, stderr=-1, text=True)


def compiled(run: "subprocess.Popen[str]") -> int:
    """How many functions the process has compiled; it must have ended well."""
    out, err = run.communicate(timeout=100)
    assert run.returncode == 0, err
    return int(out)


def test_the_next_process_finds_it_also_beside_another(tmp_path: Path) -> None:
    together = [process(tmp_path), process(tmp_path)]
    assert max(map(compiled, together)) == 2  # the program, and the tests of its arguments
    files = list(tmp_path.rglob("*"))
    assert sorted(f.suffix for f in files) == ["", ".o", ".o"]  # the folder and two files: nothing half done is left
    assert compiled(process(tmp_path)) == 0


def fresh(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    """A compiler that knows nothing yet, and a list of what it will be asked to compile."""
    monkeypatch.setenv("TINYGRAD_SCRATCH_CACHE", str(folder))
    new, made = load.Compiler(), []
    original = load.Compiler.machine_code

    def machine_code(self: Any, text: str) -> bytes:
        made.append(text)
        return original(self, text)

    monkeypatch.setattr(load.Compiler, "machine_code", machine_code)
    monkeypatch.setattr(load, "compiler", lambda: new)
    return made


def run(factor: float = 3.0) -> None:
    f = tg.jit(lambda x: np.exp(x) * factor, backend="numba")
    for _ in range(3):
        same_tree(f(np.arange(5.0)), np.exp(np.arange(5.0)) * factor)


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[:20], lambda b: b[:-1], lambda b: b[:60] + b"x" + b[61:]]
)
def test_a_damaged_file_is_made_again(damage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(monkeypatch, tmp_path)
    run()
    files = sorted(tmp_path.rglob("*.o"))
    assert len(files) == 2  # the program, and the tests of its arguments
    good = [file.read_bytes() for file in files]
    files[0].write_bytes(damage(good[0]))
    made = fresh(monkeypatch, tmp_path)
    run()
    assert len(made) == 1
    assert [file.read_bytes() for file in files] == good


@pytest.mark.parametrize("where", ["a file", "unwritable", "a folder in its place"])
def test_where_nothing_can_be_kept(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache"
    if where == "a file":
        folder.write_text("")
    elif where == "unwritable":
        folder.mkdir()
        folder.chmod(0o500)
    made = fresh(monkeypatch, folder)
    if where == "a folder in its place":
        monkeypatch.setattr(load, "_file", lambda name: tmp_path / "there")
        (tmp_path / "there" / "more").mkdir(parents=True)
    run()
    assert len(made) == 2
    if where == "unwritable":
        folder.chmod(0o700)


def test_without_a_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fresh(monkeypatch, tmp_path)

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(load, "cache_folder", nowhere)
    run(4.0)
    assert len(made) == 2
