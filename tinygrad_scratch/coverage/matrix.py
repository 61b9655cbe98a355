"""The matrix, function by column, as text: each cell is what the checks of its drawn calls came to."""

from __future__ import annotations

import fnmatch
import sys
import warnings
from collections.abc import Iterator
from textwrap import shorten
from typing import Any, NamedTuple, TextIO

import numpy as np

from ..testing.strategies import draws
from .columns import COLUMNS, strategy
from .entry import Entry
from .table import ENTRIES, WITHOUT

LONG = 300  # characters of an error and of a call that are shown


class Cell(NamedTuple):
    """`holds`: True, False with the error in `why`, or None with the reason why the column does not apply."""

    holds: bool | None
    why: str = ""


def cell(entry: Entry, name: str, column: str, cases: int, seed: int = 0) -> Cell:
    """One column of one function, over `cases` drawn calls."""
    if column in entry.without:
        return Cell(None, entry.without[column])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for call in draws(strategy(entry, column), cases, seed):
            try:
                COLUMNS[column](entry, name, call)
            except Exception as error:
                what = f"{type(error).__name__}: {error}"
                return Cell(False, f"{shorten(what, LONG)} In {shorten(str(call), LONG)}")
    return Cell(True)


def main(only: str = "*", cases: int = 3, seed: int = 0, out: TextIO = sys.stdout) -> int:
    """Print the matrix of the functions whose names match `only`; the number of cells that do not hold."""
    names = fnmatch.filter(sorted(ENTRIES), only)
    width = max(map(len, names), default=8)
    reasons: dict[str, int] = {}
    totals = dict.fromkeys(COLUMNS, 0)
    failures = []
    print(f"{'':{width}}", *COLUMNS, file=out)
    for name in names:
        shown = []
        for column in COLUMNS:
            found = cell(ENTRIES[name], name, column, cases, seed)
            totals[column] += found.holds is True
            if found.holds is False:
                failures.append(f"{name}, {column}: {found.why}")
            shown.append(f"{_text(found, reasons):^{len(column)}}")
        print(f"{name:{width}}", *shown, file=out, flush=True)
    print(f"{f'of {len(names)} functions':{width}}", *[f"{n:^{len(c)}}" for c, n in totals.items()], file=out)
    for line in [*_explained(reasons), *_without(only), *failures]:
        print(line, file=out)
    return len(failures)


def _text(found: Cell, reasons: dict[str, int]) -> str:
    if found.holds is None:
        return str(reasons.setdefault(found.why, len(reasons) + 1))
    return "+" if found.holds else "FAIL"


def _explained(reasons: dict[str, int]) -> Iterator[str]:
    for why, number in reasons.items():
        yield f"{number:3}  {why}"


def _without(only: str) -> Iterator[str]:
    """The functions that have no derivative, by reason."""
    by_reason: dict[str, list[Any]] = {}
    for name in fnmatch.filter(sorted(WITHOUT), only):
        by_reason.setdefault(WITHOUT[name], []).append(name)
    for why, names in by_reason.items():
        yield f"no rows ({why}): {', '.join(names)}"
