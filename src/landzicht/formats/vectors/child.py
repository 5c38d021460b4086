"""The child's side of `read_vectors`: run as a file, with JSON on stdin.

GDAL's vector half runs here, with nothing registered but the drivers that we allow, a limit on
memory and no way out to the network; whatever happens to it, the portal goes on. It imports
nothing of Landzicht, which would take longer than reading does.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

DRIVERS = frozenset({"GPKG", "FlatGeobuf", "ESRI Shapefile", "KML", "LIBKML", "GML", "GeoJSON"})
"""GDAL drivers that may open what a user sends."""
LIMITS = {
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_SAVE_RESOLVED_TO": "NO",
    "LIBKML_RESOLVE_STYLE": "NO",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_DRIVER_PATH": "disable",
    "OGR_DRIVER_PATH": "disable",
    "GDAL_PAM_ENABLED": "NO",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
    "GDAL_NUM_THREADS": "1",
}
ID = "id"
"""Column, or member of a GeoJSON feature, with what people call it in programs."""
CURVED = "curved"
"""What is told when there are shapes with arcs, which shapely does not know."""
MEMORY = 6 * 2**30
"""Address space in bytes."""
_NOT_NEEDED = ("geopandas", "pandas", "shapely")
"""Pyogrio loads them where they are; they take longer than reading does."""
_MOST_COLUMNS = 50
_SHAPES = "wkb_geometry"
_ARCS = range(8, 15)
"""Kinds of WKB (OGC 06-103r4, 8.2.3), of which a thousand more and more have heights."""


def main() -> None:
    """Read what stdin asks for, write an Arrow file, tell on stdout what it is."""
    asked = json.load(sys.stdin)
    hidden: dict[str, Any] = dict.fromkeys(_NOT_NEEDED)
    sys.modules.update(hidden)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (asked["room"], asked["room"]))
    try:
        told = _read(asked)
    except MemoryError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - whatever a foreign file does, it is told
        told = {"error": f"{type(error).__name__}: {error}"[:300]}
    sys.stdout.write(json.dumps(told))


def list_drivers() -> None:
    """Print the names of all drivers of this GDAL."""
    import pyogrio

    sys.stdout.write("\n".join(pyogrio.list_drivers()))


def _read(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["kind"] == "parquet":
        return _parquet(asked)
    import pyogrio

    open_drivers = set(pyogrio.list_drivers())
    if not open_drivers <= DRIVERS:
        return {"error": "limits"}
    layers = [str(name) for name, kind in pyogrio.list_layers(asked["path"]) if kind is not None]
    if not layers:
        return {"error": "nothing"}
    if asked["layer"] is not None and asked["layer"] not in layers:
        return {"error": "layer", "layers": layers}
    if asked["kind"] == "kml" and asked["layer"] is None and len(layers) > 1:
        return {"crs": None, "layers": layers, "layer": None, **_folders(asked, layers)}
    layer = asked["layer"] or layers[0]
    with pyogrio.raw.open_arrow(asked["path"], layer=layer, use_pyarrow=True) as (meta, reader):
        geometry = meta["geometry_name"] or _SHAPES
        rows = _write(asked, reader.schema, reader, geometry)
    if rows.get("error") == CURVED:
        rows = _straight(asked, layer)
    told = {"crs": meta["crs"], "layers": layers, "layer": layer, **rows}
    if asked["kind"] == "geojson" and ID not in rows.get("columns", [ID]):
        told["ids"] = _feature_ids(Path(asked["path"]), rows["rows"])
    return told


def _folders(asked: dict[str, Any], layers: list[str]) -> dict[str, Any]:
    """Read the folders of KML as one: people sort places in them, and mean them all."""
    import pyarrow as pa
    import pyogrio

    tables = []
    for layer in layers:
        with pyogrio.raw.open_arrow(asked["path"], layer=layer, use_pyarrow=True) as (told, reader):
            named = {told["geometry_name"]: _SHAPES}
            table = reader.read_all()
            tables.append(table.rename_columns([named.get(n, n) for n in table.column_names]))
    whole = pa.concat_tables(tables, promote_options="permissive")
    return _write(asked, whole.schema, iter(whole.to_batches(max_chunksize=20_000)), _SHAPES)


def _straight(asked: dict[str, Any], layer: str) -> dict[str, Any]:
    """Read a layer with arcs once more, slower: as lines of many corners, which GDAL makes."""
    import pyarrow as pa
    import pyogrio

    _unhide()
    meta, _, shapes, values = pyogrio.raw.read(
        asked["path"], layer=layer, max_features=asked["most"] + 1
    )
    named = zip(meta["fields"], values, strict=True)
    columns = {str(name): pa.array(each, from_pandas=True) for name, each in named}
    table = pa.table({**columns, _SHAPES: pa.array(shapes, pa.binary())})
    return _write(asked, table.schema, iter(table.to_batches(max_chunksize=20_000)), _SHAPES)


def _unhide() -> None:
    """Show modules that were hidden: pyarrow asks which version they are before it makes arrays."""
    for name in _NOT_NEEDED:
        sys.modules.pop(name, None)


def _has_arcs(shapes: pa.Array) -> bool:
    """Whether there is a shape with arcs among WKB: its kind is in the bytes after the first."""
    import pyarrow.compute as pc

    kinds = pc.unique(pc.binary_slice(shapes, 1, 3)).to_pylist()
    return any(int.from_bytes(kind, "little") % 1_000 in _ARCS for kind in kinds if kind)


def _feature_ids(path: Path, rows: int) -> list[str | None] | None:
    """Return the ids of GeoJSON features; None = they have none.

    GDAL takes whole numbers for its own numbers of rows, which Arrow does not tell.
    """
    body = path.read_bytes()
    if b'"id"' not in body:
        return None
    try:
        told = json.loads(body, object_hook=_without_shape)
    except ValueError:  # GDAL reads more than is JSON
        return None
    features = told.get("features", [told])
    ids = [each.get(ID) if isinstance(each, dict) else None for each in features]
    if len(ids) != rows or all(each is None for each in ids):
        return None
    return [str(each) if isinstance(each, str | int | float) else None for each in ids]


def _without_shape(told: dict[str, Any]) -> dict[str, Any]:
    """Drop coordinates as soon as they were read: they take twenty times the room of the text."""
    told.pop("coordinates", None)
    return told


def _parquet(asked: dict[str, Any]) -> dict[str, Any]:
    """Read GeoParquet 1.x with WKB geometry."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(asked["path"]) as file:
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        name = geo.get("primary_column")
        column = geo.get("columns", {}).get(name, {})
        if column.get("encoding") != "WKB" or name not in file.schema_arrow.names:
            return {"error": "nothing"}
        batches = file.iter_batches(batch_size=20_000)
        rows = _write(asked, file.schema_arrow, batches, name)
    crs = column.get("crs", "OGC:CRS84")  # GeoParquet 1.1: absent means CRS84, null unknown
    told = json.dumps(crs) if isinstance(crs, dict) else crs
    return {"crs": told, "layers": [Path(asked["path"]).stem], "layer": None, **rows}


def _write(
    asked: dict[str, Any], schema: pa.Schema, batches: Iterator[pa.RecordBatch], geometry: str
) -> dict[str, Any]:
    """Copy geometry and plain columns into an Arrow file."""
    import pyarrow as pa

    plain = [
        field.name
        for field in schema
        if field.name != geometry and not pa.types.is_nested(field.type)
    ][:_MOST_COLUMNS]
    if asked["name"] is not None and asked["name"] not in plain:
        return {"error": "column", "columns": plain}
    rows = 0
    out = pa.schema(
        [
            pa.field("geometry", pa.binary()),
            *(pa.field(name, schema.field(name).type) for name in plain),
        ]
    )
    with pa.ipc.new_file(asked["out"], out) as writer:
        for batch in batches:
            rows += batch.num_rows
            if rows > asked["most"]:
                return {"error": "rows", "rows": rows}
            columns = [batch.column(geometry).cast(pa.binary())]
            if _has_arcs(columns[0]):
                return {"error": CURVED}
            columns += [_as_text(batch.column(name)) for name in plain]
            writer.write_batch(pa.record_batch(columns, schema=out))
    return {"rows": rows, "columns": plain}


def _as_text(column: pa.Array) -> pa.Array:
    """Return a column whose text is UTF-8.

    Of a shapefile without a code page nobody knows what its letters are, and GDAL hands out its
    bytes as they are.
    """
    import pyarrow as pa

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        _unhide()
        raw = column.cast(pa.large_binary()).to_pylist()
        return pa.array([None if each is None else _decoded(each) for each in raw], column.type)
    return column


def _decoded(raw: bytes) -> str:
    """Return text that is UTF-8, perhaps cut off amid a letter, or else what Windows writes."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return raw[: error.start].decode()
        return raw.decode("cp1252", "replace")


if __name__ == "__main__":
    list_drivers() if sys.argv[1:] == ["drivers"] else main()
