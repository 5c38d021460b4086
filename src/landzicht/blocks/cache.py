"""Keeping what was made, up to so many bytes, and never making one thing twice at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

V = TypeVar("V")


class _Flight(Generic[V]):
    """A value that one thread makes and others wait for; much lighter than a `Future`."""

    __slots__ = ("made", "under_way")

    def __init__(self) -> None:
        self.made: tuple[V] | None = None
        self.under_way = threading.Lock()
        self.under_way.acquire()


class ByteCache(Generic[V]):
    """Least recently used first out, bounded in bytes, safe for many threads.

    When several threads ask for the same key at once, one makes it and the others wait for it
    ("single flight"). After an error nothing is kept, and those who waited try themselves.
    """

    def __init__(self, most: int, size: Callable[[V], int]) -> None:
        """Make an empty cache.

        Args:
            most: bytes to keep; 0 keeps nothing but still joins equal requests.
            size: tells how many bytes a value takes.
        """
        self._most = most
        self._size = size
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._flights: dict[Hashable, _Flight[V]] = {}
        self._lock = threading.Lock()
        self._bytes = 0
        self._hits = 0
        self._misses = 0

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of `key`, made by `make` when it is not here."""
        while True:
            with self._lock:
                found = self._kept.get(key)
                if found is not None:
                    self._kept.move_to_end(key)
                    self._hits += 1
                    return found[0]
                flight = self._flights.get(key)
                if flight is None:
                    mine: _Flight[V] = _Flight()
                    self._flights[key] = mine
                    self._misses += 1
                    break
            with flight.under_way:
                if flight.made is not None:
                    return flight.made[0]
        return self._make(key, make, mine)

    def peek(self, key: Hashable) -> V | None:
        """Return the value of `key` when it is here, else None; makes nothing."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            self._hits += 1
            return found[0]

    def replace(self, key: Hashable, value: V) -> None:
        """Keep another value in place of the one of `key`, if that is still here."""
        with self._lock:
            found = self._kept.pop(key, None)
            if found is not None:
                self._bytes -= found[1]
                self._keep(key, value)

    def clear(self) -> None:
        """Forget everything that is kept."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    @property
    def counts(self) -> dict[str, int]:
        """How full it is and how often it helped: `bytes`, `values`, `hits`, `misses`."""
        with self._lock:
            return {
                "bytes": self._bytes,
                "values": len(self._kept),
                "hits": self._hits,
                "misses": self._misses,
            }

    def _make(self, key: Hashable, make: Callable[[], V], flight: _Flight[V]) -> V:
        try:
            value = make()
            with self._lock:
                self._keep(key, value)
            flight.made = (value,)
        finally:
            with self._lock:
                del self._flights[key]
            flight.under_way.release()
        return value

    def _keep(self, key: Hashable, value: V) -> None:
        size = self._size(value)
        if size > self._most:
            return
        self._kept[key] = (value, size)
        self._bytes += size
        while self._bytes > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._bytes -= gone
