"""What each primitive of the registry is tested on: a strategy of valid calls, and what NumPy says the value is.

A primitive without an entry fails the suite. Adding an operation means adding one line in the file of its family.
"""

from .base import Entry
from .elementwise import ELEMENTWISE
from .linalg import LINALG
from .reductions import REDUCTIONS
from .special import SPECIAL
from .structural import STRUCTURAL

SAMPLES: dict[str, Entry] = {**ELEMENTWISE, **LINALG, **REDUCTIONS, **SPECIAL, **STRUCTURAL}

# interpreters' hooks rather than operations: their rules are the user's; tests/transforms/test_custom.py has them
HOOKS = {"custom_vjp", "custom_jvp", "call", "scan", "while_loop", "cond", "number"}

# several answers, or defined for Hermitian matrices alone; tested as functions, in test_functions and ops/test_linalg
SEVERAL = {"unstack", "cholesky", "eig", "eigh", "qr", "slogdet", "svd"}
