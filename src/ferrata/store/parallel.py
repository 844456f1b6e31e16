"""Many small pieces of work on a few threads, in bounded memory. Hashing and file operations leave the interpreter to other threads."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

THREADS = max(2, min(16, os.cpu_count() or 1))  # more of them wait for the interpreter, not for the disk
_FEW = 16


def each(work: Callable[[Given], Made], items: Iterable[Given], *, threads: int = THREADS, batch: int = 32) -> Iterator[Made]:
    """The results, in order. An exception ends the rest: what has begun is waited for, the remainder never begins."""
    source = iter(items)
    first = list(itertools.islice(source, _FEW if batch > 1 else 1))
    if len(first) < (_FEW if batch > 1 else 1) or threads < 2:
        yield from map(work, itertools.chain(first, source))
        return
    yield from _on_threads(work, itertools.chain(first, source), threads, batch)


def _on_threads(work: Callable[[Given], Made], items: Iterator[Given], threads: int, batch: int) -> Iterator[Made]:
    from collections import deque
    from concurrent.futures import Future, ThreadPoolExecutor

    def some(few: list[Given]) -> list[Made]:
        return [work(item) for item in few]

    waiting: deque[Future[list[Made]]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        while few := list(itertools.islice(items, batch)):
            waiting.append(pool.submit(some, few))
            if len(waiting) > 2 * threads:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
