"""Choosing elements."""

from ...testing.strategies import arrays, between, distinct
from ..entry import Entry, calls

ORDER = {"complex": "complex numbers have no order"}

ENTRIES = {
    "numpy.clip": Entry(calls(arrays((2, 3), distinct), arrays((3,), between(-0.11, -0.1)), 0.77), without=ORDER),
}

WITHOUT: dict[str, str] = {}
