"""Parts of complex numbers. Of a real Tensor the real part is itself; the imaginary part is a plain array of zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import MissingRuleError, user_line
from ..core.primitive import Emit, implements
from ..core.trace import bind
from .families import elementwise


def _part(name: str) -> Emit:
    """How compiled programs write a part: as a copy, since it lies elsewhere than a value of its own."""
    return Emit(lambda x: f"{x}.{name}", lambda out, x: f"np.copyto({out}, {x}.{name})", symbol=name)


real_ = elementwise("real", lambda x: x.real, lambda g, ans, x: g.astype(x.dtype), emit=_part("real"))
imag_ = elementwise("imag", lambda x: x.imag, lambda g, ans, x: g * -1j, emit=_part("imag"))


@implements(np.real)
def real(val: Any) -> Any:
    """NumPy's `real`."""
    return bind(real_, val) if val.dtype.kind == "c" else val


@implements(np.imag)
def imag(val: Any) -> Any:
    """NumPy's `imag`."""
    return bind(imag_, val) if val.dtype.kind == "c" else np.zeros(val.shape, val.dtype)


@implements(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """NumPy's `angle`: arctan2(z.imag, z.real), in radians or degrees."""
    radians = np.arctan2(imag(z) if iscomplexobj(z) else 0, real(z))
    return np.degrees(radians) if deg else radians


@implements(np.iscomplexobj)
def iscomplexobj(x: Any) -> bool:
    """NumPy's `iscomplexobj`."""
    return bool(x.dtype.kind == "c")


@implements(np.isrealobj)
def isrealobj(x: Any) -> bool:
    """NumPy's `isrealobj`."""
    return not iscomplexobj(x)


@implements(np.iscomplex)
def iscomplex(x: Any) -> Any:
    """NumPy's `iscomplex`: where the imaginary part is not zero."""
    return np.not_equal(imag(x), 0)


@implements(np.isreal)
def isreal(x: Any) -> Any:
    """NumPy's `isreal`: where the imaginary part is zero."""
    return np.equal(imag(x), 0)


@implements(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    """NumPy's `real_if_close`, of a real Tensor; of a complex one the dtype would depend on values."""
    if a.dtype.kind == "c":
        raise MissingRuleError(
            f"real_if_close: the dtype of the answer depends on values{user_line()}; take x.real if x is real"
        )
    return a
