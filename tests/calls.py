"""`python -m tests.calls`: many drawn calls of the table, in drawn dtypes; shapes and dtypes must be NumPy's.

Each call is made on plain arrays, on Tensors of vmap, which may have any dtype, and where all are floats on those of
jvp. What NumPy refuses must be refused; what is refused here alone, by a sentence, is counted apart.

    python -m tests.calls [--cases N] [--seed S] [--only PATTERN]
"""

import argparse
import fnmatch
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Container, Iterator
from typing import Any

import numpy as np

import tinygrad_scratch as tg
from tinygrad_scratch.coverage.columns import Bound
from tinygrad_scratch.coverage.entry import Call, find, mapped
from tinygrad_scratch.coverage.table import ENTRIES
from tinygrad_scratch.testing.strategies import draws

DTYPES = [np.dtype(c) for c in ("f2", "f4", "f8", "f4", "f8", "i1", "i8", "i4", "u1", "?", "c8", "c16")]
REFUSED = (tg.errors.MissingRuleError, tg.errors.DtypeError, tg.errors.ConcreteError)

Looks = list[tuple[tuple[int, ...], str]]


def recast(call: Call, rng: np.random.Generator, without: Container[str]) -> Call:
    """The call with its float arrays in drawn dtypes that the table claims: one for all, or each its own."""
    dtypes = [d for d in DTYPES if not (d.kind == "c" and "complex" in without)]
    if "float32" in without:  # where ours and SciPy's precisions differ by intention
        dtypes = [d for d in dtypes if d.itemsize >= 8]
    common = dtypes[rng.integers(len(dtypes))] if rng.random() < 0.7 else None

    def cast(x: Any) -> Any:
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "fc":
            return x
        return x.astype(common or dtypes[rng.integers(len(dtypes))])

    return mapped(cast, call)


def looks(leaves: list[Any]) -> Looks:
    return [(np.shape(x), str(np.asarray(x).dtype)) for x in leaves]


def ways(f: Bound) -> Iterator[tuple[str, Callable[[], list[Any]]]]:
    """The function on Tensors of several kinds."""
    yield "vmap", lambda: [x[0] for x in tg.vmap(f)(*[x[None] for x in f.arrays])]
    if all(x.dtype.kind in "fc" for x in f.arrays):
        yield "jvp", lambda: tg.jvp(f, f.arrays, f.arrays)[0]  # type: ignore[no-any-return]


def outcome(name: str, call: Call, narrow: Call) -> str:
    """How `narrow`, the call in other dtypes, comes out: "right", "refused", "refused by NumPy", or what is wrong."""
    entry = ENTRIES[name]
    places = Bound(entry.seen(find(name)), call).places
    if not places:
        return "right"
    f = Bound(entry.seen(find(name)), narrow, places)
    f.arrays = [f.leaves[i] for i in places]
    expected = why = None
    try:
        reference = Bound(entry.seen(find(entry.reference or name)), narrow, places)
        expected = looks(reference(*f.arrays))
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    for way, run in ways(f):
        try:
            found = looks(run())
        except Exception as error:
            if expected is None:
                return "refused by NumPy"
            if isinstance(error, REFUSED):
                return "refused"
            return f"{way} raises {type(error).__name__}: {error}; NumPy gives {expected}"
        if found != expected:
            return f"{way} gives {found}; NumPy {f'gives {expected}' if expected else f'raises {why}'}"
    return "right"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.calls", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="calls in all (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="functions whose names match")
    options = parser.parse_args()
    names = fnmatch.filter(sorted(ENTRIES), options.only)
    counts: Counter[str] = Counter()
    for name in names:
        rng = np.random.default_rng((options.seed, len(name)))
        for call in draws(ENTRIES[name].calls, -(-options.cases // len(names)), options.seed):
            narrow = recast(call, rng, ENTRIES[name].without)
            found = outcome(name, call, narrow)
            known = found in ("right", "refused", "refused by NumPy")
            counts[found if known else "wrong"] += 1
            if not known:
                print(f"WRONG: {name}, {narrow}\n  {found}", flush=True)
    print(*[f"{what}: {n}" for what, n in sorted(counts.items())], sep="\n")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        sys.exit(main())
