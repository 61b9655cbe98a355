"""Layers made of layers. Params and state have one entry a part: a tuple, or a dict where the parts have names.

>>> import tinygrad_scratch as tg
>>> net = tg.nn.serial(encoder=tg.nn.dense(3), decoder=tg.nn.dense(8))
>>> params, _ = net.init(tg.random.key(0), (8,))
>>> tg.tree.paths(params)
['decoder/b', 'decoder/w', 'encoder/b', 'encoder/w']
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import random
from ..core.errors import ArgumentError, ShapeError, TinygradError
from .layer import CONSTRUCTORS, Layer, Shape, activation, checked_shape, named

Part = Layer | Callable[[Any], Any]


@named
def serial(*parts: Part, **named_parts: Part) -> Layer:
    """Layers and functions one after the other; by position, or by name."""
    layers = _parts("serial", parts, named_parts)
    return _combined("serial", layers, lambda each, x: _through(layers, each, x), serial, bool(named_parts))


@named
def parallel(*parts: Part, join: Callable[[list[Any]], Any] | str = "concatenate", **named_parts: Part) -> Layer:
    """Layers and functions on one input; the answers joined: "concatenate" on the last axis, "sum", or join(ys)."""
    if join not in ("concatenate", "sum") and not callable(join):
        raise ArgumentError(
            f'parallel: join={join!r}, expected "concatenate", "sum" or a function of the list of answers'
        )
    layers = _parts("parallel", parts, named_parts)
    if not layers:
        raise ArgumentError("parallel: needs at least one part")

    def run(each: _Each, x: Any) -> Any:
        ys = [each(name, layer, x) for name, layer in layers.items()]
        if callable(join):
            return join(ys)
        _check_joinable(join, layers, ys)
        return np.concatenate(ys, axis=-1) if join == "concatenate" else sum(ys[1:], ys[0])

    def again(*parts: Part, **named_parts: Part) -> Layer:
        return parallel(*parts, join=join, **named_parts)

    return _combined("parallel", layers, run, again, bool(named_parts))


@named
def residual(*parts: Part, **named_parts: Part) -> Layer:
    """x + f(x), f the parts one after the other, which must keep the shape (He et al., CVPR 2016)."""
    layers = _parts("residual", parts, named_parts)

    def run(each: _Each, x: Any) -> Any:
        y = _through(layers, each, x)
        if y.shape != x.shape:
            raise ShapeError(f"residual: the parts take shape {x.shape} to {y.shape}, expected the same to be added")
        return x + y

    return _combined("residual", layers, run, residual, bool(named_parts))


_Each = Callable[[str, Layer, Any], Any]


def _through(layers: dict[str, Layer], each: _Each, x: Any) -> Any:
    for name, layer in layers.items():
        x = each(name, layer, x)
    return x


def _check_joinable(join: str, layers: dict[str, Layer], ys: list[Any]) -> None:
    shapes = {name: y.shape for name, y in zip(layers, ys, strict=True)}
    free = 1 if join == "concatenate" else 0
    if len({shape[: len(shape) - free] for shape in shapes.values()}) > 1:
        said = ", ".join(f"{shape} from part {name}" for name, shape in shapes.items())
        raise ShapeError(
            f"parallel: {said} cannot be joined by {join!r}, expected one shape" + " but for the last axis" * free
        )


def _parts(what: str, parts: tuple[Part, ...], named_parts: dict[str, Part]) -> dict[str, Layer]:
    if parts and named_parts:
        raise ArgumentError(
            f"{what}: give all parts by position or all by name, not {len(parts)} of one and some other"
        )
    found = {str(i): part for i, part in enumerate(parts)} or named_parts
    for name, part in found.items():
        if not callable(part):
            raise ArgumentError(
                f"{what}: part {name} is a {type(part).__name__}, expected a Layer or a function of arrays"
            )
        own = getattr(part, "__name__", "")
        if CONSTRUCTORS.get(own) is part:
            raise ArgumentError(f"{what}: part {name} is the function {own} that makes layers; call it: {own}(...)")
    return {name: part if isinstance(part, Layer) else activation(part) for name, part in found.items()}


def _combined(
    what: str, layers: dict[str, Layer], run: Callable[[_Each, Any], Any], again: Callable[..., Layer], by_name: bool
) -> Layer:
    """A layer of layers: `run(each, x)` says in which order `each(name, layer, x)` is called, and what comes of it."""
    places = {name: i for i, name in enumerate(layers)}

    def gathered(entries: dict[str, Any]) -> Any:
        ordered = {name: entries[name] for name in layers}
        return ordered if by_name else tuple(ordered.values())

    def entries(given: Any) -> dict[str, Any]:
        found = given if isinstance(given, dict) else {str(i): entry for i, entry in enumerate(given)}
        if found.keys() != places.keys():
            expected = f"{sorted(layers)}" if by_name else f"{len(layers)} parts"
            raise ArgumentError(
                f"{what}: got params for {sorted(found) if by_name else f'{len(found)} parts'}, expected {expected}; "
                "net.init returns (params, state)"
            )
        return found

    def init(key: Any, input_shape: Shape) -> tuple[Any, Any]:
        params, states = {}, {}
        input_shape = checked_shape(input_shape)

        def each(name: str, layer: Layer, x: Any) -> Any:
            own = random.fold_in(key, places[name])
            params[name], states[name] = _inside(name, layer, x, lambda: layer.init(own, x.shape[1:]))
            return _inside(name, layer, x, lambda: layer.apply(params[name], states[name], x))[0]

        run(each, np.zeros((1, *input_shape), dtype))
        return gathered(params), _state(gathered(states), states)

    def apply(params: Any, state: Any, x: Any, key: Any = None, train: bool = False) -> tuple[Any, Any]:
        weights = entries(params)
        before = entries(state) if state else dict.fromkeys(layers, ())
        after = {}

        def each(name: str, layer: Layer, x: Any) -> Any:
            own = None if key is None else random.fold_in(key, places[name])
            y, after[name] = _inside(
                name, layer, x, lambda: layer.apply(weights[name], before[name], x, key=own, train=train)
            )
            return y

        return run(each, x), _state(gathered(after), after)

    def rebuild(parts: list[Layer]) -> Layer:
        return again(**dict(zip(layers, parts, strict=True))) if by_name else again(*parts)

    dtype = next(iter(layers.values())).dtype if layers else np.float32
    has_state = any(layer.has_state for layer in layers.values())
    return Layer(init, apply, what, tuple(layers.items()), rebuild, dtype, has_state)


def _inside(name: str, layer: Layer, x: Any, work: Callable[[], Any]) -> Any:
    """What `work` gives; an error of shapes, ours or NumPy's, says which part of the net it was."""
    try:
        return work()
    except ShapeError as error:
        raise ShapeError(f"part {name} of the net, {layer}: {error}") from error
    except ValueError as error:
        if isinstance(error, TinygradError):
            raise
        raise ShapeError(f"part {name} of the net, {layer}, on input of shape {x.shape}: {error}") from error


def _state(gathered: Any, states: dict[str, Any]) -> Any:
    """() if no part has state."""
    return gathered if any(not isinstance(s, tuple) or s for s in states.values()) else ()
