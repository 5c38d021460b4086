"""Scenes near a place, newest first, looked at no further than a page needs.

The R*Tree tells the day on which a scene starts, rounded a little down. So a long period is taken
in slices, the newest first, and the scenes of a slice near the place are put in order by that day
alone; their rows and outlines are read in this order, and only as many as it takes to fill the
page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from landzicht.records import statements
from landzicht.records.hit import Hit, exact
from landzicht.records.plan import DAY, Ask

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from landzicht.records.statements import Statement
    from landzicht.records.token import Place

LOOKED_THROUGH = 256
"""So few scenes are all looked at; then it is known how many match."""
MOST = 20_000
"""More scenes of a slice near the place are not sorted: walking back in time is quicker."""
SLICES = 16
"""The first slice is this part of the period, each next one twice the one before."""
_ROUNDED = 2.0**-21
"""The R*Tree keeps float32, and rounds down by less than three of its steps (2**-23 each)."""
_LEAST = 1e-9
"""Days; for values near nought, of which a share says nothing."""


class Nearby(NamedTuple):
    """The first matching scenes near a place."""

    hits: list[Hit]
    """In the order of results; as many as were wanted, or all."""
    matched: int | None
    """How many there are on all pages, when all were looked at."""


class Slice(NamedTuple):
    """Part of the period; days since 1970, of when scenes start."""

    after: float
    """Later than this …"""
    until: float
    """… and not later than this."""


def slices_of(first: int, last: int) -> list[Slice]:
    """Return slices from the newest to the oldest, without an end on either side.

    Args:
        first: start of the oldest scene of all, microseconds.
        last: start of the newest.
    """
    until, found = float("inf"), []
    width = max(last - first, 0) / DAY / SLICES
    after = last / DAY - width
    while width and after > first / DAY:
        found.append(Slice(after, until))
        until, width = after, width * 2
        after -= width
    return [*found, Slice(float("-inf"), until)]


def first_near(
    db: sqlite3.Connection,
    asked: Ask,
    after: Place | None,
    wanted: int,
    slices: Sequence[Slice],
) -> Nearby | None:
    """Return the first scenes after a place in the order of results.

    Args:
        db: connection, in a transaction of the caller.
        asked: what is wanted; it has a region.
        after: start after this scene.
        wanted: so many scenes, if there are.
        slices: of `slices_of`; with only one, it may be told how many match.

    Returns:
        The scenes; or None when there are too many near the place to sort them.
    """
    hits: list[Hit] = []
    waiting: list[Hit] = []
    rank = (-after.t, after.collection, after.id) if after else None
    for each in slices:
        if after and each.after > after.t / DAY:
            continue
        days = _days(db, asked, each)
        if len(days) >= MOST:
            return None
        if len(slices) == 1 and len(days) <= LOOKED_THROUGH:
            return _all(_rows(db, asked, days), rank, wanted)
        if after:
            days = [one for one in days if one[0] <= after.t / DAY]
        size = max(wanted, 32)
        for batch, day in _batches(days, size, each.after):
            fresh = _rows(db, asked, batch)
            waiting += [hit for hit in fresh if rank is None or hit.rank > rank]
            waiting.sort(key=lambda hit: hit.rank)
            latest = _latest(day)
            ready = [hit for hit in waiting if hit.t > latest]
            hits += ready
            waiting = waiting[len(ready) :]
            if len(hits) >= wanted:
                return Nearby(hits[:wanted], None)
    return Nearby([*hits, *waiting][:wanted], None)


def _all(hits: list[Hit], rank: tuple[int, str, str] | None, wanted: int) -> Nearby:
    found = sorted(hits, key=lambda hit: hit.rank)
    left = [hit for hit in found if rank is None or hit.rank > rank]
    return Nearby(left[:wanted], len(found))


def _days(db: sqlite3.Connection, asked: Ask, part: Slice) -> list[tuple[float, int]]:
    """Return day and number of each scene near the place, the newest first."""
    statement: Statement = statements.days_near(asked, part.after, part.until, MOST)
    return sorted(set(db.execute(*statement)), reverse=True)


def _batches(
    days: Sequence[tuple[float, int]], size: int, end: float
) -> Iterator[tuple[Sequence[tuple[float, int]], float]]:
    """Yield scenes, more each time, and a day that is not before those of all that are left."""
    start = 0
    while start < len(days):
        stop = start + size
        yield days[start:stop], days[stop][0] if stop < len(days) else end
        start, size = stop, size * 2


def _latest(day: float) -> float:
    """Return the last moment, microseconds, that the R*Tree may have rounded down to `day`."""
    return (day + abs(day) * _ROUNDED + _LEAST) * DAY


def _rows(db: sqlite3.Connection, asked: Ask, days: Sequence[tuple[float, int]]) -> list[Hit]:
    """Return those of some candidates that match, in any order."""
    text, facts = statements.by_number(asked)
    numbers = json.dumps([rid for _, rid in days])
    rows = db.execute(text, facts | {"rids": numbers}).fetchall()
    return exact(asked, [Hit(*row) for row in rows])
