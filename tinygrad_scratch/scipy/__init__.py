"""SciPy's functions that no protocol of NumPy reaches, under SciPy's names; SciPy itself is not needed."""

from . import linalg, special

__all__ = ["linalg", "special"]
