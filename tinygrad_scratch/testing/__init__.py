"""Checking derivatives: of our rules, and of yours."""

from .check import check_grads
from .numeric import directional_derivative

__all__ = ["check_grads", "directional_derivative"]
