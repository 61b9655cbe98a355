"""tinygrad_scratch: a functional autodiff micro-framework on NumPy.

Write functions in plain NumPy; `grad`, `jvp`, `vmap` and their compositions transform them.

>>> import numpy as np, tinygrad_scratch as tg
>>> def loss(w, x, y):
...     return np.mean((np.tanh(x @ w) - y) ** 2)
>>> x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.0, 1.0])
>>> tg.grad(loss)(np.zeros(2), x, y)
array([-3., -4.])
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import data, io, losses, metrics, nn, numpy, optim, random, scipy, testing, train, viz
from .compile.checkpoint import checkpoint
from .compile.control import cond, fori_loop, scan, while_loop
from .compile.implicit import custom_linear_solve, custom_root
from .compile.jit import jit, make_graph
from .compile.threads import set_num_threads
from .core import errors, tree
from .core.primitive import Primitive, primitive, undefined
from .core.watch import debug_nans
from .ops.families import elementwise, linear, reduction
from .tensor import Tensor
from .transforms.custom import custom_jvp, custom_vjp
from .transforms.grad import grad, stop_gradient, value_and_grad, vjp
from .transforms.jacobian import hessian, hvp, jacfwd, jacrev, linearize
from .transforms.jvp import jvp
from .transforms.vmap import vmap

if TYPE_CHECKING:
    from . import sklearn as sklearn
else:

    def __getattr__(name):
        """`sklearn`, which needs scikit-learn, is imported when it is used."""
        if name != "sklearn":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module(f".{name}", __name__)


jacobian = jacrev
__version__ = "0.1.0"

__all__ = [
    "Primitive",
    "Tensor",
    "checkpoint",
    "cond",
    "custom_jvp",
    "custom_linear_solve",
    "custom_root",
    "custom_vjp",
    "data",
    "debug_nans",
    "elementwise",
    "errors",
    "fori_loop",
    "grad",
    "hessian",
    "hvp",
    "io",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jit",
    "jvp",
    "linear",
    "linearize",
    "losses",
    "make_graph",
    "metrics",
    "nn",
    "numpy",
    "optim",
    "primitive",
    "random",
    "reduction",
    "scan",
    "scipy",
    "set_num_threads",
    "stop_gradient",
    "testing",
    "train",
    "tree",
    "undefined",
    "value_and_grad",
    "viz",
    "vjp",
    "vmap",
    "while_loop",
]
