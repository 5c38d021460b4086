"""A pool of processes: for work that holds Python's lock, such as the simulated world."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from landzicht.runners.ahead import map_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """Runs module-level jobs with picklable arguments in other processes of this machine.

    Processes are started fresh (`forkserver`), because a fork of a process with threads may
    inherit a lock that nobody will ever release. They end with the process that started them,
    also when that is killed.
    """

    workers: int
    """Processes, at least 1."""
    ahead: int = 2
    """Jobs under way for each of them; more where the results are not asked for steadily."""

    def map(self, job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `job(item)` for each item, in order, at most `ahead * workers` under way."""
        context = multiprocessing.get_context("forkserver")
        workers = max(1, self.workers)
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_follow)
        yield from map_in(pool, job, items, self.ahead * workers)


def _follow() -> None:
    """Leave Ctrl-C to the process that started this one, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
