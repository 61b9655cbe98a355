"""A net with its weights in one file: the net as the expression that makes it (`tg.nn.build`), so no code is in it."""

from __future__ import annotations

import os
from functools import partial
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import ArgumentError, DataError
from ..nn import Layer, build
from ..nn.layer import word
from .trees import load, load_metadata, save

_KIND = "tinygrad_scratch.model"


class Model(NamedTuple):
    """A net, its weights and its state."""

    net: Layer
    params: Any
    state: Any = ()

    def __call__(self, x: Any) -> Any:
        """What the net answers."""
        return self.net.apply(self.params, self.state, x)[0]


def save_model(file: str | os.PathLike[str], net: Layer, params: Any, state: Any = ()) -> None:
    """Write a net of `tg.nn`'s layers with its weights, as `save` does. Raises as `save`, and ArgumentError for a net
    that `tg.nn.build` would not make again from its name, such as one with a function of one's own, even if that has
    a name of `tg.nn`'s.

    >>> import pathlib, tempfile
    >>> import numpy as np, tinygrad_scratch as tg
    >>> net = tg.nn.serial(tg.nn.dense(4), tg.nn.relu, tg.nn.dense(1))
    >>> params, state = net.init(tg.random.key(0), (2,))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "model.npz")
    ...     tg.io.save_model(file, net, params, state)
    ...     model = tg.io.load_model(file)
    >>> model.net
    serial(dense(4), relu, dense(1))
    >>> bool(np.all(model(np.ones((3, 2))) == net(params, np.ones((3, 2)))))
    True
    """
    obstacle = _obstacle(net)
    if obstacle:
        raise ArgumentError(
            f"save_model: {net!r} cannot be made again from its name ({obstacle}); save its params with tg.io.save, "
            "and keep the program that makes the net"
        )
    save(file, {"params": params, "state": state}, metadata={"kind": _KIND, "net": repr(net)})


def load_model(file: str | os.PathLike[str]) -> Model:
    """The net and the weights in a file of `save_model`. Raises as `load`; DataError if the file holds no model."""
    about = load_metadata(file)
    if not isinstance(about, dict) or about.get("kind") != _KIND:
        raise DataError(f"load_model: {file} holds a tree, but no model; read it with tg.io.load")
    found = load(file)
    return Model(build(about["net"]), found["params"], found["state"])


def _obstacle(net: Layer) -> str:
    """What keeps the net from being made again; "" if nothing does."""
    try:
        again = build(repr(net))
    except ArgumentError as error:
        return str(error)
    return "" if _alike(net, again, set()) else "which stands for something else in tg.nn"


def _alike(a: Any, b: Any, seen: set[tuple[int, int]]) -> bool:
    """Whether two values do the same. Functions do if their code is the same, and what it closes over is alike."""
    if a is b or (id(a), id(b)) in seen:
        return True
    seen.add((id(a), id(b)))  # else the parts of a deep net would be looked at again and again
    (kind, inside), (other, beside) = _opened(a), _opened(b)
    return kind == other and all(_alike(x, y, seen) for x, y in zip(inside, beside, strict=True))


def _opened(x: Any) -> tuple[Any, list[Any]]:
    """What tells a value from others, and the values in it."""
    match x:
        case dict():
            return list(x), list(x.values())
        case tuple() | list():
            return len(x), list(x)
        case FunctionType():
            cells = [cell.cell_contents for cell in x.__closure__ or ()]
            return id(x.__code__), [x.__defaults__, x.__kwdefaults__, *cells]
        case partial():
            return "partial", [x.func, x.args, x.keywords]
        case int() | float() | complex() | str() | None | np.generic() | np.dtype() | type():
            return word(x), []
    return id(x), []
