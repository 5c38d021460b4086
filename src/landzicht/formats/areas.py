"""Areas as GeoParquet 1.1 files of our own: near ones together, so that a few are found quickly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

GROUP = 5_000
"""Rows in a row group: what is read for one place."""
OWN = ("id", "name", "geometry", "bbox")
"""Columns that are always there; others of these names are left out."""
_EDGES = ("xmin", "ymin", "xmax", "ymax")
_BITS = 16


def write_areas(
    path: Path, own: dict[str, Any], boxes: NDArray[np.float64], others: pa.Table, crs: str
) -> None:
    """Write areas.

    Args:
        path: of the file; replaced as a whole.
        own: `id`, `name` and `geometry` (WKB), each `(area,)`.
        boxes: `(area, 4)`, west, south, east, north in `crs`.
        others: further columns `(area,)`.
        crs: system of the coordinates, x first.

    Raises:
        OSError: the disk is full or read-only.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyproj import CRS

    order = pa.array(_near_together(boxes))
    columns = {
        "id": pa.array(own["id"], pa.string()),
        "name": pa.array(own["name"], pa.string()),
        "geometry": pa.array(own["geometry"], pa.binary()),
        "bbox": pa.StructArray.from_arrays(
            [pa.array(boxes[:, number]) for number in range(4)], names=list(_EDGES)
        ),
    }
    for name in others.column_names:
        if name.lower() not in OWN:
            columns[name] = others[name].combine_chunks()
    covering = {"bbox": {edge: ["bbox", edge] for edge in _EDGES}}
    geometry: dict[str, Any] = {"encoding": "WKB", "geometry_types": [], "covering": covering}
    if crs != "EPSG:4326":  # the default of GeoParquet is longitude, latitude
        geometry["crs"] = CRS.from_user_input(crs).to_json_dict()
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": geometry}}
    table = pa.table(columns).take(order)
    table = table.replace_schema_metadata({"geo": orjson.dumps(geo).decode()})
    part = path.with_suffix(".part")
    try:
        pq.write_table(table, part, row_group_size=GROUP, compression="zstd")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_areas(path: Path, columns: tuple[str, ...] | None = None) -> pa.Table:
    """Return all areas of a file, with these columns; None = all.

    Raises:
        OSError: the file is gone or damaged.
    """
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=list(columns) if columns else None, memory_map=True)


def find_areas(
    path: Path, box: tuple[float, float, float, float] | None, name: str | None, most: int
) -> pa.Table:
    """Return the first areas whose box meets a box, and that are called so.

    Args:
        path: of the file.
        box: west, south, east, north in its system; None = everywhere.
        name: part of the name or id, in any case; None = all.
        most: most areas.

    Raises:
        OSError: the file is gone or damaged.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    found: Any = None
    if box is not None:
        west, south, east, north = (pa.scalar(float(edge)) for edge in box)
        found = (
            (pc.field("bbox", "xmin") <= east)
            & (pc.field("bbox", "xmax") >= west)
            & (pc.field("bbox", "ymin") <= north)
            & (pc.field("bbox", "ymax") >= south)
        )
    if name is not None:
        named = pc.match_substring(pc.field("id"), name, ignore_case=True)
        named |= pc.coalesce(
            pc.match_substring(pc.field("name"), name, ignore_case=True), pa.scalar(value=False)
        )
        found = named if found is None else found & named
    return ds.dataset(path, format="parquet").scanner(filter=found, batch_size=GROUP).head(most)


def find_area(path: Path, id: str) -> pa.Table:
    """Return the area with this very id: one row, or none.

    Raises:
        OSError: the file is gone or damaged.
    """
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    found = pc.field("id") == id
    return ds.dataset(path, format="parquet").scanner(filter=found, batch_size=GROUP).head(1)


def _near_together(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return an order in which neighbours mostly follow each other (Z-order of the middles)."""
    if not boxes.size:
        return np.arange(0)
    middles = np.column_stack((boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3])) / 2
    low = middles.min(axis=0)
    spread = np.maximum(middles.max(axis=0) - low, 1e-300)
    steps = ((middles - low) / spread * (2**_BITS - 1)).astype(np.uint64)
    code = np.zeros(len(boxes), np.uint64)
    for bit in range(_BITS):
        for axis in (0, 1):
            one = (steps[:, axis] >> np.uint64(bit)) & np.uint64(1)
            code |= one << np.uint64(2 * bit + axis)
    return np.argsort(code, kind="stable")
