"""Tables in PostgreSQL: pgSTAC's own, and ours beside them.

pgSTAC's schema comes as SQL in the package `pypgstac` and is put in when the database has none.
What STAC does not know of (the exact bytes of an item, the identity of its source, the unrolled
footprint, what a collection spans) is kept in the schema `landzicht`. Both are written in one
transaction. As in the embedded catalogue, a step never changes once released.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from landzicht.errors.records import CatalogueServerFailed, DriverMissing, NewerCatalogue
from landzicht.records.bodies import DICTIONARY

if TYPE_CHECKING:
    from landzicht.records.pgstac.connections import Connection

_LOCK = 0x4C7A6367
"""`Lzcg`: two processes that start on an empty database wait for each other."""
_FIRST = """
CREATE SCHEMA landzicht;
CREATE TABLE landzicht.meta(
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  form integer NOT NULL, name text NOT NULL, counter bigint NOT NULL, dictionary bytea NOT NULL
);
CREATE TABLE landzicht.collection(
  id text COLLATE "C" PRIMARY KEY,
  body bytea NOT NULL,
  changed bigint NOT NULL,
  count bigint NOT NULL DEFAULT 0,
  t0 bigint, t1 bigint, longest bigint NOT NULL DEFAULT 0,
  x0 float8, x1 float8, y0 float8, y1 float8, u0 float8, u1 float8
);
CREATE TABLE landzicht.scene(
  rid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  collection text COLLATE "C" NOT NULL REFERENCES landzicht.collection(id),
  id text COLLATE "C" NOT NULL,
  t bigint NOT NULL, t1 bigint NOT NULL,
  x0 float8 NOT NULL, x1 float8 NOT NULL, y0 float8 NOT NULL, y1 float8 NOT NULL,
  cloud float8, source text COLLATE "C" NOT NULL,
  outline bytea, packed bytea NOT NULL, properties jsonb NOT NULL
);
ALTER TABLE landzicht.scene ALTER packed SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX scene_id ON landzicht.scene(collection, id);
CREATE UNIQUE INDEX scene_source ON landzicht.scene(source, collection);
CREATE INDEX scene_time ON landzicht.scene(t DESC, collection, id);
CREATE INDEX scene_collection ON landzicht.scene(collection, t DESC, id);
CREATE INDEX scene_box ON landzicht.scene USING gist (box(point(x0, y0), point(x1, y1)));
"""
_OLD = "pgSTAC < 0.10.0; run `pypgstac migrate`"
STEPS: tuple[str, ...] = (_FIRST,)
"""Step n makes form n+1 out of form n; form 0 is a database without our schema."""


async def prepare(db: Connection) -> None:
    """Make or renew the tables, in one transaction.

    Raises:
        NewerCatalogue: they were made by a later version.
        CatalogueServerFailed: PostGIS is missing, or the user may not make tables.
    """
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if await db.fetchval("SELECT to_regnamespace('pgstac') IS NULL"):
            await _install_pgstac(db)
        if await db.fetchval("SELECT to_regproc('pgstac.current_base_item') IS NULL"):
            raise CatalogueServerFailed(server="pgstac", reason=_OLD)
        form = 0
        if await db.fetchval("SELECT to_regclass('landzicht.meta') IS NOT NULL"):
            form = await db.fetchval("SELECT form FROM landzicht.meta")
        if form > len(STEPS):
            raise NewerCatalogue(path="landzicht.meta", found=form, known=len(STEPS))
        for step in STEPS[form:]:
            await db.execute(step)
        if form == 0:
            await db.execute(
                "INSERT INTO landzicht.meta(form, name, counter, dictionary) VALUES($1, $2, 0, $3)",
                len(STEPS),
                secrets.token_hex(4),
                DICTIONARY,
            )
        elif form < len(STEPS):
            await db.execute("UPDATE landzicht.meta SET form = $1", len(STEPS))


async def _install_pgstac(db: Connection) -> None:
    from asyncpg import PostgresError

    try:
        await db.execute(pgstac_sql())
    except PostgresError as error:
        reason = f"pgSTAC: {error}"
        raise CatalogueServerFailed(server="pgstac", reason=reason) from error
    await db.execute("RESET ROLE; SET search_path TO pgstac, public")  # the script leaves its own


def pgstac_sql() -> str:
    """Return the SQL that makes pgSTAC's schema, as its package ships it.

    Raises:
        DriverMissing: the package is not installed.
    """
    from importlib import metadata, resources

    try:
        version = metadata.version("pypgstac")
        folder = resources.files("pypgstac") / "migrations"
    except (metadata.PackageNotFoundError, ModuleNotFoundError) as error:
        raise DriverMissing from error
    return (folder / f"pgstac.{version}.sql").read_text(encoding="utf-8")
