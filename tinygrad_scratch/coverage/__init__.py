"""Which functions have derivatives here: a table of calls, and what is checked of each, `python -m ... coverage`.

`table/` has an entry a function, by family: calls that hypothesis draws. `columns` says what must hold of a call, by
the public checker; the tests and the printed matrix run the same columns over the same table, so neither can drift.
"""

from .entry import Call, Entry, calls
from .matrix import main

__all__ = ["Call", "Entry", "calls", "main"]
