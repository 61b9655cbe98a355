"""What the doctor finds out: facts in sections, and the advice that follows from them; as text and as JSON.

A fact is made by one function, and carries its sentence for people and the same as data for programs.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

WIDTH = 100
_LABEL = 22
_HARD_SPACE = "\N{NO-BREAK SPACE}"  # textwrap does not break lines here

# what a probe measured (or None if that failed), from its name and the environment variables to set for it
Measure = Callable[[str, Mapping[str, str]], "dict[str, Any] | None"]


@dataclass(frozen=True)
class Fact:
    """One thing found out: `name` labels it, `text` tells it, `data` is the same for programs."""

    name: str
    text: str
    data: Any = None


@dataclass(frozen=True)
class Advice:
    """Environment variables that would make programs faster, and the sentence that says by how much."""

    settings: dict[str, str]
    text: str

    def lines(self) -> list[str]:
        """The command that sets them, ready to be typed, and the sentence."""
        command = "set" if sys.platform == "win32" else "export"
        return [f"  {command} {assignments(self.settings)}", *hanging("", self.text, 4)]


@dataclass(frozen=True)
class Section:
    """Facts under one title, and what they advise."""

    title: str
    facts: list[Fact]
    advice: list[Advice] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The section as it is printed."""
        return [self.title, *(line for fact in self.facts for line in hanging(f"  {fact.name}", fact.text)), ""]

    def data(self) -> dict[str, Any]:
        """The section for programs: name to data."""
        return {fact.name.replace(" ", "_").lower(): fact.data for fact in self.facts}


def hanging(label: str, text: str, column: int = _LABEL) -> list[str]:
    """`text` beside its label, the lines after the first under the text.

    >>> hanging("  cores", "2")
    ['  cores               2']
    """
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=label.ljust(column), subsequent_indent=" " * column, break_on_hyphens=False
    )
    return [line.replace(_HARD_SPACE, " ") for line in lines]


def unbroken(command: str) -> str:
    """The command so that no line breaks inside it when it is printed."""
    return command.replace(" ", _HARD_SPACE)


def assignments(settings: Mapping[str, str]) -> str:
    """The settings as a shell takes them.

    >>> assignments({"A": "1", "B": "2"})
    'A=1 B=2'
    """
    return " ".join(f"{name}={value}" for name, value in settings.items())
