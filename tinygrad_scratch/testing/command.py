"""`python -m tinygrad_scratch check package.module:function`: check_grads from the shell."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError, GradientError, UndecidedError
from .check import check_grads

RIGHT, WRONG, UNDECIDED = 0, 1, 2  # exit statuses


def main(target: str, shapes: Sequence[str], dtype: str, order: int, cases: int, seed: int) -> int:
    """Check the function that `target` names at `cases` normal arguments of these shapes; print what was found."""
    if cases < 1 or seed < 0:
        raise ArgumentError(f"check: --cases {cases} --seed {seed}; there must be 1 case or more, and a seed from 0 on")
    f = _function(target)
    for case in range(cases):
        rng = np.random.default_rng((seed, case))
        args = [rng.normal(size=_shape(shape)).astype(dtype)[()] for shape in shapes or ["()"]]
        try:
            report = check_grads(f, args, order=order, seed=case)
        except UndecidedError as error:
            print(f"cannot tell: {error}")
            return UNDECIDED
        except GradientError as error:
            print(f"wrong: {error}")
            return WRONG
        print(f"{target}: case {case}: {report}")
    return RIGHT


def _function(target: str) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    if not module or not name:
        raise ArgumentError(f"check: {target!r} names no function; write package.module:function")
    sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(module)
    except ImportError as error:
        raise ArgumentError(f"check: module {module!r} cannot be imported from here: {error}") from error
    finally:
        sys.path.pop(0)
    for part in name.split("."):
        if not hasattr(found, part):
            raise ArgumentError(f"check: {module} has no {name!r}")
        found = getattr(found, part)
    if not callable(found):
        raise ArgumentError(f"check: {target} is {type(found).__name__}, expected a function")
    return found  # type: ignore[no-any-return]


def _shape(text: str) -> tuple[int, ...]:
    """`3,4` or `()`."""
    parts = [part for part in text.strip("()").split(",") if part.strip()]
    if not all(part.strip().isdigit() for part in parts):
        raise ArgumentError(f"check: {text!r} is no shape; write --shape 3,4, or --shape '()' for a number")
    return tuple(map(int, parts))
