"""Layers: pairs of pure functions.

    params, state = layer.init(key, input_shape)          # the shape of one example, without the batch axis
    y, state = layer.apply(params, state, x, key=None, train=False)
    y = layer(params, x)                                  # short form, for a net without state or randomness

`params` and `state` are trees; a layer without state has `state == ()`. Weights are float32 unless told otherwise. The
name of a layer is the expression that makes it, from which `build` makes it again.

>>> import numpy as np, tinygrad_scratch as tg
>>> net = tg.nn.serial(tg.nn.dense(8), tg.nn.tanh, tg.nn.dense(1))
>>> params, state = net.init(tg.random.key(0), (2,))
>>> net(params, np.ones((5, 2), np.float32)).shape
(5, 1)
>>> net
serial(dense(8), tanh, dense(1))
"""

from __future__ import annotations

import functools
import inspect
import keyword
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec

import numpy as np

from ..core.errors import ArgumentError

Shape = tuple[int, ...]
P = ParamSpec("P")
CONSTRUCTORS: dict[str, Callable[..., Layer]] = {}  # by name, for `build`


class Layer(NamedTuple):
    """`init(key, input_shape) -> params, state` and `apply(params, state, x, key=None, train=False) -> y, state`.

    A layer made of others keeps them in `parts`, and `rebuild` makes it of other parts in their place (see `summary`);
    `dtype` is that of its input; `has_state` is False if the state is always ().
    """

    init: Callable[..., tuple[Any, Any]]
    apply: Callable[..., tuple[Any, Any]]
    name: str = "layer"
    parts: tuple[tuple[str, Layer], ...] = ()
    rebuild: Callable[[list[Layer]], Layer] | None = None
    dtype: Any = np.float32
    has_state: bool = True

    def __call__(self, params: Any, x: Any) -> Any:
        """The answer for `x`, of a net without state or randomness."""
        return self.apply(params, (), x)[0]

    def __repr__(self) -> str:
        return self.name


def stateless(init: Callable[[Any, Shape], Any], apply: Callable[[Any, Any, Any, bool], Any]) -> Layer:
    """A layer from `init(key, input_shape) -> params` and `apply(params, x, key, train) -> y`."""

    def whole(params: Any, state: Any, x: Any, key: Any = None, train: bool = False) -> tuple[Any, Any]:
        return apply(params, x, key, train), state

    return Layer(lambda key, input_shape: (init(key, checked_shape(input_shape)), ()), whole, has_state=False)


def checked_shape(input_shape: Any) -> Shape:
    """The shape of one example as a tuple. Raises ArgumentError if it is none."""
    known = isinstance(input_shape, (tuple, list))
    if not known or not all(isinstance(n, (int, np.integer)) and n >= 0 for n in input_shape):
        raise ArgumentError(
            f"init: input_shape={input_shape!r}, expected the shape of one example, such as (28, 28, 1)"
        )
    return tuple([int(n) for n in input_shape])


def named(make: Callable[P, Layer]) -> Callable[P, Layer]:
    """A function that makes layers, each of which is named by the call that made it."""
    signature = inspect.signature(make)

    @functools.wraps(make)
    def constructor(*args: P.args, **kwargs: P.kwargs) -> Layer:
        made = make(*args, **kwargs)
        return made._replace(name=f"{make.__name__}({_written(make.__name__, signature.bind(*args, **kwargs))})")

    CONSTRUCTORS[make.__name__] = constructor
    return constructor


def _written(what: str, call: inspect.BoundArguments) -> str:
    """The arguments as one writes them: without those that are the default, by name where there is a default."""
    words: list[str] = []
    for name, parameter in call.signature.parameters.items():
        if name in call.arguments:
            value = call.arguments[name]
            if parameter.kind is parameter.VAR_POSITIONAL:
                words += map(word, value)
            elif parameter.kind is parameter.VAR_KEYWORD:
                words += [f"{_identifier(what, key)}={word(part)}" for key, part in value.items()]
            elif parameter.default is parameter.empty:
                words.append(word(value))
            elif value is not parameter.default:
                words.append(f"{name}={word(value)}")
    return ", ".join(words)


def _identifier(what: str, name: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ArgumentError(f"{what}: a part has the name {name!r}, expected one that Python takes for a variable")
    return name


def word(value: Any) -> str:
    """An argument as one writes it: functions and dtypes by their names, numbers of NumPy's as Python's."""
    if isinstance(value, (type, np.dtype)):
        return repr(np.dtype(value).name)
    if isinstance(value, np.generic):
        return repr(value.item())
    if type(value) in (tuple, list):
        return f"({', '.join(map(word, value))}{',' * (len(value) == 1)})"
    return getattr(value, "__name__", None) or repr(value)


def activation(f: Callable[[Any], Any]) -> Layer:
    """A layer without weights from a function of arrays. `serial` does this to every plain function it is given."""
    if not callable(f):
        raise ArgumentError(f"activation: got a {type(f).__name__}, expected a function of arrays")
    return stateless(lambda key, input_shape: (), lambda params, x, key, train: f(x))._replace(name=word(f))
