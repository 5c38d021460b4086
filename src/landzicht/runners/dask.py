"""A Dask cluster: the same jobs on many machines. Needs the extra `landzicht[dask]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from landzicht.runners.ahead import map_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dask:
    """Runs module-level jobs with picklable arguments on the workers of a Dask client.

    A job should be worth 100 ms or more: handing one over costs about 1 ms.
    """

    client: Any
    """A `distributed.Client`, made and closed by whoever wires the portal."""
    ahead: int = 16
    """Jobs under way at once."""

    def map(self, job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `job(item)` for each item, in order."""
        # `pure=False`: a job may write files, so equal arguments must not be merged into one run.
        return map_ahead(lambda item: self.client.submit(job, item, pure=False), items, self.ahead)
