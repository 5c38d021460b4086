"""The embedded catalogue: one SQLite file, safe for many threads and processes."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.records.bodies import unpack
from landzicht.records.connections import BUSY_SECONDS, Connections
from landzicht.records.extent import Extent
from landzicht.records.queue import WriterQueue
from landzicht.records.rows import stored_row
from landzicht.records.searching import Searching
from landzicht.stac import read_collection

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from landzicht.kinds import Collection, Item, Scene, Stored
    from landzicht.ports import Bulk, Key
    from landzicht.records.hit import Hit
    from landzicht.records.writing import Packed, Packer

_BODIES = "SELECT b.rid, b.packed FROM json_each(?) r CROSS JOIN body b ON b.rid = r.value"
_BODY = (
    "SELECT b.packed FROM scene s INDEXED BY scene_id LEFT JOIN body b ON b.rid = s.rid "
    "WHERE s.collection = ? AND s.id = ?"
)
_EXTENT = "count, t0, t1, longest, x0, x1, y0, y1, u0, u1"


class SqliteCatalog(Searching):
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
        self._queue = WriterQueue(self._connections)
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

    def put(
        self,
        collections: Sequence[Collection],
        scenes: Sequence[Scene | Item],
        expect: Mapping[Key, str | None] | None = None,
    ) -> None:
        """Add or replace collections and scenes in one transaction, on disk when it returns.

        Raises:
            BadRecord: a value that cannot be kept.
            UnknownCollection: a scene belongs to no collection.
            SameSource: another scene of the collection was made of the same source, perhaps by
                another process a moment ago; it stays, and nothing was changed.
            AlreadyThere: `expect` says that there must be none, and there is.
            Changed: `expect` names another mark than the record has.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        from landzicht.records.rows import scene_rows
        from landzicht.records.writing import pack_rows

        dictionary = self._dictionary()
        with self._queue.making:
            packed = pack_rows(scene_rows(scenes), dictionary)
        self._store(collections, packed, expect or {})

    @property
    def bulk(self) -> Bulk[Packed]:
        """See `landzicht.ports.Bulk`."""
        return self

    def packer(self) -> Packer:
        """Return what makes scenes ready for `put_packed`, here or in another process."""
        from landzicht.records.writing import Packer

        return Packer(self._dictionary())

    def put_packed(self, collections: Sequence[Collection], scenes: Sequence[Packed]) -> None:
        """Do what `put` does, with scenes that `packer` made ready; raises as `put`."""
        from landzicht.records.writing import last_of_each

        self._store(collections, last_of_each(scenes), {})

    def delete(self, collection: str, id: str, expect: str | None = None) -> None:
        """Remove one scene, on disk when it returns; its files stay.

        Raises:
            UnknownScene: there is none with this id in the collection.
            Changed: it has another mark than `expect`; nothing was changed.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        from landzicht.records.writing import check_expected, remove_scene

        dictionary = self._dictionary()

        def change(db: sqlite3.Connection) -> None:
            if expect is not None and self._mark(db, collection, id) is not None:
                check_expected(db, {(collection, id): expect}, dictionary)
            remove_scene(db, collection, id)

        self._queue.run(change)

    def delete_collection(self, id: str, expect: str | None = None) -> None:
        """Remove a collection and all its scenes, on disk when it returns; files stay.

        Raises:
            UnknownCollection: there is none with this id.
            Changed: it has another mark than `expect`; nothing was changed.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        from landzicht.records.writing import check_expected, remove_collection

        dictionary = self._dictionary()

        def change(db: sqlite3.Connection) -> None:
            if expect is not None and self._mark(db, id, None) is not None:
                check_expected(db, {(id, None): expect}, dictionary)
            remove_collection(db, id)

        self._queue.run(change)

    def mark(self, collection: str, id: str | None = None) -> str:
        """Return a text that changes when the record is written anew with other content.

        Raises:
            UnknownCollection: there is none with this id.
            UnknownScene: there is none with this id in the collection.
        """
        with self._reading() as db:
            found = self._mark(db, collection, id)
        if found is None and id is None:
            raise UnknownCollection(collection=collection)
        if found is None:
            raise UnknownScene(collection=collection, scene=id)
        return found

    def sources(self, sources: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """Return `source → (collection, scene id)` for those identities that are in already."""
        statement = (
            "SELECT collection, id FROM scene INDEXED BY scene_source "
            "WHERE source = ? ORDER BY collection LIMIT 1"
        )
        with self._reading() as db:
            found = {s: db.execute(statement, (s,)).fetchone() for s in sources}
        return {source: (row[0], row[1]) for source, row in found.items() if row}

    def stored(self, collection: str, after: str = "", limit: int = 1000) -> tuple[Stored, ...]:
        """Return scenes of a collection exactly as they are kept, by id, for copying them."""
        statement = (
            "SELECT s.id, s.source, s.t, s.t1, b.packed FROM scene s INDEXED BY scene_id "
            "CROSS JOIN body b ON b.rid = s.rid WHERE s.collection = ? AND s.id > ? "
            "ORDER BY s.id LIMIT ?"
        )
        with self._reading() as db:
            dictionary = self._about(db)[1]
            rows = db.execute(statement, (collection, after, limit)).fetchall()
        return tuple(stored_row(row, dictionary) for row in rows)

    def body(self, collection: str, id: str) -> bytes:
        """Return the stored STAC item as JSON, without links; raises `UnknownScene`."""
        with self._reading() as db:
            row = db.execute(_BODY, (collection, id)).fetchone()
            dictionary = self._about(db)[1]
        if row is None:
            raise UnknownScene(collection=collection, scene=id)
        return unpack(row[0] or b"", dictionary, id)

    def version(self, collection: str) -> str:
        """Return a text that changes whenever the collection or one of its scenes does.

        Two catalogues never give the same text. Raises `UnknownCollection`.
        """
        with self._connections.lend() as db:  # a single statement sees one state by itself
            name, _ = self._about(db)
            statement = "SELECT changed FROM collection WHERE id = ?"
            row = db.execute(statement, (collection,)).fetchone()
        if row is None:
            raise UnknownCollection(collection=collection)
        return f"{name}-{row[0]}"

    def backup(self, path: Path, tell: Callable[[int, int], None] | None = None) -> None:
        """Copy the catalogue as it is at one moment, while others read and write.

        Args:
            path: the copy; it takes the place of an older one when it is complete.
            tell: is called with pages copied, pages in all.

        Raises:
            BackupInTheWay: the file is a catalogue that is in use.
            DiskFailed: the disk is full or read-only; an older copy stays as it was.
        """
        from landzicht.records.backup import copy_to

        with self._reading() as db:
            copy_to(db, path, tell)

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

    def _dictionary(self) -> bytes:
        if self._facts is None:
            with self._reading() as db:
                return self._about(db)[1]
        return self._facts[1]

    def _store(
        self,
        collections: Sequence[Collection],
        scenes: Sequence[Packed],
        expect: Mapping[Key, str | None],
    ) -> None:
        from landzicht.records.rows import collection_row
        from landzicht.records.writing import check_expected, store

        dictionary = self._dictionary()
        about = [collection_row(each, dictionary) for each in collections]

        def change(db: sqlite3.Connection) -> None:
            check_expected(db, expect, dictionary)
            store(db, about, scenes)

        self._queue.run(change, len(scenes) + 1)

    def _mark(self, db: sqlite3.Connection, collection: str, id: str | None) -> str | None:
        from landzicht.records.writing import read_mark

        return read_mark(db, collection, id, self._about(db)[1])

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

    def _bodies(self, db: sqlite3.Connection, hits: Sequence[Hit]) -> tuple[bytes, ...]:
        """Return stored bodies, in order; one statement for all is much quicker than one each."""
        dictionary = self._about(db)[1]
        numbers = json.dumps([hit.rid for hit in hits])
        packed = dict(db.execute(_BODIES, (numbers,)))
        return tuple(unpack(packed.get(hit.rid, b""), dictionary, hit.id) for hit in hits)
