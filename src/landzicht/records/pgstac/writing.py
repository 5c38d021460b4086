"""What one transaction does in PostgreSQL: our tables and pgSTAC's, both or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.errors.records import AlreadyThere, Changed, SameSource
from landzicht.records.bodies import unpack
from landzicht.records.extent import Extent
from landzicht.records.pgstac.connections import sendable
from landzicht.records.pgstac.public import public_collection, public_json, publish
from landzicht.stac import mark_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.ports import Key
    from landzicht.records.pgstac.connections import Connection
    from landzicht.records.writing import Packed

_EXTENT = ("count", "t0", "t1", "longest", "x0", "x1", "y0", "y1", "u0", "u1")
_COLUMNS = (
    "collection", "id", "t", "t1", "x0", "x1", "y0", "y1", "cloud", "source", "outline", "packed",
    "properties",
)  # fmt: skip
_AGGREGATE = """
SELECT count(*), min(t), max(t1), max(t1 - t), min(x0), max(x1), min(y0), max(y1),
  min(CASE WHEN x0 < 0 THEN x0 + 360 ELSE x0 END), max(CASE WHEN x0 < 0 THEN x1 + 360 ELSE x1 END)
FROM landzicht.scene WHERE collection = $1
"""


async def store(
    db: Connection,
    collections: Sequence[tuple[str, bytes, bytes]],
    scenes: Sequence[Packed],
    files: str,
) -> None:
    """Write everything, inside a transaction that the caller commits.

    Args:
        db: connection; it holds the counter, and so the turn to write, from `take_turn`.
        collections: id, packed body, body.
        scenes: each name once.
        files: where the portal's files lie, for the addresses that other programs read.

    Raises:
        UnknownCollection: a scene belongs to no collection.
        SameSource: another scene of the collection was made of the same source.
    """
    counter = await _counter(db)
    for name, packed, body in collections:
        await db.execute(
            "INSERT INTO landzicht.collection(id, body, changed) VALUES($1, $2, $3) "
            "ON CONFLICT(id) DO UPDATE SET body = excluded.body, changed = excluded.changed",
            name,
            packed,
            counter,
        )
        await db.execute("SELECT pgstac.upsert_collection($1::jsonb)", public_collection(body))
    parts: dict[str, list[Packed]] = {}
    for scene in scenes:
        parts.setdefault(scene.row.collection, []).append(scene)
    for name in parts:
        await _touch(db, name, counter)
    gone = {
        name: await _remove(db, name, [scene.row.id for scene in part])
        for name, part in parts.items()
    }
    for name, part in parts.items():
        await _refuse_twins(db, name, part)
    await _insert(db, scenes)
    for name, part in parts.items():
        await publish(db, name, [scene.row for scene in part], files)
        await _update_extent(db, name, [scene.row.extent for scene in part], gone[name])


async def take_turn(db: Connection) -> None:
    """Wait until no other writer is at work; the turn lasts until the transaction ends."""
    await db.execute("UPDATE landzicht.meta SET counter = counter + 1")


async def remove_scene(db: Connection, collection: str, id: str) -> None:
    """Remove a scene; raises `UnknownScene`."""
    gone = await _remove(db, sendable(collection), [sendable(id)])
    if not gone:
        raise UnknownScene(collection=collection, scene=id)
    await db.execute("DELETE FROM pgstac.items WHERE collection = $1 AND id = $2", collection, id)
    await _touch(db, collection, await _counter(db))
    await _update_extent(db, collection, [], gone)


async def remove_collection(db: Connection, id: str) -> None:
    """Remove a collection and its scenes; raises `UnknownCollection`."""
    known = "SELECT 1 FROM landzicht.collection WHERE id = $1"
    if not await db.fetchval(known, sendable(id)):
        raise UnknownCollection(collection=id)
    await db.execute("DELETE FROM landzicht.scene WHERE collection = $1", id)
    await db.execute("DELETE FROM landzicht.collection WHERE id = $1", id)
    await db.execute("DELETE FROM pgstac.items WHERE collection = $1", id)
    await db.execute("DELETE FROM pgstac.collections WHERE id = $1", id)


async def check_expected(
    db: Connection, expect: Mapping[Key, str | None], dictionary: bytes
) -> None:
    """Compare what is there with what the caller believes; `AlreadyThere` or `Changed`."""
    for (collection, scene), wanted in expect.items():
        name = collection if scene is None else f"{collection}/{scene}"
        found = await read_mark(db, collection, scene, dictionary)
        if wanted is None and found is not None:
            raise AlreadyThere(record=name)
        if wanted is not None and found != wanted:
            raise Changed(record=name)


async def read_mark(
    db: Connection, collection: str, id: str | None, dictionary: bytes
) -> str | None:
    """Return the mark of a stored record, or None when there is none."""
    if id is None:
        ask, facts = "SELECT body FROM landzicht.collection WHERE id = $1", [collection]
    else:
        ask = "SELECT packed FROM landzicht.scene WHERE collection = $1 AND id = $2"
        facts = [collection, id]
    packed = await db.fetchval(ask, *sendable(facts))
    return mark_of(unpack(packed, dictionary, id or collection)) if packed else None


async def _counter(db: Connection) -> int:
    return int(await db.fetchval("SELECT counter FROM landzicht.meta"))


async def _touch(db: Connection, collection: str, counter: int) -> None:
    changed = "UPDATE landzicht.collection SET changed = $1 WHERE id = $2 RETURNING 1"
    if not await db.fetchval(changed, counter, collection):
        raise UnknownCollection(collection=collection)


async def _remove(db: Connection, collection: str, ids: Sequence[str]) -> list[Extent]:
    """Delete scenes by name from our table; return what each of them spanned."""
    found = await db.fetch(
        "DELETE FROM landzicht.scene WHERE collection = $1 AND id = ANY($2::text[]) "
        "RETURNING t, t1, x0, x1, y0, y1",
        collection,
        ids,
    )
    return [Extent.of_one(*row.values()) for row in found]


async def _refuse_twins(db: Connection, collection: str, scenes: Sequence[Packed]) -> None:
    rows = await db.fetch(
        "SELECT source, id FROM landzicht.scene WHERE source = ANY($1::text[]) AND collection = $2",
        [scene.row.source for scene in scenes],
        collection,
    )
    known = {row["source"]: row["id"] for row in rows}
    for scene in scenes:
        row = scene.row
        first = known.setdefault(row.source, row.id)
        if first != row.id:
            raise SameSource(collection=collection, scene=row.id, known=first, source=row.source)


async def _insert(db: Connection, scenes: Sequence[Packed]) -> None:
    await db.copy_records_to_table(
        "scene",
        schema_name="landzicht",
        columns=_COLUMNS,
        records=[_record(scene) for scene in scenes],
    )


def _record(scene: Packed) -> tuple[Any, ...]:
    r, f = scene.row, scene.row.footprint
    place = (r.collection, r.id, r.t, r.t1, f.x0, f.x1, f.y0, f.y1)
    return (*place, r.cloud, r.source, f.wkb, scene.body, public_json(r.properties))


async def _update_extent(
    db: Connection, name: str, new: Sequence[Extent], gone: Sequence[Extent]
) -> None:
    row = await db.fetchrow(
        f"SELECT {', '.join(_EXTENT)} FROM landzicht.collection WHERE id = $1",  # noqa: S608
        name,
    )
    assert row is not None
    extent = Extent(*row.values()) if row[0] else None
    if gone:
        assert extent is not None
        left = extent.without(gone)
        if left is None:
            counted = await db.fetchrow(_AGGREGATE, name)
            assert counted is not None
            left, new = (Extent(*counted.values()) if counted[0] else None), ()
        extent = left
    if new:
        extent = Extent.around([extent, *new] if extent else new)
    facts = extent or (0, None, None, 0, *[None] * 6)
    columns = ", ".join(f"{column} = ${n}" for n, column in enumerate(_EXTENT, 2))
    await db.execute(
        f"UPDATE landzicht.collection SET {columns} WHERE id = $1",  # noqa: S608
        name,
        *facts,
    )
