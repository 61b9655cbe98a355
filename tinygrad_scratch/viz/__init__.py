"""Pictures, drawn with matplotlib (extra `viz`), which is imported when a picture is drawn.

A drawing function takes what it draws on first, `axes` or a figure, then plain arrays and functions. It adds to what is
there: `axes.clear()` comes before it where a picture is drawn anew, as in `Live`. Colours are those of Okabe and Ito,
or scales that colour-blind readers see as well; only `network` has green and red, and `colours="safe"` instead, and
`decision_map` has marks beside its colours for more than six classes.
The picture of a computation is `tg.make_graph(f)(x).draw("graph.png")`.
"""

from .classes import confidences, confusion
from .curves import curves
from .decisions import decision_map
from .figure import new_figure
from .fits import fit_1d, surface
from .live import Live
from .network import Network, network
from .samples import pairs, samples
from .weights import activations, weights

__all__ = [
    "Live",
    "Network",
    "activations",
    "confidences",
    "confusion",
    "curves",
    "decision_map",
    "fit_1d",
    "network",
    "new_figure",
    "pairs",
    "samples",
    "surface",
    "weights",
]
