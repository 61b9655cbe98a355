"""The buffer: a Tensor that can be written.

Its content is an array of its own or, once a Tensor has been written, a Tensor, which never changes: writing puts
another one in its place. Whatever reads a buffer reads its content at that moment. A view knows what it is a view of,
reads through it and writes through to it.

Rows that are written one by one in a loop are kept apart until something else is read (`rows`): so the loop takes as
long as it has steps, and a row that is read again is the very Tensor that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NoReturn

import numpy as np

from ..core.errors import ArgumentError, AssignmentError, user_line
from ..core.trace import Traced
from ..core.tree.nodes import changing
from ..ops import shape as shapes
from ..ops.arguments import as_array
from ..ops.complex import imag_, real_
from ..ops.families import broadcast_to
from ..ops.index import ALL, getitem, getitem_, taken_apart
from ..ops.update import fitted, masks, picked, put, setitem_
from ..tensor import Tensor
from .protocols import call_function, call_ufunc
from .reading import READ, contents, plain
from .rows import Rows

Method = Callable[..., Any]


def _in_place(ufunc: np.ufunc) -> Method:
    return lambda self, other: ufunc(self, other, out=self)


def _asked(function: Callable[[Any], Any]) -> Method:
    return lambda self: function(self.value)


class Buffer(Tensor):
    """An array that can be filled with Tensors: `y[i] = t`, slices, masks, `+=`, and the same through its views.

    `tg.numpy.zeros` and what else there makes arrays gives one; so do np.zeros_like(t) and t.copy() of a Tensor t.

    >>> import numpy as np, tinygrad_scratch as tg
    >>> def f(x):
    ...     y = np.zeros_like(x)
    ...     y[1:] = x[:-1] ** 2
    ...     y[0] += x[0]
    ...     return np.sum(y)
    >>> tg.grad(f)(np.array([1.0, 2.0, 3.0]))
    array([3., 4., 0.])
    """

    __slots__ = ("_shadow", "content", "rows")
    __hash__ = None
    trace = READ

    def __init__(self, content: Any) -> None:
        self.content: Any = content if isinstance(content, Traced) else np.require(content, requirements=["C", "W"])
        self.rows = Rows()
        self._shadow: Any = None

    # ---- reading ----------------------------------------------------------------------------------------------------

    @property
    def root(self) -> Buffer:
        """The buffer that this is, or is a view of."""
        return self

    @property
    def value(self) -> Any:
        """The content: a plain array or a Tensor."""
        if self.rows:
            self.replace(self.rows.joined(self.content))
        return self.content

    @property
    def shape(self) -> tuple[int, ...]:
        return self.content.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.content.dtype  # type: ignore[no-any-return]

    @property
    def shadow(self) -> Any:
        """An array of this shape that holds nothing: what NumPy does to it tells views from copies."""
        if self._shadow is None:
            self._shadow = np.empty(self.shape, np.int8)
        return self._shadow

    def is_plain(self) -> bool:
        """Whether all of the content is known to NumPy itself."""
        return not self.rows and not isinstance(self.content, Traced)

    def snapshot(self) -> Any:
        """The content for someone who may change it: an array is copied."""
        x = self.value
        return x if isinstance(x, Traced) else x.copy()

    def lent(self) -> Any:
        """The content for someone who keeps it: of an array a small part is copied, else it is not written again."""
        x = self.value
        if not isinstance(x, np.ndarray):
            return x
        if 2 * x.size < self.root.content.size:
            x = x.copy()
        elif self.root.is_plain():
            self.root.content.flags.writeable = False
        x = x.view()
        x.flags.writeable = False
        return x

    def part(self, prim: Method, attrs: dict[str, Any]) -> Any:
        """What an operation that takes a part gives of the content."""
        if self.rows and prim is getitem_ and self.rows.holds(attrs["index"]):
            return self.rows.read(attrs["index"], self.content)
        return prim(self.value, **attrs)

    def viewed(self, prim: Method, attrs: dict[str, Any]) -> Any:
        """The view, if NumPy gives one there, else that part of the content, a copy or an element."""
        if prim in (real_, imag_):
            return Part(self, prim, attrs, self.shadow)
        shadow = prim(self.shadow, **attrs)
        if isinstance(shadow, tuple):
            return tuple(self)
        if prim is broadcast_to or (type(prim) is partial and type(shadow) is np.ndarray):  # read alone
            shadow.flags.writeable = False
        if type(shadow) is np.ndarray and (shadow.size == 0 or np.may_share_memory(shadow, self.shadow)):
            return View(self, prim, attrs, shadow)
        return self.part(prim, attrs)

    def __getitem__(self, index: Any) -> Any:
        parts = index if type(index) is tuple else (index,)
        if any(part is Ellipsis for part in parts):
            static, arrays = taken_apart(self, index)
            if not arrays and picked(self.shape, static, ()) == ():  # NumPy gives a view, not an element
                return View(self, getitem_, {"index": static}, self.shadow[index])
        found = getitem(self, index)
        return Buffer(found) if np.ndim(found) and not isinstance(found, Buffer) else found  # a copy, as of y[[0, 1]]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Buffer({self.value!r})"

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __getattr__(self, name: str) -> Any:
        """What else an ndarray has, of a content that NumPy knows."""
        if name.startswith("_") or not plain(self):
            raise AttributeError(f"a Buffer that holds Tensors has no attribute {name!r}")
        return getattr(self.lent(), name)

    def __copy__(self) -> Any:
        return np.copy(self)

    def __deepcopy__(self, memo: Any) -> Any:
        return np.copy(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return np.asarray(self).__reduce_ex__(protocol)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.lent(), dtype, copy=copy)

    __float__, __complex__ = _asked(float), _asked(complex)
    tolist = _asked(lambda x: x.tolist())

    def item(self, *args: Any) -> Any:
        return self.value.item(*args)

    def astype(self, dtype: Any, *, copy: bool = True) -> Any:
        return self if not copy and self.dtype == dtype else Buffer(shapes.astype(self.snapshot(), dtype))

    def flatten(self, order: str = "C") -> Any:
        return np.copy(shapes.ravel(self, order))

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        return np.diagonal(self, offset, axis1, axis2)

    # ---- writing ----------------------------------------------------------------------------------------------------

    def own(self) -> Any:
        """The content, an array, to be written in place."""
        if not self.content.flags.writeable:
            self.content = self.content.copy()
        return self.content

    def replace(self, x: Any) -> None:
        """Put other content in the place of all."""
        self.rows = Rows()
        self.content = x if isinstance(x, Traced) else np.array(x, order="C")

    def store(self, index: tuple[Any, ...], v: Any) -> None:
        """Put a value that fits at a static index."""
        if self.rows and not self.rows.holds(index):
            self.value  # noqa: B018 (joins the rows)
        if self.rows.holds(index):
            self.rows.write(index, v, self.content)
        else:
            self.replace(setitem_(self.content, v, index=index))

    def change(self, write: Method, update: Method, *operands: Any) -> None:
        """`write(array, *operands)` where NumPy knows all of it, else `update(content, *operands)` as new content."""
        self.check_writeable()
        if self.root.is_plain() and plain(operands):
            write(self.own(), *contents(operands))
        else:
            self.replace(fitted(update(self.value, *operands), self.shape, self.dtype))

    def check_writeable(self) -> None:
        """Refuse to write into what is a read-only view in NumPy."""

    def __setitem__(self, index: Any, value: Any) -> None:
        self.check_writeable()
        value = as_array(value)
        if self.root.is_plain() and plain(value) and plain(index):
            self.own()[index] = value.value if isinstance(value, Buffer) else value
            return
        static, arrays = ((), [True]) if masks(index) else taken_apart(self, index)
        if isinstance(value, View) and value.is_part(self, static) and not arrays:
            return  # as after b[1:3] += t, which has done it
        value = value.lent() if isinstance(value, Buffer) else value
        if arrays:
            self.replace(put(self.value, index, value))
        elif all(part == ALL for part in static):
            self.replace(fitted(value, self.shape, self.dtype))
        else:
            self.store(static, fitted(value, picked(self.shape, static, ()), self.dtype))

    __iadd__, __isub__ = _in_place(np.add), _in_place(np.subtract)
    __imul__, __imatmul__ = _in_place(np.multiply), _in_place(np.matmul)
    __itruediv__, __ifloordiv__ = _in_place(np.true_divide), _in_place(np.floor_divide)
    __imod__, __ipow__ = _in_place(np.remainder), _in_place(np.power)
    __iand__, __ior__, __ixor__ = _in_place(np.bitwise_and), _in_place(np.bitwise_or), _in_place(np.bitwise_xor)

    def fill(self, value: Any) -> None:
        self[...] = value

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        np.put(self, indices, values, mode)  # type: ignore[arg-type]

    def sort(self, axis: int = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> None:
        def write(a: Any) -> None:
            a.sort(axis, kind, order, stable=stable)

        self.change(write, lambda x: np.sort(x, axis, kind, order, stable=stable))

    def partition(self, kth: Any, axis: int = -1, kind: Any = "introselect", order: Any = None) -> None:
        self.change(lambda a: a.partition(kth, axis, kind, order), lambda x: np.partition(x, kth, axis, kind, order))

    def resize(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AssignmentError(f"resize: the size of a Buffer cannot be changed{user_line()}; np.resize gives a copy")

    # ---- NumPy's protocols ------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return call_function(func, args, kwargs)


class View(Buffer):
    """A view of another buffer: what `prim(parent, **attrs)` is in NumPy."""

    __slots__ = ("attrs", "parent", "prim")
    __hash__ = None

    def __init__(self, parent: Buffer, prim: Any, attrs: dict[str, Any], shadow: Any) -> None:
        self.parent, self.prim, self.attrs, self._shadow = parent, prim, attrs, shadow

    @property
    def root(self) -> Buffer:
        return self.parent.root

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.parent.dtype

    @property
    def value(self) -> Any:
        return self.parent.part(self.prim, self.attrs)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shadow.shape  # type: ignore[no-any-return]

    def part(self, prim: Method, attrs: dict[str, Any]) -> Any:
        return prim(self.value, **attrs)

    def is_part(self, parent: Buffer, index: tuple[Any, ...]) -> bool:
        """Whether this is `parent[index]`."""
        return self.parent is parent and self.prim is getitem_ and self.attrs["index"] == index

    def own(self) -> Any:
        own = self.parent.own()
        return own[(*self.attrs["index"], ...)] if self.prim is getitem_ else self.prim(own, **self.attrs)

    def replace(self, x: Any) -> None:
        if self.prim is getitem_:
            self.parent.store(self.attrs["index"], x)
        else:  # elements are moved, and the transpose moves them back
            self.parent.replace(self.prim.vjps[0](x, None, self.parent, **self.attrs))

    def store(self, index: tuple[Any, ...], v: Any) -> None:
        self.replace(setitem_(self.value, v, index=index))

    def check_writeable(self) -> None:
        if not self._shadow.flags.writeable:
            raise ArgumentError(
                f"assignment destination is read-only{user_line()}, as what np.broadcast_to and np.diagonal give is in "
                "NumPy; write into a copy"
            )


class Part(View):
    """The real or the imaginary parts of a complex buffer."""

    __slots__ = ()
    __hash__ = None

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.empty(0, self.parent.dtype).real.dtype

    def replace(self, x: Any) -> None:
        old = self.parent.value
        self.parent.replace(x + 1j * np.imag(old) if self.prim is real_ else np.real(old) + 1j * x)


for _kind in (Buffer, View, Part):
    changing(_kind, _kind.snapshot)
