"""Means and moments: mean, var, std, average, cov, corrcoef."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import ArgumentError, DivisionError, ShapeError, user_line
from ..core.primitive import implements
from .arguments import NO, as_array, count, given, is_mask, masked, refuse, require_real, spread_weights
from .arithmetic import conj, squared_size
from .reduce import sum
from .values import seen


@implements(np.mean)
def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO
) -> Any:
    """NumPy's `mean`: sum(a) / n, of float16 in float32, of integers in float64."""
    if a.dtype == np.float16 and dtype is None:
        return mean(a, axis, np.float32, out, keepdims, where=where).astype(np.float16)
    dtype = _of_integers(a, dtype)
    total = sum(a, axis, dtype, out, keepdims, NO, where)
    return total / number(a, axis, keepdims, where, total)


def _of_integers(a: Any, dtype: Any) -> Any:
    """The dtype of a mean: float64 for integers, whose sum may not fit theirs."""
    return float if dtype is None and a.dtype.kind in "biu" else dtype


def number(a: Any, axis: Any, keepdims: Any, where: Any, total: Any) -> Any:
    """How many elements were added up: one number, or one for each total."""
    if not is_mask(where):
        return count(a, axis)
    n = np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=given(keepdims))
    return n.astype(total.real.dtype if total.dtype.kind in "fc" else float)


@implements(np.var)
def var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
        where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    """NumPy's `var`: sum(|a - mean(a)|**2) / (n - ddof)."""
    refuse("var", out=out)
    if correction is not NO:
        if ddof != 0:
            raise ArgumentError("var: ddof= and correction= are two names of one argument; give one of them")
        ddof = correction
    a = a if dtype is None else a.astype(dtype)
    dtype = _of_integers(a, dtype)
    if mean is NO:
        total = sum(a, axis, dtype, None, True, NO, where)
        mean = total / number(a, axis, True, where, total)
    if a.dtype.kind != "c":
        require_real("var, mean", mean)
    apart = a - mean
    if is_mask(where):  # before the square, through which a NaN would come back
        apart = masked("var", apart, where, 0)
    total = sum(squared_size(apart), axis, dtype, None, keepdims)
    free = number(a, axis, keepdims, where, total) - ddof
    return total / (np.maximum(free, 0) if is_mask(where) else max(free, 0))


@implements(np.std)
def std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
        where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    """NumPy's `std`: sqrt(var(a)). Where all are equal, at the tip of a cone, the derivative is 0."""
    return np.sqrt(var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction))


@implements(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = NO) -> Any:
    """NumPy's `average`: sum(a * weights) / sum(weights)."""
    a = as_array(a)
    if weights is None:
        ans = np.mean(a, axis=axis, keepdims=given(keepdims))
        total = np.ones(ans.shape, ans.dtype) * count(a, axis)
        return (ans, total) if returned else ans
    weights = spread_weights("average", a, axis, weights)
    dtype = np.result_type(a.dtype, weights.dtype, *[float] * (a.dtype.kind in "biu"))
    weights = np.broadcast_to(weights.astype(dtype), a.shape)
    total = np.sum(weights, axis=axis, keepdims=given(keepdims))
    if seen(np.any(np.equal(total, 0))):
        raise DivisionError(f"average: weights add up to 0 along axis={axis}{user_line()}")
    ans = np.sum(a * weights, axis=axis, keepdims=given(keepdims)) / total
    return (ans, total) if returned else ans


@implements(np.cov)
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
        fweights: Any = None, aweights: Any = None, *, dtype: Any = None) -> Any:  # fmt: skip
    """NumPy's `cov`: X (X w)^H / (sum(w) - ddof), of the rows of X without their means."""
    x = _variables("cov", m, rowvar)
    if y is not None:
        x = np.concatenate([x, _variables("cov", y, rowvar)])
    x = x.astype(np.result_type(x.dtype, np.float64) if dtype is None else dtype)
    if ddof is None:
        ddof = 0 if bias else 1
    elif ddof != int(ddof):
        raise ArgumentError(f"cov: ddof={ddof} must be a whole number")
    weights = _weights_of_columns(x, fweights, aweights)
    if weights is None:
        centred = x - np.mean(x, axis=1, keepdims=True)
        scaled, n = centred, np.maximum(x.shape[1] - ddof, 0)
    else:
        total = np.sum(weights)
        centred = x - np.sum(x * weights, axis=1, keepdims=True) / total
        lost = ddof if aweights is None else ddof * np.sum(weights * as_array(aweights)) / total
        scaled, n = centred * weights, np.maximum(total - lost, 0)
    return np.squeeze(np.matmul(centred, conj(scaled).T) / n)


def _variables(function: str, m: Any, rowvar: bool) -> Any:
    """A matrix with one variable a row."""
    m = as_array(m)
    if m.ndim > 2:
        raise ShapeError(f"{function}: expected at most two axes, got shape {m.shape}{user_line()}")
    return m.T if m.ndim == 2 and not rowvar else np.reshape(m, (1, -1)) if m.ndim < 2 else m


def _weights_of_columns(x: Any, fweights: Any, aweights: Any) -> Any:
    """The product of both kinds of weights, None if there are none. Frequencies are whole numbers."""
    weights = None
    for name, given_weights in (("fweights", fweights), ("aweights", aweights)):
        if given_weights is None:
            continue
        w = as_array(given_weights)
        if w.shape != x.shape[1:]:
            raise ShapeError(f"cov: {name}= of shape {w.shape}, expected one number an observation, {x.shape[1:]}")
        if name == "fweights" and w.dtype.kind not in "biu":
            raise ArgumentError(f"cov: fweights= must be integers, got {w.dtype}; aweights= may be any numbers")
        require_real(f"cov, {name}", w)
        if seen(np.any(np.less(w, 0))):
            raise ArgumentError(f"cov: {name}= must not be negative")
        weights = w if weights is None else weights * w
    return weights


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """NumPy's `corrcoef`: C_ij / sqrt(C_ii C_jj) of the covariances, kept between -1 and 1."""
    c = cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    size = np.sqrt(np.diagonal(c).real)
    c = c / size[:, None] / size[None, :]
    return np.clip(c, -1, 1) if c.dtype.kind != "c" else np.clip(c.real, -1, 1) + 1j * np.clip(c.imag, -1, 1)
