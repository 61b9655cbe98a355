"""Checking derivatives: of our rules, and of yours."""

from .check import check_gradient, check_grads
from .references import directional_derivative
from .report import Report

__all__ = ["Report", "check_gradient", "check_grads", "directional_derivative"]
