"""Figures as pictures: ratios to hand-written code, and time against size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinygrad_scratch.viz.figure import COLOURS, new_figure

from .report import duration

# Okabe and Ito's colours (2008); the shapes tell the sides apart without them
LOOKS = {
    "hand": ("#000000", "o"),
    "eager": (COLOURS[0], "o"),
    "jit numpy": (COLOURS[2], "s"),
    "jit numba": (COLOURS[1], "D"),
    "jax": (COLOURS[3], "^"),
    "torch": (COLOURS[4], "v"),
    "torch.compile": (COLOURS[4], ">"),
    "autograd": (COLOURS[5], "P"),
    "mygrad": ("#666666", "X"),
}
OURS = ("eager", "jit numpy", "jit numba")


def _look(side: str) -> dict[str, Any]:
    """Ours are filled, the peers hollow."""
    colour, marker = LOOKS[side]
    return {
        "color": colour,
        "marker": marker,
        "markerfacecolor": colour if side in (*OURS, "hand") else "white",
        "markeredgewidth": 1.6,
        "markersize": 8 if side in OURS else 7,
    }


def ratios(rows: list[dict[str, Any]], file: Path, note: str = "") -> None:
    """One line a row, one mark a side: its time as a multiple of the hand-written code's, on a log axis."""
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = new_figure(10, 1.9 + 0.5 * len(rows))
    axes = figure.add_subplot()
    for side in LOOKS:
        points = [(row["sides"][side]["ratio"], k) for k, row in enumerate(rows) if side in row["sides"]]
        if points and side != "hand":
            axes.plot(*zip(*points, strict=True), linestyle="", label=side, zorder=3, **_look(side))
    axes.axvline(1, color="#000000", linewidth=1.5, zorder=1)
    names = [f"{row['row']}\n{duration(row['sides']['hand']['seconds'])} by hand" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.set(xscale="log", xlabel="time as a multiple of hand-written NumPy's (the line at 1); left is faster")
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.45), max(high, 2.2))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.3)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=8, frameon=False)
    if note:
        figure.supxlabel(note, fontsize=7, color="#666666")
    figure.savefig(file)


def scaling(points: list[dict[str, Any]], titles: dict[str, str], file: Path) -> None:
    """Time of a step against size, one panel a series, and the first call of what compiles, if anything does."""
    compiled = [side for side in OURS[1:] if any(side in point["sides"] for point in points)]
    panels = [(series, "seconds", title, ["hand", *OURS]) for series, title in titles.items()]
    if compiled:
        panels.append(("length", "first_call", "operations in a chain, first call", compiled))
    from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

    figure = new_figure(10, 7.5)
    places = [figure.add_subplot(2, 2, i + 1) for i in range(len(panels))]
    for axes, (series, field, title, sides) in zip(places, panels, strict=True):
        for side in sides:
            line = [
                (p["size"], p["sides"][side][field]) for p in points if p["series"] == series and side in p["sides"]
            ]
            if line:
                label = "by hand" if side == "hand" else side
                axes.plot(*zip(*line, strict=True), label=label, **_look(side))
        axes.set(xscale="log", yscale="log", xlabel=title, ylabel="time")
        axes.yaxis.set_major_locator(LogLocator(subs=(1,) if series == "length" else (1, 2, 5)))
        axes.yaxis.set_major_formatter(EngFormatter("s"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    figure.savefig(file)
