"""A pool of processes: for work that holds Python's lock, such as the simulated world."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from landzicht.runners.ahead import map_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """Runs module-level jobs with picklable arguments in other processes of this machine.

    Processes are started fresh (`forkserver`), because a fork of a process with threads may
    inherit a lock that nobody will ever release.
    """

    workers: int
    """Processes, at least 1."""

    def map(self, job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `job(item)` for each item, in order, at most `2 * workers` under way."""
        context = multiprocessing.get_context("forkserver")
        with ProcessPoolExecutor(max(1, self.workers), mp_context=context) as pool:
            yield from map_ahead(lambda item: pool.submit(job, item), items, 2 * self.workers)
