"""What one transaction does: add, replace and remove collections and scenes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.errors.records import AlreadyThere, Changed, SameSource
from landzicht.records.bodies import pack, unpack
from landzicht.records.extent import Extent
from landzicht.records.plan import DAY
from landzicht.records.rows import scene_rows
from landzicht.stac import mark_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from landzicht.kinds import Item, Scene
    from landzicht.ports import Key
    from landzicht.records.rows import Row

_MARGIN_DAYS = 0.01
"""Keeps a box of the R*Tree from being flat in time, which would spoil how it groups scenes."""
_EXTENT = "count, t0, t1, longest, x0, x1, y0, y1, u0, u1"
_TABLES = ("scene", "body", "box", "fact")
_BY_NAME = (
    "SELECT s.rid, s.t, s.t1, s.x0, s.x1, s.y0, s.y1 FROM json_each(?) n CROSS JOIN scene s "
    "INDEXED BY scene_id ON s.collection = ? AND s.id = n.value"
)
_BY_SOURCE = (
    "SELECT s.source, s.id FROM json_each(?) n CROSS JOIN scene s "
    "INDEXED BY scene_source ON s.source = n.value AND s.collection = ?"
)


class Packed(NamedTuple):
    """A scene ready for the tables."""

    row: Row
    body: bytes

    @property
    def collection(self) -> str:
        """Id of the collection."""
        return self.row.collection

    @property
    def id(self) -> str:
        """Unique in its collection."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class Packer:
    """Makes scenes ready for one embedded catalogue; may travel to another process to do so."""

    dictionary: bytes
    """Of the catalogue."""

    def __call__(self, scenes: Sequence[Scene | Item]) -> list[Packed]:
        """Return what is stored of scenes; what only lies in the packed body is left out.

        Raises:
            BadRecord: a value that cannot be kept.
        """
        return [
            Packed(row._replace(body=b""), pack(row.body, self.dictionary))
            for row in scene_rows(scenes)
        ]


def pack_rows(rows: Iterable[Row], dictionary: bytes) -> list[Packed]:
    """Compress bodies; of scenes with one name the last is kept."""
    latest = {(row.collection, row.id): row for row in rows}
    return [Packed(row, pack(row.body, dictionary)) for row in latest.values()]


def last_of_each(scenes: Iterable[Packed]) -> list[Packed]:
    """Return scenes with each name once: the last of that name."""
    return list({(scene.row.collection, scene.row.id): scene for scene in scenes}.values())


def store(
    db: sqlite3.Connection, collections: Iterable[tuple[str, bytes]], scenes: Sequence[Packed]
) -> None:
    """Write everything, inside a transaction that the caller commits.

    Raises:
        UnknownCollection: a scene belongs to no collection.
        SameSource: another scene of the collection was made of the same source.
    """
    counter = _count_up(db)
    for name, packed in collections:
        db.execute(
            "INSERT INTO collection(id, body, changed) VALUES(?, ?, ?) "
            "ON CONFLICT(id) DO UPDATE SET body = excluded.body, changed = excluded.changed",
            (name, packed, counter),
        )
    parts: dict[str, list[Packed]] = {}
    for scene in scenes:
        parts.setdefault(scene.row.collection, []).append(scene)
    for name in parts:
        _touch(db, name, counter)
    gone = {name: _remove(db, name, [s.row.id for s in part]) for name, part in parts.items()}
    for name, part in parts.items():
        _refuse_twins(db, name, part)
    _insert(db, scenes)
    for name, part in parts.items():
        _update_extent(db, name, [scene.row.extent for scene in part], gone[name])


def remove_scene(db: sqlite3.Connection, collection: str, id: str) -> None:
    """Remove a scene, inside a transaction that the caller commits.

    Raises:
        UnknownScene: there is none with this id.
    """
    gone = _remove(db, collection, [id])
    if not gone:
        raise UnknownScene(collection=collection, scene=id)
    _touch(db, collection, _count_up(db))
    _update_extent(db, collection, [], gone)


def remove_collection(db: sqlite3.Connection, id: str) -> None:
    """Remove a collection and its scenes, inside a transaction that the caller commits.

    Raises:
        UnknownCollection: there is none with this id.
    """
    rids = "SELECT rid FROM scene WHERE collection = ?"
    for table in ("body", "box", "fact"):
        db.execute(f"DELETE FROM {table} WHERE rid IN ({rids})", (id,))  # noqa: S608 - our own names
    db.execute("DELETE FROM scene WHERE collection = ?", (id,))
    _count_up(db)
    if not db.execute("DELETE FROM collection WHERE id = ?", (id,)).rowcount:
        raise UnknownCollection(collection=id)


def check_expected(
    db: sqlite3.Connection, expect: Mapping[Key, str | None], dictionary: bytes
) -> None:
    """Compare what is there with what the caller believes.

    Raises:
        AlreadyThere: there must be none, and there is.
        Changed: the record has another mark, or is gone.
    """
    for (collection, scene), wanted in expect.items():
        name = collection if scene is None else f"{collection}/{scene}"
        found = read_mark(db, collection, scene, dictionary)
        if wanted is None and found is not None:
            raise AlreadyThere(record=name)
        if wanted is not None and found != wanted:
            raise Changed(record=name)


def read_mark(
    db: sqlite3.Connection, collection: str, id: str | None, dictionary: bytes
) -> str | None:
    """Return the mark of a stored record, or None when there is none."""
    if id is None:
        row = db.execute("SELECT body FROM collection WHERE id = ?", (collection,)).fetchone()
    else:
        row = db.execute(
            "SELECT packed FROM scene s CROSS JOIN body b ON b.rid = s.rid "
            "WHERE s.collection = ? AND s.id = ?",
            (collection, id),
        ).fetchone()
    return mark_of(unpack(row[0], dictionary, id or collection)) if row else None


def _count_up(db: sqlite3.Connection) -> int:
    counter = "UPDATE meta SET value = value + 1 WHERE name = 'counter' RETURNING value"
    return int(db.execute(counter).fetchone()[0])


def _touch(db: sqlite3.Connection, collection: str, counter: int) -> None:
    changed = "UPDATE collection SET changed = ? WHERE id = ?"
    if not db.execute(changed, (counter, collection)).rowcount:
        raise UnknownCollection(collection=collection)


def _remove(db: sqlite3.Connection, collection: str, ids: Sequence[str]) -> list[Extent]:
    """Delete scenes by name; return what each of those that were there spanned."""
    found = db.execute(_BY_NAME, (json.dumps(ids), collection)).fetchall()
    for table in _TABLES:
        each = [(row[0],) for row in found]
        db.executemany(f"DELETE FROM {table} WHERE rid = ?", each)  # noqa: S608 - our own names
    return [Extent.of_one(*row[1:]) for row in found]


def _refuse_twins(db: sqlite3.Connection, collection: str, scenes: Sequence[Packed]) -> None:
    """Refuse a second scene of one source, after those to be replaced were removed."""
    sources = json.dumps([scene.row.source for scene in scenes])
    known = dict(db.execute(_BY_SOURCE, (sources, collection)))
    for scene in scenes:
        row = scene.row
        first = known.setdefault(row.source, row.id)
        if first != row.id:
            raise SameSource(collection=collection, scene=row.id, known=first, source=row.source)


def _insert(db: sqlite3.Connection, scenes: Sequence[Packed]) -> None:
    (last,) = db.execute("SELECT coalesce(max(rid), 0) FROM scene").fetchone()
    rids = range(last + 1, last + 1 + len(scenes))
    numbered = list(zip(rids, scenes, strict=True))
    db.executemany(
        "INSERT INTO scene(rid, collection, id, t, t1, x0, x1, y0, y1, cloud, source, outline) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (rid, r.collection, r.id, r.t, r.t1, f.x0, f.x1, f.y0, f.y1, r.cloud, r.source, f.wkb)
            for rid, (r, _) in numbered
            for f in (r.footprint,)
        ),
    )
    db.executemany("INSERT INTO body VALUES(?, ?)", ((rid, s.body) for rid, s in numbered))
    db.executemany(
        "INSERT INTO fact VALUES(?, ?)", ((rid, s.row.properties) for rid, s in numbered)
    )
    db.executemany(
        "INSERT INTO box VALUES(?, ?, ?, ?, ?, ?, ?)",
        (
            (rid, f.x0, f.x1, f.y0, f.y1, r.t / DAY, r.t1 / DAY + _MARGIN_DAYS)
            for rid, (r, _) in numbered
            for f in (r.footprint,)
        ),
    )


def _update_extent(
    db: sqlite3.Connection, name: str, new: Sequence[Extent], gone: Sequence[Extent]
) -> None:
    """Widen the extent of a collection; look at all scenes only when an edge may have gone."""
    row = db.execute(f"SELECT {_EXTENT} FROM collection WHERE id = ?", (name,)).fetchone()  # noqa: S608
    extent = Extent(*row) if row[0] else None
    if gone:
        assert extent is not None
        left = extent.without(gone)
        extent = left if left is not None else Extent.of(db, name)
        new = new if left is not None else ()
    if new:
        extent = Extent.around([extent, *new] if extent else new)
    facts = extent or (0, None, None, 0, *[None] * 6)
    columns = ", ".join(f"{column.strip()} = ?" for column in _EXTENT.split(","))
    db.execute(f"UPDATE collection SET {columns} WHERE id = ?", tuple(chain(facts, (name,))))  # noqa: S608
