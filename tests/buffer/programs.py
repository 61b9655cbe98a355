"""Random programs that fill an array `y` from a vector `x`, as text: they run on an ndarray and on a buffer alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_scratch.testing.strategies import indices

START = 0.25 + np.arange(12.0) / 8
X = np.array([0.5, -1.25, 0.75, 1.5])

VIEWS = [
    "{}", "{}.T", "{}[::-1]", "{}[1:]", "{}[..., :2]", "{}[None]", "{}.ravel()", "{}.reshape(-1)", "{}[0]",
    "np.swapaxes({}, 0, -1)", "np.moveaxis({}, 0, -1)", "np.expand_dims({}, -1)", "np.flip({}, 0)", "np.squeeze({})",
    "{}[..., 0]", "{}[-1:]", "np.split({}, [1])[1]", "{}.transpose()",
]  # fmt: skip
SCALARS = ["x[0]", "x[1] * x[2]", "np.sin(x[3])", "0.5", "np.mean(y) * x[0]", "y.flatten()[1] + x[2]"]
OPERATORS = ["=", "=", "=", "+=", "-=", "*="]


def text_of(index: Any) -> str:
    """An index as it is written in a program."""
    parts = index if isinstance(index, tuple) else (index,)
    texts = [_array_text(p) if isinstance(p, np.ndarray) else _slice_text(p) for p in parts]
    return ", ".join(texts) + "," if texts else "..."


def _array_text(p: np.ndarray) -> str:
    return f"np.array({p.tolist()}, int)" if p.size else f"np.zeros({p.shape}, int)"


def _slice_text(part: Any) -> str:
    if not isinstance(part, slice):
        return "..." if part is Ellipsis else repr(part)
    return ":".join("" if n is None else str(n) for n in (part.start, part.stop, part.step))


@st.composite
def values(draw: Any, shape: tuple[int, ...]) -> str:
    """A value that can be written into a place of that shape."""
    options = list(SCALARS)
    if shape and shape[-1] <= len(X):
        options += [f"x[:{shape[-1]}]", f"np.cos(x[:{shape[-1]}]) * 0.5", f"[x[0]] * {shape[-1]}"] * 2
    return draw(st.sampled_from(options))  # type: ignore[no-any-return]


@st.composite
def views(draw: Any, y: np.ndarray) -> tuple[str, np.ndarray]:
    """A view of y as text, and it."""
    text = "y"
    for _ in range(draw(st.integers(0, 2))):
        wider = draw(st.sampled_from(VIEWS)).format(text)
        try:
            seen = eval(wider, {"np": np, "y": y})
        except (IndexError, ValueError):  # of no axes, say
            continue
        if isinstance(seen, np.ndarray) and seen.size and np.shares_memory(seen, y):
            text = wider
    return text, eval(text, {"np": np, "y": y})


@st.composite
def statements(draw: Any, y: np.ndarray, held: list[str]) -> str:
    """One line: a write, or a read that is kept."""
    text, view = draw(views(y))
    shape, value = view.shape, draw(values(view.shape))
    kind = draw(st.sampled_from(["item", "item", "item", "whole", "mask", "at", "read", "hold", "rows", "function"]))
    if kind == "whole":
        return f"v = {text}; v {draw(st.sampled_from(['+=', '-=', '*=']))} {value}"
    if kind == "rows" and y.ndim > 1:
        return f"for row in y: row[...] = row * {draw(st.sampled_from(SCALARS[:4]))}"
    if kind == "read" or not shape:
        return (
            f"seen.append({draw(st.sampled_from(['{}', '{} * 2.0', 'np.sum({})', 'np.copy({})'])).format(text)} + 0.0)"
        )
    if kind == "hold":
        held.append(f"held{len(held)}")
        return f"{held[-1]} = {text}"
    if kind == "function":
        return _function(draw, text, view, value)
    if kind == "mask":
        mask = draw(st.lists(st.booleans(), min_size=view.size, max_size=view.size))
        operator = draw(st.sampled_from(OPERATORS))
        return f"{text}[np.array({mask}).reshape({shape})] {operator} {draw(st.sampled_from(SCALARS))}"
    if kind == "at":
        ints = [draw(st.integers(-shape[0], shape[0] - 1)) for _ in range(draw(st.integers(1, 4)))]
        ufunc = draw(st.sampled_from(["add", "subtract", "multiply"]))
        return f"np.{ufunc}.at({text}, {ints}, {draw(values((len(ints), *shape[1:])))})"
    index = draw(indices(shape) | st.integers(-shape[0], shape[0] - 1))
    value = draw(values(np.shape(view[index])))
    return f"{text}[{text_of(index)}] {draw(st.sampled_from(OPERATORS))} {value}"


def _function(draw: Any, text: str, view: np.ndarray, value: str) -> str:
    mask = draw(st.lists(st.booleans(), min_size=view.size, max_size=view.size))
    calls = [
        f"np.add({text}, {value}, out={text})",
        f"np.multiply({value}, 0.5, out={text}, where=np.array({mask}).reshape({view.shape}))",
        f"np.copyto({text}, {value}, where=np.array({mask}).reshape({view.shape}))",
        f"np.put({text}, [0, -1], [x[1], 1.0])",
        f"np.putmask({text}, np.array({mask}).reshape({view.shape}), x[:2])",
        f"np.place({text}, np.array({mask}).reshape({view.shape}), x[:3])",
        f"{text}.fill(x[2])",
        f"np.put_along_axis({text}, np.zeros({(*view.shape[:-1], 1)}, int), x[0], -1)",
    ]
    if view.ndim == 2:
        calls.append(f"np.fill_diagonal({text}, x[:2], wrap={draw(st.booleans())})")
    return draw(st.sampled_from(calls))  # type: ignore[no-any-return]


@st.composite
def programs(draw: Any) -> str:
    """Statements, each valid on the array that the earlier ones leave."""
    shape = draw(st.sampled_from([(4,), (3, 2), (2, 3, 2), (12,), (4, 3)]))
    lines = [f"y = array(START[:{int(np.prod(shape))}].reshape({shape}))"]
    held: list[str] = []
    for _ in range(draw(st.integers(1, 7))):
        lines.append(draw(statements(START[: int(np.prod(shape))].reshape(shape).copy(), held)))
    return "\n".join([*lines, *[f"seen.append({name} + 0.0)" for name in [*held, "y"]]])


def run(text: str, array: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The program as a function of x, of all that it saw; `array` makes y."""
    code = compile(text, "<program>", "exec")

    def f(x: Any) -> Any:
        seen: list[Any] = []
        exec(code, {"np": np, "array": array, "START": START, "x": x, "seen": seen})
        return np.concatenate([np.reshape(s, -1) for s in seen])

    return f
