"""The builder of SciPy's ufuncs: from the partial derivatives of one it makes a primitive that calls SciPy.

SciPy is imported when such an operation is first called, and not before. Rules use each other's primitives, under
SciPy's names, so that a derivative of any order is written in ufuncs that exist. Sources: DLMF is the NIST Digital
Library of Mathematical Functions, https://dlmf.nist.gov, by section; a rule without source is elementary calculus.
"""

from __future__ import annotations

import importlib
from typing import Any

from ...core.errors import MissingExtraError, MissingRuleError
from ...core.primitive import Emit, Primitive, Rule, undefined
from ..families import elementwise
from ..special import SCIPY
from ..ufuncs import cast


def scipy_function(name: str) -> Any:
    """SciPy's function of that name; ufuncs behind its Python functions begin with an underscore."""
    special = importlib.import_module("scipy.special")
    return getattr(special._ufuncs if name.startswith("_") else special, name)


class SciPyUfunc:
    """The ufunc of that name, or of one with several answers the one with the number `part`."""

    nout = 1

    def __init__(self, name: str, part: int | None) -> None:
        self.__name__ = name
        self.part = part

    @property
    def ufunc(self) -> Any:
        """SciPy's own; MissingExtraError without SciPy."""
        try:
            return scipy_function(self.__name__)
        except ModuleNotFoundError as error:
            raise MissingExtraError(f'{self.__name__} needs SciPy: pip install "tinygrad_scratch[scipy]"') from error

    def __call__(self, *args: Any) -> Any:
        ans = self.ufunc(*args)
        return ans if self.part is None else ans[self.part]

    def resolve_dtypes(self, dtypes: tuple[Any, ...]) -> tuple[Any, ...]:
        """As of a ufunc, the dtypes of the loop that NumPy takes, with one answer."""
        return self.ufunc.resolve_dtypes((*dtypes[:-1], *(None,) * self.ufunc.nout))[: len(dtypes)]  # type: ignore[no-any-return]

    def text(self, *xs: str) -> str:
        """The call in a program."""
        return f"scipy_function({self.__name__!r})({', '.join(xs)}){'' if self.part is None else f'[{self.part}]'}"

    def into(self, out: str, *xs: str) -> str:
        """The statement that writes into `out`."""
        return f"{self.text(*xs)[:-1]}, out={out})"


def special(name: str, *partials: Rule | None) -> Primitive:
    """The primitive for `scipy.special.name`, with its partial derivatives as `elementwise` takes them."""
    SCIPY[name] = prim = _made(name, SciPyUfunc(name, None), partials)
    return prim


def part(name: str, number: int, *partials: Rule | None) -> Primitive:
    """The primitive for one answer of a ufunc that has several; `several` joins them."""
    return _made(f"{name}_{number}", SciPyUfunc(name, number), partials)


def function(name: str, *partials: Rule | None) -> Primitive:
    """The primitive for a function of elements that SciPy writes in Python, so that Tensors do not reach it."""
    impl = SciPyUfunc(name, None)
    return elementwise(name, impl, *partials, emit=Emit(impl.text, function=scipy_function))


def written(name: str, function: Any) -> None:
    """Enter a ufunc as a function that is not SciPy's own: of inputs in the dtypes that SciPy's has a loop for."""

    def in_loop(*args: Any) -> Any:
        return function(*cast(scipy_function(name), name, args))

    SCIPY[name] = in_loop


def several(name: str, *parts: Primitive) -> None:
    """Enter a ufunc with several answers: a tuple of its parts."""
    SCIPY[name] = lambda *args: tuple([prim(*args) for prim in parts])


def _made(name: str, impl: SciPyUfunc, partials: tuple[Rule | None, ...]) -> Primitive:
    into = impl.into if impl.part is None else None
    return elementwise(name, impl, *partials, emit=Emit(impl.text, into, "ufunc", function=scipy_function))


def no_rule(name: str, argument: str) -> Rule:
    """Refuses the derivative by a parameter for which there is no closed form."""
    return undefined(
        f"{name}: no closed form is known for the derivative by {argument}; give {argument} as a constant, "
        f"tg.stop_gradient({argument}) if it is computed"
    )


def only_real(name: str, x: Any) -> Any:
    """x; refuses the derivative at complex x."""
    if x.dtype.kind == "c":
        raise MissingRuleError(f"{name}: this derivative is there for real arguments only; got {x.dtype}")
    return x
