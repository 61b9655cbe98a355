"""Every error that this package raises on purpose, and the user's line for their sentences.

One base class; each error is also the built-in kind that fits, so `except ValueError` works
for those who do not know us. A message says: operation, argument, got, expected, what to do.
"""

from __future__ import annotations

import linecache
import os
import sys
from types import FrameType

import numpy as np


class TinygradError(Exception):
    """Base of all errors of this package."""


class ArgumentError(TinygradError, ValueError):
    """An argument has a value that the operation cannot take."""


class ShapeError(TinygradError, ValueError):
    """Shapes do not fit together."""


class LinearAlgebraError(TinygradError, np.linalg.LinAlgError):
    """A matrix is singular, not square, or not what its operation needs. It is NumPy's LinAlgError as well."""


class IndexingError(TinygradError, IndexError):
    """An index does not fit, or its kind is not supported on a Tensor."""


class DtypeError(TinygradError, TypeError):
    """An array has a dtype that cannot be differentiated, or a value is no array at all."""


class MissingRuleError(TinygradError, NotImplementedError):
    """A function, or one of its options, has no rule for the transformation that met it."""


class EndedError(TinygradError, RuntimeError):
    """A Tensor was used after the transformation that made it had ended."""


class ConcreteError(TinygradError, TypeError):
    """Plain Python or plain NumPy asked a Tensor for its bare value, which would lose the derivative."""


class AssignmentError(TinygradError, TypeError):
    """A Tensor was to be changed in place, or written into a plain array."""


class TreeError(TinygradError, TypeError):
    """A tree holds an object of an unregistered class, or two trees differ in structure."""


class GradientError(TinygradError, AssertionError):
    """A derivative disagrees with the numerical one."""


class UndecidedError(GradientError):
    """Nobody can tell whether a derivative is right, for a reason that the message gives. That is no pass."""


class NanError(TinygradError, FloatingPointError):
    """A value that was being watched became NaN or infinite."""


class DivergedError(NanError):
    """The loss of a training run is no longer finite. `result` is the run up to the epoch before."""

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class DataError(TinygradError, ValueError):
    """A data file is damaged or is not what it should be."""


class MissingFileError(TinygradError, FileNotFoundError):
    """A data file is not where it was looked for."""


class MissingExtraError(TinygradError, ImportError):
    """An optional library is not installed."""


_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def user_line() -> str:
    """` (at file.py:12: y = f(x))` for the innermost frame outside this package and NumPy, or an empty string."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        foreign = filename.startswith(_PACKAGE) or f"{os.sep}numpy{os.sep}" in filename
        if not foreign:
            text = linecache.getline(filename, frame.f_lineno).strip()
            place = f"{os.path.basename(filename)}:{frame.f_lineno}"
            return f" (at {place}: {text})" if text else f" (at {place})"
        frame = frame.f_back
    return ""
