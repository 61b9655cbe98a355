"""`python -m tinygrad_scratch doctor`: what decides speed on this machine, and what would be faster, measured.

    fact        what is found out, as text and as JSON
    machine     the processor, its cores and vector units
    blas        the library of matrix products and what it says of itself
    probe       the measurements, each in a process of its own
    products    matrix products measured: kernels, threads
    memory      copying, and the allocator
    extras      numba, the cache, the optional libraries

Each section is built from facts; one that cannot be found out says so and the rest goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from . import extras, machine, memory, products
from .fact import Measure, Section
from .probe import measurer

_SECONDS = 9.0


def sections(measure: Measure) -> Iterator[Section]:
    """The sections in the order in which they are printed, each when it is ready."""
    yield machine.section()
    yield products.section(measure)
    yield products.threads_section(measure)
    yield memory.section(measure)
    yield extras.compiler_section(measure)
    yield extras.section()


def show(measure: Measure) -> None:
    """Print the sections as they come, then the advice."""
    advice = []
    for section in sections(measure):
        print("\n".join(section.lines()), flush=True)
        advice += section.advice
    told = [line for one in advice for line in one.lines()] or ["  nothing that was measured here"]
    print("\n".join(["what would be faster", *told]))


def as_data(measure: Measure) -> dict[str, Any]:
    """The same for programs."""
    found = list(sections(measure))
    data = {section.title.partition(" (")[0].replace(" ", "_"): section.data() for section in found}
    faster = [{"settings": one.settings, "text": one.text} for section in found for one in section.advice]
    return {**data, "faster": faster}


def main(as_json: bool = False) -> int:
    """Run the command; the exit status."""
    measure = measurer(_SECONDS)
    if as_json:
        print(json.dumps(as_data(measure), indent=1))
        return 0
    if sys.stderr.isatty():
        print("measuring takes some seconds\n", file=sys.stderr)
    show(measure)
    return 0
