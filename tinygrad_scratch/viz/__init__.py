"""Pictures, drawn with matplotlib (extra `viz`), which is imported when a picture is drawn."""

from .curves import curves
from .figure import new_figure
from .samples import samples

__all__ = ["curves", "new_figure", "samples"]
