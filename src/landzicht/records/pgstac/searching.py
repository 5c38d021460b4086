"""The questions to a catalogue on PostgreSQL: search, count, aggregate, facets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from landzicht.errors.catalogue import UnknownCollection
from landzicht.kinds import Aggregation, Counted, Entry, Page
from landzicht.kinds.aggregation import count_entries
from landzicht.records.bodies import unpack
from landzicht.records.pgstac import finding, groups
from landzicht.records.pgstac.connections import sendable
from landzicht.records.pgstac.facets import facets_of
from landzicht.records.searching import check_limit, entry_of
from landzicht.records.token import (
    read_sorted_token,
    read_token,
    write_sorted_token,
    write_token,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.kinds import Bucket, Facet, Query
    from landzicht.records.hit import Hit
    from landzicht.records.pgstac.connections import Connection, Pool
    from landzicht.records.token import SortedPlace


class Searching:
    """The part of the catalogue that finds; `PgstacCatalog` adds the rest."""

    _pool: Pool

    async def _dictionary(self, db: Connection) -> bytes:
        """Return the dictionary that bodies are compressed with."""
        raise NotImplementedError

    def search(self, query: Query) -> Page:
        """Return a page of scenes in the order of `query.sort`: newest first without it.

        Raises:
            BadQuery: the token is not one of ours, or the limit or geometry makes no sense.
        """
        check_limit(query.limit)

        async def _ask(db: Connection) -> Page:
            dictionary = await self._dictionary(db)
            find = _find_sorted if query.sort else _find
            found = await find(db, query, dictionary)
            bodies = await _bodies(db, found.hits, dictionary)
            return Page(bodies=bodies, next=found.token, matched=found.matched)

        return self._pool.run(_ask)

    def entries(self, query: Query) -> tuple[Entry, ...]:
        """Return what the index knows of every scene that `search` would page through."""

        async def _ask(db: Connection) -> tuple[Entry, ...]:
            everything = replace(query, limit=2**40, token=None)
            asked = await finding.asked_of(db, everything)
            if not asked.collections:
                return ()
            dictionary = await self._dictionary(db)
            if query.sort:
                pairs = finding.sorted_hits(db, asked, everything, None, dictionary)
                return tuple([entry_of(hit) async for hit, _ in pairs])
            found = finding.hits(db, asked, everything, None, dictionary)
            return tuple([entry_of(hit) async for hit in found])

        return self._pool.run(_ask)

    def count(self, query: Query) -> int:
        """Return how many scenes `search` would page through; limit and token are ignored."""
        total = Aggregation(by=Counted.TOTAL)
        return self.aggregate(query, (total,))[0][0].count

    def aggregate(self, query: Query, wanted: Sequence[Aggregation]) -> list[tuple[Bucket, ...]]:
        """Count the scenes that `search` would page through, in each of the wanted ways.

        Without a place or filter PostgreSQL counts; else each scene is tested and counted here.
        """

        async def _ask(db: Connection) -> list[tuple[Bucket, ...]] | None:
            asked = await finding.asked_of(db, query)
            if not asked.collections:
                return [count_entries((), each) for each in wanted]
            if not groups.counts_itself(asked, query):
                return None
            return [await groups.group(db, asked, query, each) for each in wanted]

        counted = self._pool.run(_ask)
        if counted is not None:
            return counted
        found = self.entries(replace(query, sort=()))
        return [count_entries(found, each) for each in wanted]

    def facets(self, collection: str) -> tuple[Facet, ...]:
        """Return the properties that scenes have, by name; raises `UnknownCollection`."""

        async def _ask(db: Connection) -> tuple[Facet, ...]:
            count = "SELECT count FROM landzicht.collection WHERE id = $1"
            number = await db.fetchval(count, sendable(collection))
            if number is None:
                raise UnknownCollection(collection=collection)
            return await facets_of(db, collection, number)

        return self._pool.run(_ask)


class _Found(NamedTuple):
    hits: list[Hit]
    token: str | None
    matched: int | None


async def _find(db: Connection, query: Query, dictionary: bytes) -> _Found:
    after = read_token(query.token) if query.token else None
    asked = await finding.asked_of(db, query)
    if not asked.collections:
        return _Found([], None, 0)
    hits: list[Hit] = []
    async for hit in finding.hits(db, asked, query, after, dictionary):
        hits.append(hit)
        if len(hits) > query.limit:
            break
    page, more = hits[: query.limit], len(hits) > query.limit
    matched = await finding.count_cheaply(db, asked, query)
    if matched is None and after is None and not more:
        matched = len(hits)
    return _Found(page, write_token(page[-1].place) if more else None, matched)


async def _find_sorted(db: Connection, query: Query, dictionary: bytes) -> _Found:
    after = read_sorted_token(query.token, query.sort) if query.token else None
    asked = await finding.asked_of(db, query)
    if not asked.collections:
        return _Found([], None, 0)
    found: list[tuple[Hit, SortedPlace]] = []
    async for pair in finding.sorted_hits(db, asked, query, after, dictionary):
        found.append(pair)
        if len(found) > query.limit:
            break
    page, more = found[: query.limit], len(found) > query.limit
    matched = await finding.count_cheaply(db, asked, query)
    if matched is None and after is None and not more:
        matched = len(found)
    token = write_sorted_token(page[-1][1], query.sort) if more else None
    return _Found([hit for hit, _ in page], token, matched)


async def _bodies(db: Connection, hits: Sequence[Hit], dictionary: bytes) -> tuple[bytes, ...]:
    rows = await db.fetch(
        "SELECT rid, packed FROM landzicht.scene WHERE rid = ANY($1::bigint[])",
        [hit.rid for hit in hits],
    )
    packed = {row["rid"]: row["packed"] for row in rows}
    return tuple(unpack(packed[hit.rid], dictionary, hit.id) for hit in hits)
