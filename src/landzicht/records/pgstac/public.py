"""Items and collections as other programs on the same database read them from pgSTAC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from landzicht.records.extent import to_moment
from landzicht.stac.foreign import with_links
from landzicht.stac.json import SCHEME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.records.pgstac.connections import Connection
    from landzicht.records.rows import Row

_COLUMNS = frozenset({"id", "geometry", "collection", "type"})
"""What pgSTAC keeps in columns of their own."""
_PARTITIONS = """
WITH period AS (
  SELECT unnest($2::timestamptz[]) AS first, unnest($3::timestamptz[]) AS last
), part AS (
  SELECT coalesce(date_trunc(c.partition_trunc, p.first, 'UTC'), '-infinity') AS d,
    tstzrange(min(p.first), max(p.first), '[]') AS firsts,
    tstzrange(min(p.last), max(p.last), '[]') AS lasts
  FROM period p, pgstac.collections c WHERE c.id = $1 GROUP BY 1 ORDER BY 1
)
SELECT pgstac.check_partition($1, firsts, lasts) FROM part
"""
_INSERT = """
INSERT INTO pgstac.items(id, geometry, collection, datetime, end_datetime, content)
SELECT id, ST_GeomFromGeoJSON(shape), $1, first, last, content::jsonb
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[])
  AS t(id, shape, first, last, content)
"""


def public_item(body: bytes, files: str) -> str:
    """Return a stored item as STAC JSON: assets point to their files.

    Args:
        body: a stored item.
        files: folder of the portal's files, put before the path of each asset.
    """
    return orjson.dumps(_public(body, files)).decode()


def _public(body: bytes, files: str) -> dict[str, Any]:
    item = with_links(orjson.loads(body))
    for asset in item.get("assets", {}).values():
        if str(asset.get("href", "")).startswith(SCHEME):
            asset["href"] = f"{files}/{asset.get('landzicht:file', '')}"
    return _plain(item) if rb"\u0000" in body else item


def public_collection(body: bytes) -> str:
    """Return a stored collection as STAC JSON for pgSTAC, open in place and time."""
    collection = with_links(orjson.loads(body))
    everywhere: dict[str, Any] = {
        "spatial": {"bbox": [[-180, -90, 180, 90]]},
        "temporal": {"interval": [[None, None]]},
    }
    collection["extent"] = collection.get("extent") or everywhere
    return orjson.dumps(_plain(collection) if rb"\u0000" in body else collection).decode()


def public_json(text: str) -> str:
    r"""Return JSON that PostgreSQL can keep: it has no `\u0000` in its texts."""
    if r"\u0000" not in text:
        return text
    return orjson.dumps(_plain(orjson.loads(text))).decode()


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    r"""Replace what PostgreSQL's texts cannot hold, the character 0."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_plain(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


async def publish(db: Connection, collection: str, rows: Sequence[Row], files: str) -> None:
    """Write scenes into pgSTAC's own tables, as its loader does.

    Its trigger on `items_staging` would do the same, but takes 14 ms a scene to leave out what
    the collection says already; here that takes 0.1 ms.
    """
    from pypgstac.hydration import dehydrate

    base = await db.fetchrow(
        "SELECT base_item_id, base_item FROM pgstac.current_base_item($1)", collection
    )
    assert base is not None
    tag = {} if base[0] is None else {"pgstac:base_item": base[0]}
    told = orjson.loads(base[1])
    starts = [to_moment(row.t) for row in rows]
    ends = [to_moment(row.t1) for row in rows]
    await db.execute(_PARTITIONS, collection, starts, ends)
    names = [row.id for row in rows]
    await db.execute(
        "DELETE FROM pgstac.items WHERE collection = $1 AND id = ANY($2::text[])", collection, names
    )
    shapes, contents = [], []
    for row in rows:
        item = _public(row.body, files)
        shapes.append(orjson.dumps(item["geometry"]).decode())
        slim = {name: v for name, v in dehydrate(told, item).items() if name not in _COLUMNS}
        contents.append(orjson.dumps(slim | tag).decode())
    await db.execute(_INSERT, collection, names, shapes, starts, ends, contents)
