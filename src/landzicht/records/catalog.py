"""The embedded catalogue: one SQLite file, safe for many threads and processes."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from landzicht.errors.catalogue import BadQuery, UnknownCollection, UnknownScene
from landzicht.kinds import Entry, Page
from landzicht.records.bodies import unpack
from landzicht.records.connections import BUSY_SECONDS, Connections
from landzicht.records.extent import Extent, to_moment
from landzicht.stac import read_collection
from landzicht.text import Text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from landzicht.kinds import Collection, Query, Scene

MAX_LIMIT = 10_000
"""Most scenes on a page."""
_EXTENT = "count, t0, t1, longest, x0, x1, y0, y1, u0, u1"


class SqliteCatalog:
    """Keeps collections and scenes in one SQLite file (see `landzicht.ports.Catalog`).

    Readers never wait for the writer. A write is on disk when `put` returns, and after a crash
    a transaction is there as a whole or not at all. Nothing is opened before it is needed.
    """

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Name the file; it is opened, and made when absent, at the first use.

        Args:
            path: the database file.
            busy_seconds: how long to wait for another process that writes.
        """
        self._path = path
        self._busy_seconds = busy_seconds
        self._connections = Connections(path, busy_seconds)
        self._writing = threading.Lock()
        self._read: dict[str, tuple[str, Collection]] = {}
        self._facts: tuple[str, bytes] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process as a path; there it opens connections of its own."""
        return (SqliteCatalog, (self._path,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        self._connections.close()

    def collections(self) -> tuple[Collection, ...]:
        """Return all collections, by id, with bounds, span and count filled in."""
        with self._reading() as db:
            statement = f"SELECT id, changed, {_EXTENT} FROM collection ORDER BY id"  # noqa: S608
            return tuple(self._collection(db, row) for row in db.execute(statement).fetchall())

    def collection(self, id: str) -> Collection:
        """Return one collection; raises `UnknownCollection`."""
        with self._reading() as db:
            statement = f"SELECT id, changed, {_EXTENT} FROM collection WHERE id = ?"  # noqa: S608
            row = db.execute(statement, (id,)).fetchone()
            if row is None:
                raise UnknownCollection(collection=id)
            return self._collection(db, row)

    def put(self, collections: Sequence[Collection], scenes: Sequence[Scene]) -> None:
        """Add or replace collections and scenes in one transaction, on disk when it returns.

        Raises:
            BadRecord: a value that cannot be kept.
            UnknownCollection: a scene belongs to no collection.
            SameSource: another scene of the collection was made of the same source, perhaps by
                another process a moment ago; it stays, and nothing was changed.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        from landzicht.records.writing import collection_row, scene_row, store

        with self._reading() as db:
            _, dictionary = self._about(db)
        about = [collection_row(each, dictionary) for each in collections]
        rows = [scene_row(scene, dictionary) for scene in scenes]
        with self._writing, self._connections.lend() as db:
            db.execute("BEGIN IMMEDIATE")
            store(db, about, rows)
            db.execute("COMMIT")

    def sources(self, sources: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """Return `source → (collection, scene id)` for those identities that are in already."""
        statement = (
            "SELECT collection, id FROM scene INDEXED BY scene_source "
            "WHERE source = ? ORDER BY collection LIMIT 1"
        )
        with self._reading() as db:
            found = {s: db.execute(statement, (s,)).fetchone() for s in sources}
        return {source: (row[0], row[1]) for source, row in found.items() if row}

    def body(self, collection: str, id: str) -> bytes:
        """Return the stored STAC item as JSON, without links; raises `UnknownScene`."""
        with self._reading() as db:
            row = db.execute(
                "SELECT rid FROM scene WHERE collection = ? AND id = ?", (collection, id)
            ).fetchone()
            if row is None:
                raise UnknownScene(collection=collection, scene=id)
            return self._body(db, row[0], id)

    def search(self, query: Query) -> Page:
        """Return a page of scenes, newest first, then by collection and id.

        Raises:
            BadQuery: the token is not one of ours, or the limit or geometry makes no sense.
        """
        from landzicht.records.find import find
        from landzicht.records.token import write_token

        _check_limit(query.limit)
        with self._reading() as db:
            found = find(db, query)
            bodies = tuple(self._body(db, hit.rid, hit.id) for hit in found.hits)
        token = write_token(found.hits[-1].place) if found.more else None
        return Page(bodies=bodies, next=token, matched=found.matched)

    def entries(self, query: Query) -> tuple[Entry, ...]:
        """Return what the index knows of every scene that `search` would page through."""
        from landzicht.records.find import find

        everything = replace(query, limit=2**40, token=None)
        with self._reading() as db:
            hits = find(db, everything).hits
        return tuple(
            Entry(collection=hit.collection, id=hit.id, moment=to_moment(hit.t), cloud=hit.cloud)
            for hit in hits
        )

    def version(self, collection: str) -> str:
        """Return a text that changes whenever the collection or one of its scenes does.

        Two catalogues never give the same text. Raises `UnknownCollection`.
        """
        with self._reading() as db:
            name, _ = self._about(db)
            statement = "SELECT changed FROM collection WHERE id = ?"
            row = db.execute(statement, (collection,)).fetchone()
        if row is None:
            raise UnknownCollection(collection=collection)
        return f"{name}-{row[0]}"

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that sees one state of the catalogue, whatever others write."""
        with self._connections.lend() as db:
            db.execute("BEGIN")
            yield db
            db.execute("COMMIT")

    def _about(self, db: sqlite3.Connection) -> tuple[str, bytes]:
        """Return the name of this catalogue and its dictionary; neither ever changes."""
        if self._facts is None:
            told: dict[str, Any] = dict(db.execute("SELECT name, value FROM meta"))
            self._facts = (told["name"], told["dictionary"])
        return self._facts

    def _collection(self, db: sqlite3.Connection, row: Sequence[Any]) -> Collection:
        edges = row[2:]
        name, version = row[0], f"{self._about(db)[0]}-{row[1]}"
        known = self._read.get(name)
        if known is not None and known[0] == version:
            return known[1]
        packed = db.execute("SELECT body FROM collection WHERE id = ?", (name,)).fetchone()[0]
        plain = read_collection(unpack(packed, self._about(db)[1], name))
        extent = Extent(*edges) if edges[0] else None
        if extent is not None:
            plain = replace(plain, bounds=extent.bounds, span=extent.span, count=extent.scenes)
        self._read[name] = (version, plain)
        return plain

    def _body(self, db: sqlite3.Connection, rid: int, id: str) -> bytes:
        packed = db.execute("SELECT packed FROM body WHERE rid = ?", (rid,)).fetchone()
        return unpack(packed[0] if packed else b"", self._about(db)[1], id)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        reason = Text(nl="geef een getal van 1 tot {most}", en="give a number from 1 to {most}")
        raise BadQuery(name="limit", reason=reason.fill(most=MAX_LIMIT))
