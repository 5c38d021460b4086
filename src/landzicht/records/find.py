"""Finding scenes: the chosen way gives candidates, the exact test decides, the page is cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from landzicht.records import boxes, plan, statements
from landzicht.records.boxes import first_near, slices_of
from landzicht.records.hit import Hit, exact
from landzicht.records.plan import Ask, Way
from landzicht.records.token import SortedPlace, read_sorted_token, read_token

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from landzicht.kinds import Query
    from landzicht.records.boxes import Slice
    from landzicht.records.token import Place

COUNT_MOST = 20_000
"""Counting further than this is not cheap any more."""
_BATCH = 256


_WIDTH = len(Hit._fields)


class Found(NamedTuple):
    """A page of hits."""

    hits: list[Hit]
    more: bool
    matched: int | None
    last: SortedPlace | None = None
    """Where the page ends in an order that the caller chose."""


class Best(NamedTuple):
    """The way that is likely to cost least."""

    way: Way
    near: int | None = None
    """Scenes near the first place, estimated."""


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
    asked, known = prepare(db, query)
    if not known:
        return Found([], more=False, matched=0)
    page = _find_sorted if query.sort else _find_newest
    return _told(page(db, query, way, asked, known), asked, query)


def _told(found: Found, asked: Ask, query: Query) -> Found:
    """Return a page that tells how many match only where the page itself shows it.

    How many scenes lie near a place, or are clear, decides which way is taken and what that way
    happens to know. Some of these scenes may be hidden from who asks, so it must not be seen.
    """
    if asked.ids is not None or not (asked.regions or asked.condition):
        return found
    whole = not query.token and not found.more
    return found._replace(matched=len(found.hits) if whole else None)


def _find_newest(
    db: sqlite3.Connection, query: Query, way: Way | None, asked: Ask, known: Sequence[Known]
) -> Found:
    """Find a page in the usual order."""
    after = read_token(query.token) if query.token else None
    chosen = Best(way) if way else best(db, asked, known, query.limit)
    way = chosen.way
    if way is Way.TIME:
        return _walk(db, asked, after, query.limit, known)
    if way is Way.BOX and query.limit < plan.NEAR_MOST:
        near = first_near(db, asked, after, query.limit + 1, _slices(asked, known, chosen.near))
        if near is None:
            return _walk(db, asked, after, query.limit, known)
        hits, more = near.hits[: query.limit], len(near.hits) > query.limit
        return Found(hits, more=more, matched=near.matched)
    hits = sorted(every(db, asked, way), key=lambda hit: hit.rank)
    matched = len(hits)
    if after is not None:
        rank = (-after.t, after.collection, after.id)
        hits = [hit for hit in hits if hit.rank > rank]
    return Found(hits[: query.limit], more=len(hits) > query.limit, matched=matched)


def prepare(db: sqlite3.Connection, query: Query) -> tuple[Ask, list[Known]]:
    """Return a query in the terms of the tables; the connection learns what its filter needs.

    Raises:
        BadQuery: the geometry cannot be read.
    """
    known = _known(db, query.collections)
    longest = max((each.longest for each in known), default=0)
    asked = plan.ask(query, tuple(each.id for each in known), longest)
    if asked.condition and asked.condition.functions:
        from landzicht.records.functions import add_functions

        add_functions(db, asked.condition.functions)
    return asked, known


def best(db: sqlite3.Connection, asked: Ask, known: Sequence[Known], limit: int) -> Best:
    """Choose a way."""
    if asked.ids is not None:
        return Best(Way.IDS)
    if asked.cloud is None and not asked.regions:
        return Best(Way.TIME)
    in_time = sum(_in_period(each, asked) for each in known)
    near = _count_near(db, asked, known, limit) if asked.regions else None
    picky = asked.condition is not None
    shares = plan.Shares(limit=limit, in_time=in_time, near=near, is_picky=picky)
    if asked.cloud is not None and (most := plan.clear_most(shares)):
        (clear,) = db.execute(*statements.count_clear(asked, most)).fetchone()
        shares = replace(shares, clear=clear if clear < most else None)
    return Best(plan.choose(shares), near)


def every(db: sqlite3.Connection, asked: Ask, way: Way) -> Iterator[Hit]:
    """Yield every scene that was asked for, once, in any order."""
    rows = db.execute(*statements.candidates(asked, way))
    seen: set[int] = set()
    for hit in _stream(asked, rows):
        if hit.rid not in seen:
            seen.add(hit.rid)
            yield hit


def _find_sorted(
    db: sqlite3.Connection, query: Query, way: Way | None, asked: Ask, known: Sequence[Known]
) -> Found:
    """Find a page in an order that the caller chose."""
    from landzicht.records.functions import add_functions
    from landzicht.records.order import in_order

    after = read_sorted_token(query.token, query.sort) if query.token else None
    way = way or best(db, asked, known, 2**31).way  # all candidates must be looked at
    ordered, made = in_order(asked, way, query.sort, after)
    add_functions(db, made.functions)
    rows = db.execute(*ordered.statement)
    keys: dict[int, Sequence[Any]] = {}
    hits: list[Hit] = []
    while len(hits) <= query.limit and (batch := rows.fetchmany(_BATCH)):
        fresh = {row[0]: row for row in batch if row[0] not in keys}
        keys |= {rid: row[_WIDTH:] for rid, row in fresh.items()}
        hits += exact(asked, [Hit(*row[:_WIDTH]) for row in fresh.values()])
    rows.close()
    more = len(hits) > query.limit
    hits = hits[: query.limit]
    last = None
    if more:
        told = keys[hits[-1].rid]
        pairs = tuple((told[n], told[n + 1]) for n in range(0, ordered.keys, 2))
        last = SortedPlace(pairs, *hits[-1].place)
    return Found(hits, more=more, matched=_count(db, asked, known), last=last)


def _known(db: sqlite3.Connection, ids: Iterable[str] | None) -> list[Known]:
    rows = db.execute("SELECT id, count, t0, t1, longest FROM collection ORDER BY id")
    wanted = None if ids is None else set(ids)
    return [Known(*row) for row in rows if wanted is None or row[0] in wanted]


def _in_period(known: Known, asked: Ask) -> int:
    """Estimate the scenes of a collection in the period, as if spread evenly over time."""
    if known.t0 is None or known.t1 is None:
        return 0
    start, end = max(known.t0, asked.start), min(known.t1, asked.end)
    if end < start:
        return 0
    return 1 + (known.scenes - 1) * (end - start) // max(1, known.t1 - known.t0)


def _slices(asked: Ask, known: Sequence[Known], near: int | None = None) -> list[Slice]:
    """Return the slices in which the period is taken: one when few scenes lie near."""
    in_time = sum(_in_period(each, asked) for each in known)
    if min(in_time, in_time if near is None else 8 * near) <= plan.NEAR_MOST:
        return slices_of(0, 0)
    first = min(each.t0 for each in known if each.t0 is not None)
    last = max(each.t1 for each in known if each.t1 is not None)
    return slices_of(max(first, asked.first), min(last, asked.end))


def _count_near(db: sqlite3.Connection, asked: Ask, known: Sequence[Known], limit: int) -> int:
    """Estimate the scenes near the first place, from those of the newest slice.

    Who wants all of them, not a page, gets them counted: to be wrong would cost too much there.
    """
    slices = _slices(asked, known) if limit < plan.NEAR_MOST else slices_of(0, 0)
    parts = boxes.SLICES if len(slices) > 1 else 1
    most = plan.NEAR_MOST // parts
    (near,) = db.execute(*statements.count_near(asked, slices[0].after, most)).fetchone()
    return int(near) * parts


def _walk(
    db: sqlite3.Connection, asked: Ask, after: Place | None, limit: int, known: Sequence[Known]
) -> Found:
    rows = db.execute(*statements.walk(asked, after))
    hits = list(islice(_stream(asked, rows, limit + 1), limit + 1))
    rows.close()
    return Found(hits[:limit], more=len(hits) > limit, matched=_count(db, asked, known))


def _stream(asked: Ask, rows: sqlite3.Cursor, first: int = _BATCH) -> Iterator[Hit]:
    """Yield hits by batches; the first is no larger than a page: more would walk further."""
    size = min(first, _BATCH)
    while batch := [Hit(*row) for row in rows.fetchmany(size)]:
        yield from exact(asked, batch)
        size = _BATCH if size == _BATCH else 32


def _count(db: sqlite3.Connection, asked: Ask, known: Sequence[Known]) -> int | None:
    """Return the number of matches when it costs little."""
    if asked.regions or asked.condition or asked.ids is not None:
        return None
    if asked.start == -plan.ENDLESS and asked.end == plan.ENDLESS:
        return sum(each.scenes for each in known)
    (count,) = db.execute(*statements.count_in_time(asked, COUNT_MOST + 1)).fetchone()
    return int(count) if count <= COUNT_MOST else None
