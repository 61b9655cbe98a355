"""SciPy's functions that no NumPy protocol reaches, under SciPy's names, for arrays and Tensors. SciPy is not needed."""

from . import special

__all__ = ["special"]
