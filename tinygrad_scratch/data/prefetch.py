"""Work ahead: a thread makes the next items while the program uses this one."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Queue
from typing import Any, TypeVar

from .batches import check_count

T = TypeVar("T")
_END = object()


def prefetch(items: Iterable[T], size: int = 2) -> Iterator[T]:
    """The items, up to `size` of them made ahead by a thread, in their order.

    What the iterable raises is raised where its item would come. The thread ends when the items do, when the iterator
    is closed, or when nobody holds it any more. Raises ArgumentError for `size` below 1.

    >>> list(prefetch(range(4)))
    [0, 1, 2, 3]
    """
    check_count("prefetch", "size", size)
    return _ahead(iter(items), size)


def _ahead(items: Iterator[T], size: int) -> Iterator[T]:
    queue: Queue[tuple[Any, BaseException | None]] = Queue()
    room, left = threading.Semaphore(size), threading.Event()

    def work() -> None:
        try:
            item = None
            while item is not _END and room.acquire() and not left.is_set():
                item = next(items, _END)
                queue.put((item, None))
        except BaseException as error:  # whatever it is, it belongs to who waits for the item
            queue.put((_END, error))

    worker = threading.Thread(target=work, name="prefetch", daemon=True)
    worker.start()
    try:
        while True:
            item, error = queue.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
            room.release()
    finally:
        left.set()
        room.release()
