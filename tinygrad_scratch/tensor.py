"""The Tensor: an array as a running transformation sees it.

It behaves as an ndarray that is never changed in place: Python's operators, ndarray's methods, and NumPy's two
protocols, through which `np.sin(t)`, `np.sum(t, axis=0)` and `ndarray @ t` reach our operations. It holds no
mathematics: operators lead to primitives, methods are the functions of `ops`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .core.errors import (
    AssignmentError,
    ConcreteError,
    DtypeError,
    MissingMethodError,
    MissingRuleError,
    by_scipy,
    not_fillable,
    user_assigns,
    user_line,
)
from .core.primitive import FUNCTIONS, UFUNCS, Primitive
from .core.trace import NO_ATTRS, Trace, Traced, bind, evaluate
from .ops import (
    arithmetic,
    bits,
    compare,
    cumulative,
    edit,
    index,
    matrices,
    products,
    reduce,
    select,
    sort,
    split,
    statistics,
    ufuncs,
    update,
    values,
)
from .ops import complex as complex_
from .ops import shape as shapes
from .ops.arguments import NUMBERS, as_array
from .ops.scipy_special.call import scipy_function
from .ops.special import SCIPY

Method = Callable[..., Any]
UNUSUAL = {np.object_, np.str_, np.bytes_, np.void, np.datetime64, np.timedelta64}  # scalars that are no numbers
PLAIN: frozenset[Any] = frozenset([bool, int, float, complex, *np.sctypeDict.values()]) - UNUSUAL


def _operand(x: Any) -> Any:
    """A list as an array. Arrays and objects are refused that hold no numbers or compute otherwise than NumPy's own."""
    if isinstance(x, (np.ndarray, list, tuple)) and not isinstance(x, (np.ma.MaskedArray, np.matrix)):
        return as_array(x)
    if isinstance(x, (np.ma.MaskedArray, np.matrix)) or hasattr(x, "toarray"):
        raise DtypeError(
            f"a Tensor does not compute with {type(x).__module__}.{type(x).__name__}{user_line()}; pass a plain array, "
            "for example by x.filled(0), np.asarray(x) or x.toarray()"
        )
    if not isinstance(x, (int, float, complex)) and not hasattr(x, "dtype") and not hasattr(x, "__array__"):
        raise DtypeError(
            f"a Tensor does not compute with {type(x).__module__}.{type(x).__name__}{user_line()}; pass a number or an "
            "array of numbers, for example float(x)"
        )
    return x


def _operands(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([x if isinstance(x, Traced) or type(x) in PLAIN or _is_array(x) else _operand(x) for x in inputs])


def _is_array(x: Any) -> bool:
    return type(x) is np.ndarray and x.dtype.kind in NUMBERS


def _unary(prim: Primitive) -> Method:
    return lambda self: self.trace.process(prim, (self,), NO_ATTRS)


def _binary(prim: Primitive) -> Method:
    def operator(self: Tensor, other: Any) -> Any:
        if isinstance(other, Traced):
            return evaluate(prim, (self, other), NO_ATTRS)
        if type(other) not in PLAIN and (type(other) is not np.ndarray or other.dtype.kind not in NUMBERS):
            other = _operand(other)
        return self.trace.process(prim, (self, other), NO_ATTRS)

    return operator


def _reflected(prim: Primitive) -> Method:
    def operator(self: Tensor, other: Any) -> Any:
        if type(other) not in PLAIN and (type(other) is not np.ndarray or other.dtype.kind not in NUMBERS):
            other = _operand(other)
        return self.trace.process(prim, (other, self), NO_ATTRS)

    return operator


def _chosen(func: Callable[[Any, Any], Any]) -> Method:
    """An operator that is another primitive for some numbers."""
    return lambda self, other: func(self, *_operands((other,)))


def _refused(method: str, instead: str) -> Method:
    def refuse(self: Tensor, *args: Any, **kwargs: Any) -> NoReturn:
        raise AssignmentError(f"{method}: a Tensor cannot be changed in place{user_line()}; {instead}")

    return refuse


class Tensor(Traced):
    """A value that records the computation graph. Transformations make Tensors; a program only passes them on.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> def f(x):
    ...     print(x)
    ...     return np.sum(x * x)
    >>> tg.grad(f)(np.array([1.0, 2.0]))
    Tensor(array([1., 2.]), grad)
    array([2., 4.])
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]
    weak = False  # a Python number, which takes the dtype of what it meets (see compile/weak)

    # ---- what it is -------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape[self.trace.hidden :]  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return self.value.ndim - self.trace.hidden  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def T(self) -> Any:
        return shapes.transpose(self)

    @property
    def mT(self) -> Any:
        return shapes.swapaxes(self, -1, -2)

    @property
    def real(self) -> Any:
        return complex_.real(self)

    @property
    def imag(self) -> Any:
        return complex_.imag(self)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        if not self.shape:
            raise DtypeError(f"len() of a Tensor without axes{user_line()}")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(bind(split.unstack_, self) if len(self) else ())

    def __repr__(self) -> str:
        shown = repr(self.value) if self.trace.concrete else f"{self.dtype}{list(self.shape)}"
        return f"Tensor({shown}, {self.trace.name})"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec and self.trace.concrete else repr(self)

    # ---- operators --------------------------------------------------------------------------------------------

    __neg__, __pos__, __abs__ = _unary(arithmetic.negative), _unary(arithmetic.positive), _unary(arithmetic.absolute)
    __invert__ = _unary(arithmetic.invert)
    __add__, __radd__ = _binary(arithmetic.add), _reflected(arithmetic.add)
    __sub__, __rsub__ = _binary(arithmetic.subtract), _reflected(arithmetic.subtract)
    __mul__, __rmul__ = _binary(arithmetic.multiply), _reflected(arithmetic.multiply)
    __truediv__, __rtruediv__ = _binary(arithmetic.divide), _chosen(arithmetic.rdiv)
    __floordiv__, __rfloordiv__ = _binary(arithmetic.floor_divide), _reflected(arithmetic.floor_divide)
    __mod__, __rmod__ = _binary(arithmetic.remainder), _reflected(arithmetic.remainder)
    __and__, __rand__ = _binary(arithmetic.bitwise_and), _reflected(arithmetic.bitwise_and)
    __or__, __ror__ = _binary(arithmetic.bitwise_or), _reflected(arithmetic.bitwise_or)
    __xor__, __rxor__ = _binary(arithmetic.bitwise_xor), _reflected(arithmetic.bitwise_xor)
    __lshift__, __rlshift__ = _binary(bits.left_shift), _reflected(bits.left_shift)
    __rshift__, __rrshift__ = _binary(bits.right_shift), _reflected(bits.right_shift)
    __lt__, __le__ = _binary(compare.less), _binary(compare.less_equal)
    __gt__, __ge__ = _binary(compare.greater), _binary(compare.greater_equal)
    __eq__, __ne__ = _binary(compare.equal), _binary(compare.not_equal)
    __pow__, __rpow__ = _chosen(arithmetic.pow), _reflected(arithmetic.power)
    __matmul__, __rmatmul__ = _binary(products.matmul), _reflected(products.matmul)
    __getitem__ = index.getitem

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __round__(self, digits: int = 0) -> Any:
        return arithmetic.round(self, digits)

    # ---- methods, as on an ndarray ----------------------------------------------------------------------------

    sum, prod, max, min, any, all = reduce.sum, reduce.prod, reduce.max, reduce.min, reduce.any, reduce.all
    mean, var, std = statistics.mean, statistics.var, statistics.std
    cumsum, cumprod, argmax, argmin = cumulative.cumsum, cumulative.cumprod, reduce.argmax, reduce.argmin
    argsort, argpartition, searchsorted = sort.argsort, sort.argpartition, sort.searchsorted
    astype, squeeze, swapaxes, ravel = shapes.astype, shapes.squeeze, shapes.swapaxes, shapes.ravel
    take, clip, round = select.take, compare.clip, arithmetic.round
    dot, diagonal = products.dot, matrices.diagonal
    repeat, nonzero = edit.repeat, values.nonzero

    def reshape(self, *shape_: Any, order: str = "C") -> Any:
        return shapes.reshape(self, shape_[0] if len(shape_) == 1 else shape_, order)

    def transpose(self, *axes: Any) -> Any:
        first = axes[0] if len(axes) == 1 else axes or None
        return shapes.transpose(self, (first,) if isinstance(first, int) else first)

    def choose(self, choices: Any, out: Any = None, mode: str = "raise") -> Any:
        return select.choose(self, choices, out, mode)

    def compress(self, condition: Any, axis: int | None = None, out: Any = None) -> Any:
        return select.compress(condition, self, axis, out)

    def copy(self, order: str = "C") -> Any:
        return np.copy(self)

    def flatten(self, order: str = "C") -> Any:
        return np.copy(shapes.ravel(self, order))

    @property
    def at(self) -> update.At:
        """`x.at[i].set(v)`, and add, multiply ...: x with other elements there."""
        return update.At(self)

    def conj(self) -> Any:
        return arithmetic.conj(self)

    conjugate = conj

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: Any) -> Tensor:
        return self  # a copy would be of another trace, and its derivative lost

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise _bare(self, "pickling")

    __setitem__ = _refused("y[i] = t", "write y = y.copy() first")
    sort = _refused("sort", "np.sort(x) gives a sorted copy")
    partition = _refused("partition", "np.partition(x, kth) gives a copy")
    resize = _refused("resize", "np.resize(x, shape) gives a new array")
    fill = _refused("fill", "write y = y.copy() first, or use np.full_like")
    put = _refused("put", "write y = y.copy() first")

    if not TYPE_CHECKING:  # or every attribute would be one of a Tensor

        def __getattr__(self, name: str) -> NoReturn:
            """For what a Tensor has not."""
            if name.startswith("_") or not hasattr(np.ndarray, name):
                raise AttributeError(f"'Tensor' object has no attribute {name!r}")
            raise MissingMethodError(
                f"{name}: an array has it, a Tensor has not{user_line()}, whose memory is not its own. Use a function "
                "of NumPy, or take tg.stop_gradient(x) for a plain array"
            )

    # ---- its bare value: for control flow, never silently for arithmetic ----------------------------------------

    def __bool__(self) -> bool:
        return bool(self.trace.require_value(self, "bool()"))

    def __int__(self) -> int:
        return int(self.trace.require_value(self, "int()"))

    def __index__(self) -> int:
        if self.dtype.kind not in "iu":
            raise DtypeError(f"a Tensor of dtype {self.dtype} cannot serve as an index{user_line()}; use int(x)")
        return self.trace.require_value(self, "an index").__index__()  # type: ignore[no-any-return]

    def __float__(self) -> float:
        raise _bare(self, "float()")

    def __complex__(self) -> complex:
        raise _bare(self, "complex()")

    def item(self, *args: Any) -> NoReturn:
        raise _bare(self, "item()")

    def tolist(self) -> NoReturn:
        raise _bare(self, "tolist()")

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        if user_assigns():
            raise not_fillable("y[i] = t")
        raise AssignmentError(
            f"a Tensor was to become a plain array{user_line()}, which would lose its derivative. "
            "For np.array([t1, t2]) use np.stack or tinygrad_scratch.numpy.array; for x[t] with a plain x use "
            "tinygrad_scratch.numpy.take; to write into an array make that by tinygrad_scratch.numpy.zeros; for a "
            f"constant use tg.stop_gradient(t).{by_scipy()}"
        )

    # ---- NumPy's protocols ------------------------------------------------------------------------------------

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """For SciPy, which asks its arguments for their functions if SCIPY_ARRAY_API=1 is set before it is imported."""
        return import_module(f"{__package__}.numpy")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            prim = UFUNCS.get(ufunc)
            if prim is not None:
                if len(inputs) == 1:
                    return self.trace.process(prim, inputs, NO_ATTRS)
                return evaluate(prim, _operands(inputs), NO_ATTRS)
        return _unusual_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        ours = FUNCTIONS.get(func)
        if ours is None:
            raise MissingRuleError(_no_rule(f"{func.__module__}.{func.__name__}"))
        return ours(*args, **kwargs)


def tensor(value: Any, trace: Trace, note: Any) -> Tensor:
    """A Tensor of `trace`. (A class without `__init__` is made faster; there is one Tensor an operation.)"""
    made = Tensor()
    made.value, made.trace, made.note = value, trace, note
    return made


def _unusual_ufunc(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """SciPy's ufuncs, generalized ufuncs, options and methods; all else is refused by name."""
    if kwargs.pop("out", None) is not None:
        raise not_fillable(f"np.{ufunc.__name__}: out= or an in-place operator such as +=")
    ours: Callable[..., Any] | None = UFUNCS.get(ufunc) or FUNCTIONS.get(ufunc) or _scipy(ufunc)
    if method != "__call__":
        return ufuncs.method(ufunc, method, inputs, kwargs)
    if ufunc.signature is not None and ours is not None:
        return ours(*inputs, **kwargs)
    if ours is None:
        raise MissingRuleError(_no_rule(f"{'np.' if hasattr(np, ufunc.__name__) else ''}{ufunc.__name__}"))
    inputs = ufuncs.inputs(ufunc, inputs, kwargs) if kwargs else inputs
    return ours(*_operands(inputs))


def _scipy(ufunc: np.ufunc) -> Callable[..., Any] | None:
    """Our function for a ufunc of scipy.special, which is looked at only if the program has imported it."""
    ours = SCIPY.get(ufunc.__name__) if "scipy.special" in sys.modules else None
    if ours is None or scipy_function(ufunc.__name__) is not ufunc:
        return None
    return FUNCTIONS.setdefault(ufunc, ours)  # from now on it is found at once, with its methods


def _no_rule(name: str) -> str:
    return (
        f"{name} has no rule for a Tensor{user_line()}. Write it with functions that have one, pass "
        "tg.stop_gradient(x) if no derivative is wanted, or add the operation with tg.primitive."
    )


def _bare(x: Tensor, asked_by: str) -> Exception:
    if user_assigns():
        return not_fillable("y[i] = t")
    if not x.trace.concrete:
        x.trace.require_value(x, asked_by)
    return ConcreteError(
        f"{asked_by} on a Tensor would lose its derivative{user_line()}. Keep computing with the Tensor (np.sin, not "
        "math.sin), or take tg.stop_gradient(x) for a constant."
    )
