"""Writing into an array, seen as the function that gives what is there afterwards, and arrays like another."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...numpy import copy
from ...testing.strategies import arrays
from ..entry import Entry, calls

MASK = np.array([[True, False, True], [False, True, True]])


def written(f: Callable[..., Any]) -> Callable[..., Any]:
    """The first argument after the call, which writes into a copy of it."""

    def after(a: Any, *args: Any, **kwargs: Any) -> Any:
        a = copy(a)
        f(a, *args, **kwargs)
        return a

    return after


ENTRIES = {
    "numpy.copyto": Entry(calls(arrays((2, 3)), arrays((3,)), where=MASK), seen=written),
    "numpy.put": Entry(calls(arrays((2, 3)), np.array([0, -1, 2, 0]), arrays((2,))), seen=written),
    "numpy.putmask": Entry(calls(arrays((2, 3)), MASK, arrays((4,))), seen=written),
    "numpy.place": Entry(calls(arrays((2, 3)), MASK, arrays((3,))), seen=written),
    "numpy.fill_diagonal": Entry(calls(arrays((5, 2)), arrays((3,)), wrap=True), seen=written),
    "numpy.put_along_axis": Entry(
        calls(arrays((2, 3)), np.array([[2, 0], [1, 1]]), arrays((2, 1)), axis=1), seen=written
    ),
    "numpy.zeros_like": Entry(calls(arrays((2, 3)))),
    "numpy.ones_like": Entry(calls(arrays((2, 3)), shape=(4,))),
}

WITHOUT = {"numpy.empty_like": "its values are arbitrary"}
