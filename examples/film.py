"""Live pictures: --live shows one in a window while a net learns, --film FILE says where it goes as a GIF or MP4."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tinygrad_scratch as tg

FRAMES = 40


def add_options(parser: argparse.ArgumentParser) -> None:
    """--live and --film."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--live", action="store_true", help="show it in a window while the net learns")
    where.add_argument("--film", type=Path, metavar="FILE", help="where it goes, a .gif or .mp4 (a GIF in DIR)")


def place(options: Any, name: str, several: bool = False) -> Path | str:
    """DIR/name.gif, or what --film says, to which the name is added where a script makes several; or the window."""
    if options.live:
        return "a window"
    file: Path | None = options.film
    if file is None:
        return Path(options.out, f"{name}.gif")
    return file.with_stem(f"{file.stem}_{name}") if several else file


@contextmanager
def made(
    options: Any, file: Path | str, figure: Any, draw: Callable[..., Any], start: Any, epochs: int
) -> Iterator[Callable[[tg.train.Epoch], None]]:
    """A callback for `tg.train.fit`: `draw(state=, before=, history=, ...)` draws an epoch on the figure.

    `before` is the state one step earlier, at first `start`. The file gets so many FRAMES, close to each other at
    first, when most is learnt; a window as many as it can show.
    """
    frames = 3 if options.quick else FRAMES
    due = {1 + round((epochs - 1) * (k / frames) ** 2) for k in range(frames + 1)}
    before = start

    def see(epoch: tg.train.Epoch) -> None:
        nonlocal before
        if options.live or epoch.number in due:
            live.update(
                epoch=epoch.number, loss=epoch.logs["loss"], history=epoch.history, state=epoch.state, before=before
            )
        before = epoch.state

    where = {"hold": True} if options.live else {"file": file, "every": 1}
    with tg.viz.Live(figure, draw, **where) as live:
        yield see
