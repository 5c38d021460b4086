"""Finding scenes in PostgreSQL: its index gives candidates, the same exact tests decide.

PostgreSQL has statistics and chooses the way itself. What a scene must be to meet a place or a
filter is decided by the code that the embedded catalogue uses, so both find the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.kinds.filter import Literal, Operation, Property
from landzicht.records.bodies import unpack
from landzicht.records.find import COUNT_MOST
from landzicht.records.hit import Hit, exact
from landzicht.records.pgstac.connections import sendable
from landzicht.records.pgstac.ordering import (
    add_after,
    order_by,
    order_columns,
    sorted_place,
)
from landzicht.records.plan import Ask, ask
from landzicht.stac.cql2 import evaluate
from landzicht.stac.cql2.evaluate import TIMES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from asyncpg import Record

    from landzicht.kinds import Query
    from landzicht.kinds.filter import Expression
    from landzicht.records.footprint import Region
    from landzicht.records.pgstac.connections import Connection
    from landzicht.records.token import Place, SortedPlace

_FIRST_BATCH = 64
_BATCH = 1000
_COLUMNS = "s.rid, s.t, s.collection, s.id, s.cloud, s.x0, s.x1, s.y0, s.y1, s.outline"
_ORDER = "s.t DESC, s.collection, s.id"
_LARGE = 1e300
"""Above this a number of JSON may not fit in float64; such scenes are looked at one by one."""
_NOT_PLAIN = {"id", "collection", "geometry", "bbox", *TIMES}
_WIDTH = len(Hit._fields)
_COMPARE = {"=", "<", "<=", ">", ">="}


@dataclass(slots=True)
class Where:
    """Conditions and their values; a value never becomes part of the SQL."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, text: str, *values: object) -> None:
        """Add a condition in which `{}` stands for each value."""
        places = [f"${len(self.values) + n}" for n in range(1, len(values) + 1)]
        self.parts.append(text.format(*places))
        self.values += map(sendable, values)

    def bind(self, value: object) -> str:
        """Add a value and return what stands for it."""
        self.values.append(sendable(value))
        return f"${len(self.values)}"

    @property
    def text(self) -> str:
        """All conditions together."""
        return " AND ".join(self.parts) or "true"


async def asked_of(db: Connection, query: Query) -> Ask:
    """Translate a query; raises `BadQuery` for a geometry that cannot be read."""
    rows = await db.fetch("SELECT id, longest FROM landzicht.collection ORDER BY id")
    wanted = None if query.collections is None else set(query.collections)
    known = [row for row in rows if wanted is None or row["id"] in wanted]
    longest = max((row["longest"] for row in known), default=0)
    return ask(query, tuple(row["id"] for row in known), longest)


def where(asked: Ask, query: Query, after: Place | None = None) -> Where:
    """Return what a candidate must meet; a superset of the answer."""
    found = Where()
    found.add("s.collection = ANY({}::text[])", list(asked.collections))
    if asked.ids is not None:
        found.add("s.id = ANY({}::text[])", list(asked.ids))
    if query.span is not None:
        facts = asked.facts
        found.add("s.t <= {} AND s.t1 >= {} AND s.t >= {}", asked.end, asked.start, facts["first"])
    for region in asked.regions:
        _near(found, region)
    if query.filter is not None:
        _prefilter(found, query.filter)
    if after is not None:
        found.add(
            "s.t <= {} AND (s.t < {} OR (s.collection, s.id) > ({}, {}))",
            after.t,
            after.t,
            after.collection,
            after.id,
        )
    return found


def _near(found: Where, region: Region) -> None:
    """The box of a scene meets that of the place."""
    overlap = "box(point(s.x0, s.y0), point(s.x1, s.y1)) && box(point({}, {}), point({}, {}))"
    edges = [(w.x0, region.y0, w.x1, region.y1) for w in region.windows]
    texts = " OR ".join([overlap] * len(edges)) or "false"
    found.add(f"({texts})", *(edge for each in edges for edge in each))


def _prefilter(found: Where, condition: Expression) -> None:
    """Add those parts of a filter that PostgreSQL can test alike: a number or text compared."""
    if not isinstance(condition, Operation):
        return
    if condition.op == "and":
        for part in condition.args:
            _prefilter(found, part)
    elif condition.op in _COMPARE and len(condition.args) == 2:
        left, right = condition.args
        if isinstance(left, Property) and isinstance(right, Literal):
            _compare(found, left.name, condition.op, right.value)


def _compare(found: Where, name: str, op: str, value: str | float | bool) -> None:
    if isinstance(value, bool) or name in _NOT_PLAIN or "\0" in name:
        return
    if isinstance(value, int | float) and abs(value) < _LARGE:
        number = "(s.properties ->> {})::numeric"
        found.add(
            "CASE WHEN jsonb_typeof(s.properties -> {}) = 'number' THEN "
            f"CASE WHEN abs({number}) < {_LARGE} "
            f"THEN ({number})::float8 {op} {{}} ELSE true END END",
            name, name, name, float(value),
        )  # fmt: skip
    elif isinstance(value, str) and op == "=" and "\0" not in value:
        found.add("s.properties @> {}::jsonb", orjson.dumps({name: value}).decode())


async def hits(
    db: Connection, asked: Ask, query: Query, after: Place | None, dictionary: bytes
) -> AsyncIterator[Hit]:
    """Yield the scenes that meet a query, newest first, then by collection and id."""
    conditions = where(asked, query, after)
    columns = _columns(query)
    statement = f"SELECT {columns} FROM landzicht.scene s WHERE {conditions.text} "  # noqa: S608 - our own words; values are apart
    statement += f"ORDER BY {_ORDER}"
    async for row, hit in _rows(db, statement, conditions.values, query.limit):
        if _holds(asked, query, row, hit, dictionary):
            yield hit


async def sorted_hits(
    db: Connection, asked: Ask, query: Query, after: SortedPlace | None, dictionary: bytes
) -> AsyncIterator[tuple[Hit, SortedPlace]]:
    """Yield the scenes that meet a query in its own order, each with its place."""
    conditions = where(asked, query)
    columns, keys = _columns(query), order_columns(query.sort, conditions)
    inner = f"SELECT {columns}, {keys} FROM landzicht.scene s WHERE {conditions.text}"  # noqa: S608 - our own words; values are apart
    beyond = add_after(query.sort, after, conditions) if after else "true"
    order = order_by(query.sort)
    statement = f"SELECT * FROM ({inner}) x WHERE {beyond} ORDER BY {order}"  # noqa: S608
    async for row, hit in _rows(db, statement, conditions.values, query.limit):
        if _holds(asked, query, row, hit, dictionary):
            yield hit, sorted_place(row, query.sort)


def _columns(query: Query) -> str:
    return _COLUMNS + (", s.packed" if query.filter is not None else "")


async def _rows(
    db: Connection, statement: str, values: Sequence[Any], limit: int
) -> AsyncIterator[tuple[Record, Hit]]:
    cursor = await db.cursor(statement, *values)
    size = min(_BATCH, max(_FIRST_BATCH, limit + 1))
    while rows := await cursor.fetch(size):
        for row in rows:
            yield row, Hit(*list(row.values())[:_WIDTH])
        size = _BATCH


def _holds(asked: Ask, query: Query, row: Record, hit: Hit, dictionary: bytes) -> bool:
    """Return whether a candidate is really meant."""
    if not exact(asked, [hit]):
        return False
    if query.filter is None:
        return True
    item = orjson.loads(unpack(row["packed"], dictionary, hit.id))
    return evaluate(query.filter, item) is True


async def count_cheaply(db: Connection, asked: Ask, query: Query) -> int | None:
    """Return the number of matches when it costs little."""
    if asked.regions or query.filter is not None:
        return None
    if query.span is None and asked.ids is None:
        total = (
            "SELECT coalesce(sum(count), 0)::bigint FROM landzicht.collection WHERE id = ANY($1)"
        )
        return int(await db.fetchval(total, list(asked.collections)))
    conditions = where(asked, query)
    inner = f"SELECT 1 FROM landzicht.scene s WHERE {conditions.text} LIMIT {COUNT_MOST + 1}"  # noqa: S608
    count = await db.fetchval(f"SELECT count(*) FROM ({inner}) x", *conditions.values)  # noqa: S608
    return int(count) if count <= COUNT_MOST else None
