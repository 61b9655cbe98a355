"""Families of distributions: what a formula in standard form becomes, under SciPy's names and argument orders.

A method takes x, the shape parameters, `loc` and `scale`, by position or by name, broadcasts them, and has derivatives
by all of them. Outside of the support a density is 0, its logarithm -inf, and the derivatives are 0; where a parameter
is not valid the answer is NaN. The dtype is that of the arguments; SciPy's is double always.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import numpy as np

from ...core.errors import MissingRuleError
from ...ops.arguments import as_array

Form = Callable[..., Any]


def _is_number(x: Any) -> bool:
    """Whether x is a number of Python's, recorded or not, which takes the dtype of what it meets."""
    return type(x) in (int, float) or getattr(x, "weak", False)


def _unwrapped(ans: Any) -> Any:
    """NumPy's number for an array without axes."""
    return ans[()] if isinstance(ans, np.ndarray) else ans


class _Family:
    """The parameters of a family: shapes, which must be `valid`, then those with a default."""

    def __init__(self, shapes: str, valid: Form | None, **defaults: Any) -> None:
        kind = Parameter.POSITIONAL_OR_KEYWORD
        named = [Parameter(name, kind) for name in ["x", *shapes.split()]]
        self.signature = Signature([*named, *[Parameter(n, kind, default=d) for n, d in defaults.items()]])
        self.valid = valid or (lambda *shapes: True)

    def arguments(self, args: Any, kwargs: Any) -> list[Any]:
        """x and the parameters, numbers of Python's in the dtype of the others; TypeError as of a function of them."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = [x if _is_number(x) else as_array(x) for x in bound.arguments.values()]
        dtype = np.result_type(1.0, *[x.dtype for x in given if not _is_number(x)])
        return [as_array(x).astype(dtype) if _is_number(x) else x for x in given]

    def checked(self, shapes: Any) -> tuple[Any, list[Any]]:
        """Whether the shapes are valid, and shapes that are, so that no formula meets others."""
        good = self.valid(*shapes)
        return good, [np.where(good, s, (k + 1) / 2) for k, s in enumerate(shapes)]


class Continuous(_Family):
    """A family with a density.

    `logpdf(y, *shapes)` and, where they are given, `cdf`, `sf`, `logcdf`, `logsf` are those of loc 0 and scale 1.
    `support(*shapes)` is the lowest and the highest y and one at which the formulas are finite; without, all numbers.
    """

    def __init__(
        self, logpdf: Form, shapes: str = "", valid: Form | None = None, support: Form | None = None, **forms: Form
    ) -> None:
        super().__init__(shapes, valid, loc=0, scale=1)
        self.forms = {"logpdf": logpdf, **forms}
        self.support = support

    def logpdf(self, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of the density at x."""
        return self._at(
            lambda y, scale, *s: self.forms["logpdf"](y, *s) - np.log(scale), -np.inf, -np.inf, args, kwargs
        )

    def pdf(self, *args: Any, **kwargs: Any) -> Any:
        """The density at x."""
        return np.exp(self.logpdf(*args, **kwargs))

    def cdf(self, *args: Any, **kwargs: Any) -> Any:
        """The probability of at most x."""
        return self._at(self._form("cdf"), 0.0, 1.0, args, kwargs)

    def sf(self, *args: Any, **kwargs: Any) -> Any:
        """The probability of more than x."""
        return self._at(self._form("sf"), 1.0, 0.0, args, kwargs)

    def logcdf(self, *args: Any, **kwargs: Any) -> Any:
        """log of `cdf`."""
        return self._at(self._form("logcdf"), -np.inf, 0.0, args, kwargs)

    def logsf(self, *args: Any, **kwargs: Any) -> Any:
        """log of `sf`."""
        return self._at(self._form("logsf"), 0.0, -np.inf, args, kwargs)

    def _form(self, name: str) -> Form:
        """The formula of that name, or one by the others: the logarithm, or exp of the logarithm."""
        if name in self.forms:
            return lambda y, scale, *shapes: self.forms[name](y, *shapes)
        if not name.startswith("log"):
            log = self._formula(f"log{name}")
            return lambda y, scale, *shapes: np.exp(log(y, *shapes))
        part, rest = [self._formula(n) for n in (("cdf", "sf") if name == "logcdf" else ("sf", "cdf"))]
        return lambda y, scale, *shapes: _log(part(y, *shapes), rest(y, *shapes))

    def _formula(self, name: str) -> Form:
        if name not in self.forms:
            raise MissingRuleError(f"{name.removeprefix('log')}: there is no closed form of it for this family")
        return self.forms[name]

    def _at(self, form: Form, before: float, after: float, args: Any, kwargs: Any) -> Any:
        """`form` at x in the support, `before` and `after` it."""
        x, *shapes, loc, scale = self.arguments(args, kwargs)
        good, shapes = self.checked(shapes)
        positive = np.greater(scale, 0)
        scale = np.where(positive, scale, 1)
        y = (x - loc) / scale
        good = np.logical_and(good, np.logical_and(positive, np.equal(y, y)))
        if self.support is None:
            return _unwrapped(np.where(good, form(y, scale, *shapes), np.nan))
        low, high, inner = self.support(*shapes)
        inside = np.logical_and(np.greater_equal(y, low), np.less_equal(y, high))
        ans = np.where(inside, form(np.where(inside, y, inner), scale, *shapes), before)
        return _unwrapped(np.where(good, np.where(np.greater(y, high), after, ans), np.nan))


def _log(part: Any, rest: Any) -> Any:
    """log of the part, which the rest adds up to 1; -inf with derivative 0 where the part is 0."""
    most, none = np.greater(part, 0.5), np.equal(part, 0)
    by_part = np.where(none, -np.inf, np.log(np.where(np.logical_or(most, none), 1, part)))
    return np.where(most, np.log1p(-np.where(most, rest, 0)), by_part)


class Discrete(_Family):
    """A family on whole numbers from `low` to `high(*shapes)`, with `logpmf(k, *shapes)` of loc 0."""

    def __init__(
        self, logpmf: Form, shapes: str, valid: Form, low: int = 0, high: Form = lambda *shapes: np.inf
    ) -> None:
        super().__init__(shapes, valid, loc=0)
        self.form, self.low, self.high = logpmf, low, high

    def logpmf(self, *args: Any, **kwargs: Any) -> Any:
        """The logarithm of the probability of x; -inf unless it is a whole number of the support."""
        x, *shapes, loc = self.arguments(args, kwargs)
        good, shapes = self.checked(shapes)
        k = x - loc
        whole = np.equal(k, np.floor(k))
        within = np.logical_and(np.greater_equal(k, self.low), np.less_equal(k, self.high(*shapes)))
        inside = np.logical_and(whole, within)
        ans = np.where(inside, self.form(np.where(inside, k, self.low), *shapes), -np.inf)
        return _unwrapped(np.where(np.logical_and(good, np.equal(k, k)), ans, np.nan))

    def pmf(self, *args: Any, **kwargs: Any) -> Any:
        """The probability of x."""
        return np.exp(self.logpmf(*args, **kwargs))
