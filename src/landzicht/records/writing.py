"""One transaction that adds or replaces collections and scenes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from landzicht.errors.catalogue import UnknownCollection
from landzicht.errors.records import SameSource
from landzicht.records.bodies import pack
from landzicht.records.extent import Extent, to_ticks
from landzicht.records.footprint import TURN, Footprint, scene_footprint
from landzicht.records.plan import DAY
from landzicht.stac import write_collection, write_item

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from landzicht.kinds import Collection, Scene

_MARGIN_DAYS = 0.01
"""Keeps a box of the R*Tree from being flat in time, which would spoil how it groups scenes."""


class Row(NamedTuple):
    """A scene ready to be stored; made before the lock is taken."""

    collection: str
    id: str
    t: int
    t1: int
    footprint: Footprint
    cloud: float | None
    source: str
    packed: bytes

    @property
    def extent(self) -> Extent:
        """The extent of this one scene."""
        f = self.footprint
        turn = TURN if f.x0 < 0 else 0.0
        edges = (f.x0, f.x1, f.y0, f.y1, f.x0 + turn, f.x1 + turn)
        return Extent(1, self.t, self.t1, self.t1 - self.t, *edges)


def scene_row(scene: Scene, dictionary: bytes) -> Row:
    """Return what is stored of a scene.

    Raises:
        BadRecord: a value that cannot be kept.
    """
    t = to_ticks(scene.moment)
    cloud = scene.properties.get("eo:cloud_cover")
    is_number = isinstance(cloud, int | float) and math.isfinite(cloud)
    return Row(
        collection=scene.collection,
        id=scene.id,
        t=t,
        t1=max(t, to_ticks(scene.end)) if scene.end else t,
        footprint=scene_footprint(scene),
        cloud=float(cloud) if is_number else None,  # type: ignore[arg-type]
        source=scene.source,
        packed=pack(write_item(scene), dictionary),
    )


def collection_row(collection: Collection, dictionary: bytes) -> tuple[str, bytes]:
    """Return id and packed body; extent and count are kept apart and left out here.

    Raises:
        BadRecord: a value that cannot be kept.
    """
    bare = replace(collection, bounds=None, span=None, count=0)
    return collection.id, pack(write_collection(bare), dictionary)


def store(
    db: sqlite3.Connection, collections: Iterable[tuple[str, bytes]], rows: Sequence[Row]
) -> None:
    """Write everything, inside a transaction that the caller commits.

    Raises:
        UnknownCollection: a scene belongs to no collection.
        SameSource: another scene of the collection was made of the same source.
    """
    counter = db.execute(
        "UPDATE meta SET value = value + 1 WHERE name = 'counter' RETURNING value"
    ).fetchone()[0]
    for name, packed in collections:
        db.execute(
            "INSERT INTO collection(id, body, changed) VALUES(?, ?, ?) "
            "ON CONFLICT(id) DO UPDATE SET body = excluded.body, changed = excluded.changed",
            (name, packed, counter),
        )
    latest = {(row.collection, row.id): row for row in rows}  # the last of equal ids wins
    for name in {row.collection for row in rows}:
        changed = "UPDATE collection SET changed = ? WHERE id = ?"
        if not db.execute(changed, (counter, name)).rowcount:
            raise UnknownCollection(collection=name)
    replaced = {row.collection for row in latest.values() if _remove(db, row)}
    for row in latest.values():
        _insert(db, row)
    _update_extents(db, list(latest.values()), replaced)


def _remove(db: sqlite3.Connection, row: Row) -> bool:
    """Delete the scene that `row` replaces; return whether there was one."""
    found = db.execute(
        "SELECT rid FROM scene WHERE collection = ? AND id = ?", (row.collection, row.id)
    ).fetchone()
    if found:
        for table in ("scene", "body", "box"):
            db.execute(f"DELETE FROM {table} WHERE rid = ?", found)  # noqa: S608 - our own names
    return found is not None


def _insert(db: sqlite3.Connection, row: Row) -> None:
    known = db.execute(
        "SELECT id FROM scene WHERE source = ? AND collection = ?", (row.source, row.collection)
    ).fetchone()
    if known:
        raise SameSource(collection=row.collection, scene=row.id, known=known[0], source=row.source)
    f = row.footprint
    edges = (f.x0, f.x1, f.y0, f.y1)
    facts = (row.collection, row.id, row.t, row.t1, *edges, row.cloud, row.source, f.wkb)
    rid = db.execute(
        "INSERT INTO scene(collection, id, t, t1, x0, x1, y0, y1, cloud, source, outline) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        facts,
    ).lastrowid
    db.execute("INSERT INTO body VALUES(?, ?)", (rid, row.packed))
    days = (row.t / DAY, row.t1 / DAY + _MARGIN_DAYS)
    db.execute("INSERT INTO box VALUES(?, ?, ?, ?, ?, ?, ?)", (rid, *edges, *days))


def _update_extents(db: sqlite3.Connection, rows: Sequence[Row], replaced: set[str]) -> None:
    """Widen the extent of each collection; count anew where a scene was replaced."""
    for name in {row.collection for row in rows}:
        extent = Extent.of(db, name) if name in replaced else _stored(db, name)
        if name not in replaced:
            for row in rows:
                if row.collection == name:
                    extent = extent.merge(row.extent) if extent else row.extent
        assert extent is not None
        db.execute(
            "UPDATE collection SET count=?, t0=?, t1=?, longest=?, x0=?, x1=?, y0=?, y1=?, "
            "u0=?, u1=? WHERE id=?",
            (*extent, name),
        )


def _stored(db: sqlite3.Connection, id: str) -> Extent | None:
    row = db.execute(
        "SELECT count, t0, t1, longest, x0, x1, y0, y1, u0, u1 FROM collection WHERE id = ?", (id,)
    ).fetchone()
    return Extent(*row) if row[0] else None
