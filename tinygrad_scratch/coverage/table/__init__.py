"""The table: an entry a function, by family, and the functions that have none, each with its reason in one line."""

from __future__ import annotations

from types import ModuleType

from ..entry import Entry
from . import (
    calculus,
    construction,
    joining,
    linalg,
    others,
    products,
    reductions,
    scipy_linalg,
    selection,
    shapes,
    sorting,
    statistics,
)

FAMILIES: tuple[ModuleType, ...] = (
    calculus,
    construction,
    joining,
    linalg,
    others,
    products,
    reductions,
    scipy_linalg,
    selection,
    shapes,
    sorting,
    statistics,
)

ENTRIES: dict[str, Entry] = {name: entry for family in FAMILIES for name, entry in family.ENTRIES.items()}
WITHOUT: dict[str, str] = {name: why for family in FAMILIES for name, why in family.WITHOUT.items()}
