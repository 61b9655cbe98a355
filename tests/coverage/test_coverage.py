"""Every function of the table, through every column; the printed matrix; and wrong rules, which it shows."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import tinygrad_scratch as tg
from tinygrad_scratch import coverage
from tinygrad_scratch.coverage import matrix
from tinygrad_scratch.coverage.columns import COLUMNS, strategy
from tinygrad_scratch.coverage.entry import Call, Entry, calls, find
from tinygrad_scratch.coverage.table import ENTRIES, WITHOUT
from tinygrad_scratch.testing.strategies import arrays

CELLS = [(name, column) for name in sorted(ENTRIES) for column in COLUMNS if column not in ENTRIES[name].without]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "column"), CELLS)
def test_cell(name: str, column: str) -> None:
    # a property a cell: hypothesis nests the settings of one that is parametrized, some thousand deep here
    @settings(max_examples=settings().max_examples // 12)
    @given(call=strategy(ENTRIES[name], column))
    def holds(call: Call) -> None:
        with np.errstate(all="ignore"):
            COLUMNS[column](ENTRIES[name], name, call)

    holds()


def test_names_are_functions_and_reasons_are_given() -> None:
    for name in [*ENTRIES, *WITHOUT]:
        assert callable(find(name)), name
    for name, entry in ENTRIES.items():
        assert set(entry.without) <= set(COLUMNS), name
        assert all(entry.without.values()), name
    assert not set(ENTRIES) & set(WITHOUT)
    assert all(WITHOUT.values())


def test_the_matrix_shows_what_holds_what_does_not_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = tg.elementwise("wrong_rule_test", lambda x: np.sin(x), lambda g, ans, x: g * np.sin(x))
    monkeypatch.setattr(tg.testing, "wrong_rule", rule, raising=False)
    name = "tinygrad_scratch.testing.wrong_rule"
    monkeypatch.setitem(matrix.ENTRIES, name, Entry(calls(arrays((2, 3))), without={"complex": "it is a test"}))
    out = io.StringIO()
    assert coverage.main(name, out=out) == 2
    lines = out.getvalue().splitlines()
    assert lines[1].split() == [name, "+", "FAIL", "FAIL", "+", "+", "+", "+", "1"]
    assert lines[2].split() == ["of", "1", "functions", "1", "0", "0", "1", "1", "1", "1", "0"]
    assert lines[3].split(maxsplit=1) == ["1", "it is a test"]
    assert lines[4].startswith(f"{name}, reverse: GradientError: check_grads: reverse mode, order 1")
    assert "In Call(args=(array(" in lines[4]


def rejects(column: str, function: Any, call: Call, monkeypatch: pytest.MonkeyPatch, match: str) -> None:
    monkeypatch.setattr(tg.testing, "under_test", function, raising=False)
    with pytest.raises(AssertionError, match=match):
        COLUMNS[column](Entry(None, reference="numpy.sin"), "tinygrad_scratch.testing.under_test", call)


WRONG_BATCH = tg.core.primitive.Primitive(
    "sin",
    np.sin,
    [lambda g, ans, x: g * np.cos(x)],
    lambda ts, ans, x: ts[0] * np.cos(x),
    batch=lambda args, batched: np.sin(args[0][::-1]),
)


@pytest.mark.parametrize(
    ("column", "function", "match"),
    [
        ("value", np.cos, "on arrays"),
        ("value", lambda x: np.sin(x)[None], r"expected float64\[2\]"),
        ("float32", lambda x: np.sin(x) * np.float64(1), "in single precision: float64"),
        ("vmap", WRONG_BATCH, "vmap over axes"),
    ],
)
def test_columns_reject(column: str, function: Any, match: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rejects(column, function, Call((np.array([0.3, 0.4]),)), monkeypatch, match)
