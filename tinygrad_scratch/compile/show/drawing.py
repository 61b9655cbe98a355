"""A diagram as a picture, by matplotlib (extra `viz`), which is imported when a picture is drawn."""

from __future__ import annotations

from typing import Any

from ...core.errors import MissingExtraError
from .diagram import COLOURS, Diagram
from .layers import Layers

# in points
FONT, LINE, PAD, GAP, BETWEEN, MARGIN = 8.0, 11.0, 6.0, 14.0, 26.0, 12.0
CHARACTER = 0.602 * FONT  # the width of one in DejaVu Sans Mono, which matplotlib brings along
LEGEND = 30.0
CLEAR = 0.6 * GAP  # how far a line may stray from its place in a row, which is GAP away from the nodes beside it


def draw(diagram: Diagram, file: Any = None) -> Any:
    """The figure, also saved if there is a file."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("draw needs matplotlib: pip install tinygrad_scratch[viz]") from error
    widths = [max(len(line) for line in node.lines) * CHARACTER + 2 * PAD for node in diagram.nodes]
    heights = [len(node.lines) * LINE + PAD for node in diagram.nodes]
    layers = Layers(widths, diagram.edges, GAP)
    tall = [max([heights[i] for i in row if i < len(heights)] or [0.0]) for row in layers.rows]
    middle = [-sum(tall[:k]) - tall[k] / 2 - BETWEEN * k for k in range(len(tall))]
    y = [middle[k] for k in layers.layer]
    width = max([x + w / 2 for x, w in zip(layers.x, layers.widths, strict=True)] + [320.0]) + 2 * MARGIN
    height = -min(y, default=0.0) + max(heights, default=0.0) / 2 + 2 * MARGIN + LEGEND
    figure = Figure(figsize=(width / 72, height / 72), dpi=110)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-MARGIN, width - MARGIN), ylim=(LEGEND + MARGIN - height, LEGEND + MARGIN))
    axes.axis("off")
    for path in layers.paths:
        points = [(layers.x[i], y[i], tall[layers.layer[i]] / 2) for i in path]
        _edge(axes, points, heights[path[0]] / 2, heights[path[-1]] / 2)
    for i, node in enumerate(diagram.nodes):
        _box(axes, layers.x[i], y[i], widths[i], heights[i], node.kind, "\n".join(node.lines))
    x = 0.0
    for kind in [k for k in COLOURS if k in {node.kind for node in diagram.nodes}]:
        size = len(kind) * CHARACTER + 2 * PAD
        _box(axes, x + size / 2, LEGEND - LINE / 2, size, LINE + PAD, kind, kind)
        x += size + GAP
    if file is not None:
        figure.savefig(file)
    return figure


def _box(axes: Any, x: float, y: float, width: float, height: float, kind: str, text: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = height / 2 if kind == "input" else 0.0 if kind == "constant" else 3.0
    axes.add_patch(FancyBboxPatch(
        (x - width / 2, y - height / 2), width, height, boxstyle=f"round,pad=0,rounding_size={corner}",
        facecolor=COLOURS[kind], edgecolor="#333333", linewidth=1.6 if kind == "output" else 0.8, zorder=2,
    ))  # fmt: skip
    axes.text(x, y, text, ha="center", va="center_baseline", family="DejaVu Sans Mono", fontsize=FONT, zorder=3)


def _edge(axes: Any, points: list[tuple[float, float, float]], start: float, end: float) -> None:
    """A line with an arrow at its end, through points in the middles of rows of this half height. It is straight inside
    a row, where it must pass between nodes, and bends only between the rows.
    """
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    corners, codes = [(points[0][0], points[0][1] - start)], [Path.MOVETO]
    x0, y0, slope0 = points[0][0], points[0][1] - points[0][2], 0.0  # where the last row was left
    for k, (x, y, half) in enumerate(points[1:], 1):
        slope = 0.0
        if k < len(points) - 1:
            before, after = points[k - 1], points[k + 1]
            slope = (after[0] - before[0]) / (before[1] - after[1])
            slope = max(-CLEAR / half, min(CLEAR / half, slope)) if half else slope
        x1, y1 = x - slope * half, y + half
        bend = (y0 - y1) / 2
        if corners[-1] != (x0, y0):
            corners.append((x0, y0))
            codes.append(Path.LINETO)
        corners += [(x0 + slope0 * bend, y0 - bend), (x1 - slope * bend, y1 + bend), (x1, y1)]
        codes += [Path.CURVE4] * 3
        x0, y0, slope0 = x + slope * half, y - half, slope
    if points[-1][2] > end:
        corners.append((points[-1][0], points[-1][1] + end))
        codes.append(Path.LINETO)
    axes.add_patch(FancyArrowPatch(
        path=Path(corners, codes), arrowstyle="-|>,head_length=4,head_width=2", shrinkA=0, shrinkB=0,
        color="#777777", linewidth=0.9, zorder=1,
    ))  # fmt: skip
