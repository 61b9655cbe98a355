"""The Tensor for a Python number, under jit: Python's operators between such numbers give one again.

So `1 - b2**step` with a step that is an argument stays a Python number, and does not turn float32 weights into float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ..core.errors import ConcreteError, user_line
from ..core.primitive import Primitive
from ..core.trace import Trace, Traced, bind
from ..ops import arithmetic, compare
from ..ops import complex as complex_
from ..tensor import Tensor

NUMBERS = (bool, int, float, complex)


def _alone(prim: Primitive) -> Callable[[Any], Any]:
    def operator(self: Any) -> Any:
        return self.trace.by_python(prim, (self,))

    return operator


def _binary(name: str, prim: Primitive) -> Callable[[Any, Any], Any]:
    usual = getattr(Tensor, name)

    def operator(self: Any, other: Any) -> Any:
        numbers = type(other) in NUMBERS or (type(other) is Weak and other.trace is self.trace)
        return self.trace.by_python(prim, (self, other)) if numbers else usual(self, other)

    return operator


def _reflected(name: str, prim: Primitive) -> Callable[[Any, Any], Any]:
    usual = getattr(Tensor, name)

    def operator(self: Any, other: Any) -> Any:
        if type(other) in NUMBERS:
            return self.trace.by_python(prim, (other, self))
        # of two Tensors Python asks the one of the subclass first, whichever transformation is the inner one
        return bind(prim, other, self) if isinstance(other, Traced) else usual(self, other)

    return operator


def _power(self: Weak, other: Any) -> Any:
    if isinstance(other, Weak) and _whole(self) and _whole(other):
        _refuse_power()
    return _usual_power(self, other)


def _reflected_power(self: Weak, other: Any) -> Any:
    if _whole(self) and _whole(other):
        _refuse_power()
    return _usual_reflected_power(self, other)


def _whole(x: Any) -> bool:
    return x.dtype.kind in "bi" if type(x) is Weak else isinstance(x, int)


def _refuse_power() -> NoReturn:
    raise ConcreteError(
        f"an integer to the power of an integer argument under jit{user_line()}: Python gives an integer or, where the "
        "exponent is negative, a float, but the recorded program must hold for every value. Write 2.0**n in place of "
        "2**n, or name the exponent in static_argnums."
    )


_usual_power, _usual_reflected_power = _binary("__pow__", arithmetic.power), _reflected("__rpow__", arithmetic.power)


class Weak(Tensor):
    """A Python number as a Tensor: no axes, and weak in operations with arrays."""

    __slots__ = ()
    __hash__ = None
    weak = True

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(type(self.value))

    @property
    def shape(self) -> tuple[int, ...]:
        return ()

    @property
    def ndim(self) -> int:
        return 0

    __neg__, __pos__, __abs__ = _alone(arithmetic.negative), _alone(arithmetic.positive), _alone(arithmetic.absolute)
    __invert__ = _alone(arithmetic.invert)
    __add__, __radd__ = _binary("__add__", arithmetic.add), _reflected("__radd__", arithmetic.add)
    __sub__, __rsub__ = _binary("__sub__", arithmetic.subtract), _reflected("__rsub__", arithmetic.subtract)
    __mul__, __rmul__ = _binary("__mul__", arithmetic.multiply), _reflected("__rmul__", arithmetic.multiply)
    __truediv__ = _binary("__truediv__", arithmetic.divide)
    __rtruediv__ = _reflected("__rtruediv__", arithmetic.divide)
    __floordiv__ = _binary("__floordiv__", arithmetic.floor_divide)
    __rfloordiv__ = _reflected("__rfloordiv__", arithmetic.floor_divide)
    __mod__, __rmod__ = _binary("__mod__", arithmetic.remainder), _reflected("__rmod__", arithmetic.remainder)
    __pow__, __rpow__ = _power, _reflected_power
    __and__, __rand__ = _binary("__and__", arithmetic.bitwise_and), _reflected("__rand__", arithmetic.bitwise_and)
    __or__, __ror__ = _binary("__or__", arithmetic.bitwise_or), _reflected("__ror__", arithmetic.bitwise_or)
    __xor__, __rxor__ = _binary("__xor__", arithmetic.bitwise_xor), _reflected("__rxor__", arithmetic.bitwise_xor)
    __lt__, __le__ = _binary("__lt__", compare.less), _binary("__le__", compare.less_equal)
    __gt__, __ge__ = _binary("__gt__", compare.greater), _binary("__ge__", compare.greater_equal)
    __eq__, __ne__ = _binary("__eq__", compare.equal), _binary("__ne__", compare.not_equal)

    real, imag = property(_alone(complex_.real_)), property(_alone(complex_.imag_))

    def __round__(self, digits: int | None = None) -> Any:
        return self.trace.require_value(self, "round()")  # gives an int of a float


def weak(x: Any, trace: Trace, note: Any) -> Weak:
    """A Weak of `trace` for the number `x`."""
    made = Weak()
    made.value, made.trace, made.note = x, trace, note
    return made


def strong(x: Any) -> Any:
    """The number as NumPy's functions take it: of a dtype of its own."""
    return bind(arithmetic.bitwise_or, x, x) if x.dtype.kind == "b" else bind(arithmetic.positive, x)
