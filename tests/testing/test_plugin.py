"""gradcheck as a property test, what pytest's summary says of it, and the command."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tinygrad_scratch.cli import main
from tinygrad_scratch.testing import gradcheck, strategies

FILE = """
import numpy as np
import pytest
from hypothesis import settings
import tinygrad_scratch as tg
from tinygrad_scratch.testing import gradcheck, strategies

settings.register_profile("few", max_examples=5, database=None)
settings.load_profile("few")
wrong = tg.elementwise("wrong", lambda x: np.sin(x), lambda g, ans, x: -g * np.cos(x))


@gradcheck(strategies.arrays((2,)), order=1)
def test_right(x):
    return np.sin(x)


@gradcheck(strategies.arrays((2,)), order=1)
def test_wrong(x):
    return wrong(x)


@pytest.mark.parametrize("k", [1, 2])
@gradcheck(strategies.arrays((2,)), order=1)
def test_each(k, x):
    return np.sin(k * x)


def test_else():
    pass
"""


@gradcheck(st.floats(0.5, 2), strategies.arrays((3,)))
def test_decorated(x: float, y: np.ndarray) -> np.ndarray:
    """Sum of powers."""
    return np.sum(np.exp(y)) ** x


def test_a_decorated_function_counts_and_keeps_its_name() -> None:
    test_decorated()
    assert test_decorated.gradcheck.cases >= 10
    assert test_decorated.gradcheck.digits > 5
    assert test_decorated.__name__ == "test_decorated"
    assert test_decorated.__doc__ == "Sum of powers."


class TestMethods:
    @gradcheck(strategies.arrays((2,)), order=1)
    def test_method(self, x: np.ndarray) -> np.ndarray:
        return np.sin(x)

    @pytest.mark.parametrize("k", [1, 2])
    @gradcheck(strategies.arrays((2,)), order=1)
    def test_parameter(self, k: int, x: np.ndarray) -> np.ndarray:
        return np.sin(k * x)


def test_settings_may_stand_above_and_below() -> None:
    @gradcheck(strategies.arrays((2,)), order=1)
    @settings(max_examples=3)
    def below(x: np.ndarray) -> np.ndarray:
        return np.sin(x)

    @settings(max_examples=4, deadline=None)
    @gradcheck(strategies.arrays((2,)), order=1)
    def above(x: np.ndarray) -> np.ndarray:
        return np.sin(x)

    below()
    above()
    assert (below.gradcheck.cases, above.gradcheck.cases) == (3, 4)


def test_the_summary_lists_what_was_checked(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(FILE)
    root = Path(tg.__file__).parents[1]
    installed = any(e.value == "tinygrad_scratch.testing.plugin" for e in entry_points(group="pytest11"))
    plugins = [*([] if installed else ["-p", "tinygrad_scratch.testing.plugin"]), "-p", "no:cacheprovider", "-n", "1"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins],
        cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(root), "PATH": ""},
    )  # fmt: skip
    out = run.stdout
    assert run.returncode == 1, out + run.stderr
    assert "gradients checked" in out
    lines = out[out.index("gradients checked") :].splitlines()
    assert any(x.startswith("test_mine.py::test_right: passed, ") and x.endswith("digits agree") for x in lines), out
    assert any(x.startswith("test_mine.py::test_wrong: failed, 0 cases") for x in lines), out
    assert [x.split(": ")[1].split(", ")[:2] for x in lines if "test_each[" in x] == [["passed", "5 cases"]] * 2, out
    assert "The sign is wrong" in out


def test_the_command_checks_a_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "numpy:tanh", "--shape", "3,4", "--cases", "2"]) == 0
    assert capsys.readouterr().out.count("right: ") == 2
    assert main(["check", "numpy:arctan2", "--shape", "()", "--shape", "2", "--dtype", "float32"]) == 0


def test_the_command_tells_wrong_from_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "planted.py").write_text(FILE.replace('settings.load_profile("few")', ""))
    monkeypatch.chdir(tmp_path)
    assert main(["check", "planted:wrong", "--shape", "2"]) == 1
    assert capsys.readouterr().out.startswith("wrong: check_grads: reverse mode, order 1: ")
    assert main(["check", "numpy:argmax", "--shape", "2"]) == 2
    assert capsys.readouterr().out.startswith("cannot tell: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["numpy"], "write package.module:function"),
        (["no_such_module_at_all:f"], "cannot be imported"),
        (["numpy:no_such"], "numpy has no 'no_such'"),
        (["numpy:pi"], "is float, expected a function"),
        (["numpy:sin", "--shape", "a"], "is no shape"),
        (["numpy:sin", "--cases", "0"], "there must be 1 case or more"),
        (["numpy:sin", "--seed", "-1"], "a seed from 0 on"),
    ],
)
def test_bad_commands(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments]) == 2
    assert words in capsys.readouterr().err
