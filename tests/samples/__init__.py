"""What each primitive of the registry is tested on: a strategy of valid calls, and what NumPy says the value is.

A primitive without an entry fails the suite. Adding an operation means adding one line in the file of its family.
"""

from .base import Entry
from .elementwise import ELEMENTWISE
from .fft import FFT
from .linalg import LINALG
from .reductions import REDUCTIONS
from .special import SCIPY
from .structural import STRUCTURAL
from .update import UPDATE

SAMPLES: dict[str, Entry] = {**ELEMENTWISE, **FFT, **LINALG, **REDUCTIONS, **SCIPY, **STRUCTURAL, **UPDATE}

# interpreters' hooks rather than operations: their rules are the user's; tests/transforms/test_custom.py has them
HOOKS = {
    "custom_vjp",
    "custom_jvp",
    "call",
    "scan",
    "while_loop",
    "cond",
    "number",
    "checkpoint",
    "again",
    "root",
    "linear_solve",
}

# several answers (unstack is tested as iteration, in test_functions)
SEVERAL = {"unstack", "eig", "eigh", "qr", "slogdet", "svd"}

# for matrices of one kind alone, which these samples do not keep; in the table of coverage, as are those with several
# answers, and in ops/test_linalg
SPECIAL = {"cholesky", "complement", "sqrtm", "logm", "sylvester"}
