"""The table of what the scripts have to reach."""

import sys
from pathlib import Path
from typing import Any

import pytest

from examples import all as scripts

from .running import run

FIGURES = scripts.FIGURES


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The module, over a folder with a script that ends well and one that fails."""
    (tmp_path / "good.py").write_text("import sys; print(f'at work\\n{sys.argv[1:]}\\ncost: 0.5\\nname: a b')")
    (tmp_path / "bad.py").write_text("print('cost: 0.5'); raise SystemExit(2)")
    monkeypatch.setattr(scripts, "FOLDER", tmp_path)
    return scripts


def outcome(table: Any, monkeypatch: pytest.MonkeyPatch, figures: list[Any], *arguments: str) -> int:
    monkeypatch.setattr(table, "FIGURES", [table.Figure(*figure) for figure in figures])
    monkeypatch.setattr(sys, "argv", ["all", *arguments])
    return int(table.main())


@pytest.mark.parametrize(
    ("required", "reached", "met"),
    [
        (">= 33", "33", True), (">= 33", "32", False), ("<= 1e-10", "1e-10", True), ("<= 1e-10", "2e-10", False),
        ("> 1", "1", False), ("> 1", "1.01", True), ("= 22", "22", True), ("= 22", "21", False),
        ("= 4.8 1.21", "4.8 1.21", True), ("~ 0.393", "0.4", True), ("~ 0.393", "0.402", False),
        ("~ 1.5e-8", "1.4e-8", False), ("<= 1", "nan", False), (">= 1", "nan", False), ("~ 1", "nan", False),
        (">= 1", "a b", False),
    ],
)  # fmt: skip
def test_what_meets_a_requirement(table: Any, required: str, reached: str, met: bool) -> None:
    assert table.is_met(required, reached) is met


def test_all_is_well(table: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    figures = [("A", "good.py --n 3", "cost", "<= 0.5"), ("B", "good.py", "name", "= a b")]
    assert outcome(table, monkeypatch, figures) == 0
    said = capfd.readouterr().out
    assert "2 of 2 are well" in said
    assert "good.py --n 3: done after" in said


@pytest.mark.parametrize(
    ("figure", "quick_is_enough"),
    [
        (("A", "good.py", "cost", "< 0.5"), True), (("A", "good.py", "absent", "<= 1"), True),
        (("A", "bad.py", "cost", "<= 1"), False), (("A", "absent.py", "cost", "<= 1"), False),
    ],
)  # fmt: skip
def test_one_that_is_missed(table: Any, monkeypatch: pytest.MonkeyPatch, figure: Any, quick_is_enough: bool) -> None:
    figures = [figure, ("A", "good.py", "cost", "<= 1")]
    assert outcome(table, monkeypatch, figures) == 1
    assert outcome(table, monkeypatch, figures, "--quick") == (0 if quick_is_enough else 1)
    assert outcome(table, monkeypatch, [*figures, ("B", "good.py", "cost", "<= 1")], "B") == 0


def test_the_table_names_scripts_once() -> None:
    assert len({(figure.command, figure.name) for figure in FIGURES}) == len(FIGURES)


def test_a_system_that_is_none_is_refused() -> None:
    done = run("-m", "examples.all", "Z")
    assert done.returncode == 2
    assert "no system Z, expected some of A B C D E" in done.stderr
