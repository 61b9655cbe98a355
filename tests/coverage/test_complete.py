"""Every public function of NumPy is in the table: with calls, or with the reason why there are none."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.core.primitive import FUNCTIONS
from tinygrad_scratch.coverage.table import ENTRIES, FAMILIES, WITHOUT

NAMES = {
    f"{module.__name__}.{name}": function
    for module in (np, np.linalg, np.fft)
    for name, function in vars(module).items()
    if not name.startswith("_") and callable(function) and not isinstance(function, type)
}
UNSEEN = [name for name, f in NAMES.items() if hasattr(f, "_implementation") and f not in FUNCTIONS]


def test_every_function_is_in_the_table() -> None:
    known = {id(NAMES[name]) for name in (*ENTRIES, *WITHOUT) if name in NAMES}
    missing = [name for name, function in NAMES.items() if id(function) not in known]
    assert not missing, f"{len(missing)} functions are in no file of coverage/table: {' '.join(missing)}"


def test_no_function_is_in_the_table_twice() -> None:
    count = Counter(name for family in FAMILIES for name in (*family.ENTRIES, *family.WITHOUT))
    assert {name for name, times in count.items() if times > 1} == set()


@pytest.mark.parametrize("name", UNSEEN)
def test_a_function_without_a_rule_says_so(name: str) -> None:
    function: Any = NAMES[name]

    def call(x: Any) -> Any:
        return x.__array_function__(function, (type(x),), (x,), {})

    with pytest.raises(tg.errors.MissingRuleError, match=rf"{function.__name__} has no rule for a Tensor \(at .*\)\. "):
        tg.grad(call)(1.0)
