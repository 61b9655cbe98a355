"""A backend of matplotlib with windows that exist only in memory."""

from typing import Any, ClassVar

from matplotlib.backend_bases import CloseEvent, FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg


class FigureManager(FigureManagerBase):
    """Counts what is done to it."""

    opened: ClassVar[list[Any]] = []

    def show(self) -> None:
        self.opened.append(self)
        self.drawn = 0
        self.alive = True

    def destroy(self) -> None:
        self.alive = False


class FigureCanvas(FigureCanvasAgg):
    """A canvas in such a window, whose user closes it as soon as it waits for that."""

    required_interactive_framework = "memory"
    manager_class = FigureManager

    def flush_events(self) -> None:
        self.manager.drawn += 1

    def start_event_loop(self, timeout: float = 0) -> None:
        self.waits = True
        self.user_closes()

    def stop_event_loop(self) -> None:
        self.waits = False

    def user_closes(self) -> None:
        CloseEvent("close_event", self)._process()
        self.manager.destroy()
