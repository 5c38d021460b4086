"""The child's side of `read_vectors`: `python -m landzicht.formats.vectors.child`, JSON on stdin.

GDAL's vector half runs here, with nothing registered but the drivers that we allow, a limit on
memory and no way out to the network; whatever happens to it, the portal goes on.
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
MEMORY = 6 * 2**30
"""Address space in bytes."""
_MOST_COLUMNS = 50


def main() -> None:
    """Read what stdin asks for, write an Arrow file, tell on stdout what it is."""
    asked = json.load(sys.stdin)
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
    layer = asked["layer"] or layers[0]
    with pyogrio.raw.open_arrow(asked["path"], layer=layer, use_pyarrow=True) as (meta, reader):
        geometry = meta["geometry_name"] or "wkb_geometry"
        rows = _write(asked, reader.schema, reader, geometry)
    return {"crs": meta["crs"], "layers": layers, "layer": layer, **rows}


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
            columns += [batch.column(name) for name in plain]
            writer.write_batch(pa.record_batch(columns, schema=out))
    return {"rows": rows, "columns": plain}


if __name__ == "__main__":
    list_drivers() if sys.argv[1:] == ["drivers"] else main()
