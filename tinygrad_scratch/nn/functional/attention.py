"""Attention: each query looks for keys, and takes the mean of their values weighted by how well they fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core.errors import DtypeError, ShapeError, user_line
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
    if mask is not None and mask.dtype != bool:
        raise DtypeError(
            f"attention: the mask is an array of {mask.dtype}, expected booleans, True where to look{user_line()}"
        )
    scores = q @ np.swapaxes(k, -1, -2) * (1 / math.sqrt(q.shape[-1]))
    if allowed is None:
        return softmax(scores) @ v
    # the lowest number, not -inf: a row of -inf would be NaN
    weights = softmax(np.where(allowed, scores, np.finfo(scores.dtype).min))
    return np.where(allowed, weights, 0) @ v


def multi_head_attention(params: Mapping[str, Any], x: Any, heads: int, mask: Any = None, causal: bool = False) -> Any:
    """Self-attention in `heads` parts of the width: x (n, length, in) -> (n, length, out).

    `params` has the weights of a dense layer under "query", "key", "value" and "out". A mask of two axes is (n, length)
    and says which places of each example are there; one of four axes broadcasts to (n, heads, length, length). Raises
    ShapeError for another, and DtypeError for one that is not boolean.
    """
    if mask is not None:
        mask = _places(mask, x, heads)
    q, k, v = (_split(dense(x, **params[name]), heads) for name in ("query", "key", "value"))
    joined = np.swapaxes(attention(q, k, v, mask, causal), 1, 2)
    return dense(joined.reshape(*joined.shape[:2], heads * joined.shape[3]), **params["out"])


def _places(mask: Any, x: Any, heads: int) -> Any:
    """A mask of four axes."""
    n, length = x.shape[:2]
    if mask.shape == (n, length):
        return mask[:, None, None, :]
    whole = (n, heads, length, length)
    if len(mask.shape) != 4 or any(m not in (1, size) for m, size in zip(mask.shape, whole, strict=True)):
        raise ShapeError(
            f"multi_head_attention: mask of shape {mask.shape}, expected {(n, length)}, or four axes that broadcast to "
            f"{whole}; write mask[None, None] for one of (length, length){user_line()}"
        )
    return mask


def _split(x: Any, heads: int) -> Any:
    """(n, length, width) -> (n, heads, length, width / heads)."""
    if len(x.shape) != 3 or x.shape[-1] % heads:
        raise ShapeError(
            f"multi_head_attention: input of shape {x.shape}, expected (n, length, width) with a width that {heads} "
            f"heads divide{user_line()}"
        )
    n, length, width = x.shape
    return np.swapaxes(x.reshape(n, length, heads, width // heads), 1, 2)
