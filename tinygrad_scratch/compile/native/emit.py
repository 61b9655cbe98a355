"""From steps of a plan to the text of a native function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..fusion import Cluster, kind
from ..graph import Equation
from .indexing import assemble, gather, scatter
from .kernel import Kernel
from .loops import cluster, fold, join, pad
from .products import product
from .scans import scan

WRITERS: dict[str, Callable[[Kernel, Equation], Any]] = {
    "product": product, "gather": gather, "scatter": scatter, "assemble": assemble,
    "join": join, "pad": pad, "fold": fold,
}  # fmt: skip


def write(k: Kernel, step: Cluster) -> None:
    """Append the code of a step that `can_compile` has accepted."""
    if step.shape is not None:
        cluster(k, step)
        return
    (eq,) = step.equations
    if kind(eq) == "scan":
        scan(k, eq, write)
    else:
        WRITERS[kind(eq)](k, eq)
