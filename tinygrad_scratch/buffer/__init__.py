"""Arrays that can be filled with Tensors. `Buffer` tells how; `reading` is the interpreter that makes them ordinary
arguments, `protocols` and `writing` are NumPy's ways to write, `like` the functions that make them.
"""

from . import like, writing
from .buffer import Buffer
from .like import fillable

__all__ = ["Buffer", "fillable", "like", "writing"]
