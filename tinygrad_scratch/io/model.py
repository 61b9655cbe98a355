"""A net with its weights in one file: the net as the expression that makes it (`tg.nn.build`), so no code is in it."""

from __future__ import annotations

import os
from functools import partial
from types import FunctionType
from typing import Any, NamedTuple, NoReturn

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
    a name of `tg.nn`'s; and for params or a state that are not those of its parts. Their shapes are not looked at.

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
    _check(net, params, state)
    save(file, {"params": params, "state": state}, metadata={"kind": _KIND, "net": repr(net)})


def load_model(file: str | os.PathLike[str]) -> Model:
    """The net and the weights in a file of `save_model`. Raises as `load`; DataError if the file holds no model."""
    about = load_metadata(file)
    if not isinstance(about, dict) or about.get("kind") != _KIND:
        raise DataError(f"load_model: {file} holds a tree, but no model; read it with tg.io.load")
    found = load(file)
    try:
        return Model(build(about["net"]), found["params"], found["state"])
    except (ArgumentError, KeyError, TypeError) as error:
        raise DataError(f"load_model: {file} holds no net and its weights ({error}); it is damaged") from error


def _obstacle(net: Layer) -> str:
    """What keeps the net from being made again; "" if nothing does."""
    try:
        again = build(repr(net))
    except ArgumentError as error:
        return str(error)
    return "" if _alike(net, again, set()) else "which stands for something else in tg.nn"


def _check(net: Layer, params: Any, state: Any, place: str = "the net") -> None:
    """Raise ArgumentError if params or state cannot be those of the net, as far as its parts say."""
    names = [name for name, _ in net.parts]
    none: dict[str, Any] = dict.fromkeys(names, ())
    if net.has_state == _is_none(state):
        got, expected = ("none", "one") if net.has_state else ("one", "none")
        _refuse(net, place, f"got {got} as state", expected)
    if net.rebuild is None:
        if not (isinstance(params, dict) or _is_none(params)):
            _refuse(net, place, f"got params in a {type(params).__name__}", "a dict, or () for none")
        return
    weights, states = _entries(params), _entries(state) if net.has_state else none
    for what, entries in (("params", weights), ("state", states)):
        if entries.keys() != none.keys():
            _refuse(net, place, f"got {what} for {sorted(map(str, entries))}", str(names))
    for name, part in net.parts:
        _check(part, weights[name], states[name], f"part {name}")


def _refuse(net: Layer, place: str, got: str, expected: str) -> NoReturn:
    raise ArgumentError(
        f"save_model: {place}, {net!r}, {got}, expected {expected}; params, state = net.init(key, input_shape)"
    )


def _is_none(tree: Any) -> bool:
    return isinstance(tree, tuple) and not tree


def _entries(tree: Any) -> dict[str, Any]:
    """The entries of a layer made of others, by the names of its parts."""
    if isinstance(tree, dict):
        return tree
    return {str(i): entry for i, entry in enumerate(tree)} if isinstance(tree, (tuple, list)) else {}


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
