"""Pictures of what is going on, at a rate that leaves the time to the work itself."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from time import perf_counter
from typing import Any

from ..core.errors import ArgumentError
from .screens import Screen, screen


class Live:
    """A figure that is drawn again and again: in a window, in a notebook, or as frames of a GIF or MP4.

    `draw(**values)` draws anew on `figure` what `update(**values)` was given; each time, or as often as is due:

    - by the clock: at most `fps` frames a second, and so seldom that drawing takes at most the `share` of the time;
    - with `every=n`: on the first update and each n-th after it, whatever that takes, so that a file comes out the same
      each time.

    The last update is drawn in any case, when the picture is closed. `epoch` and `loss`, where update is given them,
    stand above each frame, under the figure's title.

    With `file`, a name in .gif or .mp4 (which needs ffmpeg), the film is written when the picture is closed, in one
    step, so that there never is a part of a file; it plays `fps` frames a second. After an error inside `with` nothing
    is written. Without `file`, a notebook shows the picture below the cell, and elsewhere there is a window, which
    with `hold` stays until its user closes it. Closing a window early does not stop the work.

    Raises ArgumentError for options out of range, another kind of file, where there is neither window nor notebook, or
    for a figure that changes its size during a film; MissingExtraError for an MP4 without ffmpeg.

    >>> import tinygrad_scratch as tg
    >>> import tempfile
    >>> figure = tg.viz.new_figure(4, 3)
    >>> axes = figure.subplots()
    >>> history = []
    >>> def draw(**_):
    ...     axes.clear()
    ...     tg.viz.curves(axes, {"training": history}, "loss")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with tg.viz.Live(figure, draw, file=folder + "/loss.gif", every=10) as live:
    ...         for epoch in range(1, 26):
    ...             history.append(1 / epoch)
    ...             live.update(epoch=epoch, loss=history[-1])
    >>> live.frames  # of the epochs 1, 11, 21 and the last
    4
    """

    def __init__(
        self,
        figure: Any,
        draw: Callable[..., Any],
        *,
        file: str | os.PathLike[str] | None = None,
        fps: float = 10,
        share: float = 0.2,
        every: int | None = None,
        hold: bool = False,
    ) -> None:
        if not hasattr(figure, "set_size_inches"):
            raise ArgumentError(
                f"Live: figure is of type {type(figure).__name__}, expected a matplotlib figure; "
                "tg.viz.new_figure(6, 4) makes one, and axes.figure is that of axes"
            )
        if not callable(draw):
            raise ArgumentError(f"Live: draw={draw!r}, expected a function that draws on the figure; give one")
        if not 0 < fps <= 50:
            raise ArgumentError(f"Live: fps={fps!r}, expected a number above 0 and at most 50; try 10")
        if not 0 < share <= 1:
            raise ArgumentError(f"Live: share={share!r}, expected a share of the time, above 0 and at most 1; try 0.2")
        if every is not None and (not isinstance(every, int) or every < 1):
            raise ArgumentError(f"Live: every={every!r}, expected an integer of at least 1, or None; try 10")
        self.frames = 0
        self._figure = figure
        self._draw = draw
        self._fps = fps
        self._share = share
        self._every = every
        self._title = figure.get_suptitle()
        self._updates = 0
        self._due = -math.inf  # when the clock allows the next frame
        self._waiting: dict[str, Any] | None = None  # what the last update was given, until it is drawn
        self._screen: Screen | None = screen(figure, file, fps, hold)

    def update(self, **values: Any) -> None:
        """Draw these values if a frame is due."""
        if self._screen is None:
            raise ArgumentError("Live: update after close, expected it before; make another Live for another film")
        self._waiting = values
        due = self._updates % self._every == 0 if self._every else perf_counter() >= self._due
        self._updates += 1
        if due:
            self._frame(self._screen)

    def close(self, keep: bool = True) -> None:
        """Draw the last update, write the file or close the window, and let go of all that was kept. With `keep=False`
        there is no file. Closing again does nothing.
        """
        open_screen, self._screen = self._screen, None
        if open_screen is None:
            return
        try:
            if keep and self._waiting is not None:
                self._frame(open_screen)
        except BaseException:
            keep = False
            raise
        finally:
            self._waiting = None
            open_screen.close(keep)

    def __enter__(self) -> Live:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(keep=kind is None)

    def _frame(self, on: Screen) -> None:
        start = perf_counter()
        values, self._waiting = self._waiting or {}, None
        self._draw(**values)
        state = [_said(name, values[name], form) for name, form in (("epoch", ","), ("loss", ".4g")) if name in values]
        if state:
            self._figure.suptitle("\n".join(line for line in (self._title, "   ".join(state)) if line))
        on.show()
        self.frames += 1
        self._due = start + max(1 / self._fps, (perf_counter() - start) / self._share)


def _said(name: str, value: Any, form: str) -> str:
    try:
        return f"{name} {value:{form}}"
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"Live: {name}={value!r}, expected one number; give it under another name") from error
