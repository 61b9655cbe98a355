"""SciPy's functions that no protocol of NumPy reaches, under SciPy's names."""

from . import linalg, special, stats

__all__ = ["linalg", "special", "stats"]
