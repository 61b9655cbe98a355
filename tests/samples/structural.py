"""Samples of the operations on whole arrays: reductions, shapes, indices, products, windows, random numbers."""

from itertools import accumulate
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_scratch.testing.strategies import Case, arrays, axes, distinct, indices, shapes

from .base import ANY, BOOL, KEEP, Entry, along_axis, over_axes, with_attr


@st.composite
def reshapes(draw: Any) -> Case:
    x = draw(arrays(domain=ANY))
    return Case((x,), {"shape": draw(st.sampled_from([(x.size,), x.shape[::-1], (1, *x.shape), (*x.shape, 1, 1)]))})


@st.composite
def transposes(draw: Any) -> Case:
    x = draw(arrays(domain=ANY))
    return Case((x,), {"axes": tuple(draw(st.permutations(range(x.ndim))))})


@st.composite
def broadcasts(draw: Any) -> Case:
    shape = draw(shapes())
    cut = tuple(1 if draw(st.booleans()) and n else n for n in shape)[draw(st.integers(0, len(shape))) :]
    return Case((draw(arrays(cut, ANY)),), {"shape": shape})


@st.composite
def concatenations(draw: Any) -> Case:
    shape = list(draw(st.lists(st.integers(0, 3), min_size=1, max_size=3)))
    axis = draw(st.integers(0, len(shape) - 1))
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    parts = [draw(arrays((*shape[:axis], n, *shape[axis + 1 :]), ANY)) for n in lengths]
    return Case(tuple(parts), {"axis": axis, "starts": tuple(accumulate(lengths[:-1], initial=0))})


@st.composite
def pads(draw: Any) -> Case:
    x = draw(arrays(domain=ANY))
    amounts = st.integers(0, 2)
    return Case((x,), {"widths": tuple((draw(amounts), draw(amounts)) for _ in x.shape)})


@st.composite
def rolls(draw: Any) -> Case:
    x = draw(arrays(shapes(1, 3, 3, 1), ANY))
    axis = draw(axes(x.ndim)) or (0,)
    return Case((x,), {"axis": axis, "shift": tuple(draw(st.integers(-4, 4)) for _ in axis)})


@st.composite
def indexings(draw: Any) -> tuple[np.ndarray, tuple[Any, ...], list[np.ndarray]]:
    """An array, the static part of an index with "@" for arrays, and those arrays, which broadcast together."""
    x = draw(arrays(shapes(1, 4, 4, 1), ANY))
    index = draw(indices(x.shape))
    return (
        x,
        tuple("@" if isinstance(i, np.ndarray) else i for i in index),
        [i for i in index if isinstance(i, np.ndarray)],
    )


def _marked(index: tuple[Any, ...]) -> tuple[Any, ...]:
    from tinygrad_scratch.ops.index import AT

    return tuple(AT if isinstance(part, str) else part for part in index)


def _joined(index: tuple[Any, ...], chosen_arrays: Any) -> tuple[Any, ...]:
    rest = iter(chosen_arrays)
    return tuple(part if part is None or isinstance(part, (int, slice)) else next(rest) for part in index)


@st.composite
def gathers(draw: Any) -> Case:
    x, index, chosen_arrays = draw(indexings())
    return Case((x, *chosen_arrays), {"index": _marked(index)})


@st.composite
def scatters(draw: Any) -> Case:
    x, index, chosen_arrays = draw(indexings())
    picked = x[_joined(index, chosen_arrays)]
    g = draw(arrays(np.shape(picked), ANY))
    return Case((g, *chosen_arrays), {"index": _marked(index), "shape": x.shape})


def scatter_reference(g: np.ndarray, *chosen_arrays: np.ndarray, index: Any, shape: Any) -> np.ndarray:
    out = np.zeros(shape, g.dtype)
    np.add.at(out, _joined(index, chosen_arrays), g)
    return out


@st.composite
def products(draw: Any) -> Case:
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    lead = draw(st.lists(st.integers(0, 3), max_size=2).map(tuple))
    left = tuple(1 if draw(st.booleans()) and d else d for d in lead)[draw(st.integers(0, len(lead))) :]
    right = tuple(1 if draw(st.booleans()) and d else d for d in lead)[draw(st.integers(0, len(lead))) :]
    x = draw(arrays(st.sampled_from([(k,), (n, k), (*left, n, k)]), ANY))
    y = draw(arrays(st.sampled_from([(k,), (k, m), (*right, k, m)]), ANY))
    return Case((x, y))


SUBSCRIPTS = [
    (("ij", "jk"), "ik"), (("ij", "jk"), ""), (("ij",), "ji"), (("ij",), "j"), (("i", "j"), "ij"), (("ijk", "k"), "ij"),
    (("ij", "jk", "kl"), "il"), (("i", "i", "i"), ""), (("bij", "bjk"), "bik"), (("i", "j"), "i"), (("", "i"), "i"),
]  # fmt: skip


@st.composite
def einsums(draw: Any) -> Case:
    labels = draw(st.sampled_from(SUBSCRIPTS))
    length = {c: draw(st.integers(0, 3)) for c in sorted(set("".join(labels[0])))}
    xs = [draw(arrays(tuple(1 if draw(st.integers(0, 5)) == 0 and length[c] else length[c] for c in ls), ANY))
          for ls in labels[0]]  # fmt: skip
    for c in labels[1]:  # the answer's axis is as long as the longest operand says
        assert c in length
    return Case(tuple(xs), {"labels": labels, "optimize": draw(st.booleans())})


def einsum_reference(*xs: np.ndarray, labels: Any, optimize: Any) -> Any:
    return np.einsum(",".join(labels[0]) + "->" + labels[1], *xs)


@st.composite
def window_calls(draw: Any, fold: bool) -> Case:
    n = draw(st.integers(1, 2))
    size = tuple(draw(st.integers(1, 3)) for _ in range(n))
    stride = tuple(draw(st.integers(1, 3)) for _ in range(n))
    dilation = tuple(draw(st.integers(1, 2)) for _ in range(n))
    spatial = tuple((k - 1) * d + 1 + draw(st.integers(0, 3)) for k, d in zip(size, dilation, strict=True))
    lead, rest = draw(st.lists(st.integers(0, 2), max_size=2).map(tuple)), draw(st.sampled_from([(), (2,)]))
    attrs = {"start": len(lead), "size": size, "stride": stride, "dilation": dilation}
    if not fold:
        return Case((draw(arrays((*lead, *spatial, *rest), ANY)),), attrs)
    places = tuple((m - (k - 1) * d - 1) // s + 1 for m, k, s, d in zip(spatial, size, stride, dilation, strict=True))
    return Case((draw(arrays((*lead, *places, *size, *rest), ANY)),), {**attrs, "spatial": spatial})


def window_reference(x: np.ndarray, start: int, size: Any, stride: Any, dilation: Any) -> np.ndarray:
    spatial = range(start, start + len(size))
    reach = tuple((k - 1) * d + 1 for k, d in zip(size, dilation, strict=True))
    seen = np.lib.stride_tricks.sliding_window_view(x, reach, tuple(spatial))  # windows last
    seen = seen[(*(slice(None),) * start, *[slice(None, None, s) for s in stride])]
    seen = seen[(..., *[slice(None, None, d) for d in dilation])]
    return np.moveaxis(seen, range(x.ndim, x.ndim + len(size)), range(start + len(size), start + 2 * len(size)))


def fold_reference(y: np.ndarray, start: int, size: Any, stride: Any, dilation: Any, spatial: Any) -> np.ndarray:
    n = len(size)
    x = np.zeros((*y.shape[:start], *spatial, *y.shape[start + 2 * n :]), y.dtype)
    for at in np.ndindex(*y.shape[start : start + 2 * n]):
        place = tuple(p * s + k * d for p, k, s, d in zip(at[:n], at[n:], stride, dilation, strict=True))
        x[(*(slice(None),) * start, *place)] += y[(*(slice(None),) * start, *at)]
    return x


KEYS = arrays((2,), lambda rng, shape: rng.integers(0, 2**63, shape).astype(np.uint64))
CASTS = st.sampled_from([np.dtype("float64"), np.dtype("complex128")])


@st.composite
def key_and_number(draw: Any) -> Case:
    return Case((draw(KEYS), np.uint64(draw(st.integers(0, 9)))), {})


STRUCTURAL = {
    "broadcast_to": Entry(broadcasts(), np.broadcast_to),
    "sum": Entry(over_axes(ANY, **KEEP), np.sum),
    "max": Entry(over_axes(distinct, nonempty=True, **KEEP), np.max),
    "min": Entry(over_axes(distinct, nonempty=True, **KEEP), np.min),
    "logsumexp": Entry(
        over_axes(ANY, nonempty=True, **KEEP), lambda x, **over: np.log(np.sum(np.exp(x), **over)), exact=False
    ),
    "cumsum": Entry(along_axis(ANY), np.cumsum),
    "all": Entry(over_axes(BOOL, **KEEP), np.all),
    "any": Entry(over_axes(BOOL, **KEEP), np.any),
    "argmax": Entry(along_axis(distinct, nonempty=True), np.argmax),
    "argmin": Entry(along_axis(distinct, nonempty=True), np.argmin),
    "argsort": Entry(along_axis(distinct).map(lambda c: Case(c.args, {**c.attrs, "kind": None})), np.argsort),
    "astype": Entry(with_attr(arrays(domain=ANY), dtype=CASTS), lambda x, dtype: x.astype(dtype), complex=False),
    "reshape": Entry(reshapes(), lambda x, shape: x.reshape(shape)),
    "transpose": Entry(transposes(), np.transpose),
    "concatenate": Entry(concatenations(), lambda *xs, axis, starts: np.concatenate(xs, axis)),
    "pad": Entry(pads(), lambda x, widths: np.pad(x, widths) if x.ndim else x),
    "flip": Entry(over_axes(ANY).filter(lambda c: c.attrs["axis"] is not None), np.flip),
    "roll": Entry(rolls(), lambda x, axis, shift: np.roll(x, shift, axis)),
    "getitem": Entry(gathers(), lambda x, *arrays, index: x[_joined(index, arrays)]),
    "scatter_add": Entry(scatters(), scatter_reference),
    "matmul": Entry(products(), np.matmul, exact=False),
    "einsum": Entry(einsums(), einsum_reference, exact=False),
    "windows": Entry(window_calls(fold=False), window_reference),
    "fold": Entry(window_calls(fold=True), fold_reference, exact=False),
    "random_split": Entry(with_attr(KEYS, num=st.integers(1, 3)), lambda k, num: np.random.Philox(
        key=k, counter=[0, 0, 0, 1]).random_raw(2 * num).reshape(num, 2)),
    "random_fold_in": Entry(key_and_number(), lambda k, data: np.random.Philox(
        key=k, counter=[data, 0, 0, 2]).random_raw(2)),
    "random": Entry(with_attr(KEYS, method=st.just("random"), arguments=st.just((3,))), lambda k, method, arguments:
        np.random.Generator(np.random.Philox(key=k, counter=[0, 0, 0, 0])).random(3)),
}  # fmt: skip
