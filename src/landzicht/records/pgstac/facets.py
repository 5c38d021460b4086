"""What the properties of a collection hold, looked up by PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.kinds import Facet
from landzicht.kinds.facet import MOST_COUNTED, MOST_VALUES

if TYPE_CHECKING:
    from landzicht.records.pgstac.connections import Connection

_SAMPLE = 1000
"""Of a large collection only so many of the newest scenes are looked at."""
_KINDS = """
WITH chosen AS (
  SELECT properties FROM landzicht.scene WHERE collection = $1 ORDER BY t DESC, id LIMIT $2
)
SELECT j.key, jsonb_typeof(j.value) AS kind,
  min(CASE WHEN jsonb_typeof(j.value) = 'number' THEN (j.value #>> '{}')::numeric END) AS least,
  max(CASE WHEN jsonb_typeof(j.value) = 'number' THEN (j.value #>> '{}')::numeric END) AS most,
  (array_agg(DISTINCT j.value #>> '{}') FILTER (WHERE jsonb_typeof(j.value) = 'string'))[:$3]
    AS texts
FROM chosen c CROSS JOIN jsonb_each(c.properties) j
WHERE jsonb_typeof(j.value) <> 'null' GROUP BY 1, 2
"""


async def facets_of(db: Connection, collection: str, scenes: int) -> tuple[Facet, ...]:
    """Return the properties that the scenes of a collection have, by name.

    Args:
        db: connection.
        collection: id of the collection.
        scenes: how many it has.
    """
    is_whole = scenes <= MOST_COUNTED
    limit = MOST_COUNTED if is_whole else _SAMPLE
    told: dict[str, list[tuple[str, float | None, float | None, list[str] | None]]] = {}
    for row in await db.fetch(_KINDS, collection, limit, MOST_VALUES + 1):
        least, most = (None if row[n] is None else float(row[n]) for n in ("least", "most"))
        told.setdefault(row["key"], []).append((row["kind"], least, most, row["texts"]))
    found = []
    for name in sorted(told):
        kinds = tuple(sorted(kind for kind, *_ in told[name]))
        _, least, most, texts = told[name][0]
        facet = Facet(name=name, kinds=kinds)
        if is_whole and kinds == ("number",):
            facet = Facet(name=name, kinds=kinds, minimum=least, maximum=most)
        is_plain = '"' not in name and "\\" not in name
        if is_whole and kinds == ("string",) and is_plain and texts and len(texts) <= MOST_VALUES:
            facet = Facet(name=name, kinds=kinds, values=tuple(sorted(texts)))
        found.append(facet)
    return tuple(found)
