"""Finding scenes: the chosen way gives candidates, the exact test decides, the page is cut."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from landzicht.records import plan
from landzicht.records.plan import Ask, Way
from landzicht.records.token import Place, read_token

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from landzicht.kinds import Query

COUNT_MOST = 20_000
"""Counting further than this is not cheap any more."""
_BATCH = 256


class Hit(NamedTuple):
    """A row of the scene table."""

    rid: int
    t: int
    collection: str
    id: str
    cloud: float | None
    x0: float
    x1: float
    y0: float
    y1: float
    outline: bytes | None

    @property
    def place(self) -> Place:
        """Its place in the order of results."""
        return Place(self.t, self.collection, self.id)

    @property
    def rank(self) -> tuple[int, str, str]:
        """What results are sorted by: newest first, then by collection and id."""
        return (-self.t, self.collection, self.id)


class Found(NamedTuple):
    """A page of hits."""

    hits: list[Hit]
    more: bool
    matched: int | None


class Known(NamedTuple):
    """What the collection table says of the collections of a query."""

    id: str
    scenes: int
    t0: int | None
    t1: int | None
    longest: int


def find(db: sqlite3.Connection, query: Query, way: Way | None = None) -> Found:
    """Find a page of scenes, inside a transaction that the caller holds.

    Args:
        db: connection.
        query: what to find.
        way: take this way instead of the best (every way finds the same).

    Raises:
        BadQuery: the token or the geometry cannot be read.
    """
    after = read_token(query.token) if query.token else None
    known = _known(db, query.collections)
    longest = max((each.longest for each in known), default=0)
    asked = plan.ask(query, tuple(each.id for each in known), longest)
    if not known:
        return Found([], more=False, matched=0)
    way = way or _best(db, asked, known, query.limit)
    if way is Way.TIME:
        return _walk(db, asked, after, query.limit, known)
    statement, facts = plan.by_ids(asked) if way is Way.IDS else plan.by_box(asked)
    rows = {row[0]: Hit(*row) for row in db.execute(statement, facts)}
    hits = sorted(_exact(asked, list(rows.values())), key=lambda hit: hit.rank)
    matched = len(hits)
    if after is not None:
        rank = (-after.t, after.collection, after.id)
        hits = [hit for hit in hits if hit.rank > rank]
    return Found(hits[: query.limit], more=len(hits) > query.limit, matched=matched)


def _known(db: sqlite3.Connection, ids: Iterable[str] | None) -> list[Known]:
    rows = db.execute("SELECT id, count, t0, t1, longest FROM collection ORDER BY id")
    wanted = None if ids is None else set(ids)
    return [Known(*row) for row in rows if wanted is None or row[0] in wanted]


def _best(db: sqlite3.Connection, asked: Ask, known: Sequence[Known], limit: int) -> Way:
    if asked.ids is not None:
        return Way.IDS
    if not asked.regions:
        return Way.TIME
    (near,) = db.execute(*plan.count_near(asked)).fetchone()
    in_time = sum(_in_period(each, asked) for each in known)
    return plan.choose(limit=limit, near=near, in_time=in_time)


def _in_period(known: Known, asked: Ask) -> int:
    """Estimate the scenes of a collection in the period, as if spread evenly over time."""
    if known.t0 is None or known.t1 is None:
        return 0
    start, end = max(known.t0, asked.start), min(known.t1, asked.end)
    if end < start:
        return 0
    return 1 + (known.scenes - 1) * (end - start) // max(1, known.t1 - known.t0)


def _walk(
    db: sqlite3.Connection, asked: Ask, after: Place | None, limit: int, known: Sequence[Known]
) -> Found:
    rows = db.execute(*plan.by_time(asked, after))
    hits = list(islice(_stream(asked, rows), limit + 1))
    rows.close()
    return Found(hits[:limit], more=len(hits) > limit, matched=_count(db, asked, known))


def _stream(asked: Ask, rows: sqlite3.Cursor) -> Iterator[Hit]:
    while batch := [Hit(*row) for row in rows.fetchmany(_BATCH)]:
        yield from _exact(asked, batch)


def _exact(asked: Ask, hits: list[Hit]) -> list[Hit]:
    """Keep the hits that really meet every place."""
    if asked.regions and hits:
        import numpy as np

        boxes = np.array([(hit.x0, hit.x1, hit.y0, hit.y1) for hit in hits])
        outlines = [hit.outline for hit in hits]
        keep = np.ones(len(hits), dtype=bool)
        for region in asked.regions:
            keep &= region.meets(boxes, outlines)
        return [hit for hit, kept in zip(hits, keep.tolist(), strict=True) if kept]
    return hits


def _count(db: sqlite3.Connection, asked: Ask, known: Sequence[Known]) -> int | None:
    """Return the number of matches when it costs little."""
    if asked.regions:
        return None
    if asked.start == -plan.ENDLESS and asked.end == plan.ENDLESS:
        return sum(each.scenes for each in known)
    (count,) = db.execute(*plan.count_in_time(asked, COUNT_MOST + 1)).fetchone()
    return int(count) if count <= COUNT_MOST else None
