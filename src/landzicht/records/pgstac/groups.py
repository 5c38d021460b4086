"""Counting scenes in groups by PostgreSQL, where no place and no filter is asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from landzicht.kinds import Bucket, Counted, format_instant
from landzicht.kinds.aggregation import cell_geohash
from landzicht.records.extent import to_moment
from landzicht.records.groups import buckets, period_of_day
from landzicht.records.pgstac.finding import where
from landzicht.records.plan import DAY

if TYPE_CHECKING:
    from landzicht.kinds import Aggregation, Query
    from landzicht.records.pgstac.connections import Connection
    from landzicht.records.plan import Ask

_CLOUD = (
    "CASE WHEN s.cloud IS NOT NULL THEN floor(least(greatest(s.cloud / 10, 0), 9))::int * 10 END"
)
_DAY = f"(s.t - ((s.t % {DAY}) + {DAY}) % {DAY}) / {DAY}"
"""Whole days, also before 1970: division cuts towards zero."""


def counts_itself(asked: Ask, query: Query) -> bool:
    """Return whether PostgreSQL can count: its conditions say all that is asked."""
    return not asked.regions and query.filter is None


async def count(db: Connection, asked: Ask, query: Query) -> int:
    """Return how many scenes meet a query for which `counts_itself` holds."""
    return int(sum((await _grouped(db, asked, query, "0")).values()))


async def group(
    db: Connection, asked: Ask, query: Query, wanted: Aggregation
) -> tuple[Bucket, ...]:
    """Count the scenes of a query for which `counts_itself` holds, in one way."""
    by = wanted.by
    if by in {Counted.FIRST, Counted.LAST}:
        return await _edge(db, asked, query, last=by is Counted.LAST)
    if by is Counted.TOTAL:
        return (Bucket("total", await count(db, asked, query)),)
    if by is Counted.COLLECTION:
        return buckets((await _grouped(db, asked, query, "s.collection")).items())
    if by is Counted.CLOUD:
        found = await _grouped(db, asked, query, _CLOUD)
        return buckets((str(key), n) for key, n in found.items() if key is not None)
    if by is Counted.TIME:
        found = await _grouped(db, asked, query, _DAY)
        return buckets((period_of_day(day, wanted.step), n) for day, n in found.items())
    rows = 2 ** (5 * wanted.precision // 2)
    found = await _grouped(db, asked, query, _cell(wanted.precision))
    return buckets(
        (cell_geohash(cell // rows, cell % rows, wanted.precision), n) for cell, n in found.items()
    )


def _cell(precision: int) -> str:
    """Return the number of the cell of a geohash that holds the middle of a scene's box."""
    bits = 5 * precision
    columns, rows = 2 ** math.ceil(bits / 2), 2 ** (bits // 2)
    middle = "((s.x0 + s.x1) / 2 + 180)"
    longitude = f"CASE WHEN {middle} >= 360 THEN {middle} - 360 ELSE {middle} END"
    column = f"least(floor(({longitude}) / 360 * {columns})::bigint, {columns - 1})"
    row = f"least(floor(((s.y0 + s.y1) / 2 + 90) / 180 * {rows})::bigint, {rows - 1})"
    return f"{column} * {rows} + {row}"


async def _edge(db: Connection, asked: Ask, query: Query, *, last: bool) -> tuple[Bucket, ...]:
    """Return the first or last moment, and how many scenes share it."""
    conditions = where(asked, query)
    pick = "max" if last else "min"
    text = conditions.text
    edge = f"SELECT {pick}(s.t) FROM landzicht.scene s WHERE {text}"  # noqa: S608 - our own words; values are apart
    statement = (
        f"SELECT s.t, count(*) FROM landzicht.scene s WHERE {text} AND s.t = ({edge}) GROUP BY s.t"  # noqa: S608 - as above
    )
    row = await db.fetchrow(statement, *conditions.values)
    return () if row is None else (Bucket(format_instant(to_moment(row[0])), row[1]),)


async def _grouped(db: Connection, asked: Ask, query: Query, column: str) -> dict[Any, int]:
    conditions = where(asked, query)
    text = conditions.text
    statement = (
        f"SELECT {column} AS k, count(*) AS n FROM landzicht.scene s WHERE {text} GROUP BY 1"  # noqa: S608 - our own words; values are apart
    )
    return {row["k"]: row["n"] for row in await db.fetch(statement, *conditions.values)}
