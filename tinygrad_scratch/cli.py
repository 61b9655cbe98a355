"""The command line, `python -m tinygrad_scratch COMMAND`.

A command is one function that adds its parser and says what runs it, and one line in `_COMMANDS`.
What a command needs is imported when it runs, so that help comes at once.
"""

from __future__ import annotations

import argparse
import sys
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


def _check(commands: Commands) -> None:
    what = "check the derivatives of a function of yours, at random arguments"
    parser = commands.add_parser("check", help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.add_argument("target", metavar="package.module:function")
    parser.add_argument("--shape", action="append", default=[], help="of an argument, such as 3,4; once for each")
    parser.add_argument("--dtype", default="float64", choices=["float32", "float64"])
    parser.add_argument("--order", type=int, default=2, help="how often it is differentiated (default: 2)")
    parser.add_argument("--cases", type=int, default=3, help="how many arguments are drawn (default: 3)")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=_run_check)


def _run_check(options: argparse.Namespace) -> int:
    from .core.errors import ArgumentError
    from .testing import command

    try:
        return command.main(options.target, options.shape, options.dtype, options.order, options.cases, options.seed)
    except ArgumentError as error:
        print(error, file=sys.stderr)
        return 2


def _coverage(commands: Commands) -> None:
    what = "print which functions of NumPy and SciPy have which derivatives, each cell checked on drawn calls"
    parser = commands.add_parser("coverage", help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="such as 'numpy.linalg.*'")
    parser.add_argument("--cases", type=int, default=3, help="calls drawn for each cell (default: 3)")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=_run_coverage)


def _run_coverage(options: argparse.Namespace) -> int:
    from . import coverage

    return 1 if coverage.main(options.only, options.cases, options.seed) else 0


_COMMANDS: tuple[Callable[[Commands], None], ...] = (_doctor, _check, _coverage)
