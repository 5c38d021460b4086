"""Scenes near a place, newest first, looked at no further than a page needs.

The R*Tree tells the day on which a scene starts, rounded a little down. So the scenes near the
place are put in order by that alone; their rows and outlines are read in this order, and only as
many as it takes to fill the page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from landzicht.records import statements
from landzicht.records.hit import Hit, exact
from landzicht.records.plan import DAY, Ask

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from landzicht.records.token import Place

LOOKED_THROUGH = 256
"""So few scenes are all looked at; then it is known how many match."""
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


def first_near(
    db: sqlite3.Connection,
    asked: Ask,
    after: Place | None,
    wanted: int,
    looked_through: int = LOOKED_THROUGH,
) -> Nearby:
    """Return the first scenes after a place in the order of results.

    Args:
        db: connection, in a transaction of the caller.
        asked: what is wanted; it has a region.
        after: start after this scene.
        wanted: so many scenes, if there are.
        looked_through: look at all candidates when they are no more than this.
    """
    known = {rid: day for day, rid in db.execute(*statements.days_near(asked))}
    days = sorted(((day, rid) for rid, day in known.items()), reverse=True)
    rank = (-after.t, after.collection, after.id) if after else None
    if len(days) <= looked_through:
        found = sorted(_rows(db, asked, days), key=lambda hit: hit.rank)
        left = [hit for hit in found if rank is None or hit.rank > rank]
        return Nearby(left[:wanted], len(found))
    if after:
        days = [each for each in days if each[0] <= after.t / DAY]
    hits: list[Hit] = []
    waiting: list[Hit] = []
    start, size = 0, max(wanted, 32)
    while start < len(days) and len(hits) < wanted:
        fresh = _rows(db, asked, days[start : start + size])
        waiting += [hit for hit in fresh if rank is None or hit.rank > rank]
        waiting.sort(key=lambda hit: hit.rank)
        start, size = start + size, size * 2
        newest = _latest(days[start][0]) if start < len(days) else None
        ready = [hit for hit in waiting if newest is None or hit.t > newest]
        hits += ready
        waiting = waiting[len(ready) :]
    return Nearby(hits[:wanted], None)


def _latest(day: float) -> float:
    """Return the last moment, microseconds, that the R*Tree may have rounded down to `day`."""
    return (day + abs(day) * _ROUNDED + _LEAST) * DAY


def _rows(db: sqlite3.Connection, asked: Ask, days: Sequence[tuple[float, int]]) -> list[Hit]:
    """Return those of some candidates that match, in any order."""
    text, facts = statements.by_number(asked)
    numbers = json.dumps([rid for _, rid in days])
    rows = db.execute(text, facts | {"rids": numbers}).fetchall()
    return exact(asked, [Hit(*row) for row in rows])
