"""`python -m benchmarks [table | eager | scaling]`: training steps and gradients as ratios to code written by hand.

table      all rows: by hand, the eager tape, `jit`, and the peers asked for (the default)
eager      the five smallest training steps by hand and with the eager tape
scaling    time against the length of a graph, the width of a net and its batch
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from . import timing

PEERS = ("jax", "torch", "torch.compile", "autograd", "mygrad")
NAMES = (
    *(
        "xor",
        "xor-deep",
        "spiral",
        "mnist",
        "mnist-wide",
        "black-scholes",
        "black-scholes-erf",
        "rosenbrock",
        "logistic",
    ),
    *("cnn", "lstm", "transformer"),
)


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line, checked; exits with a sentence where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", default="table", choices=["table", "eager", "scaling"])
    parser.add_argument("--peers", type=_names(PEERS), default=[], metavar="A,B", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--rows", type=_names(NAMES), default=list(NAMES), metavar="A,B", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each row (4)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="cores and threads for every side (1)")
    parser.add_argument("--memory", action="store_true", help="peak memory as well, in runs of their own")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them into this picture (needs matplotlib)")
    chosen = parser.parse_args(arguments)
    if chosen.command != "table" and (chosen.peers or chosen.memory or chosen.rows != list(NAMES)):
        parser.error(f"--peers, --rows and --memory belong to `table`, not to `{chosen.command}`")
    if chosen.command == "eager" and chosen.plot:
        parser.error("--plot belongs to `table` and `scaling`")
    if not chosen.seconds >= 0:
        parser.error(f"--seconds {chosen.seconds}: choose 0 (a few rounds) or more")
    if not 1 <= chosen.threads <= timing.cores():
        parser.error(f"--threads {chosen.threads}: this machine lends {timing.cores()} cores, choose 1 to that")
    if chosen.plot and not importlib.util.find_spec("matplotlib"):
        parser.error("--plot needs matplotlib: pip install matplotlib")
    for file in (chosen.json, chosen.plot):
        if file and not file.absolute().parent.is_dir():
            parser.error(f"{file}: there is no folder {file.absolute().parent} to write it to")
    return chosen


def _names(known: tuple[str, ...]) -> Any:
    """A parser of names with commas between."""

    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        wrong = [name for name in names if name not in known]
        if wrong or not names:
            raise argparse.ArgumentTypeError(f"{', '.join(wrong) or 'nothing'} given, choose of {', '.join(known)}")
        return names

    return parse


def main() -> int:
    """Measure and print; 1 if a side computed something else than the one by hand, 2 if a library is missing."""
    chosen = options()
    timing.restart_in_setting(chosen.threads)
    from . import tables  # NumPy must not be loaded before the setting stands

    try:
        found, problems = getattr(tables, chosen.command)(chosen)
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n")
    for what, problem in problems.items():
        print(f"FAILED, so without figures: {what}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
