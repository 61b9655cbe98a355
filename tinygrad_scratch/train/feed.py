"""The batches of each epoch: of arrays, in an order that follows from a key, or as they are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .. import random
from ..core.errors import ArgumentError
from ..data.batches import batches, num_batches

_DATA = "expected a tuple of arrays such as (x, y), or batches, each of them such a tuple"


class Feed:
    """The batches of each epoch."""

    def __init__(self, data: Any, batch_size: int, key: Any, drop_last: bool) -> None:
        self.data, self.batch_size, self.key, self.drop_last = data, batch_size, key, drop_last
        self.length = None
        if isinstance(data, tuple):
            batches(data, batch_size, key)  # refuses what does not fit before any work is done
            self.length = num_batches(len(data[0]), batch_size, drop_last)
        elif key is not None or drop_last:
            raise ArgumentError("fit: key and drop_last are for a tuple of arrays; batches have an order of their own")
        elif isinstance(data, (dict, np.ndarray)) or not (callable(data) or isinstance(data, Iterable)):
            raise ArgumentError(f"fit: data is a {type(data).__name__}, {_DATA}")
        elif isinstance(data, list):
            self.length = len(data)

    def batches(self, epoch: int) -> Iterator[tuple[Any, ...]]:
        if isinstance(self.data, tuple):
            own = None if self.key is None else random.fold_in(self.key, epoch)
            return batches(self.data, self.batch_size, own, self.drop_last)
        given: Iterable[Any] = self.data(epoch) if callable(self.data) else self.data
        return map(_as_batch, given)


def _as_batch(batch: Any) -> tuple[Any, ...]:
    if not isinstance(batch, (tuple, list)):
        raise ArgumentError(f"fit: a batch is a {type(batch).__name__}, {_DATA}")
    return tuple(batch)
