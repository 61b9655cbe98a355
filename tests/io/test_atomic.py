"""Whatever happens, the old file stays whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_scratch import io
from tinygrad_scratch.core.errors import DataError

from .trees import ENDINGS, endings


@endings
def test_a_failed_save_keeps_the_old_file(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / f"x{ending}"
    io.save(file, [1])

    def full(old: Any, new: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DataError, match=r"save: .* could not be written \(no space left on device\); check the folder"):
        io.save(file, [2])
    assert list(tmp_path.iterdir()) == [file]
    assert io.load(file) == [1]


def test_folders_are_made_or_the_error_says_why_not(tmp_path: Path) -> None:
    io.save(tmp_path / "a" / "b" / "x.npz", [1])
    assert io.load(str(tmp_path / "a" / "b" / "x.npz")) == [1]
    for ending in ENDINGS:
        with pytest.raises(DataError, match=r"save: .* could not be written"):
            io.save(tmp_path / "a" / "b" / "x.npz" / f"y{ending}", [1])


KILLED = """
import os, sys, time
import numpy as np
import tinygrad_scratch as tg

def stop(descriptor):
    print("written", flush=True)
    time.sleep(60)

os.fsync = stop
tg.io.save(sys.argv[1], np.zeros(1000))
"""
ENDLESS = """
import sys
import numpy as np
import tinygrad_scratch as tg

print("started", flush=True)
for i in range(10**9):
    tg.io.save(sys.argv[1], np.full(100_000, i))
"""


@endings
@pytest.mark.parametrize("code", [KILLED, ENDLESS], ids=["before the new name", "at any moment"])
def test_a_killed_save_leaves_a_whole_file(tmp_path: Path, ending: str, code: str) -> None:
    file = tmp_path / f"x{ending}"
    io.save(file, np.full(1000, 7))
    with subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        if code is ENDLESS:
            while len(io.load(file)) == 1000:
                pass
        process.send_signal(signal.SIGKILL)
    found = io.load(file)
    if code is KILLED:
        np.testing.assert_array_equal(found, np.full(1000, 7))
        assert len(list(tmp_path.iterdir())) == len(list(tmp_path.glob("*.part"))) + 1 == 2
    else:
        np.testing.assert_array_equal(found, np.full(100_000, found[0]))
