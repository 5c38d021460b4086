"""Bounded read-ahead over an executor: in order, streaming, and it can be stopped."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor

T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Pending(Protocol[R_co]):
    """What `concurrent.futures.Future` and `distributed.Future` have in common."""

    def result(self) -> R_co:
        """Wait for the result, or raise the error of the job."""
        ...

    def cancel(self) -> object:
        """Give up a job that has not started."""
        ...


def map_in(pool: Executor, job: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """Yield `job(item)` for each item, in order, by a pool that ends with the iterator.

    Who gives the iterator up does not wait for the jobs under way; they end by themselves.

    Args:
        pool: made for this alone.
        job: done with each item.
        items: taken one by one.
        ahead: as for `map_ahead`.
    """
    is_given_up = False
    try:
        yield from map_ahead(lambda item: pool.submit(job, item), items, ahead)
    except GeneratorExit:
        is_given_up = True
        raise
    finally:
        # It may be the garbage collector that gives up, in a thread that just begins: that holds
        # the lock which joining another one takes, and the process would stand still.
        pool.shutdown(wait=not is_given_up)


def map_ahead(
    submit: Callable[[T], Pending[R]],
    items: Iterable[T],
    ahead: int,
) -> Iterator[R]:
    """Yield results in the order of `items`, with at most `ahead` jobs under way.

    An endless stream of items is fine: closing the iterator cancels what has not started.

    Args:
        submit: starts one job.
        items: the arguments, taken one by one.
        ahead: how many jobs may be started before the first result is taken; at least 1.
    """
    under_way: deque[Pending[R]] = deque()
    try:
        for item in items:
            under_way.append(submit(item))
            if len(under_way) >= max(1, ahead):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for pending in under_way:
            pending.cancel()
