"""The benchmarks: every side computes what the code by hand does, and a side that does not is told, not timed."""

import argparse
import doctest
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from benchmarks import __main__ as cli
from benchmarks import measure, models, peers, report, roofline, rows, scaling, sides, tables, timing

SMALL = {
    "xor": lambda: rows.sigmoid_row(2, 8, 1),
    "xor-deep": lambda: rows.sigmoid_row(3, 8, 16, 8, 8, 8, 1),
    "spiral": lambda: rows.classifier_row(20, 2, 8, 3),
    "mnist": lambda: rows.classifier_row(8, 30, 16, 10),
    "mnist-wide": lambda: rows.classifier_row(8, 30, 16, 16, 10),
    "black-scholes": lambda: rows.black_scholes_row(100, by_tanh=True),
    "black-scholes-erf": lambda: rows.black_scholes_row(100),
    "rosenbrock": lambda: rows.rosenbrock_row(100),
    "logistic": lambda: rows.logistic_row(100, 5),
    "cnn": lambda: rows.cnn_row(4, 8, (4, 8)),
    "lstm": lambda: rows.lstm_row(4, 5, 3, 8),
    "transformer": lambda: rows.transformer_row(2, 6, 16),
}


@pytest.fixture
def small_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS", SMALL)
    monkeypatch.setattr(roofline, "measure", lambda: roofline.Roofline(1e11, 1e10))


def check(row: rows.Row, build: sides.Builder) -> str:
    expected, _ = measure.run(sides.by_hand(row, measure.CHECK_RATE), measure.STEPS)
    found, _ = measure.run(build(row, measure.CHECK_RATE), measure.STEPS)
    return measure.disagreement(row, found, expected)


def test_names_are_those_of_the_command_line() -> None:
    assert tuple(rows.ROWS) == cli.NAMES == tuple(SMALL)
    assert tuple(peers.PEERS) == cli.PEERS


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("side", sides.own())
def test_our_sides_agree_with_the_one_by_hand(side: str, name: str) -> None:
    row = SMALL[name]()
    assert check(row, sides.own()[side]) == ""
    step = measure.run(sides.own()[side](row, measure.LR), 1)[0]
    assert {r.dtype for r in step} == {row.params[0].dtype}


def installed_pairs() -> Iterator[tuple[str, str]]:
    for peer in ("jax", "torch", "autograd", "mygrad"):
        if importlib.util.find_spec(peers.PEERS[peer].module):
            yield from ((peer, name) for name in SMALL if peers.takes_part(peer, SMALL[name]()))


@pytest.mark.filterwarnings("ignore")  # theirs
def test_peers_agree_with_the_one_by_hand() -> None:
    for peer, name in installed_pairs():
        assert check(SMALL[name](), peers.PEERS[peer].build) == "", (peer, name)


@pytest.mark.parametrize("name", SMALL)
def test_a_step_leaves_the_row_as_it_was(name: str) -> None:
    row, untouched = SMALL[name](), SMALL[name]()
    for build in sides.own().values():
        measure.run(build(row, measure.CHECK_RATE), 2)
    for a, b in zip([*row.params, *row.data], [*untouched.params, *untouched.data], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", SMALL)
def test_a_wrong_gradient_is_found(name: str) -> None:
    row = SMALL[name]()

    def wrong(params: list[Any], *data: Any) -> tuple[Any, list[Any]]:
        loss, gradients = row.by_hand(params, *data)
        return loss, [*gradients[:-1], -gradients[-1]]

    build = lambda row, lr: sides.make(row, sides.copies(row), wrong, sides.numpy_optimizer(row, lr))  # noqa: E731
    found, problems = measure.figures(row, {"hand": sides.by_hand, "wrong": build}, 0)
    assert "is off by" in problems["wrong"]
    assert list(found) == ["hand"]


def test_a_side_that_raises_or_changes_the_dtype_has_no_figures() -> None:
    def raises(row: rows.Row, lr: float) -> timing.Side:
        raise ValueError("no such thing")

    def wide(row: rows.Row, lr: float) -> timing.Side:
        return sides.by_hand(row._replace(params=[p.astype(float) for p in row.params]), lr)

    found, problems = measure.figures(SMALL["xor"](), {"hand": sides.by_hand, "raises": raises, "wide": wide}, 0)
    assert list(found) == ["hand"]
    assert problems == {"raises": "ValueError: no such thing", "wide": "the result is float64"}


def test_columns_of_jit_appear_with_jit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def jit(f: Any, donate_argnums: Any = (), backend: str = "auto") -> Any:
        asked.append((donate_argnums, backend))
        return f

    monkeypatch.setattr(tg, "jit", jit, raising=False)
    assert list(sides.own())[:3] == ["hand", "eager", "jit numpy"]
    assert ("jit numba" in sides.own()) == bool(importlib.util.find_spec("numba"))
    for name in ("xor", "rosenbrock", "lstm"):
        assert check(SMALL[name](), sides.jit("numpy")) == ""
    assert asked == [(0, "numpy"), ((), "numpy"), (0, "numpy")]


def test_the_table(small_rows: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    names = ["xor", "rosenbrock", "cnn"]
    chosen = cli.options(["--rows", ",".join(names), "--seconds", "0", "--memory", "--plot", str(tmp_path / "a.png")])
    found, problems = tables.table(chosen)
    assert not problems
    assert [row["key"] for row in found["rows"]] == names
    assert all(row["sides"]["hand"]["ratio"] == 1 for row in found["rows"])
    assert found["rows"][2]["sides"]["eager"]["peak_bytes"] > 0
    json.dumps(found)
    printed = capsys.readouterr().out
    assert "products 100 GFLOP/s" in printed
    assert "cores 1" in printed
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_scaling(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    few = {name: (title, dict(list(points.items())[:2])) for name, (title, points) in scaling.SERIES.items()}
    monkeypatch.setattr(scaling, "SERIES", few)
    found, problems = tables.scaling(cli.options(["scaling", "--seconds", "0", "--plot", str(tmp_path / "s.png")]))
    assert not problems
    assert [p["size"] for p in found["points"] if p["series"] == "length"] == [10, 100]
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")
    assert "width w of w-w-10" in capsys.readouterr().out


def test_missing_peers_are_named_with_their_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(tg.errors.MissingExtraError, match=r"jax, torch cannot be imported: pip install jax torch$"):
        peers.require(["jax", "torch", "torch.compile"], ["xor"])
    with pytest.raises(tg.errors.MissingExtraError, match="pip install scipy"):
        peers.require([], ["black-scholes-erf"])


def test_options() -> None:
    chosen = cli.options([])
    assert (chosen.command, chosen.peers, chosen.rows, chosen.threads) == ("table", [], list(rows.ROWS), 1)
    assert cli.options(["--peers", "jax, torch.compile", "--rows", "cnn"]).peers == ["jax", "torch.compile"]
    assert isinstance(cli.options(["scaling", "--json", "a.json"]), argparse.Namespace)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--peers theano", "theano given, choose of jax"),
        ("--rows ,", "nothing given, choose of xor"),
        ("--threads 0", "choose 1 to that"),
        ("--seconds -1", "or more"),
        ("--json no/such/folder/a.json", "there is no folder"),
        ("eager --peers jax", "belong to `table`"),
        ("eager --plot a.png", "--plot belongs to"),
    ],
)
def test_bad_options_are_one_sentence(arguments: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.options(arguments.split())
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_setting_fixes_the_threads_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {timing.wanted(2)[name] for name in timing.THREADS} == {"2"}
    assert "XLA_FLAGS" in timing.wanted(1)
    assert "XLA_FLAGS" not in timing.wanted(2)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert timing.setting(2)["OMP_NUM_THREADS"] == "2"
    assert peers.threads() == 2


def test_roofline_takes_what_binds() -> None:
    row = rows.logistic_row(10, 2)
    machine = roofline.Roofline(1e3, 1e2)
    assert machine.seconds(row) == row.traffic / 1e2
    assert machine.seconds(rows.sigmoid_row(2, 8, 1)) == 2 * (2 * 4 * 16 + 3 * 4 * 8) / 1e3
    assert min(roofline.measure(16, 1)) > 0


def test_examples_of_the_report_hold() -> None:
    tried = doctest.testmod(report)
    assert tried.attempted
    assert not tried.failed


def test_lines() -> None:
    figures = {"hand": {"seconds": 1e-3, "ratio": 1.0}, "eager": {"seconds": 2e-3, "ratio": 2.0}}
    line = report.line("xor", figures, ["hand", "eager", "jax", "torch"], {"torch": "ValueError: x"})
    assert line.split() == ["xor", "1.00", "ms", "2.00", "ms", "2.00", "-", "FAILED"]


def test_loop_is_scan() -> None:
    assert models.loop(lambda carry, x: (carry + x, carry), 0, [1, 2, 3]) == (6, [0, 1, 3])
