"""Attention: each query looks for keys, and takes the mean of their values weighted by how well they fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core.errors import ShapeError, user_line
from .activations import softmax
from .linear import dense


def attention(q: Any, k: Any, v: Any, mask: Any = None, causal: bool = False) -> Any:
    """softmax(q k^T / sqrt(d)) v: q (..., n, d), k (..., m, d), v (..., m, e) -> (..., n, e).

    `mask`, booleans that broadcast to (..., n, m), says which query may look at which key; `causal`: query i at key j
    only if j <= i + m - n, so that the last query sees all. A query that may look nowhere gets zeros.
    Source: Vaswani et al., NeurIPS 2017. Raises ShapeError.

    >>> import numpy as np
    >>> x = np.eye(2)
    >>> attention(x, x, x, causal=True).round(2)
    array([[1.  , 0.  ],
           [0.33, 0.67]])
    """
    if k.shape[-1:] != q.shape[-1:] or k.shape[-2:-1] != v.shape[-2:-1] or min(map(len, (q.shape, k.shape))) < 2:
        raise ShapeError(
            f"attention: queries of shape {q.shape}, keys {k.shape} and values {v.shape} do not fit; expected "
            f"(..., n, d), (..., m, d) and (..., m, e){user_line()}"
        )
    n, m = q.shape[-2], k.shape[-2]
    allowed = np.tri(n, m, m - n, dtype=bool) if causal else None
    if mask is not None:
        allowed = mask if allowed is None else np.logical_and(mask, allowed)
    scores = q @ np.swapaxes(k, -1, -2) * (1 / math.sqrt(q.shape[-1]))
    if allowed is None:
        return softmax(scores) @ v
    # the lowest number, not -inf: a row of -inf would be NaN
    weights = softmax(np.where(allowed, scores, np.finfo(scores.dtype).min))
    return np.where(allowed, weights, 0) @ v


def multi_head_attention(params: Mapping[str, Any], x: Any, heads: int, mask: Any = None, causal: bool = False) -> Any:
    """Self-attention in `heads` parts of the width: x (n, length, in) -> (n, length, out).

    `params` has the weights of a dense layer under "query", "key", "value" and "out". `mask` broadcasts to (n, heads,
    length, length); one of shape (n, length) says which places of each example are there. Raises ShapeError.
    """
    if mask is not None and len(mask.shape) == 2:
        mask = mask[:, None, None, :]
    q, k, v = (_split(dense(x, **params[name]), heads) for name in ("query", "key", "value"))
    joined = np.swapaxes(attention(q, k, v, mask, causal), 1, 2)
    return dense(joined.reshape(*joined.shape[:2], heads * joined.shape[3]), **params["out"])


def _split(x: Any, heads: int) -> Any:
    """(n, length, width) -> (n, heads, length, width / heads)."""
    if len(x.shape) != 3 or x.shape[-1] % heads:
        raise ShapeError(
            f"multi_head_attention: input of shape {x.shape}, expected (n, length, width) with a width that {heads} "
            f"heads divide{user_line()}"
        )
    n, length, width = x.shape
    return np.swapaxes(x.reshape(n, length, heads, width // heads), 1, 2)
