"""The table: an entry a function, by family, and the functions that have none, each with its reason in one line.

A family is a module here with `ENTRIES` and `WITHOUT`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ..entry import Entry

FAMILIES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

ENTRIES: dict[str, Entry] = {name: entry for family in FAMILIES for name, entry in family.ENTRIES.items()}
WITHOUT: dict[str, str] = {name: why for family in FAMILIES for name, why in family.WITHOUT.items()}
