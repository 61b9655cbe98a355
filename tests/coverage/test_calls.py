"""A share of `python -m tests.calls`, what it once found, and functions that are wrong, which it has to find."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_scratch as tg
from tests.calls import FINE, drawn, outcome, recast
from tinygrad_scratch.coverage.entry import Call, Entry, calls, mapped
from tinygrad_scratch.coverage.table import ENTRIES
from tinygrad_scratch.testing.strategies import arrays

pytestmark = pytest.mark.filterwarnings("ignore")
HALF, BYTES, BOOLS = np.ones(3, np.float16), np.arange(3, dtype=np.uint8), np.array([True, False, True])
ROW, PAIRED = np.array([0.0, 0.0, 2.0, 1.0]), np.array([1 + 2j, 3, 1 - 2j])
WHERE = {"where": [True, False, True]}

FOUND = {
    "average whose weights add up to 0": ("numpy.average", Call((ROW,), {"weights": np.array([1.0, -1.0, 0.0, 0.0])})),
    "copyto into small integers": ("numpy.copyto", Call((BYTES, np.arange(3)))),
    "place of wider numbers": ("numpy.place", Call((np.float32(ROW), [True] * 4, ROW))),
    "putmask of wider numbers": ("numpy.putmask", Call((np.float32(ROW), [True] * 4, ROW))),
    "gradient of booleans": ("numpy.gradient", Call((BOOLS,))),
    "histogram with booleans as weights": (
        "numpy.histogram",
        Call((ROW[:3],), {"bins": np.sort(ROW), "weights": BOOLS}),
    ),
    "reduction of booleans from a float": ("numpy.hypot.reduce", Call((BOOLS,), {"initial": 1.5, **WHERE})),
    "nanvar with a mean in double precision": ("numpy.nanvar", Call((np.float32(ROW),), {"mean": np.array(1.0)})),
    "polynomials with leading zeros": ("numpy.polymul", Call((ROW, ROW[1:]))),
    "remainder with leading zeros": (
        "numpy.polydiv",
        Call((np.polymul(ROW[2:], [1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))),
    ),
    "zeros in conjugate pairs": ("numpy.poly", Call((PAIRED,))),
    "polyfit of float16": ("numpy.polyfit", Call((HALF, HALF, 1))),
    "polyfit with complex weights": ("numpy.polyfit", Call((ROW, ROW, 1), {"w": ROW + 0j})),
    "quantiles by integers": ("numpy.quantile", Call((BYTES, np.array([0, 1])), {"method": "weibull"})),
    "quantiles by unsigned integers": ("numpy.quantile", Call((BYTES, BYTES[:2]), {"method": "weibull"})),
    "quantiles of booleans": ("numpy.quantile", Call((BOOLS, ROW[2:] / 2), {"method": "lower"})),
    "odd reflection of booleans": ("numpy.pad", Call((BOOLS, 2), {"mode": "reflect", "reflect_type": "odd"})),
    "complex ends of a ramp": ("numpy.pad", Call((BYTES, 0), {"mode": "linear_ramp", "end_values": ROW[:1] + 0j})),
    "var with booleans as mean": ("numpy.var", Call((BOOLS,), {"mean": np.array(True)})),
    "cbrt of float16": ("scipy.special.cbrt", Call((HALF,))),
    "round of float16": ("scipy.special.round", Call((HALF,))),
    "expit of float16": ("scipy.special.expit", Call((HALF,))),
    "nrdtrisd of booleans": ("scipy.special.nrdtrisd", Call((BOOLS, HALF, BOOLS))),
    "comb with booleans": ("tinygrad_scratch.scipy.special.comb", Call((HALF, BOOLS))),
    "factorial of booleans": ("tinygrad_scratch.scipy.special.factorial", Call((BOOLS,))),
    "softmax of booleans": ("tinygrad_scratch.scipy.special.softmax", Call((BOOLS,))),
    "logsumexp of small integers": ("tinygrad_scratch.scipy.special.logsumexp", Call((BYTES,))),
}


@settings(max_examples=40 * settings().max_examples)
@given(data=st.data())
def test_shapes_and_dtypes_are_numpys(data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(ENTRIES)))
    call = data.draw(ENTRIES[name].calls)
    narrow = recast(call, np.random.default_rng(data.draw(st.integers(0, 2**32 - 1))), ENTRIES[name].without)
    with np.errstate(all="ignore"):
        assert outcome(name, call, narrow) in FINE, narrow


@pytest.mark.parametrize("case", FOUND)
def test_what_was_found(case: str) -> None:
    name, call = FOUND[case]
    floats = mapped(lambda x: x.astype(float) if isinstance(x, np.ndarray) else x, call)  # all of which are arguments
    with np.errstate(all="ignore"):
        assert outcome(name, floats, call) in FINE


REVERSED = tg.core.primitive.Primitive(
    "sin", lambda x: np.sin(x)[None] if min([0, *x.strides]) < 0 else np.sin(x), composite=False
)


@pytest.mark.parametrize(
    ("reference", "wrong"),
    [
        ("numpy.sin", lambda x: np.sin(x) * np.float64(1)),
        ("numpy.sin", lambda x: np.sin(x).astype(np.float32) if x.dtype == np.float16 else np.sin(x)),
        ("numpy.square", lambda x: x * x if x.dtype != bool else x * 1),
        ("numpy.sin", lambda x: np.sin(x) if 2 not in x.shape else np.sin(x)[:1]),
        ("numpy.sin", REVERSED),
        ("numpy.negative", np.abs),
        ("numpy.floor", lambda x: np.floor(np.real(x))),
    ],
)
def test_wrong_functions_are_found(reference: str, wrong: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    name = "tinygrad_scratch.testing.under_test"
    monkeypatch.setattr(tg.testing, "under_test", wrong, raising=False)
    monkeypatch.setitem(ENTRIES, name, Entry(calls(arrays()), reference=reference))
    assert {outcome(name, *pair) for pair in drawn(name, 200, 0)} - set(FINE)
