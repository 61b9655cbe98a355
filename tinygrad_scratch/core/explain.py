"""What NumPy refuses inside an operation of ours, as an error of ours: with the operation and the user's line.

NumPy's errors pass through the operations untouched, and are explained once, where they leave the user's function.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType, TracebackType

import numpy as np

from .errors import (
    PACKAGE,
    ArgumentError,
    AxisError,
    DtypeError,
    IndexingError,
    LinearAlgebraError,
    TinygradError,
    is_between,
    place,
    user_line,
)

KINDS: tuple[tuple[type[Exception], type[TinygradError]], ...] = (
    (np.linalg.LinAlgError, LinearAlgebraError),
    (IndexError, IndexingError),
    (ValueError, ArgumentError),
    (TypeError, DtypeError),
)


def explained(error: Exception) -> TinygradError | None:
    """The error of ours for one of NumPy's that was raised in what the innermost of the user's lines called.

    None for what that line raised itself, alone or by code that is not of this package, and for other kinds of errors.
    """
    steps = list(_steps(error.__traceback__))[1:]  # from the user's function on
    users = [k for k, (frame, _) in enumerate(steps) if not is_between(frame.f_code.co_filename)]
    inside = steps[users[-1] + 1 :] if users else steps
    ours = [frame for frame, _ in inside if frame.f_code.co_filename.startswith(PACKAGE)]
    if not ours:
        return None
    what = _operation(ours[0]) + (place(*steps[users[-1]]) if users else user_line())
    if isinstance(error, np.exceptions.AxisError):
        axis, ndim = error.axis, error.ndim
        return AxisError(f"{what}: {error}") if axis is None or ndim is None else AxisError(axis, ndim, what)
    return next((made(f"{what}: {error}") for kind, made in KINDS if isinstance(error, kind)), None)


def _steps(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """The frames through which an error went, and the line in each, the innermost last."""
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _operation(frame: FrameType) -> str:
    """What the user called: NumPy's function, the primitive behind an operator, or the method or function itself."""
    for key in ("func", "ufunc", "prim"):
        called = frame.f_locals.get(key)
        if called is not None:
            return str(getattr(called, "__name__", None) or called.name)
    return frame.f_code.co_name
