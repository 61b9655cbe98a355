"""Where a live picture is seen: a window, a notebook, a film in a file. Each shows the figure as it is, and closes."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..core.errors import ArgumentError, DataError, MissingExtraError
from ..core.files import replacing

LAST = 2.0  # seconds that the last picture of a GIF stays
PALETTE_FROM = 16  # frames, evenly spaced, whose colours are those of the whole GIF


class Screen(Protocol):
    """`show` is called for each frame, `close` once; `keep` tells whether all went well."""

    def show(self) -> None: ...

    def close(self, keep: bool) -> None: ...


def screen(figure: Any, file: str | os.PathLike[str] | None, fps: float, hold: bool) -> Screen:
    """The film if there is a file, the notebook if we are in one, else a window."""
    if file is not None:
        return Film(figure, Path(file), fps)
    if "IPython" in sys.modules:
        from IPython import get_ipython

        if hasattr(get_ipython(), "kernel"):  # a notebook, not IPython in a terminal
            return Notebook(figure)
    return Window(figure, hold)


class Window:
    """A window of matplotlib's interactive backend. Once its user closes it, nothing more is drawn."""

    def __init__(self, figure: Any, hold: bool) -> None:
        import matplotlib
        from matplotlib.backends import registry

        name = matplotlib.get_backend()
        backends: Any = registry.backend_registry
        try:
            canvas = backends.load_backend_module(name).FigureCanvas
            if canvas.required_interactive_framework is None:
                raise RuntimeError("it writes files only")
            self._manager = canvas.new_manager(figure, 1)
        except Exception as error:  # each backend has errors of its own
            raise ArgumentError(
                f"Live: matplotlib's backend {name!r} opens no window here ({error}); give file='name.gif', or set "
                "MPLBACKEND to one that does, such as TkAgg, on a machine with a screen"
            ) from error
        self._canvas = figure.canvas
        self._hold = hold
        self._open = True
        self._canvas.mpl_connect("close_event", self._closed)
        self._manager.show()

    def show(self) -> None:
        if self._open:
            self._canvas.draw()
            self._canvas.flush_events()

    def close(self, keep: bool) -> None:
        if self._open and self._hold and keep:
            self._canvas.mpl_connect("close_event", lambda _: self._canvas.stop_event_loop())
            self._canvas.start_event_loop()
        if self._open:
            self._manager.destroy()

    def _closed(self, _: Any) -> None:
        self._open = False


class Notebook:
    """A picture below the cell, replaced by each frame."""

    def __init__(self, figure: Any) -> None:
        self._figure = figure
        self._place: Any = None

    def show(self) -> None:
        from IPython.display import Image, display

        picture = Image(data=_png(self._figure))
        if self._place is None:
            self._place = display(picture, display_id=True)
        else:
            self._place.update(picture)

    def close(self, keep: bool) -> None:
        self._place = None


class Film:
    """A GIF or MP4, whose frames are kept, compressed, until the end; then the file takes its name in one step."""

    def __init__(self, figure: Any, path: Path, fps: float) -> None:
        writers = {".gif": self._gif, ".mp4": self._mp4}
        if path.suffix.lower() not in writers:
            raise ArgumentError(f"Live: file={str(path)!r}, expected a name that ends in .gif or .mp4; rename it")
        if not path.parent.is_dir():
            raise ArgumentError(f"Live: file={str(path)!r}, but there is no folder {path.parent}; make it first")
        self._write = writers[path.suffix.lower()]
        if path.suffix.lower() == ".mp4":
            self._ffmpeg = _ffmpeg()
        self._figure = figure
        self._size: tuple[float, ...] = ()  # of the first frame
        self._path = path.absolute()  # the work may go on in another folder
        self._fps = fps
        self._frames: list[bytes] = []

    def show(self) -> None:
        size = tuple(float(length) for length in self._figure.get_size_inches())
        self._size = self._size or size
        if size != self._size:
            raise ArgumentError(
                f"Live: the figure has {size} inches and had {self._size}, expected one size for a film; leave it"
            )
        self._frames.append(_png(self._figure))

    def close(self, keep: bool) -> None:
        frames, self._frames = self._frames, []
        if not keep or not frames:
            return
        try:
            with replacing(self._path) as part:
                self._write(frames, part)
        except OSError as error:
            raise DataError(f"Live: {self._path} cannot be written ({error}); check the folder and the disk") from error

    def _gif(self, frames: list[bytes], part: Path) -> None:
        """One palette for all frames: what does not change from one to the next takes no room, and does not flicker."""
        from PIL import Image

        plain = Image.Dither.NONE
        chosen = np.unique(np.linspace(0, len(frames) - 1, PALETTE_FROM).astype(int))
        sheet = np.concatenate([np.asarray(_image(frames[k])) for k in chosen])
        palette = Image.fromarray(sheet).quantize(256, dither=plain)
        # pillow looks colours up by their upper five bits, so that white would become a light grey
        palette.putpalette([255 if part >= 248 else part for part in palette.getpalette() or ()])
        images = (_image(frame).quantize(palette=palette, dither=plain) for frame in frames)
        step = round(1000 / self._fps)
        durations = [*[step] * (len(frames) - 1), round(1000 * LAST)]
        next(images).save(part, "GIF", save_all=True, append_images=images, loop=0, duration=durations)

    def _mp4(self, frames: list[bytes], part: Path) -> None:
        import subprocess

        even = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white"  # which most players ask for, like yuv420p
        command = (
            f"-loglevel error -y -f image2pipe -c:v png -framerate {self._fps} -i - -vf {even} -pix_fmt yuv420p "
            "-movflags +faststart -f mp4"
        )
        done = subprocess.run([self._ffmpeg, *command.split(), str(part)], input=b"".join(frames), capture_output=True)
        if done.returncode:
            raise OSError(f"ffmpeg: {done.stderr.decode(errors='replace').strip()}")


def _png(figure: Any) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _image(png: bytes) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(png))


def _ffmpeg() -> str:
    import shutil

    if found := shutil.which("ffmpeg"):
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise MissingExtraError(
            "Live: an MP4 needs ffmpeg, which is not on the PATH; pip install imageio-ffmpeg, or name a .gif file"
        ) from error
    return str(get_ffmpeg_exe())
