"""Live pictures: how often they are drawn, where they are seen, and that files are whole or not there."""

import gc
import os
import stat
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_scratch import viz
from tinygrad_scratch.core.errors import ArgumentError, DataError, MissingExtraError
from tinygrad_scratch.viz import live as module
from tinygrad_scratch.viz.live import Live

BACKEND = "module://tests.viz.window"


class Clock:
    """A clock that moves when it is told to; `drawing` is one that lets a frame take `cost` seconds."""

    def __init__(self, cost: float = 0.0) -> None:
        self.now = 100.0
        self.cost = cost
        self.frames: list[float] = []

    def __call__(self) -> float:
        return self.now

    def draw(self, **_: Any) -> None:
        self.frames.append(self.now)
        self.now += self.cost


@pytest.fixture(autouse=True)
def _matplotlib() -> None:
    pytest.importorskip("matplotlib")


def run(clock: Clock, updates: int, pause: float, **options: Any) -> Live:
    """Updates with so much time between them, drawn on a screen that does nothing."""
    screen = SimpleNamespace(show=lambda: None, close=lambda keep: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "perf_counter", clock)
        patch.setattr(module, "screen", lambda *_: screen)
        live = Live(viz.new_figure(1, 1), clock.draw, **options)
        for _ in range(updates):
            live.update()
            clock.now += pause
    return live


def moving(folder: Path, updates: int, name: str = "a.gif", **options: Any) -> Any:
    """A film of a bar that grows, and the figure."""
    figure = viz.new_figure(2, 1.5, dpi=50)
    axes = figure.subplots()
    with Live(figure, lambda k, **_: axes.bar(k, k + 1, color="C0"), file=folder / name, **options) as live:
        for k in range(updates):
            live.update(k=k)
    return live


def frames(path: Path) -> list[tuple[Any, int]]:
    from PIL import Image, ImageSequence

    with Image.open(path) as film:
        return [(np.asarray(f.convert("RGB")), f.info["duration"]) for f in ImageSequence.Iterator(film)]


@given(st.floats(0.001, 3), st.floats(0, 2), st.floats(0.5, 50), st.floats(0.01, 1))
def test_drawing_keeps_to_the_frame_rate_and_its_share_of_the_time(
    pause: float, cost: float, fps: float, share: float
) -> None:
    clock = Clock(cost)
    run(clock, 40, pause, fps=fps, share=share)
    between = np.diff([*clock.frames])
    assert np.all(between >= 1 / fps - 1e-9)
    assert np.all(cost <= share * between + 1e-9)


def test_fast_drawing_reaches_the_frame_rate() -> None:
    clock = Clock(cost=0.01)
    run(clock, 1000, 0.01, fps=10, share=0.2)
    assert len(clock.frames) == pytest.approx((clock.now - 100) * 10, abs=10)


def test_slow_drawing_takes_its_share() -> None:
    clock = Clock(cost=1.0)
    run(clock, 1000, 0.1, fps=50, share=0.25)
    assert len(clock.frames) / (clock.now - 100) == pytest.approx(0.25, rel=0.05)


def test_every_goes_by_count_whatever_the_clock_says() -> None:
    clock = Clock(cost=1e6)
    assert run(clock, 10, 0.0, every=3).frames == len(clock.frames) == 4


def test_the_last_update_is_drawn_when_closed() -> None:
    seen: list[int] = []
    screen = SimpleNamespace(show=lambda: None, close=lambda keep: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "screen", lambda *_: screen)
        live = Live(viz.new_figure(1, 1), lambda k: seen.append(k), every=4)
        for k in range(7):
            live.update(k=k)
        live.close()
        live.close()
    assert seen == [0, 4, 6]


def test_each_frame_shows_the_epoch_and_the_loss(tmp_path: Path) -> None:
    figure = viz.new_figure(3, 2)
    figure.suptitle("XOR")
    seen = []
    with Live(figure, lambda **_: None, file=tmp_path / "a.gif", every=1) as live:
        for values in ({"epoch": 1200, "loss": np.float32(0.123456)}, {"epoch": 2}, {"loss": 1e-9, "w": 0}):
            live.update(**values)
            seen.append(figure.get_suptitle())
    assert seen == ["XOR\nepoch 1,200   loss 0.1235", "XOR\nepoch 2", "XOR\nloss 1e-09"]


def test_gif_has_the_frames_that_were_drawn(tmp_path: Path) -> None:
    assert moving(tmp_path, 7, every=2, fps=20).frames == 4
    pictures = frames(tmp_path / "a.gif")
    assert len(pictures) == 4
    assert [duration for _, duration in pictures] == [50, 50, 50, 2000]
    assert all(picture.shape == (75, 100, 3) for picture, _ in pictures)
    assert all((picture[0, 0] == 255).all() for picture, _ in pictures)  # white is white
    assert len({picture.tobytes() for picture, _ in pictures}) == 4


def test_the_last_frame_is_the_figure_as_it_ends(tmp_path: Path) -> None:
    figure = viz.new_figure(2, 1.5, dpi=50)
    axes = figure.subplots()
    with Live(figure, lambda k: axes.plot([k, k + 1]), file=tmp_path / "a.gif", every=2) as live:
        for k in range(4):
            live.update(k=k)
    figure.savefig(tmp_path / "a.png")
    from PIL import Image

    with Image.open(tmp_path / "a.png") as still:
        wanted = np.asarray(still.convert("RGB"), int)
    assert np.abs(frames(tmp_path / "a.gif")[-1][0] - wanted).max() < 40  # 256 colours


def test_the_same_updates_make_the_same_file(tmp_path: Path) -> None:
    moving(tmp_path, 5, "a.gif", every=2)
    moving(tmp_path, 5, "b.gif", every=2)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_a_run_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    moving(tmp_path, 3, every=1)
    old = (tmp_path / "a.gif").read_bytes()
    figure = viz.new_figure(2, 2)
    with pytest.raises(ZeroDivisionError), Live(figure, lambda k: 1 / k, file=tmp_path / "a.gif", every=1) as live:
        live.update(k=0)
    live = Live(figure, lambda k: 1 / k, file=tmp_path / "a.gif", every=2)
    live.update(k=1)
    live.update(k=0)
    with pytest.raises(ZeroDivisionError):
        live.close()  # draws the last update
    assert (tmp_path / "a.gif").read_bytes() == old
    assert os.listdir(tmp_path) == ["a.gif"]


def test_there_is_no_file_before_the_end(tmp_path: Path) -> None:
    live = Live(viz.new_figure(2, 2), lambda **_: None, file=tmp_path / "a.gif", every=1)
    live.update()
    assert os.listdir(tmp_path) == []
    live.close()
    assert os.listdir(tmp_path) == ["a.gif"]


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.gif").mkdir()
    with pytest.raises(DataError, match=r"Live: .*a\.gif cannot be written \("):
        moving(tmp_path, 2, every=1)
    assert os.listdir(tmp_path) == ["a.gif"]


def test_closing_lets_go_of_everything(tmp_path: Path) -> None:
    figure = viz.new_figure(2, 2)
    live = Live(figure, lambda w: None, file=tmp_path / "a.gif", every=2)
    w = np.ones(3)
    seen = weakref.ref(w)
    live.update(w=w)
    live.update(w=w)
    del w
    assert seen() is not None  # the last update waits
    live.close()
    gc.collect()
    assert seen() is None
    kept = weakref.ref(figure)
    del live, figure
    gc.collect()
    assert kept() is None
    with pytest.raises(ArgumentError, match="Live: update after close"):
        moving(tmp_path, 1).update(k=1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"fps": 0}, "fps=0, expected a number above 0 and at most 50"),
        ({"fps": float("nan")}, "fps=nan, expected"),
        ({"share": 1.5}, "share=1.5, expected a share of the time"),
        ({"every": 0}, "every=0, expected an integer of at least 1"),
        ({"file": "film.avi"}, r"file='film.avi', expected a name that ends in .gif or .mp4"),
        ({"file": "no/such/folder/film.gif"}, "there is no folder no/such/folder; make it first"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=f"Live: .*{sentence}"):
        Live(viz.new_figure(1, 1), print, **options)


def test_what_is_no_figure_or_function_is_refused() -> None:
    figure = viz.new_figure(1, 1)
    with pytest.raises(ArgumentError, match="Live: figure is of type Axes, expected a matplotlib figure"):
        Live(figure.subplots(), print)
    with pytest.raises(ArgumentError, match="Live: draw=3, expected a function"):
        Live(figure, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [{"loss": "b"}, {"epoch": "b"}, {"loss": None}, {"loss": np.ones(2)}])
def test_a_loss_that_is_no_number_is_refused(tmp_path: Path, values: Any) -> None:
    live = Live(viz.new_figure(1, 1), lambda **_: None, file=tmp_path / "a.gif", every=1)
    with pytest.raises(ArgumentError, match=r"Live: (loss|epoch)=.*, expected one number"):
        live.update(**values)


def test_a_film_has_one_size(tmp_path: Path) -> None:
    figure = viz.new_figure(2, 1)
    live = Live(figure, lambda size: figure.set_size_inches(*size), file=tmp_path / "a.gif", every=1)
    live.update(size=(2, 1))
    with pytest.raises(ArgumentError, match=r"figure has \(3.0, 1.0\) inches and had \(2.0, 1.0\), expected one size"):
        live.update(size=(3, 1))


def test_mp4_goes_through_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "open(sys.argv[-1], 'w').write(f'{sys.stdin.buffer.read().count(b\"IEND\")} {\" \".join(sys.argv[1:-1])}')\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("shutil.which", lambda _: str(program))
    moving(tmp_path, 5, "a.mp4", every=1, fps=12)
    count, command = (tmp_path / "a.mp4").read_text().split(maxsplit=1)
    assert count == "5"
    assert "-framerate 12 " in command
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('no such codec')\n")
    with pytest.raises(DataError, match=r"Live: .*b\.mp4 cannot be written \(ffmpeg: no such codec\)"):
        moving(tmp_path, 5, "b.mp4", every=1)
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "ffmpeg"]


def test_mp4_without_ffmpeg_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingExtraError, match=r"pip install imageio-ffmpeg, or name a \.gif file"):
        Live(viz.new_figure(1, 1), print, file=tmp_path / "a.mp4")


@pytest.mark.parametrize(("backend", "reason"), [("agg", "it writes files only"), ("module://none", "No module named")])
def test_without_a_window_there_must_be_a_file(monkeypatch: pytest.MonkeyPatch, backend: str, reason: str) -> None:
    monkeypatch.setattr("matplotlib.get_backend", lambda: backend)
    with pytest.raises(ArgumentError, match=rf"'{backend}' opens no window here \({reason}.*give file='name\.gif'"):
        Live(viz.new_figure(1, 1), print)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The windows that have been opened."""
    from . import window

    monkeypatch.setattr("matplotlib.get_backend", lambda: BACKEND)
    monkeypatch.setitem(sys.modules, "tests.viz.window", window)
    opened: list[Any] = []
    monkeypatch.setattr(window.FigureManager, "opened", opened)
    return opened


def test_a_window_shows_each_frame(windows: list[Any]) -> None:
    figure = viz.new_figure(1, 1)
    with Live(figure, lambda **_: None, every=2) as live:
        (window,) = windows
        for _ in range(5):
            live.update()
        assert window.drawn == 3
        assert window.alive
    assert not window.alive
    assert not hasattr(window.canvas, "waits")


def test_a_window_that_is_held_waits_for_its_user(windows: list[Any]) -> None:
    with Live(viz.new_figure(1, 1), lambda **_: None, hold=True) as live:
        live.update()
    (window,) = windows
    assert window.canvas.waits is False  # it did, until it was closed
    assert not window.alive


def test_a_window_closed_early_stops_nothing(windows: list[Any]) -> None:
    with Live(viz.new_figure(1, 1), lambda **_: None, every=1, hold=True) as live:
        live.update()
        (window,) = windows
        window.canvas.user_closes()
        live.update()
    assert window.drawn == 1
    assert not hasattr(window.canvas, "waits")


def test_a_notebook_shows_one_picture_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    place = SimpleNamespace(update=shown.append)
    display = SimpleNamespace(
        Image=lambda data: data, display=lambda picture, display_id: shown.append(picture) or place
    )
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    with Live(viz.new_figure(1, 1), lambda **_: None, every=1) as live:
        for k in range(3):
            live.update(epoch=k)
    assert len(set(shown)) == 3
    assert all(picture[1:4] == b"PNG" for picture in shown)
