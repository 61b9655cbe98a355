"""NumPy's two protocols for buffers: the contents go to NumPy's function, and `out=` is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..core.errors import not_fillable
from ..core.primitive import FUNCTIONS
from ..ops.arguments import as_array
from ..ops.update import combine
from .reading import ITSELF, contents, guarded, is_buffer, plain


def call_ufunc(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`ufunc.method(*inputs, **kwargs)` where some of them are buffers."""
    if method == "at":
        _at(ufunc, *inputs)
        return None
    inputs = tuple([as_array(x) if isinstance(x, (list, tuple)) else x for x in inputs])
    outs = kwargs.pop("out", None)
    call = getattr(ufunc, method)
    if outs is None:
        return _read(call, inputs, kwargs)
    if plain((inputs, outs, [*kwargs.values()])):
        targets = tuple([_to_write(o) if is_buffer(o) else o for o in outs])
        answers = _read(call, inputs, {**kwargs, "out": targets})
    else:
        where = kwargs.pop("where", True)
        answers = _read(call, inputs, kwargs)
        answers = answers if len(outs) > 1 else (answers,)
        for out, answer in zip(outs, answers, strict=True):
            if out is not None:
                _write(f"np.{ufunc.__name__}: out=", out, answer if where is True else np.where(where, answer, out))
    given = [a if o is None else o for a, o in zip(answers if len(outs) > 1 else (answers,), outs, strict=False)]
    return tuple(given) if len(outs) > 1 else given[0]


def _at(ufunc: np.ufunc, target: Any, index: Any, *v: Any) -> None:
    if is_buffer(target):
        f: Callable[..., Any] = ufunc if v else lambda x, _: ufunc(x)
        target.change(ufunc.at, lambda x, index, *v: combine(f, x, index, *(v or (x.dtype.type(0),))), index, *v)
    elif plain((index, *v)):
        ufunc.at(target, *contents((index, *v)))
    else:
        raise not_fillable(f"np.{ufunc.__name__}.at")


def call_function(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`func(*args, **kwargs)` of NumPy where some of them are buffers."""
    if func is np.diagonal:
        return args[0].viewed(func, {**dict(zip(("offset", "axis1", "axis2"), args[1:], strict=False)), **kwargs})
    if func is np.linalg.diagonal:
        return args[0].viewed(np.diagonal, {"axis1": -2, "axis2": -1, **kwargs})
    if func is np.einsum and len(args) == 2 and is_buffer(args[1]) and "out" not in kwargs:
        return args[1].viewed(partial(np.einsum, args[0]), kwargs)
    if func in ITSELF and func in FUNCTIONS:
        return FUNCTIONS[func](*args, **kwargs)
    out = kwargs.pop("out", None)
    if out is None:
        return _read(func, args, kwargs)
    answer = _read(func, args, kwargs)
    _write(f"np.{func.__name__}: out=", out, answer)
    return out


def _read(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A function of the contents."""
    values, options = contents((args, tuple(kwargs.values())))
    return guarded(function(*values, **dict(zip(kwargs, options, strict=True))), values)


def _to_write(b: Any) -> Any:
    b.check_writeable()
    return b.own()


def _write(what: str, out: Any, answer: Any) -> None:
    if not is_buffer(out) and not plain(answer):
        raise not_fillable(what)
    out[...] = answer
