"""Tables of the embedded catalogue, and how an older file becomes a newer one.

A catalogue is built by the same steps that bring an old one up to date, so there is only one way
in. A step never changes once released; the next form is a new step at the end.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from typing import TYPE_CHECKING

from landzicht.errors.records import DamagedCatalogue, NewerCatalogue
from landzicht.records.bodies import DICTIONARY, unpack
from landzicht.records.rows import properties_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

APPLICATION_ID = 0x4C7A6367
"""`Lzcg`, so that `file` and we know whose database it is."""

_TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE collection(
  id TEXT PRIMARY KEY,
  body BLOB NOT NULL,         -- packed STAC collection without extent
  changed INTEGER NOT NULL,   -- value of the counter at the last change
  count INTEGER NOT NULL DEFAULT 0,
  t0 INTEGER, t1 INTEGER,     -- first start, last end; microseconds since 1970, UTC
  longest INTEGER NOT NULL DEFAULT 0,  -- longest period of one scene, microseconds
  x0 REAL, x1 REAL, y0 REAL, y1 REAL,  -- around all unrolled footprints
  u0 REAL, u1 REAL            -- west and east edges counted from 0 to 360 and on
) WITHOUT ROWID;
CREATE TABLE scene(
  rid INTEGER PRIMARY KEY,
  collection TEXT NOT NULL, id TEXT NOT NULL,
  t INTEGER NOT NULL, t1 INTEGER NOT NULL,
  x0 REAL NOT NULL, x1 REAL NOT NULL, y0 REAL NOT NULL, y1 REAL NOT NULL,
  cloud REAL, source TEXT NOT NULL,
  outline BLOB                -- WKB of the unrolled footprint; NULL = exactly the box
);
CREATE TABLE body(rid INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE UNIQUE INDEX scene_id ON scene(collection, id);
CREATE UNIQUE INDEX scene_source ON scene(source, collection);
CREATE INDEX scene_time ON scene(t DESC, collection, id, t1, x0, x1, y0, y1);
CREATE INDEX scene_collection ON scene(collection, t DESC, id, t1, x0, x1, y0, y1);
CREATE VIRTUAL TABLE box USING rtree(rid, x0, x1, y0, y1, d0, d1);  -- d: days since 1970
"""


def _create(db: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)
    facts = (("name", secrets.token_hex(4)), ("counter", 0), ("dictionary", DICTIONARY))
    db.executemany("INSERT INTO meta VALUES(?, ?)", facts)


def _add_facts(db: sqlite3.Connection) -> None:
    """Keep properties apart, so that a filter reads them without unpacking whole items."""
    db.execute("CREATE TABLE fact(rid INTEGER PRIMARY KEY, properties TEXT NOT NULL)")
    (dictionary,) = db.execute("SELECT value FROM meta WHERE name = 'dictionary'").fetchone()

    def properties(packed: bytes) -> str:
        return properties_text(unpack(packed, dictionary, "item"))

    db.create_function("properties_of", 1, properties, deterministic=True)
    db.execute("INSERT INTO fact SELECT rid, properties_of(packed) FROM body")
    db.create_function("properties_of", 1, None)
    for name, first in (
        ("scene_time", "t DESC, collection"),
        ("scene_collection", "collection, t DESC"),
    ):
        db.execute(f"DROP INDEX {name}")
        db.execute(f"CREATE INDEX {name} ON scene({first}, id, t1, x0, x1, y0, y1, cloud)")
    db.execute("CREATE INDEX scene_cloud ON scene(cloud, t DESC, collection, id)")


def _cover_clouds(db: sqlite3.Connection) -> None:
    """Let the index of clouds answer by itself where and when: few rows are then looked up."""
    db.execute("DROP INDEX scene_cloud")
    db.execute(
        "CREATE INDEX scene_cloud ON scene(cloud, x0, x1, y0, y1, t, t1) WHERE cloud IS NOT NULL"
    )


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_create, _add_facts, _cover_clouds)
"""Step n makes form n+1 out of form n; form 0 is an empty file."""


def prepare(db: sqlite3.Connection, path: Path, *, writable: bool = True) -> None:
    """Check that the open database is a catalogue of ours; make or renew it where needed.

    Two processes may do this at once: the second finds the work done.

    Raises:
        DamagedCatalogue: it is a database of something else.
        NewerCatalogue: it was made by a later version.
    """
    form = _form(db, path)
    if form == len(STEPS) or not writable:
        return
    if form == 0:
        _use_write_ahead_log(db)
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[_form(db, path) :]:
            step(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {len(STEPS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _form(db: sqlite3.Connection, path: Path) -> int:
    """Return the form of the file, as it is at one moment: another process may be making it."""
    alone = not db.in_transaction
    if alone:
        db.execute("BEGIN")
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    (form,) = db.execute("PRAGMA user_version").fetchone()
    if alone:
        db.execute("COMMIT")
    if owner != APPLICATION_ID and (owner or form or tables):
        raise DamagedCatalogue(path=path, reason="application_id")
    if form > len(STEPS):
        raise NewerCatalogue(path=path, found=form, known=len(STEPS))
    return int(form)


def _use_write_ahead_log(db: sqlite3.Connection) -> None:
    """Switch to WAL: readers and the writer do not wait for each other.

    SQLite does not wait for the lock that the switch needs, so we do, when another process makes
    the same new catalogue.
    """
    for patience in range(100):
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if patience == 99 or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.02)
        else:
            return
