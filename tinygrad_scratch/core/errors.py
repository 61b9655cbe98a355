"""Every error that this package raises on purpose, and the user's line for their sentences.

One base class; each error is also the built-in kind that fits, so `except ValueError` works
for those who do not know us. A message says: operation, argument, got, expected, what to do.
"""

from __future__ import annotations

import linecache
import opcode
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


class DivisionError(TinygradError, ZeroDivisionError):
    """What is divided by is zero, where NumPy raises an error for that."""


class AxisError(TinygradError, np.exceptions.AxisError):
    """An array does not have that axis. It is NumPy's AxisError as well."""


class LinearAlgebraError(TinygradError, np.linalg.LinAlgError):
    """A matrix is singular, not square, or not what its operation needs. It is NumPy's LinAlgError as well."""


class IndexingError(TinygradError, IndexError):
    """An index does not fit, or its kind is not supported on a Tensor."""


class DtypeError(TinygradError, TypeError):
    """An array has a dtype that cannot be differentiated, or a value is no array at all."""


class MissingRuleError(TinygradError, NotImplementedError):
    """A function, or one of its options, has no rule for the transformation that met it."""


class MissingMethodError(TinygradError, AttributeError):
    """An array has this attribute or method, a Tensor has not."""


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


PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


_STANDARD = os.path.dirname(os.__file__) + os.sep
_BETWEEN = tuple([f"{os.sep}{name}{os.sep}" for name in ("numpy", "scipy")])


def _user_frame() -> FrameType | None:
    """The innermost frame outside this package, NumPy, SciPy and the standard library."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and is_between(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def is_between(filename: str) -> bool:
    """Whether a file is part of this package, NumPy, SciPy or the standard library."""
    standard = filename.startswith(_STANDARD) and "site-packages" not in filename
    return standard or filename.startswith(PACKAGE) or any(part in filename for part in _BETWEEN)


def by_scipy() -> str:
    """What to do where it is SciPy that does not take a Tensor, or an empty string."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and is_between(frame.f_code.co_filename):
        if _BETWEEN[1] in frame.f_code.co_filename:
            return (
                " What SciPy writes in Python takes Tensors as tg.scipy.special, linalg and stats, and some of SciPy's "
                "own functions do where SCIPY_ARRAY_API=1 is set before SciPy is imported."
            )
        frame = frame.f_back
    return ""


def user_line() -> str:
    """` (at file.py:12: y = f(x))` for the user's code, or an empty string."""
    frame = _user_frame()
    return "" if frame is None else place(frame, frame.f_lineno)


def place(frame: FrameType, line: int) -> str:
    """` (at file.py:12: y = f(x))` for that line."""
    text = linecache.getline(frame.f_code.co_filename, line).strip()
    at = f"{os.path.basename(frame.f_code.co_filename)}:{line}"
    return f" (at {at}: {text})" if text else f" (at {at})"


def user_assigns() -> bool:
    """Whether the user's code is at an assignment `y[i] = t`."""
    frame = _user_frame()
    return frame is not None and opcode.opname[frame.f_code.co_code[frame.f_lasti]] in ("STORE_SUBSCR", "STORE_SLICE")


def not_fillable(what: str) -> AssignmentError:
    """The error where a Tensor was to be written into an array that cannot hold it."""
    return AssignmentError(
        f"{what}: a Tensor cannot be written into a plain array or another Tensor{user_line()}. Make that array by "
        "tg.numpy.zeros in place of np.zeros (so too empty, ones, full, array ...), by np.zeros_like(t), or by t.copy()"
    )
