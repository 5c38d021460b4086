"""The reading side of the embedded catalogue: pages, counts, groups, and what properties hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery, UnknownCollection
from landzicht.grid import Bounds
from landzicht.kinds import Entry, Page
from landzicht.records.extent import to_moment
from landzicht.text import Text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from landzicht.kinds import Aggregation, Bucket, Facet, Query
    from landzicht.records.hit import Hit

MAX_LIMIT = 10_000
"""Most scenes on a page."""


class Searching:
    """What `SqliteCatalog` answers by looking through scenes."""

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def _bodies(self, db: sqlite3.Connection, hits: Sequence[Hit]) -> tuple[bytes, ...]:
        raise NotImplementedError

    def search(self, query: Query) -> Page:
        """Return a page of scenes in the order of `query.sort`: newest first without it.

        Raises:
            BadQuery: the token is not one of ours, or the limit or geometry makes no sense.
        """
        from landzicht.records.find import find
        from landzicht.records.token import write_sorted_token, write_token

        check_limit(query.limit)
        with self._reading() as db:
            found = find(db, query)
            bodies = self._bodies(db, found.hits)
        token = None
        if found.more:
            last = found.last
            token = (
                write_sorted_token(last, query.sort) if last else write_token(found.hits[-1].place)
            )
        return Page(bodies=bodies, next=token, matched=found.matched)

    def entries(self, query: Query) -> tuple[Entry, ...]:
        """Return what the index knows of every scene that `search` would page through."""
        from landzicht.records.find import find

        everything = replace(query, limit=2**40, token=None)
        with self._reading() as db:
            return tuple(map(entry_of, find(db, everything).hits))

    def count(self, query: Query) -> int:
        """Return how many scenes `search` would page through; raises `BadQuery`."""
        from landzicht.records.groups import count

        with self._reading() as db:
            return count(db, query)

    def aggregate(self, query: Query, wanted: Sequence[Aggregation]) -> list[tuple[Bucket, ...]]:
        """Count the scenes that `search` would page through; raises `BadQuery`."""
        from landzicht.records.groups import aggregate

        with self._reading() as db:
            return aggregate(db, query, wanted)

    def facets(self, collection: str) -> tuple[Facet, ...]:
        """Return the properties that scenes have, by name; raises `UnknownCollection`."""
        from landzicht.records.groups import facets

        with self._reading() as db:
            found = facets(db, collection)
        if found is None:
            raise UnknownCollection(collection=collection)
        return found


def entry_of(hit: Hit) -> Entry:
    """Return what the index knows of a scene."""
    east = hit.x1 - 360.0 if hit.x1 > 180.0 and hit.x0 > -180.0 else hit.x1
    return Entry(
        collection=hit.collection,
        id=hit.id,
        moment=to_moment(hit.t),
        cloud=hit.cloud,
        bounds=Bounds(hit.x0, hit.y0, east, hit.y1),
    )


def check_limit(limit: int) -> None:
    """Refuse a limit that is not one; raises `BadQuery`."""
    if not 1 <= limit <= MAX_LIMIT:
        reason = Text(nl="geef een getal van 1 tot {most}", en="give a number from 1 to {most}")
        raise BadQuery(name="limit", reason=reason.fill(most=MAX_LIMIT))
