"""A pool of threads: for kernels and codecs, which release Python's lock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from landzicht.runners.ahead import map_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """Runs jobs in threads of this process. The pool lives as long as one `map`."""

    workers: int
    """Threads, at least 1."""

    def map(self, job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `job(item)` for each item, in order, at most `2 * workers` under way.

        Who gives the iterator up does not wait for the jobs under way; they end by themselves.
        """
        pool = ThreadPoolExecutor(max(1, self.workers), thread_name_prefix="landzicht")
        yield from map_in(pool, job, items, 2 * self.workers)
