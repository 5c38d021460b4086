"""STAC items as GeoParquet (stac-geoparquet 1.1), for exchange with everybody else's tools.

Properties are columns beside `id`, `geometry` (WKB), `bbox` and `assets`; moments are timestamps;
the collections stand in the metadata. Two passes over the items, in a bounded memory: the first
learns the columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.geometry import mapping, shape

from landzicht.errors.records import BadExchange
from landzicht.kinds import format_instant
from landzicht.records.columns import JSON, NOTHING, TEXT, Column, plain_json
from landzicht.stac.checking import read_moment
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

VERSION = "1.1.0"
_KEY = b"stac-geoparquet"
_OURS = b"landzicht"
_ODD = "landzicht:properties"
"""Column for properties with a name that the format uses itself, as JSON."""
_GROUP = 4000
"""Items in a row group."""
_TIMES = (
    "datetime",
    "start_datetime",
    "end_datetime",
    "created",
    "updated",
    "expires",
    "published",
)
_EDGES = ("xmin", "ymin", "xmax", "ymax")
_MOMENT = pa.timestamp("us", tz="UTC")
_LINKS = pa.list_(pa.struct([("href", pa.string()), ("rel", pa.string())]))
"""When no item has any."""
_OUTSIDE = frozenset(
    {"type", "stac_version", "stac_extensions", "id", "geometry", "bbox", "links", "assets"}
    | {"collection"}
)
"""Fields of an item that are no properties."""
_NOT_OURS = Text(nl="het is geen stac-geoparquet-bestand", en="it is not a stac-geoparquet file")


def write_geoparquet(
    path: Path, items: Callable[[], Iterable[dict[str, Any]]], collections: list[dict[str, Any]]
) -> int:
    """Write items to a file; return how many.

    Args:
        path: the file, written whole or not at all by whoever renames it.
        items: gives the items anew at each call; `properties` may not use a name of `_OUTSIDE`.
        collections: STAC collections, for the metadata.
    """
    columns = _Columns()
    for item in items():
        columns.learn(item)
    schema = _schema(columns, collections)
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for group in _groups(items()):
            rows = [_row(item, columns) for item in group]
            file.write_table(pa.Table.from_pylist(rows, schema=schema), row_group_size=_GROUP)
            written += len(rows)
    return written


def read_geoparquet(path: Path) -> tuple[list[dict[str, Any]], Iterator[dict[str, Any]]]:
    """Return the collections of a file and its items, one by one.

    Raises:
        BadExchange: it is not a file of this kind, or damaged.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise BadExchange(path=path, reason=str(error)[:200]) from error
    names = set(file.schema_arrow.names)
    if not {"id", "geometry"} <= names:
        raise BadExchange(path=path, reason=_NOT_OURS)
    about = file.schema_arrow.metadata or {}
    try:
        told = orjson.loads(about.get(_KEY, b"{}"))
        ours = orjson.loads(about.get(_OURS, b"{}"))
        hints = _Hints(ours.get("json", []), frozenset(ours.get("top", [])))
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise BadExchange(path=path, reason=_NOT_OURS) from error
    known = told.get("collections") or {}
    listed = [told["collection"]] if "collection" in told else list(known.values())
    return listed, _items(path, file, hints)


@dataclass(slots=True)
class _Columns:
    """What was learnt from all items."""

    assets: Column = field(default_factory=Column)
    links: Column = field(default_factory=Column)
    found: dict[str, Column] = field(default_factory=dict)
    """Of properties, and of fields of the item that the format does not know."""
    top: set[str] = field(default_factory=set)
    """The latter, by name."""

    def learn(self, item: Mapping[str, Any]) -> None:
        """Widen the columns so that an item fits."""
        self.assets.see(item["assets"] or None)
        self.links.see(item.get("links") or None)
        for name, value in _loose(item):
            self.found.setdefault(name, Column()).see(value)
            if name in _TIMES and value is not None and read_moment(value) is None:
                self.found[name].kind = JSON
        self.top |= item.keys() - _OUTSIDE - {"properties"}

    @property
    def all(self) -> dict[str, Column]:
        """Every column that depends on the items."""
        return {"assets": self.assets, **self.found}


def _loose(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield fields for columns of their own; properties whose name is taken go into one column."""
    odd = {}
    for name, value in item["properties"].items():
        if name in _OUTSIDE or name in item or name == _ODD:
            odd[name] = value
        else:
            yield name, value
    if odd:
        yield _ODD, orjson.dumps(odd).decode()
    for name, value in item.items():
        if name not in _OUTSIDE and name not in {"properties", _ODD}:
            yield name, value


def _schema(learnt: _Columns, collections: list[dict[str, Any]]) -> pa.Schema:
    fields = [
        pa.field("type", pa.string()),
        pa.field("stac_version", pa.string()),
        pa.field("stac_extensions", pa.list_(pa.string())),
        pa.field("id", pa.string(), nullable=False),
        pa.field("geometry", pa.binary()),
        pa.field("bbox", pa.struct([(edge, pa.float64()) for edge in _EDGES])),
        pa.field("links", _LINKS if learnt.links.kind == NOTHING else learnt.links.type()),
        pa.field("collection", pa.string()),
    ]
    columns = learnt.all
    fields += [pa.field(name, _type(name, column)) for name, column in columns.items()]
    covering = {"bbox": {edge: ["bbox", edge] for edge in _EDGES}}
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "covering": covering}},
    }
    stac = {"version": VERSION, "collections": {each["id"]: each for each in collections}}
    named = {"links": learnt.links, **columns}
    texts = [path for name, each in named.items() for path in each.as_json((name,))]
    metadata = {b"geo": geo, _KEY: stac, _OURS: {"json": texts, "top": sorted(learnt.top)}}
    return pa.schema(fields, {name: orjson.dumps(value) for name, value in metadata.items()})


def _type(name: str, column: Column) -> pa.DataType:
    return _MOMENT if name in _TIMES and column.kind in {TEXT, NOTHING} else column.type()


def _row(item: Mapping[str, Any], learnt: _Columns) -> dict[str, Any]:
    box = item["bbox"]
    row: dict[str, Any] = {
        "type": "Feature",
        "stac_version": item["stac_version"],
        "stac_extensions": item["stac_extensions"],
        "id": item["id"],
        "geometry": shapely.to_wkb(shape(item["geometry"])),
        "bbox": dict(zip(_EDGES, map(float, box), strict=True)),
        "links": learnt.links.give(item.get("links") or None) or [],
        "collection": item["collection"],
        "assets": learnt.assets.give(item["assets"] or None),
    }
    for name, value in _loose(item):
        column = learnt.found[name]
        is_moment = name in _TIMES and column.kind in {TEXT, NOTHING}
        row[name] = read_moment(value) if is_moment else column.give(value)
    return row


def _groups(items: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(items)
    while group := list(islice(rest, _GROUP)):
        yield group


class _Hints(NamedTuple):
    """What a file of ours says of its columns; one of somebody else says nothing."""

    texts: list[list[str]]
    """Where JSON text stands."""
    top: frozenset[str]
    """Columns that are no properties."""


def _items(path: Path, file: pq.ParquetFile, hints: _Hints) -> Iterator[dict[str, Any]]:
    try:
        for batch in file.iter_batches(batch_size=1000):
            for row in batch.to_pylist():
                yield _item(row, hints)
    except (pa.ArrowException, OSError, orjson.JSONDecodeError) as error:
        raise BadExchange(path=path, reason=str(error)[:200]) from error
    finally:
        file.close()


def _item(row: dict[str, Any], hints: _Hints) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "Feature", "assets": {}}
    properties: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            continue
        told = plain_json(value, [path[1:] for path in hints.texts if path[:1] == [name]])
        if name == "geometry":
            item[name] = _geojson(value)
        elif name == "bbox" and isinstance(value, dict):
            item[name] = [value.get(edge) for edge in _EDGES]
        elif name in _OUTSIDE or name in hints.top:
            item[name] = told
        elif name == _ODD:
            properties |= orjson.loads(value)
        else:
            moment = getattr(value, "isoformat", None)
            properties[name] = format_instant(value) if moment and name in _TIMES else told
    if "datetime" not in properties:
        properties["datetime"] = None
    item["properties"] = properties
    return item


def _geojson(wkb: bytes) -> dict[str, Any]:
    try:
        told: dict[str, Any] = orjson.loads(orjson.dumps(mapping(shapely.from_wkb(wkb))))
    except (shapely.errors.ShapelyError, TypeError, ValueError):
        return {}
    return told
