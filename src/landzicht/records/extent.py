"""What a collection spans: kept beside it, so that nobody counts a million scenes to show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from landzicht.grid import Bounds
from landzicht.kinds import Span
from landzicht.records.footprint import TURN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_AGGREGATE = """
SELECT count(*), min(t), max(t1), max(t1 - t), min(x0), max(x1), min(y0), max(y1),
  min(x0 + 360.0 * (x0 < 0)), max(x1 + 360.0 * (x0 < 0))
FROM scene INDEXED BY scene_collection WHERE collection = ?
"""


def to_ticks(moment: datetime) -> int:
    """Return microseconds since 1970; a moment without zone is taken as UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // _TICK


def to_moment(ticks: int) -> datetime:
    """Return the moment of `to_ticks`."""
    return EPOCH + ticks * _TICK


class Extent(NamedTuple):
    """Count and outer edges of one scene or of many."""

    scenes: int
    t0: int
    t1: int
    longest: int
    x0: float
    x1: float
    y0: float
    y1: float
    u0: float
    """West edge, counted from 0 to 360."""
    u1: float
    """East edge on the same count; may pass 360."""

    @classmethod
    def of(cls, db: sqlite3.Connection, collection: str) -> Extent | None:
        """Return the extent of the scenes in the table, or None when there are none."""
        row = db.execute(_AGGREGATE, (collection,)).fetchone()
        return cls(*row) if row[0] else None

    @classmethod
    def of_one(cls, t: int, t1: int, x0: float, x1: float, y0: float, y1: float) -> Extent:
        """Return the extent of one scene."""
        turn = TURN if x0 < 0 else 0.0
        return cls(1, t, t1, t1 - t, x0, x1, y0, y1, x0 + turn, x1 + turn)

    def without(self, gone: Sequence[Extent]) -> Extent | None:
        """Return the extent after single scenes left, or None when an edge may have moved."""
        left = self._replace(scenes=self.scenes - len(gone))
        within = all(
            one.t0 > self.t0
            and one.t1 < self.t1
            and one.longest < max(self.longest, 1)
            and one.x0 > self.x0
            and one.x1 < self.x1
            and one.y0 > self.y0
            and one.y1 < self.y1
            and one.u0 > self.u0
            and one.u1 < self.u1
            for one in gone
        )
        return left if within and left.scenes else None

    @classmethod
    def around(cls, extents: Iterable[Extent]) -> Extent:
        """Return the extent of at least one, all at once."""
        scenes, t0, t1, longest, x0, x1, y0, y1, u0, u1 = zip(*extents, strict=True)
        return cls(
            sum(scenes), min(t0), max(t1), max(longest), min(x0), max(x1), min(y0), max(y1),
            min(u0), max(u1),
        )  # fmt: skip

    @property
    def span(self) -> Span:
        """First start to last end."""
        return Span(to_moment(self.t0), to_moment(self.t1))

    @property
    def bounds(self) -> Bounds:
        """A box around all scenes; it crosses the antimeridian when that makes it smaller."""
        if self.x1 <= 180:  # no scene crosses: stay on the plain map
            return Bounds(self.x0, self.y0, self.x1, self.y1)
        west, east = min((self.x0, self.x1), (self.u0, self.u1), key=lambda e: e[1] - e[0])
        if east - west >= TURN:
            return Bounds(-180.0, self.y0, 180.0, self.y1)
        west, east = ((edge + 180) % TURN - 180 for edge in (west, east))
        return Bounds(west, self.y0, east, self.y1)
