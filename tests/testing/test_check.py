"""check_grads and check_gradient: what they take, and what they report."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.testing import check_gradient, check_grads

from .verdicts import fails


def test_gradients_of_chosen_arguments() -> None:
    def f(labels: Any, w: Any, x: Any) -> Any:
        return np.sum((x @ w - labels) ** 2)

    args = np.arange(3), np.array([0.5, 1.5]), np.ones((3, 2))
    check_gradient(f, tg.grad(f, 1), args, argnums=1)
    check_gradient(f, tg.grad(f, (1, 2)), args, argnums=(1, 2))
    with fails("the derivative by argument 2"):
        check_gradient(f, lambda *a: (tg.grad(f, 1)(*a), 2 * tg.grad(f, 2)(*a)), args, argnums=(1, 2))


def test_the_report_says_what_was_done() -> None:
    report = check_grads(lambda x: np.sum(np.sin(x)), (np.ones(3),))
    assert report.digits > 8
    assert report.comparisons > 10
    assert report.references["complex step"] >= 3
    assert str(report).startswith(f"right: {report.digits:.1f} digits agree; {report.comparisons} numbers compared")


def test_bad_requests() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="modes 'rev' or 'fwd'"):
        check_grads(np.sin, (1.0,), modes=("backwards",))
    with pytest.raises(tg.errors.ArgumentError, match="order must be 1 or more"):
        check_grads(np.sin, (1.0,), order=0)
    with pytest.raises(tg.errors.ArgumentError, match="order must be 1 or more"):
        check_grads(np.sin, (1.0,), order="two")  # type: ignore[arg-type]
    for args in (1.0, (), (None,), np.ones(2)):
        with pytest.raises(tg.errors.ArgumentError, match=r"check_grads: args is .*, expected a tuple with an entry"):
            check_grads(np.sin, args)  # type: ignore[arg-type]
    with pytest.raises(tg.errors.DtypeError, match="check_grads: argument 0 is int"):
        check_grads(np.sin, (1,))
    with pytest.raises(tg.errors.DtypeError, match="check_gradient: argument 1 is int"):
        check_gradient(lambda x, y: x * y, np.sin, (1.0, 2), argnums=(0, 1))
