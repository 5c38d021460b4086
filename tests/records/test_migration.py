"""Catalogues of earlier versions, with scenes in them, become catalogues of today."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from landzicht.errors.records import DamagedCatalogue
from landzicht.grid import Bounds
from landzicht.kinds import Query, Sort
from landzicht.records import SqliteCatalog, schema
from landzicht.stac import read_foreign, write_item
from landzicht.stac.cql2 import parse_text
from landzicht.testing.scenes import make_collection, make_scene

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2025, 1, 1, tzinfo=UTC)
SCENES = [
    make_scene(
        f"s{n}",
        "ab"[n % 2],
        moment=START + timedelta(hours=n),
        bounds=Bounds(n % 7, 50, n % 7 + 1, 51),
        properties={"platform": f"x{n % 3}"} | ({"eo:cloud_cover": n} if n % 4 else {}),
    )
    for n in range(60)
]
THEIRS = {**json.loads(write_item(SCENES[0])), "id": "theirs", "links": []}
QUERIES = [
    Query(limit=7),
    Query(limit=100, bounds=Bounds(3.2, 50.2, 3.3, 50.3)),
    Query(limit=100, filter=parse_text('"eo:cloud_cover" <= 6')),
    Query(limit=100, filter=parse_text("platform = 'x1' AND \"eo:cloud_cover\" > 20")),
    Query(limit=100, filter=parse_text("platform LIKE 'x%'"), sort=(Sort("platform"),)),
    Query(limit=100, ids=("s1", "s2", "theirs")),
]


def write_old(path: Path, form: int) -> None:
    """Write a file as a version of ours with this form did, with the scenes of a new one."""
    with SqliteCatalog(path.with_suffix(".new")) as catalog:
        catalog.put([make_collection("a"), make_collection("b")], SCENES)
        catalog.put([], [read_foreign(THEIRS)])
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    for step in schema.STEPS[:form]:
        step(db)
    db.execute("DELETE FROM meta")
    db.execute("ATTACH ? AS new", (str(path.with_suffix(".new")),))
    tables = ["meta", "collection", "scene", "body", "box", *(["fact"] if form > 1 else [])]
    for table in tables:
        db.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {form}")
    db.close()


def told(path: Path) -> list[object]:
    """Everything that a catalogue answers."""
    with SqliteCatalog(path) as catalog:
        pages = [catalog.search(query) for query in QUERIES]
        assert all(page.bodies for page in pages)
        facets = [catalog.facets(name) for name in "ab"]
        return [pages, facets, catalog.collections(), catalog.stored("a"), catalog.stored("b")]


@pytest.mark.parametrize("form", range(1, len(schema.STEPS)))
def test_an_old_catalogue_answers_as_a_new_one(tmp_path, form):
    old = tmp_path / "old.sqlite"
    write_old(old, form)
    assert told(old) == told(old.with_suffix(".new"))
    with SqliteCatalog(old) as catalog:  # and takes new scenes, found by what they hold
        catalog.put([], [make_scene("late", "a", properties={"eo:cloud_cover": 0.5})])
        (body,) = catalog.search(Query(filter=parse_text('"eo:cloud_cover" = 0.5'))).bodies
        assert b'"id":"late"' in body
        catalog.delete("a", "late")
    assert shape(old) == shape(old.with_suffix(".new"))


def test_a_damaged_body_stops_the_renewal_and_nothing_changes(tmp_path):
    """Better an error at opening than properties that are silently not found."""
    old = tmp_path / "old.sqlite"
    write_old(old, 1)
    with sqlite3.connect(old) as db:
        db.execute("UPDATE body SET packed = x'00' WHERE rid = 5")
    before = shape(old)
    with pytest.raises(DamagedCatalogue), SqliteCatalog(old) as catalog:
        catalog.collections()
    assert shape(old) == before


def shape(path: Path) -> list[tuple[object, ...]]:
    """Tables, indices and the number of the form."""
    with sqlite3.connect(path) as db:
        (form,) = db.execute("PRAGMA user_version")
        return [form, *db.execute("SELECT name, sql FROM sqlite_master ORDER BY name")]
