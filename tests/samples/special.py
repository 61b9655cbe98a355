"""Samples of SciPy's special functions, from the calls of the coverage table; what has no rule is an integer."""

import importlib.util
from typing import Any

from tinygrad_scratch.core.primitive import REGISTRY
from tinygrad_scratch.coverage.table.scipy_special import FUNCTIONS, SPHERICAL
from tinygrad_scratch.ops.scipy_special.call import SciPyUfunc
from tinygrad_scratch.testing.strategies import broadcastable, chosen

from .base import Entry

BEHIND = {"_zeta": "zeta", "_lambertw": "lambertw"}  # the function of SciPy's that calls a ufunc
ALONE = {"_riemann_zeta": ([2, 3, 5],)}  # zeta of one argument


def _domain(values: Any) -> Any:
    return values if callable(values) else chosen(*([v for v in values if isinstance(v, int)] or values))


def _entry(impl: SciPyUfunc) -> Entry:
    arguments = {**FUNCTIONS, **SPHERICAL, **ALONE}[BEHIND.get(impl.__name__, impl.__name__)]
    return Entry(broadcastable(*map(_domain, arguments)), impl, complex=False)  # a column of the table


OURS = {name: prim.impl for name, prim in REGISTRY.items() if isinstance(prim.impl, SciPyUfunc)}
SCIPY = {name: _entry(impl) for name, impl in OURS.items()} if importlib.util.find_spec("scipy") else {}
