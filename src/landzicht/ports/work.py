"""Work done here or elsewhere, and what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")


class Runner(Protocol):
    """Runs many pieces of work, here or elsewhere; all runners give equal bits."""

    def map(self, job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `job(item)` for each item, in order, streaming, with a bounded read-ahead.

        The first error is raised in its place in the order; closing the iterator stops the rest.
        """
        ...


class Columns(Protocol):
    """Keeps arrays that were made once; what it forgets is made again."""

    def holds(self, key: str) -> bool:
        """Return whether there is something under a key (hexadecimal)."""
        ...

    def load(self, key: str) -> Mapping[str, NDArray[Any]] | None:
        """Return the arrays `(n,)` under a key by name, or None."""
        ...

    def keep(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays `(n,)`: all of them, or nothing; never an error."""
        ...
