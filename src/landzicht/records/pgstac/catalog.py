"""The catalogue on PostgreSQL: the same promises as the embedded one, for many machines at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.records.bodies import pack, unpack
from landzicht.records.extent import Extent
from landzicht.records.pgstac import writing
from landzicht.records.pgstac.connections import Pool, sendable
from landzicht.records.pgstac.schema import prepare
from landzicht.records.pgstac.searching import Searching
from landzicht.records.rows import bare_body, scene_rows, stored_row
from landzicht.records.writing import pack_rows
from landzicht.stac import read_collection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from landzicht.kinds import Collection, Item, Scene, Stored
    from landzicht.ports import Key
    from landzicht.records.pgstac.connections import Connection

_EXTENT = ("count", "t0", "t1", "longest", "x0", "x1", "y0", "y1", "u0", "u1")
_COLLECTION = """
SELECT c.id, c.changed, c.body, c.count, c.t0, c.t1, c.longest, c.x0, c.x1, c.y0, c.y1, c.u0, c.u1,
  m.name
FROM landzicht.collection c, landzicht.meta m
"""


class PgstacCatalog(Searching):
    """Keeps collections and scenes in PostgreSQL (see `landzicht.ports.Catalog`).

    Other programs read the same scenes through pgSTAC. Nothing is opened before it is needed;
    when the server is away each question says so, and the first after it is back succeeds.
    """

    def __init__(self, address: str, files: str = "") -> None:
        """Name the database.

        Args:
            address: `postgresql://user:password@host:port/database`.
            files: folder of the portal's files; other programs find assets below it.
        """
        self._address = address
        self._files = files
        self._pool = Pool(address, prepare)
        self._known: bytes | None = None

    def __repr__(self) -> str:
        """Show the address without its password."""
        return f"PgstacCatalog({self._pool.name!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process as an address; there it opens connections of its own."""
        return (PgstacCatalog, (self._address, self._files))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a later call opens them again."""
        self._pool.close()

    def collections(self) -> tuple[Collection, ...]:
        """Return all collections, by id, with bounds, span and count filled in."""

        async def _ask(db: Connection) -> tuple[Collection, ...]:
            dictionary = await self._dictionary(db)
            rows = await db.fetch(f"{_COLLECTION} ORDER BY c.id")
            return tuple(_read_collection(row, dictionary) for row in rows)

        return self._pool.run(_ask)

    def collection(self, id: str) -> Collection:
        """Return one collection; raises `UnknownCollection`."""

        async def _ask(db: Connection) -> Collection:
            row = await db.fetchrow(f"{_COLLECTION} WHERE c.id = $1", sendable(id))
            if row is None:
                raise UnknownCollection(collection=id)
            return _read_collection(row, await self._dictionary(db))

        return self._pool.run(_ask)

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
            SameSource: another scene of the collection was made of the same source.
            AlreadyThere: `expect` says that there must be none, and there is.
            Changed: `expect` names another mark than the record has.
            CatalogueServerFailed: the server is away; perhaps the change was made.
        """
        bodies = [(each.id, bare_body(each)) for each in collections]
        rows = scene_rows(scenes)

        async def _change(db: Connection) -> None:
            dictionary = await self._dictionary(db)
            about = [(name, pack(body, dictionary), body) for name, body in bodies]
            packed = pack_rows(rows, dictionary)
            await writing.take_turn(db)
            await writing.check_expected(db, expect or {}, dictionary)
            await writing.store(db, about, packed, self._files)

        self._pool.run(_change, write=True)

    def delete(self, collection: str, id: str, expect: str | None = None) -> None:
        """Remove one scene, on disk when it returns; its files stay.

        Raises:
            UnknownScene: there is none with this id in the collection.
            Changed: it has another mark than `expect`; nothing was changed.
        """

        async def _remove(db: Connection) -> None:
            await writing.remove_scene(db, collection, id)

        self._pool.run(self._guarded((collection, id), expect, _remove), write=True)

    def delete_collection(self, id: str, expect: str | None = None) -> None:
        """Remove a collection and all its scenes, on disk when it returns; files stay.

        Raises:
            UnknownCollection: there is none with this id.
            Changed: it has another mark than `expect`; nothing was changed.
        """

        async def _remove(db: Connection) -> None:
            await writing.remove_collection(db, id)

        self._pool.run(self._guarded((id, None), expect, _remove), write=True)

    def mark(self, collection: str, id: str | None = None) -> str:
        """Return a text that changes when the record is written anew with other content.

        Raises:
            UnknownCollection: there is none with this id.
            UnknownScene: there is none with this id in the collection.
        """

        async def _ask(db: Connection) -> str | None:
            return await writing.read_mark(db, collection, id, await self._dictionary(db))

        found = self._pool.run(_ask)
        if found is None and id is None:
            raise UnknownCollection(collection=collection)
        if found is None:
            raise UnknownScene(collection=collection, scene=id)
        return found

    def sources(self, sources: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """Return `source → (collection, scene id)` for those identities that are in already."""
        wanted = list(sources)
        asked = sendable(wanted)

        async def _ask(db: Connection) -> dict[str, tuple[str, str]]:
            rows = await db.fetch(
                "SELECT DISTINCT ON (source) source, collection, id FROM landzicht.scene "
                "WHERE source = ANY($1::text[]) ORDER BY source, collection",
                asked,
            )
            return {row["source"]: (row["collection"], row["id"]) for row in rows}

        found = self._pool.run(_ask)
        return {source: found[source] for source in wanted if source in found}

    def stored(self, collection: str, after: str = "", limit: int = 1000) -> tuple[Stored, ...]:
        """Return scenes of a collection exactly as they are kept, by id, for copying them."""

        async def _ask(db: Connection) -> tuple[Stored, ...]:
            dictionary = await self._dictionary(db)
            rows = await db.fetch(
                "SELECT id, source, t, t1, packed FROM landzicht.scene "
                "WHERE collection = $1 AND id > $2 ORDER BY id LIMIT $3",
                sendable(collection),
                sendable(after),
                limit,
            )
            return tuple(stored_row(row.values(), dictionary) for row in rows)

        return self._pool.run(_ask)

    def body(self, collection: str, id: str) -> bytes:
        """Return the stored STAC item as JSON, without links; raises `UnknownScene`."""

        async def _ask(db: Connection) -> bytes:
            packed = await db.fetchval(
                "SELECT packed FROM landzicht.scene WHERE collection = $1 AND id = $2",
                sendable(collection),
                sendable(id),
            )
            if packed is None:
                raise UnknownScene(collection=collection, scene=id)
            return unpack(packed, await self._dictionary(db), id)

        return self._pool.run(_ask)

    def version(self, collection: str) -> str:
        """Return a text that changes whenever the collection or one of its scenes does.

        Two catalogues never give the same text. Raises `UnknownCollection`.
        """

        async def _ask(db: Connection) -> str:
            row = await db.fetchrow(
                "SELECT m.name, c.changed FROM landzicht.collection c, landzicht.meta m "
                "WHERE c.id = $1",
                sendable(collection),
            )
            if row is None:
                raise UnknownCollection(collection=collection)
            return f"{row['name']}-{row['changed']}"

        return self._pool.run(_ask)

    async def _dictionary(self, db: Connection) -> bytes:
        """Return the dictionary that bodies are compressed with; it never changes."""
        if self._known is None:
            self._known = await db.fetchval("SELECT dictionary FROM landzicht.meta")
        assert self._known is not None
        return self._known

    def _guarded(
        self, key: Key, expect: str | None, remove: Callable[[Connection], Awaitable[None]]
    ) -> Callable[[Connection], Awaitable[None]]:
        """Return a removal that first compares the mark, when there is something to compare."""

        async def _change(db: Connection) -> None:
            dictionary = await self._dictionary(db)
            await writing.take_turn(db)
            if expect is not None and await writing.read_mark(db, *key, dictionary) is not None:
                await writing.check_expected(db, {key: expect}, dictionary)
            await remove(db)

        return _change


def _read_collection(row: Mapping[str, Any], dictionary: bytes) -> Collection:
    plain = read_collection(unpack(row["body"], dictionary, row["id"]))
    if not row["count"]:
        return plain
    extent = Extent(*(row[name] for name in _EXTENT))
    return replace(plain, bounds=extent.bounds, span=extent.span, count=extent.scenes)
