"""Checking derivatives: of our rules, and of yours.

`strategies`, which needs hypothesis, is imported when it is asked for.
"""

from importlib import import_module
from types import ModuleType

from .check import check_gradient, check_grads
from .decorator import gradcheck
from .identities import check_identities
from .references import directional_derivative
from .report import Report

__all__ = ["Report", "check_gradient", "check_grads", "check_identities", "directional_derivative", "gradcheck"]


def __getattr__(name: str) -> ModuleType:
    if name == "strategies":
        return import_module(f"{__name__}.strategies")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
