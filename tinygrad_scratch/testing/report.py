"""What a check found: a report of what is right, or the text of what is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Report:
    """What was checked, with how many digits.

    comparisons  how many numbers were compared
    digits       those that agree at least, as far as the references know: of a derivative, relative to its largest part
    references   how many of each kind
    notes        what was not checked, and why
    """

    comparisons: int = 0
    digits: float = math.inf
    references: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        made = ", ".join(f"{n} by {how}" for how, n in sorted(self.references.items()))
        digits = f"{self.digits:.1f} digits agree" if math.isfinite(self.digits) else "no digits to count"
        part = ", in part" if self.notes else ""
        lines = [f"right{part}: {digits}; {self.comparisons} numbers compared; references: {made or 'none needed'}"]
        return "\n".join([*lines, *[f"  note: {note}" for note in self.notes]])

    def count(self, how: str) -> None:
        """Enter a reference."""
        self.references[how] = self.references.get(how, 0) + 1

    def note(self, text: str) -> None:
        """Enter a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def agree(self, off: float, size: float) -> None:
        """Enter that numbers of this size differ by no more than `off`."""
        self.digits = min(self.digits, digits(off, size))


def digits(off: float, size: float) -> float:
    """How many digits agree, 0 to 16."""
    if off == 0:
        return 16.0
    return abs(float(np.clip(-math.log10(off / size), 0, 16))) if size > 0 and math.isfinite(off) else 0.0
