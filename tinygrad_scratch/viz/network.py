"""The drawing of a dense net: columns of neurons, every edge, and how each weight changed in a step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core import tree
from ..core.errors import ArgumentError, ShapeError
from .checks import numbers
from .figure import legend, wrapped

# of an edge whose weight did not change, grew, shrank (so that -1 is the last); by the name of the option `colours`
CHANGES = {"signs": ("#888888", "#1a9641", "#d7191c"), "safe": ("#888888", "#0072B2", "#E69F00")}
MEANINGS = ("unchanged", "weight grew", "weight shrank")
THIN, WIDE = 0.5, 2.3  # the width in points of the edge of a weight 0, and how much the largest has more
FAINT = 0.25  # the opacity of the edge of a weight 0; the largest has 1
RADIUS = 0.32  # of a neuron, where neighbours in a column are 1 apart
GAP = 1.5  # the room in a column for the dots that stand for neurons left out
LEAST = 5.0  # the room in a column at least, so that the neurons of small nets are not huge


class Network:
    """A net that has been drawn. `edges` is matplotlib's collection of all lines, `neurons` that of all discs."""

    def __init__(self, axes: Any, edges: Any, neurons: Any, sizes: list[int], shown: list[Any], colours: Any) -> None:
        self.edges = edges
        self.neurons = neurons
        self._axes = axes
        self._shapes = list(pairwise(sizes))
        self._shown = list(pairwise(shown))  # the rows and columns of each matrix whose edges are drawn
        self._colours = colours
        self._last: NDArray[Any] | None = None

    def update(self, weights: Any, previous: Any = None) -> None:
        """Colour each edge by the sign of its weight's change since `previous`, the weights before the step, or since
        the last call. Its width and opacity go by the weight's size, in relation to the largest that is drawn.

        An array that was donated to a jitted step holds something else afterwards: keep a copy of it as `previous`.

        Raises ShapeError for the weights of another net, DataError for NaN.
        """
        before = self._last if previous is None else self._drawn(previous)
        now = self._drawn(weights)
        self._last = now
        signs = np.zeros(len(now), int) if before is None else (now > before).astype(int) - (now < before)
        size = np.abs(now) / (np.abs(now).max() or 1.0)
        self.edges.set_linewidths(THIN + WIDE * size)
        self.edges.set_color(np.column_stack([self._colours[signs], FAINT + (1 - FAINT) * size]))
        if before is not None and self._axes.get_legend() is None:
            self._add_legend()

    def _drawn(self, weights: Any) -> NDArray[Any]:
        """The weights in the order of the edges."""
        matrices = _matrices(weights)
        shapes = [w.shape for w in matrices]
        if shapes != self._shapes:
            raise ShapeError(f"network: the weights have shapes {shapes}, expected {self._shapes}, as they were drawn")
        return np.concatenate([w[np.ix_(*shown)].ravel() for w, shown in zip(matrices, self._shown, strict=True)])

    def _add_legend(self) -> None:
        from matplotlib.lines import Line2D

        lines = [Line2D([], [], color=self._colours[k], label=MEANINGS[k]) for k in (1, 2, 0)]
        wide = Line2D([], [], color="black", linewidth=THIN + WIDE, label="wide: a large weight")
        legend(self._axes, [*lines, wide])


def network(
    axes: Any,
    weights: Any,
    layers: Sequence[str] | None = None,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    colours: str = "signs",
    widest: int = 16,
) -> Network:
    """Draw the architecture of a dense net: a column a layer, a disc a neuron, a line a weight.

    `weights` is a tree with the matrices (inputs, outputs) of the layers in their order, such as the params of
    `nn.serial(nn.dense(16), ...)` (its other leaves, the biases, are not drawn), or the sizes alone: [3, 8, 1]. Of a
    layer of more than `widest` neurons the first and the last are drawn, and its label says so.

    `layers` names the columns, `inputs` and `outputs` the neurons of the first and the last. The answer's
    `update(weights, previous)` shows a step of training: an edge whose weight grew is green, one whose weight shrank
    red, an unchanged one grey; with `colours="safe"` blue and orange, which colour-blind readers tell apart.

    Raises ShapeError if there are no matrices or they do not fit, ArgumentError for sizes or names that make no sense,
    DataError for NaN.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> axes = tg.viz.new_figure(6, 4).subplots()
    >>> picture = tg.viz.network(axes, [3, 8, 16, 8, 8, 8, 1])
    >>> len(picture.neurons.get_offsets()), len(picture.edges.get_segments())
    (52, 416)
    >>> w = [np.ones((2, 3)), np.ones((3, 1))]
    >>> picture = tg.viz.network(tg.viz.new_figure(6, 4).subplots(), w, inputs=["x", "y"])
    >>> picture.update([w[0] + 0.1, w[1] - 0.1], previous=w)
    """
    from matplotlib.colors import to_rgb

    if colours not in CHANGES:
        raise ArgumentError(f"network: colours={colours!r}, expected one of {', '.join(map(repr, CHANGES))}")
    if not isinstance(widest, int) or widest < 2:
        raise ArgumentError(f"network: widest={widest!r}, expected an integer of at least 2, the first and the last")
    given = tree.leaves(weights)
    only_sizes = bool(given) and all(isinstance(n, (int, np.integer)) for n in given)
    sizes = _checked_sizes(given) if only_sizes else _sizes(_matrices(weights))
    columns = [_column(n, widest) for n in sizes]
    places = [np.column_stack([np.full(len(y), float(k)), y]) for k, (_, y) in enumerate(columns)]
    edges, neurons = _edges(places), _neurons(axes, np.concatenate(places))
    axes.add_collection(edges)
    axes.add_collection(neurons)
    half = max([LEAST / 2, *(np.abs(y).max() + 0.5 for _, y in columns)])
    axes.set(xlim=(-0.5, len(sizes) - 0.5), ylim=(-half, half), yticks=[])
    labels = [wrapped(axes, label, 1 / len(sizes)) for label in _labels(sizes, layers, widest)]
    axes.set_xticks(range(len(sizes)), labels, fontsize="small")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for k in [k for k, n in enumerate(sizes) if n > widest]:
        axes.text(k, 0, "\u22ee", ha="center", va="center", fontsize="large")
    _name(axes, "inputs", inputs, columns[0], sizes[0], 0, -1)
    _name(axes, "outputs", outputs, columns[-1], sizes[-1], len(sizes) - 1, 1)
    rgb = np.array([to_rgb(colour) for colour in CHANGES[colours]])
    drawn = Network(axes, edges, neurons, sizes, [chosen for chosen, _ in columns], rgb)
    if not only_sizes:
        drawn.update(weights)
    return drawn


def _matrices(weights: Any) -> list[NDArray[Any]]:
    found = [w for w in tree.leaves(weights) if np.ndim(w) == 2]
    if not found:
        raise ShapeError("network: there are no matrices among the weights, expected (inputs, outputs) of each layer")
    return [numbers("network", f"matrix {k}", w, "(inputs, outputs)") for k, w in enumerate(found)]


def _sizes(matrices: list[NDArray[Any]]) -> list[int]:
    for k, (left, right) in enumerate(pairwise(matrices)):
        if left.shape[1] != right.shape[0]:
            raise ShapeError(
                f"network: matrix {k} has shape {left.shape} and matrix {k + 1} {right.shape}, expected as many rows "
                "as the one before has columns; give the layers in their order"
            )
    return [len(matrices[0]), *(w.shape[1] for w in matrices)]


def _checked_sizes(sizes: Sequence[Any]) -> list[int]:
    if len(sizes) < 2 or min(sizes) < 1:
        raise ArgumentError(f"network: the sizes are {list(sizes)}, expected two or more, each at least 1; add layers")
    return [int(n) for n in sizes]


def _column(n: int, widest: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Which of n neurons are drawn, and how high, about the middle."""
    if n <= widest:
        return np.arange(n), (n - 1) / 2 - np.arange(n)
    above = (widest + 1) // 2
    chosen = np.arange(widest)
    down = chosen + np.where(chosen < above, 0, GAP)
    return np.where(chosen < above, chosen, n - widest + chosen), (down[above - 1] + down[above]) / 2 - down


def _edges(places: list[NDArray[Any]]) -> Any:
    """A line for each pair of neighbours, in the order of the weights."""
    from matplotlib.collections import LineCollection

    lines = [(a, b) for left, right in pairwise(places) for a in left for b in right]
    return LineCollection(lines, colors="#888888", linewidths=0.6, zorder=1)


def _neurons(axes: Any, centres: NDArray[Any]) -> Any:
    """Discs that are round whatever the scales of the axes."""
    from matplotlib.collections import EllipseCollection

    return EllipseCollection(
        widths=[2 * RADIUS], heights=[2 * RADIUS], angles=[0], units="y", offsets=centres,
        offset_transform=axes.transData, facecolors="white", edgecolors="#333333", linewidths=1.0, zorder=2,
    )  # fmt: skip


def _labels(sizes: list[int], layers: Sequence[str] | None, widest: int) -> list[str]:
    usual = ["input", *(f"hidden {k}" for k in range(1, len(sizes) - 1)), "output"]
    names = usual if layers is None else layers
    if len(names) != len(sizes):
        raise ArgumentError(f"network: got {len(names)} names of layers, expected {len(sizes)}, the inputs among them")
    return [
        f"{name}\n{n:,}" + (f", {widest} drawn" if n > widest else "") for name, n in zip(names, sizes, strict=True)
    ]


def _name(axes: Any, what: str, names: Sequence[str], column: Any, size: int, x: int, side: int) -> None:
    """Names left of the discs, where the side is -1, or right of them, where it is 1."""
    from matplotlib.transforms import Affine2D

    def beside(_: Any) -> Any:  # the discs have their size from the vertical scale, which is known when it is drawn
        radius = RADIUS * abs(axes.transData.get_matrix()[1, 1])
        return axes.transData + Affine2D().translate(side * (radius + 4 * axes.figure.dpi / 72), 0)

    if len(names) not in (0, size):
        raise ArgumentError(f"network: got {len(names)} names of {what}, expected {size}, one a neuron; give them all")
    if names:
        for i, y in zip(*column, strict=True):
            axes.annotate(
                names[i], (x, y), (x, y), textcoords=beside, ha="right" if side < 0 else "left", va="center",
                fontsize="small", annotation_clip=False,
            )  # fmt: skip
