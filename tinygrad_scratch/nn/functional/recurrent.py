"""Recurrent nets over x (n, time, in): what comes out at each time, (n, time, units), from a state of zeros.

Weights of the k gates stand side by side: w (in, k * units) for the input, u (units, k * units) for what came out
before, b (k * units,). `reverse` runs from the last time to the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...compile.control import scan
from ...core.errors import ShapeError, user_line
from .activations import sigmoid
from .linear import dense


def rnn(
    x: Any, w: Any, u: Any, b: Any = None, activation: Callable[[Any], Any] = np.tanh, reverse: bool = False
) -> Any:
    """h' = activation(x w + h u + b), and h' comes out (Elman, Cognitive Science 14, 1990)."""

    def cell(h: Any, z: Any) -> tuple[Any, Any]:
        h = activation(z + h @ u)
        return h, h

    return _run("rnn", cell, 1, 1, x, w, u, b, reverse)


def lstm(x: Any, w: Any, u: Any, b: Any = None, reverse: bool = False) -> Any:
    """Long short-term memory, with the gates i, f, g, o in this order; h comes out.

    i, f, o = sigmoid(x w + h u + b), g = tanh(x w + h u + b), c' = f c + i g, h' = o tanh(c').
    Source: Hochreiter and Schmidhuber, Neural Computation 9, 1997; Gers et al., 2000, for the gate f that forgets.
    """

    def cell(carry: tuple[Any, Any], z: Any) -> tuple[tuple[Any, Any], Any]:
        h, c = carry
        i, f, g, o = _gates(z + h @ u, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        return (h, c), h

    return _run("lstm", cell, 4, 2, x, w, u, b, reverse)


def gru(x: Any, w: Any, u: Any, b: Any = None, reverse: bool = False) -> Any:
    """Gated recurrent unit, with the gates r, z, n in this order; h comes out.

    r, z = sigmoid(x w + h u + b), n = tanh(x w + (r h) u + b), h' = (1 - z) n + z h (Cho et al., EMNLP 2014).
    """
    units = u.shape[0]

    def cell(h: Any, z: Any) -> tuple[Any, Any]:
        r, z, n = _gates(z + np.pad(h @ u[:, : 2 * units], ((0, 0), (0, units))), 3)
        n = np.tanh(n + sigmoid(r) * h @ u[:, 2 * units :])
        h = n + sigmoid(z) * (h - n)
        return h, h

    return _run("gru", cell, 3, 1, x, w, u, b, reverse)


def _gates(z: Any, k: int) -> list[Any]:
    units = z.shape[-1] // k
    return [z[:, j * units : (j + 1) * units] for j in range(k)]


def _run(what: str, cell: Any, gates: int, parts: int, x: Any, w: Any, u: Any, b: Any, reverse: bool) -> Any:
    """Scan the cell over time: its state, of that many parts, and the share of the input in its gates."""
    if len(x.shape) != 3 or u.shape != (u.shape[0], gates * u.shape[0]) or w.shape[-1] != u.shape[-1]:
        raise ShapeError(
            f"{what}: input of shape {x.shape}, w {w.shape} and u {u.shape} do not fit; expected (n, time, in), "
            f"(in, {gates} * units) and (units, {gates} * units){user_line()}"
        )
    z = np.swapaxes(dense(x, w, b), 0, 1)  # for all times in one product
    zeros = np.zeros((x.shape[0], u.shape[0]), z.dtype)
    _, y = scan(cell, zeros if parts == 1 else (zeros,) * parts, z[::-1] if reverse else z)
    return np.swapaxes(y[::-1] if reverse else y, 0, 1)
