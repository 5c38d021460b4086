"""Counting scenes, in groups, and looking at what their properties hold."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from landzicht.kinds import Bucket, Counted, Entry, Facet, Step, format_instant
from landzicht.kinds.aggregation import cell_geohash, count_entries, natural, period_start
from landzicht.kinds.facet import MOST_COUNTED, MOST_VALUES
from landzicht.records.extent import EPOCH, to_moment
from landzicht.records.find import best, every, prepare
from landzicht.records.plan import DAY, Ask, Way
from landzicht.records.searching import entry_of
from landzicht.records.statements import candidates

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from landzicht.kinds import Aggregation, Query

_SAMPLE = 1000
"""Of a large collection only so many of the newest scenes are looked at."""
_TYPES = {
    "integer": "number",
    "real": "number",
    "text": "string",
    "true": "boolean",
    "false": "boolean",
}
_KINDS = (
    "WITH chosen AS (SELECT s.rid FROM scene s INDEXED BY scene_collection "
    "WHERE s.collection = ? ORDER BY s.t DESC, s.id LIMIT ?) "
    "SELECT j.key, j.type, min(j.value), max(j.value) "
    "FROM chosen c CROSS JOIN fact f ON f.rid = c.rid CROSS JOIN json_each(f.properties) j "
    "WHERE j.type <> 'null' GROUP BY j.key, j.type"
)
_VALUES = (
    "SELECT DISTINCT json_extract(f.properties, :path) FROM scene s INDEXED BY scene_collection "
    "CROSS JOIN fact f ON f.rid = s.rid WHERE s.collection = :collection "
    "AND json_type(f.properties, :path) = 'text' LIMIT :most"
)


def count(db: sqlite3.Connection, query: Query) -> int:
    """Return how many scenes match, inside a transaction that the caller holds.

    Raises:
        BadQuery: the geometry cannot be read.
    """
    asked, known = prepare(db, query)
    if not known:
        return 0
    way = best(db, asked, known, 2**31).way
    if asked.regions:
        return sum(1 for _ in every(db, asked, way))
    text, facts = candidates(asked, way, "1")
    return int(db.execute(f"SELECT count(*) FROM ({text})", facts).fetchone()[0])  # noqa: S608 - our own text


def aggregate(
    db: sqlite3.Connection, query: Query, wanted: Sequence[Aggregation]
) -> list[tuple[Bucket, ...]]:
    """Count matching scenes in groups, inside a transaction that the caller holds.

    Without a place SQLite counts; with one each scene is tested here, and counted here.

    Raises:
        BadQuery: the geometry cannot be read.
    """
    asked, known = prepare(db, query)
    if not known:
        return [count_entries((), each) for each in wanted]
    way = best(db, asked, known, 2**31).way
    if asked.regions:
        entries = [entry_of(hit) for hit in every(db, asked, way)]
        return [count_entries(entries, each) for each in wanted]
    return [_group(db, asked, way, each) for each in wanted]


def _group(db: sqlite3.Connection, asked: Ask, way: Way, wanted: Aggregation) -> tuple[Bucket, ...]:
    by = wanted.by
    if by in {Counted.FIRST, Counted.LAST}:
        rows = _grouped(db, asked, way, "s.t")
        moment = (min if by is Counted.FIRST else max)(rows, default=None)
        return () if moment is None else (Bucket(format_instant(to_moment(moment)), rows[moment]),)
    if by is Counted.TOTAL:
        return (Bucket("total", sum(_grouped(db, asked, way, "0").values())),)
    if by is Counted.COLLECTION:
        return buckets(_grouped(db, asked, way, "s.collection").items())
    if by is Counted.CLOUD:
        column = "CAST(min(max(s.cloud / 10.0, 0.0), 9.0) AS INTEGER) * 10"
        found = _grouped(db, asked, way, column)
        return buckets((str(key), n) for key, n in found.items() if key is not None)
    if by is Counted.TIME:
        # Whole days, also before 1970: division of SQLite cuts towards zero.
        column = f"(s.t - ((s.t % {DAY}) + {DAY}) % {DAY}) / {DAY}"
        days = _grouped(db, asked, way, column)
        return buckets((period_of_day(day, wanted.step), n) for day, n in days.items())
    return buckets(_cells(db, asked, way, wanted.precision))


def _cells(
    db: sqlite3.Connection, asked: Ask, way: Way, precision: int
) -> Iterable[tuple[str, int]]:
    bits = 5 * precision
    columns, rows = 2 ** math.ceil(bits / 2), 2 ** (bits // 2)
    middle = "((s.x0 + s.x1) / 2 + 180.0)"
    longitude = f"iif({middle} >= 360.0, {middle} - 360.0, {middle})"
    column = f"min(CAST({longitude} / 360.0 * {columns} AS INTEGER), {columns - 1})"
    latitude = "((s.y0 + s.y1) / 2 + 90.0)"
    row = f"min(CAST({latitude} / 180.0 * {rows} AS INTEGER), {rows - 1})"
    for cell, n in _grouped(db, asked, way, f"{column} * {rows} + {row}").items():
        yield cell_geohash(cell // rows, cell % rows, precision), n


def _grouped(db: sqlite3.Connection, asked: Ask, way: Way, column: str) -> dict[Any, int]:
    text, facts = candidates(asked, way, f"{column} AS k")
    return dict(db.execute(f"SELECT k, count(*) FROM ({text}) GROUP BY k", facts).fetchall())  # noqa: S608 - our own text


def buckets(counted: Iterable[tuple[str, int]]) -> tuple[Bucket, ...]:
    """Return counts by key, those with one key together, in the order of answers."""
    total: Counter[str] = Counter()
    for key, n in counted:
        total[key] += n
    return tuple(Bucket(key, total[key]) for key in sorted(total, key=natural))


def period_of_day(day: int, step: Step) -> str:
    """Return the first day of the period of a day that is counted from 1970."""
    moment = EPOCH + timedelta(days=day)
    return period_start(Entry(collection="", id="", moment=moment, cloud=None), step)


def facets(db: sqlite3.Connection, collection: str) -> tuple[Facet, ...] | None:
    """Return the properties that the scenes of a collection have; None = no such collection."""
    row = db.execute("SELECT count FROM collection WHERE id = ?", (collection,)).fetchone()
    if row is None:
        return None
    is_whole = row[0] <= MOST_COUNTED
    told: dict[str, list[Any]] = {}
    for name, kind, least, most in db.execute(
        _KINDS, (collection, MOST_COUNTED if is_whole else _SAMPLE)
    ):
        told.setdefault(name, []).append((_TYPES.get(kind, kind), least, most))
    found = []
    for name in sorted(told):
        kinds = tuple(sorted({kind for kind, _, _ in told[name]}))
        facet = Facet(name=name, kinds=kinds)
        if is_whole and kinds == ("number",):
            facet = Facet(
                name=name,
                kinds=kinds,
                minimum=min(low for _, low, _ in told[name]),
                maximum=max(high for _, _, high in told[name]),
            )
        if is_whole and kinds == ("string",) and '"' not in name and "\\" not in name:
            facet = Facet(name=name, kinds=kinds, values=_texts(db, collection, name))
        found.append(facet)
    return tuple(found)


def _texts(db: sqlite3.Connection, collection: str, name: str) -> tuple[str, ...] | None:
    facts = {"path": f'$."{name}"', "collection": collection, "most": MOST_VALUES + 1}
    values = [value for (value,) in db.execute(_VALUES, facts)]
    return tuple(sorted(values)) if len(values) <= MOST_VALUES else None
