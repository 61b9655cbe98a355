"""`python -m tests.campaign`: many drawn cases of the correct registry, and random programs, none of which may fail.

Each case is checked in both modes, at order 2, programs at order 1. A failure prints the case and its sentence; what
cannot be told is counted apart, and is no pass.

    python -m tests.campaign [--cases N] [--seed S] [--programs SHARE]
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import tinygrad_scratch as tg
from tinygrad_scratch.testing.programs import program
from tinygrad_scratch.testing.strategies import draws

from . import properties
from .samples import SAMPLES
from .test_registry import OURS


def registry(name: str, count: int, number: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """Drawn cases of one primitive."""
    for case in draws(SAMPLES[name].cases, count, number):
        yield f"{name}: {case}", lambda case=case: properties.derivatives_are_numerical(OURS[name], case)  # type: ignore[misc]


def programs(count: int, number: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """Random programs of 3 to 30 operations, at order 1."""
    for k in range(count):
        rng = np.random.default_rng((number, k))
        made = program(lambda n, rng=rng: int(rng.integers(n)), 3 + k % 28)  # type: ignore[misc]
        yield f"program {number}, {k}:\n{made!r}", lambda made=made: check(made)  # type: ignore[misc]


def check(made: Any) -> None:
    tg.testing.check_grads(made, made.args, order=1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="cases in all (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--programs", type=float, default=0.3, help="share of random programs (default: 0.3)")
    options = parser.parse_args()
    names = sorted(name for name, entry in SAMPLES.items() if entry.differentiable)
    each = max(1, int(options.cases * (1 - options.programs)) // len(names))
    kinds = [registry(name, each, options.seed) for name in names]
    if options.programs:
        kinds.append(programs(int(options.cases * options.programs), options.seed))
    done, wrong, undecided, start = 0, 0, 0, time.perf_counter()
    for kind in kinds:
        for what, run in kind:
            done += 1
            try:
                run()
            except tg.errors.UndecidedError as error:
                undecided += 1
                print(f"cannot tell: {what}\n  {error}", flush=True)
            except AssertionError as error:
                wrong += 1
                print(f"WRONG: {what}\n  {error}", flush=True)
    seconds = time.perf_counter() - start
    print(f"cases: {done}\nfalse alarms: {wrong}\ncannot tell: {undecided}\nseconds: {seconds:.0f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        sys.exit(main())
