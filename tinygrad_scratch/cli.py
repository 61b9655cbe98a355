"""The command line, `python -m tinygrad_scratch COMMAND`.

A command is one function that adds its parser and says what runs it, and one line in `_COMMANDS`.
What a command needs is imported when it runs, so that help comes at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Commands = _SubParsersAction[argparse.ArgumentParser]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name (default: the program's own); the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.print_help()
        return 0
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tinygrad_scratch", description="A functional autodiff micro-framework on NumPy."
    )
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="command")
    for add in _COMMANDS:
        add(commands)
    return parser


def _doctor(commands: Commands) -> None:
    what = "tell what decides speed on this machine, and what would be faster (takes some seconds)"
    parser = commands.add_parser("doctor", help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.add_argument("--json", action="store_true", help="print the same as JSON")
    parser.set_defaults(run=_run_doctor)


def _run_doctor(options: argparse.Namespace) -> int:
    from . import doctor

    return doctor.main(as_json=options.json)


_COMMANDS: tuple[Callable[[Commands], None], ...] = (_doctor,)
