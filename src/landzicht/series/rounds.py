"""Keeping a part of what comes round again, where there is no room for all of it."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

from landzicht.blocks.cache import ByteCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

V = TypeVar("V")

_PATIENCE = 2
"""A value goes when it was not asked for during so many rounds of the one that takes its place."""
_MOST_KNOWN = 50_000
"""Keys of which is known when they were asked for last."""


class RoundCache(ByteCache[V]):
    """As `ByteCache`, for things that are asked for in the same order time after time.

    Every date asks for the weights of all cells. Where these do not fit, the one that was used
    longest ago is the very one that is needed next: throwing that away, as `ByteCache` does, each
    is gone just before its turn and nothing is ever found again. Here a value that returns is
    kept only in place of values that do not, so the part that fits stays from date to date.
    """

    def __init__(self, most: int, size: Callable[[V], int]) -> None:
        """Make an empty cache.

        Args:
            most: bytes to keep.
            size: tells how many bytes a value takes.
        """
        super().__init__(most, size)
        self._now = 0
        self._asked: OrderedDict[Hashable, int] = OrderedDict()
        self._round: dict[Hashable, int] = {}
        """Questions between the last two for a value that is being made; none for a new one."""

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of `key`, made by `make` when it is not here."""
        with self._lock:
            self._now += 1
            before = self._asked.pop(key, None)
            self._asked[key] = self._now
            if len(self._asked) > _MOST_KNOWN:
                self._asked.popitem(last=False)
            if before is not None and key not in self._kept:
                self._round[key] = self._now - before
        try:
            return super().get(key, make)
        finally:
            with self._lock:
                self._round.pop(key, None)

    def _keep(self, key: Hashable, value: V) -> None:
        size, longest = self._size(value), self._round.get(key)
        while longest is not None and self._kept and self._bytes + size > self._most:
            oldest = next(iter(self._kept))
            if self._now - self._asked.get(oldest, 0) <= _PATIENCE * longest:
                return
            self._bytes -= self._kept.pop(oldest)[1]
        super()._keep(key, value)
