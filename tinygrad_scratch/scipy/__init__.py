"""SciPy's functions that no protocol of NumPy reaches, under SciPy's names."""

from . import special, stats

__all__ = ["special", "stats"]
