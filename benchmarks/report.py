"""Figures as lines of text."""

from __future__ import annotations

from typing import Any

Figures = dict[str, Any]
HEADS = {"hand": "by hand"}
CELL = 19


def duration(seconds: float) -> str:
    """Three digits and a unit.

    >>> duration(1.53e-5), duration(0.0998), duration(12.3)
    ('15.3 us', '99.8 ms', '12.3 s')
    """
    for unit, one in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= 0.9995 * one:
            return f"{_three_digits(seconds / one)} {unit}"
    return f"{_three_digits(seconds * 1e9)} ns"


def _three_digits(x: float) -> str:
    return f"{x:.{max(0, 3 - len(str(int(x))))}f}"


def header(label: str, sides: list[str], width: int = 15) -> str:
    """The names over `line`."""
    return f"{label:<{width}}" + "".join(f"{HEADS.get(side, side):>{CELL}}" for side in sides)


def line(label: str, figures: Figures, sides: list[str], problems: dict[str, str], width: int = 15) -> str:
    """Time and ratio of each side; - where one takes no part, FAILED where it computes something else or nothing."""
    return f"{label:<{width}}" + "".join(f"{_cell(side, figures, problems):>{CELL}}" for side in sides)


def _cell(side: str, figures: Figures, problems: dict[str, str]) -> str:
    if side in problems:
        return "FAILED"
    if side not in figures:
        return "-"
    time = duration(figures[side]["seconds"])
    return time if side == "hand" else f"{time}  {figures[side]['ratio']:>5.2f}"


def second_table(title: str, field: str, show: Any, rows: list[Figures], sides: list[str]) -> list[str]:
    """One field of all rows, for the sides that have it; no lines if none has."""
    having = [side for side in sides if any(field in row["sides"].get(side, {}) for row in rows)]
    if not having:
        return []
    lines = ["", header(title, having)]
    for row in rows:
        cells = [show(row["sides"][s][field]) if field in row["sides"].get(s, {}) else "-" for s in having]
        lines.append(f"{row['key']:<15}" + "".join(f"{cell:>{CELL}}" for cell in cells))
    return lines


def size(count: float) -> str:
    """Bytes in thousands or millions.

    >>> size(12_345_678), size(1_234)
    ('12.3 MB', '1.23 kB')
    """
    return f"{_three_digits(count / 1e6)} MB" if count >= 999_500 else f"{_three_digits(count / 1e3)} kB"


def setting(names: dict[str, str]) -> str:
    """One line of what the figures were measured under."""
    return ", ".join(f"{name} {value}" for name, value in names.items())
