"""Live pictures: --live shows one in a window while a net learns, --film FILE says where it goes as a GIF or MP4."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tinygrad_scratch as tg

FRAMES = 40


def add_options(parser: argparse.ArgumentParser, name: str) -> None:
    """--live and --film, by default NAME.gif in the folder of pictures."""
    parser.set_defaults(film_name=name)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--live", action="store_true", help="show it in a window while the net learns")
    where.add_argument("--film", type=Path, metavar="FILE", help=f"a .gif or .mp4 (DIR/{name}.gif)")


def place(options: Any, part: str = "") -> Path:
    """The file that the options ask for; of the film of this part, where a script makes several."""
    file: Path = options.film or options.out / f"{options.film_name}.gif"
    return file.with_stem(f"{file.stem}_{part}") if part else file


def shown(options: Any, figure: Any, draw: Callable[..., Any], epochs: int, part: str = "") -> tg.viz.Live:
    """What `draw(**values)` draws on the figure: so many FRAMES in the file, in a window as often as is due."""
    if options.live:
        return tg.viz.Live(figure, draw, hold=True)
    frames = 3 if options.quick else FRAMES
    return tg.viz.Live(figure, draw, file=place(options, part), every=max(1, epochs // frames))


def watch(live: tg.viz.Live, start: Any) -> Callable[[tg.train.Epoch], None]:
    """A callback of `tg.train.fit` that gives the picture each epoch, with the state and the one before the step."""
    before = start

    def see(epoch: tg.train.Epoch) -> None:
        nonlocal before
        live.update(
            epoch=epoch.number, loss=epoch.logs["loss"], history=epoch.history, state=epoch.state, before=before
        )
        before = epoch.state

    return see
