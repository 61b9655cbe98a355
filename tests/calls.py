"""`python -m tests.calls`: many drawn calls of the table, in drawn dtypes and layouts: shapes and dtypes are NumPy's.

Each call is made on plain arrays, on Tensors of vmap, which may have any dtype, and where all are floats on those of
jvp and grad. What NumPy refuses must be refused; what is refused here alone, by a sentence, is counted apart.

Tensors of vmap have no values to look at. Where NumPy does look at them, vmap may do as NumPy does with others: give
the shape and dtype of other values, and take what NumPy refuses for its values: in double precision as well.

    python -m tests.calls [--cases N] [--seed S] [--only PATTERN]
"""

import argparse
import fnmatch
import sys
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterator
from typing import Any, NamedTuple

import numpy as np

import tinygrad_scratch as tg
from tinygrad_scratch.coverage.columns import Bound
from tinygrad_scratch.coverage.entry import Call, find, mapped
from tinygrad_scratch.coverage.table import ENTRIES
from tinygrad_scratch.testing.strategies import LAYOUTS, draws, with_layout

DTYPES = [np.dtype(c) for c in ("f2", "f4", "f8", "f4", "f8", "i1", "i8", "i4", "u1", "?", "c8", "c16")]
REFUSED = (tg.errors.MissingRuleError, tg.errors.DtypeError, tg.errors.ConcreteError, tg.errors.LinearAlgebraError)
FINE = ("right", "refused", "refused by NumPy")

Array = np.ndarray[Any, Any]
Looks = list[tuple[tuple[int, ...], str]]


def recast(call: Call, rng: np.random.Generator, without: Container[str]) -> Call:
    """The call with its float arrays in drawn layouts and dtypes that the table claims, one for all or each its own."""
    dtypes = [d for d in DTYPES if not (d.kind == "c" and "complex" in without)]
    if "float32" in without:  # where ours and SciPy's precisions differ by intention
        dtypes = [d for d in dtypes if d.itemsize >= 8]
    common = dtypes[rng.integers(len(dtypes))] if rng.random() < 0.7 else None

    def cast(x: Any) -> Any:
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "fc":
            return x
        return laid_out(x.astype(common or dtypes[rng.integers(len(dtypes))]), rng)

    return mapped(cast, call)


def laid_out(x: Array, rng: np.random.Generator) -> Array:
    """An equal array in a drawn layout; now and then one row of it, which is repeated without memory of its own."""
    layout = rng.choice([*LAYOUTS, "repeated"])
    return np.broadcast_to(x[:1], x.shape) if layout == "repeated" and x.ndim else with_layout(x, layout)


def looks(leaves: list[Any]) -> Looks:
    return [(np.shape(x), str(np.asarray(x).dtype)) for x in leaves]


class Way(NamedTuple):
    """The function on Tensors of one kind, and whether these have values that the function can look at."""

    name: str
    run: Callable[[], list[Any]]
    valued: bool = True


def ways(f: Bound) -> Iterator[Way]:
    """The function on Tensors of several kinds; for vmap of a batch that repeats one row."""
    yield Way("vmap", lambda: [x[1] for x in tg.vmap(f)(*[np.broadcast_to(x, (2, *x.shape)) for x in f.arrays])], False)
    if all(x.dtype.kind in "fc" for x in f.arrays):
        yield Way("jvp", lambda: tg.jvp(f, f.arrays, f.arrays)[0])
        yield Way("grad", lambda: tg.vjp(f, *f.arrays)[0])


def by_value(reference: Bound, arrays: list[Array], found: Looks, refused: bool) -> bool:
    """Whether what NumPy does with these arrays hangs on their values, and for others comes to what was found."""
    if refused:
        return attempt(lambda: reference(*map(wide, arrays)))[0] is None
    rng = np.random.default_rng(0)
    others = [[other(x, rng) for x in arrays] for _ in range(20)]
    dtypes = [[d for _, d in attempt(lambda xs=xs: reference(*xs))[0] or []] for xs in others]  # type: ignore[misc]
    shapes = [[s for s, _ in attempt(lambda xs=xs: reference(*map(wide, xs)))[0] or []] for xs in others]  # type: ignore[misc]
    return [d for _, d in found] in dtypes and [s for s, _ in found] in shapes


def wide(x: Array) -> Array:
    """Equal numbers in double precision, where no shape hangs on rounding."""
    return x.astype(np.result_type(x.dtype, np.float64))


def other(x: Array, rng: np.random.Generator) -> Array:
    """Small numbers in that shape and dtype, some of which are 0."""
    parts = rng.uniform(0, 4, (2, *x.shape)) * rng.choice([0, 1, 1], (2, *x.shape))
    return np.asarray(parts[0] + 1j * parts[1] if x.dtype.kind == "c" else parts[0]).astype(x.dtype)


def attempt(run: Callable[[], list[Any]]) -> tuple[Looks | None, Exception | None]:
    """What comes out, or the error."""
    try:
        return looks(run()), None
    except Exception as error:
        return None, error


def outcome(name: str, call: Call, narrow: Call) -> str:
    """How `narrow`, the call in other dtypes, comes out: one of FINE, or what is wrong."""
    entry = ENTRIES[name]
    places = Bound(entry.seen(find(name)), call).places
    if not places:
        return "right"
    f = Bound(entry.seen(find(name)), narrow, places)
    reference = Bound(entry.seen(find(entry.reference or name)), narrow, places)
    expected, refusal = attempt(lambda: reference(*f.arrays))
    verdict = "right" if expected is not None else "refused by NumPy"
    for way in ways(f):
        found, error = attempt(way.run)
        if found == expected:
            continue
        if isinstance(error, REFUSED) and not isinstance(error.__cause__, TypeError):  # which would be NumPy's own
            verdict = "refused"
        elif found is None or way.valued or not by_value(reference, f.arrays, found, expected is None):
            return f"{way.name} {shown(found, error)}; NumPy {shown(expected, refusal)}"
    return verdict


def shown(found: Looks | None, error: Exception | None) -> str:
    return f"gives {found}" if error is None else f"raises {type(error).__name__}: {error}"


def drawn(name: str, count: int, seed: int) -> Iterator[tuple[Call, Call]]:
    """Calls of that function, each with itself in other dtypes and layouts."""
    rng = np.random.default_rng((seed, zlib.crc32(name.encode())))
    for call in draws(ENTRIES[name].calls, count, seed):
        yield call, recast(call, rng, ENTRIES[name].without)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.calls", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="calls in all (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="functions whose names match")
    options = parser.parse_args()
    names = fnmatch.filter(sorted(ENTRIES), options.only)
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for name in names:
        for call, narrow in drawn(name, -(-options.cases // len(names)), options.seed):
            found = outcome(name, call, narrow)
            counts[found if found in FINE else "wrong"] += 1
            refused[name] += found == "refused"
            if found not in FINE:
                print(f"WRONG: {name}, {narrow}\n  {found}", flush=True)
    print(*[f"{what}: {n}" for what, n in sorted(counts.items())], sep="\n")
    print("refused here alone:", *[f"{name} ({n})" for name, n in refused.items() if n])
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        sys.exit(main())
